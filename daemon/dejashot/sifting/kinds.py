"""What sort of group is it: the same picture twice, a burst, retakes, or a series that is alike on purpose."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from dejashot.models import Certainty, Group, Kind, Pair, Quality, Shot
from dejashot.sifting.series import FOCUS_STACK, SCREENSHOTS, gaps_s, is_focus_stack, is_screenshot, series_among

SAME_SIGNATURE = 2.5  # mean difference of the 16 x 16 luma, in levels of 255: re-encoding stays below it
SAME_SCREEN = 2  # most difference of one of its cells between two captures of an unchanged screen
SAME_COSINE = 0.93
BRACKET_GAPS = 2  # a bracket may be this much slower than a burst


@dataclass(frozen=True, slots=True)
class Naming:
    """The longest gap inside a burst, in seconds."""

    burst_gap_s: float


def named(shots: Sequence[Shot], members: Sequence[int], pairs: Sequence[Pair], naming: Naming) -> list[Group]:
    """Return what look-alikes (members in time order, all their pairs) are: mostly one group, with its kind.

    Where some of them are a series, these are a group of their own, and so are the others where they are two or more.
    """
    screens = all(is_screenshot(shots[m]) for m in members)
    if _copies(shots, pairs) or (screens and all(_same_screen(shots[p.a], shots[p.b]) for p in pairs)):
        return [Group(tuple(members), Kind.DUPLICATE, "", tuple(pairs))]
    if screens:
        return [Group(tuple(members), Kind.SERIES, SCREENSHOTS, tuple(pairs), "pages of a screen, by their names or their form")]
    found = series_among(shots, members, BRACKET_GAPS * naming.burst_gap_s)
    groups = [Group(s.members, Kind.SERIES, s.name, _between(pairs, s.members), s.because) for s in found if len(s.members) > 1]
    purposeful = {m for s in found for m in s.members}
    others = tuple(m for m in members if m not in purposeful)
    if len(others) > 1:
        groups.append(_takes(shots, others, _between(pairs, others), naming))
    return groups


def settled(shots: Sequence[Shot], group: Group, qualities: Mapping[bytes, Quality]) -> Group:
    """Return a group as a closer look shows it (`qualities` is by content): takes in which only the focus moves are a series."""
    if group.kind not in (Kind.BURST, Kind.SIMILAR) or not is_focus_stack([shots[m] for m in group.members], qualities):
        return group
    return replace(group, kind=Kind.SERIES, series=FOCUS_STACK, because="the focus moves through the scene, the frame stays")


def _takes(shots: Sequence[Shot], members: tuple[int, ...], pairs: tuple[Pair, ...], naming: Naming) -> Group:
    """Return takes of one shot as a group: copies, a burst or retakes."""
    chosen = [shots[m] for m in members]
    kind = Kind.SIMILAR
    if _copies(shots, pairs):
        kind = Kind.DUPLICATE
    elif _one_burst(chosen) or _trusted_gaps_s(chosen, naming.burst_gap_s):
        kind = Kind.BURST
    return Group(members, kind, "", pairs)


def _between(pairs: Sequence[Pair], members: Sequence[int]) -> tuple[Pair, ...]:
    inside = set(members)
    return tuple(p for p in pairs if p.a in inside and p.b in inside)


def _same_screen(a: Shot, b: Shot) -> bool:
    """Tell whether two captures are of an unchanged screen."""
    return (a.width, a.height) == (b.width, b.height) and _signature_change(a, b).max() <= SAME_SCREEN


def _copies(shots: Sequence[Shot], pairs: Sequence[Pair]) -> bool:
    return all(_same_picture(shots[p.a], shots[p.b], p) for p in pairs)


def _same_picture(a: Shot, b: Shot, pair: Pair) -> bool:
    """Tell whether one file is the other, byte for byte or re-saved: the same picture element by element.

    Two frames of a tripod can look that close too, so a re-save must also show: another size or format of file for one and the
    same capture time, or another size in pixels.
    """
    if a.content == b.content:
        return True
    if pair.cosine is None or pair.cosine < SAME_COSINE:
        return False
    resized = (a.width, a.height) != (b.width, b.height)
    same_instant = a.taken.taken_us == b.taken.taken_us and a.taken.taken_us % 1_000_000 != 0
    if not (resized or same_instant):
        return False
    return float(_signature_change(a, b).mean()) <= SAME_SIGNATURE


def _signature_change(a: Shot, b: Shot) -> npt.NDArray[np.int16]:
    return np.abs(a.signature.astype(np.int16) - b.signature.astype(np.int16))


def _trusted_gaps_s(shots: Sequence[Shot], at_most_s: float) -> bool:
    """Tell whether all gaps are at most this, by times that can be trusted."""
    return all(s.taken.certainty is not Certainty.LOW for s in shots) and max(gaps_s(shots)) <= at_most_s


def _one_burst(shots: Sequence[Shot]) -> bool:
    """Tell whether the camera tagged all shots as one burst."""
    return bool(shots[0].camera.burst_id) and len({s.camera.burst_id for s in shots}) == 1
