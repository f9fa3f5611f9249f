"""The table of savings: every byte in one column, names of one file counted once, what stays never."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from dejashot.actions.history import MovedBytes
from dejashot.models.decisions import Verdict
from dejashot.models.shot import Shot
from dejashot.reports.saving import surplus
from dejashot.web.views.decisions import OwnerDecisions
from dejashot.web.views.savings import MAX_DEVICES, MAX_MONTHS, Savings, Table, device_bars, savings, time_chart
from group_views import MadeGroups, made_groups
from shots import shot, unit


def made_of(*, linked: bool = False) -> MadeGroups:
    """Return the groups of a burst of three by one camera and a pair by another, a month later."""
    shots = [shot(n, path=f"a{n}.jpg", model="One") for n in range(3)]
    shots += [shot(3_000_000 + n, unit(0, 1), path=f"b{n}.jpg", model="Two") for n in range(2)]
    shots = [replace(s, node=(1, n), size_bytes=1000 * (n + 1)) for n, s in enumerate(shots)]
    if linked:
        shots[1] = replace(shots[1], node=shots[0].node)
    return made_groups(shots)


def test_what_waits_is_suggested_and_what_is_rejected_is_chosen() -> None:
    made = made_of()
    shots = made.report.shots
    decisions = OwnerDecisions({shots[0].content: Verdict.REJECT, shots[1].content: Verdict.KEEP})
    table = savings(made.view(decisions), MovedBytes({}, {}))
    assert table.total.columns == {"suggested": 7000, "chosen": 1000, "set_aside": 0, "freed": 0}
    assert [(line.name, line.columns["suggested"], line.columns["chosen"]) for line in table.cameras] == [
        ("Testcam One", 3000, 1000),
        ("Testcam Two", 4000, 0),
    ]
    assert [line.name for line in table.months] == sorted((line.name for line in table.months), reverse=True)
    assert len(table.months) == 2


def test_what_was_moved_is_no_longer_chosen_but_set_aside_or_freed() -> None:
    made = made_of()
    verdicts = {made.report.shots[0].content: Verdict.REJECT}
    moved = MovedBytes(set_aside={("2026-07", "Testcam One"): 1000}, freed={("2026-06", ""): 5})
    view = made.view(OwnerDecisions(verdicts), is_there=lambda _: False)
    table = savings(view, moved)
    assert view.totals().chosen_photos == 0
    assert (table.total.columns["chosen"], table.total.columns["set_aside"], table.total.columns["freed"]) == (
        0,
        1000,
        5,
    )
    assert "no camera named" in [line.name for line in table.cameras]


def test_another_name_of_a_file_that_stays_frees_nothing() -> None:
    made = made_of(linked=True)
    first, second, *_ = made.report.shots
    verdicts = {first.content: Verdict.REJECT, second.content: Verdict.KEEP}
    found = dict(surplus(made.report.shots, made.report.groups, verdicts))
    assert first not in found


def saved(*months: str, cameras: int = 1) -> Savings:
    """Return a table of one kilobyte freed, and two suggested, in some months by each of some cameras."""
    table = Table()
    for month in months:
        for n in range(cameras):
            table.add("freed", 1000, month, f"Camera {n}")
            table.add("suggested", 2000, month, f"Camera {n}")
    return table.done()


def test_months_are_drawn_in_time_order_with_the_empty_ones_between_them() -> None:
    chart, by_year = time_chart(saved("2026-02", "", "2025-11"))
    assert not by_year
    assert [column.words[0] for column in chart.columns] == [
        "November 2025",
        "December 2025",
        "January 2026",
        "February 2026",
    ]
    assert [[part.name for part in column.parts] for column in chart.columns] == [
        ["freed", "suggested"],
        [],
        [],
        ["freed", "suggested"],
    ]
    assert chart.columns[0].words[1:] == ("Suggested: 2.0 kB", "Freed: 1.0 kB")
    assert chart.columns[0].label == "Nov 2025"
    assert time_chart(saved("", "no date"))[0].columns == ()


def test_a_long_time_is_drawn_by_year_and_a_wrong_clock_makes_no_empty_decades() -> None:
    assert time_chart(saved("2023-01", "2025-12"))[1] is False
    assert MAX_MONTHS == 36
    chart, by_year = time_chart(saved("1970-01", "2024-05", "2024-06", "2026-07"))
    assert by_year
    assert [column.words for column in chart.columns] == [
        ("1970", "Suggested: 2.0 kB", "Freed: 1.0 kB"),
        ("2024", "Suggested: 4.0 kB", "Freed: 2.0 kB"),
        ("2026", "Suggested: 2.0 kB", "Freed: 1.0 kB"),
    ]


def test_devices_are_drawn_to_one_scale() -> None:
    table = Table()
    table.add("freed", 1000, "2026-07", "One")
    table.add("chosen", 3000, "2026-07", "One")
    table.add("suggested", 2000, "2026-07", "Two")
    bars = device_bars(table.done().cameras)
    assert [(bar.name, bar.sum_bytes) for bar in bars] == [("One", 4000), ("Two", 2000)]
    assert [[(part.name, part.left, part.width) for part in bar.parts] for bar in bars] == [
        [("freed", 0, 25), ("chosen", 25, 75)],
        [("suggested", 0, 50)],
    ]
    assert len(device_bars(saved("2026-07", cameras=MAX_DEVICES + 3).cameras)) == MAX_DEVICES
    assert device_bars(()) == ()


@given(st.lists(st.sampled_from([None, *(w for w in Verdict if w is not Verdict.DIFFERENT)]), min_size=5, max_size=5))
def test_every_file_stands_in_one_column_at_most_and_what_is_kept_in_none(chosen: list[Verdict | None]) -> None:
    made = made_of()
    verdicts = {s.content: verdict for s, verdict in zip(made.report.shots, chosen, strict=True) if verdict is not None}
    found: list[tuple[Shot, str]] = list(surplus(made.report.shots, made.report.groups, verdicts))
    assert len({s.node for s, _ in found}) == len(found)
    for s, column in found:
        assert verdicts.get(s.content) is (Verdict.REJECT if column == "chosen" else None)
    totals = made.totals(OwnerDecisions(verdicts))
    chosen = [s for s, column in found if column == "chosen"]
    assert (totals.chosen_photos, totals.chosen_bytes) == (len(chosen), sum(s.whole_bytes for s in chosen))
