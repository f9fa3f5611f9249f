"""Colour profiles made for the tests: matrix profiles (ICC.1:2001) of wide gamuts, and pictures in them."""

import io
import struct
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageCms

_LEVELS = np.linspace(0, 1, 1024)
SRGB_CURVE = np.where(_LEVELS <= 0.04045, _LEVELS / 12.92, ((_LEVELS + 0.055) / 1.055) ** 2.4)
_D50 = np.array([0.96422, 1, 0.82521])
_BRADFORD = np.array([[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]])


def matrix_profile(primaries: Sequence[tuple[float, float]], curve: npt.NDArray[np.float64]) -> bytes:
    """Return a profile of the primaries (x, y) with a D65 white."""
    white = _xyz(0.3127, 0.3290)
    columns = np.stack([_xyz(*p) for p in primaries], axis=1)
    columns = columns * np.linalg.solve(columns, white)
    columns = np.linalg.inv(_BRADFORD) @ np.diag((_BRADFORD @ _D50) / (_BRADFORD @ white)) @ _BRADFORD @ columns
    tone = b"curv\0\0\0\0" + struct.pack(">I", len(curve)) + (curve * 65535).round().astype(">u2").tobytes()
    tags = [
        (b"desc", b"desc\0\0\0\0" + struct.pack(">I", 5) + b"wide\0" + bytes(89)),
        (b"cprt", b"text\0\0\0\0none\0"),
        (b"wtpt", _value(_D50)),
    ]
    tags += [(b"%cXYZ" % c, _value(columns[:, n])) for n, c in enumerate(b"rgb")] + [
        (b"%cTRC" % c, tone) for c in b"rgb"
    ]
    table, body = struct.pack(">I", len(tags)), b""
    for name, data in tags:
        table += name + struct.pack(">II", 132 + 12 * len(tags) + len(body), len(data))
        body += data + bytes(-len(data) % 4)
    head = struct.pack(">I4xI12s20x", 128 + len(table) + len(body), 0x02400000, b"mntrRGB XYZ ").ljust(128, b"\0")
    head = head[:36] + b"acsp" + head[40:68] + _value(_D50)[8:] + head[80:]
    return head + table + body


def _xyz(x: float, y: float) -> npt.NDArray[np.float64]:
    return np.array([x / y, 1, (1 - x - y) / y])


def _value(xyz: npt.NDArray[np.float64]) -> bytes:
    return b"XYZ \0\0\0\0" + struct.pack(">3i", *(round(float(v) * 65536) for v in xyz))


P3 = matrix_profile([(0.68, 0.32), (0.265, 0.69), (0.15, 0.06)], SRGB_CURVE)
ADOBE = matrix_profile([(0.64, 0.33), (0.21, 0.71), (0.15, 0.06)], _LEVELS**2.19921875)
SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def in_profile(picture: Image.Image, profile: bytes) -> Image.Image:
    """Return an sRGB picture in the colours of a profile."""
    turned = ImageCms.profileToProfile(
        picture, ImageCms.createProfile("sRGB"), ImageCms.ImageCmsProfile(io.BytesIO(profile)), outputMode="RGB"
    )
    assert turned is not None
    return turned
