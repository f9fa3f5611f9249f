"""Charts of columns: where each part of a column stands, in percent of the room there is. Templates draw them."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

_ROUND = (1, 2, 4, 6, 8, 10)  # what a scale ends with, times a power of ten: its half is round as well
_FILLED, _MOST = 0.8, 14.0  # of the room that a column has: the share that is drawn, and the most percent
_SHORTEST = 0.6  # percent: what is there is seen


@dataclass(frozen=True, slots=True)
class Entry:
    """What a column is about: its label, what is said of it line by line, and its amounts by part, from below."""

    label: str
    words: tuple[str, ...]
    amounts: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Part:
    """A rectangle of a column, and which part it is."""

    name: str
    left: float
    top: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Column:
    """A column: the room it has, the label below (empty for most where there are many), and its rectangles."""

    left: float
    width: float
    label: str
    words: tuple[str, ...]
    parts: tuple[Part, ...]

    @property
    def middle(self) -> float:
        """Return where its middle is."""
        return round(self.left + self.width / 2, 2)


@dataclass(frozen=True, slots=True)
class Chart:
    """Columns and the amount at the top of the scale; `all_labelled` where each column has its label."""

    columns: tuple[Column, ...]
    top: int
    all_labelled: bool


def stacked_chart(entries: Sequence[Entry], labels: int) -> Chart:
    """Return columns whose parts stand on each other; at most `labels` of them have a label."""
    return _chart(entries, labels, max((sum(a for _, a in e.amounts) for e in entries), default=0), stacked=True)


def paired_chart(entries: Sequence[Entry], labels: int) -> Chart:
    """Return columns whose parts stand beside each other; at most `labels` of them have a label."""
    return _chart(entries, labels, max((a for e in entries for _, a in e.amounts), default=0), stacked=False)


def round_top(amount: int) -> int:
    """Return the end of a scale for an amount: the next round number, at least 2, whose half is whole."""
    least = max(amount, 2)
    power: int = 10 ** (len(str(least)) - 1)
    return next(n * power for n in _ROUND if n * power >= least)


def _chart(entries: Sequence[Entry], labels: int, most: int, *, stacked: bool) -> Chart:
    top, room = round_top(most), 100 / max(1, len(entries))
    every = math.ceil(len(entries) / labels) if entries else 1
    columns = []
    for n, entry in enumerate(entries):
        width = min(room * _FILLED, _MOST)
        parts = _parts(entry, room * n + (room - width) / 2, width, top, stacked=stacked)
        columns.append(
            Column(round(room * n, 2), round(room, 2), "" if n % every else entry.label, entry.words, tuple(parts))
        )
    return Chart(tuple(columns), top, every == 1)


def _parts(entry: Entry, left: float, width: float, top: int, *, stacked: bool) -> Sequence[Part]:
    heights = [max(100 * amount / top, _SHORTEST) if amount > 0 else 0.0 for _, amount in entry.amounts]
    if stacked and sum(heights) > 100:  # what is there is seen, at the cost of the largest
        heights[heights.index(max(heights))] -= sum(heights) - 100
    own = width if stacked else width / max(1, len(entry.amounts))
    found, base = [], 100.0
    for n, ((name, _), height) in enumerate(zip(entry.amounts, heights, strict=True)):
        if height > 0:
            start = left if stacked else left + own * n
            found.append(Part(name, round(start, 2), round(base - height, 2), round(own, 2), round(height, 2)))
            base = base - height if stacked else 100.0
    return found
