"""A picture in few cells: how light each is and how sharp, to compare takes of one scene place by place."""

import base64
import binascii
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from dejashot.models.arrays import Floats32

LUMA_SIDE, SHARP_SIDE = 32, 16  # cells a side, whatever the shape of the picture
_SOFTEST, _STEPS_AN_OCTAVE = 0.05, 32  # 255 steps reach up to 12.5, sharper than any picture


@dataclass(frozen=True, slots=True)
class Sketch:
    """The mean luma of 32 x 32 cells and the sharpness of 16 x 16 cells, row by row, both packed (base64)."""

    packed_luma: str
    packed_sharpness: str

    @classmethod
    def made(cls, luma: npt.NDArray[np.uint8], sharpness: Floats32) -> "Sketch":
        """Return the sketch of luma (32 x 32) and sharpness (16 x 16, 0 where a cell was not measured)."""
        steps = np.log2(np.maximum(sharpness, _SOFTEST) / _SOFTEST) * _STEPS_AN_OCTAVE
        codes = np.where(sharpness > 0, np.clip(np.rint(steps), 1, 255), 0).astype(np.uint8)
        return cls(*(base64.b64encode(plane.tobytes()).decode("ascii") for plane in (luma, codes)))

    @classmethod
    def of(cls, values: dict[str, Any]) -> "Sketch":
        """Return the sketch that `asdict` made values of; raise ValueError, KeyError or TypeError for other values."""
        found = cls(str(values["packed_luma"]), str(values["packed_sharpness"]))
        if len(values) != len(cls.__slots__):
            raise ValueError("not a sketch of a picture")
        found.luma()
        found.sharpness()
        return found

    def luma(self) -> Floats32:
        """Return the mean luma of the cells (32 x 32); raise ValueError when it is broken."""
        return _unpacked(self.packed_luma, LUMA_SIDE).astype(np.float32)

    def sharpness(self) -> Floats32:
        """Return the sharpness of the cells (16 x 16), 0 where not measured; raise ValueError when it is broken."""
        codes = _unpacked(self.packed_sharpness, SHARP_SIDE)
        sharpness = _SOFTEST * 2 ** (codes.astype(np.float32) / _STEPS_AN_OCTAVE)
        return np.where(codes > 0, sharpness, 0).astype(np.float32)


def _unpacked(packed: str, side: int) -> npt.NDArray[np.uint8]:
    try:
        levels = base64.b64decode(packed, validate=True)
    except binascii.Error as error:
        raise ValueError("not a sketch of a picture") from error
    if len(levels) != side * side:
        raise ValueError("not a sketch of a picture")
    return np.frombuffer(levels, dtype=np.uint8).reshape(side, side)
