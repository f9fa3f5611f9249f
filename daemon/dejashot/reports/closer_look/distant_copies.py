"""Copies of photos from another time: what photos that arrived are copies of, anywhere in the library, and kept."""

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from dejashot.grouping.comparison.resaved import MOST_DIFFERENCE, are_recoloured, resaved_difference
from dejashot.grouping.pages import are_pages
from dejashot.grouping.pairs.distant_copies import may_be_copy_of, may_be_distant_copy
from dejashot.library.index import IndexMatch
from dejashot.models.arrays import Vector
from dejashot.models.features import LocalFeatures
from dejashot.models.shot import Shot
from dejashot.reports.closer_look.preempt import MIN_JOBS
from dejashot.reports.closer_look.questions import Looking, Question
from dejashot.reports.context import ReportContext
from dejashot.reports.parameters import page_rule_of

_LEAST_COSINE = 0.9
_NEAREST = 16  # of the library: a copy's original, and the shots of its burst
_COMPARED = MIN_JOBS - 1  # with one photo: it and these are read in any case, so that the work gets on
_ASKED_AT_ONCE = 1024  # photos: their vectors are a megabyte


@dataclass(frozen=True, slots=True)
class _Asked:
    """A photo that is looked for in the library: its path, the shot, its vector."""

    path: Path
    shot: Shot
    vector: Vector


def find_distant_copies(context: ReportContext, *, known_only: bool) -> Looking[None]:
    """Look for the photos that were not looked for yet among all others, and keep which are copies of which.

    Only who can keep the results does.
    """
    if known_only or not context.results.keeps_results:
        return
    table, model = context.library.measurements.distant_copies, context.row.id
    keys = table.unsearched(model)
    if not keys:
        return
    originals_too = table.has_searched_untagged(model)  # an original may come after its copy
    index = context.index()
    for start in range(0, len(keys), _ASKED_AT_ONCE):
        some = keys[start : start + _ASKED_AT_ONCE]
        asked = list(_asked(context, some, originals_too=originals_too))
        table.note_searched(model, sorted({*some} - {a.shot.key for a in asked}))
        if asked:
            found = index.search_each(np.stack([a.vector for a in asked]), _NEAREST + 1)
            yield from _compare_found(context, asked, found)


def _asked(context: ReportContext, keys: Sequence[int], *, originals_too: bool) -> Iterator[_Asked]:
    """Yield which of some photos are looked for: what may be a copy, and besides what may be an original; no pages."""
    rule = page_rule_of(context.model)
    for path, shot in context.library.shots.by_key(keys).values():
        if originals_too or may_be_distant_copy(shot):
            vector = context.library.vectors.get(shot.content, context.row.id)
            if vector is not None and not are_pages(rule, vector[None]).any():
                yield _Asked(path, shot, vector)


def _compare_found(
    context: ReportContext, asked: Sequence[_Asked], found: Sequence[Sequence[IndexMatch]]
) -> Looking[None]:
    """Compare photos with what was found like them, and keep which are copies."""
    table = context.library.measurements.distant_copies
    near = sorted({m.key for matches in found for m in matches if m.cosine >= _LEAST_COSINE})
    located = context.library.shots.by_key(near)
    pairs: dict[int, list[_Ends]] = {}
    for photo, matches in zip(asked, found, strict=True):
        others = [m.key for m in matches if m.cosine >= _LEAST_COSINE and m.key != photo.shot.key and m.key in located]
        pairs[photo.shot.key] = [ends for key in others for ends in _ends(photo, located[key])][:_COMPARED]
    table.note_searched(context.row.id, [key for key, some in pairs.items() if not some])
    to_come = sum(len(_paths(some)) for some in pairs.values())
    for key, some in pairs.items():
        to_come -= len(_paths(some))
        if some and (yield from _compare(context, some, to_come)):
            table.note_searched(context.row.id, [key])


_Ends = tuple[tuple[Path, Shot], tuple[Path, Shot]]  # the copy and the original


def _ends(photo: _Asked, other: tuple[Path, Shot]) -> Iterator[_Ends]:
    """Yield a photo and another one as copy and original, where one may be the copy of the other."""
    own = (photo.path, photo.shot)
    if may_be_copy_of(photo.shot, other[1]):
        yield own, other
    elif may_be_copy_of(other[1], photo.shot):
        yield other, own


def _paths(pairs: Sequence[_Ends]) -> dict[bytes, bytes]:
    """Return the paths of the photos in pairs, by content."""
    return {shot.content: os.fsencode(path) for pair in pairs for path, shot in pair}


def _compare(context: ReportContext, pairs: Sequence[_Ends], to_come: int) -> Looking[bool]:
    """Keep which of some pairs are a copy and its original; return whether all their photos could be read.

    `to_come` is how many photos are to be read after theirs.
    """
    paths = _paths(pairs)
    read: Mapping[bytes, LocalFeatures] = yield Question("features", paths, to_come)
    for (_, copy), (_, original) in pairs:
        if copy.content in read and original.content in read:
            a, b = read[copy.content], read[original.content]
            difference = resaved_difference(a.luma, b.luma)
            if difference < MOST_DIFFERENCE and not are_recoloured(a.colours, b.colours):
                context.library.measurements.distant_copies.add(copy.content, original.content, difference)
    return len(read) == len(paths)
