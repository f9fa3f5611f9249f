"""Pictures of a wide gamut or a high dynamic range as their sRGB copies look: without it the network sees duller ones."""

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
SAME_LEVELS = 2  # of 255: a profile that changes no colour by more is sRGB under whatever name, and costs nothing
_PQ, _HLG = 16, 18  # transfer characteristics, ITU-T H.273
_WHITE_NITS, _PQ_NITS, _HLG_WHITE = 203.0, 10_000.0, 0.75  # reference white, ITU-R BT.2408
_ORDINARY = (1, 6, 13, 14, 15)  # BT.709 and its kin, and sRGB: shown alike
_WIDE = {  # linear light of other colour primaries as sRGB's: BT.2020 (ITU-R BT.2087), Display P3
    9: np.array([[1.6605, -0.5876, -0.0728], [-0.1246, 1.1329, -0.0083], [-0.0182, -0.1006, 1.1187]], dtype=np.float32),
    12: np.array([[1.2249, -0.2249, 0.0], [-0.0421, 1.0421, 0.0], [-0.0196, -0.0786, 1.0982]], dtype=np.float32),
}
_SHOULDER = 0.8  # from here on what is brighter than white is pressed together below it
_BAND_PIXELS = 1 << 20  # turned at once: a picture as floating-point light is twelve times as large


def in_srgb(picture: Image.Image, info: Mapping[Any, Any]) -> Image.Image:
    """Return an upright RGB picture in sRGB, given what its decoder said of it; as it is where that is nothing or makes no sense."""
    profile, coded = info.get("icc_profile"), info.get("nclx_profile")
    said = coded if isinstance(coded, Mapping) else {}
    transfer, matrix = said.get("transfer_characteristics"), _WIDE.get(said.get("color_primaries", 0))
    if transfer in (_PQ, _HLG):
        light = (_pq if transfer == _PQ else _hlg)(np.linspace(0, 1, 256))
        return _by_light(picture, light, matrix, _pressed)
    if isinstance(profile, bytes) and 0 < len(profile) <= MAX_PROFILE_BYTES:
        transform = _transform(profile)
        return picture if transform is None else _applied(picture, transform) or picture
    if transfer in _ORDINARY and matrix is not None:
        return _by_light(picture, _srgb(np.linspace(0, 1, 256)), matrix)
    return picture


@lru_cache(maxsize=8)
def _transform(profile: bytes) -> Any:
    """Return what turns a profile's colours into sRGB, None where there is nothing to turn or the profile makes no sense."""
    try:
        transform = ImageCms.buildTransform(ImageCms.ImageCmsProfile(io.BytesIO(profile)), _SRGB, "RGB", "RGB")
    except Exception:  # noqa: BLE001 - Little CMS on an untrusted profile; the picture is taken without it
        return None
    levels = np.linspace(0, 255, 9).astype(np.uint8)
    cube = Image.fromarray(np.stack(np.meshgrid(levels, levels, levels), axis=-1).reshape(27, 27, 3))
    turned = _applied(cube, transform)
    if turned is None:
        return None
    change = np.abs(np.asarray(turned, dtype=np.int16) - np.asarray(cube, dtype=np.int16))
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
    last: Callable[[_Light], _Light] = lambda light: light,
) -> Image.Image:
    """Return a picture in sRGB by way of linear light: 256 values of a curve, a matrix of primaries, a last step; band by band."""
    table = curve.astype(np.float32)
    turned = Image.new("RGB", picture.size)
    rows = max(1, _BAND_PIXELS // picture.width)
    for top in range(0, picture.height, rows):
        light = table[np.asarray(picture.crop((0, top, picture.width, min(top + rows, picture.height))))]
        light = last(np.maximum(light if matrix is None else light @ matrix.T, 0))
        coded = np.where(light <= 0.0031308, 12.92 * light, 1.055 * np.power(light, 1 / 2.4) - 0.055)
        turned.paste(Image.fromarray(np.clip(coded * 255 + 0.5, 0, 255).astype(np.uint8)), (0, top))
    return turned


def _pressed(light: _Light) -> _Light:
    """Return the light of a high dynamic range as one of ordinary range."""
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
