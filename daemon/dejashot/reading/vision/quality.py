"""The quality of a shot that has look-alikes: sharpness, clipping, brightness; and a small preview for the digest."""

import hashlib
import io
import math
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

import numpy as np
from PIL import Image

from dejashot.models.arrays import Floats64
from dejashot.models.detail import Detail
from dejashot.models.photo import Face, Quality
from dejashot.models.sketch import LUMA_SIDE, SHARP_SIDE, Sketch
from dejashot.reading.decode.colour import in_srgb
from dejashot.reading.vision.blocks import BLOCK_PX, Luma, Mask, blocks_of, grid_sums
from dejashot.reading.vision.faces import FoundFace
from dejashot.reading.vision.gradients import MIDDLE_LEVEL, ScenePlanes, Sums, planes_of
from dejashot.reading.vision.opencv import opencv
from dejashot.reading.vision.overlay_text import find_overlay_text
from dejashot.reading.vision.scene_area import Area, inside_frame, scene_masks
from dejashot.reading.vision.straight_lines import leans_of

LOOK_PX = 1024  # the long side at which pictures are measured
PREVIEW_PX = 360
_PREVIEW_GAP = 1.3  # a picture is reduced by a whole factor to no less than this many times its size, then resampled
NO_INFO: Mapping[Any, Any] = MappingProxyType({})
SIDE = 4  # tiles a side
_BLOCKS, _FLATTEST_PERCENT = (12, 16), 10  # grain is measured in the flattest tenth of this many blocks
_WHITE_GAIN = 2.734  # energy that white noise of variance 1 leaves in one Sobel gradient after that filter
_COARSE_GRAIN = 3.0  # enlarged and compressed grain leaves up to this many times as much; more is texture
_SECOND_STEP = np.array([1, -2, 1], dtype=np.float32)
_FACE_MARGIN = 0.1
_CELL_PX = 8  # of a look: a digit on a phone is twice as high
_DARK, _LIGHT = 5, 251  # levels below and from which a pixel is black or overexposed
# measured of a block in which grain is measured, and of a picture whose scene is separated
_MIN_OF_A_BLOCK, _MIN_SCENE = 0.5, 0.15

FaceBox = tuple[float, float, float, float]


def at_look_size(picture: Image.Image) -> Image.Image:
    """Return the luma of an upright RGB picture at a long side of 1024 pixels.

    Smaller pictures are enlarged: a reduced copy is measured at the size it would be looked at.
    """
    scale = LOOK_PX / max(picture.size)
    size = (max(8, round(picture.width * scale)), max(8, round(picture.height * scale)))
    return picture.convert("L").resize(size, Image.Resampling.BICUBIC, reducing_gap=2.0)


def measure_quality(look: Image.Image, faces: Sequence[FoundFace] = (), coarseness: float = 0.0) -> Quality:
    """Measure a picture by its luma at its look size, and the faces found in it.

    Sharpness is the root of the normalised Tenengrad: Sobel energy after a small Gaussian, minus noise, over the
    variance of the luma plus 25. Only the scene is measured, not frames, bars and text around or on it; what was not
    decoded counts as black.
    """
    area = inside_frame(look)
    luma = np.asarray(area.luma)
    inner = luma[1:-1, 1:-1]
    whole = planes_of(luma)
    measured, missing = _scene_masks(area, inner, whole)
    planes = whole.within(measured, missing)
    grid = planes.grid()
    noise, grain = _grain(luma, grid.merged(*_BLOCKS), measured)
    across, down, both = (float(each[0, 0]) for each in grid.merged(1, 1).tensor(grain))
    light, dark, brightness = _exposure(inner, measured, missing)
    upright, level = leans_of(planes.energies)
    return Quality(
        sharpness=math.sqrt(across + down),
        clipped_light=light,
        clipped_dark=dark,
        brightness=brightness,
        tiles=tuple(grid.merged(SIDE, SIDE).sharpness(grain).ravel().tolist()),
        gradients=(across, down, both),
        noise=noise,
        coarseness=coarseness,
        sketch=_sketch(area.luma, grid.merged(SHARP_SIDE, SHARP_SIDE).sharpness(grain)),
        upright=upright,
        level=level,
        faces=tuple(_measured_face(face, area, planes, grain) for face in faces),
    )


def _measured_face(face: FoundFace, area: Area, planes: ScenePlanes, grain: float) -> Face:
    rows, columns = _inside(_within(face.box, area.place), *planes.planes.shape[1:])
    return Face(face.box, float(planes.box(rows, columns).sharpness(grain)), face.eyes, face.logit)


def detail_of(picture: Image.Image, look: Image.Image) -> Detail:
    """Return the fine detail of an upright RGB picture, given also its luma at its look size."""
    size = (max(1, round(look.width / _CELL_PX)), max(1, round(look.height / _CELL_PX)))
    cells = np.asarray(look.resize(size, Image.Resampling.BOX))
    return Detail.made(hashlib.blake2b(picture.tobytes(), digest_size=16).hexdigest(), cells)


