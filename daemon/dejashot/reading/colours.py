"""Pictures of a wide gamut or a high dynamic range as their sRGB copies look: without it the network sees duller ones."""

import io
import math
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageCms

_SRGB = ImageCms.createProfile("sRGB")
MOST_PROFILE_BYTES = 1 << 20
SAME_LEVELS = 2  # of 255: a profile that changes no colour by more is sRGB under whatever name, and costs nothing
_PQ, _HLG = 16, 18  # transfer characteristics, ITU-T H.273
_WHITE_NITS, _PQ_NITS, _HLG_WHITE = 203.0, 10_000.0, 0.75  # reference white, ITU-R BT.2408
_BT2020 = 9
_FROM_BT2020 = np.array([[1.6605, -0.5876, -0.0728], [-0.1246, 1.1329, -0.0083], [-0.0182, -0.1006, 1.1187]], dtype=np.float32)  # BT.2087
_SHOULDER = 0.8  # from here on what is brighter than white is pressed together below it


def in_srgb(picture: Image.Image, info: Mapping[Any, Any]) -> Image.Image:
    """Return an upright RGB picture in sRGB, given what its decoder said of it; as it is where that is nothing or makes no sense."""
    profile, coded = info.get("icc_profile"), info.get("nclx_profile")
    if isinstance(profile, bytes) and 0 < len(profile) <= MOST_PROFILE_BYTES:
        transform = _transform(profile)
        return picture if transform is None else _applied(picture, transform) or picture
    if isinstance(coded, Mapping) and coded.get("transfer_characteristics") in (_PQ, _HLG):
        return _toned(picture, coded["transfer_characteristics"] == _PQ, coded.get("color_primaries") == _BT2020)
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


def _toned(picture: Image.Image, pq: bool, wide: bool) -> Image.Image:
    """Return a picture coded by PQ or HLG (SMPTE ST 2084, ARIB STD-B67) as one of ordinary range."""
    curve = _pq(np.linspace(0, 1, 256)) if pq else _hlg(np.linspace(0, 1, 256))
    light = curve.astype(np.float32)[np.asarray(picture)]
    if wide:
        light = light @ _FROM_BT2020.T
    light = np.maximum(light, 0)
    over = np.maximum(light - _SHOULDER, 0)
    light = np.where(light > _SHOULDER, _SHOULDER + (1 - _SHOULDER) * (1 - np.exp(-over / (1 - _SHOULDER))), light)
    coded = np.where(light <= 0.0031308, 12.92 * light, 1.055 * np.power(light, 1 / 2.4) - 0.055)
    return Image.fromarray(np.clip(coded * 255 + 0.5, 0, 255).astype(np.uint8))


def _pq(coded: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return linear light, 1 for reference white."""
    m1, m2, c1, c2, c3 = 0.1593017578125, 78.84375, 0.8359375, 18.8515625, 18.6875
    root = np.power(coded, 1 / m2)
    light: npt.NDArray[np.float64] = np.power(np.maximum(root - c1, 0) / (c2 - c3 * root), 1 / m1)
    return light * (_PQ_NITS / _WHITE_NITS)


def _hlg(coded: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return linear light of the scene, 1 for reference white."""
    a, b, c = 0.17883277, 0.28466892, 0.55991073
    light: npt.NDArray[np.float64] = np.where(coded <= 0.5, coded**2 / 3, (np.exp((coded - c) / a) + b) / 12)
    return light / float((math.exp((_HLG_WHITE - c) / a) + b) / 12)
