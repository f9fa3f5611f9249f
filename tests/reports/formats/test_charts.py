"""Charts of columns: every amount has its share of the scale, no rectangle leaves the room, labels fit."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dejashot.reports.formats.charts import Chart, Entry, paired_chart, round_top, stacked_chart

AMOUNTS = st.lists(st.tuples(*[st.integers(0, 10**13)] * 3), min_size=1, max_size=130)


def chart_of(amounts: list[tuple[int, ...]], labels: int, *, stacked: bool) -> Chart:
    """Return a chart of columns with parts a, b and c."""
    entries = [Entry(str(n), (), tuple(zip("abc", own, strict=False))) for n, own in enumerate(amounts)]
    return (stacked_chart if stacked else paired_chart)(entries, labels)


@given(AMOUNTS, st.integers(1, 9), st.booleans())
@example([(1, 5_963_700_001, 1)], 1, True)  # the least that is seen of two leaves less room than the third needs
def test_nothing_leaves_the_room_and_what_is_there_is_seen(
    amounts: list[tuple[int, ...]], labels: int, stacked: bool
) -> None:
    chart = chart_of(amounts, labels, stacked=stacked)
    assert sum(bool(column.label) for column in chart.columns) <= labels
    assert chart.all_labelled is all(column.label for column in chart.columns)
    for column, own in zip(chart.columns, amounts, strict=True):
        assert [part.name for part in column.parts] == [name for name, n in zip("abc", own, strict=True) if n]
        for part in column.parts:
            assert part.height > 0 and part.width > 0
            assert part.top >= -0.01 and part.top + part.height <= 100.02
            assert part.left >= column.left - 0.02
            assert part.left + part.width <= column.left + column.width + 0.04


@given(AMOUNTS)
def test_parts_stand_on_each_other_and_are_as_high_as_their_amounts(amounts: list[tuple[int, ...]]) -> None:
    chart = chart_of(amounts, 4, stacked=True)
    for column, own in zip(chart.columns, amounts, strict=True):
        base = 100.0
        for part, amount in zip(column.parts, (n for n in own if n), strict=True):
            assert part.top + part.height == pytest.approx(base, abs=0.03)
            assert part.height == pytest.approx(100 * amount / chart.top, abs=1.3)  # the least that is seen, twice
            base = part.top


def test_parts_of_a_pair_stand_beside_each_other() -> None:
    (column,) = chart_of([(5, 10)], 4, stacked=False).columns
    first, second = column.parts
    assert (first.left + first.width, first.height, second.height) == (second.left, 50, 100)


@given(st.integers(0, 10**15))
def test_a_scale_ends_with_the_next_round_number(amount: int) -> None:
    top = round_top(amount)
    assert top >= max(2, amount) and top % 2 == 0
    assert amount < 2 or top <= 2 * amount
    assert len(str(top).rstrip("0")) == 1
