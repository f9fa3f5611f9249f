"""The timeline as the page shows it: every shot once, on the day it was taken where it was taken."""

from dataclasses import replace
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from dejashot.models.capture import CaptureTime
from dejashot.models.groups import Kind
from dejashot.web.views.timeline import TimelineView, local_day
from group_views import groups_view_of, report_of
from shots import shot, unit

FIRST = date(2026, 7, 1)


def test_months_and_days_newest_first() -> None:
    far = [shot(40 * 86400, unit(0, 0, 0, 1), path="august.jpg"), shot(86400, unit(0, 0, 1), path="next.jpg")]
    groups_view = groups_view_of(3, extra=far)
    timeline = TimelineView(groups_view.report, groups_view.group_of)
    months = timeline.months()
    assert [month for month, _ in months] == [date(2026, 8, 1), date(2026, 7, 1)]
    july = months[1][1]
    assert [(d.day, d.shots, d.runs, d.groups) for d in july] == [
        (FIRST + timedelta(days=1), 1, 0, 0),
        (FIRST, 3, 1, 1),
    ]
    assert july[1].first.path == "0-0.jpg"
    assert timeline.around(FIRST) == (None, FIRST + timedelta(days=1))
    assert timeline.around(date(2027, 1, 1)) == (date(2026, 8, 10), None)


def test_a_run_tells_what_lies_between_its_shots() -> None:
    groups_view = groups_view_of(3)
    runs, count = TimelineView(groups_view.report, groups_view.group_of).day(FIRST, 0, 9)
    assert count == 1
    (run,) = runs
    assert [step.link is None for step in run.steps] == [True, False, False]
    assert {step.group for step in run.steps} == {groups_view.report.groups[0].id}
    assert not any(step.in_series for step in run.steps)


def test_frames_of_a_series_are_no_retakes() -> None:
    report = groups_view_of(3).report
    (chosen,) = report.groups
    series = replace(report, groups=[replace(chosen, group=replace(chosen.group, kind=Kind.SERIES, series="sweep"))])
    ((run,), _) = TimelineView(series, {}).day(FIRST, 0, 9)
    assert [step.in_series for step in run.steps] == [False, True, True]


def test_a_day_is_that_of_the_place() -> None:
    late = shot(0)
    late.taken = CaptureTime(late.taken.taken_us, 14 * 3600, late.taken.source, late.taken.certainty)
    assert local_day(shot(0)) == FIRST
    assert local_day(late) == FIRST + timedelta(days=1)


@given(st.lists(st.integers(0, 400_000), min_size=1, max_size=40, unique=True), st.integers(1, 5))
def test_every_shot_is_on_one_day_once_page_by_page(seconds: list[int], count: int) -> None:
    shots = [shot(s, path=f"{s}.jpg") for s in sorted(seconds)]
    report = report_of(shots, {})
    timeline = TimelineView(report, {})
    found = []
    for _, month in timeline.months():
        for day in month:
            start, total = 0, 1
            while start < total:
                runs, total = timeline.day(day.day, start, count)
                found += [step.shot.path for run in runs for step in run.steps]
                start += count
    assert sorted(found) == sorted(s.path for s in shots)
