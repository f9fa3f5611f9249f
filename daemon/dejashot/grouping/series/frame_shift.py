"""How far a frame has moved against another one, by their signatures."""

from dataclasses import dataclass

import numpy as np

from dejashot.models.arrays import SIGNATURE_SIDE, Floats64, Signatures

_MIN_OVERLAP, _MIN_DEVIATION = 0.25, 2.0

# by shift (row, from minus a frame on): which rows or columns of a frame another one lies over, and over how many cells
_SHIFTS = np.arange(-SIGNATURE_SIDE, SIGNATURE_SIDE)[:, None]
_OVERLAP = ((np.arange(SIGNATURE_SIDE) - _SHIFTS) // SIGNATURE_SIDE == 0).astype(np.float64)
_COUNT = np.maximum(np.outer(_OVERLAP.sum(1), _OVERLAP.sum(1)), 1)
_FLOOR = _COUNT * _MIN_DEVIATION**2
_ENOUGH = _MIN_OVERLAP * SIGNATURE_SIDE**2 <= _COUNT


@dataclass(frozen=True, slots=True)
class FrameShift:
    """Where a second picture lies in a first: cells right and down, the correlation there, and that without moving."""

    right: float
    down: float
    correlation: float
    unmoved: float


def correlations(a: Signatures, b: Signatures) -> Floats64:
    """Return the normalised correlations of pictures laid on each other, -1 to 1."""
    first, second = ((s - s.mean(axis=(1, 2), keepdims=True)).reshape(len(s), -1) for s in (a, b))
    floor = first.shape[1] * _MIN_DEVIATION**2
    spread = np.maximum((first**2).sum(1), floor) * np.maximum((second**2).sum(1), floor)
    found: Floats64 = (first * second).sum(1) / np.sqrt(spread)
    return found


def frame_shifts(a: Signatures, b: Signatures) -> list[FrameShift]:
    """Return where each second picture lies in the first one.

    The normalised cross-correlation over the overlap of at least a quarter of the frame (Padfield 2012, Masked Object
    Registration in the Fourier Domain); the peak is placed between cells by a parabola.
    """
    size = (2 * SIGNATURE_SIDE, 2 * SIGNATURE_SIDE)
    first, second = a.astype(np.float64) - 128, b.astype(np.float64) - 128
    product = np.fft.rfft2(first, s=size) * np.fft.rfft2(second, s=size).conj()
    ab = np.fft.fftshift(np.fft.irfft2(product, s=size), axes=(1, 2))
    sum_a, sum_aa = (_OVERLAP @ s @ _OVERLAP.T for s in (first, first**2))
    sum_b, sum_bb = (_OVERLAP[:, ::-1] @ s @ _OVERLAP[:, ::-1].T for s in (second, second**2))
    spread = np.sqrt(np.maximum(sum_aa - sum_a**2 / _COUNT, _FLOOR) * np.maximum(sum_bb - sum_b**2 / _COUNT, _FLOOR))
    surfaces = np.where(_ENOUGH, (ab - sum_a * sum_b / _COUNT) / spread, -1.0)
    return [_peak(surface) for surface in surfaces]


def _peak(surface: Floats64) -> FrameShift:
    """Return the shift at the top of a correlation surface, by row and column."""
    y, x = divmod(int(surface.argmax()), surface.shape[1])
    down, right = y + _vertex(surface[y - 1 : y + 2, x]), x + _vertex(surface[y, x - 1 : x + 2])
    middle = SIGNATURE_SIDE
    return FrameShift(right - middle, down - middle, float(surface[y, x]), float(surface[middle, middle]))


def _vertex(values: Floats64) -> float:
    """Return where the top of a parabola through three values lies, -0.5 to 0.5 from the middle one."""
    low, middle, high = values.tolist()
    bend = low - 2 * middle + high
    return 0.0 if bend >= 0 or min(low, high) <= -1 else 0.5 * (low - high) / bend
