"""What sort of group is it: the same picture twice, a burst, retakes, or a series that is alike on purpose."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from dejashot.models import Certainty, Kind, Pair, Shot

BRACKET = "exposure bracket"
TIME_LAPSE = "time-lapse"
SAME_SIGNATURE = 2.5  # mean difference of the 16 x 16 luma, in levels of 255: re-encoding stays below it
SAME_COSINE = 0.93
BRACKET_SHOTS, BRACKET_STEP_EV = 3, 0.3
LAPSE_SHOTS, LAPSE_LEAST_GAP_S, LAPSE_JITTER = 10, 0.8, 0.08


@dataclass(frozen=True, slots=True)
class Naming:
    """The longest gap inside a burst, in seconds."""

    burst_gap_s: float


def kind_of(shots: Sequence[Shot], members: Sequence[int], pairs: Sequence[Pair], naming: Naming) -> tuple[Kind, str]:
    """Return the kind of a group (members in time order, all their pairs) and, for a series, which one."""
    if all(_same_picture(shots[p.a], shots[p.b], p) for p in pairs):
        return Kind.DUPLICATE, ""
    chosen = [shots[m] for m in members]
    if _is_bracket(chosen, naming):
        return Kind.SERIES, BRACKET
    if _is_time_lapse(chosen):
        return Kind.SERIES, TIME_LAPSE
    if _one_burst(chosen) or _trusted_gaps_s(chosen, naming.burst_gap_s):
        return Kind.BURST, ""
    return Kind.SIMILAR, ""


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
    return float(np.abs(a.signature.astype(np.int16) - b.signature.astype(np.int16)).mean()) <= SAME_SIGNATURE


def _gaps_s(shots: Sequence[Shot]) -> list[float]:
    return [(b.taken.taken_us - a.taken.taken_us) / 1e6 for a, b in itertools.pairwise(shots)]


def _trusted_gaps_s(shots: Sequence[Shot], at_most_s: float) -> bool:
    """Tell whether all gaps are at most this, by times that can be trusted."""
    return all(s.taken.certainty is not Certainty.LOW for s in shots) and max(_gaps_s(shots)) <= at_most_s


def _one_burst(shots: Sequence[Shot]) -> bool:
    """Tell whether the camera tagged all shots as one burst."""
    return bool(shots[0].camera.burst_id) and len({s.camera.burst_id for s in shots}) == 1


def _is_bracket(shots: Sequence[Shot], naming: Naming) -> bool:
    """Tell whether the camera stepped the exposure on purpose: three or more different biases, in quick succession."""
    biases = [s.camera.bias_ev for s in shots]
    known = sorted({b for b in biases if b is not None})
    if len(shots) < BRACKET_SHOTS or None in biases or len(known) < BRACKET_SHOTS:
        return False
    steps = [b - a for a, b in itertools.pairwise(known)]
    return min(steps) >= BRACKET_STEP_EV and len(shots) % len(known) == 0 and _trusted_gaps_s(shots, 2 * naming.burst_gap_s)


def _is_time_lapse(shots: Sequence[Shot]) -> bool:
    """Tell whether a clock pressed the shutter: many shots, all gaps alike."""
    if len(shots) < LAPSE_SHOTS or any(s.taken.certainty is Certainty.LOW for s in shots):
        return False
    gaps_s = np.array(_gaps_s(shots))
    middle = float(np.median(gaps_s))
    return middle >= LAPSE_LEAST_GAP_S and bool((np.abs(gaps_s - middle) <= max(LAPSE_JITTER * middle, 0.05)).all())
