"""The library: what is known of photos and files, read by anyone and written by one owner."""

import os
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from dejashot.errors import LibraryError, UnreadablePhotoError
from dejashot.library import database
from dejashot.models import (
    KEYS_PER_MICROSECOND,
    SIGNATURE_SIDE,
    Camera,
    CaptureTime,
    Certainty,
    FileRef,
    FileStamp,
    Place,
    Quality,
    Reading,
    Shot,
    Skipped,
    TimeSource,
    Vector,
    instant,
    key_floor,
)
from dejashot.paths import shown

BYTES_PER_COMPONENT = 2
_IN_CHUNK = 500


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder the library knows."""

    id: int
    path: Path
    device: int
    watched: bool


@dataclass(frozen=True, slots=True)
class KnownFile:
    """What is known of one file."""

    stamp: FileStamp
    state: str
    reason: str


@dataclass(frozen=True, slots=True)
class DigestRun:
    """One slot of the schedule and what came of it; times in microseconds since 1970."""

    slot_us: int
    state: str
    after_seq: int
    until_seq: int
    made_us: int
    photos: int = 0
    groups: int = 0
    reclaimable_bytes: int = 0
    file: str = ""


@dataclass(frozen=True, slots=True)
class NetworkRow:
    """A network whose vectors the library holds."""

    id: int
    fingerprint: str
    description: str


def part_of(taken_us: int) -> int:
    """Return the part of the index that holds a capture time: year * 100 + month, UTC."""
    at = instant(taken_us)
    return at.year * 100 + at.month


class LibraryReader:
    """Answer questions about the library; safe beside a running daemon. Errors of SQLite become LibraryError."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    @classmethod
    def open(cls, folder: Path) -> "LibraryReader":
        """Open the library in a folder read-only."""
        return cls(database.open_for_reading(folder))

    def close(self) -> None:
        """Close the connection."""
        self._db.close()

    def _all(self, sql: str, values: Sequence[Any] = ()) -> list[sqlite3.Row]:
        try:
            return self._db.execute(sql, values).fetchall()
        except sqlite3.Error as error:
            raise LibraryError(f"the library can't be read: {error}", "Run `dejashot status`; if it persists, move the library aside") from error

    def _one(self, sql: str, values: Sequence[Any] = ()) -> Any:
        rows = self._all(sql, values)
        return rows[0][0] if rows else None

    # folders and files

    def folders(self) -> list[Folder]:
        """Return every folder, by path."""
        rows = self._all("SELECT id, path, device, watched FROM folder ORDER BY path")
        return [Folder(r["id"], Path(os.fsdecode(r["path"])), r["device"], bool(r["watched"])) for r in rows]

    def files(self, folder: int) -> dict[bytes, KnownFile]:
        """Return what is known of the files of a folder, by path below it."""
        rows = self._all(
            "SELECT path, size_bytes, mtime_ns, inode, device, state, reason FROM file WHERE folder_id = ?", (folder,)
        )
        return {r[0]: KnownFile(FileStamp(r[1], r[2], r[3], r[4]), r[5], r[6]) for r in rows}

    def file(self, place: FileRef) -> KnownFile | None:
        """Return what is known of one file."""
        rows = self._all(
            "SELECT size_bytes, mtime_ns, inode, device, state, reason FROM file WHERE folder_id = ? AND path = ?",
            (place.folder, place.path),
        )
        return KnownFile(FileStamp(*rows[0][:4]), rows[0][4], rows[0][5]) if rows else None

    def present_below(self, folder: int, path: bytes) -> list[bytes]:
        """Return the present files of a folder at a path or anywhere below it."""
        low, high = path + b"/", path + b"0"  # "0" follows "/" in byte order
        rows = self._all(
            "SELECT path FROM file WHERE folder_id = ? AND state != 'missing' AND (path = ? OR (path > ? AND path < ?))",
            (folder, path, low, high),
        )
        return [r[0] for r in rows]

    def copies(self, content: bytes) -> list[tuple[FileRef, Path]]:
        """Return where a content is present: places, with the folder's path."""
        rows = self._all(
            "SELECT file.folder_id, file.path, folder.path FROM file JOIN folder ON folder.id = file.folder_id"
            " JOIN photo ON photo.id = file.photo_id WHERE photo.content = ? AND file.state = 'present'",
            (content,),
        )
        return [(FileRef(r[0], r[1]), Path(os.fsdecode(r[2]))) for r in rows]

    def skipped(self, folders: Sequence[int], after_seq: int = 0) -> list[tuple[int, bytes, Skipped]]:
        """Return the files of some folders that could not be read: folder id, path below it, and why."""
        marks = ",".join("?" * len(folders))
        rows = self._all(
            f"SELECT folder_id, path, reason, detail FROM file WHERE state = 'skipped' AND folder_id IN ({marks})"  # noqa: S608
            " AND arrival_seq > ? ORDER BY folder_id, path",
            (*folders, after_seq),
        )
        return [(r[0], r[1], Skipped(shown(r[1]), r[2], r[3])) for r in rows]

    def counts(self, folders: Sequence[int]) -> dict[str, int]:
        """Return the number of files of some folders by state."""
        marks = ",".join("?" * len(folders))
        rows = self._all(f"SELECT state, count(*) FROM file WHERE folder_id IN ({marks}) GROUP BY state", folders)  # noqa: S608
        return {r[0]: r[1] for r in rows}

    # photos

    def knows(self, content: bytes, network: int) -> bool:
        """Tell whether a content is known and has a vector of a network."""
        sql = "SELECT 1 FROM photo JOIN vector ON vector.photo_id = photo.id WHERE photo.content = ? AND vector.network_id = ?"
        return self._one(sql, (content, network)) is not None

    def key_of(self, content: bytes) -> int | None:
        """Return the index key of a content."""
        key: int | None = self._one("SELECT key FROM photo WHERE content = ?", (content,))
        return key

    def vector_of(self, content: bytes, network: int) -> Vector | None:
        """Return the vector of a content, None where there is none of this network."""
        sql = "SELECT value FROM vector JOIN photo ON photo.id = vector.photo_id WHERE content = ? AND network_id = ?"
        value = self._one(sql, (content, network))
        return None if value is None else _vector(value)

    def times(self, folders: Sequence[int]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """Return capture times (us) and arrival numbers of all present files of some folders, in time order."""
        marks = ",".join("?" * len(folders))
        rows = self._all(
            "SELECT photo.taken_us, file.arrival_seq FROM file JOIN photo ON photo.id = file.photo_id"  # noqa: S608
            f" WHERE file.state = 'present' AND file.folder_id IN ({marks}) ORDER BY photo.taken_us",
            folders,
        )
        table = np.array([(r[0], r[1]) for r in rows], dtype=np.int64).reshape(-1, 2)
        return table[:, 0], table[:, 1]

    def shots(
        self, folders: Sequence[int], network: int, spans: Iterable[tuple[int, int]] | None = None, after_seq: int = 0
    ) -> list[tuple[int, bytes, Shot]]:
        """Return the present files of some folders as shots, with folder id and path below it.

        `spans` limits them to capture times (us, both ends included); `after_seq` says from which arrival on a shot is new.
        A shot without a vector of this network has `vector` None.
        """
        marks = ",".join("?" * len(folders))
        sql = (
            "SELECT file.folder_id, file.path AS file_path, file.arrival_seq, photo.*, vector.value FROM file"  # noqa: S608
            " JOIN photo ON photo.id = file.photo_id"
            " LEFT JOIN vector ON vector.photo_id = photo.id AND vector.network_id = ?"
            f" WHERE file.state = 'present' AND file.folder_id IN ({marks})"
        )
        if spans is None:
            rows = self._all(sql, (network, *folders))
        else:
            rows = [
                r for low, high in spans for r in self._all(sql + " AND photo.key BETWEEN ? AND ?",
                (network, *folders, key_floor(low), key_floor(high + 1) - 1))
            ]
        return [(r["folder_id"], r["file_path"], _shot(r, after_seq)) for r in rows]

    def located(self, keys: Sequence[int]) -> dict[int, tuple[Path, Shot]]:
        """Return, by index key, one present file of each photo: absolute path and shot (without vector)."""
        found: dict[int, tuple[Path, Shot]] = {}
        for start in range(0, len(keys), _IN_CHUNK):
            chunk = keys[start : start + _IN_CHUNK]
            marks = ",".join("?" * len(chunk))
            rows = self._all(
                "SELECT folder.path AS root, file.path AS file_path, file.arrival_seq, photo.*, NULL AS value FROM file"  # noqa: S608
                " JOIN photo ON photo.id = file.photo_id JOIN folder ON folder.id = file.folder_id"
                f" WHERE file.state = 'present' AND photo.key IN ({marks}) ORDER BY file.id DESC",
                chunk,
            )
            for r in rows:
                found[r["key"]] = (Path(os.fsdecode(os.path.join(r["root"], r["file_path"]))), _shot(r, 0))
        return found

    def quality(self, contents: Sequence[bytes]) -> dict[bytes, Quality]:
        """Return the closer looks taken so far, by content."""
        found: dict[bytes, Quality] = {}
        for start in range(0, len(contents), _IN_CHUNK):
            chunk = contents[start : start + _IN_CHUNK]
            marks = ",".join("?" * len(chunk))
            rows = self._all(
                "SELECT content, sharpness, clipped_light, clipped_dark, brightness FROM quality"  # noqa: S608
                f" JOIN photo ON photo.id = quality.photo_id WHERE content IN ({marks})",
                chunk,
            )
            found |= {r[0]: Quality(*r[1:]) for r in rows}
        return found

    # networks and vectors

    def active_network(self) -> NetworkRow | None:
        """Return the network whose vectors answers are given from."""
        rows = self._all("SELECT id, fingerprint, description FROM network WHERE active = 1")
        return NetworkRow(*rows[0]) if rows else None

    def part_stamps(self, network: int) -> dict[int, tuple[int, int]]:
        """Return, for every part of the index, how many vectors it must hold and the newest change among them."""
        rows = self._all("SELECT part, count(*), max(change_seq) FROM vector WHERE network_id = ? GROUP BY part", (network,))
        return {r[0]: (r[1], r[2]) for r in rows}

    def part_vectors(self, network: int, part: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float32]]:
        """Return the keys [n] and vectors [n, d] of one part, in time order."""
        rows = self._all(
            "SELECT photo.key, vector.value FROM vector JOIN photo ON photo.id = vector.photo_id"
            " WHERE vector.network_id = ? AND vector.part = ? ORDER BY photo.key",
            (network, part),
        )
        keys = np.array([r[0] for r in rows], dtype=np.int64)
        values = np.frombuffer(b"".join(r[1] for r in rows), dtype="<f2").astype(np.float32)
        return keys, values.reshape(len(rows), -1)

    def without_vector(self, network: int, limit: int) -> list[tuple[FileRef, Path]]:
        """Return present files whose photo lacks a vector of a network, newest first."""
        rows = self._all(
            "SELECT file.folder_id, file.path, folder.path FROM file JOIN folder ON folder.id = file.folder_id"
            " JOIN photo ON photo.id = file.photo_id"
            " LEFT JOIN vector ON vector.photo_id = photo.id AND vector.network_id = ?"
            " WHERE file.state = 'present' AND vector.photo_id IS NULL GROUP BY photo.id ORDER BY photo.key DESC LIMIT ?",
            (network, limit),
        )
        return [(FileRef(r[0], r[1]), Path(os.fsdecode(r[2]))) for r in rows]

    # digests

    def newest_seq(self) -> int:
        """Return the number of the newest change."""
        return int(self._one("SELECT value FROM counter WHERE name = 'change_seq'") or 0)

    def schedule_since_us(self) -> int:
        """Return since when the schedule runs (us), 0 before it ever did."""
        return int(self._one("SELECT value FROM counter WHERE name = 'schedule_since_us'") or 0)

    def digest_runs(self, *states: str) -> list[DigestRun]:
        """Return the slots in some states, newest first."""
        marks = ",".join("?" * len(states))
        rows = self._all(f"SELECT * FROM digest_run WHERE state IN ({marks}) ORDER BY slot_us DESC", states)  # noqa: S608
        return [DigestRun(**dict(r)) for r in rows]

    def last_slot_us(self) -> int:
        """Return the newest slot that was dealt with in any way (us), 0 when none was."""
        return int(self._one("SELECT max(slot_us) FROM digest_run WHERE state != 'running'") or 0)

    def digested_seq(self) -> int:
        """Return up to which arrival the digests made so far cover."""
        return int(self._one("SELECT max(until_seq) FROM digest_run WHERE state != 'missed'") or 0)


