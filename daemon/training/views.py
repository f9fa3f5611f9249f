"""What happens to a photo between two presses of the shutter, as random views of it, and what is another picture of the same place.

All pictures are uint8 [H, W, 3] RGB.
"""

import cv2
import numpy as np
import numpy.typing as npt

Picture = npt.NDArray[np.uint8]

_steps = np.arange(256) / 255.0
TO_LINEAR = np.where(_steps <= 0.04045, _steps / 12.92, ((_steps + 0.055) / 1.055) ** 2.4).astype(np.float32)
_fine = np.linspace(0, 1, 4096)
TO_SRGB = (np.where(_fine <= 0.0031308, 12.92 * _fine, 1.055 * _fine ** (1 / 2.4) - 0.055) * 255 + 0.5).astype(np.uint8)

BLANK_DEVIATION = 9.0  # luma levels: a view with less in it teaches nothing


def exposed(picture: Picture, ev: float, rng: np.random.Generator) -> Picture:
    """Return the picture as another exposure would have caught it: `ev` stops in linear light, a tone curve, clipped, white balance."""
    gain = (2**ev * np.exp(rng.normal(0, 0.06, 3))).astype(np.float32)
    light = TO_LINEAR[picture] * gain
    if rng.random() < 0.5:
        shoulder = rng.uniform(0, 0.6)
        light = light * (1 + shoulder) / (1 + shoulder * light)
    if ev < -1:  # what is dark is noisy
        light += rng.normal(0, 0.002 * 2 ** min(-ev, 3), light.shape).astype(np.float32)
    out = TO_SRGB[np.clip(light * 4095, 0, 4095).astype(np.int32)]
    if rng.random() < 0.4:
        grey = out.mean(2, keepdims=True)
        out = np.clip((grey + (out - grey) * rng.uniform(0.4, 1.4) - 128) * rng.uniform(0.75, 1.25) + 128, 0, 255).astype(np.uint8)
    return out


def framed(picture: Picture, side: int, share: float, rng: np.random.Generator, strength: float = 1.0) -> Picture:
    """Return `share` of the picture's area [side, side]: moved, a little turned, tilted and stretched."""
    height, width = picture.shape[:2]
    stretch = np.exp(rng.uniform(-0.22, 0.22))
    wide = min(width, np.sqrt(share * width * height * stretch))
    high = min(height, np.sqrt(share * width * height / stretch))
    left, top = rng.uniform(0, width - wide), rng.uniform(0, height - high)
    corners = np.array([[left, top], [left + wide, top], [left + wide, top + high], [left, top + high]], np.float32)
    middle = corners.mean(0)
    turn = np.deg2rad(rng.normal(0, 4 * strength))
    turned = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]], np.float32)
    corners = (corners - middle) @ turned.T + middle + rng.uniform(-0.06, 0.06, (4, 2)) * strength * [wide, high]
    onto = np.array([[0, 0], [side, 0], [side, side], [0, side]], np.float32)
    warp = cv2.getPerspectiveTransform(corners.astype(np.float32), onto)
    how = cv2.INTER_AREA if wide > 2.2 * side else cv2.INTER_LINEAR
    return np.asarray(cv2.warpPerspective(picture, warp, (side, side), flags=how, borderMode=cv2.BORDER_REFLECT_101), np.uint8)


