"""Opening the library's file."""

import os
import sqlite3
import stat
from pathlib import Path

import pytest

from dejashot.errors import LibraryError
from dejashot.library import database, migrate
from dejashot.library.library import Library
from old_libraries import make_old_library


def test_the_library_is_private_durable_and_versioned(tmp_path: Path) -> None:
    connection = database.open_for_writing(tmp_path)
    pragma = {
        name: connection.execute(f"PRAGMA {name}").fetchone()[0]
        for name in ("journal_mode", "synchronous", "foreign_keys", "user_version")
    }
    assert pragma == {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "user_version": migrate.newest_version(),
    }
    assert stat.S_IMODE((tmp_path / database.LIBRARY_FILE_NAME).stat().st_mode) == 0o600
    connection.close()
    database.open_for_writing(tmp_path).close()


def test_a_log_that_grew_large_is_small_again(tmp_path: Path) -> None:
    connection = database.open_for_writing(tmp_path)
    connection.execute("CREATE TABLE large (value BLOB)")
    log = tmp_path / f"{database.LIBRARY_FILE_NAME}-wal"
    connection.execute("INSERT INTO large VALUES (zeroblob(?))", (2 * database.MAX_LOG_BYTES,))
    assert log.stat().st_size > 2 * database.MAX_LOG_BYTES
    connection.execute("INSERT INTO large VALUES (1)")
    assert log.stat().st_size <= database.MAX_LOG_BYTES
    connection.close()


def test_reading_needs_a_library_and_can_not_write(tmp_path: Path) -> None:
    with pytest.raises(LibraryError, match="no library yet"):
        database.open_for_reading(tmp_path)
    database.open_for_writing(tmp_path).close()
    reader = database.open_for_reading(tmp_path)
    with pytest.raises(sqlite3.OperationalError):
        reader.execute("DELETE FROM counter")
    reader.close()


def test_a_library_of_a_newer_version_or_another_program_is_refused(tmp_path: Path) -> None:
    connection = database.open_for_writing(tmp_path)
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    for opened in (database.open_for_writing, database.open_for_reading):
        with pytest.raises(LibraryError, match="newer Dejashot"):
            opened(tmp_path)
    other = tmp_path / "other"
    other.mkdir()
    foreign = sqlite3.connect(other / database.LIBRARY_FILE_NAME)
    foreign.execute("PRAGMA application_id = 1234")
    foreign.execute("CREATE TABLE t (x)")
    foreign.close()
    with pytest.raises(LibraryError, match="another program"):
        database.open_for_writing(other)


def test_a_library_of_the_first_version_is_updated_and_keeps_its_photos(tmp_path: Path) -> None:
    first = make_old_library(tmp_path, 1)
    first.execute("INSERT INTO folder (path, device) VALUES (x'2f70', 1)")
    first.commit()
    first.close()
    with pytest.raises(LibraryError, match="older version"):
        database.open_for_reading(tmp_path)
    library = Library.open(tmp_path)
    assert [str(f.path) for f in library.folders.all()] == ["/p"]
    assert library.measurements.quality([b"?" * 32]) == {}
    assert library.measurements.matches(1, [1]) == {}
    library.close()


def test_zones_that_were_not_recorded_are_told_from_what_was_concluded_of_them(tmp_path: Path) -> None:
    old = make_old_library(tmp_path, 4)
    columns = (
        "content, key, part, taken_us, offset_s, source, certainty, format, size_bytes, width, height, contrast,"
        " signature, make, model, burst_id"
    )
    for n, (source, certainty) in enumerate(
        (("exif", "high"), ("exif", "medium"), ("gps", "high"), ("name", "medium"), ("mtime", "low"))
    ):
        values = (bytes([n]) * 32, n, 197001, n, 0, source, certainty, "JPEG", 1, 1, 1, 1.0, bytes(256), "", "", "")
        old.execute(f"INSERT INTO photo ({columns}) VALUES ({', '.join('?' * len(values))})", values)  # noqa: S608
    old.commit()
    old.close()
    connection = database.open_for_writing(tmp_path)
    assert [bool(r[0]) for r in connection.execute("SELECT zone_known FROM photo ORDER BY key")] == [
        True,
        False,
        True,
        False,
        True,
    ]
    connection.close()


