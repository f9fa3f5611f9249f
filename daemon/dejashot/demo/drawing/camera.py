"""What a camera makes of a scene: framing, movement, focus, exposure, the lens, noise, and the curve of its tones."""

from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np
import numpy.typing as npt

from dejashot.demo.drawing.fields import Field, pixel_grid, softened

Bitmap = npt.NDArray[np.uint8]
_CURVE_STEPS = 4096
_BRIGHTEST, _SENSITIVITY = 16.0, 0.72


@dataclass(frozen=True, slots=True)
class ShotSettings:
    """How a scene is taken: exposure in stops, framing (shares of the width, degrees), blur and movement in pixels."""

    stops: float = 0.0
    shift: tuple[float, float] = (0.0, 0.0)
    turn: float = 0.0
    blur_px: float = 0.0
    motion_px: float = 0.0
    motion_turn: float = 20.0
    noise: float = 0.006


def photograph(scene: Field, shot: ShotSettings, rng: np.random.Generator) -> Bitmap:
    """Return the picture (sRGB) that a camera takes of a scene in linear light."""
    framed = _framed(scene, shot)
    if shot.motion_px:
        framed = _moved(framed, shot.motion_px, shot.motion_turn)
    if shot.blur_px:
        framed = softened(framed, shot.blur_px)
    framed = np.asarray(
        framed * (np.float32(2**shot.stops) * _vignette(framed.shape[1], framed.shape[0])[..., None]), np.float32
    )
    height, width = framed.shape[:2]
    grain = rng.standard_normal((height, width, 1), dtype=np.float32)
    speckle = cv2.resize(rng.standard_normal((height // 2, width // 2, 3), dtype=np.float32), (width, height))
    strength = np.float32(shot.noise) * np.sqrt(np.clip(framed, 0.0, 1.0) + np.float32(0.02))
    return _toned(framed + strength * (grain * np.float32(1.5) + speckle))


def _framed(scene: Field, shot: ShotSettings) -> Field:
    """Return the scene a little enlarged, so that a camera that moved still sees it everywhere."""
    height, width = scene.shape[:2]
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), shot.turn, 1.035)
    matrix[:, 2] += (shot.shift[0] * width, shot.shift[1] * width)
    return np.asarray(
        cv2.warpAffine(scene, matrix, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT), np.float32
    )


def _moved(picture: Field, length_px: float, degrees: float) -> Field:
    side = int(length_px) * 2 + 3
    kernel = np.zeros((side, side), np.float32)
    middle, reach = side // 2, length_px / 2
    step = np.array([np.cos(np.radians(degrees)), np.sin(np.radians(degrees))]) * reach
    start, end = (np.array([middle, middle]) - step), (np.array([middle, middle]) + step)
    cv2.line(kernel, tuple(map(int, start.round())), tuple(map(int, end.round())), 1.0, 1, cv2.LINE_AA)
    return np.asarray(cv2.filter2D(picture, -1, kernel / kernel.sum()), np.float32)


@cache
def _vignette(width: int, height: int) -> Field:
    x, y = pixel_grid((width, height))
    far = ((x / width - 0.5) ** 2 + ((y / height - 0.5) * height / width) ** 2) / 0.39
    return np.asarray(1 - 0.36 * far, np.float32)


def _toned(linear: Field) -> Bitmap:
    """Return linear light as sRGB, with highlights that run out softly."""
    steps = np.linspace(0, 1, _CURVE_STEPS) ** 2 * _BRIGHTEST
    mapped = (steps * (2.51 * steps + 0.03)) / (steps * (2.43 * steps + 0.59) + 0.14)
    curve = np.clip(mapped, 0, 1) ** (1 / 2.2)
    table = np.round(curve * 255).astype(np.uint8)
    index = np.sqrt(np.clip(linear, 0, _BRIGHTEST) * np.float32(_SENSITIVITY / _BRIGHTEST)) * np.float32(
        _CURVE_STEPS - 1
    )
    return np.asarray(table[index.astype(np.uint16)], np.uint8)
