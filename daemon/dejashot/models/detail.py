"""The fine detail of a picture, small enough to be kept: the levels of its cells and a hash of its pixels."""

import base64
import binascii
import re
import zlib
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

MAX_CELLS = 128 * 128
_MAX_BYTES = 6_000  # packed: pages of screens take 500 to 3,000; what takes more is a photo all over
_HASH = re.compile(r"[0-9a-f]{32}")

Cells = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Detail:
    """A hash of all decoded pixels (32 hex digits), and the mean luma of cells: how many a row, and all of them packed.

    `packed` is empty for a picture too rich in detail to be kept.
    """

    pixels: str
    columns: int
    packed: str

    @classmethod
    def made(cls, pixels: str, cells: Cells) -> "Detail":
        """Return the detail of a picture with this hash and these cells (rows x columns, uint8)."""
        packed = zlib.compress(cells.tobytes(), 9)
        return cls(
            pixels, cells.shape[1], base64.b64encode(packed).decode("ascii") if len(packed) <= _MAX_BYTES else ""
        )

    @classmethod
    def of(cls, values: dict[str, Any]) -> "Detail":
        """Return the detail that `asdict` made values of; raise ValueError, KeyError or TypeError for other values."""
        found = cls(str(values["pixels"]), int(values["columns"]), str(values["packed"]))
        if not _HASH.fullmatch(found.pixels) or len(values) != len(cls.__slots__) or found.columns < 1:
            raise ValueError("not the detail of a picture")
        if found.packed:
            found.cells()
        return found

    def cells(self) -> Cells | None:
        """Return the mean luma of the cells (rows x columns, uint8), None where it was not kept.

        Raises ValueError when it is broken.
        """
        if not self.packed:
            return None
        try:
            levels = zlib.decompressobj().decompress(base64.b64decode(self.packed, validate=True), MAX_CELLS + 1)
        except (zlib.error, binascii.Error) as error:
            raise ValueError("not the cells of a picture") from error
        if not levels or len(levels) > MAX_CELLS or len(levels) % self.columns:
            raise ValueError("not the cells of a picture")
        return np.frombuffer(levels, dtype=np.uint8).reshape(-1, self.columns)
