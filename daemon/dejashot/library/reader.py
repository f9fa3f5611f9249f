"""Reading the library: what is known of photos and files, for anyone, beside a running daemon."""

import json
import math
import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar, cast

import numpy as np
import numpy.typing as npt

from dejashot.errors import LibraryDamagedError, LibraryError, Reason
from dejashot.files.exclusions import Exclusion, ExclusionReason, merged
from dejashot.files.first_bytes import FileContent
from dejashot.library import database
from dejashot.library.decisions import Decision
from dejashot.library.validation import DAY_S, FARTHEST_US
from dejashot.models.arrays import SIGNATURE_SIDE, Vector
from dejashot.models.capture import Camera, CaptureTime, CaptureTimeColumns, Certainty, Place, TimeSource, instant
from dejashot.models.decisions import Verdict
from dejashot.models.files import FileRef, FileStamp, Skipped
from dejashot.models.photo import QUALITY_METHOD, READING_METHOD, LinkMetadata, Quality
from dejashot.models.shot import Shot

_IN_CHUNK = 500
_AFTER_STROKE = b"0"  # what follows `/`: where the paths below a directory end
_SOURCES = {source.value: source for source in TimeSource}


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder the library knows; device, inode (0: not known yet) and a sync tool's marker as they were at the last walk."""

    id: int
    path: Path
    device: int
    watched: bool
    inode: int = 0
    marker: bool = False


@dataclass(frozen=True, slots=True)
class KnownFile:
    """What is known of one file."""

    stamp: FileStamp
    state: str
    reason: str


@dataclass(frozen=True, slots=True)
class SidecarTime:
    """A capture time (us since 1970) that a sidecar tells of a photo, by its name, or empty where the sidecar's own name says which."""

    sidecar: bytes
    photo: str
    taken_us: int
    to_minute: bool


@dataclass(frozen=True, slots=True)
class FileLocation:
    """A file that holds a photo: its folder, its path below it (bytes), its stamp when it was read."""

    folder: Folder
    path: bytes
    stamp: FileStamp

    @property
    def full(self) -> bytes:
        """Return the absolute path."""
        return FileRef(self.folder.id, self.path).under(self.folder.path)


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
    file: bytes = b""


@dataclass(frozen=True, slots=True)
class Delivery:
    """A digest on its way out: `waiting`, `sent` or `given_up`; `reached` holds hashes of the addresses that have it."""

    slot_us: int
    state: str
    tries: int
    next_us: int
    detail: str = ""
    reached: str = ""


@dataclass(frozen=True, slots=True)
class ModelRow:
    """A network whose vectors the library holds."""

    id: int
    fingerprint: str
    description: str

    @property
    def label(self) -> str:
        """Return name and fingerprint; raise LibraryDamagedError where the description is none."""
        try:
            return f"{json.loads(self.description)['name']}@{self.fingerprint}"
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise LibraryDamagedError(
                "the library is damaged: it does not say what its network is", database.RESTORING
            ) from error


def part_of(taken_us: int) -> int:
    """Return the part of the index that holds a capture time: year * 100 + month, UTC."""
    at = instant(taken_us)
    return at.year * 100 + at.month


Method = TypeVar("Method", bound=Callable[..., Any])


