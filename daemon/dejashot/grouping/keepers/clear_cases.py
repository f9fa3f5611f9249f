"""Clear cases: groups whose suggestion is beyond doubt, so that many of them can be accepted at once.

An owner who accepts them looks at small pictures, if at all. So everything that could be wrong is left to be looked at
one by one: a page, a face, a moving subject, a pair that was not verified, a close choice.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from dejashot.grouping.pages import PageRule, are_pages
from dejashot.grouping.pairs.evidence import HIGHEST_PERCENT
from dejashot.grouping.series.takes import signature_change
from dejashot.grouping.soundness import is_damaged
from dejashot.models.capture import Certainty
from dejashot.models.groups import Group, KeeperSuggestion, Kind, VerifiedPairs
from dejashot.models.photo import Quality
from dejashot.models.shot import Shot

STILL_MEAN, STILL_CELL = 5.0, 32  # levels of 255 by which the cells of two signatures differ where nothing moved


@dataclass(frozen=True, slots=True)
class CaseEvidence:
    """What is known besides a group: qualities by content, verified pairs, how pages are told."""

    qualities: Mapping[bytes, Quality]
    verified: VerifiedPairs
    page: PageRule | None


def is_clear_case(shots: Sequence[Shot], group: Group, suggestion: KeeperSuggestion, evidence: CaseEvidence) -> bool:
    """Return whether what is suggested of a group is beyond doubt.

    The keeper leads by a clear margin, nothing is damaged, and the files are equal byte for byte; or every pair was
    verified with the highest percent, and no page, no face and nothing that moved is among the pictures.
    """
    if group.kind is Kind.SERIES or suggestion.confidence is not Certainty.HIGH:
        return False
    members = [shots[m] for m in group.members]
    if any(is_damaged(shot, evidence.qualities) for shot in members):
        return False
    if len({shot.content for shot in members}) == 1:
        return True
    return (
        not _may_be_pages(members, evidence.page)
        and _are_without_faces(members, evidence.qualities)
        and all(_is_sure(shots[p.a], shots[p.b], p.similarity_percent, evidence.verified) for p in group.pairs)
    )


def _may_be_pages(shots: Sequence[Shot], rule: PageRule | None) -> bool:
    """Return whether a page is among shots, or can't be ruled out: pages that differ in a word look the same."""
    vectors = [shot.vector for shot in shots if shot.vector is not None]
    return rule is None or len(vectors) < len(shots) or bool(are_pages(rule, np.stack(vectors)).any())


def _are_without_faces(shots: Sequence[Shot], qualities: Mapping[bytes, Quality]) -> bool:
    """Return whether all shots were looked at closely, and nobody was found: an expression is a matter of taste."""
    return all(shot.content in qualities and not qualities[shot.content].faces for shot in shots)


def _is_sure(a: Shot, b: Shot, percent: float | None, verified: VerifiedPairs) -> bool:
    """Return whether two shots are the same beyond doubt: verified, with the highest percent, and nothing moved."""
    if a.content == b.content:
        return True
    change = signature_change(a, b)
    still = float(change.mean()) <= STILL_MEAN and int(change.max()) <= STILL_CELL
    keys = (a.key, b.key)
    looked_at = keys in verified.matches or keys in verified.registrations
    return still and looked_at and percent is not None and percent >= HIGHEST_PERCENT
