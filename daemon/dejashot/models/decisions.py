"""What the owner decides."""

from collections.abc import Set
from dataclasses import dataclass, field
from enum import StrEnum


class Verdict(StrEnum):
    """An owner's decision: keep a photo, one file of it, or none (reject); or two photos are not the same shot."""

    KEEP = "keep"
    KEEP_ONE = "keep_one"
    REJECT = "reject"
    DIFFERENT = "different"


class ApplyMethod(StrEnum):
    """How decisions are applied: rejected files are moved, trashed or listed, or ratings or links are made."""

    QUARANTINE = "quarantine"
    TRASH = "trash"
    XMP = "xmp"
    ALBUM = "album"
    LIST = "list"

    @property
    def moves(self) -> bool:
        """Return whether photos leave their folders."""
        return self in (ApplyMethod.QUARANTINE, ApplyMethod.TRASH)


# pairs of contents, in order, that the owner said are not the same shot
SeparatedPairs = Set[tuple[bytes, bytes]]


@dataclass(frozen=True, slots=True)
class Decision:
    """One decision about a content, or about two in order (`different`); `verdict` None takes an earlier one back.

    `act` names what the owner did in one go, `undoes` the act that this takes back.
    """

    content: bytes
    verdict: Verdict | None
    decided_us: int
    other: bytes = b""
    act: str = field(default="", compare=False)
    undoes: str = field(default="", compare=False)

    @property
    def key(self) -> tuple[bytes, bytes]:
        """Return what the decision is about: a content, or two."""
        return self.content, self.other


def separated(a: bytes, b: bytes, decided_us: int) -> Decision:
    """Return the decision that two contents are not the same shot."""
    first, second = sorted((a, b))
    return Decision(first, Verdict.DIFFERENT, decided_us, second)
