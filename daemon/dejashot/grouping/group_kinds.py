"""The kind of a group: the same picture twice, a burst, retakes, or a series that is alike on purpose."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

from dejashot.grouping.keepers.copies import originality
from dejashot.grouping.series.detect import Series, SeriesDetectors
from dejashot.grouping.series.focus_stack import FOCUS_MOVES, FOCUS_STACK, is_focus_stack
from dejashot.grouping.series.screenshots import (
    OF_A_SCREEN,
    SCREENSHOTS,
    are_screens,
    is_drawn,
    is_screenshot,
    show_one_screen,
)
from dejashot.grouping.series.takes import SAME_SIGNATURE, gaps_s, signature_change
from dejashot.grouping.shot_units import are_versions, unit_versions
from dejashot.grouping.soundness import are_one_file
from dejashot.language.texts import noted
from dejashot.models.capture import Certainty
from dejashot.models.groups import Group, Kind, Pair
from dejashot.models.photo import Quality
from dejashot.models.shot import Shot

# most difference of a cell of the signature between captures of one screen: only a closer look shows different text
SAME_SCREEN = 2
SAME_COSINE = 0.93


def kinds_of(
    shots: Sequence[Shot], members: Sequence[int], pairs: Sequence[Pair], burst_gap_s: float, detectors: SeriesDetectors
) -> list[Group]:
    """Return what look-alikes (members in time order, all their pairs) are: mostly one group, with its kind.

    Members that are a series are a group of their own, and so are two or more others. Copies of a shot in a series are
    a group with this shot: it alone is in both.
    """
    screens = are_screens(shots[m] for m in members)
    if _copies(shots, pairs) or (screens and all(_same_screen(shots[p.a], shots[p.b]) for p in pairs)):
        return [Group(tuple(members), Kind.DUPLICATE, "", tuple(pairs))]
    if screens:
        found = [Series(_by_content(shots, members), SCREENSHOTS, OF_A_SCREEN)]
    else:
        found = detectors.series_among(shots, members)
    pair_of = {frozenset((p.a, p.b)): p for p in pairs}

    def same(a: int, b: int) -> bool:
        return _same_picture(shots[a], shots[b], pair_of[frozenset((a, b))])

    groups = [group for s in found for group in _kept_whole(shots, s, pairs, same)]
    purposeful = {m for s in found for take in s.takes for m in take}
    others = tuple(m for m in members if m not in purposeful)
    if len(others) > 1:
        groups.append(_takes(shots, others, _between(pairs, others), burst_gap_s))
    return groups


def _kept_whole(
    shots: Sequence[Shot], series: Series, pairs: Sequence[Pair], same: Callable[[int, int], bool]
) -> Iterator[Group]:
    """Yield a series with one of each of its pictures, and the copies of each with their original.

    `same` returns whether two members are copies.
    """
    members: list[int] = []
    for take in series.takes:
        left = sorted(take, key=lambda m: originality(shots[m]))
        while left:
            best, *rest = left
            copies = [m for m in rest if same(best, m)]
            if copies:
                stored = tuple(sorted([best, *copies]))
                yield Group(stored, Kind.DUPLICATE, "", _between(pairs, stored))
            members.append(best)
            left = [m for m in rest if m not in copies]
    if len(members) > 1:
        because = series.because
        if len(members) > len(series.takes) > 1:
            # Translators: {series} is why photos are a series, such as: one shot every 5 s
            because = noted("{series}, some of them more than once").format(series=because)
        yield Group(tuple(sorted(members)), Kind.SERIES, series.name, _between(pairs, members), because)


def _by_content(shots: Sequence[Shot], members: Sequence[int]) -> tuple[tuple[int, ...], ...]:
    """Return members in parts that are the same byte for byte."""
    parts: dict[bytes, list[int]] = {}
    for m in members:
        parts.setdefault(shots[m].content, []).append(m)
    return tuple(tuple(part) for part in parts.values())


def refine_kind(shots: Sequence[Shot], group: Group, qualities: Mapping[bytes, Quality]) -> list[Group]:
    """Return what a group is by a closer look (`qualities` is by content): mostly itself.

    Copies of one file are duplicates, whatever damage makes of them. Takes in which only the focus moves are a series.
    Pictures of a screen, or drawn ones, are duplicates only if they agree to the last digit.
    """
    members = [shots[m] for m in group.members]
    if group.kind is Kind.DUPLICATE:
        return _screen_groups(shots, group, qualities) if are_screens(members) else [group]
    if group.kind not in (Kind.BURST, Kind.SIMILAR):
        return [group]
    if are_one_file(shots, group.members, qualities):
        return [replace(group, kind=Kind.DUPLICATE)]
    if is_focus_stack(members, qualities):
        return [
            replace(
                group,
                kind=Kind.SERIES,
                series=FOCUS_STACK,
                because=FOCUS_MOVES,
            )
        ]
    if all(is_screenshot(s) or is_drawn(s, qualities.get(s.content)) for s in members):
        return _screen_groups(shots, group, qualities)
    return [group]


def _screen_groups(shots: Sequence[Shot], group: Group, qualities: Mapping[bytes, Quality]) -> list[Group]:
    """Return pictures of a screen as copies of one, or as a series with the copies of each as groups."""

    def same(a: int, b: int) -> bool:
        return show_one_screen(shots[a], shots[b], qualities.get(shots[a].content), qualities.get(shots[b].content))

    if all(same(p.a, p.b) for p in group.pairs):
        return [replace(group, kind=Kind.DUPLICATE)]
    return list(_kept_whole(shots, Series((group.members,), SCREENSHOTS, OF_A_SCREEN), group.pairs, same))


def _takes(shots: Sequence[Shot], members: tuple[int, ...], pairs: tuple[Pair, ...], burst_gap_s: float) -> Group:
    """Return takes of one shot as a group: copies, a burst or retakes.

    A group with an edit is no burst: an edit is made later, whatever time it has.
    """
    chosen = [shots[m] for m in members]
    kind = Kind.SIMILAR
    if _copies(shots, pairs):
        kind = Kind.DUPLICATE
    elif (_one_burst(chosen) or _trusted_gaps_s(chosen, burst_gap_s)) and not unit_versions(
        {m: shots[m] for m in members}
    ):
        kind = Kind.BURST
    return Group(members, kind, "", pairs)


def _between(pairs: Sequence[Pair], members: Sequence[int]) -> tuple[Pair, ...]:
    inside = set(members)
    return tuple(p for p in pairs if p.a in inside and p.b in inside)


def _same_screen(a: Shot, b: Shot) -> bool:
    """Return whether two captures are of an unchanged screen."""
    return (a.width, a.height) == (b.width, b.height) and signature_change(a, b).max() <= SAME_SCREEN


def _copies(shots: Sequence[Shot], pairs: Sequence[Pair]) -> bool:
    return all(_same_picture(shots[p.a], shots[p.b], p) for p in pairs)


def _same_picture(a: Shot, b: Shot, pair: Pair) -> bool:
    """Return whether one file is the other, byte for byte or re-saved: the same picture element by element.

    Two frames from a tripod can look that close too. So a re-save must also have another size in pixels, or the very
    same capture time. Versions of a picture, by their names, are not the same picture.
    """
    if a.content == b.content:
        return True
    if pair.cosine is None or pair.cosine < SAME_COSINE or are_versions(a, b):
        return False
    resized = (a.width, a.height) != (b.width, b.height)
    same_instant = a.taken.taken_us == b.taken.taken_us and a.taken.taken_us % 1_000_000 != 0
    if not (resized or same_instant):
        return False
    return float(signature_change(a, b).mean()) <= SAME_SIGNATURE


def _trusted_gaps_s(shots: Sequence[Shot], at_most_s: float) -> bool:
    """Return whether all gaps are at most this, by times that can be trusted."""
    return all(s.taken.certainty is not Certainty.LOW for s in shots) and max(gaps_s(shots)) <= at_most_s


def _one_burst(shots: Sequence[Shot]) -> bool:
    """Return whether the camera tagged all shots as one burst."""
    return bool(shots[0].camera.burst_id) and len({s.camera.burst_id for s in shots}) == 1