def coarseness_of(image: Image.Image) -> float:
    """Return the mean step of a JPEG's luma quantisation, 0 for a picture that has none."""
    table = getattr(image, "quantization", {}).get(0)
    return float(np.mean(table)) if table else 0.0


def _sketch(luma: Image.Image, sharpness: Floats64) -> Sketch:
    """Return the picture in few cells."""
    cells = luma.resize((LUMA_SIDE, LUMA_SIDE), Image.Resampling.BOX, reducing_gap=2.0)
    return Sketch.made(np.asarray(cells), sharpness.astype(np.float32))


def _within(box: FaceBox, place: FaceBox) -> FaceBox:
    """Return a box in shares of the picture as one in shares of a place in it."""
    left, top, width, height = place
    return (box[0] - left) / width, (box[1] - top) / height, box[2] / width, box[3] / height


def _inside(box: FaceBox, height: int, width: int) -> tuple[slice, slice]:
    """Return the rows and columns of a face without its margin, never empty."""
    left, top, w, h = box
    spans = []
    for start, extent, length in ((top, h, height), (left, w, width)):
        low = min(max(0, int((start + _FACE_MARGIN * extent) * length)), length - 1)
        high = min(int((start + (1 - _FACE_MARGIN) * extent) * length), length)
        spans.append(slice(low, max(high, low + 1)))
    return spans[0], spans[1]


def _scene_masks(area: Area, luma: Luma, whole: ScenePlanes) -> tuple[Mask, Mask] | tuple[None, None]:
    """Return the pixels that are measured and those that are missing; None where all are, or too few to judge by.

    `luma` lacks the picture's outermost pixels, as its gradients do.
    """
    if min(luma.shape) < BLOCK_PX:
        return None, None
    across, down, _ = whole.energies
    blocks = blocks_of(luma, across + down)
    kinds = None if area.kinds is None else area.kinds[1:-1, 1:-1]
    masks = scene_masks(luma, blocks, find_overlay_text(luma, blocks), kinds)
    return masks if masks is not None and masks[0].mean() >= _MIN_SCENE else (None, None)


def _exposure(luma: Luma, measured: Mask | None, missing: Mask | None) -> tuple[float, float, float]:
    """Return the shares of overexposed and black pixels, and the brightness.

    Missing pixels count as overexposed where they are white, as they may be sky, else as black.
    """
    shown = _histogram(luma, measured)
    absent = np.zeros_like(shown) if missing is None else _histogram(luma, missing)
    size, white = float(shown.sum()), float(absent[_LIGHT:].sum())
    area = size + float(absent.sum())
    dark = float(shown[:_DARK].sum() + absent.sum()) - white
    return (float(shown[_LIGHT:].sum()) + white) / area, dark / area, float(shown @ np.arange(256)) / size


def _histogram(luma: Luma, mask: Mask | None) -> Floats64:
    """Return how many pixels of a mask, or of all, have each level."""
    with opencv() as cv2:
        counts = cv2.calcHist([luma], [0], None if mask is None else mask.astype(np.uint8), [256], [0, 256])
    return np.asarray(counts.ravel(), np.float64)


def _grain(luma: Luma, blocks: Sums, measured: Mask | None) -> tuple[float, float]:
    """Return the standard deviation of the grain in levels (Immerkaer 1996) and the energy it leaves in one gradient.

    Both are taken from the flattest blocks that are not clipped and of which most is measured.
    """
    with opencv() as cv2:
        residue = cv2.sepFilter2D(luma, cv2.CV_32F, _SECOND_STEP, _SECOND_STEP)[1:-1, 1:-1]
    np.abs(residue, out=residue)
    counts = np.maximum(blocks.counts, 1)
    residues = grid_sums(residue if measured is None else residue * measured, *_BLOCKS) / counts
    levels = blocks.levels / counts + MIDDLE_LEVEL
    usable = (blocks.counts >= _MIN_OF_A_BLOCK * blocks.sizes) & (levels > 8) & (levels < 247)
    if not usable.any():
        return 0.0, 0.0
    energies = (blocks.across + blocks.down) / (2 * counts)
    noise = float(np.percentile(residues[usable], _FLATTEST_PERCENT)) * math.sqrt(math.pi / 2) / 6
    return noise, min(float(np.percentile(energies[usable], _FLATTEST_PERCENT)), _COARSE_GRAIN * _WHITE_GAIN * noise**2)


def render_preview(picture: Image.Image, info: Mapping[Any, Any] = NO_INFO) -> bytes:
    """Return a small sRGB JPEG of an upright RGB picture, re-encoded from pixels: no metadata goes along.

    `info` is that of the opened picture, with its colours.
    """
    scale = min(1.0, PREVIEW_PX / max(picture.size))
    size = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
    small = picture.resize(size, Image.Resampling.HAMMING, reducing_gap=_PREVIEW_GAP)
    small = in_srgb(small, info)
    bare = Image.frombytes("RGB", small.size, small.tobytes())
    out = io.BytesIO()
    bare.save(out, "JPEG", quality=74, optimize=True)
    return out.getvalue()
