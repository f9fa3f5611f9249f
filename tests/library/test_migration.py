"""A library of an earlier version is updated whole or not at all, whatever stops it."""

import os
import random
import shutil
import sqlite3
import subprocess
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest

from dejashot.errors import LibraryDamagedError, LibraryError
from dejashot.library import backup, database, migrate
from dejashot.library.library import Library
from dejashot.models.groups import COPY_METHOD
from kills import killed_at, killed_in_sqlite
from old_libraries import make_old_library
from shots import reading
from takes import disk

NOW_US = 1_785_000_000_000_000
PHOTOS = 400
NEWEST = migrate.newest_version()
KILLS = 30 if os.environ.get("DEJASHOT_LONG") else 6
TABLES = {  # today's names, and those before version 11
    "folder": "folder",
    "model": "network",
    "photo": "photo",
    "vector": "vector",
    "file": "file",
    "quality": "quality",
    "verified_pair": "second_look",
    "companion": "beside",
    "sidecar_time": "said",
    "group_identity": "group_identity",
    "decision": "decision",
    "digest_run": "digest_run",
}
COLUMNS = (
    "content, key, part, taken_us, offset_s, source, certainty, zone_known, format, size_bytes, width, height,"
    " contrast, signature, make, model, burst_id, camera_pick, motion, live_id"
)


