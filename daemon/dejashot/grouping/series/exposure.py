"""How much light an exposure lets in, and the stops that the rounded numbers of cameras mean.

A camera set two thirds of a stop from 1/60 writes 1/40, which is 0.585 EV by its numbers. Each scale names its stops in
order, a third or a half of a stop apart; `|` separates two spellings of one stop.
"""

import math
from bisect import bisect_left
from fractions import Fraction

from dejashot.models.capture import Camera

THIRDS, HALVES = 3, 2  # parts of a stop
_SAME_EV = 0.02  # as a number with few digits is written
_ISO_EV = 0.045  # sensitivities are rounded little

# from fast to slow, in seconds
_SPEED_THIRDS = (
    "1/32000 1/25600|1/25000 1/20000 1/16000 1/12800|1/13000 1/10000 1/8000 1/6400 1/5000 1/4000 1/3200 1/2500 "
    "1/2000 1/1600 1/1250 "
    "1/1000 1/800 1/640 1/500 1/400 1/320 1/250 1/200 1/160 1/125 1/100 1/80 1/60 1/50 1/40 1/30 1/25 1/20 1/15 "
    "1/13 1/10 1/8 1/6 1/5 "
    "1/4 0.3|1/3 0.4 0.5 0.6 0.8 1 1.3 1.6 2 2.5 3.2|3 4 5 6 8 10 13 15 20 25 30 40 50 60"
)
_SPEED_HALVES = (
    "1/32000 1/24000 1/16000 1/12000 1/8000 1/6000 1/4000 1/3000 1/2000 1/1500 1/1000 1/750 1/500 1/350 1/250 "
    "1/180 1/125 1/90 1/60 1/45 "
    "1/30 1/20 1/15 1/10 1/8 1/6 1/4 0.3|1/3 0.5 0.7 1 1.5 2 3 4 6 8 10|11 15 20 30 45 60"
)
# from wide to narrow, as f-numbers
_APERTURE_THIRDS = (
    "1 1.1 1.2 1.4 1.6 1.8 2 2.2 2.5 2.8 3.2 3.5 4 4.5 5|5.1 5.6 6.3 7.1 8 9 10 11 13 14 16 18 20 22 25 29 32"
)
_APERTURE_HALVES = "1 1.2 1.4 1.7 2 2.4 2.8 3.3|3.4 4 4.8 5.6 6.7 8 9.5 11 13 16 19 22 27 32"

Scale = list[tuple[float, float]]  # in order: the number in EV, and the stop that it names


def _speeds(names: str, parts: int) -> Scale:
    """Return a scale of exposure times, 2^-15 s first: log2(1 / t), falling in `names`."""
    return sorted((-math.log2(seconds), 15 - n / parts) for n, seconds in _numbered(names))


def _apertures(names: str, parts: int) -> Scale:
    """Return a scale of f-numbers, f/1 first: 2 log2(N)."""
    return sorted((2 * math.log2(number), n / parts) for n, number in _numbered(names))


def _numbered(names: str) -> list[tuple[int, float]]:
    return [(n, float(Fraction(spelling))) for n, name in enumerate(names.split()) for spelling in name.split("|")]


_SPEEDS = {THIRDS: _speeds(_SPEED_THIRDS, THIRDS), HALVES: _speeds(_SPEED_HALVES, HALVES)}
_APERTURES = {THIRDS: _apertures(_APERTURE_THIRDS, THIRDS), HALVES: _apertures(_APERTURE_HALVES, HALVES)}


def exposure_ev(camera: Camera) -> float | None:
    """Return the exposure as EV at ISO 100: log2(N^2 / t) - log2(ISO / 100); None without an exposure time.

    An aperture or a sensitivity that was not written counts as one that does not change.
    """
    if camera.exposure_s is None:
        return None
    return 2 * math.log2(camera.aperture or 1.0) - math.log2(camera.exposure_s) - math.log2((camera.iso or 100) / 100)


def exposure_settings_of(camera: Camera) -> tuple[float | None, ...]:
    """Return what the camera was set to: bias, exposure time, sensitivity, aperture."""
    return camera.bias_ev, camera.exposure_s, camera.iso, camera.aperture


def speed_stop(exposure_s: float, parts: int) -> float | None:
    """Return the stop, log2(1 / t), that an exposure time in seconds names on a scale of thirds or halves.

    None where it names none.
    """
    return _named(-math.log2(exposure_s), _SPEEDS[parts], parts)


def aperture_stop(number: float, parts: int) -> float | None:
    """Return the stop, 2 log2(N), that an f-number names on a scale of thirds or halves; None where it names none."""
    return _named(2 * math.log2(number), _APERTURES[parts], parts)


def iso_stop(iso: float, parts: int) -> float | None:
    """Return the stop, log2(ISO / 100), of a sensitivity on a scale of thirds or halves; None where it names none."""
    return _exact(math.log2(iso / 100), parts, _ISO_EV)


def _named(ev: float, scale: Scale, parts: int) -> float | None:
    at = bisect_left(scale, (ev - _SAME_EV, -math.inf))
    if at < len(scale) and scale[at][0] <= ev + _SAME_EV:
        return scale[at][1]
    return _exact(ev, parts, _SAME_EV)


def _exact(ev: float, parts: int, within_ev: float) -> float | None:
    """Return the stop that was written without rounding, as some cameras do."""
    stop = round(ev * parts) / parts
    return stop if abs(ev - stop) <= within_ev else None