def test_a_library_of_the_fourth_version_looks_again_at_what_was_not_supported(tmp_path: Path) -> None:
    old = make_old_library(tmp_path, 4)
    old.execute("INSERT INTO folder (path, device) VALUES (x'2f70', 1)")
    for name, reason in (("a.dng", "unsupported_format"), ("b.jpg", "truncated")):
        old.execute(
            "INSERT INTO file VALUES (NULL, 1, ?, 1, 1, 1, 1, 'skipped', NULL, 1, ?, '', 1)", (name.encode(), reason)
        )
    old.commit()
    old.close()
    library = Library.open(tmp_path)
    assert list(library.files.in_folder(1)) == [b"b.jpg"]
    library.close()


def test_a_library_of_the_eighth_version_keeps_all_that_refers_to_its_photos(tmp_path: Path) -> None:
    old = make_old_library(tmp_path, 8)
    old.execute("PRAGMA foreign_keys = ON")
    old.execute("INSERT INTO folder (path, device) VALUES (x'2f70', 1)")
    old.execute("INSERT INTO network (fingerprint, description) VALUES ('f', '{}')")
    columns = (
        "content, key, part, taken_us, offset_s, source, certainty, format, size_bytes, width, height, contrast,"
        " signature, make, model, burst_id, motion"
    )
    for n in range(3):
        values = (
            bytes([n]) * 32,
            n,
            197001,
            n,
            0,
            "exif",
            "high",
            "JPEG",
            1,
            1,
            1,
            1.0,
            bytes(256),
            "Make",
            "",
            "b",
            n % 2,
        )
        old.execute(f"INSERT INTO photo ({columns}) VALUES ({', '.join('?' * len(values))})", values)  # noqa: S608
        old.execute("INSERT INTO vector VALUES (?, 1, 197001, ?, x'003c')", (n + 1, n))
        old.execute(
            "INSERT INTO file VALUES (NULL, 1, ?, 1, 1, 1, 1, 'present', ?, 1, '', '', 1, 0)", (b"%d.jpg" % n, n + 1)
        )
        old.execute("INSERT INTO quality VALUES (?, 2, '{}')", (n + 1,))
    old.execute("INSERT INTO second_look VALUES (1, 0, 1, 0.5)")
    old.execute("INSERT INTO beside VALUES (1, x'61', 1, 1, 1, 1)")
    old.commit()
    tables = ("folder", "photo", "vector", "file", "quality", "second_look", "beside")
    today = dict(zip(tables, (*tables[:-2], "verified_pair", "companion"), strict=True))
    before = {t: old.execute(f"SELECT count(*) FROM {t}").fetchone()[0] for t in tables}  # noqa: S608
    old.close()
    connection = database.open_for_writing(tmp_path)
    after = {t: connection.execute(f"SELECT count(*) FROM {new}").fetchone()[0] for t, new in today.items()}  # noqa: S608
    assert after == before
    assert [tuple(r) for r in connection.execute("SELECT id, key, make, motion, live_id FROM photo ORDER BY id")] == [
        (n + 1, n, "Make", n % 2, "") for n in range(3)
    ]
    assert [tuple(r) for r in connection.execute("SELECT metadata_read, late, live_id, made_us FROM companion")] == [
        (0, 0, "", None)
    ]
    with pytest.raises(sqlite3.IntegrityError, match="FOREIGN KEY"):
        connection.execute("DELETE FROM photo WHERE id = 1")
    connection.execute("UPDATE photo SET source = 'sidecar' WHERE id = 1")
    connection.close()


def test_sidecars_of_kinds_that_are_noted_since_the_tenth_version_are_not_late(tmp_path: Path) -> None:
    with make_old_library(tmp_path, 9) as old:
        old.execute("INSERT INTO folder (path, device, beside_known) VALUES (x'2f70', 1, 1)")
    old.close()
    connection = database.open_for_writing(tmp_path)
    assert [r[0] for r in connection.execute("SELECT companions_known FROM folder")] == [0]
    connection.close()


def test_a_damaged_library_is_an_error_that_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / database.LIBRARY_FILE_NAME).write_bytes(b"this is not a database at all" * 100)
    with pytest.raises(LibraryError) as caught:
        database.open_for_writing(tmp_path)
    assert "damaged" in caught.value.title
    assert "backup" in caught.value.hint


def test_a_copy_is_complete_while_the_owner_has_it_open(tmp_path: Path) -> None:
    source, target = tmp_path / "a", tmp_path / "b"
    source.mkdir()
    target.mkdir()
    library = Library.open(source)
    library.folders.add(Path("/photos"), 1)
    database.copy_into(source, target)
    copied = Library.open(target)
    assert [f.path for f in copied.folders.all()] == [Path("/photos")]
    copied.close()
    library.close()
    assert os.listdir(source) == [database.LIBRARY_FILE_NAME]
