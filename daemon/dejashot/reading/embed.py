"""The Siamese embedder: one ONNX session, fed as its description says."""

from pathlib import Path

import numpy as np
from PIL import Image

from dejashot.errors import ModelError
from dejashot.models import Vector
from dejashot.reading.network import Network
from dejashot.reading.session import open_session

_RESAMPLING = {
    "bilinear": Image.Resampling.BILINEAR,
    "bicubic": Image.Resampling.BICUBIC,
    "lanczos": Image.Resampling.LANCZOS,
    "box": Image.Resampling.BOX,
}


class Embedder:
    """Turn an upright RGB picture into a float32 vector of unit length.

    Both photos of a pair go through this one network (Siamese): equal shots come out as near vectors. Raises ModelError.
    """

    def __init__(self, file: Path, network: Network, threads: int) -> None:
        self.network = network
        self._session = open_session(file, threads)

    def prepare(self, picture: Image.Image) -> Image.Image:
        """Return the picture at the network's input size (RGB)."""
        fed = self.network.input
        return picture.resize((fed.width, fed.height), _RESAMPLING[fed.resample])

    def embed(self, prepared: Image.Image) -> Vector:
        """Return the vector of a prepared picture."""
        fed, wanted = self.network.input, self.network.output
        pixels = np.asarray(prepared)
        if fed.type == "float32":
            pixels = ((pixels.astype(np.float32) * fed.scale - fed.mean) / fed.std).astype(np.float32)
        if fed.layout == "NCHW":
            pixels = np.ascontiguousarray(pixels.transpose(2, 0, 1))
        try:
            (found,) = self._session.run([wanted.name], {fed.name: pixels[None]})
        except Exception as error:
            raise ModelError(f"the network {self.network.name} failed: {error}", "Check its description") from error
        vector = np.asarray(found, dtype=np.float32).reshape(-1)
        norm = float(np.linalg.norm(vector))
        if vector.shape != (wanted.dimensions,) or not np.isfinite(norm) or norm < 1e-6:
            raise ModelError(f"the network {self.network.name} gave no usable vector", "Check `output` in its description")
        return vector / np.float32(norm)