class Store(LibraryReader):
    """The one writer of the library. Every method is one transaction unless called inside `batch()`."""

    @classmethod
    def open(cls, folder: Path) -> "Store":
        """Open, create or migrate the library in a folder for writing; the caller holds its lock."""
        return cls(database.open_for_writing(folder))

    @contextmanager
    def batch(self) -> Iterator[None]:
        """Make everything inside one transaction, committed to the disk at the end; raise LibraryError when that fails."""
        if self._db.in_transaction:
            yield
            return
        try:
            self._db.execute("BEGIN IMMEDIATE")
            yield
            self._db.execute("COMMIT")
        except sqlite3.Error as error:
            raise LibraryError(f"the library can't be written: {error}", "Check the free space; what was acknowledged is safe") from error
        finally:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")

    def close(self) -> None:
        """Fold the log into the database and close it."""
        try:
            self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        except sqlite3.Error:  # a full disk: the log stays and is folded in next time
            pass
        self._db.close()

    def _next_seq(self) -> int:
        self._db.execute("UPDATE counter SET value = value + 1 WHERE name = 'change_seq'")
        return self.newest_seq()

    # folders

    def add_folder(self, path: Path, device: int) -> Folder:
        """Return the folder's row, made when it is new; a known one keeps the device it was last seen on."""
        raw = os.fsencode(path)
        with self.batch():
            self._db.execute("INSERT INTO folder (path, device) VALUES (?, ?) ON CONFLICT (path) DO NOTHING", (raw, device))
        return next(f for f in self.folders() if f.path == path)

    def set_device(self, folder: int, device: int) -> None:
        """Note the device that a folder was last seen on."""
        with self.batch():
            self._db.execute("UPDATE folder SET device = ? WHERE id = ? AND device != ?", (device, folder, device))

    def set_watched(self, folders: Iterable[int]) -> None:
        """Remember which folders the daemon watches."""
        with self.batch():
            self._db.execute("UPDATE folder SET watched = 0")
            self._db.executemany("UPDATE folder SET watched = 1 WHERE id = ?", [(f,) for f in folders])

    # files and photos

    def attach(self, place: FileRef, stamp: FileStamp, content: bytes, now_us: int) -> bool:
        """Note that a file holds a known content; return True when that is a new arrival, False for a move or no change.

        A file of the same content that went missing is this one, moved: its row, and its arrival, go along.
        """
        with self.batch():
            photo: int = self._one("SELECT id FROM photo WHERE content = ?", (content,))
            here = self._all("SELECT id, photo_id, state FROM file WHERE folder_id = ? AND path = ?", (place.folder, place.path))
            if here and here[0]["photo_id"] == photo:
                self._put_file(place, stamp, "present", photo, now_us, arrival=None)
                return False
            moved = self._all("SELECT id, arrival_seq FROM file WHERE photo_id = ? AND state = 'missing' LIMIT 1", (photo,))
            arrival = moved[0]["arrival_seq"] if moved else self._next_seq()
            if moved:
                self._db.execute("DELETE FROM file WHERE id = ?", (moved[0]["id"],))
            self._put_file(place, stamp, "present", photo, now_us, arrival)
            return not moved

    def add(self, place: FileRef, reading: Reading, network: int, now_us: int) -> int:
        """Store a reading and the file it came from; return the photo's index key. A content known already keeps its key."""
        with self.batch():
            key = self.key_of(reading.content)
            if key is None:
                key = self._free_key(reading.taken.taken_us)
                self._insert_photo(key, reading)
            self.attach(place, reading.stamp, reading.content, now_us)
            self._db.execute(
                "INSERT INTO vector (photo_id, network_id, part, change_seq, value)"
                " SELECT id, ?, part, ?, ? FROM photo WHERE content = ?"
                " ON CONFLICT (photo_id, network_id) DO UPDATE SET value = excluded.value, change_seq = excluded.change_seq",
                (network, self._next_seq(), reading.vector.astype("<f2").tobytes(), reading.content),
            )
        return key

    def skip(self, place: FileRef, stamp: FileStamp, error: UnreadablePhotoError, now_us: int) -> None:
        """Note that a file could not be read, and why; the same failure again is no new arrival."""
        with self.batch():
            before = self.file(place)
            known = before is not None and before.state == "skipped" and before.reason == error.reason
            self._put_file(place, stamp, "skipped", None, now_us, None if known else self._next_seq(), error.reason, shown(error.detail))

    def mark_missing(self, folder: int, paths: Iterable[bytes], now_us: int) -> int:
        """Note that files are no longer there; return how many were. What could not be read is simply forgotten."""
        gone = [(folder, p) for p in paths]
        with self.batch():
            self._db.executemany("DELETE FROM file WHERE folder_id = ? AND path = ? AND state = 'skipped'", gone)
            sql = "UPDATE file SET state = 'missing', changed_us = ? WHERE folder_id = ? AND path = ? AND state = 'present'"
            return self._db.executemany(sql, [(now_us, *g) for g in gone]).rowcount

    def _free_key(self, taken_us: int) -> int:
        """Return the lowest free index key at or after a capture time; -1 is FAISS's word for nothing and never used."""
        key = key_floor(taken_us)
        newest: int | None = self._one("SELECT max(key) FROM photo WHERE key >= ? AND key < ?", (key, key + KEYS_PER_MICROSECOND))
        if newest is not None:
            key = newest + 1
        while key == -1 or self._one("SELECT 1 FROM photo WHERE key = ?", (key,)) is not None:
            key += 1
        return key

    def _insert_photo(self, key: int, reading: Reading) -> None:
        taken, camera, place = reading.taken, reading.camera, reading.place
        values = {
            "content": reading.content,
            "key": key,
            "part": part_of(key // KEYS_PER_MICROSECOND),
            "taken_us": taken.taken_us,
            "offset_s": taken.offset_s,
            "source": taken.source,
            "certainty": taken.certainty,
            "format": reading.format,
            "size_bytes": reading.stamp.size_bytes,
            "width": reading.width,
            "height": reading.height,
            "contrast": reading.contrast,
            "signature": reading.signature.tobytes(),
            "make": camera.make,
            "model": camera.model,
            "burst_id": camera.burst_id,
            "exposure_s": camera.exposure_s,
            "bias_ev": camera.bias_ev,
            "iso": camera.iso,
            "aperture": camera.aperture,
            "latitude": place.latitude if place else None,
            "longitude": place.longitude if place else None,
            "altitude_m": place.altitude_m if place else None,
        }
        columns, marks = ", ".join(values), ", ".join(f":{name}" for name in values)
        self._db.execute(f"INSERT INTO photo ({columns}) VALUES ({marks})", values)  # noqa: S608

    def _put_file(
        self, place: FileRef, stamp: FileStamp, state: str, photo: int | None, now_us: int, arrival: int | None, reason: str = "", detail: str = ""
    ) -> None:
        """Write a file's row; `arrival` None keeps the one it has."""
        self._db.execute(
            "INSERT INTO file (folder_id, path, size_bytes, mtime_ns, inode, device, state, photo_id, arrival_seq, reason, detail, changed_us)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, coalesce(?, 0), ?, ?, ?)"
            " ON CONFLICT (folder_id, path) DO UPDATE SET size_bytes = excluded.size_bytes, mtime_ns = excluded.mtime_ns,"
            " inode = excluded.inode, device = excluded.device, state = excluded.state, photo_id = excluded.photo_id,"
            " arrival_seq = coalesce(?, arrival_seq), reason = excluded.reason, detail = excluded.detail, changed_us = excluded.changed_us",
            (place.folder, place.path, stamp.size_bytes, stamp.mtime_ns, stamp.inode, stamp.device, state, photo, arrival, reason, detail, now_us, arrival),
        )

    def add_quality(self, content: bytes, quality: Quality) -> None:
        """Keep what a closer look at a content said."""
        with self.batch():
            self._db.execute(
                "INSERT OR REPLACE INTO quality SELECT id, ?, ?, ?, ? FROM photo WHERE content = ?",
                (quality.sharpness, quality.clipped_light, quality.clipped_dark, quality.brightness, content),
            )

    # networks

    def add_network(self, fingerprint: str, description: str) -> NetworkRow:
        """Return the network's row, made when it is new, with its description brought up to date; the first one is active at once."""
        with self.batch():
            self._db.execute(
                "INSERT INTO network (fingerprint, description, active) VALUES (?, ?, NOT EXISTS (SELECT 1 FROM network WHERE active = 1))"
                " ON CONFLICT (fingerprint) DO UPDATE SET description = excluded.description",
                (fingerprint, description),
            )
            rows = self._all("SELECT id, fingerprint, description FROM network WHERE fingerprint = ?", (fingerprint,))
        return NetworkRow(*rows[0])

    def activate_network(self, network: int) -> None:
        """Answer from this network's vectors from now on and drop those of every other."""
        with self.batch():
            self._db.execute("UPDATE network SET active = (id = ?)", (network,))
            self._db.execute("DELETE FROM network WHERE id != ?", (network,))

    # digests

    def start_schedule(self, now_us: int) -> None:
        """Remember since when the schedule runs, once."""
        with self.batch():
            self._db.execute("UPDATE counter SET value = ? WHERE name = 'schedule_since_us' AND value = 0", (now_us,))

    def put_digest_run(self, run: DigestRun) -> None:
        """Write a slot's row."""
        with self.batch():
            self._db.execute(
                "INSERT OR REPLACE INTO digest_run VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (run.slot_us, run.state, run.after_seq, run.until_seq, run.made_us, run.photos, run.groups, run.reclaimable_bytes, run.file),
            )


def _vector(value: bytes) -> Vector:
    return np.frombuffer(value, dtype="<f2").astype(np.float32)


def _shot(row: sqlite3.Row, after_seq: int) -> Shot:
    """Return a row of photo and file as a shot; its path is the path below the folder, made showable."""
    signature = np.frombuffer(row["signature"], dtype=np.uint8).reshape(SIGNATURE_SIDE, SIGNATURE_SIDE)
    return Shot(
        path=shown(row["file_path"]),
        content=row["content"],
        key=row["key"],
        taken=CaptureTime(row["taken_us"], row["offset_s"], TimeSource(row["source"]), Certainty(row["certainty"])),
        size_bytes=row["size_bytes"],
        width=row["width"],
        height=row["height"],
        camera=Camera(row["make"], row["model"], row["burst_id"], row["exposure_s"], row["bias_ev"], row["iso"], row["aperture"]),
        place=None if row["latitude"] is None else Place(row["latitude"], row["longitude"], row["altitude_m"]),
        contrast=row["contrast"],
        vector=None if row["value"] is None else _vector(row["value"]),
        signature=signature,
        new=row["arrival_seq"] > after_seq,
    )
