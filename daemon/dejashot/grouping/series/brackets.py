"""Exposure brackets: shots in a row whose exposures are steps apart that a camera was set to make.

Cameras write rounded numbers for thirds or halves of a stop: 1/60 to 1/40 is 0.585 EV by its numbers, but two thirds of
a stop are meant. So numbers are taken for the stop they name.
"""

import itertools
import math
from collections.abc import Callable, Iterator, Sequence

import numpy as np

from dejashot.grouping.series.exposure import (
    HALVES,
    THIRDS,
    aperture_stop,
    exposure_ev,
    exposure_settings_of,
    iso_stop,
    speed_stop,
)
from dejashot.grouping.series.takes import MIN_SHOTS, FoundSeries, Takes
from dejashot.language.texts import english_plural, noted_plural
from dejashot.models.arrays import Signature
from dejashot.models.capture import Camera
from dejashot.models.shot import Shot

BRACKET = "exposure bracket"
# Translators: EV is the unit of exposure steps
_STEPS = noted_plural("{count} exposures about {step} EV apart", "{count} exposures about {step} EV apart")
MAX_BRACKET_SHOTS = 9
BRACKET_GAPS = 2  # a bracket may be this much slower than a burst
BIAS_STEP_EV = 0.29  # the bias is set by hand or by the camera's bracketing, and written as 0.3 for a third
EXPOSURE_STEP_EV = 0.6  # two thirds of a stop; metering drifts by a third
EXPOSURE_UNEVEN_EV = 0.4
LIGHT_FOLLOWS = 0.25  # share of the step that the picture's light must show: metering that follows the scene shows none
SMALL_STEPS_EV = (1 / 3, 1 / 2)  # as small as the drift of metering: more must speak for a bracket
SMALL_LIGHT_FOLLOWS = 0.5
_SAME_EV = 0.01


class BracketDetector:
    """Finds exposure brackets; `burst_gap_s` is the longest gap inside a burst."""

    def __init__(self, burst_gap_s: float) -> None:
        self._max_gap_s = BRACKET_GAPS * burst_gap_s

    def max_gap_s(self, _members: Sequence[Shot]) -> float:
        """Return the longest gap inside a bracket, in seconds."""
        return self._max_gap_s

    def detect(self, takes: Takes) -> Iterator[FoundSeries]:
        """Yield the brackets, each with its step."""
        for chain in takes.chains(self._max_gap_s):
            for exposures, step_ev in brackets(chain):
                why = english_plural(_STEPS, len(exposures), step=f"{step_ev:.1f}")
                yield FoundSeries(BRACKET, exposures, why)


def brackets(chain: Sequence[Shot]) -> Iterator[tuple[list[Shot], float]]:
    """Yield the brackets in a row of shots, with their step in EV.

    Each has as many shots as possible, all with different exposures.
    """
    if len({exposure_settings_of(s.camera) for s in chain}) < MIN_SHOTS:
        return
    start = 0
    while start + MIN_SHOTS <= len(chain):
        for count in range(min(MAX_BRACKET_SHOTS, len(chain) - start), MIN_SHOTS - 1, -1):
            step_ev = _step_ev(chain, start, start + count)
            if step_ev:
                yield list(chain[start : start + count]), step_ev
                start += count - 1
                break
        start += 1


def _step_ev(chain: Sequence[Shot], start: int, end: int) -> float:
    """Return the step of the bracket that a part of a row is, in EV; 0 when it is none."""
    shots, before, after = chain[start:end], chain[max(0, start - 1) : start], chain[end : end + 1]
    return _bias_step_ev(shots) or _exposure_step_ev(shots) or _small_step_ev(shots, before, after)


def _bias_step_ev(shots: Sequence[Shot]) -> float:
    """Return the step of a bracket by exposure bias, in EV; 0 when it is none."""
    biases = sorted(s.camera.bias_ev for s in shots if s.camera.bias_ev is not None)
    steps = [b - a for a, b in itertools.pairwise(biases)]
    return float(np.median(steps)) if len(biases) == len(shots) and min(steps) >= BIAS_STEP_EV else 0.0


