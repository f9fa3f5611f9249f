"""The description of an embedding model, in a file next to it: its input, its output, its decision, its fingerprint."""

import hashlib
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from dejashot.errors import ModelError

MAX_MAP_VALUES = 500_000
BUNDLED = Path(__file__).parents[2] / "weights" / "dejashot-lite0.onnx"


class ModelInput(BaseModel):
    """How pixels become the model's input; `decode_px` is the smallest side that decoding must leave.

    Values are `(pixel * scale - mean) / std` for float32 models and the pixels themselves for uint8 ones.
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
    """Which output is the map for verifying pairs, [1, channels, height, width]."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    channels: int = Field(gt=0, le=1024)
    height: int = Field(gt=1, le=64)
    width: int = Field(gt=1, le=64)

    @model_validator(mode="after")
    def _sent_in_one_message(self) -> "PictureMap":
        if self.channels * self.height * self.width > MAX_MAP_VALUES:
            raise ValueError(f"a map has at most {MAX_MAP_VALUES:,} values")
        return self


class ModelOutput(BaseModel):
    """Which output is the vector, and its length; `map` where the model has one."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    dimensions: int = Field(gt=0, le=8192)
    map: PictureMap | None = None


class VerificationParameters(BaseModel):
    """What the match m of two maps adds to the evidence: `weight * min(max(m, least), most)`.

    Where a pair was not verified, m is what pairs of that cosine have on average: `base + slope * c`.
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

    evidence = bias + cosine * c + match + near * exp(-max(gap_s, nearest_s) / near_s) + burst * same_burst.
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
    """One embedding model: its file's SHA-256, its input and output, and the decision fitted to it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    schema_: Literal["dejashot.model/1"] = Field(alias="schema")
    name: str = Field(pattern=r"^[A-Za-z0-9._-]{1,64}$")
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    licence: str = ""
    input: ModelInput
    output: ModelOutput
    decision: DecisionParameters

    @model_validator(mode="after")
    def _verification_needs_a_map(self) -> "EmbeddingModel":
        if self.decision.second_look is not None and self.output.map is None:
            raise ValueError("a decision with `second_look` needs `output.map`")
        return self

    @cached_property
    def fingerprint(self) -> str:
        """Return the id of vectors of this model: 16 hex digits of a hash of its bytes and its preprocessing."""
        fed = self.input.model_dump_json() + self.output.model_dump_json(exclude_none=True)
        return hashlib.sha256(f"{self.sha256}\n{fed}".encode()).hexdigest()[:16]

    @property
    def label(self) -> str:
        """Return `name@fingerprint`."""
        return f"{self.name}@{self.fingerprint}"


def stored_model(description: str) -> EmbeddingModel:
    """Return the model of a library's vectors; raise ModelError when another version described it."""
    try:
        return EmbeddingModel.model_validate_json(description)
    except ValidationError as error:
        raise ModelError(
            "the library was made by another version of Dejashot", "Run `dejashot scan` over a folder: that updates it"
        ) from error


def model_file(configured: str) -> Path:
    """Return the model's file: the configured one, else the bundled one."""
    return Path(configured).expanduser() if configured else BUNDLED


def load_model(file: Path) -> EmbeddingModel:
    """Load the description of a model and check the model's bytes against it; raise ModelError."""
    description = file.with_suffix(".json")
    try:
        model = EmbeddingModel.model_validate_json(description.read_bytes())
        digest = hashlib.sha256(file.read_bytes()).hexdigest()
    except OSError as error:
        raise ModelError(
            f"can't read {error.filename}: {error.strerror}", "A model is an .onnx file with its .json next to it"
        ) from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise ModelError(
            f"{description.name} is not a description of a model: {where}: {first['msg']}",
            "See `Another model` in daemon/training/README.md",
        ) from error
    if digest != model.sha256:
        raise ModelError(
            f"{file.name} is not the file that {description.name} describes",
            "Reinstall Dejashot, or correct the sha256 in the description",
        )
    return model
