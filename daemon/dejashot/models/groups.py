"""Pairs and groups of shots, and which of a group to keep."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from dejashot.models.capture import Certainty
from dejashot.models.registration import Registration

# how well the parts of pairs match, by the index keys of the earlier and the later shot: 0 to 1, or the logit of the
# model's pair head where it has one
Matches = Mapping[tuple[int, int], float]
Registrations = Mapping[tuple[int, int], Registration]  # by the same keys
DistantCopies = Mapping[bytes, Sequence[bytes]]  # the originals of each copy by content, the most alike first
PAGES = "pages"  # the name of a series of them
COPY_METHOD = 1  # raised with every change to how copies are told: what another one found is dropped


@dataclass(frozen=True, slots=True)
class VerifiedPairs:
    """What closer looks at pairs of photos found; pairs that are not in it were not verified."""

    matches: Matches = field(default_factory=dict)
    registrations: Registrations = field(default_factory=dict)


class Kind(StrEnum):
    """What sort of group: the same picture, a burst, retakes, or alike on purpose."""

    DUPLICATE = "duplicate"
    BURST = "burst"
    SIMILAR = "similar"
    SERIES = "series"


@dataclass(frozen=True, slots=True)
class Pair:
    """Two shots of one run: indices into the timeline, gap in seconds, cosine, similarity in percent.

    Cosine and similarity are None without vectors. A pair is doubtful where it is not the same shot beyond doubt, also
    one that is taken for the same.
    """

    a: int
    b: int
    gap_s: float
    cosine: float | None
    similarity_percent: float | None
    same_shot: bool
    doubtful: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """Shots (indices into the timeline, in time order) that hold together as a whole, with all their pairs.

    `series` names the series, `because` says why it is one; both are empty for other kinds. `copies` are the members
    that are copies from another time, each with its original.
    """

    members: tuple[int, ...]
    kind: Kind
    series: str
    pairs: tuple[Pair, ...]
    because: str = ""
    copies: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class KeeperSuggestion:
    """Which members of a group to keep, why (by member), how sure that is, and what the rest would free."""

    keepers: tuple[int, ...]
    reasons: dict[int, tuple[str, ...]]
    confidence: Certainty
    reclaimable_bytes: int
