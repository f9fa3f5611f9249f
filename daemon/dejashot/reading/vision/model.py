"""The description of an embedding model, in a file next to it: its input, its output, its decision, its fingerprint."""

import hashlib
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from dejashot.errors import ModelError
from dejashot.reading.network import (
    BUNDLED,
    Network,
    NetworkInput,
    NetworkMap,
    NetworkOutput,
    check_bytes,
    unreadable,
)

MAX_MAP_VALUES = 500_000
Finite = Annotated[float, Field(allow_inf_nan=False)]
Share = Annotated[float, Field(ge=0, le=1)]
Stops = Annotated[float, Field(ge=0, le=32)]
Weight = Annotated[float, Field(ge=0, le=100)]


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


class PairHeadFile(BaseModel):
    """Which file beside the network is its pair head, and that file's SHA-256.

    Inputs `a` and `b`, float32 [n, channels, height, width], are the maps of both photos, `cosine`, float32 [n], that
    of their vectors; output `logit` is float32 [n].
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    file: str = Field(pattern=r"^[A-Za-z0-9_-][A-Za-z0-9._-]{0,63}\.onnx$")
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")


class PageParameters(BaseModel):
    """A picture is a page where sigmoid(weights * vector + bias) >= least.

    Two pages are one where registration found `min_inliers`, `min_overlap` and `min_agreement`: P is `same_page` at
    least, beyond doubt from `sure_agreement` on; else `other_page` at most.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    weights: tuple[Finite, ...] = Field(min_length=1, max_length=8192, repr=False)
    bias: Finite
    least: float = Field(gt=0, lt=1)
    min_inliers: int = Field(default=15, ge=4)
    min_overlap: Share = 0.7
    min_agreement: Share = 0.65
    sure_agreement: Share = 0.8
    same_page: float = Field(default=0.95, gt=0, lt=1)
    other_page: float = Field(default=0.02, gt=0, lt=1)


class RegistrationParameters(BaseModel):
    """What registering two pictures by their local features adds to the evidence.

    `+ same_scene` from `min_inliers` and `min_overlap` on, unless the frame stands still in the same light; from
    `min_inliers` on `agreement`, by the share of the content that agrees, and `- still_other`, by the share that does
    not where the frame stands still;
    `- other_scene` below `few_inliers` of two pictures with `rich_keypoints`. Where one shows nothing, `+ blank_same`
    from a tone-free correlation of `blank_least` on, else `- blank_other`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    same_scene: Weight
    min_inliers: int = Field(ge=4)
    min_overlap: Share
    scene_agreement: Share = 0
    sure_agreement: Share = 0
    still_overlap: Share
    still_light_ev: Stops
    agreement: Weight = 0
    still_other: Weight = 0
    other_scene: Weight
    few_inliers: int = Field(ge=0)
    rich_keypoints: int = Field(ge=1)
    blank_same: Weight
    blank_other: Weight
    blank_least: Finite

    @model_validator(mode="after")
    def _ordered(self) -> "RegistrationParameters":
        if self.few_inliers > self.min_inliers:
            raise ValueError("`few_inliers` must not be above `min_inliers`")
        return self


class VerificationParameters(BaseModel):
    """What the match m of two maps adds to the evidence: `weight * min(max(m, least), most)`.

    m is the logit of the model's pair head where it has one, else how well the parts of both maps match, 0 to 1. Where
    a pair was not verified, it is what pairs of that cosine have on average: `base + slope * c`. Below `doubt` P is at
    most 27 percent, unless registration shows one scene from elsewhere or in another light.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    weight: float = Field(ge=0)
    least: float
    most: float
    base: float
    slope: float = Field(ge=0)
    doubt: Finite | None = None

    @model_validator(mode="after")
    def _ordered(self) -> "VerificationParameters":
        if self.least >= self.most:
            raise ValueError("`least` must be below `most`")
        return self


