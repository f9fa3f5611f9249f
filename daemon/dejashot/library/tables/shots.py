"""Present files as shots: what a report is made of."""

import math
import os
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from dejashot.library.connection import LibraryConnection, invalid_rows_are_damage
from dejashot.library.tables.file_times import FileTimesTable
from dejashot.library.tables.rows import time_from, vector_from
from dejashot.models.arrays import SIGNATURE_SIDE
from dejashot.models.capture import Camera, Place
from dejashot.models.shot import Shot

_COLUMNS = """
SELECT file.folder_id, file.path AS file_path, file.arrival_seq, file.amended_seq, file.mtime_ns,
    file.stamp_device, file.inode, photo.*, vector.value FROM file
JOIN photo ON photo.id = file.photo_id
LEFT JOIN vector ON vector.photo_id = photo.id AND vector.model_id = ?
WHERE file.state = 'present'
"""
_IN_FOLDERS = _COLUMNS + "AND +file.folder_id IN (*)"  # the plus keeps SQLite from walking the folder
_OF_FILES = _COLUMNS + "AND file.id IN (*)"
_BY_KEY = """
SELECT folder.path AS root, file.path AS file_path, file.arrival_seq, file.amended_seq, file.mtime_ns,
    file.stamp_device, file.inode, photo.*, NULL AS value FROM file
JOIN photo ON photo.id = file.photo_id
JOIN folder ON folder.id = file.folder_id
WHERE file.state = 'present' AND photo.key IN (*) ORDER BY file.id DESC
"""


@dataclass(frozen=True, slots=True)
class ShotFile:
    """A present file as a shot, with the folder's id and the path below it (bytes)."""

    folder: int
    path: bytes
    shot: Shot


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
            rows = [r for r in self._connection.select_each(_OF_FILES, (model,), files) if r["folder_id"] in folders]
        return [
            ShotFile(r["folder_id"], r["file_path"], _shot(r, after_seq, name(r["folder_id"], r["file_path"])))
            for r in rows
        ]

    @invalid_rows_are_damage
    def by_key(self, keys: Sequence[int]) -> dict[int, tuple[Path, Shot]]:
        """Return, by index key, one present file of each photo: absolute path and shot (without vector)."""
        found: dict[int, tuple[Path, Shot]] = {}
        for r in self._connection.select_each(_BY_KEY, (), keys):
            file = Path(os.fsdecode(os.path.join(r["root"], r["file_path"])))
            found[r["key"]] = file, _shot(r, 0, os.fsdecode(r["file_path"]))
        return found


def _shot(row: sqlite3.Row, after_seq: int, name: str) -> Shot:
    """Return a row of photo and file as a shot."""
    signature = np.frombuffer(row["signature"], dtype=np.uint8).reshape(SIGNATURE_SIDE, SIGNATURE_SIDE)
    return Shot(
        path=name,
        content=row["content"],
        key=row["key"],
        taken=time_from(row["taken_us"], row["offset_s"], row["source"], row["certainty"], row["zone_known"]),
        node=(row["stamp_device"], row["inode"]),
        format=row["format"],
        size_bytes=row["size_bytes"],
        width=row["width"],
        height=row["height"],
        camera=_camera(row),
        place=None if row["latitude"] is None else Place(row["latitude"], row["longitude"], row["altitude_m"]),
        contrast=row["contrast"],
        vector=None if row["value"] is None else vector_from(row["value"]),
        signature=signature,
        new=row["arrival_seq"] > after_seq,
        mtime_ns=row["mtime_ns"],
        has_new_companions=row["arrival_seq"] <= after_seq < row["amended_seq"],
        motion=bool(row["motion"]),
        damage=row["damage"],
    )


def _camera(row: sqlite3.Row) -> Camera:
    return Camera(
        make=row["make"],
        model=row["model"],
        burst_id=row["burst_id"],
        exposure_s=_positive(row["exposure_s"]),
        bias_ev=row["bias_ev"],
        iso=row["iso"],
        aperture=_positive(row["aperture"]),
        camera_pick=bool(row["camera_pick"]),
        screenshot=bool(row["screenshot"]),
    )


def _positive(value: float | None) -> float | None:
    """Return what a camera can have measured, None for the rest: earlier versions kept it as it stood in a file."""
    return value if value is not None and 0 < value < math.inf else None
