"""A damaged or vanished library comes back from its backup, and the owner's decisions survive everything."""

import os
import random
import stat
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dejashot.errors import LibraryDamagedError
from dejashot.library import backup, database, decisions
from dejashot.library.decisions import Decision, Word
from dejashot.library.store import Store

NOW_US = 1_785_000_000_000_000
DAY_US = 86_400_000_000
A, B, C = (bytes([n]) * 32 for n in (1, 2, 3))


def opened(folder: Path, now_us: int = NOW_US) -> tuple[Store, backup.Restored | None]:
    return backup.open_sound(folder, now_us)


def damage(file: Path) -> None:
    """Overwrite the second half of a file with noise."""
    size = file.stat().st_size
    with file.open("r+b") as out:
        out.seek(size // 2)
        out.write(random.Random(0).randbytes(size - size // 2))


def filled(folder: Path) -> Store:
    store, _ = opened(folder)
    for n in range(200):
        store.add_folder(Path(f"/photos/{n}"), n)
    return store


def test_a_backup_is_private_whole_and_the_newest_few_are_kept(tmp_path: Path) -> None:
    store = filled(tmp_path)
    made = [backup.back_up(store, tmp_path, NOW_US + n * DAY_US, keep=2) for n in range(4)]
    store.close()
    assert backup.backups(tmp_path) == [made[3], made[2]]
    assert stat.S_IMODE(backup.backups(tmp_path)[0].stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "backups").stat().st_mode) == 0o700
    assert sorted(os.listdir(tmp_path)) == ["backups", "decisions.jsonl", database.FILE_NAME]


@pytest.mark.parametrize("how", ["noise", "nothing", "gone", "another file", "header"])
def test_a_library_that_is_damaged_or_gone_comes_back_from_its_backup(tmp_path: Path, how: str) -> None:
    store = filled(tmp_path)
    backup.back_up(store, tmp_path, NOW_US, keep=2)
    store.decide(Decision(A, Word.KEEP, 5))
    store.add_folder(Path("/later"), 1)
    store.close()
    file = tmp_path / database.FILE_NAME
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
    store, restored = opened(tmp_path, NOW_US + DAY_US)
    assert restored is not None
    assert restored.backup == backup.backups(tmp_path)[0]
    assert len(store.folders()) == 200
    assert store.decisions() == [Decision(A, Word.KEEP, 5)]
    store.close()
    assert (restored.aside is None) == (how == "gone")
    assert restored.aside is None or restored.aside.exists()
    assert opened(tmp_path)[1] is None


def test_a_damaged_backup_is_passed_over(tmp_path: Path) -> None:
    store = filled(tmp_path)
    older = backup.back_up(store, tmp_path, NOW_US, keep=2)
    newer = backup.back_up(store, tmp_path, NOW_US + DAY_US, keep=2)
    store.close()
    assert newer is not None
    damage(newer)
    damage(tmp_path / database.FILE_NAME)
    store, restored = opened(tmp_path)
    assert restored is not None
    assert restored.backup == older
    assert len(store.folders()) == 200
    store.close()


def test_without_a_backup_an_empty_library_takes_the_place(tmp_path: Path) -> None:
    store = filled(tmp_path)
    store.decide(Decision(A, Word.DIFFERENT, 6, other=B))
    store.close()
    damage(tmp_path / database.FILE_NAME)
    store, restored = opened(tmp_path)
    assert restored is not None
    assert restored.backup is None
    assert store.folders() == []
    assert store.decisions() == [Decision(A, Word.DIFFERENT, 6, other=B)]
    store.close()


def test_no_backup_is_made_of_a_damaged_library(tmp_path: Path) -> None:
    store = filled(tmp_path)
    good = backup.back_up(store, tmp_path, NOW_US, keep=1)
    store.close()
    store, _ = opened(tmp_path)
    pages = (tmp_path / database.FILE_NAME).stat().st_size // 4096
    with (tmp_path / database.FILE_NAME).open("r+b") as out:  # behind the back of the open library
        for page in range(1, pages):
            out.seek(page * 4096)
            out.write(b"\xff" * 64)
    with pytest.raises(LibraryDamagedError):
        backup.back_up(store, tmp_path, NOW_US + DAY_US, keep=1)
    store.close()
    assert backup.backups(tmp_path) == [good]


def test_what_a_crash_left_of_a_backup_or_a_restoration_is_removed(tmp_path: Path) -> None:
    store = filled(tmp_path)
    backup.back_up(store, tmp_path, NOW_US, keep=1)
    store.close()
    leftovers = [tmp_path / "backups" / ".library-x.db.tmp", tmp_path / f".{database.FILE_NAME}.restored"]
    for leftover in leftovers:
        leftover.write_bytes(b"half")
    opened(tmp_path)[0].close()
    assert not any(leftover.exists() for leftover in leftovers)


def test_backups_dated_by_a_clock_that_ran_ahead_do_not_outlive_the_real_ones(tmp_path: Path) -> None:
    store = filled(tmp_path)
    for n in range(2):
        backup.back_up(store, tmp_path, NOW_US + (8000 + n) * DAY_US, keep=2)
    made = backup.back_up(store, tmp_path, NOW_US, keep=2)
    assert backup.backups(tmp_path) == [made]
    store.close()


def test_a_log_left_by_a_vanished_library_is_not_played_into_its_backup(tmp_path: Path) -> None:
    store = filled(tmp_path)
    backup.back_up(store, tmp_path, NOW_US, keep=2)
    for n in range(50):
        store.add_folder(Path(f"/later/{n}"), n)
    (tmp_path / database.FILE_NAME).unlink()  # its log stays, as after a kill
    again, restored = opened(tmp_path)
    assert restored is not None
    assert len(again.folders()) == 200
    again.close()
    store.close()


def test_a_decision_taken_back_stays_so_after_a_restoration(tmp_path: Path) -> None:
    store, _ = opened(tmp_path)
    store.decide(Decision(A, Word.KEEP, 1))
    backup.back_up(store, tmp_path, NOW_US, keep=2)
    store.decide(Decision(A, None, 2))
    store.shorten_journal()
    store.close()
    damage(tmp_path / database.FILE_NAME)
    store, restored = opened(tmp_path)
    assert restored is not None
    assert store.decisions() == []
    store.close()


def test_a_torn_line_of_the_journal_costs_itself_only(tmp_path: Path) -> None:
    decisions.append(tmp_path, [Decision(A, Word.KEEP, 1)])
    with (tmp_path / decisions.JOURNAL_NAME).open("ab") as out:
        out.write(b'{"content": "0202')
    decisions.append(tmp_path, [Decision(C, Word.REJECT, 3)])
    assert list(decisions.journal(tmp_path)) == [Decision(A, Word.KEEP, 1), Decision(C, Word.REJECT, 3)]


some_decisions = st.builds(
    lambda pair, word, us: Decision(pair[0], word, us, pair[1] if word is Word.DIFFERENT else b""),
    st.sampled_from([(A, B), (A, C), (B, C)]),
    st.sampled_from([*Word, None]),
    st.integers(0, 2**50),
)


@settings(deadline=None, max_examples=40)  # every step is on the disk before the next
@given(st.lists(st.tuples(some_decisions, st.sampled_from(["on", "shorten", "restart", "lose the library"])), max_size=12))
def test_the_journal_and_the_library_never_differ(tmp_path_factory: pytest.TempPathFactory, story: list[tuple[Decision, str]]) -> None:
    folder = tmp_path_factory.mktemp("owner")
    store = Store.open(folder)
    expected: dict[tuple[bytes, bytes], Decision] = {}
    for decision, then in story:
        store.decide(decision)
        expected.pop((decision.content, decision.other), None)
        if decision.word is not None:
            expected[decision.content, decision.other] = decision
        if then == "shorten":
            store.shorten_journal()
        elif then != "on":
            store.close()
            if then == "lose the library":
                (folder / database.FILE_NAME).unlink()
            store = Store.open(folder)
        assert {(d.content, d.other): d for d in store.decisions()} == expected
    store.close()
