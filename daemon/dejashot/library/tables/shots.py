"""Present files as shots: what a report is made of."""

import math
import os
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from dejashot.library.connection import LibraryConnection, invalid_rows_are_damage
from dejashot.library.tables.file_times import FileTimesTable
from dejashot.library.tables.rows import time_from, vector_from
from dejashot.models.arrays import SIGNATURE_SIDE
from dejashot.models.capture import Camera, Place
from dejashot.models.shot import Shot

# of a file, then of its photo, then what its camera wrote: by place, as SQLite looks through all names for one
_SHOT = """
    file.arrival_seq, file.amended_seq, file.mtime_ns, file.stamp_device, file.inode, photo.content, photo.key,
    photo.taken_us, photo.offset_s, photo.source, photo.certainty, photo.zone_known, photo.format, photo.size_bytes,
    photo.width, photo.height, photo.latitude, photo.longitude, photo.altitude_m, photo.contrast, photo.signature,
    photo.motion, photo.damage, photo.make, photo.model, photo.burst_id, photo.exposure_s, photo.bias_ev, photo.iso,
    photo.aperture, photo.camera_pick, photo.screenshot
"""
_PRESENT = (
    "SELECT file.folder_id, file.path, vector.value, file.id, "
    + _SHOT
    + """
FROM file
JOIN photo ON photo.id = file.photo_id
LEFT JOIN vector ON vector.photo_id = photo.id AND vector.model_id = ?
WHERE file.state = 'present'
"""
)
_IN_FOLDERS = _PRESENT + "AND +file.folder_id IN (*)"  # the plus keeps SQLite from walking the folder
_OF_FILES = _PRESENT + "AND file.id IN (*)"
_BY_KEY = (
    "SELECT folder.path, file.path, NULL, file.id, "
    + _SHOT
    + """
FROM file
JOIN photo ON photo.id = file.photo_id
JOIN folder ON folder.id = file.folder_id
WHERE file.state = 'present' AND photo.key IN (*) ORDER BY file.id DESC
"""
)


@dataclass(frozen=True, slots=True)
class ShotFile:
    """A present file as a shot, with the folder's id, the path below it (bytes), and the file's number."""

    folder: int
    path: bytes
    shot: Shot
    number: int


class Shots:
    """The present files of all folders, as shots."""

    def __init__(self, connection: LibraryConnection) -> None:
        self._connection = connection
        self.times = FileTimesTable(connection)

    @invalid_rows_are_damage
    def in_folders(
        self,
        folders: Sequence[int],
        model: int,
        files: Sequence[int] | None = None,
        after_seq: int = 0,
        name: Callable[[int, bytes], str] = lambda _, path: os.fsdecode(path),
    ) -> list[ShotFile]:
        """Return the present files of some folders as shots; `name` says what a shot is called.

        `files` limits them to files of these numbers; `after_seq` says from which arrival on a shot is new.
        A shot without a vector of this model has `vector` None.
        """
        if files is None:
            rows = self._connection.select(_IN_FOLDERS, (model,), in_=folders)
        else:
            rows = [r for r in self._connection.select_each(_OF_FILES, (model,), files) if r[0] in folders]
        return [ShotFile(r[0], r[1], _shot(r, after_seq, name(r[0], r[1])), r[3]) for r in rows]

    @invalid_rows_are_damage
    def by_key(self, keys: Sequence[int]) -> dict[int, tuple[Path, Shot]]:
        """Return, by index key, one present file of each photo: absolute path and shot (without vector)."""
        found: dict[int, tuple[Path, Shot]] = {}
        for r in self._connection.select_each(_BY_KEY, (), keys):
            shot = _shot(r, 0, os.fsdecode(r[1]))
            found[shot.key] = Path(os.fsdecode(os.path.join(r[0], r[1]))), shot
        return found


def _shot(row: sqlite3.Row, after_seq: int, name: str) -> Shot:
    """Return a row (folder, path, vector, file, then as `_SHOT` says) as a shot."""
    _, _, vector, _, arrival_seq, amended_seq, mtime_ns, device, inode, content, key, *of_photo = row
    taken_us, offset_s, source, certainty, zone_known, image_format, size_bytes, width, height, *shown = of_photo
    latitude, longitude, altitude_m, contrast, signature, motion, damage, *camera = shown
    return Shot(
        path=name,
        content=content,
        key=key,
        taken=time_from(taken_us, offset_s, source, certainty, zone_known),
        node=(device, inode),
        format=image_format,
        size_bytes=size_bytes,
        width=width,
        height=height,
        camera=_camera(*camera),
        place=None if latitude is None else Place(latitude, longitude, altitude_m),
        contrast=contrast,
        vector=None if vector is None else vector_from(vector),
        signature=np.frombuffer(signature, dtype=np.uint8).reshape(SIGNATURE_SIDE, SIGNATURE_SIDE),
        new=arrival_seq > after_seq,
        mtime_ns=mtime_ns,
        has_new_companions=arrival_seq <= after_seq < amended_seq,
        motion=bool(motion),
        damage=damage,
    )


@lru_cache(maxsize=4096)
def _camera(*wrote: Any) -> Camera:
    """Return what a camera wrote, as the last columns of `_SHOT` hold it: the same for many photos."""
    make, model, burst_id, exposure_s, bias_ev, iso, aperture, camera_pick, screenshot = wrote
    return Camera(
        make=make,
        model=model,
        burst_id=burst_id,
        exposure_s=_positive(exposure_s),
        bias_ev=bias_ev,
        iso=iso,
        aperture=_positive(aperture),
        camera_pick=bool(camera_pick),
        screenshot=bool(screenshot),
    )


def _positive(value: float | None) -> float | None:
    """Return what a camera can have measured, None for the rest: earlier versions kept it as it stood in a file."""
    return value if value is not None and 0 < value < math.inf else None