def _understood(method: Method) -> Method:
    """Let rows that no value can be made of mean damage: whoever owns the library opens it anew, and that checks every value."""

    @wraps(method)
    def understanding(*args: Any, **kwargs: Any) -> Any:
        try:
            return method(*args, **kwargs)
        except (ValueError, LookupError, TypeError, OverflowError, RecursionError) as error:
            raise LibraryDamagedError("the library is damaged: it holds what can't be", database.RESTORING) from error

    return cast("Method", understanding)


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
        except database.ERRORS as error:
            if database.means_damage(error):
                raise LibraryDamagedError("the library is damaged", database.RESTORING) from error
            raise LibraryError(f"the library can't be read: {error}", "Check the disk that holds it") from error

    def _each(self, sql: str, values: Sequence[Any], *before: Any) -> Iterator[sqlite3.Row]:
        """Yield the rows for any number of values, which go where the statement says `(*)`, behind those that stand `before`."""
        for start in range(0, len(values), _IN_CHUNK):
            chunk = values[start : start + _IN_CHUNK]
            yield from self._all(sql.replace("(*)", f"({','.join('?' * len(chunk))})"), (*before, *chunk))

    def _one(self, sql: str, values: Sequence[Any] = ()) -> Any:
        rows = self._all(sql, values)
        return rows[0][0] if rows else None

    # folders and files

    @_understood
    def folders(self) -> list[Folder]:
        """Return every folder, by path."""
        rows = self._all("SELECT id, path, device, watched, inode, marker FROM folder ORDER BY path")
        return [Folder(r[0], Path(os.fsdecode(r[1])), r[2], bool(r[3]), r[4], bool(r[5])) for r in rows]

    def files(self, folder: int) -> dict[bytes, KnownFile]:
        """Return what is known of the files of a folder, by path below it."""
        rows = self._all(
            "SELECT path, size_bytes, mtime_ns, inode, device, state, reason FROM file WHERE folder_id = ?", (folder,)
        )
        return {r[0]: KnownFile(FileStamp(r[1], r[2], r[3], r[4]), r[5], r[6]) for r in rows}

    def file(self, file: FileRef) -> KnownFile | None:
        """Return what is known of one file."""
        rows = self._all(
            "SELECT size_bytes, mtime_ns, inode, device, state, reason FROM file WHERE folder_id = ? AND path = ?",
            (file.folder, file.path),
        )
        return KnownFile(FileStamp(*rows[0][:4]), rows[0][4], rows[0][5]) if rows else None

    def beside(self, folders: Sequence[int]) -> dict[int, dict[bytes, FileStamp]]:
        """Return what lies beside the photos of some folders, by folder and path below it."""
        marks = ",".join("?" * len(folders))
        rows = self._all(
            f"SELECT folder_id, path, size_bytes, mtime_ns, inode, device FROM beside WHERE folder_id IN ({marks})",  # noqa: S608
            folders,
        )
        return _by_folder(folders, rows)

    def unheard(self, folders: Sequence[int]) -> list[FileRef]:
        """Return the files beside the photos of some folders that were not asked yet what they say."""
        marks = ",".join("?" * len(folders))
        unheard = (
            f"SELECT folder_id, path FROM beside WHERE heard = 0 AND folder_id IN ({marks}) ORDER BY folder_id, path"  # noqa: S608
        )
        rows = self._all(unheard, folders)
        return [FileRef(r[0], r[1]) for r in rows]

    def late(self, folder: int) -> list[bytes]:
        """Return what came beside the photos of a folder after what it may belong to, of which that is not settled yet."""
        return [
            r[0] for r in self._all("SELECT path FROM beside WHERE late = 1 AND folder_id = ? ORDER BY path", (folder,))
        ]

    @_understood
    def told(self, folders: Sequence[Folder]) -> dict[bytes, LinkMetadata]:
        """Return what present photos and the films beside them in some folders tell of themselves, by absolute path; nothing of most."""
        ids = [f.id for f in folders]
        marks = ",".join("?" * len(ids))
        rows = self._all(
            "SELECT folder_id, path, live_id, made_us, size_bytes, mtime_ns, inode, device FROM beside"  # noqa: S608
            f" WHERE (live_id != '' OR made_us IS NOT NULL) AND folder_id IN ({marks})"
            " UNION ALL SELECT file.folder_id, file.path, photo.live_id, NULL, NULL, NULL, NULL, NULL FROM file"
            " JOIN photo ON photo.id = file.photo_id"
            f" WHERE photo.live_id != '' AND file.state = 'present' AND file.folder_id IN ({marks})",
            (*ids, *ids),
        )
        roots = {f.id: f.path for f in folders}
        stamps = (None if r[4] is None else FileStamp(*r[4:8]) for r in rows)
        return {
            FileRef(r[0], r[1]).under(roots[r[0]]): LinkMetadata(r[2], r[3], stamp)
            for r, stamp in zip(rows, stamps, strict=True)
        }

    def is_told(self, folder: int) -> bool:
        """Tell whether a sidecar in a folder tells a capture time."""
        return self._one("SELECT 1 FROM said WHERE folder_id = ? LIMIT 1", (folder,)) is not None

    def said(self, folder: int, directory: bytes) -> list[SidecarTime]:
        """Return the capture times that the sidecars right in a directory (bytes, below the folder) tell, in the order of the sidecars."""
        above, span = _right_in(folder, directory)
        rows = self._all(
            "SELECT sidecar, photo, taken_us, to_minute FROM said WHERE folder_id = ? AND sidecar >= ? AND (? OR sidecar < ?)"
            " ORDER BY sidecar, photo",
            span,
        )
        return [SidecarTime(r[0], r[1], r[2], bool(r[3])) for r in rows if b"/" not in r[0][len(above) :]]

    def names(self, folder: int, directory: bytes) -> set[bytes]:
        """Return the names of the present photos, and of what lies beside them, right in a directory (bytes, below the folder)."""
        above, span = _right_in(folder, directory)
        rows = self._all(
            "SELECT path FROM file WHERE state = 'present' AND folder_id = ? AND path >= ? AND (? OR path < ?)"
            " UNION ALL SELECT path FROM beside WHERE folder_id = ? AND path >= ? AND (? OR path < ?)",
            (*span, *span),
        )
        return {r[0][len(above) :] for r in rows if b"/" not in r[0][len(above) :]}

    @_understood
    def guessed(self, folder: int) -> dict[bytes, tuple[bytes, CaptureTime]]:
        """Return content and time of the photos in a folder whose own time is a weak guess, or comes from a sidecar, by path below it."""
        rows = self._all(
            "SELECT path, content, taken_us, offset_s, source, certainty, zone_known FROM photo JOIN file ON file.photo_id = photo.id"
            " WHERE source IN ('sidecar', 'name', 'mtime') AND (certainty = 'low' OR source = 'sidecar')"
            " AND file.state = 'present' AND file.folder_id = ? ORDER BY path",
            (folder,),
        )
        return {r[0]: (r[1], _time(*r[2:])) for r in rows}

    @_understood
    def time_of(self, content: bytes) -> CaptureTime | None:
        """Return the capture time of a content, None when it is not known."""
        rows = self._all(
            "SELECT taken_us, offset_s, source, certainty, zone_known FROM photo WHERE content = ?", (content,)
        )
        return _time(*rows[0]) if rows else None

    def moments(self, folder: int, directory: bytes) -> dict[bytes, list[int]]:
        """Return the moments (ns since 1970) that speak for each photo in a directory (bytes, below the folder), by its name."""
        above, span = _right_in(folder, directory)
        rows = self._all(
            "SELECT path, file.mtime_ns, taken_us, source FROM file JOIN photo ON photo.id = file.photo_id WHERE file.state = 'present'"
            " AND file.folder_id = ? AND path >= ? AND (? OR path < ?)",
            span,
        )
        return {
            r[0][len(above) :]: [r[1], *([] if r[3] == TimeSource.MTIME else [r[2] * 1000])]
            for r in rows
            if b"/" not in r[0][len(above) :]
        }

    def knows_beside(self, folder: int) -> bool:
        """Tell whether it was ever noted what lies beside the photos of a folder."""
        return bool(self._one("SELECT beside_known FROM folder WHERE id = ?", (folder,)))

    def skipped_since(self, folders: Sequence[int], since_us: int) -> list[tuple[FileRef, KnownFile]]:
        """Return the files of some folders that could not be read and were last tried after a moment (us since 1970)."""
        marks = ",".join("?" * len(folders))
        rows = self._all(
            "SELECT folder_id, path, size_bytes, mtime_ns, inode, device, reason FROM file WHERE state = 'skipped'"  # noqa: S608
            f" AND folder_id IN ({marks}) AND changed_us > ?",
            (*folders, since_us),
        )
        return [(FileRef(r[0], r[1]), KnownFile(FileStamp(*r[2:6]), "skipped", r[6])) for r in rows]

    def copies(self, content: bytes, limit: int) -> list[tuple[FileRef, int]]:
        """Return where a content is present, `limit` places at most, with the device each was seen on."""
        rows = self._all(
            "SELECT file.folder_id, file.path, file.device FROM file"
            " JOIN photo ON photo.id = file.photo_id WHERE photo.content = ? AND file.state = 'present' LIMIT ?",
            (content, limit),
        )
        return [(FileRef(r[0], r[1]), r[2]) for r in rows]

    @_understood
    def places(self, contents: Sequence[bytes]) -> dict[bytes, list[FileLocation]]:
        """Return every file that a content is present in, by content, in the order of their paths."""
        folders = {f.id: f for f in self.folders()}
        sql = (
            "SELECT photo.content, file.folder_id, file.path, file.size_bytes, file.mtime_ns, file.inode, file.device FROM file"
            " JOIN photo ON photo.id = file.photo_id WHERE file.state = 'present' AND photo.content IN (*)"
        )
        found: dict[bytes, list[FileLocation]] = {}
        for r in self._each(sql, contents):
            found.setdefault(r[0], []).append(FileLocation(folders[r[1]], r[2], FileStamp(*r[3:7])))
        return {content: sorted(files, key=lambda f: f.full) for content, files in found.items()}

    def skipped(self, folders: Sequence[int], after_seq: int = 0) -> list[tuple[int, bytes, Skipped]]:
        """Return the files of some folders that could not be read: folder id, path below it, and why."""
        marks = ",".join("?" * len(folders))
        rows = self._all(
            f"SELECT folder_id, path, reason, detail FROM file WHERE state = 'skipped' AND folder_id IN ({marks})"  # noqa: S608
            " AND arrival_seq > ? ORDER BY folder_id, path",
            (*folders, after_seq),
        )
        return [(r[0], r[1], Skipped(os.fsdecode(r[1]), r[2], r[3])) for r in rows]

    def unread(self, folders: Sequence[int]) -> dict[int, dict[bytes, FileStamp]]:
        """Return the files of some folders that could not be read, by folder and path below it."""
        marks = ",".join("?" * len(folders))
        rows = self._all(
            "SELECT folder_id, path, size_bytes, mtime_ns, inode, device FROM file"  # noqa: S608
            f" WHERE state = 'skipped' AND folder_id IN ({marks})",
            folders,
        )
        return _by_folder(folders, rows)

    @_understood
    def asked(self, folder: int) -> dict[bytes, tuple[FileStamp, FileContent]]:
        """Return what the first bytes of files said whose names do not say what they are, with their stamps then, by path below the folder."""
        rows = self._all(
            "SELECT path, size_bytes, mtime_ns, inode, device, content FROM asked WHERE folder_id = ?", (folder,)
        )
        return {r[0]: (FileStamp(*r[1:5]), FileContent(r[5])) for r in rows}

    @_understood
    def asked_of(self, file: FileRef) -> FileContent | None:
        """Return what the first bytes of one file said when it was asked last, None for one that never was."""
        said = self._one("SELECT content FROM asked WHERE folder_id = ? AND path = ?", (file.folder, file.path))
        return None if said is None else FileContent(said)

    @_understood
    def left_out(self, folders: Sequence[int]) -> dict[int, list[Exclusion]]:
        """Return what the last walk of some folders left out on purpose, by folder; one that lies in another of them is left to that."""
        marks = ",".join("?" * len(folders))
        rows = self._all(f"SELECT folder_id, why, count, paths FROM left_out WHERE folder_id IN ({marks})", folders)  # noqa: S608
        roots = [f.path for f in self.folders() if f.id in folders]
        inner = {f.id for f in self.folders() if any(f.path != r and f.path.is_relative_to(r) for r in roots)}
        found: dict[int, list[Exclusion]] = {}
        for r in rows:
            if r[0] not in inner:
                found.setdefault(r[0], []).append(Exclusion(ExclusionReason(r[1]), r[2], tuple(r[3].split(b"\0"))))
        return {folder: merged(parts) for folder, parts in found.items()}

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

    def method_of(self, content: bytes) -> int | None:
        """Return by which method a content was read, None when it is not known."""
        method: int | None = self._one("SELECT method FROM photo WHERE content = ?", (content,))
        return method

    @_understood
    def strikes(self, content: bytes) -> tuple[Reason, int] | None:
        """Return how a content ended its reader and how often, None when it never did."""
        rows = self._all("SELECT reason, count FROM strike WHERE content = ?", (content,))
        return (Reason(rows[0][0]), rows[0][1]) if rows else None

    def key_of(self, content: bytes) -> int | None:
        """Return the index key of a content."""
        key: int | None = self._one("SELECT key FROM photo WHERE content = ?", (content,))
        return key

    @_understood
    def vector_of(self, content: bytes, network: int) -> Vector | None:
        """Return the vector of a content, None where there is none of this network."""
        sql = "SELECT value FROM vector JOIN photo ON photo.id = vector.photo_id WHERE content = ? AND network_id = ?"
        value = self._one(sql, (content, network))
        return None if value is None else _vector(value)

    @_understood
    def times(self, folders: Sequence[int]) -> tuple[CaptureTimeColumns, npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """Return, of all present files of some folders, the times as recorded, the arrival numbers, and the numbers of the files.

        What belongs to a photo and came after it counts as an arrival.
        """
        marks = ",".join("?" * len(folders))
        rows = self._all(
            "SELECT taken_us, offset_s, zone_known, source, make, model, max(arrival_seq, half_seq), file.id FROM file"  # noqa: S608
            f" JOIN photo ON photo.id = file.photo_id WHERE file.state = 'present' AND file.folder_id IN ({marks})",
            folders,
        )
        cameras = {(make, model): Camera(make, model).name for make, model in {(r[4], r[5]) for r in rows}}
        times = CaptureTimeColumns.of(
            ((r[0], r[1], r[2], _SOURCES[r[3]]) for r in rows), (cameras[r[4], r[5]] for r in rows)
        )
        if (np.abs(times.taken_us) > FARTHEST_US).any() or (np.abs(times.offset_s) >= DAY_S).any():
            raise ValueError("no time")
        table = np.array([(r[6], r[7]) for r in rows], dtype=np.int64).reshape(-1, 2)
        return times, table[:, 0], table[:, 1]

    @_understood
    def shots(
        self,
        folders: Sequence[int],
        network: int,
        files: Sequence[int] | None = None,
        after_seq: int = 0,
        name: Callable[[int, bytes], str] = lambda _, path: os.fsdecode(path),
    ) -> list[tuple[int, bytes, Shot]]:
        """Return the present files of some folders as shots, with folder id and path below it; `name` says what a shot is called.

        `files` limits them to files of these numbers; `after_seq` says from which arrival on a shot is new.
        A shot without a vector of this network has `vector` None.
        """
        marks = ",".join("?" * len(folders))
        sql = (
            "SELECT file.folder_id, file.path AS file_path, file.arrival_seq, file.half_seq, file.mtime_ns, file.device, file.inode, photo.*,"  # noqa: S608
            " vector.value FROM file"
            " JOIN photo ON photo.id = file.photo_id"
            " LEFT JOIN vector ON vector.photo_id = photo.id AND vector.network_id = ?"
            f" WHERE file.state = 'present' AND +file.folder_id IN ({marks})"  # the plus keeps SQLite from walking the folder
        )
        if files is None:
            rows = self._all(sql, (network, *folders))
        else:
            rows = list(self._each(sql + " AND file.id IN (*)", files, network, *folders))
        return [
            (r["folder_id"], r["file_path"], _shot(r, after_seq, name(r["folder_id"], r["file_path"]))) for r in rows
        ]

    @_understood
    def located(self, keys: Sequence[int]) -> dict[int, tuple[Path, Shot]]:
        """Return, by index key, one present file of each photo: absolute path and shot (without vector)."""
        found: dict[int, tuple[Path, Shot]] = {}
        sql = (
            "SELECT folder.path AS root, file.path AS file_path, file.arrival_seq, file.half_seq, file.mtime_ns, file.device, file.inode,"
            " photo.*, NULL AS value FROM file"
            " JOIN photo ON photo.id = file.photo_id JOIN folder ON folder.id = file.folder_id"
            " WHERE file.state = 'present' AND photo.key IN (*) ORDER BY file.id DESC"
        )
        for r in self._each(sql, keys):
            found[r["key"]] = (
                Path(os.fsdecode(os.path.join(r["root"], r["file_path"]))),
                _shot(r, 0, os.fsdecode(r["file_path"])),
            )
        return found

    @_understood
    def quality(self, contents: Sequence[bytes]) -> dict[bytes, Quality]:
        """Return the closer looks taken so far, by content; what was measured in another way does not count."""
        sql = "SELECT content, look FROM quality JOIN photo ON photo.id = quality.photo_id WHERE quality.method = ? AND content IN (*)"
        looks = ((r[0], json.loads(r[1])) for r in self._each(sql, contents, QUALITY_METHOD))
        return {content: quality for content, look in looks if (quality := _quality(look)) is not None}

    def matches(self, network: int, keys: Sequence[int]) -> dict[tuple[int, int], float]:
        """Return the second looks taken so far at pairs whose earlier photo has one of these index keys, by the pair's keys."""
        sql = "SELECT first_key, second_key, match FROM second_look WHERE network_id = ? AND first_key IN (*)"
        return {(r[0], r[1]): r[2] for r in self._each(sql, keys, network)}

    @_understood
    def decisions(self) -> list[Decision]:
        """Return what the owner has decided, oldest first."""
        rows = self._all("SELECT content, other, word, decided_us FROM decision ORDER BY decided_us, content, other")
        return [Decision(r[0], Verdict(r[2]), r[3], r[1]) for r in rows]

    # networks and vectors

    def active_network(self) -> ModelRow | None:
        """Return the network whose vectors answers are given from."""
        rows = self._all("SELECT id, fingerprint, description FROM network WHERE active = 1")
        return ModelRow(*rows[0]) if rows else None

    def part_stamps(self, network: int) -> dict[int, tuple[int, int]]:
        """Return, for every part of the index, how many vectors it must hold and the newest change among them."""
        rows = self._all(
            "SELECT part, count(*), max(change_seq) FROM vector WHERE network_id = ? GROUP BY part", (network,)
        )
        return {r[0]: (r[1], r[2]) for r in rows}

    @_understood
    def part_vectors(self, network: int, part: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float32]]:
        """Return the keys [n] and vectors [n, d] of one part, in time order."""
        rows = self._all(
            "SELECT photo.key, vector.value FROM vector JOIN photo ON photo.id = vector.photo_id"
            " WHERE vector.network_id = ? AND vector.part = ? ORDER BY photo.key",
            (network, part),
        )
        keys = np.array([r[0] for r in rows], dtype=np.int64)
        values = np.frombuffer(b"".join(r[1] for r in rows), dtype="<f2").astype(np.float32)
        return keys, values.reshape(len(rows), len(values) // max(1, len(rows)))

    def to_read_again(self, network: int) -> list[tuple[FileRef, Path]]:
        """Return present files whose photo lacks a vector of a network, or was read by an older method, newest first."""
        rows = self._all(
            "SELECT file.folder_id, file.path, folder.path FROM file JOIN folder ON folder.id = file.folder_id"
            " JOIN photo ON photo.id = file.photo_id"
            " LEFT JOIN vector ON vector.photo_id = photo.id AND vector.network_id = ?"
            " WHERE file.state = 'present' AND (vector.photo_id IS NULL OR photo.method < ?) ORDER BY photo.key DESC",
            (network, READING_METHOD),
        )
        return [(FileRef(r[0], r[1]), Path(os.fsdecode(r[2]))) for r in rows]

    # digests

    def newest_seq(self) -> int:
        """Return the number of the newest change."""
        return int(self._one("SELECT value FROM counter WHERE name = 'change_seq'") or 0)

    def version(self) -> tuple[int, int, int]:
        """Return what differs whenever a photo arrived, went or came back: the newest change, how many are present, and the last change (us)."""
        rows = self._all("SELECT count(*) FILTER (WHERE state = 'present'), coalesce(max(changed_us), 0) FROM file")
        return self.newest_seq(), rows[0][0], rows[0][1]

    def schedule_since_us(self) -> int:
        """Return since when the schedule runs (us), 0 before it ever did."""
        return int(self._one("SELECT value FROM counter WHERE name = 'schedule_since_us'") or 0)

    def digest_runs(self, *states: str) -> list[DigestRun]:
        """Return the slots in some states, the one made last first: a clock that ran ahead does not put its slots on top for years."""
        marks = ",".join("?" * len(states))
        rows = self._all(
            f"SELECT * FROM digest_run WHERE state IN ({marks}) ORDER BY until_seq DESC, slot_us DESC",  # noqa: S608
            states,
        )
        return [DigestRun(**dict(r)) for r in rows]

    def last_slot_us(self, by_us: int) -> int | None:
        """Return the newest slot by a moment (us) that was dealt with in any way, None when none was."""
        slot_us: int | None = self._one(
            "SELECT max(slot_us) FROM digest_run WHERE state != 'running' AND slot_us <= ?", (by_us,)
        )
        return slot_us

    def digested_seq(self) -> int:
        """Return up to which arrival the digests made so far cover."""
        return int(self._one("SELECT max(until_seq) FROM digest_run WHERE state != 'missed'") or 0)

    def deliveries(self, state: str) -> list[Delivery]:
        """Return the deliveries in a state, the one to be tried first first."""
        rows = self._all("SELECT * FROM delivery WHERE state = ? ORDER BY next_us, slot_us", (state,))
        return [Delivery(**dict(r)) for r in rows]

    # groups

    def identities(self, contents: Sequence[bytes]) -> dict[tuple[bytes, bool], str]:
        """Return the group ids remembered, by content and whether of a series: of these contents, and of what shares an id with them.

        Of the latter only contents that are still present somewhere count.
        """
        sql = "SELECT content, series, group_id FROM group_identity WHERE content IN (*)"
        found = {(r[0], bool(r[1])): str(r[2]) for r in self._each(sql, contents)}
        sharing = (
            "SELECT g.content, g.series, g.group_id FROM group_identity g WHERE g.group_id IN (*) AND EXISTS (SELECT 1 FROM photo"
            " JOIN file ON file.photo_id = photo.id WHERE photo.content = g.content AND file.state = 'present')"
        )
        others = {(r[0], bool(r[1])): str(r[2]) for r in self._each(sharing, sorted(set(found.values())))}
        return others | found


def _by_folder(folders: Sequence[int], rows: Iterable[sqlite3.Row]) -> dict[int, dict[bytes, FileStamp]]:
    """Return the stamps in rows (folder, path, and the stamp's four) by folder and path."""
    found: dict[int, dict[bytes, FileStamp]] = {f: {} for f in folders}
    for r in rows:
        found[r[0]][r[1]] = FileStamp(*r[2:6])
    return found


def _right_in(folder: int, directory: bytes) -> tuple[bytes, tuple[int, bytes, bool, bytes]]:
    """Return what the paths below a directory begin with, and the values for `folder = ? AND path >= ? AND (? OR path < ?)`."""
    above = directory + b"/" if directory else b""
    return above, (folder, above, not above, directory + _AFTER_STROKE)


def _quality(look: dict[str, Any]) -> Quality | None:
    """Return a closer look as it was kept, None for one that does not hold together: the photo is looked at again."""
    try:
        return Quality.of(look)
    except (ValueError, KeyError, TypeError):
        return None


def _vector(value: bytes) -> Vector:
    return np.frombuffer(value, dtype="<f2").astype(np.float32)


def _time(taken_us: int, offset_s: int, source: str, certainty: str, zone_known: int) -> CaptureTime:
    """Return what a row says of a capture time; raise ValueError where that is no time."""
    if not (abs(taken_us) <= FARTHEST_US and abs(offset_s) < DAY_S):
        raise ValueError("no time")
    return CaptureTime(taken_us, offset_s, TimeSource(source), Certainty(certainty), bool(zone_known))


def _positive(value: float | None) -> float | None:
    """Return what can be measured on a scale, None for what no camera has: earlier versions took it over as it stood in a file."""
    return value if value is not None and 0 < value < math.inf else None


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


def _shot(row: sqlite3.Row, after_seq: int, name: str) -> Shot:
    """Return a row of photo and file as a shot."""
    signature = np.frombuffer(row["signature"], dtype=np.uint8).reshape(SIGNATURE_SIDE, SIGNATURE_SIDE)
    return Shot(
        path=name,
        content=row["content"],
        key=row["key"],
        taken=_time(row["taken_us"], row["offset_s"], row["source"], row["certainty"], row["zone_known"]),
        node=(row["device"], row["inode"]),
        format=row["format"],
        size_bytes=row["size_bytes"],
        width=row["width"],
        height=row["height"],
        camera=_camera(row),
        place=None if row["latitude"] is None else Place(row["latitude"], row["longitude"], row["altitude_m"]),
        contrast=row["contrast"],
        vector=None if row["value"] is None else _vector(row["value"]),
        signature=signature,
        new=row["arrival_seq"] > after_seq,
        mtime_ns=row["mtime_ns"],
        has_new_companions=row["arrival_seq"] <= after_seq < row["half_seq"],
        motion=bool(row["motion"]),
        damage=row["damage"],
    )
