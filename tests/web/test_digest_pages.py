"""Digests on the page: the same counts as the page itself, and from each group the way to where it is chosen now."""

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from albums import Trip, pages_over
from dejashot.config.settings import ReviewSettings, Settings
from dejashot.digests.runner import DigestRunner
from dejashot.ingest.pipeline import open_pipeline
from dejashot.library.journal import DecisionJournal
from dejashot.library.kept.group_queries import GroupOrder, Show
from dejashot.library.tables.digest_runs import DigestRun
from dejashot.models.capture import microseconds
from dejashot.models.decisions import Decision, Verdict, separated
from dejashot.web.server_state import page_addresses
from dejashot.web.views.state import ReviewState

SLOT = datetime(2026, 11, 27, 20, tzinfo=UTC)
SLOT_US = microseconds(SLOT)
SETTINGS = Settings(review=ReviewSettings(enabled=True))


def make_digest(library: Path) -> DigestRun:
    """Make a digest over all that a library knows."""
    with open_pipeline(SETTINGS, library, 1) as pipeline:
        page = page_addresses(SETTINGS.review)
        runner = DigestRunner(pipeline, UTC, library / "digests", datetime(2026, 1, 1, tzinfo=UTC), page)
        return runner.make(SLOT, pipeline.library.folders.all(), [])


@pytest.mark.parametrize("decided", [False, True])
def test_a_digest_of_everything_counts_what_the_page_counts(trip: Trip, *, decided: bool) -> None:
    before = ReviewState(SETTINGS, trip.library)
    with before.groups() as groups_view:
        waiting, _ = groups_view.page(Show.OPEN, GroupOrder.NEWEST, "", 99)
        first, second, *_ = groups_view.group_views(waiting)
    if decided:
        chosen = {v.shot.content: Verdict.KEEP for v in first.shot_views}
        in_part = {second.shot_views[0].shot.content: Verdict.REJECT}
        DecisionJournal(trip.library).decide([Decision(c, v, 1) for c, v in (chosen | in_part).items()])
    run = make_digest(trip.library)
    for state in (before, ReviewState(SETTINGS, trip.library)):  # decisions come over groups that were made before them
        with state.groups() as groups_view:
            totals = groups_view.totals()
        assert (totals.open, totals.open_photos, totals.open_bytes) == (
            run.groups,
            run.removable_photos,
            run.reclaimable_bytes,
        )
    assert (run.groups < len(waiting)) == decided
    totals = json.loads((trip.library / "digests" / "2026-11-27_2000.json").read_text())["totals"]
    assert (totals["open_groups"], totals["removable_photos"], totals["reclaimable_bytes"]) == (
        run.groups,
        run.removable_photos,
        run.reclaimable_bytes,
    )


def test_the_page_shows_digests_and_leads_from_each_group_to_where_it_is_chosen_now(trip: Trip) -> None:
    run = make_digest(trip.library)
    there = trip.library / "digests"
    with pages_over(trip.library) as served:
        listed = served.ask("/digests").text
        assert f'<a href="/digests/{SLOT_US}">' in listed
        assert f"{run.removable_photos} photos could go" in listed
        shown = served.ask(f"/digests/{SLOT_US}").text
        assert f"{run.removable_photos} photos could go" in shown
        assert f"/photo/{trip.content('IMG_0001.jpg')}/small" in shown
        groups = json.loads((there / "2026-11-27_2000.json").read_text())["groups"]
        written = (there / "2026-11-27_2000.html").read_text()
        for group in (g for g in groups if g["kind"] != "series"):
            assert f'href="http://127.0.0.1:8423/digests/{SLOT_US}/group/{group["id"]}"' in written
            led = served.ask(f"/digests/{SLOT_US}/group/{group['id']}")
            assert (led.status, led.headers["location"]) == (303, f"/group/{group['id']}")
        one = next(g for g in groups if "IMG_0001.jpg" in g["photos"])
        contents = [bytes.fromhex(trip.content(name)) for name in one["photos"]]
        journal = DecisionJournal(trip.library)
        journal.decide([separated(a, b, 2) for n, a in enumerate(contents) for b in contents[n + 1 :]])
        led = served.ask(f"/digests/{SLOT_US}/group/{one['id']}")
        assert (led.status, led.headers["location"]) == (303, "/timeline/2026-07-01")
        assert "Its photos are in no group any more" in served.ask(f"/digests/{SLOT_US}").text
        gone = served.ask(f"/digests/{SLOT_US}/group/0123456789abcdef")
        assert (gone.status, "not there any more" in gone.text) == (404, True)
        assert served.ask("/digests/1").status == 404
        shutil.rmtree(there)
        assert "no longer kept" in served.ask(f"/digests/{SLOT_US}").text


def test_only_an_address_that_others_can_open_is_sent() -> None:
    assert page_addresses(ReviewSettings()).for_files() == ""
    here = page_addresses(ReviewSettings(enabled=True))
    assert (here.for_files(), here.for_messages()) == ("http://127.0.0.1:8423", "")
    both = page_addresses(ReviewSettings(enabled=True, lan=True, port=9000))
    assert both.for_files().startswith("https://")
    assert "127.0.0.1" not in both.for_messages()
