"""Series that are alike on purpose: how brackets, sweeps, time-lapses, focus stacks and screenshots are told from takes of one shot.

A series is never offered for rejection. So each rule asks for three shots or more and for two signs that do not come together by
accident: steps of the exposure *and* a picture that follows them, frames that move on *and* match where they overlap, a focus that
wanders *and* a frame that stays. Where one of them is missing, shots stay what they are without it: a burst or retakes.
"""

import itertools
import math
import statistics
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import sliding_window_view

from dejashot.grouping.series.brackets import MIN_SHOTS, brackets, exposure_ev, exposure_settings_of
from dejashot.models.arrays import SIGNATURE_SIDE
from dejashot.models.capture import Certainty
from dejashot.models.photo import Quality
from dejashot.models.shot import Shot

BRACKET, SWEEP, TIME_LAPSE, FOCUS_STACK, SCREENSHOTS = (
    "exposure bracket",
    "panorama sweep",
    "time-lapse",
    "focus stack",
    "screenshots",
)
CONTEXT = 12  # shots before and after a group that may complete a series: look-alikes are often only a part of it
SAME_SIGNATURE = 2.5  # mean difference of the 16 x 16 luma, in levels of 255: re-encoding stays below it

MIN_SWEEP_GAP_S, MAX_SWEEP_GAP_S = 0.5, 10.0  # quicker is a burst that follows a subject
MIN_SWEEP_STEP, MAX_SWEEP_STEP, MIN_SWEEP_WAY = 2.0, 11.0, 6.0  # cells of a signature: a frame is 16 wide and high
SWEEP_PEAK, SWEEP_GAIN = 0.84, 0.12  # correlation where the frames overlap, and how much better than without moving
SWEEP_STRAIGHT, SWEEP_UNEVEN, SWEEP_EXPOSURE_EV = 0.85, 2.5, 1.0
_MIN_OVERLAP, _MIN_DEVIATION = 0.25, 2.0

LAPSE_SHOTS, MIN_LAPSE_GAP_S, LAPSE_JITTER, LAPSE_JITTER_S = 10, 0.8, 0.08, 0.05
MIN_WHOLE_SECONDS_GAP_S, WHOLE_SECONDS_SPREAD_S = (
    1.9,
    1.2,
)  # a clock that knows whole seconds only hides a hand's jitter:
WHOLE_SECONDS_SHOTS, WHOLE_SECONDS_CLEAR_GAP_S = 20, 4.9  # more shots make up for it, where the gaps are short

FOCUS_GAP_S, FOCUS_EXPOSURE_EV = 10.0, 0.2
FRAME_STAYS, CELL_STAYS = 6.0, 40.0  # levels of 255, mean and most: focusing changes little at 16 x 16
FOCUS_STEP, FOCUS_DIP, FOCUS_TILES = 0.15, 0.2, 2  # log sharpness; tiles of 16

BATCH = 32  # pairs whose shifts are looked for at once: what is at work then fits into a cache

Floats = npt.NDArray[np.float64]
Signatures = npt.NDArray[np.uint8]

