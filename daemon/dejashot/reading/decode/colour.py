"""Wide-gamut and high-dynamic-range pictures in sRGB: without it the model would see duller ones."""

import io
import math
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageCms

_Numbers = npt.NDArray[np.float64]
_Light = npt.NDArray[np.float32]

_SRGB = ImageCms.createProfile("sRGB")
MAX_PROFILE_BYTES = 1 << 20
SAME_LEVELS = 2  # of 255: a profile that changes no colour by more is sRGB, whatever its name
_PQ, _HLG = 16, 18  # transfer characteristics, ITU-T H.273
_WHITE_NITS, _PQ_NITS, _HLG_WHITE = 203.0, 10_000.0, 0.75  # reference white, ITU-R BT.2408
_STANDARD = (1, 6, 13, 14, 15)  # BT.709, those like it, and sRGB
_WIDE = {  # linear light of other colour primaries as sRGB's: BT.2020 (ITU-R BT.2087), Display P3
    9: np.array([[1.6605, -0.5876, -0.0728], [-0.1246, 1.1329, -0.0083], [-0.0182, -0.1006, 1.1187]], dtype=np.float32),
    12: np.array([[1.2249, -0.2249, 0.0], [-0.0421, 1.0421, 0.0], [-0.0196, -0.0786, 1.0982]], dtype=np.float32),
}
_SHOULDER = 0.8  # from here on highlights are compressed, so that what is brighter than white fits below it
_BAND_PIXELS = 1 << 20  # converted at once: as floating-point light a picture is twelve times as large


def in_srgb(picture: Image.Image, info: Mapping[Any, Any]) -> Image.Image:
    """Return an upright RGB picture in sRGB; without usable colours in `info`, its decoder's, nothing changes."""
    profile, nclx = info.get("icc_profile"), info.get("nclx_profile")
    coded = nclx if isinstance(nclx, Mapping) else {}
    transfer, matrix = coded.get("transfer_characteristics"), _WIDE.get(coded.get("color_primaries", 0))
    if transfer in (_PQ, _HLG):
        light = (_pq if transfer == _PQ else _hlg)(np.linspace(0, 1, 256))
        return _by_light(picture, light, matrix, _compressed)
    if isinstance(profile, bytes) and 0 < len(profile) <= MAX_PROFILE_BYTES:
        transform = _transform(profile)
        return picture if transform is None else _applied(picture, transform) or picture
    if transfer in _STANDARD and matrix is not None:
        return _by_light(picture, _srgb(np.linspace(0, 1, 256)), matrix)
    return picture


def is_srgb(info: Mapping[Any, Any]) -> bool:
    """Return whether a picture with the colours in `info`, its decoder's, is left as it is."""
    probe = Image.new("RGB", (1, 1))
    return in_srgb(probe, info) is probe


@lru_cache(maxsize=8)
def _transform(profile: bytes) -> Any:
    """Return the transform of a profile's colours to sRGB, None where it changes nothing or the profile is unusable."""
    try:
        transform = ImageCms.buildTransform(ImageCms.ImageCmsProfile(io.BytesIO(profile)), _SRGB, "RGB", "RGB")
    except Exception:  # noqa: BLE001 - Little CMS on an untrusted profile; the picture is taken without it
        return None
    levels = np.linspace(0, 255, 9).astype(np.uint8)
    cube = Image.fromarray(np.stack(np.meshgrid(levels, levels, levels), axis=-1).reshape(27, 27, 3))
    converted = _applied(cube, transform)
    if converted is None:
        return None
    change = np.abs(np.asarray(converted, dtype=np.int16) - np.asarray(cube, dtype=np.int16))
    return transform if int(change.max()) > SAME_LEVELS else None


def _applied(picture: Image.Image, transform: Any) -> Image.Image | None:
    try:
        return ImageCms.applyTransform(picture, transform)
    except Exception:  # noqa: BLE001 - Little CMS with an untrusted profile
        return None


def _by_light(
    picture: Image.Image,
    curve: _Numbers,
    matrix: npt.NDArray[np.float32] | None,
    tone_map: Callable[[_Light], _Light] = lambda light: light,
) -> Image.Image:
    """Return a picture in sRGB by way of linear light, band by band.

    `curve` is the light of each of the 256 levels, `matrix` converts the primaries, `tone_map` comes last.
    """
    table = curve.astype(np.float32)
    converted = Image.new("RGB", picture.size)
    rows = max(1, _BAND_PIXELS // picture.width)
    for top in range(0, picture.height, rows):
        light = table[np.asarray(picture.crop((0, top, picture.width, min(top + rows, picture.height))))]
        light = tone_map(np.maximum(light if matrix is None else light @ matrix.T, 0))
        coded = np.where(light <= 0.0031308, 12.92 * light, 1.055 * np.power(light, 1 / 2.4) - 0.055)
        converted.paste(Image.fromarray(np.clip(coded * 255 + 0.5, 0, 255).astype(np.uint8)), (0, top))
    return converted


def _compressed(light: _Light) -> _Light:
    """Return the light of a high dynamic range compressed to standard range."""
    over = np.maximum(light - _SHOULDER, 0)
    return np.where(light > _SHOULDER, _SHOULDER + (1 - _SHOULDER) * (1 - np.exp(-over / (1 - _SHOULDER))), light)


def _srgb(coded: _Numbers) -> _Numbers:
    """Return linear light of sRGB, 1 for white (IEC 61966-2-1)."""
    return np.where(coded <= 0.04045, coded / 12.92, ((coded + 0.055) / 1.055) ** 2.4)


def _pq(coded: _Numbers) -> _Numbers:
    """Return linear light (SMPTE ST 2084), 1 for reference white."""
    m1, m2, c1, c2, c3 = 0.1593017578125, 78.84375, 0.8359375, 18.8515625, 18.6875
    root = np.power(coded, 1 / m2)
    light: _Numbers = np.power(np.maximum(root - c1, 0) / (c2 - c3 * root), 1 / m1)
    return light * (_PQ_NITS / _WHITE_NITS)


def _hlg(coded: _Numbers) -> _Numbers:
    """Return linear light of the scene (ARIB STD-B67), 1 for reference white."""
    a, b, c = 0.17883277, 0.28466892, 0.55991073
    light: _Numbers = np.where(coded <= 0.5, coded**2 / 3, (np.exp((coded - c) / a) + b) / 12)
    return light / float((math.exp((_HLG_WHITE - c) / a) + b) / 12)
