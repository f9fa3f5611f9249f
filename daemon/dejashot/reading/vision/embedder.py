"""The Siamese embedder: one ONNX session, fed as the model's description says."""

from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

from dejashot.errors import ModelError
from dejashot.models.arrays import PictureMapArray, Vector
from dejashot.reading.vision.model import EmbeddingModel
from dejashot.reading.vision.session import open_session

_RESAMPLING = {
    "bilinear": Image.Resampling.BILINEAR,
    "bicubic": Image.Resampling.BICUBIC,
    "lanczos": Image.Resampling.LANCZOS,
    "box": Image.Resampling.BOX,
}


MAP_LIMIT = 65_504.0  # the largest float16


class Embedder:
    """Turn an upright RGB picture into a float32 vector of unit length.

    Both photos of a pair go through this one model (Siamese): equal shots give near vectors. A picture is tried at
    once, so that a description that does not fit its model raises ModelError here, not with every photo.
    """

    def __init__(self, file: Path, model: EmbeddingModel, threads: int) -> None:
        self.model = model
        self._session = open_session(file, threads)
        trial = self.prepare(Image.linear_gradient("L").convert("RGB"))
        self.embed(trial)
        if model.output.map is not None:
            self.map(trial)

    def prepare(self, picture: Image.Image) -> Image.Image:
        """Return the picture at the model's input size (RGB)."""
        fed = self.model.input
        return picture.resize((fed.width, fed.height), _RESAMPLING[fed.resample])

    def embed(self, prepared: Image.Image) -> Vector:
        """Return the vector of a prepared picture."""
        output = self.model.output
        vector = self._run(prepared, output.name).reshape(-1)
        norm = float(np.linalg.norm(vector))
        if vector.shape != (output.dimensions,) or not np.isfinite(norm) or norm < 1e-6:
            raise ModelError(f"the model {self.model.name} gave no usable vector", "Check `output` in its description")
        return vector / np.float32(norm)

    def map(self, prepared: Image.Image) -> PictureMapArray:
        """Return the map of a prepared picture, float16 [channels, height, width].

        Raises ModelError where the model has none.
        """
        wanted = self.model.output.map
        if wanted is None:
            raise ModelError(
                f"the model {self.model.name} has no map", "Describe it as `output.map`, or leave out `second_look`"
            )
        found = self._run(prepared, wanted.name).clip(-MAP_LIMIT, MAP_LIMIT).astype(np.float16)
        if found.shape != (1, wanted.channels, wanted.height, wanted.width) or not np.isfinite(found).all():
            raise ModelError(f"the model {self.model.name} gave no usable map", "Check `output.map` in its description")
        return np.asarray(found[0])

    def _run(self, prepared: Image.Image, output: str) -> npt.NDArray[np.float32]:
        """Return one output for a prepared picture."""
        fed = self.model.input
        pixels = np.asarray(prepared)
        if fed.type == "float32":
            pixels = ((pixels.astype(np.float32) * fed.scale - fed.mean) / fed.std).astype(np.float32)
        if fed.layout == "NCHW":
            pixels = np.ascontiguousarray(pixels.transpose(2, 0, 1))
        try:
            (found,) = self._session.run([output], {fed.name: pixels[None]})
        except Exception as error:
            raise ModelError(
                f"the model {self.model.name} failed: {error}", "Check `input` and `output` in its description"
            ) from error
        return np.asarray(found, dtype=np.float32)
