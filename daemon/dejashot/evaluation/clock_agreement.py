"""The difference between two cameras' clocks: the one on which several scenes that both took agree, beyond chance."""

import math
import statistics
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from dejashot.models.capture import Certainty

WINDOW_US = 60_000_000  # two people take the same scene within about that of each other
SCENE_US = 600_000_000  # photos closer than that are one scene, however many there are
MIN_SCENES = 3
BAND = 10  # windows around the best one in which chance is measured
MIN_SPREAD_US = 7 * 86_400_000_000  # chance is never taken to spread over less: few pairs say little of it
MAX_CHANCE = 1e-5  # most likelihood that as many scenes agree by accident
MIN_RIVAL_RATIO = 1.5  # a second difference with nearly as many scenes makes both doubtful
SAME_CLOCK_S = 30.0  # what is less is the time that people take


@dataclass(frozen=True, slots=True)
class ClockDifference:
    """How far the second clock is behind the first, in seconds to add to its times.

    `agree` of the `scenes` show it, half of them within `spread_s` of it.
    """

    offset_s: float
    agree: int
    scenes: int
    spread_s: float
    confidence: Certainty

    @property
    def matters(self) -> bool:
        """Return whether the clocks differ by more than people who take the same scene."""
        return abs(self.offset_s) > max(SAME_CLOCK_S, 2 * self.spread_s)


def clock_difference(pairs: Sequence[tuple[int, int]]) -> ClockDifference | None:
    """Return how far the second clock is off from the first, from pairs of capture times (us) of photos of one scene.

    None where fewer than three independent scenes agree, where as many would by accident, or where another difference
    has nearly as many scenes.
    """
    if not pairs:
        return None
    scene_a, scene_b = _scenes([a for a, _ in pairs]), _scenes([b for _, b in pairs])
    found = sorted((a - b, scene_a[n], scene_b[n]) for n, (a, b) in enumerate(pairs))
    windows = _windows(found)
    _, start, end = max(windows, key=lambda w: (w[0], -(found[w[2] - 1][0] - found[w[1]][0])))
    middle = _middle(found[start:end])
    inside = [f for f in found if abs(f[0] - middle) <= WINDOW_US]
    agree, total = _independent(inside), _independent(found)
    rival = max((count for count, low, high in windows if _clear_of(found, low, high, middle)), default=0)
    if agree < MIN_SCENES or agree < MIN_RIVAL_RATIO * rival or _by_accident(found, middle, agree, total) > MAX_CHANCE:
        return None
    spread_us = statistics.median(abs(offset - middle) for offset, _, _ in inside)
    return ClockDifference(middle / 1e6, agree, total, spread_us / 1e6, _confidence(agree, total))


def _scenes(times_us: Sequence[int]) -> list[int]:
    """Return the number of the scene that each time is in."""
    numbers, number, last = [0] * len(times_us), 0, None
    for n in sorted(range(len(times_us)), key=times_us.__getitem__):
        number += last is not None and times_us[n] - last > SCENE_US
        last = times_us[n]
        numbers[n] = number
    return numbers


def _independent(found: Sequence[tuple[int, int, int]]) -> int:
    """Return how many scenes stand behind differences: different ones for both cameras."""
    return min(len({a for _, a, _ in found}), len({b for _, _, b in found}))


def _windows(found: Sequence[tuple[int, int, int]]) -> list[tuple[int, int, int]]:
    """Return, for the window that begins at each difference, its number of scenes and its differences [start, end)."""
    made: list[tuple[int, int, int]] = []
    in_a: Counter[int] = Counter()
    in_b: Counter[int] = Counter()
    end = 0
    for start, (low, a, b) in enumerate(found):
        while end < len(found) and found[end][0] <= low + 2 * WINDOW_US:
            in_a[found[end][1]] += 1
            in_b[found[end][2]] += 1
            end += 1
        made.append((min(len(in_a), len(in_b)), start, end))
        for counts, scene in ((in_a, a), (in_b, b)):
            counts[scene] -= 1
            if not counts[scene]:
                del counts[scene]
    return made


def _middle(inside: Sequence[tuple[int, int, int]]) -> int:
    """Return the middle of differences, every scene counting once."""
    by_scene: dict[int, list[int]] = {}
    for offset, scene, _ in inside:
        by_scene.setdefault(scene, []).append(offset)
    return round(statistics.median(statistics.median(values) for values in by_scene.values()))


def _clear_of(found: Sequence[tuple[int, int, int]], low: int, high: int, middle: int) -> bool:
    return found[low][0] > middle + WINDOW_US or found[high - 1][0] < middle - WINDOW_US


def _by_accident(found: Sequence[tuple[int, int, int]], middle: int, agree: int, total: int) -> float:
    """Return a bound on the probability that as many scenes agree by accident.

    The rate of chance is the highest of that around the difference, that over all pairs, and that over a week.
    """
    around = [f for f in found if WINDOW_US < abs(f[0] - middle) <= BAND * WINDOW_US]
    others = sum(abs(f[0] - middle) > WINDOW_US for f in found)
    everywhere = others * 2 * WINDOW_US / max(found[-1][0] - found[0][0], 2 * WINDOW_US)
    rate = max(len(around) / (BAND - 1), everywhere, total * 2 * WINDOW_US / MIN_SPREAD_US)
    # no less than the Poisson tail of agree - 1 or more scenes besides the first
    tail = rate ** (agree - 1) / math.factorial(agree - 1)
    return min(1.0, len(found) * tail)


def _confidence(agree: int, total: int) -> Certainty:
    share = agree / total
    if agree >= 2 * MIN_SCENES and share >= 0.5:
        return Certainty.HIGH
    return Certainty.MEDIUM if agree > MIN_SCENES and share >= 0.25 else Certainty.LOW
