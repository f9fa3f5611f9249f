"""The description that lies beside an embedding network: how to feed it, how to decide from it, and its fingerprint."""

import hashlib
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from dejashot.errors import ModelError

LARGEST_MAP = 500_000
BUNDLED = Path(__file__).parents[2] / "weights" / "dejashot-lite0.onnx"


class ModelInput(BaseModel):
    """How pixels become the network's input; `decode_px` is the least side that decoding must leave.

    Values are `(pixel * scale - mean) / std` for float32 networks and the pixels themselves for uint8 ones.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    width: int = Field(gt=0, le=4096)
    height: int = Field(gt=0, le=4096)
    type: Literal["uint8", "float32"]
    layout: Literal["NHWC", "NCHW"]
    fit: Literal["squash"]
    resample: Literal["bilinear", "bicubic", "lanczos", "box"]
    decode_px: int = Field(gt=0, le=8192)
    scale: float = 1.0
    mean: tuple[float, float, float] = (0.0, 0.0, 0.0)
    std: tuple[float, float, float] = (1.0, 1.0, 1.0)


class PictureMap(BaseModel):
    """Which output is the map for second looks, [1, channels, height, width]."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    channels: int = Field(gt=0, le=1024)
    height: int = Field(gt=1, le=64)
    width: int = Field(gt=1, le=64)

    @model_validator(mode="after")
    def _sent_in_one_message(self) -> "PictureMap":
        if self.channels * self.height * self.width > LARGEST_MAP:
            raise ValueError(f"a map has at most {LARGEST_MAP:,} values")
        return self


class ModelOutput(BaseModel):
    """Which output is the vector, and its length; `map` where the network has one."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    dimensions: int = Field(gt=0, le=8192)
    map: PictureMap | None = None


class VerificationParameters(BaseModel):
    """What the match m of two maps adds to the evidence: `weight * min(max(m, least), most)`.

    Where no second look was taken, m is what pairs of that cosine have on average: `base + slope * c`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    weight: float = Field(ge=0)
    least: float
    most: float
    base: float
    slope: float = Field(ge=0)

    @model_validator(mode="after")
    def _ordered(self) -> "VerificationParameters":
        if self.least >= self.most:
            raise ValueError("`least` must be below `most`")
        return self


class DecisionParameters(BaseModel):
    """P(same shot) = 1 / (1 + exp(-evidence)), the evidence being a sum.

    evidence = bias + cosine * c + second look + near * exp(-max(gap_s, nearest_s) / near_s) + burst * same_burst.
    `blank_cosine` caps the cosine where a frame shows nothing; `thresholds` are the operating points.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    bias: float
    cosine: float = Field(gt=0)
    second_look: VerificationParameters | None = None
    near: float = Field(ge=0)
    near_s: float = Field(gt=0)
    nearest_s: float = Field(ge=0)
    burst: float = Field(ge=0)
    blank_cosine: float = Field(ge=-1, le=1)
    blank_contrast: float = Field(ge=0)
    thresholds: dict[Literal["strict", "normal", "loose"], Annotated[float, Field(gt=0, lt=1)]] = Field(min_length=3)
    fitted_on: str = ""


class EmbeddingModel(BaseModel):
    """One embedding network: its file's SHA-256, its input and output, and the decision fitted to it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    schema_: Literal["dejashot.model/1"] = Field(alias="schema")
    name: str = Field(pattern=r"^[A-Za-z0-9._-]{1,64}$")
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    licence: str = ""
    input: ModelInput
    output: ModelOutput
    decision: DecisionParameters

    @model_validator(mode="after")
    def _looks_need_a_map(self) -> "EmbeddingModel":
        if self.decision.second_look is not None and self.output.map is None:
            raise ValueError("a decision with `second_look` needs `output.map`")
        return self

    @cached_property
    def fingerprint(self) -> str:
        """Return what vectors of this network are known by: 16 hex digits of its bytes and its preprocessing."""
        fed = self.input.model_dump_json() + self.output.model_dump_json(exclude_none=True)
        return hashlib.sha256(f"{self.sha256}\n{fed}".encode()).hexdigest()[:16]

    @property
    def label(self) -> str:
        """Return `name@fingerprint`."""
        return f"{self.name}@{self.fingerprint}"


def stored_model(description: str) -> EmbeddingModel:
    """Return the network that a library's vectors come from; raise ModelError when it was described by another version."""
    try:
        return EmbeddingModel.model_validate_json(description)
    except ValidationError as error:
        raise ModelError(
            "the library was made by another version of Dejashot", "Run `dejashot scan` over a folder: that updates it"
        ) from error


def model_file(configured: str) -> Path:
    """Return the network's file: the configured one, else the bundled one."""
    return Path(configured).expanduser() if configured else BUNDLED


def load_model(file: Path) -> EmbeddingModel:
    """Load the description beside a network and check the network's bytes against it; raise ModelError."""
    beside = file.with_suffix(".json")
    try:
        network = EmbeddingModel.model_validate_json(beside.read_bytes())
        digest = hashlib.sha256(file.read_bytes()).hexdigest()
    except OSError as error:
        raise ModelError(
            f"can't read {error.filename}: {error.strerror}", "A network is an .onnx file with its .json beside it"
        ) from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise ModelError(
            f"{beside.name} is not a description of a network: {where}: {first['msg']}",
            "See `Another network` in the README",
        ) from error
    if digest != network.sha256:
        raise ModelError(
            f"{file.name} is not the file that {beside.name} describes",
            "Reinstall Dejashot, or correct the sha256 in the description",
        )
    return network
