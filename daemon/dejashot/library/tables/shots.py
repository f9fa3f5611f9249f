"""Present files as shots: what a report is made of."""

import math
import os
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from dejashot.library.connection import LibraryConnection, invalid_rows_are_damage
from dejashot.library.tables.rows import time_from, vector_from
from dejashot.library.validation import MAX_TAKEN_US, OFFSET_LIMIT_S
from dejashot.models.arrays import SIGNATURE_SIDE
from dejashot.models.capture import Camera, CaptureTimeColumns, Place, TimeSource
from dejashot.models.shot import Shot

_SOURCES = {source.value: source for source in TimeSource}
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


@dataclass(frozen=True, slots=True)
class FileTimes:
    """Of present files: their times as recorded, their arrival numbers [n] and their own numbers [n]."""

    taken: CaptureTimeColumns
    arrivals: npt.NDArray[np.int64]
    files: npt.NDArray[np.int64]


class Shots:
    """The present files of all folders, as shots."""

    def __init__(self, connection: LibraryConnection) -> None:
        self._connection = connection

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

    @invalid_rows_are_damage
    def times(self, folders: Sequence[int]) -> FileTimes:
        """Return the times of all present files of some folders; a companion that came later counts as an arrival."""
        rows = self._connection.select(
            "SELECT taken_us, offset_s, zone_known, source, make, model, max(arrival_seq, amended_seq), file.id"
            " FROM file JOIN photo ON photo.id = file.photo_id WHERE file.state = 'present' AND file.folder_id IN (*)",
            in_=folders,
        )
        cameras = {(make, model): Camera(make, model).name for make, model in {(r[4], r[5]) for r in rows}}
        taken = CaptureTimeColumns.of(
            ((r[0], r[1], r[2], _SOURCES[r[3]]) for r in rows), (cameras[r[4], r[5]] for r in rows)
        )
        if (np.abs(taken.taken_us) > MAX_TAKEN_US).any() or (np.abs(taken.offset_s) >= OFFSET_LIMIT_S).any():
            raise ValueError("no time")
        table = np.array([(r[6], r[7]) for r in rows], dtype=np.int64).reshape(-1, 2)
        return FileTimes(taken, table[:, 0], table[:, 1])


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