class DecisionParameters(BaseModel):
    """P(same shot) = 1 / (1 + exp(-evidence)), the evidence being a sum.

    evidence = bias + cosine * c + match + near * exp(-max(gap_s, nearest_s) / near_s) + burst * same_burst +
    registration.
    `blank_cosine` caps the cosine where a frame shows nothing; `thresholds` are the operating points, and from
    `sure` on (else from the strict one) two shots are the same beyond doubt.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    bias: float
    cosine: float = Field(gt=0)
    second_look: VerificationParameters | None = None
    registration: RegistrationParameters | None = None
    near: float = Field(ge=0)
    near_s: float = Field(gt=0)
    nearest_s: float = Field(ge=0)
    burst: float = Field(ge=0)
    blank_cosine: float = Field(ge=-1, le=1)
    blank_contrast: float = Field(ge=0)
    sure: float | None = Field(default=None, gt=0, lt=1)
    thresholds: dict[Literal["strict", "normal", "loose"], Annotated[float, Field(gt=0, lt=1)]] = Field(min_length=3)
    fitted_on: str = ""


class EmbeddingModel(BaseModel):
    """One embedding model: its file's SHA-256, its input and output, and the decision fitted to it.

    It may have a pair head, and a rule that tells pages by their vectors.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    schema_: Literal["dejashot.model/1"] = Field(alias="schema")
    name: str = Field(pattern=r"^[A-Za-z0-9._-]{1,64}$")
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    licence: str = ""
    input: ModelInput
    output: ModelOutput
    decision: DecisionParameters
    pair_head: PairHeadFile | None = None
    pages: PageParameters | None = None

    @model_validator(mode="after")
    def _fits_together(self) -> "EmbeddingModel":
        if self.decision.second_look is not None and self.output.map is None:
            raise ValueError("a decision with `second_look` needs `output.map`")
        if self.pair_head is not None and self.decision.second_look is None:
            raise ValueError("a `pair_head` needs `decision.second_look`")
        if self.pages is not None and len(self.pages.weights) != self.output.dimensions:
            raise ValueError("`pages.weights` must have as many numbers as a vector")
        return self

    @cached_property
    def fingerprint(self) -> str:
        """Return the id of vectors and matches of this model: 16 hex digits.

        They are of a hash of its bytes and its preprocessing, and of its pair head where it has one.
        """
        fed = self.input.model_dump_json() + self.output.model_dump_json(exclude_none=True)
        if self.pair_head is not None:
            fed += "\n" + self.pair_head.sha256
        return hashlib.sha256(f"{self.sha256}\n{fed}".encode()).hexdigest()[:16]

    @property
    def network(self) -> Network:
        """Return what a reader needs to know of it."""
        fed = self.input.model_dump(exclude={"fit"})
        found = None if self.output.map is None else NetworkMap(**self.output.map.model_dump())
        output = NetworkOutput(self.output.name, self.output.dimensions, found)
        return Network(self.name, self.sha256, self.fingerprint, NetworkInput(**fed), output)

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


def pair_head_file(network: Path, model: EmbeddingModel) -> Path | None:
    """Return the file of a model's pair head, which lies beside its network; None where it has none."""
    return None if model.pair_head is None else network.with_name(model.pair_head.file)


def load_model(file: Path) -> EmbeddingModel:
    """Load the description of a model and check the bytes of all its files against it; raise ModelError."""
    model = _described(file.with_suffix(".json"))
    check_bytes(file, model.sha256, file)
    head = pair_head_file(file, model)
    if head is not None and model.pair_head is not None:
        check_bytes(head, model.pair_head.sha256, file)
    return model


def _described(description: Path) -> EmbeddingModel:
    try:
        return EmbeddingModel.model_validate_json(description.read_bytes())
    except OSError as error:
        raise unreadable(error) from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise ModelError(
            f"{description.name} is not a description of a model: {where}: {first['msg']}",
            "See `Another model` in daemon/training/README.md",
        ) from error
