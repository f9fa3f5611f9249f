"""A damaged or vanished library comes back from its backup."""

import os
import random
import shutil
import stat
from pathlib import Path

import pytest

from dejashot.errors import LibraryDamagedError, LibraryReplacedError
from dejashot.library import backup, database
from dejashot.library.journal import DecisionJournal
from dejashot.library.library import Library
from dejashot.models.decisions import Decision, Verdict

NOW_US = 1_785_000_000_000_000
DAY_US = 86_400_000_000
A, B = (bytes([n]) * 32 for n in (1, 2))


def opened(folder: Path, now_us: int = NOW_US) -> tuple[Library, backup.Restored | None]:
    return backup.open_sound(folder, now_us)


def damage(file: Path) -> None:
    """Overwrite the second half of a file with noise."""
    size = file.stat().st_size
    with file.open("r+b") as out:
        out.seek(size // 2)
        out.write(random.Random(0).randbytes(size - size // 2))


def filled(folder: Path) -> Library:
    library, _ = opened(folder)
    for n in range(200):
        library.folders.add(Path(f"/photos/{n}"), n)
    return library


def test_a_backup_is_private_whole_and_the_newest_few_are_kept(tmp_path: Path) -> None:
    library = filled(tmp_path)
    made = [backup.back_up(library, tmp_path, NOW_US + n * DAY_US, keep=2) for n in range(4)]
    library.close()
    assert backup.backups(tmp_path) == [made[3], made[2]]
    assert stat.S_IMODE(backup.backups(tmp_path)[0].stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "backups").stat().st_mode) == 0o700
    assert sorted(os.listdir(tmp_path)) == ["backups", "decisions.jsonl", "decisions.lock", database.LIBRARY_FILE_NAME]


@pytest.mark.parametrize("how", ["noise", "nothing", "gone", "another file", "header"])
def test_a_library_that_is_damaged_or_gone_comes_back_from_its_backup(tmp_path: Path, how: str) -> None:
    library = filled(tmp_path)
    backup.back_up(library, tmp_path, NOW_US, keep=2)
    DecisionJournal(tmp_path).decide([Decision(A, Verdict.KEEP, 5)])
    library.folders.add(Path("/later"), 1)
    library.close()
    file = tmp_path / database.LIBRARY_FILE_NAME
    if how == "noise":
        damage(file)
    elif how == "nothing":
        file.write_bytes(b"")
    elif how == "gone":
        file.unlink()
    elif how == "another file":
        file.write_bytes(b"once upon a time" * 5000)
    else:
        file.write_bytes(b"\0" * 100 + file.read_bytes()[100:])
    library, restored = opened(tmp_path, NOW_US + DAY_US)
    assert restored is not None
    assert restored.backup == backup.backups(tmp_path)[0]
    assert len(library.folders.all()) == 200
    assert library.decisions.all() == [Decision(A, Verdict.KEEP, 5)]
    library.close()
    assert (restored.aside is None) == (how == "gone")
    assert restored.aside is None or restored.aside.exists()
    assert opened(tmp_path)[1] is None


def test_a_damaged_backup_is_passed_over(tmp_path: Path) -> None:
    library = filled(tmp_path)
    older = backup.back_up(library, tmp_path, NOW_US, keep=2)
    newer = backup.back_up(library, tmp_path, NOW_US + DAY_US, keep=2)
    library.close()
    assert newer is not None
    damage(newer)
    damage(tmp_path / database.LIBRARY_FILE_NAME)
    library, restored = opened(tmp_path)
    assert restored is not None
    assert restored.backup == older
    assert len(library.folders.all()) == 200
    library.close()


def test_without_a_backup_an_empty_library_takes_the_place(tmp_path: Path) -> None:
    library = filled(tmp_path)
    DecisionJournal(tmp_path).decide([Decision(A, Verdict.DIFFERENT, 6, other=B)])
    library.close()
    damage(tmp_path / database.LIBRARY_FILE_NAME)
    library, restored = opened(tmp_path)
    assert restored is not None
    assert restored.backup is None
    assert library.folders.all() == []
    assert library.decisions.all() == [Decision(A, Verdict.DIFFERENT, 6, other=B)]
    library.close()


def test_no_backup_is_made_of_a_damaged_library(tmp_path: Path) -> None:
    library = filled(tmp_path)
    good = backup.back_up(library, tmp_path, NOW_US, keep=1)
    library.close()
    library, _ = opened(tmp_path)
    pages = (tmp_path / database.LIBRARY_FILE_NAME).stat().st_size // 4096
    with (tmp_path / database.LIBRARY_FILE_NAME).open("r+b") as out:  # behind the back of the open library
        for page in range(1, pages):
            out.seek(page * 4096)
            out.write(b"\xff" * 64)
    with pytest.raises(LibraryDamagedError):
        backup.back_up(library, tmp_path, NOW_US + DAY_US, keep=1)
    library.close()
    assert backup.backups(tmp_path) == [good]


def test_what_a_crash_left_of_a_backup_or_a_restoration_is_removed(tmp_path: Path) -> None:
    library = filled(tmp_path)
    backup.back_up(library, tmp_path, NOW_US, keep=1)
    library.close()
    leftovers = [tmp_path / "backups" / ".library-x.db.tmp", tmp_path / f".{database.LIBRARY_FILE_NAME}.restored"]
    for leftover in leftovers:
        leftover.write_bytes(b"half")
    opened(tmp_path)[0].close()
    assert not any(leftover.exists() for leftover in leftovers)


def test_backups_dated_by_a_clock_that_ran_ahead_do_not_outlive_the_real_ones(tmp_path: Path) -> None:
    library = filled(tmp_path)
    for n in range(2):
        backup.back_up(library, tmp_path, NOW_US + (8000 + n) * DAY_US, keep=2)
    made = backup.back_up(library, tmp_path, NOW_US, keep=2)
    assert backup.backups(tmp_path) == [made]
    library.close()


def test_a_log_left_by_a_vanished_library_is_not_played_into_its_backup(tmp_path: Path) -> None:
    library = filled(tmp_path)
    backup.back_up(library, tmp_path, NOW_US, keep=2)
    for n in range(50):
        library.folders.add(Path(f"/later/{n}"), n)
    (tmp_path / database.LIBRARY_FILE_NAME).unlink()  # its log stays, as after a kill
    again, restored = opened(tmp_path)
    assert restored is not None
    assert len(again.folders.all()) == 200
    again.close()
    library.close()


@pytest.mark.parametrize("how", ["replaced", "moved away"])
def test_what_takes_the_place_of_an_open_library_is_opened_and_gets_nothing_of_its_log(
    tmp_path: Path, how: str
) -> None:
    library = filled(tmp_path)
    old = backup.back_up(library, tmp_path, NOW_US, keep=2)
    assert old is not None
    for n in range(50):
        library.folders.add(Path(f"/later/{n}"), n)
    file, put_back = tmp_path / database.LIBRARY_FILE_NAME, Path(shutil.copy(old, tmp_path / "put-back"))
    if how == "replaced":
        put_back.replace(file)
    else:
        file.rename(tmp_path / "elsewhere.db")
    reading = Library.open(tmp_path) if how == "replaced" else None  # its log is open, so it can't be folded in
    with pytest.raises(LibraryReplacedError):
        library.folders.add(Path("/lost"), 1)
    library.close()
    if reading is not None:
        reading.close()
    again, _ = opened(tmp_path)
    assert len(again.folders.all()) == 200
    again.close()