# by shift (row, from minus a frame on): which rows or columns of a frame another one lies over, and over how many cells
_SHIFTS = np.arange(-SIGNATURE_SIDE, SIGNATURE_SIDE)[:, None]
_OVERLAP = ((np.arange(SIGNATURE_SIDE) - _SHIFTS) // SIGNATURE_SIDE == 0).astype(np.float64)
_COUNT = np.maximum(np.outer(_OVERLAP.sum(1), _OVERLAP.sum(1)), 1)
_FLOOR = _COUNT * _MIN_DEVIATION**2
_ENOUGH = _MIN_OVERLAP * SIGNATURE_SIDE**2 <= _COUNT


@dataclass(frozen=True, slots=True)
class Series:
    """Some members of a group that are alike on purpose: which series they are of, and why that is thought.

    Members that are one take (a shot and copies of it) stand together.
    """

    takes: tuple[tuple[int, ...], ...]
    name: str
    because: str


def series_among(shots: Sequence[Shot], members: Sequence[int], quick_s: float, steps: "Steps") -> list[Series]:
    """Return the series that members of a group belong to, no member in two; `quick_s` is the longest gap inside a bracket.

    The timeline around the group is looked at too: of a wide bracket or a sweep only some shots may look alike.
    """
    found: list[Series] = []
    left = list(members)
    for camera in dict.fromkeys(shots[m].camera.name for m in members):
        ours = [shots[m] for m in members if _trusted(shots[m], camera)]
        lapse_gap_s = _lapse_gap_s(ours)
        take_of = _take_of(_around(shots, members, camera, max(quick_s, MAX_SWEEP_GAP_S, lapse_gap_s)))
        takes = [take for content, take in take_of.items() if take.content == content]
        wanted = {take_of[s.content].content for s in ours}
        if len(takes) < MIN_SHOTS or not wanted:
            continue
        for name, chosen, because in _recognized(takes, wanted, quick_s, lapse_gap_s, steps):
            own: dict[bytes, list[int]] = {s.content: [] for s in chosen}
            for m in left:
                take = take_of.get(shots[m].content)
                if take is not None and take.content in own:
                    own[take.content].append(m)
            parts = tuple(tuple(part) for part in own.values() if part)
            left = [m for m in left if not any(m in part for part in parts)]
            if parts:
                found.append(Series(parts, name, because))
    return found


def _trusted(shot: Shot, camera: str) -> bool:
    """Tell whether a shot is of this camera and its time is to be trusted."""
    return shot.taken.certainty is not Certainty.LOW and shot.camera.name == camera


def _lapse_gap_s(shots: Sequence[Shot]) -> float:
    """Return the longest gap inside a time-lapse that some shots are of, in seconds."""
    gaps = [b - a for a, b in itertools.pairwise(sorted({s.taken.taken_us for s in shots}))]
    return 2 * statistics.median(gaps) / 1e6 + 1 if gaps else MAX_SWEEP_GAP_S


def _around(shots: Sequence[Shot], members: Sequence[int], camera: str, most_gap_s: float) -> list[Shot]:
    """Return what one camera took from a little before a group to a little after it, up to longer gaps."""
    first, last = members[0], members[-1]
    inside = [s for s in shots[first : last + 1] if _trusted(s, camera)]
    before, after = inside[:1], inside[-1:]
    for shot in reversed(shots[max(0, first - CONTEXT) : first]):
        if before and _trusted(shot, camera):
            if _apart(shot, before[-1], most_gap_s):
                break
            before.append(shot)
    for shot in shots[last + 1 : last + 1 + CONTEXT]:
        if after and _trusted(shot, camera):
            if _apart(after[-1], shot, most_gap_s):
                break
            after.append(shot)
    return [*before[:0:-1], *inside, *after[1:]]


def _take_of(shots: Sequence[Shot]) -> dict[bytes, Shot]:
    """Return by content which take each shot is: itself, or the first of its copies, of one instant the one with most pixels.

    A copy is the same byte for byte, or of one instant and one exposure and looks the same.
    """
    take_of: dict[bytes, Shot] = {}
    instant: list[Shot] = []
    for shot in sorted(shots, key=lambda s: (s.taken.taken_us, -s.width * s.height)):
        if instant and instant[0].taken.taken_us != shot.taken.taken_us:
            instant = []
        if shot.content in take_of:
            continue
        take_of[shot.content] = next((take for take in instant if _one_take(take, shot)), shot)
        if take_of[shot.content] is shot:
            instant.append(shot)
    return take_of


def _one_take(a: Shot, b: Shot) -> bool:
    return (
        exposure_settings_of(a.camera) == exposure_settings_of(b.camera)
        and float(signature_change(a, b).mean()) <= SAME_SIGNATURE
    )


def signature_change(a: Shot, b: Shot) -> npt.NDArray[np.int16]:
    """Return how much the cells of two signatures differ, in levels of 255."""
    return np.abs(a.signature.astype(np.int16) - b.signature.astype(np.int16))


def _recognized(
    takes: Sequence[Shot], wanted: set[bytes], quick_s: float, lapse_gap_s: float, steps: "Steps"
) -> Iterator[tuple[str, list[Shot], str]]:
    """Yield series among the takes of one camera: name, shots, and why; mostly without those that hold nothing of what is wanted."""
    for chain in _chains(takes, wanted, quick_s):
        for chosen, step_ev in brackets(chain):
            yield BRACKET, chosen, f"{len(chosen)} exposures about {step_ev:.1f} EV apart"
    for chain in _chains(takes, wanted, MAX_SWEEP_GAP_S):
        for chosen, (dx, dy) in _sweeps(chain, wanted, steps):
            way, share = _direction(dx, dy), math.hypot(dx, dy) / SIGNATURE_SIDE
            yield SWEEP, chosen, f"{len(chosen)} frames in a row, each further {way} by about {100 * share:.0f} %"
    for chain in _chains(takes, wanted, lapse_gap_s) if len(takes) >= LAPSE_SHOTS else ():
        chosen, gap_s = _time_lapse(chain)
        if wanted <= {s.content for s in chosen}:
            yield TIME_LAPSE, chosen, f"one shot every {gap_s:.1f} s"


def _chains(takes: Sequence[Shot], wanted: set[bytes], most_gap_s: float) -> Iterator[list[Shot]]:
    """Yield the takes cut at longer gaps, where three or more hang together and one of them is wanted.

    A long exposure takes its time, and as long again where the camera subtracts a dark frame.
    """
    starts = [0, *(n for n, (a, b) in enumerate(itertools.pairwise(takes), 1) if _apart(a, b, most_gap_s))]
    for start, end in itertools.pairwise([*starts, len(takes)]):
        if end - start >= MIN_SHOTS and any(s.content in wanted for s in takes[start:end]):
            yield list(takes[start:end])


def _apart(a: Shot, b: Shot, most_gap_s: float) -> bool:
    return b.taken.taken_us - a.taken.taken_us > 1e6 * (most_gap_s + 2 * (a.camera.exposure_s or 0.0))


def gaps_s(shots: Sequence[Shot]) -> list[float]:
    """Return the gaps between neighbours, in seconds."""
    return [(b.taken.taken_us - a.taken.taken_us) / 1e6 for a, b in itertools.pairwise(shots)]


# --- panorama sweeps


class Steps:
    """The steps of sweeps between two frames, each looked for once."""

    def __init__(self) -> None:
        self._known: dict[tuple[bytes, bytes], tuple[float, float] | None] = {}

    def look(self, shots: Sequence[Shot], members: Iterable[int]) -> None:
        """Look at once for every second step at shots that are in question: most are none, and rule out the ones beside them."""
        at_s = np.array([s.taken.taken_us for s in shots]) / 1e6
        near = np.zeros(len(shots) + 1, dtype=np.bool_)  # near[n]: from n - 1 to n
        near[1:-1] = (np.diff(at_s) >= MIN_SWEEP_GAP_S) & (np.diff(at_s) <= MAX_SWEEP_GAP_S)
        starts = sorted({m - m % 2 for m in members})
        ends = [(shots[n], shots[n + 1]) for n in starts if near[n + 1] and (near[n] or near[n + 2])]
        for start in range(0, len(ends), BATCH):
            part = ends[start : start + BATCH]
            self._known.update(zip(((a.content, b.content) for a, b in part), _steps(part), strict=True))

    def between(self, a: Shot, b: Shot) -> tuple[float, float] | None:
        """Return the step from one frame to the next, None when it is none of a sweep."""
        ends = a.content, b.content
        if ends not in self._known:
            (self._known[ends],) = _steps([(a, b)])
        return self._known[ends]

    def ruled_out(self, a: Shot, b: Shot) -> bool:
        """Tell whether it is known already that there is no step between two frames."""
        return self._known.get((a.content, b.content), ()) is None


def _sweeps(
    chain: Sequence[Shot], wanted: set[bytes], steps: Steps
) -> Iterator[tuple[list[Shot], tuple[float, float]]]:
    """Yield the sweeps around wanted shots with their median step in cells.

    Each frame lies further in one direction, and overlaps the one before.
    """

    def goes_on(n: int) -> bool:
        """Tell whether the step after shot n and the one after it are of one movement."""
        if not 0 <= n < len(chain) - 2:
            return False
        first, middle, last = chain[n], chain[n + 1], chain[n + 2]
        if steps.ruled_out(middle, last):
            return False
        before = steps.between(first, middle)
        after = steps.between(middle, last) if before else None
        return before is not None and after is not None and _goes_on(before, after)

    done = 0
    for n in sorted({n + k for n, s in enumerate(chain) if s.content in wanted for k in (-1, 0)}):
        if n < done:
            continue
        first = last = n
        while goes_on(first - 1):
            first -= 1
        while goes_on(last):
            last += 1
        done = last + 1
        if last > first:
            way = [
                step
                for a, b in itertools.pairwise(chain[first : last + 2])
                if (step := steps.between(a, b)) is not None
            ]
            if math.hypot(*np.sum(way, axis=0)) >= MIN_SWEEP_WAY:
                dx, dy = np.median(way, axis=0).tolist()
                yield list(chain[first : last + 2]), (dx, dy)


def _steps(ends: Sequence[tuple[Shot, Shot]]) -> list[tuple[float, float] | None]:
    """Return how far the camera moved on from each first frame to the second, in cells right and down; None when no step of a sweep."""
    found: list[tuple[float, float] | None] = [None] * len(ends)
    likely = [n for n, (a, b) in enumerate(ends) if _may_be_step(a, b)]
    if likely:
        first, second = (np.stack([ends[n][k].signature for n in likely]) for k in (0, 1))
        moving = np.flatnonzero(correlations(first, second) <= 1 - SWEEP_GAIN)
        for n, (dx, dy, peak, unmoved) in zip(moving.tolist(), shifts(first[moving], second[moving]), strict=True):
            if (
                MIN_SWEEP_STEP <= math.hypot(dx, dy) <= MAX_SWEEP_STEP
                and peak >= SWEEP_PEAK
                and peak - unmoved >= SWEEP_GAIN
            ):
                found[likely[n]] = dx, dy
    return found


def _may_be_step(a: Shot, b: Shot) -> bool:
    """Tell whether two frames may be neighbours in a sweep, whatever they show."""
    if not MIN_SWEEP_GAP_S <= gaps_s((a, b))[0] <= MAX_SWEEP_GAP_S or (a.width, a.height) != (b.width, b.height):
        return False
    if a.camera.burst_id and a.camera.burst_id == b.camera.burst_id:
        return False
    values = exposure_ev(a.camera), exposure_ev(b.camera)
    return values[0] is None or values[1] is None or abs(values[0] - values[1]) <= SWEEP_EXPOSURE_EV


def _goes_on(before: tuple[float, float], after: tuple[float, float]) -> bool:
    """Tell whether two steps are of one movement: the same direction, and lengths that do not differ much."""
    short, long = sorted((math.hypot(*before), math.hypot(*after)))
    return long <= SWEEP_UNEVEN * short and float(np.dot(before, after)) >= SWEEP_STRAIGHT * short * long


def correlations(a: Signatures, b: Signatures) -> Floats:
    """Return the normalised correlations of pictures laid on each other, -1 to 1."""
    first, second = ((s - s.mean(axis=(1, 2), keepdims=True)).reshape(len(s), -1) for s in (a, b))
    floor = first.shape[1] * _MIN_DEVIATION**2
    spread = np.maximum((first**2).sum(1), floor) * np.maximum((second**2).sum(1), floor)
    found: Floats = (first * second).sum(1) / np.sqrt(spread)
    return found


def shifts(a: Signatures, b: Signatures) -> list[tuple[float, float, float, float]]:
    """Return where each second picture lies in the first: cells right, cells down, the correlation there, and without moving.

    The normalised cross-correlation over the overlap (Padfield 2012, Masked Object Registration in the Fourier Domain) of at
    least a quarter of the frame; the peak is placed between cells by a parabola.
    """
    size = (2 * SIGNATURE_SIDE, 2 * SIGNATURE_SIDE)
    first, second = a.astype(np.float64) - 128, b.astype(np.float64) - 128
    ab = np.fft.fftshift(
        np.fft.irfft2(np.fft.rfft2(first, s=size) * np.fft.rfft2(second, s=size).conj(), s=size), axes=(1, 2)
    )
    sum_a, sum_aa = (_OVERLAP @ s @ _OVERLAP.T for s in (first, first**2))
    sum_b, sum_bb = (_OVERLAP[:, ::-1] @ s @ _OVERLAP[:, ::-1].T for s in (second, second**2))
    spread = np.sqrt(np.maximum(sum_aa - sum_a**2 / _COUNT, _FLOOR) * np.maximum(sum_bb - sum_b**2 / _COUNT, _FLOOR))
    matches = np.where(_ENOUGH, (ab - sum_a * sum_b / _COUNT) / spread, -1.0)
    return [_top(match) for match in matches]


def _top(match: Floats) -> tuple[float, float, float, float]:
    y, x = divmod(int(match.argmax()), match.shape[1])
    down, right = y + _between(match[y - 1 : y + 2, x]), x + _between(match[y, x - 1 : x + 2])
    middle = SIGNATURE_SIDE
    return right - middle, down - middle, float(match[y, x]), float(match[middle, middle])


def _between(match: Floats) -> float:
    """Return where the top of a parabola through three values lies, -0.5 to 0.5 from the middle one."""
    low, middle, high = match.tolist()
    bend = low - 2 * middle + high
    return 0.0 if bend >= 0 or min(low, high) <= -1 else 0.5 * (low - high) / bend


def _direction(dx: float, dy: float) -> str:
    if abs(dx) >= abs(dy):
        return "to the right" if dx > 0 else "to the left"
    return "down" if dy > 0 else "up"


# --- time-lapse


def _time_lapse(chain: Sequence[Shot]) -> tuple[list[Shot], float]:
    """Return the shots that a clock released, ten or more in a row, and their median gap in seconds."""
    if len(chain) < LAPSE_SHOTS:  # as most are: not worth the arrays
        return [], 0.0
    second_us = chain[0].taken.taken_us // 1_000_000 * 1_000_000
    at_s = np.array([s.taken.taken_us - second_us for s in chain], dtype=np.float64) / 1e6
    inside = np.zeros(len(chain), dtype=np.bool_)
    for count in (LAPSE_SHOTS, WHOLE_SECONDS_SHOTS):
        if len(chain) >= count:
            for start in np.flatnonzero(_regular(sliding_window_view(at_s, count))).tolist():
                inside[start : start + count] = True
    chosen = list(itertools.compress(chain, inside))
    return chosen, float(np.median(np.diff(at_s[inside]))) if chosen else 0.0


def _regular(at_s: Floats) -> npt.NDArray[np.bool_]:
    """Tell for each row of times whether a clock released the shutter at them: all gaps alike.

    Where a camera writes whole seconds, gaps may differ by one; then the times must lie on a line to within the rounding.
    """
    count = at_s.shape[1]
    gaps = np.sort(np.diff(at_s), axis=1)
    middle = gaps[:, (count - 1) // 2]
    alike = np.maximum(gaps[:, -1] - middle, middle - gaps[:, 0]) <= np.maximum(LAPSE_JITTER * middle, LAPSE_JITTER_S)
    fine = (at_s % 1).any(axis=1)
    least_s = WHOLE_SECONDS_CLEAR_GAP_S if count < WHOLE_SECONDS_SHOTS else MIN_WHOLE_SECONDS_GAP_S
    slow = middle >= np.where(fine, MIN_LAPSE_GAP_S, least_s)
    if not (slow & ~fine & ~alike).any():
        return slow & alike
    order = np.arange(count) - (count - 1) / 2
    slopes = at_s @ order / (order @ order)
    straight = np.ptp(at_s - slopes[:, None] * order, axis=1) <= WHOLE_SECONDS_SPREAD_S
    regular: npt.NDArray[np.bool_] = slow & (alike | (straight & ~fine))
    return regular


# --- focus stacks


def is_focus_stack(shots: Sequence[Shot], qualities: Mapping[bytes, Quality]) -> bool:
    """Tell whether the plane of focus moves through a scene while everything else stays; `qualities` is by content.

    Between the first shot, one in the middle and the last, some tiles become sharper while others become less sharp, and no tile
    is sharp, blurred and sharp again. A shot that is blurred all over gains nowhere, and shots focused twice alike do not differ.
    """
    tiles = [q.tiles for s in shots if (q := qualities.get(s.content)) is not None and q.tiles]
    if len(shots) < MIN_SHOTS or len(tiles) < len(shots) or not _frame_stays(shots):
        return False
    sharp = np.array(tiles)
    level = np.log(sharp + 0.1 * np.median(sharp) + 1e-6)
    before, after = np.maximum.accumulate(level), np.maximum.accumulate(level[::-1])[::-1]
    if (np.minimum(before, after) - level > FOCUS_DIP).any():
        return False
    return any(_refocused(level[0], between) and _refocused(between, level[-1]) for between in level[1:-1])


def _refocused(a: Floats, b: Floats) -> bool:
    return int((b - a > FOCUS_STEP).sum()) >= FOCUS_TILES and int((a - b > FOCUS_STEP).sum()) >= FOCUS_TILES


def _frame_stays(shots: Sequence[Shot]) -> bool:
    """Tell whether one camera took the same frame with the same exposure, in quick succession."""
    first = shots[0]
    if any((s.camera.name, s.width, s.height) != (first.camera.name, first.width, first.height) for s in shots):
        return False
    if any(s.taken.certainty is Certainty.LOW for s in shots) or max(gaps_s(shots)) > FOCUS_GAP_S:
        return False
    values = [ev for s in shots if (ev := exposure_ev(s.camera)) is not None]
    if values and (len(values) < len(shots) or max(values) - min(values) > FOCUS_EXPOSURE_EV):
        return False
    change = np.abs(np.diff(np.stack([s.signature for s in shots]).astype(np.float64), axis=0))
    return bool((change.mean(axis=(1, 2)) <= FRAME_STAYS).all() and change.max() <= CELL_STAYS)