def walked_round(picture: Picture, rng: np.random.Generator) -> Picture:
    """Return the picture as seen from a step aside: near things move against far ones, smoothly, by up to a tenth of the side."""
    side = picture.shape[0]
    coarse = int(rng.integers(3, 6))
    reach = rng.uniform(0.03, 0.1) * side
    shift = rng.uniform(-reach, reach, (coarse, coarse, 2)).astype(np.float32) * np.array([1.0, 0.4], np.float32)
    field = cv2.resize(shift, (side, side), interpolation=cv2.INTER_CUBIC)
    x, y = np.meshgrid(np.arange(side, dtype=np.float32), np.arange(side, dtype=np.float32))
    moved = cv2.remap(picture, x + field[:, :, 0], y + field[:, :, 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101)
    return np.asarray(moved, np.uint8)


def walked_through(picture: Picture, other: Picture, rng: np.random.Generator) -> Picture:
    """Return the picture with a subject that moved: a patch of itself or of another picture where none was."""
    side = picture.shape[0]
    size = int(side * rng.uniform(0.15, 0.45))
    high = min(side - 1, int(size * rng.uniform(0.6, 1.8)))
    source = picture if rng.random() < 0.6 else cv2.resize(other, (side, side), interpolation=cv2.INTER_AREA)
    y, v = rng.integers(0, side - high, 2)
    x, u = rng.integers(0, side - size, 2)
    out = picture.copy()
    patch = source[v : v + high, u : u + size].astype(np.float32)
    soft = np.zeros((high, size), np.float32)
    cv2.ellipse(soft, (size // 2, high // 2), (size // 2, high // 2), 0, 0, 360, 1.0, -1)
    soft = cv2.GaussianBlur(soft, (0, 0), 2)[:, :, None]
    out[y : y + high, x : x + size] = (out[y : y + high, x : x + size] * (1 - soft) + patch * soft).astype(np.uint8)
    return out


def shaken(picture: Picture, rng: np.random.Generator) -> Picture:
    """Return the picture out of focus, or with the camera moved while the shutter was open."""
    if rng.random() < 0.5:
        return np.asarray(cv2.GaussianBlur(picture, (0, 0), rng.uniform(0.5, 3.0)), np.uint8)
    length = int(rng.integers(3, 16))
    streak = np.zeros((length, length), np.float32)
    cv2.line(streak, (0, int(rng.integers(0, length))), (length - 1, int(rng.integers(0, length))), 1.0)
    streak = streak if rng.random() < 0.5 else streak.T
    return np.asarray(cv2.filter2D(picture, -1, streak / max(float(streak.sum()), 1e-6), borderType=cv2.BORDER_REFLECT), np.uint8)


def sent(picture: Picture, rng: np.random.Generator) -> Picture:
    """Return the picture as a messenger sends it: smaller, and compressed again."""
    side = picture.shape[0]
    small = max(48, int(side * rng.uniform(0.4, 1.0)))
    reduced = cv2.resize(picture, (small, small), interpolation=cv2.INTER_AREA)
    _, coded = cv2.imencode(".jpg", reduced, [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(20, 85))])
    return np.asarray(cv2.resize(cv2.imdecode(coded, cv2.IMREAD_COLOR), (side, side), interpolation=cv2.INTER_LINEAR), np.uint8)


def is_blank(picture: Picture) -> bool:
    """Tell whether next to nothing is to be seen."""
    return float(picture.mean(2).std()) < BLANK_DEVIATION


def view(picture: Picture, other: Picture, side: int, rng: np.random.Generator, *, least_share: float, ev: tuple[float, float]) -> Picture:
    """Return a random view [side, side, 3] that shows at least `least_share` of the picture, exposed within `ev` stops."""
    out = framed(picture, side, rng.uniform(least_share, 1.0), rng, strength=rng.uniform(0.3, 2.2))
    if rng.random() < 0.4:
        out = walked_round(out, rng)
    if rng.random() < 0.3:
        out = walked_through(out, other, rng)
    if rng.random() < 0.35:
        out = shaken(out, rng)
    if rng.random() < 0.85:
        lit = exposed(out, rng.uniform(*ev), rng)
        out = exposed(out, rng.uniform(-1, 1), rng) if is_blank(lit) else lit
    if rng.random() < 0.3:
        out = np.clip(out + rng.normal(0, rng.uniform(2, 18), out.shape), 0, 255).astype(np.uint8)
    return sent(out, rng) if rng.random() < 0.3 else out


def same_shot(picture: Picture, other: Picture, side: int, rng: np.random.Generator) -> tuple[Picture, Picture]:
    """Return two views of one picture: one near the original, or dark against bright, or a long zoom."""
    kind = rng.random()
    if kind < 0.25:  # the ends of the range
        dark = view(picture, other, side, rng, least_share=0.8, ev=(-4.5, -1.5))
        return dark, view(picture, other, side, rng, least_share=0.8, ev=(0.5, 3.5))
    if kind < 0.4:  # a long zoom
        return view(picture, other, side, rng, least_share=0.9, ev=(-1, 1)), view(picture, other, side, rng, least_share=0.2, ev=(-1, 1))
    return view(picture, other, side, rng, least_share=0.75, ev=(-0.7, 0.7)), view(picture, other, side, rng, least_share=0.35, ev=(-2, 2))


def two_places(picture: Picture, rng: np.random.Generator) -> tuple[Picture, Picture] | None:
    """Return two windows of one picture with little in common: the same place and light, another picture; None if one shows nothing."""
    height, width = picture.shape[:2]
    share = rng.uniform(0.45, 0.55)
    if width * rng.uniform(0.8, 1.25) >= height:
        cut = int(width * share)
        first, second = picture[:, :cut], picture[:, width - cut :]
    else:
        cut = int(height * share)
        first, second = picture[:cut], picture[height - cut :]
    return None if is_blank(first) or is_blank(second) else (np.ascontiguousarray(first), np.ascontiguousarray(second))
