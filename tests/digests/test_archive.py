"""The shelf of digests: how long they stay, the page that lists them, and what is never touched."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from dejashot.digests.archive import ALWAYS_KEPT, Archive
from dejashot.library.library import Library
from dejashot.library.tables.digest_runs import DigestRun
from dejashot.models.capture import microseconds
from dejashot.reports.report import Report

NOW = datetime(2026, 11, 22, 20, tzinfo=UTC)
FORMS = (".html", ".json", ".txt")


@pytest.fixture
def library(tmp_path: Path) -> Library:
    (tmp_path / "library").mkdir()
    return Library.open(tmp_path / "library")


def shelve(library: Library, folder: Path, days_ago: int) -> Path:
    """Put a digest of some days ago on the shelf."""
    slot = NOW - timedelta(days=days_ago)
    page = folder / f"{slot:%Y-%m-%d_%H%M}.html"
    folder.mkdir(exist_ok=True)
    for form in FORMS:
        page.with_suffix(form).write_text("a digest")
    library.digest_runs.put(
        DigestRun(microseconds(slot), "done", 0, 10_000 - days_ago, 1, 5, 1, 1_000_000, str(page).encode())
    )
    return page


def there(page: Path) -> list[bool]:
    return [page.with_suffix(form).exists() for form in FORMS]


def test_old_digests_go_the_newest_ten_and_everything_else_stay(library: Library, tmp_path: Path) -> None:
    shelf = tmp_path / "digests"
    pages = [shelve(library, shelf, days) for days in range(0, 420, 30)]
    (shelf / "2020-01-01_2000.html").write_text("somebody's own")
    (shelf / "notes.txt").write_text("somebody's own")
    archive = Archive(library, shelf, UTC, 90 * 86400)
    archive.tidy(NOW)
    assert [there(p) == [True] * 3 for p in pages] == [True] * ALWAYS_KEPT + [False] * (len(pages) - ALWAYS_KEPT)
    assert [there(p) for p in pages[ALWAYS_KEPT:]] == [[False] * 3] * (len(pages) - ALWAYS_KEPT)
    assert (shelf / "2020-01-01_2000.html").exists()
    assert (shelf / "notes.txt").exists()
    runs = library.digest_runs.in_states("done")
    assert len(runs) == len(pages)
    assert [bool(r.file) for r in runs] == [True] * ALWAYS_KEPT + [False] * (len(pages) - ALWAYS_KEPT)
    page = (shelf / "index.html").read_text()
    assert page.count('<li><a href="2') == ALWAYS_KEPT
    assert "1 digest counted here, no longer kept" in page
    assert "14 digests since" in page


def test_digests_are_kept_for_ever_where_that_is_wanted(library: Library, tmp_path: Path) -> None:
    pages = [shelve(library, tmp_path / "digests", days) for days in range(0, 4200, 300)]
    Archive(library, tmp_path / "digests", UTC, None).tidy(NOW)
    assert all(all(there(p)) for p in pages)


def test_a_shelf_that_is_away_is_tidied_when_it_is_back(library: Library, tmp_path: Path) -> None:
    shelf = tmp_path / "disk"
    pages = [shelve(library, shelf, days) for days in range(0, 420, 30)]
    shelf.rename(tmp_path / "unplugged")
    elsewhere = Archive(library, tmp_path / "digests", UTC, 90 * 86400)
    elsewhere.tidy(NOW)
    assert all(r.file for r in library.digest_runs.in_states("done"))
    (tmp_path / "unplugged").rename(shelf)
    elsewhere.tidy(NOW)
    assert [there(p)[0] for p in pages] == [True] * ALWAYS_KEPT + [False] * (len(pages) - ALWAYS_KEPT)
    assert (tmp_path / "digests" / "index.html").read_text().count(f'<li><a href="{shelf.as_uri()}') == ALWAYS_KEPT


def test_links_follow_a_shelf_that_moved_and_leave_out_what_is_gone(library: Library, tmp_path: Path) -> None:
    pages = [shelve(library, tmp_path / "old", days) for days in range(3)]
    pages[2].unlink()
    (tmp_path / "old").rename(tmp_path / "new")
    Archive(library, tmp_path / "new", UTC, 86400 * 365.0).tidy(NOW)
    page = (tmp_path / "new" / "index.html").read_text()
    assert [name in page for name in (f'href="{p.name}"' for p in pages)] == [True, True, False]


def test_a_page_of_somebody_else_is_not_replaced_and_not_linked_to(library: Library, tmp_path: Path) -> None:
    shelf = tmp_path / "digests"
    shelve(library, shelf, 0)
    (shelf / "index.html").write_text("<h1>My home page</h1>")
    archive = Archive(library, shelf, UTC, None)
    archive.tidy(NOW)
    assert (shelf / "index.html").read_text() == "<h1>My home page</h1>"
    (shelf / "index.html").unlink()
    archive.tidy(NOW)
    first = (shelf / "index.html").stat()
    assert first.st_mode & 0o077 == 0
    archive.tidy(NOW)
    assert (shelf / "index.html").stat().st_ino == first.st_ino
    shelve(library, shelf, 1)
    archive.tidy(NOW)
    assert (shelf / "index.html").stat().st_ino != first.st_ino


def test_two_slots_of_one_local_time_have_two_files_and_a_crash_takes_its_own(library: Library, tmp_path: Path) -> None:
    shelf = tmp_path / "digests"
    shelf.mkdir()
    berlin, york = (
        Archive(library, shelf, ZoneInfo("Europe/Berlin"), None),
        Archive(library, shelf, ZoneInfo("America/New_York"), None),
    )
    slot = datetime(2026, 7, 1, 18, tzinfo=UTC)
    first = berlin.page_for(slot)
    first.with_suffix(".json").write_text("{}")
    second = york.page_for(slot + timedelta(hours=6))
    assert (first.name, second.name) == ("2026-07-01_2000.html", "2026-07-01_2000-0400.html")
    second.write_text("half")
    assert york.page_for(slot + timedelta(hours=6), str(second).encode()) == second
    assert york.page_for(slot + timedelta(hours=6), b"/elsewhere/x.html").parent == shelf


def test_a_digest_shows_what_came_in_the_weeks_before(library: Library, tmp_path: Path, report: Report) -> None:
    shelf = tmp_path / "digests"
    archive = Archive(library, shelf, UTC, None)

    def note(days_ago: int, after_seq: int, photos: int, could_go: int) -> None:
        slot_us = microseconds(NOW - timedelta(days=days_ago))
        run = DigestRun(slot_us, "done", after_seq, 1000 - days_ago, 1, photos, 1, removable_photos=could_go)
        library.digest_runs.put(run)

    def chart() -> str:
        archive.write(shelf / "now.html", NOW, report)
        return (shelf / "now.html").read_text().partition("The last weeks")[2]

    note(40, 0, 7000, 900)  # the very first: all photos there were
    assert chart() == ""
    note(8, 1, 30, 4)
    note(9, 1, 2, 1)
    note(22, 1, 1, 0)
    note(200, 1, 5000, 50)
    lines = chart().partition('<ul class="spoken">')[2].partition("</ul>")[0].replace("<li>", "").split("</li>")
    assert lines[:-1] == [
        "Week of 26 October 2026, 1 photo came, 0 photos could go",
        "Week of 2 November 2026, 0 photos came, 0 photos could go",
        "Week of 9 November 2026, 32 photos came, 5 photos could go",
        f"Week of 16 November 2026, {report.new_photos} photos came, 3 photos could go",
    ]
