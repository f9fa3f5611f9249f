"""Kept groups are a cache: any doubt ends them, whatever stops the work on them costs nothing but that work."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from dejashot.config.settings import Settings
from dejashot.errors import LibraryError
from dejashot.library.backup import back_up, open_sound
from dejashot.library.library import Library
from dejashot.models.capture import now_us
from dejashot.models.decisions import Decision, Verdict
from dejashot.models.files import FileRef
from dejashot.reading.options import worker_options
from dejashot.reading.pool import ReaderPool
from dejashot.reports.closer_look.preempt import PreemptedError
from dejashot.reports.context import LibraryResults, ReadOnlyResults, ReportContext, open_context
from dejashot.reports.kept import keeper as keeping
from dejashot.reports.kept.keeper import GroupKeeper
from dejashot.reports.kept.view import open_groups
from dejashot.reports.parameters import closer_look_rules
from made_groups import add_groups
from raw_library import raw_library
from shots import START_US

GROUPS = 12


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    """Give the test a library of some groups."""
    folder = tmp_path / "library"
    folder.mkdir(mode=0o700)
    add_groups(folder, range(GROUPS))
    opened = Library.open(folder)
    row = opened.vectors.active_model() or opened.vectors.add_model("", "{}")
    opened.vectors.activate_model(row.id)
    yield opened
    opened.close()


def context_of(library: Library, settings: Settings | None = None) -> ReportContext:
    """Return what the owner of a library works with."""
    library.sync_decisions()
    row = library.vectors.active_model()
    assert row is not None
    chosen = settings or Settings()
    pool = ReaderPool(worker_options(chosen), 1)
    return ReportContext(chosen, library, row, pool, library.journal, LibraryResults(library, row.id))


def keep(library: Library, settings: Settings | None = None) -> None:
    """Keep the groups of a library."""
    with closing(GroupKeeper(library)) as keeper:
        keeper.keep(context_of(library, settings))


def is_read_from_file(library: Library) -> bool:
    """Return whether who reads the groups reads the kept ones alone."""
    with open_groups(replace(context_of(library), results=ReadOnlyResults())) as view:
        assert view.totals().groups == GROUPS
        return len(view.sources) == 1 and view.sources[0].kept.basis()["change"] == str(library.changes.groups_change)


def file_of(library: Library) -> Path:
    """Return the file of kept groups in use."""
    return library.folder / f"groups-{library.changes.groups_file}.db"


def test_who_reads_finds_what_is_kept_and_a_decision_that_the_owner_of_the_library_does_not_know_of(
    library: Library,
) -> None:
    assert not library.changes.groups_file
    keep(library)
    with open_context(Settings(), library.folder) as context:
        with open_groups(context) as view:
            assert len(view.sources) == 1
            first = next(iter(view.groups()))
        context.journal.decide([Decision(first.shots[0].content, Verdict.REJECT, START_US)])
        with open_groups(context) as view:
            assert [len(source.without) for source in view.sources] == [1, 0]
            found = next(iter(view.groups()))
            assert (found.group.id, found.group.decided) == (first.group.id, {0: Verdict.REJECT})
            assert view.totals().groups == GROUPS


@pytest.mark.parametrize("damage", ["cut", "overwritten", "gone", "empty", "a folder", "another program's"])
def test_a_file_that_is_not_what_was_kept_is_made_anew_and_nobody_reads_it(library: Library, damage: str) -> None:
    keep(library)
    file = file_of(library)
    if damage == "cut":
        file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    elif damage == "overwritten":
        data = bytearray(file.read_bytes())
        data[4096:] = bytes(len(data) - 4096)
        file.write_bytes(data)
    else:
        file.unlink()
    if damage == "empty":
        file.touch(mode=0o600)
    elif damage == "a folder":
        file.mkdir()
    elif damage == "another program's":
        file.write_bytes(b"no database at all" * 1000)
    with open_groups(replace(context_of(library), results=ReadOnlyResults())) as view:
        assert view.totals().groups == len(list(view.groups())) == GROUPS
    keep(library)
    assert is_read_from_file(library)


def test_damage_that_nobody_has_met_is_found_within_a_day(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    keep(library)
    number, file = library.changes.groups_file, file_of(library)
    data = bytearray(file.read_bytes())
    data[-4096:] = bytes(4096)
    file.write_bytes(data)
    keep(library)
    monkeypatch.setattr(keeping, "now_us", lambda: now_us() + 2 * 86_400_000_000)
    keep(library)
    assert library.changes.groups_file != number
    assert is_read_from_file(library)


@pytest.mark.parametrize(("behind", "holds"), [(0, True), (1, True), (2, False), (-1, False)])
def test_a_file_that_is_ahead_by_more_than_a_crash_explains_is_not_trusted(
    library: Library, behind: int, holds: bool
) -> None:
    keep(library)
    number, change = library.changes.groups_file, library.changes.groups_change
    library.changes.note_kept(number, change - behind)
    keep(library)
    assert (library.changes.groups_file == number) is holds
    library.files.mark_missing(1, [b"IMG_00000_0.jpg"], START_US)
    keep(library)
    assert is_read_from_file(library)


def test_the_groups_of_a_library_that_came_back_from_its_backup_are_made_anew(library: Library) -> None:
    keep(library)
    back_up(library, library.folder, START_US, 1)
    library.files.mark_missing(1, [b"IMG_00000_0.jpg", b"IMG_00000_1.jpg"], START_US)
    keep(library)
    library.close()
    (library.folder / "library.db").write_bytes(b"x" * 8192)
    restored, how = open_sound(library.folder, START_US)
    with closing(restored):
        assert how is not None
        assert not file_of(restored).exists()
        keep(restored)
        assert is_read_from_file(restored)


def test_other_settings_make_other_groups_while_those_before_are_in_use(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "SHOTS_AT_ONCE", 6)
    keep(library)
    before = file_of(library)
    other = Settings.model_validate({"sifting": {"interval_s": 1.0}})
    asked = iter([False, True, False, True] + [False] * 100)
    told: list[str] = []
    with closing(GroupKeeper(library, lambda: told.append("on"))) as keeper:
        for _ in range(2):
            with pytest.raises(PreemptedError):
                keeper.keep(replace(context_of(library, other), should_stop=lambda: next(asked)))
            assert file_of(library) == before
        assert not keeper.is_current(context_of(library, other))
        steps = len(told)
        keeper.keep(replace(context_of(library, other), should_stop=lambda: next(asked)))
        assert keeper.is_current(context_of(library, other))
        assert steps == 4
        assert len(told) > steps
    assert file_of(library) != before
    assert not before.exists()


def test_work_that_failed_in_between_is_begun_again(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeping, "SHOTS_AT_ONCE", 6)
    file, told = library.folder / "library.db", list[str]()

    def rename(before: str, after: str) -> None:
        with closing(sqlite3.connect(file)) as connection:
            connection.execute(f"ALTER TABLE {before} RENAME TO {after}")

    def makes_it_fail() -> None:
        told.append("on")
        if len(told) == 2:
            rename("quality", "elsewhere")

    with closing(GroupKeeper(library, makes_it_fail)) as keeper:
        with pytest.raises(LibraryError):
            keeper.keep(context_of(library))
        assert not library.changes.groups_file
        rename("elsewhere", "quality")
        keeper.keep(context_of(library))
    assert len(told) > 2
    assert is_read_from_file(library)


def test_what_changed_before_a_file_was_begun_is_not_worked_out_twice(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "SHOTS_AT_ONCE", 6)
    monkeypatch.setattr(keeping, "CHANGES_AT_ONCE", 2)
    assert len(library.changes.all().files) == 3 * GROUPS
    asked = iter([True] + [False] * 100)
    with closing(GroupKeeper(library)) as keeper:
        with pytest.raises(PreemptedError):
            keeper.keep(replace(context_of(library), should_stop=lambda: next(asked)))
        assert len(library.changes.all().files) == 3 * GROUPS
        library.files.mark_missing(1, [b"IMG_00000_0.jpg"], START_US)
        keeper.keep(replace(context_of(library), should_stop=lambda: next(asked)))
    assert not library.changes.any()
    assert library.changes.groups_change == 2
    assert is_read_from_file(library)


def test_where_more_changed_than_there_is_all_is_made_anew(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeping, "CHANGES_AT_ONCE", 2)
    keep(library)
    before = library.changes.groups_file
    library.files.mark_missing(1, [b"IMG_%05d_0.jpg" % n for n in range(GROUPS)], START_US)
    keep(library)
    assert library.changes.groups_file == before
    for n in range(GROUPS):
        files = [b"IMG_%05d_%d.jpg" % (n, k) for k in range(3)]
        library.files.mark_missing(1, files, START_US)
        library.files.sync_state(FileRef(1, files[1]), None, START_US)
    library.folders.remove(1)
    keep(library)
    assert library.changes.groups_file == before + 1


def test_closer_looks_make_groups_anew_of_what_they_were_at_alone(library: Library) -> None:
    keep(library)
    row = library.vectors.active_model()
    assert row is not None
    looked, rules = library.newest_seq() // 2, closer_look_rules(Settings(), row.fingerprint)
    with raw_library(library.folder) as database:
        later = {row[0] for row in database.execute("SELECT id FROM file WHERE arrival_seq > ?", (looked,))}

    def components() -> dict[int, int]:
        with closing(sqlite3.connect(file_of(library))) as database:
            return dict(database.execute("SELECT id, component FROM file"))

    assert 0 < len(later) < len(components())
    for seq, stays in ((looked, components().keys() - later), (0, later)):
        before = components()
        library.closer_looks.note_done(seq, rules, START_US)
        keep(library)
        assert {file for file, component in components().items() if component == before[file]} == stays
        assert is_read_from_file(library)


def test_a_mend_that_is_stopped_goes_on_where_it_was(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    keep(library)
    monkeypatch.setattr(keeping, "CHANGES_AT_ONCE", 2)
    library.files.mark_missing(1, [b"IMG_%05d_0.jpg" % n for n in range(6)], START_US)
    left: list[int] = []

    def stops() -> bool:
        left.append(len(library.changes.all().files))
        return len(left) == 1

    with closing(GroupKeeper(library)) as keeper:
        with pytest.raises(PreemptedError):
            keeper.keep(replace(context_of(library), should_stop=stops))
        keeper.keep(replace(context_of(library), should_stop=stops))
    assert left[:3] == [4, 2, 0]
    assert is_read_from_file(library)
