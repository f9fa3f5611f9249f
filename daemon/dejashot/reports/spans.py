"""Spans of whole numbers [n, 2], each from its first to its last number, both included."""

import numpy as np

from dejashot.models.arrays import Booleans, Integers

NO_SPANS: Integers = np.zeros((0, 2), dtype=np.int64)


def joined(*some: Integers) -> Integers:
    """Return the numbers in any of some spans, as spans, ascending and apart."""
    return without(np.concatenate(some), NO_SPANS)


def around(numbers: Integers, reach: int) -> Integers:
    """Return the spans of all numbers within `reach` of some numbers, joined."""
    return joined(np.stack([numbers - reach, numbers + reach], axis=1))


def without(spans: Integers, others: Integers) -> Integers:
    """Return the numbers in some spans that are not in others, as spans, ascending and apart.

    Spans may overlap, and come in any order.
    """
    if not len(spans):
        return NO_SPANS
    at = np.concatenate([spans[:, 0], spans[:, 1] + 1, others[:, 0], others[:, 1] + 1])
    begun = np.repeat([1, -1, 0, 0], [len(spans), len(spans), len(others), len(others)])
    taken = np.repeat([0, 0, 1, -1], [len(spans), len(spans), len(others), len(others)])
    order = np.argsort(at, kind="stable")
    places, first = np.unique(at[order], return_index=True)
    held = np.cumsum(np.add.reduceat(begun[order], first)) > 0
    free = np.cumsum(np.add.reduceat(taken[order], first)) == 0
    edges = places[np.flatnonzero(np.diff(held & free, prepend=False))]
    return np.stack([edges[::2], edges[1::2] - 1], axis=1)


def in_spans(numbers: Integers, spans: Integers) -> Booleans:
    """Return which numbers lie in spans that are ascending and apart."""
    if not len(spans):
        return np.zeros(len(numbers), dtype=np.bool_)
    place = np.searchsorted(spans[:, 0], numbers, side="right") - 1
    return np.asarray((place >= 0) & (numbers <= spans[place, 1]))
