"""Copies of photos whose own times are elsewhere: what may be one, and the groups that they make with the originals."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from dejashot.grouping.keepers.copies import CAMERA_FORMATS, COPY_PIXELS, MAX_COPY_CHANGE, originality
from dejashot.grouping.messengers import messenger_of
from dejashot.grouping.pairs.evidence import HIGHEST_PERCENT
from dejashot.grouping.series.screenshots import is_screenshot
from dejashot.grouping.series.takes import signature_change
from dejashot.grouping.shot_units import are_versions
from dejashot.models.capture import TimeSource
from dejashot.models.decisions import SeparatedPairs
from dejashot.models.groups import DistantCopies, Group, Kind, Pair
from dejashot.models.shot import Shot

_FILE_SOURCES = (TimeSource.NAME, TimeSource.MTIME, TimeSource.SIDECAR)  # they say when a file was made or came
_MOST_ROUNDING = 0.01  # of the aspect


def may_be_distant_copy(shot: Shot) -> bool:
    """Return whether a photo may be a copy from another time: its file holds neither a camera nor a capture time."""
    return not shot.camera.name and shot.taken.source in _FILE_SOURCES and shot.format not in CAMERA_FORMATS


def may_be_copy_of(copy: Shot, original: Shot) -> bool:
    """Return whether one photo may be a copy of another from another time, by all but a close look at both.

    It has one coarse picture and one aspect with it, and no more pixels; and it lost the tags or pixels, or came by a
    messenger. A damaged original is none, nor a picture of a screen.
    """
    if copy.content == original.content or not may_be_distant_copy(copy) or original.damage or copy.motion:
        return False
    pixels, full = copy.width * copy.height, original.width * original.height
    aspect, wanted = copy.width / copy.height, original.width / original.height
    if pixels > full or abs(aspect / wanted - 1) > _MOST_ROUNDING or originality(original) > originality(copy):
        return False
    sent = bool(messenger_of(copy) and not messenger_of(original))
    lessened = bool(original.camera.name) or pixels < COPY_PIXELS * full or sent
    coarse_change = float(signature_change(copy, original).mean())
    return (
        lessened
        and coarse_change <= MAX_COPY_CHANGE
        and not is_screenshot(original)
        and not are_versions(copy, original)
    )


def with_distant_copies(
    shots: Sequence[Shot], groups: Sequence[Group], copies: DistantCopies, separated: SeparatedPairs
) -> list[Group]:
    """Return the groups of a timeline with the copies from other times.

    A copy joins the group that its original is in, or is a group with it; a series is none to join. One that is in a
    group by its own time stays there, and so does one that the owner separated from a member.
    """
    places: dict[bytes, list[int]] = {}
    known = copies.keys() | {content for originals in copies.values() for content in originals}
    for n, shot in enumerate(shots):
        if shot.content in known:
            places.setdefault(shot.content, []).append(n)
    taken = {m for group in groups for m in group.members}
    group_of = {m: group for group in groups if group.kind is not Kind.SERIES for m in group.members}
    joining: dict[int, list[int]] = {}
    for copy, originals in copies.items():
        whole = [o for o in originals if o in places and o not in copies]
        if copy in places and whole and taken.isdisjoint(places[copy]):
            joining.setdefault(places[whole[0]][0], []).extend(places[copy])
    made: dict[int, Group] = {}
    for original, found in joining.items():
        joined = made.get(original) or group_of.get(original) or Group((original,), Kind.DUPLICATE, "", ())
        for member in found:
            if not any(_are_separated(shots[member], shots[m], separated) for m in joined.members):
                joined = _joined(shots, joined, original, member)
        made |= dict.fromkeys(joined.members, joined)
    grown = {group.members: group for group in made.values() if len(group.members) > 1}
    inside = {m for members in grown for m in members}
    kept = [g for g in groups if g.kind is Kind.SERIES or inside.isdisjoint(g.members)]
    return sorted([*kept, *grown.values()], key=lambda g: g.members)


def _joined(shots: Sequence[Shot], group: Group, original: int, copy: int) -> Group:
    """Return a group with a copy of one of its members, which stands to the others as its original does."""
    members = tuple(sorted((*group.members, copy)))
    kind = Kind.SIMILAR if group.kind is Kind.BURST else group.kind  # a copy is made later, whatever time it has
    pairs = sorted((*group.pairs, *_pairs_of_copy(shots, group, original, copy)), key=lambda p: (p.a, p.b))
    return replace(group, members=members, kind=kind, pairs=tuple(pairs), copies=(*group.copies, (copy, original)))


def _pairs_of_copy(shots: Sequence[Shot], group: Group, original: int, copy: int) -> Iterator[Pair]:
    of_original: Mapping[frozenset[int], Pair] = {frozenset((p.a, p.b)): p for p in group.pairs}
    for member in group.members:
        a, b = sorted((member, copy))
        gap_s = (shots[b].taken.taken_us - shots[a].taken.taken_us) / 1e6
        one, other = shots[a].vector, shots[b].vector
        cosine = None if one is None or other is None else min(1.0, float(one @ other))
        pair = Pair(a, b, gap_s, cosine, HIGHEST_PERCENT, same_shot=True)
        known = of_original.get(frozenset((member, original)))
        if known is None:
            yield pair
        else:
            yield replace(
                pair,
                similarity_percent=known.similarity_percent,
                same_shot=known.same_shot,
                doubtful=known.doubtful,
            )


def _are_separated(a: Shot, b: Shot, separated: SeparatedPairs) -> bool:
    return (min(a.content, b.content), max(a.content, b.content)) in separated
