"""The timeline as the page shows it: every shot once, on the day it was taken where it was taken."""

from dataclasses import replace
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from dejashot.web.views.timeline import TimelineView, strip_of
from group_views import MadeGroups, groups_view_of, made_groups
from shots import shot, unit

FIRST = date(2026, 7, 1)


def timeline_of(made: MadeGroups) -> TimelineView:
    return TimelineView(made.loader)


def test_months_and_days_newest_first() -> None:
    far = [shot(40 * 86400, unit(0, 0, 0, 1), path="august.jpg"), shot(86400, unit(0, 0, 1), path="next.jpg")]
    groups_view = groups_view_of(3, extra=far)
    timeline = timeline_of(groups_view)
    months, older = timeline.months(None, 9)
    assert [month for month, _ in months] == [date(2026, 8, 1), date(2026, 7, 1)]
    assert older is None
    july = months[1][1]
    assert [(d.day, d.shots, d.runs, d.groups) for d in july] == [
        (FIRST + timedelta(days=1), 1, 0, 0),
        (FIRST, 3, 1, 1),
    ]
    assert july[1].first == groups_view.report.shots[0].content.hex()
    assert timeline.months(None, 1) == (months[:1], date(2026, 7, 1))
    assert timeline.months(date(2026, 7, 1), 1) == (months[1:], None)
    assert timeline.around(FIRST) == (None, FIRST + timedelta(days=1))
    assert timeline.around(date(2027, 1, 1)) == (date(2026, 8, 10), None)


def test_the_strip_shows_how_many_shots_of_a_day_are_alike() -> None:
    bracket = [shot(9000 + 0.4 * n, path=f"AEB_{n}.jpg", bias_ev=bias) for n, bias in enumerate((0.0, -2.0, 2.0))]
    next_day = shot(86400, unit(0, 0, 1), path="next.jpg")
    months, _ = timeline_of(groups_view_of(3, extra=[*bracket, next_day])).months(None, 9)
    ((month, (next_one, first)),) = months
    assert (first.shots, first.alike, first.alike_percent) == (6, 3, 50)  # a bracket is no group of the same shot
    assert (next_one.shots, next_one.alike) == (1, 0)
    ((shown, (drawn, later)),) = strip_of(months)
    assert shown == month
    assert [(part.name, part.height, part.top) for part in drawn.parts] == [("alike", 50, 50), ("rest", 50, 0)]
    assert [part.name for part in later.parts] == ["rest"]
    assert drawn.left == 0 and later.left > drawn.parts[0].left + drawn.parts[0].width
    assert 0 < later.parts[0].height < 100


def test_a_run_tells_what_lies_between_its_shots() -> None:
    groups_view = groups_view_of(3)
    runs, count = timeline_of(groups_view).day(FIRST, 0, 9)
    assert count == 1
    (run,) = runs
    assert [step.link is None for step in run.steps] == [True, False, False]
    assert {step.group for step in run.steps} == {groups_view.report.groups[0].id}
    assert not any(step.in_series for step in run.steps)


def test_frames_of_a_series_are_no_retakes() -> None:
    bracket = [shot(0.4 * n, path=f"AEB_{n}.jpg", bias_ev=bias) for n, bias in enumerate((0.0, -2.0, 2.0))]
    ((run,), _) = timeline_of(made_groups(bracket)).day(FIRST, 0, 9)
    assert [step.in_series for step in run.steps] == [False, True, True]


def test_a_day_is_that_of_the_place() -> None:
    late = shot(0)
    late = replace(late, taken=replace(late.taken, offset_s=14 * 3600))
    months, _ = timeline_of(made_groups([late])).months(None, 1)
    assert months[0][1][0].day == FIRST + timedelta(days=1)


@given(st.integers(1, 40))
def test_every_shot_is_on_one_day_once_page_by_page(count: int) -> None:
    seconds = sorted({n * n * 37 % 400_000 for n in range(120)})
    shots = [shot(s, unit(*[0] * (n % 9), 1), path=f"{s}.jpg") for n, s in enumerate(seconds)]
    timeline = timeline_of(made_groups(shots))
    found = []
    for _, month in timeline.months(None, 9)[0]:
        for day in month:
            start, total = 0, 1
            while start < total:
                runs, total = timeline.day(day.day, start, count)
                found += [step.shot.path for run in runs for step in run.steps]
                start += count
    assert sorted(found) == sorted(s.path for s in shots)
