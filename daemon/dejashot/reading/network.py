"""An embedding network as a reader needs it: what it is fed, and what it gives.

The main process checks the description of a model and hands this over, so that a reader need not load what checks.
"""

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path

from dejashot.errors import ModelError
from dejashot.language.texts import noted

BUNDLED = Path(__file__).parents[1] / "weights" / "dejashot-lite0.onnx"


@dataclass(frozen=True, slots=True)
class NetworkInput:
    """How pixels become the input: resampled to width and height (px), then `(pixel * scale - mean) / std` as float32.

    An input of type uint8 takes the pixels themselves. `decode_px` is the smallest side that decoding must leave.
    """

    name: str
    width: int
    height: int
    type: str
    layout: str
    resample: str
    decode_px: int
    scale: float
    mean: tuple[float, float, float]
    std: tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class NetworkMap:
    """Which output is the map, [1, channels, height, width]."""

    name: str
    channels: int
    height: int
    width: int


@dataclass(frozen=True, slots=True)
class NetworkOutput:
    """Which output is the vector, and its length; `map` where the network has one."""

    name: str
    dimensions: int
    map: NetworkMap | None


@dataclass(frozen=True, slots=True)
class Network:
    """A network: the SHA-256 of its file, the fingerprint of its vectors, its input and output."""

    name: str
    sha256: str
    fingerprint: str
    input: NetworkInput
    output: NetworkOutput

    def encode(self) -> str:
        """Return the network as one command-line argument."""
        return json.dumps(asdict(self))

    @classmethod
    def decode(cls, text: str) -> "Network":
        """Return the network in an argument."""
        values = json.loads(text)
        fed, given = values.pop("input"), values.pop("output")
        found = given.pop("map")
        fed |= {"mean": tuple(fed["mean"]), "std": tuple(fed["std"])}
        output = NetworkOutput(**given, map=None if found is None else NetworkMap(**found))
        return cls(**values, input=NetworkInput(**fed), output=output)


def check_bytes(file: Path, sha256: str, network: Path) -> None:
    """Raise ModelError for a file that is not the one that the description of a network names."""
    try:
        digest = hashlib.sha256(file.read_bytes()).hexdigest()
    except OSError as error:
        raise unreadable(error) from error
    if digest != sha256:
        raise ModelError(
            noted("{file} is not the file that {description} describes").format(
                file=file.name, description=network.with_suffix(".json").name
            ),
            noted("Reinstall Dejashot, or correct the sha256 in the description"),
        )


def unreadable(error: OSError) -> ModelError:
    """Return what a file of a model that can't be read is reported as."""
    return ModelError(
        noted("can't read {file}: {why}").format(file=error.filename, why=error.strerror),
        noted("A model is an .onnx file with its .json next to it"),
    )
