"""Random fields and colours that all scenes are made of: light is linear, arrays are float32."""

from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

Field = npt.NDArray[np.float32]
AnyField = npt.NDArray[np.floating[Any]]
Size = tuple[int, int]  # width and height in pixels
_COARSE, _PX_A_CELL = 4, 6
_FINE = 4  # bits of a pixel that corners are placed by
_ROW = 1024  # OpenCV takes no longer rows than 32,767 places
Point = tuple[float, float, float]  # to the right, up, and away from the viewer


def light(*srgb: int) -> Field:
    """Return a colour given in sRGB (0 to 255) as linear light."""
    return ((np.array(srgb, np.float32) / 255) ** np.float32(2.2)).astype(np.float32)


def value_noise(size: Size, cells: tuple[float, float], rng: np.random.Generator) -> Field:
    """Return smooth noise from 0 to 1 with about so many cells across and down."""
    grid = rng.random((max(2, round(cells[1])) + 3, max(2, round(cells[0])) + 3), dtype=np.float32)
    large = _enlarged(grid, size)
    return np.asarray(np.clip(large, 0, 1, out=large), np.float32)


def layered_noise(
    size: Size, cells: tuple[float, float], octaves: int, rng: np.random.Generator, gain: float = 0.5
) -> Field:
    """Return noise of several scales from 0 to 1, each twice as fine as the one before and `gain` times as strong."""
    small = (size[0] // _COARSE, size[1] // _COARSE)
    total = np.zeros(small[::-1], np.float32)
    for octave in range(octaves):
        across, down = cells[0] * 2**octave, cells[1] * 2**octave
        if len(total) == small[1] and (across * _PX_A_CELL > small[0] or down * _PX_A_CELL > small[1]):
            total = _enlarged(total, size)  # what is smooth is added up in fewer pixels
        total += np.float32(gain**octave) * value_noise(total.shape[::-1], (across, down), rng)
    total = total if len(total) == size[1] else _enlarged(total, size)
    return np.asarray(total / np.float32(sum(gain**octave for octave in range(octaves))), np.float32)


def _enlarged(picture: Field, size: Size) -> Field:
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_CUBIC), np.float32)


def ridged_noise(size: Size, cells: tuple[float, float], octaves: int, rng: np.random.Generator) -> Field:
    """Return noise from 0 to 1 with sharp ridges, as mountains have them."""
    total = np.zeros(size[::-1], np.float32)
    weight = np.ones(size[::-1], np.float32)
    strength, sum_of_strengths = 1.0, 0.0
    for octave in range(octaves):
        noise = value_noise(size, (cells[0] * 2**octave, cells[1] * 2**octave), rng)
        ridge = (1 - np.abs(2 * noise - 1)) ** 2
        total += np.float32(strength) * ridge * weight
        weight = np.clip(ridge * 1.6, 0, 1)
        sum_of_strengths += strength
        strength *= 0.48
    return np.asarray(total / np.float32(sum_of_strengths), np.float32)


def smooth_step(low: float, high: float, values: AnyField) -> Field:
    """Return 0 below `low`, 1 above `high`, and a smooth rise between them."""
    share = np.clip((values - np.float32(low)) / np.float32(high - low), 0, 1)
    return np.asarray(share * share * (3 - 2 * share), np.float32)


def mixed(first: AnyField, second: AnyField, share: AnyField) -> Field:
    """Return a mixture of two pictures or colours, `share` of it the second; shares have one value a pixel."""
    one, other, part = (values.astype(np.float32, copy=False) for values in (first, second, share))
    return np.asarray(one + (other - one) * part[..., None], np.float32)


def gradient(size: Size, stops: Sequence[tuple[float, Field]]) -> Field:
    """Return a picture of colours from top to bottom; each stop is a share of the height and the light there."""
    at = np.linspace(0, 1, size[1], dtype=np.float32)
    places = [place for place, _ in stops]
    column = np.stack([np.interp(at, places, [colour[band] for _, colour in stops]) for band in range(3)], axis=1)
    return np.repeat(column[:, None, :].astype(np.float32), size[0], axis=1)


def pixel_grid(size: Size) -> tuple[Field, Field]:
    """Return the column and the row of each pixel."""
    x, y = np.meshgrid(np.arange(size[0], dtype=np.float32), np.arange(size[1], dtype=np.float32))
    return x, y


