"""What the owner decides."""

from collections.abc import Set
from enum import StrEnum


class Verdict(StrEnum):
    """What an owner can decide: to keep a photo, one file of it, or none (reject); that two photos are not the same
    shot."""

    KEEP = "keep"
    KEEP_ONE = "keep_one"
    REJECT = "reject"
    DIFFERENT = "different"


# pairs of contents, in order, that the owner marked as different
SeparatedPairs = Set[tuple[bytes, bytes]]
