"""Pages one after the other: a document, a scanned book, the receipts of a journey, the slides of a talk.

They look alike as a template, and each is another picture, so all are kept. Whether two of them are alike says nothing
of that: a cover, a table and a page of text are one document. So what counts is that no other photo lies between them.
"""

from collections.abc import Collection, Sequence, Set
from dataclasses import replace

import numpy as np

from dejashot.grouping.series.screenshots import SCREENSHOTS, is_screenshot
from dejashot.grouping.similarity import Comparer
from dejashot.language.texts import noted
from dejashot.models.groups import PAGES, Group, Kind
from dejashot.models.shot import Shot

IN_A_ROW = noted("pages one after the other, with no other photo between them")


def page_runs(
    shots: Sequence[Shot], comparer: Comparer, runs: Sequence[tuple[int, int]], max_span_s: float, most: int
) -> list[tuple[int, ...]]:
    """Return the pages that follow each other in runs [start, end) of a stretch: two to `most`, within a span.

    Indices are those of the stretch that is compared. Captures of a screen and other pages are not mixed, and a page
    that the owner separated from an earlier one is left out. All takes of a page are in.
    """
    pages = np.flatnonzero(comparer.pages).tolist()
    run_of = np.repeat(np.arange(len(runs)), [end - start for start, end in runs])
    found: list[list[int]] = []
    for n in pages:
        follows = found and found[-1][-1] == n - 1 and run_of[n - 1] == run_of[n] and len(found[-1]) < most
        if follows and _continues(shots, found[-1], n, max_span_s):
            found[-1].append(n)
        else:
            found.append([n])
    together = (_without_separated(comparer, members) for members in found)
    return [members for members in together if len(members) > 1]


def _continues(shots: Sequence[Shot], members: Sequence[int], n: int, max_span_s: float) -> bool:
    """Return whether a page may be the next one of a series."""
    first, last = shots[members[0]], shots[members[-1]]
    short = shots[n].taken.taken_us - first.taken.taken_us <= max_span_s * 1e6
    return short and is_screenshot(last) == is_screenshot(shots[n])


def _without_separated(comparer: Comparer, members: Sequence[int]) -> tuple[int, ...]:
    """Return pages without those that the owner separated from an earlier one."""
    left: list[int] = []
    for m in members:
        before = np.array(left, dtype=np.int64)
        if not comparer.are_separated(before, np.full(len(left), m)).any():
            left.append(m)
    return tuple(left)


def page_series_name(shot: Shot) -> str:
    """Return what a series of pages is called, by one of them."""
    return SCREENSHOTS if is_screenshot(shot) else PAGES


def is_page_series(group: Group) -> bool:
    """Return whether a group is a series of pages in a row."""
    return group.kind is Kind.SERIES and group.because == IN_A_ROW


def members_elsewhere(groups: Sequence[Group], keepers: Sequence[Collection[int]]) -> Set[int]:
    """Return what no series of pages holds: takes that go from a group, and members of other series.

    `keepers` are those of each group.
    """
    found: set[int] = set()
    for group, kept in zip(groups, keepers, strict=True):
        if group.kind is not Kind.SERIES:
            found.update(m for m in group.members if m not in kept)
        elif not is_page_series(group):
            found.update(group.members)
    return found


def without_takes_elsewhere(group: Group, elsewhere: Set[int]) -> Group | None:
    """Return a group, of a series of pages without the members that are elsewhere; None where one page is left."""
    members = tuple(m for m in group.members if m not in elsewhere)
    if not is_page_series(group) or len(members) == len(group.members):
        return group
    pairs = tuple(p for p in group.pairs if p.a not in elsewhere and p.b not in elsewhere)
    return replace(group, members=members, pairs=pairs) if len(members) > 1 else None
