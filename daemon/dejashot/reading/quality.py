"""A closer look at a shot that has look-alikes: sharpness, clipping, brightness, and a small picture for the digest."""

import hashlib
import io
import math
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageFilter

from dejashot.detail import Detail
from dejashot.models import Face, Quality
from dejashot.reading.colours import in_srgb
from dejashot.reading.faces import Found

LOOK_PX = 1024
PREVIEW_PX = 360
NO_INFO: Mapping[Any, Any] = MappingProxyType({})
SIDE = 4  # tiles a side
_VARIANCE_FLOOR = 25.0
_GAUSSIAN = ImageFilter.Kernel((3, 3), (1, 2, 1, 2, 4, 2, 1, 2, 1))  # standard deviation 0.7 pixels
_BLOCKS, _FLATTEST_PERCENT = (12, 16), 10  # grain is measured in the flattest tenth of this many blocks
_WHITE_GAIN = 2.734  # energy that white noise of variance 1 leaves in one Sobel gradient after that filter
_COARSE_GRAIN = 3.0  # enlarged and compressed grain leaves up to this many times as much; more is texture
_FACE_MARGIN = 0.1
_CELL_PX = 8  # of a look: a digit on a phone is twice as high

Floats = npt.NDArray[np.float32]


def at_look_size(picture: Image.Image) -> Image.Image:
    """Return an upright RGB picture at a long side of 1024 pixels.

    Smaller pictures are enlarged: a reduced copy is measured at the size it would be looked at.
    """
    scale = LOOK_PX / max(picture.size)
    size = (max(8, round(picture.width * scale)), max(8, round(picture.height * scale)))
    return picture.resize(size, Image.Resampling.BICUBIC, reducing_gap=2.0)


def measure(look: Image.Image, faces: Sequence[Found] = (), coarseness: float = 0.0) -> Quality:
    """Measure a picture at its look size, and the faces found in it.

    Sharpness is the square root of the normalised Tenengrad: Sobel energy after a small Gaussian, less what noise adds to it, over
    the variance of the luma plus 25, so that neither exposure nor noise passes for sharpness.
    """
    luma = look.convert("L")
    counts = np.array(luma.histogram(), dtype=np.float64)
    shares = counts / counts.sum()
    grey = np.asarray(luma, dtype=np.float32)
    smooth = np.asarray(luma.filter(_GAUSSIAN), dtype=np.float32)
    across, down = _gradients(smooth)
    noise, grain = _grain(grey, (across**2 + down**2) / np.float32(2))
    middle = smooth[1:-1, 1:-1]

    def tensor(rows: slice, columns: slice) -> tuple[float, float, float]:
        dx, dy = across[rows, columns], down[rows, columns]
        spread = (float(middle[rows, columns].var()) + _VARIANCE_FLOOR) * dx.size
        xx, yy, xy = (float(np.einsum("ij,ij->", a, b)) for a, b in ((dx, dx), (dy, dy), (dx, dy)))
        return max(0.0, xx - grain * dx.size) / spread, max(0.0, yy - grain * dx.size) / spread, xy / spread

    def sharpness(rows: slice, columns: slice) -> float:
        xx, yy, _ = tensor(rows, columns)
        return math.sqrt(xx + yy)

    height, width = across.shape
    rows, columns = _parts(height, SIDE), _parts(width, SIDE)
    whole = tensor(slice(None), slice(None))
    return Quality(
        sharpness=math.sqrt(whole[0] + whole[1]),
        clipped_light=float(shares[251:].sum()),
        clipped_dark=float(shares[:5].sum()),
        brightness=float(shares @ np.arange(256)),
        tiles=tuple(sharpness(r, c) for r in rows for c in columns),
        gradients=whole,
        noise=noise,
        coarseness=coarseness,
        faces=tuple(Face(f.box, sharpness(*_inside(f.box, height, width)), f.eyes) for f in faces),
    )


def detail_of(picture: Image.Image, look: Image.Image) -> Detail:
    """Return the fine detail of an upright RGB picture, given also at its look size."""
    size = (max(1, round(look.width / _CELL_PX)), max(1, round(look.height / _CELL_PX)))
    cells = np.asarray(look.convert("L").resize(size, Image.Resampling.BOX))
    return Detail.made(hashlib.blake2b(picture.tobytes(), digest_size=16).hexdigest(), cells)


def coarseness_of(image: Image.Image) -> float:
    """Return the mean step of a JPEG's luma quantisation, 0 for a picture that has none."""
    table = getattr(image, "quantization", {}).get(0)
    return float(np.mean(table)) if table else 0.0


def _parts(length: int, count: int) -> list[slice]:
    """Cut a length into nearly equal parts, none of them empty."""
    return [slice(n * length // count, max((n + 1) * length // count, n * length // count + 1)) for n in range(count)]


def _inside(box: tuple[float, float, float, float], height: int, width: int) -> tuple[slice, slice]:
    """Return the rows and columns of a face without its margin, never empty."""
    left, top, w, h = box
    spans = []
    for start, extent, length in ((top, h, height), (left, w, width)):
        low = min(max(0, int((start + _FACE_MARGIN * extent) * length)), length - 1)
        high = min(int((start + (1 - _FACE_MARGIN) * extent) * length), length)
        spans.append(slice(low, max(high, low + 1)))
    return spans[0], spans[1]


def _gradients(grey: Floats) -> tuple[Floats, Floats]:
    """Return the Sobel gradients across and down, one pixel less at every edge (Tenenbaum 1970)."""
    columns = grey[:-2] + grey[2:]
    columns += grey[1:-1]
    columns += grey[1:-1]
    rows = grey[:, :-2] + grey[:, 2:]
    rows += grey[:, 1:-1]
    rows += grey[:, 1:-1]
    return columns[:, 2:] - columns[:, :-2], rows[2:] - rows[:-2]


def _grain(grey: Floats, energy: Floats) -> tuple[float, float]:
    """Return the standard deviation of the grain in levels (Immerkaer 1996) and the energy it leaves in one gradient.

    Both are taken from the flattest blocks that are not clipped; `energy` is the mean of the two squared gradients.
    """
    second = grey[2:] - 2 * grey[1:-1] + grey[:-2]
    residue = np.abs(second[:, 2:] - 2 * second[:, 1:-1] + second[:, :-2])
    rows, columns = (_parts(length, count) for length, count in zip(residue.shape, _BLOCKS, strict=True))
    open_blocks = [(r, c) for r in rows for c in columns if 8 < grey[1:-1, 1:-1][r, c].mean() < 247]
    if not open_blocks:
        return 0.0, 0.0
    residues, energies = ([float(plane[block].mean()) for block in open_blocks] for plane in (residue, energy))
    noise = float(np.percentile(residues, _FLATTEST_PERCENT)) * math.sqrt(math.pi / 2) / 6
    return noise, min(float(np.percentile(energies, _FLATTEST_PERCENT)), _COARSE_GRAIN * _WHITE_GAIN * noise**2)


def preview(picture: Image.Image, info: Mapping[Any, Any] = NO_INFO) -> bytes:
    """Return a small sRGB JPEG of an upright RGB picture, re-encoded from pixels: no metadata goes along.

    `info` is what the picture's decoder said of its colours.
    """
    scale = min(1.0, PREVIEW_PX / max(picture.size))
    size = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
    small = picture.resize(size, Image.Resampling.BICUBIC, reducing_gap=2.0)
    small = in_srgb(small, info)
    bare = Image.frombytes("RGB", small.size, small.tobytes())
    out = io.BytesIO()
    bare.save(out, "JPEG", quality=74, optimize=True)
    return out.getvalue()
