"""The Siamese embedder: one ONNX session, fed as the model's description says."""

from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

from dejashot.errors import ModelError
from dejashot.models.arrays import PictureMapArray, Vector
from dejashot.reading.network import Network, NetworkMap
from dejashot.reading.vision.session import open_session

_RESAMPLING = {
    "bilinear": Image.Resampling.BILINEAR,
    "bicubic": Image.Resampling.BICUBIC,
    "lanczos": Image.Resampling.LANCZOS,
    "box": Image.Resampling.BOX,
}


MAP_LIMIT = 65_504.0  # the largest float16
MOST_ENLARGED = 1.1


class Embedder:
    """Turn an upright RGB picture into a float32 vector of unit length.

    Both photos of a pair go through this one model (Siamese): equal shots give near vectors. A picture is tried at
    once, so that a description that does not fit its model raises ModelError here, not with every photo.
    """

    def __init__(self, file: Path, network: Network, threads: int) -> None:
        self.network = network
        self._session = open_session(file, threads)
        trial = self.prepare(Image.linear_gradient("L").convert("RGB"))
        self.embed(trial)
        if network.output.map is not None:
            self.map(trial)

    def prepare(self, picture: Image.Image) -> Image.Image:
        """Return the picture at the model's input size (RGB)."""
        fed = self.network.input
        return picture.resize((fed.width, fed.height), _RESAMPLING[fed.resample])

    @property
    def least_px(self) -> int:
        """Return the short side in pixels that a picture must have: a little enlarged changes no decision."""
        return int(min(self.network.input.width, self.network.input.height) / MOST_ENLARGED)

    def embed(self, prepared: Image.Image) -> Vector:
        """Return the vector of a prepared picture."""
        (found,) = self._run(prepared, [self.network.output.name])
        return self._vector(found)

    def map(self, prepared: Image.Image) -> PictureMapArray:
        """Return the map of a prepared picture, float16 [channels, height, width].

        Raises ModelError where the model has none.
        """
        wanted = self.network.output.map
        if wanted is None:
            raise ModelError(
                f"the model {self.network.name} has no map", "Describe it as `output.map`, or leave out `second_look`"
            )
        (found,) = self._run(prepared, [wanted.name])
        return self._map(found, wanted)

    def embed_and_map(self, prepared: Image.Image) -> tuple[Vector, PictureMapArray | None]:
        """Return vector and map of a prepared picture, by one inference; None where the model has no map."""
        output = self.network.output
        if output.map is None:
            return self.embed(prepared), None
        vector, picture_map = self._run(prepared, [output.name, output.map.name])
        return self._vector(vector), self._map(picture_map, output.map)

    def _vector(self, found: npt.NDArray[np.float32]) -> Vector:
        vector = found.reshape(-1)
        norm = float(np.linalg.norm(vector))
        if vector.shape != (self.network.output.dimensions,) or not np.isfinite(norm) or norm < 1e-6:
            raise ModelError(
                f"the model {self.network.name} gave no usable vector", "Check `output` in its description"
            )
        return vector / np.float32(norm)

    def _map(self, found: npt.NDArray[np.float32], wanted: NetworkMap) -> PictureMapArray:
        values = found.clip(-MAP_LIMIT, MAP_LIMIT).astype(np.float16)
        if values.shape != (1, wanted.channels, wanted.height, wanted.width) or not np.isfinite(values).all():
            raise ModelError(
                f"the model {self.network.name} gave no usable map", "Check `output.map` in its description"
            )
        return np.asarray(values[0])

    def _run(self, prepared: Image.Image, outputs: list[str]) -> list[npt.NDArray[np.float32]]:
        """Return some outputs for a prepared picture."""
        fed = self.network.input
        pixels = np.asarray(prepared)
        if fed.type == "float32":
            pixels = ((pixels.astype(np.float32) * fed.scale - fed.mean) / fed.std).astype(np.float32)
        if fed.layout == "NCHW":
            pixels = np.ascontiguousarray(pixels.transpose(2, 0, 1))
        try:
            found = self._session.run(outputs, {fed.name: pixels[None]})
        except Exception as error:
            raise ModelError(
                f"the model {self.network.name} failed: {error}", "Check `input` and `output` in its description"
            ) from error
        return [np.asarray(each, dtype=np.float32) for each in found]