def _exposure_step_ev(shots: Sequence[Shot]) -> float:
    """Return the step of a bracket by exposure time, sensitivity and aperture, in EV; 0 when it is none.

    The steps are even, and more exposure makes a lighter picture: where the camera meters a scene that changes, it does
    not.
    """
    cameras = [s.camera for s in shots]
    values = _nominal_ev(cameras, THIRDS) or _nominal_ev(cameras, HALVES) or _plain_ev(cameras)
    steps = _steps_ev(values)
    if not steps or min(steps) < EXPOSURE_STEP_EV or max(steps) - min(steps) > EXPOSURE_UNEVEN_EV:
        return 0.0
    return float(np.median(steps)) if _light_follows(shots, values, LIGHT_FOLLOWS) else 0.0


def _small_step_ev(shots: Sequence[Shot], before: Sequence[Shot], after: Sequence[Shot]) -> float:
    """Return the step of a bracket by a third or a half of a stop, in EV; 0 when it is none.

    Metering wanders as far. So the stops must be exactly even, the light must follow closely, and the order must be
    that of a camera: the middle one first, or all in turn, with the shots before and after in the next turns.
    """
    cameras = [s.camera for s in shots]
    if len(shots) % 2 == 0:
        return 0.0
    for parts in (THIRDS, HALVES):
        values = _nominal_ev(cameras, parts)
        steps = _steps_ev(values)
        if (
            not steps
            or max(steps) - min(steps) > _SAME_EV
            or all(abs(steps[0] - small) > _SAME_EV for small in SMALL_STEPS_EV)
        ):
            continue
        middle_first = sorted(values)[len(values) // 2] == values[0]
        in_turn = values in (sorted(values), sorted(values, reverse=True))
        turns = (
            in_turn
            and all(_exposed_alike(s, shots[-1]) for s in before)
            and all(_exposed_alike(s, shots[0]) for s in after)
        )
        if (middle_first or turns) and _light_follows(shots, values, SMALL_LIGHT_FOLLOWS):
            return steps[0]
    return 0.0


def _exposed_alike(a: Shot, b: Shot) -> bool:
    first, second = exposure_ev(a.camera), exposure_ev(b.camera)
    return first is not None and second is not None and abs(first - second) <= _SAME_EV


def _steps_ev(values: Sequence[float]) -> list[float]:
    ordered = sorted(values)
    return [b - a for a, b in itertools.pairwise(ordered)]


def _plain_ev(cameras: Sequence[Camera]) -> list[float]:
    """Return the exposures by their numbers, in EV; none where one of them is not known."""
    values = [ev for camera in cameras if (ev := exposure_ev(camera)) is not None]
    return values if len(values) == len(cameras) else []


def _nominal_ev(cameras: Sequence[Camera], parts: int) -> list[float]:
    """Return the exposures by the stops that their numbers name, in EV, on a scale of so many parts of a stop.

    What does not change between the shots may have any number. Empty where one that changes names no stop of this
    scale.
    """
    evs = [0.0] * len(cameras)
    columns: tuple[tuple[list[float | None], Callable[[float, int], float | None], int], ...] = (
        ([c.exposure_s for c in cameras], speed_stop, 1),
        ([c.aperture for c in cameras], aperture_stop, 1),
        ([c.iso for c in cameras], iso_stop, -1),
    )
    for column, stop_of, sign in columns:
        if len(set(column)) > 1:
            stops = [stop for value in column if value is not None and (stop := stop_of(value, parts)) is not None]
            if len(stops) < len(cameras):
                return []
            evs = [ev + sign * stop for ev, stop in zip(evs, stops, strict=True)]
    return evs


def _light_follows(shots: Sequence[Shot], values: Sequence[float], share: float) -> bool:
    """Return whether each exposure (in EV) that lets in less light makes a darker picture.

    From first to last it must be darker by at least a share of the difference.
    """
    order = sorted(range(len(shots)), key=values.__getitem__)
    lights = [_light(shots[n].signature) for n in order]
    darker = all(b < a for a, b in itertools.pairwise(lights))
    return darker and math.log2(lights[0] / lights[-1]) >= share * (values[order[-1]] - values[order[0]])


def _light(signature: Signature) -> float:
    """Return the mean light of a picture (linear, above 0 to about 1)."""
    return float((((signature.astype(np.float64) + 0.5) / 255) ** 2.2).mean())