@pytest.fixture(scope="module")
def _before(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a library as the version before wrote it."""
    folder = tmp_path_factory.mktemp("before")
    with closing(make_old_library(folder, 9)) as old:
        old.execute("PRAGMA journal_mode = WAL")
        old.execute("INSERT INTO folder (path, device) VALUES (x'2f70', 1)")
        old.execute("INSERT INTO network (fingerprint, description, active) VALUES ('f', '{\"name\": \"tiny\"}', 1)")
        unit = b"\x00\x3c" + bytes(510)
        for n in range(PHOTOS):
            taken_us = NOW_US + n
            values = (
                n.to_bytes(32),
                taken_us * 1024,
                202607,
                taken_us,
                0,
                "exif",
                "high",
                1,
                "JPEG",
                1,
                1,
                1,
                1.0,
                bytes(256),
                "M",
                "",
                "b",
                0,
                0,
                "",
            )
            old.execute(f"INSERT INTO photo ({COLUMNS}) VALUES ({', '.join('?' * len(values))})", values)  # noqa: S608
            old.execute("INSERT INTO vector VALUES (?, 1, 202607, ?, ?)", (n + 1, n, unit))
            old.execute(
                "INSERT INTO file VALUES (NULL, 1, ?, 1, 1, 1, 1, 'present', ?, ?, '', '', 1, 0)",
                (b"%d.jpg" % n, n + 1, n),
            )
            old.execute("INSERT INTO quality VALUES (?, 2, '{}')", (n + 1,))
            old.execute("INSERT INTO group_identity VALUES (?, 0, ?)", (n.to_bytes(32), f"{n // 3:032x}"))
        old.execute("INSERT INTO second_look VALUES (1, ?, ?, 0.5)", (NOW_US * 1024, (NOW_US + 1) * 1024))
        old.execute(
            "INSERT INTO beside (folder_id, path, size_bytes, mtime_ns, inode, device) VALUES (1, x'61', 1, 1, 1, 1)"
        )
        old.execute("INSERT INTO said VALUES (1, x'61', '1.jpg', 5, 0)")
        old.execute("INSERT INTO decision VALUES (?, x'', 'keep', 5)", ((1).to_bytes(32),))
        old.execute(
            "INSERT INTO digest_run (slot_us, state, after_seq, until_seq, made_us) VALUES (5, 'done', 0, 5, 5)"
        )
        old.commit()
    return folder


def counts(folder: Path) -> dict[str, int]:
    """Return how many rows each table has, and the version, without changing anything."""
    with closing(sqlite3.connect(folder / database.LIBRARY_FILE_NAME)) as db:
        assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        version = db.execute("PRAGMA user_version").fetchone()[0]
        tables = {name: name if version >= 11 else former for name, former in TABLES.items()}
        rows = {name: db.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for name, table in tables.items()}  # noqa: S608
        return rows | {"version": version}


def update(folder: Path) -> None:
    library, restored = backup.open_sound(folder, NOW_US)
    assert restored is None
    library.close()


@pytest.mark.parametrize("version", range(1, NEWEST + 1))
def test_a_library_of_every_version_keeps_its_vectors(tmp_path: Path, version: int) -> None:
    one = reading(1)
    model = "network" if version < 11 else "model"
    with closing(make_old_library(tmp_path, version)) as old:
        old.execute("INSERT INTO folder (path, device) VALUES (x'2f70', 1)")
        old.execute(f"INSERT INTO {model} (fingerprint, description, active) VALUES ('f', '{{}}', 1)")  # noqa: S608
        photo = {
            "content": one.content, "key": NOW_US * 1024, "part": 202607, "taken_us": NOW_US, "offset_s": 0,
            "source": "exif", "certainty": "high", "zone_known": 1, "format": "JPEG", "size_bytes": 1, "width": 1,
            "height": 1, "contrast": 1.0, "signature": bytes(256), "make": "M", "model": "", "burst_id": "",
            "camera_pick": 0, "motion": 0, "live_id": "", "screenshot": 0, "damage": "", "method": 2,
        }  # fmt: skip
        known = {row[1] for row in old.execute("PRAGMA table_info(photo)")}
        columns = {name: value for name, value in photo.items() if name in known}
        marks = ", ".join("?" * len(columns))
        old.execute(f"INSERT INTO photo ({', '.join(columns)}) VALUES ({marks})", tuple(columns.values()))  # noqa: S608
        old.execute("INSERT INTO vector VALUES (1, 1, 202607, 1, ?)", (one.vector.astype("<f2").tobytes(),))
        old.execute(
            "INSERT INTO file (folder_id, path, size_bytes, mtime_ns, inode, device, state, photo_id, arrival_seq,"
            " changed_us) VALUES (1, x'61', 1, 1, 1, 1, 'present', 1, 1, 1)"
        )
        if version >= 11:
            digest = "(slot_us, state, after_seq, until_seq, made_us) VALUES (1, 'done', 0, 1, 1)"
            old.execute(f"INSERT INTO digest_run {digest}")
        if version >= 15:
            old.execute("INSERT INTO copy_search VALUES (1, 1, ?)", (COPY_METHOD,))
        old.commit()
    with closing(Library.open(tmp_path)) as library:
        assert library.vectors.has(one.content, 1)
        ((_, shot),) = library.shots.by_key([NOW_US * 1024]).values()
        assert shot.content == one.content
        (row,) = library.shots.in_folders([1], 1)
        assert float(row.shot.vector @ one.vector) == pytest.approx(1, abs=1e-3)  # type: ignore[operator]
        assert (library.photos.to_read_again(1) == []) == (version >= 10), "the facts of older ones are read again"
        unsearched = library.measurements.distant_copies.unsearched(1)
        assert unsearched == ([] if version >= 15 else [NOW_US * 1024])
        looks = library.closer_looks
        assert looks.waiting(looks.done_until(1)) == 1, "copies are looked for in what was there before, too"


def test_files_whose_disk_was_away_before_the_eleventh_version_still_are(tmp_path: Path) -> None:
    with closing(make_old_library(tmp_path, 10)) as old:
        old.execute("INSERT INTO folder (path, device) VALUES (x'2f70', 5)")
        for name, device in ((b"here.jpg", 7), (b"away.jpg", -8)):
            old.execute(
                "INSERT INTO file VALUES (NULL, 1, ?, 1, 1, 1, ?, 'skipped', NULL, 1, 'truncated', '', 1, 0)",
                (name, device),
            )
        old.commit()
    with closing(Library.open(tmp_path)) as library:
        files = library.files.in_folder(1)
        assert {path: file.unmounted for path, file in files.items()} == {b"here.jpg": False, b"away.jpg": True}
        library.files.mark_mounted(1, [b"away.jpg"], 7)
        assert {file.stamp.device for file in library.files.in_folder(1).values()} == {7}


def test_killed_at_any_point_it_is_of_one_version_or_the_other(_before: Path, tmp_path: Path) -> None:
    before = counts(_before)
    chance, kills = random.Random(9), 0
    for attempt in range(KILLS):
        folder = Path(shutil.copytree(_before, tmp_path / str(attempt)))
        kills += killed_in_sqlite(chance.randint(1, 300), partial(update, folder))
        assert counts(folder) in (before, before | {"version": NEWEST})
        update(folder)
        assert counts(folder) == before | {"version": NEWEST}
    assert kills >= KILLS // 2


def test_on_a_full_disk_it_says_so_and_is_updated_once_there_is_room(_before: Path, tmp_path: Path) -> None:
    before, size = counts(_before), (_before / database.LIBRARY_FILE_NAME).stat().st_size
    full = 0
    for room in (4096, 50_000, size // 8, size // 4, size // 2, size, 2 * size):
        with disk(tmp_path / "small", f"{size + 65536 + room}") as small:
            folder = Path(shutil.copytree(_before, small / "library"))
            try:
                update(folder)
            except LibraryError as error:
                assert not isinstance(error, LibraryDamagedError), "nothing is damaged"
                assert "full" in error.title
                full += 1
                subprocess.run(["mount", "-o", f"remount,size={8 * size}", small], check=True)
                assert counts(folder) == before
                update(folder)
            assert counts(folder) == before | {"version": NEWEST}
            assert not list(folder.glob("*.corrupt-*"))
    assert 3 <= full < 7


def test_on_a_disk_that_may_only_be_read_it_stays_as_it_is(_before: Path, tmp_path: Path) -> None:
    before = counts(_before)
    with disk(tmp_path / "still") as still:
        folder = Path(shutil.copytree(_before, still / "library"))
        subprocess.run(["mount", "-o", "remount,ro", still], check=True)
        with pytest.raises(LibraryError) as caught:
            update(folder)
        assert not isinstance(caught.value, LibraryDamagedError)
        with pytest.raises(LibraryError):
            database.open_for_reading(folder)
        subprocess.run(["mount", "-o", "remount,rw", still], check=True)
        assert counts(folder) == before
        update(folder)


def test_an_older_backup_is_restored_and_updated(_before: Path, tmp_path: Path) -> None:
    (tmp_path / "backups").mkdir(mode=0o700)
    shutil.copy(_before / database.LIBRARY_FILE_NAME, tmp_path / "backups" / "library-20260101T000000Z.db")
    (tmp_path / database.LIBRARY_FILE_NAME).write_bytes(b"no library" * 1000)
    library, restored = backup.open_sound(tmp_path, NOW_US)
    library.close()
    assert restored is not None
    assert restored.backup is not None
    assert counts(tmp_path) == counts(_before) | {"version": NEWEST}


@pytest.mark.parametrize(
    "change",
    [
        "photo SET source = 'exig' WHERE id = 3",
        "said SET taken_us = 9223372036854775807",
        "network SET description = 'tiny'",
        "vector SET value = zeroblob(512) WHERE photo_id = 3",
    ],
)
def test_an_older_library_with_a_value_that_can_not_be_is_damaged_not_refused(
    _before: Path, tmp_path: Path, change: str
) -> None:
    folder = Path(shutil.copytree(_before, tmp_path / "library"))
    with closing(sqlite3.connect(folder / database.LIBRARY_FILE_NAME)) as db:
        db.executescript(f"PRAGMA ignore_check_constraints = ON; UPDATE {change};")
    assert not backup.is_sound(folder / database.LIBRARY_FILE_NAME), "nor would it be restored from"
    with pytest.raises(LibraryDamagedError):
        Library.open(folder)


def copied(folder: Path) -> None:
    """Make a backup as the daemon does."""
    library = Library.open(folder)
    backup.back_up(library, folder, NOW_US + 86_400_000_000, keep=2)
    library.close()


def test_a_backup_killed_at_any_point_leaves_the_library_and_the_backups_before(_before: Path, tmp_path: Path) -> None:
    made = Path(shutil.copytree(_before, tmp_path / "made"))
    library = Library.open(made)
    first = backup.back_up(library, made, NOW_US, keep=2)
    library.close()
    assert first is not None
    whole, chance, kills = counts(made), random.Random(2), 0
    for attempt in range(KILLS):
        folder = Path(shutil.copytree(made, tmp_path / str(attempt)))
        kill, most = (killed_in_sqlite, 600) if attempt % 2 else (killed_at, 30)
        kills += kill(chance.randint(1, most), partial(copied, folder))
        for kept in backup.backups(folder):
            assert backup.is_sound(kept)
        assert first.name in {b.name for b in backup.backups(folder)}
        library, restored = backup.open_sound(folder, NOW_US)
        library.close()
        assert restored is None
        assert counts(folder) == whole
        assert not list((folder / "backups").glob(".library-*"))
    assert kills >= KILLS // 2


def test_a_restoration_killed_at_any_point_is_gone_on_with(_before: Path, tmp_path: Path) -> None:
    made = Path(shutil.copytree(_before, tmp_path / "made"))
    library = Library.open(made)
    backup.back_up(library, made, NOW_US, keep=2)
    library.close()
    whole, kills = counts(made), 0
    (made / database.LIBRARY_FILE_NAME).write_bytes(b"no library" * 1000)
    for step in range(1, KILLS + 1):
        folder = Path(shutil.copytree(made, tmp_path / str(step)))
        kills += killed_at(2 * step, lambda folder=folder: backup.open_sound(folder, NOW_US)[0].close())  # type: ignore[misc]
        library, _ = backup.open_sound(folder, NOW_US)
        library.close()
        assert counts(folder) == whole
    assert kills
