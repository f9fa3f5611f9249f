"""Writing the library: one owner, every method one transaction, acknowledged only when it is on the disk."""

import json
import os
import sqlite3
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

from dejashot.errors import LibraryDamagedError, LibraryError, LibraryReplacedError, Reason, UnreadablePhotoError
from dejashot.files.companions import carries_metadata
from dejashot.files.exclusions import Exclusion
from dejashot.files.first_bytes import FileContent
from dejashot.library import database
from dejashot.library.decisions import DecisionJournal
from dejashot.library.reader import Delivery, DigestRun, Folder, LibraryReader, ModelRow, part_of
from dejashot.models.capture import KEYS_PER_MICROSECOND, CaptureTime, key_floor
from dejashot.models.files import FileRef, FileStamp
from dejashot.models.groups import Matches
from dejashot.models.photo import QUALITY_METHOD, READING_METHOD, Quality, Reading, SidecarMetadata
from dejashot.paths import shown


class Store(LibraryReader):
    """The one writer of the library. Every method is one transaction unless called inside `batch()`."""

    def __init__(self, connection: sqlite3.Connection, folder: Path) -> None:
        super().__init__(connection)
        self._file = folder / database.LIBRARY_FILE_NAME
        self._inode = _inode_of(self._file)
        self.book = DecisionJournal(folder)

    @classmethod
    def open(cls, folder: Path) -> "Store":
        """Open, create or migrate the library in a folder for writing; the caller holds its lock.

        The owner's decisions are taken from their journal.
        """
        connection = database.open_for_writing(folder)
        try:
            store = cls(connection, folder)
            store._reconcile_decisions()
        except BaseException:
            connection.close()
            raise
        return store

    @contextmanager
    def batch(self) -> Iterator[None]:
        """Make everything inside one transaction, committed to the disk at the end; raise LibraryError when that fails."""
        if self._db.in_transaction:
            yield
            return
        self.check_place()
        try:
            self._db.execute("BEGIN IMMEDIATE")
            yield
            self._db.execute("COMMIT")
        except database.ERRORS as error:
            if database.means_damage(error):
                raise LibraryDamagedError("the library is damaged", database.RESTORING) from error
            raise LibraryError(
                f"the library can't be written: {error}", "Check the free space; what was acknowledged is safe"
            ) from error
        finally:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")

    def check_place(self) -> None:
        """Raise LibraryReplacedError when another file has the library's name by now, or none: what is written would be lost with this one."""
        with suppress(OSError):
            if _inode_of(self._file) == self._inode:
                return
            raise LibraryReplacedError(
                "the library was put away, or another in its place", "What is in its place now is opened"
            )

    def close(self) -> None:
        """Fold the log into the database and close it."""
        with suppress(*database.ERRORS):  # on a full disk the log stays, and is folded in next time
            self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        self._db.close()
        with suppress(OSError):
            if _inode_of(self._file) != self._inode:
                self._put_log_away()

    def _put_log_away(self) -> None:
        """Take the log from beside what has the library's name now: SQLite leaves it, and would play it into that. Raise OSError."""
        log, shared = (self._file.with_name(f"{self._file.name}-{part}") for part in ("wal", "shm"))
        shared.unlink(missing_ok=True)
        if log.exists():
            log.replace(self._file.with_name(f"{self._file.name}.replaced-wal"))

    def _next_seq(self) -> int:
        self._db.execute("UPDATE counter SET value = value + 1 WHERE name = 'change_seq'")
        return self.newest_seq()

    # folders

    def add_folder(self, path: Path, device: int) -> Folder:
        """Return the folder's row, made when it is new; a known one keeps the device it was last seen on."""
        raw = os.fsencode(path)
        with self.batch():
            self._db.execute(
                "INSERT INTO folder (path, device) VALUES (?, ?) ON CONFLICT (path) DO NOTHING", (raw, device)
            )
        return next(f for f in self.folders() if f.path == path)

    def set_place(self, folder: int, device: int, inode: int, marker: bool) -> None:
        """Note where a folder is now: the number of its device may change with every boot, the files on it do not."""
        with self.batch():
            self._db.execute(
                "UPDATE file SET device = ? WHERE folder_id = ? AND device = (SELECT device FROM folder WHERE id = ?)",
                (device, folder, folder),
            )
            self._db.execute(
                "UPDATE folder SET device = ?, inode = ?, marker = ? WHERE id = ?", (device, inode, marker, folder)
            )

    def put_away(self, folder: int) -> None:
        """Note that what was known in a folder lies on a disk that is away: below zero, devices are those of such files."""
        with self.batch():
            self._db.execute(
                "UPDATE file SET device = -1 - device WHERE folder_id = ? AND state = 'present' AND device >= 0",
                (folder,),
            )

    def put_back(self, folder: int, paths: Iterable[bytes], device: int) -> None:
        """Note that files that were away are there again, on this device."""
        with self.batch():
            sql = "UPDATE file SET device = ? WHERE folder_id = ? AND path = ? AND device < 0"
            self._db.executemany(sql, [(device, folder, p) for p in paths])

    def set_watched(self, folders: Iterable[int]) -> None:
        """Remember which folders the daemon watches."""
        with self.batch():
            self._db.execute("UPDATE folder SET watched = 0")
            self._db.executemany("UPDATE folder SET watched = 1 WHERE id = ?", [(f,) for f in folders])

    # files and photos

    def attach(self, file: FileRef, stamp: FileStamp, content: bytes, now_us: int) -> bool:
        """Note that a file holds a known content; return True when that is a new arrival, False for a move or no change.

        A file of the same content that went missing is this one, moved: its row, and its arrival, go along.
        """
        with self.batch():
            photo: int = self._one("SELECT id FROM photo WHERE content = ?", (content,))
            here = self._all(
                "SELECT id, photo_id, state FROM file WHERE folder_id = ? AND path = ?", (file.folder, file.path)
            )
            if here and here[0]["photo_id"] == photo:
                self._put_file(file, stamp, "present", photo, now_us, arrival=None)
                return False
            moved = self._all(
                "SELECT id, arrival_seq FROM file WHERE photo_id = ? AND state = 'missing' LIMIT 1", (photo,)
            )
            arrival = moved[0]["arrival_seq"] if moved else self._next_seq()
            if moved:
                self._db.execute("DELETE FROM file WHERE id = ?", (moved[0]["id"],))
            self._put_file(file, stamp, "present", photo, now_us, arrival)
            return not moved

    def add(self, file: FileRef, reading: Reading, network: int, now_us: int) -> int:
        """Store a reading and the file it came from; return the photo's index key.

        A content known already keeps its key and its time (see `retime`), and without a vector in the reading the vectors that it has.
        """
        with self.batch():
            key = self.key_of(reading.content)
            if key is None:
                key = self._free_key(reading.taken.taken_us)
                self._insert_photo(key, reading)
            else:
                self._update_photo(reading)
            self.attach(file, reading.stamp, reading.content, now_us)
            if reading.vector is None:
                return key
            self._db.execute(
                "INSERT INTO vector (photo_id, network_id, part, change_seq, value)"
                " SELECT id, ?, part, ?, ? FROM photo WHERE content = ?"
                " ON CONFLICT (photo_id, network_id) DO UPDATE SET value = excluded.value, change_seq = excluded.change_seq",
                (network, self._next_seq(), reading.vector.astype("<f2").tobytes(), reading.content),
            )
        return key

    def skip(self, file: FileRef, stamp: FileStamp, error: UnreadablePhotoError, now_us: int) -> None:
        """Note that a file could not be read, and why; the same failure again is no new arrival."""
        with self.batch():
            before = self.file(file)
            known = before is not None and before.state == "skipped" and before.reason == error.reason
            self._put_file(
                file,
                stamp,
                "skipped",
                None,
                now_us,
                None if known else self._next_seq(),
                error.reason,
                shown(error.detail),
            )

    def add_strike(self, content: bytes, reason: Reason) -> None:
        """Note that a content ended its reader once more."""
        with self.batch():
            self._db.execute(
                "INSERT INTO strike VALUES (?, ?, 1) ON CONFLICT (content) DO UPDATE SET reason = excluded.reason, count = count + 1",
                (content, reason),
            )

    def mark_missing(self, folder: int, paths: Iterable[bytes], now_us: int) -> int:
        """Note that files are no longer there; return how many were. What could not be read is simply forgotten."""
        gone = [(folder, p) for p in paths]
        with self.batch():
            self._db.executemany("DELETE FROM file WHERE folder_id = ? AND path = ? AND state = 'skipped'", gone)
            sql = "UPDATE file SET state = 'missing', changed_us = ? WHERE folder_id = ? AND path = ? AND state = 'present'"
            return self._db.executemany(sql, [(now_us, *g) for g in gone]).rowcount

    def note_whereabouts(self, file: FileRef, stamp: FileStamp | None, now_us: int) -> None:
        """Note that a known file is gone (None), or back as it was; one that came back changed is left to the next walk."""
        with self.batch():
            if stamp is None:
                self.mark_missing(file.folder, [file.path], now_us)
                return
            self._db.execute(
                "UPDATE file SET state = 'present', changed_us = ?, inode = ?, device = ?"
                " WHERE folder_id = ? AND path = ? AND state = 'missing' AND size_bytes = ? AND mtime_ns = ?",
                (now_us, stamp.inode, stamp.device, file.folder, file.path, stamp.size_bytes, stamp.mtime_ns),
            )

    def set_beside(
        self, folder: int, found: Mapping[bytes, FileStamp], gone: Iterable[bytes], late: Container[bytes]
    ) -> None:
        """Note what lies beside photos now: `found` is new or changed, `gone` no longer there, `late` came after what it may belong to."""
        with self.batch():
            self._db.execute("UPDATE folder SET beside_known = 1 WHERE id = ?", (folder,))
            self._db.executemany("DELETE FROM beside WHERE folder_id = ? AND path = ?", [(folder, p) for p in gone])
            self._db.executemany(
                "INSERT OR REPLACE INTO beside (folder_id, path, size_bytes, mtime_ns, inode, device, heard, late)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                [
                    (
                        folder,
                        p,
                        s.size_bytes,
                        s.mtime_ns,
                        s.inode,
                        s.device,
                        int(not carries_metadata(p)),
                        int(p in late),
                    )
                    for p, s in found.items()
                ],
            )

    def set_asked(
        self, folder: int, found: Mapping[bytes, tuple[FileStamp, FileContent]], gone: Iterable[bytes]
    ) -> None:
        """Note what first bytes said: `found` is new or changed, `gone` was not met again."""
        with self.batch():
            self._db.executemany("DELETE FROM asked WHERE folder_id = ? AND path = ?", [(folder, p) for p in gone])
            self._db.executemany(
                "INSERT OR REPLACE INTO asked (folder_id, path, size_bytes, mtime_ns, inode, device, content) VALUES (?, ?, ?, ?, ?, ?, ?)",
                [(folder, p, s.size_bytes, s.mtime_ns, s.inode, s.device, c.value) for p, (s, c) in found.items()],
            )

    def set_left_out(self, folder: int, found: Iterable[Exclusion]) -> None:
        """Note what the last walk of a folder left out on purpose."""
        with self.batch():
            self._db.execute("DELETE FROM left_out WHERE folder_id = ?", (folder,))
            self._db.executemany(
                "INSERT INTO left_out (folder_id, why, count, paths) VALUES (?, ?, ?, ?)",
                [(folder, part.why.value, part.count, b"\0".join(part.paths)) for part in found],
            )

    def note_heard(self, heard: Iterable[tuple[FileRef, SidecarMetadata]]) -> None:
        """Keep what files beside photos say of them."""
        with self.batch():
            for file, said in heard:
                key = (file.folder, file.path)
                sql = "UPDATE beside SET heard = 1, live_id = ?, made_us = ? WHERE folder_id = ? AND path = ?"
                if not self._db.execute(sql, (said.told.live_id, said.told.made_us, *key)).rowcount:
                    continue  # it went meanwhile
                self._db.execute("DELETE FROM said WHERE folder_id = ? AND sidecar = ?", key)
                self._db.executemany(
                    "INSERT INTO said (folder_id, sidecar, photo, taken_us, to_minute) VALUES (?, ?, ?, ?, ?)",
                    [(*key, name, taken_us, int(said.to_minute)) for name, taken_us in said.times_us.items()],
                )

    def note_grown(self, folder: int, photos: Iterable[bytes]) -> None:
        """Note that files that came late belong to these photos of a folder, and that of none that came so far this is open.

        A photo that came back itself since the last digest, or was moved, has brought along what it had.
        """
        with self.batch():
            sql = (
                "UPDATE file SET half_seq = ? WHERE folder_id = ? AND path = ? AND state = 'present'"
                " AND changed_us <= (SELECT coalesce(max(made_us), 0) FROM digest_run WHERE state = 'done')"
            )
            for path in photos:
                self._db.execute(sql, (self._next_seq(), folder, path))
            self._db.execute("UPDATE beside SET late = 0 WHERE folder_id = ?", (folder,))

    def retime(self, content: bytes, taken: CaptureTime) -> tuple[int, int]:
        """Give a photo another capture time; return its index key before and after.

        Second looks at it are forgotten, and the next digest tells of it as of one that has grown.
        """
        with self.batch():
            (row,) = self._all("SELECT id, key FROM photo WHERE content = ?", (content,))
            self._db.execute("DELETE FROM second_look WHERE first_key = ? OR second_key = ?", (row["key"], row["key"]))
            key = self._free_key(taken.taken_us)
            part = part_of(key // KEYS_PER_MICROSECOND)
            self._db.execute(
                "UPDATE photo SET key = ?, part = ?, taken_us = ?, offset_s = ?, source = ?, certainty = ?, zone_known = ? WHERE id = ?",
                (key, part, taken.taken_us, taken.offset_s, taken.source, taken.certainty, taken.zone_known, row["id"]),
            )
            seq = self._next_seq()
            self._db.execute("UPDATE vector SET part = ?, change_seq = ? WHERE photo_id = ?", (part, seq, row["id"]))
            self._db.execute("UPDATE file SET half_seq = ? WHERE photo_id = ? AND state = 'present'", (seq, row["id"]))
        return row["key"], key

    def _free_key(self, taken_us: int) -> int:
        """Return the lowest free index key at or after a capture time; -1 is FAISS's word for nothing and never used."""
        newest: int | None = self._one("SELECT max(key) FROM photo WHERE taken_us = ?", (taken_us,))
        key = key_floor(taken_us) if newest is None else newest + 1
        while key == -1 or self._one("SELECT 1 FROM photo WHERE key = ?", (key,)) is not None:
            key += 1
        return key

    def _insert_photo(self, key: int, reading: Reading) -> None:
        taken = reading.taken
        values = {
            "content": reading.content,
            "key": key,
            "part": part_of(key // KEYS_PER_MICROSECOND),
            "taken_us": taken.taken_us,
            "offset_s": taken.offset_s,
            "source": taken.source,
            "certainty": taken.certainty,
            "zone_known": taken.zone_known,
            **_facts(reading),
        }
        columns, marks = ", ".join(values), ", ".join(f":{name}" for name in values)
        self._db.execute(f"INSERT INTO photo ({columns}) VALUES ({marks})", values)  # noqa: S608

    def _update_photo(self, reading: Reading) -> None:
        """Take over what was read of a known photo once more, but for its time."""
        facts = _facts(reading)
        changes = ", ".join(f"{name} = :{name}" for name in facts)
        self._db.execute(f"UPDATE photo SET {changes} WHERE content = :content", {**facts, "content": reading.content})  # noqa: S608

    def _put_file(
        self,
        file: FileRef,
        stamp: FileStamp,
        state: str,
        photo: int | None,
        now_us: int,
        arrival: int | None,
        reason: str = "",
        detail: str = "",
    ) -> None:
        """Write a file's row; `arrival` None keeps the one it has."""
        values = {
            "folder_id": file.folder,
            "path": file.path,
            "size_bytes": stamp.size_bytes,
            "mtime_ns": stamp.mtime_ns,
            "inode": stamp.inode,
            "device": stamp.device,
            "state": state,
            "photo_id": photo,
            "reason": reason,
            "detail": detail,
            "changed_us": now_us,
            "arrival_seq": 0 if arrival is None else arrival,
        }
        changed = [
            name
            for name in values
            if name not in ("folder_id", "path") and (name != "arrival_seq" or arrival is not None)
        ]
        self._db.execute(
            f"INSERT INTO file ({', '.join(values)}) VALUES ({', '.join(f':{name}' for name in values)})"  # noqa: S608
            f" ON CONFLICT (folder_id, path) DO UPDATE SET {', '.join(f'{name} = excluded.{name}' for name in changed)}",
            values,
        )

    def add_quality(self, content: bytes, quality: Quality) -> None:
        """Keep what a closer look at a content said; what is damaged in it may not have been looked for when it was read."""
        with self.batch():
            self._db.execute(
                "UPDATE photo SET damage = ? WHERE content = ? AND damage != ?",
                (quality.damage, content, quality.damage),
            )
            self._db.execute(
                "INSERT OR REPLACE INTO quality SELECT id, ?, ? FROM photo WHERE content = ?",
                (QUALITY_METHOD, json.dumps(asdict(quality)), content),
            )

    def add_matches(self, network: int, matches: Matches) -> None:
        """Keep what second looks at pairs of photos (by their index keys) said."""
        with self.batch():
            self._db.executemany(
                "INSERT OR REPLACE INTO second_look SELECT ?, a.key, b.key, ? FROM photo a, photo b WHERE a.key = ? AND b.key = ?",
                [(network, m, first, second) for (first, second), m in matches.items()],
            )

    # decisions

    def note_decisions(self) -> None:
        """Bring the library's copy of the owner's decisions up to their journal; raise LibraryError or OSError."""
        self.book.refresh()
        there, held = self.decisions(), self.book.decisions
        if there == held:
            return
        with self.batch():
            self._db.execute("DELETE FROM decision")
            self._db.executemany(
                "INSERT INTO decision (content, other, word, decided_us) VALUES (?, ?, ?, ?)",
                [(d.content, d.other, d.word, d.decided_us) for d in held],
            )

    def shorten_journal(self) -> None:
        """Write the journal of decisions anew, without what was taken back; raise LibraryError or OSError."""
        self.book.shorten()
        self.note_decisions()

    def _reconcile_decisions(self) -> None:
        """Have the journal and the library's copy say the same: the journal is right, the copy fills in what it lost."""
        if not self.book.exists or self.book.damaged:
            known = self.decisions()
            if known:
                self.book.adopt(known)
        self.note_decisions()

    # the file itself

    def copy_to(self, file: Path, beat: Callable[[], None]) -> None:
        """Copy the library, consistently and without its gaps, into an empty file; raise LibraryError."""
        self._db.set_progress_handler(beat, database.STEPS_A_BEAT)
        try:
            self._all("VACUUM INTO ?", (str(file),))
        finally:
            self._db.set_progress_handler(None, 0)

    # networks

    def add_network(self, fingerprint: str, description: str) -> ModelRow:
        """Return the network's row, made when it is new, with its description brought up to date; the first one is active at once."""
        with self.batch():
            self._db.execute(
                "INSERT INTO network (fingerprint, description, active) VALUES (?, ?, NOT EXISTS (SELECT 1 FROM network WHERE active = 1))"
                " ON CONFLICT (fingerprint) DO UPDATE SET description = excluded.description",
                (fingerprint, description),
            )
            rows = self._all("SELECT id, fingerprint, description FROM network WHERE fingerprint = ?", (fingerprint,))
        return ModelRow(*rows[0])

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

    def restart_schedule(self, now_us: int) -> None:
        """Let the schedule run since a moment: the clock shows one before all that is known, so it was wrong then, or is now."""
        with self.batch():
            self._db.execute("UPDATE counter SET value = ? WHERE name = 'schedule_since_us'", (max(1, now_us),))

    def put_digest_run(self, run: DigestRun) -> None:
        """Write a slot's row; what hangs on a row that is there stays."""
        values = asdict(run)
        with self.batch():
            self._db.execute(
                f"INSERT INTO digest_run ({', '.join(values)}) VALUES ({', '.join(f':{name}' for name in values)})"  # noqa: S608
                f" ON CONFLICT (slot_us) DO UPDATE SET {', '.join(f'{name} = excluded.{name}' for name in values if name != 'slot_us')}",
                values,
            )

    def put_delivery(self, delivery: Delivery) -> None:
        """Write how the delivery of a digest stands."""
        values = asdict(delivery)
        with self.batch():
            self._db.execute(
                f"INSERT OR REPLACE INTO delivery ({', '.join(values)}) VALUES ({', '.join(f':{name}' for name in values)})",  # noqa: S608
                values,
            )

    # groups

    def remember_identities(self, identities: Mapping[tuple[bytes, bool], str]) -> None:
        """Remember which group, by its id, a content belongs to: one group, and one series beside it."""
        with self.batch():
            self._db.executemany(
                "INSERT OR REPLACE INTO group_identity (content, series, group_id) VALUES (?, ?, ?)",
                [(content, series, name) for (content, series), name in identities.items()],
            )


def _inode_of(file: Path) -> int | None:
    """Return what tells a file from another of its name, to SQLite too, None when there is none; raise OSError when that can't be seen."""
    try:
        return file.lstat().st_ino
    except FileNotFoundError:
        return None


def _facts(reading: Reading) -> dict[str, Any]:
    """Return what reading tells of a photo beside its time, by column."""
    camera, place = reading.camera, reading.place
    return {
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
        "camera_pick": int(camera.camera_pick),
        "latitude": place.latitude if place else None,
        "longitude": place.longitude if place else None,
        "altitude_m": place.altitude_m if place else None,
        "motion": int(reading.motion),
        "live_id": reading.live_id,
        "screenshot": int(camera.screenshot),
        "damage": reading.damage,
        "method": READING_METHOD,
    }