def sampled(picture: Field, x: AnyField, y: AnyField) -> Field:
    """Return what a picture shows at some places (columns and rows), which are repeated beyond its edges."""
    across, down = (values.astype(np.float32, copy=False) for values in (x, y))
    return np.asarray(cv2.remap(picture, across, down, cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP), np.float32)


def tiled(texture: Field) -> Field:
    """Return a square texture, a quarter smaller, whose opposite edges meet."""
    side = texture.shape[0] // 4
    share = np.linspace(0, 1, side, dtype=np.float32)
    wide = texture[:, :-side].copy()
    wide[:, :side] = texture[:, :side] * share + texture[:, -side:] * (1 - share)
    whole = wide[:-side].copy()
    whole[:side] = wide[:side] * share[:, None] + wide[-side:] * (1 - share)[:, None]
    return np.ascontiguousarray(whole)


def sampled_at(picture: Field, x: AnyField, y: AnyField) -> Field:
    """Return what a picture shows at a list of places."""
    rows = -(-len(x) // _ROW)
    room = rows * _ROW - len(x)
    across, down = (np.pad(v, (0, room)).reshape(rows, _ROW) for v in (x, y))
    return (
        sampled(picture, across, down).reshape(rows * _ROW, *picture.shape[2:])[: len(x)]
        if rows
        else np.zeros(0, np.float32)
    )


def softened(picture: AnyField, radius_px: float) -> Field:
    """Return a picture out of focus (Gaussian)."""
    exact = picture.astype(np.float32, copy=False)
    if radius_px < _COARSE * 2:
        return np.asarray(cv2.GaussianBlur(exact, (0, 0), radius_px), np.float32)
    height, width = picture.shape[:2]
    small = cv2.resize(exact, (width // _COARSE, height // _COARSE), interpolation=cv2.INTER_AREA)
    blurred = cv2.GaussianBlur(small, (0, 0), radius_px / _COARSE)
    return np.asarray(cv2.resize(blurred, (width, height), interpolation=cv2.INTER_LINEAR), np.float32)


def paint(picture: Field, corners: npt.ArrayLike, colour: Field, strength: float = 1.0) -> None:
    """Fill a polygon (columns and rows, also beyond the edges) in a picture, with smooth edges."""
    points = np.asarray(corners, np.float32)
    first = np.maximum(np.floor(points.min(axis=0)).astype(int) - 2, 0)
    last = np.minimum(np.ceil(points.max(axis=0)).astype(int) + 3, picture.shape[1::-1])
    if (last <= first).any():
        return
    mask = np.zeros((last - first)[::-1], np.uint8)
    place = np.round((points - first) * (1 << _FINE)).astype(np.int32)
    cv2.fillPoly(mask, [place], 255, cv2.LINE_AA, _FINE)
    window = picture[first[1] : last[1], first[0] : last[0]]
    window[:] = mixed(window, colour, np.asarray(mask * np.float32(strength / 255), np.float32))


def paint_line(picture: Field, ends: npt.ArrayLike, width_px: float, colour: Field, strength: float = 1.0) -> None:
    """Draw a straight line with smooth edges between two places."""
    (x1, y1), (x2, y2) = np.asarray(ends, float)
    length = max(float(np.hypot(x2 - x1, y2 - y1)), 1e-6)
    side = np.array([y1 - y2, x2 - x1]) / length * width_px / 2
    start, end = np.array([x1, y1]), np.array([x2, y2])
    paint(picture, [start - side, end - side, end + side, start + side], colour, strength)


def paint_oval(picture: Field, middle: tuple[float, float], axes: tuple[float, float], colour: Field) -> None:
    """Fill an upright oval with smooth edges."""
    turn = np.linspace(0, 2 * np.pi, 48)
    paint(picture, np.stack([middle[0] + axes[0] * np.cos(turn), middle[1] + axes[1] * np.sin(turn)], axis=1), colour)


def shade_painted(picture: Field, before: Field, share: AnyField) -> None:
    """Darken what was painted on a picture since it was `before`, to a share of its light for each pixel."""
    painted = np.abs(picture - before).max(axis=2) > 1e-4
    picture[painted] *= np.broadcast_to(share, painted.shape)[painted].astype(np.float32)[:, None]
