"""P(same shot | vision, pair verification, registration, gap, camera, burst tags), and the percent shown."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt

from dejashot.grouping.pages import SURE_PAGE, PageRule
from dejashot.grouping.pairs.rules import RegistrationRule, Rules
from dejashot.models.arrays import Booleans, Floats64
from dejashot.models.registration import Registration

LOWEST_PERCENT, HIGHEST_PERCENT = 1.0, 99.0
# of pairs whose maps say that they are not the same shot, at most, whatever else speaks for them: P is 27 percent
DOUBT_EVIDENCE = -1.0
_EVIDENCE_LIMIT = 60.0


@dataclass(frozen=True, slots=True)
class RegistrationColumns:
    """The registrations of some pairs, one array [n] a value, NaN where a pair was not registered."""

    inliers: Floats64
    overlap: Floats64
    keypoints: Floats64
    page_agreement: Floats64
    content_agreement: Floats64
    tone_free: Floats64
    light_step: Floats64

    @classmethod
    def of(cls, registrations: Mapping[int, Registration], count: int) -> "RegistrationColumns":
        """Return the columns of `count` pairs, given the registrations of some of them by their place."""
        table = np.full((len(fields(cls)), count), np.nan)
        for n, found in registrations.items():
            table[:, n] = [getattr(found, column.name) for column in fields(cls)]
        return cls(*table)


def evidence_of(
    rules: Rules,
    cosine: npt.ArrayLike,
    gap_s: npt.ArrayLike,
    same_burst: npt.ArrayLike = False,
    blank: npt.ArrayLike = False,
    match: npt.ArrayLike = math.nan,
) -> Floats64:
    """Return the evidence for the same shot, element by element, before any registration.

    `gap_s` is NaN where the gap says nothing: times not to be trusted, two cameras, or two ways to know the zone.
    `match` is NaN where the pair was not verified.
    """
    cosine, gap_s, match = (np.asarray(x, dtype=np.float64) for x in (cosine, gap_s, match))
    seen = np.where(blank, np.minimum(cosine, rules.blank_cosine), cosine)
    matched = np.where(np.isnan(match), rules.match_base + rules.match_slope * seen, match)
    matched = np.where(blank, rules.match_least, np.clip(matched, rules.match_least, rules.match_most))
    near = np.exp(-np.maximum(rules.nearest_s, np.nan_to_num(gap_s)) / rules.near_s)
    evidence = rules.bias + rules.cosine * seen + rules.match * matched
    return np.asarray(
        evidence + rules.near * np.where(np.isnan(gap_s), 0.0, near) + rules.burst * np.asarray(same_burst)
    )


def logistic(evidence: npt.ArrayLike) -> Floats64:
    """Return the probability, 0 to 1, that evidence stands for."""
    return np.asarray(1 / (1 + np.exp(-np.clip(evidence, -_EVIDENCE_LIMIT, _EVIDENCE_LIMIT))))


def probability(
    rules: Rules,
    cosine: npt.ArrayLike,
    gap_s: npt.ArrayLike,
    same_burst: npt.ArrayLike = False,
    blank: npt.ArrayLike = False,
    match: npt.ArrayLike = math.nan,
) -> Floats64:
    """Return P(same shot), 0 to 1, by `evidence_of`; it rises with the cosine, the match and the nearness in time."""
    return logistic(evidence_of(rules, cosine, gap_s, same_burst, blank, match))


def registration_evidence(rule: RegistrationRule, found: RegistrationColumns, blank: Booleans) -> Floats64:
    """Return what registrations add to the evidence, 0 for pairs that were not registered.

    `blank` says of which pairs one shot shows nothing.
    """
    scene, agreement, change, other = registration_terms(rule, found, blank).T
    evidence = rule.same_scene * scene + rule.agreement * agreement + rule.still_other * change
    return np.asarray(evidence + rule.other_scene * other + blank_evidence(rule, found, blank))


def registration_terms(rule: RegistrationRule, found: RegistrationColumns, blank: Booleans) -> Floats64:
    """Return the terms [n, 4] of registrations, 0 for pairs that were not registered.

    They say that it is one scene, and how far its content agrees; and, below 0, how far a still frame has changed, and
    that it is another scene.
    """
    agreement = np.where(found.inliers >= rule.min_inliers, found.content_agreement, 0.0)
    change = np.where(stands_still(rule, found), found.content_agreement - 1, 0.0)
    other = (found.inliers < rule.few_inliers) & (found.keypoints >= rule.rich_keypoints) & ~blank
    return np.column_stack([1.0 * show_one_scene(rule, found), agreement, change, -1.0 * other])


def blank_evidence(rule: RegistrationRule, found: RegistrationColumns, blank: Booleans) -> Floats64:
    """Return what the outlines without tones add where one shot shows nothing, 0 elsewhere."""
    said = np.where(found.tone_free >= rule.blank_least, rule.blank_same, -rule.blank_other)
    return np.where(blank & ~np.isnan(found.tone_free), said, 0.0)


def stands_still(rule: RegistrationRule, found: RegistrationColumns) -> Booleans:
    """Return of pairs whether the frame stands still in the same light: what differs there is the content."""
    fits = found.inliers >= rule.min_inliers
    return np.asarray(fits & (found.overlap > rule.still_overlap) & (found.light_step < rule.still_light_ev))


def show_one_scene(rule: RegistrationRule, found: RegistrationColumns) -> Booleans:
    """Return of pairs whether one scene is seen from elsewhere, or in another light."""
    fits = (found.inliers >= rule.min_inliers) & (found.overlap >= rule.min_overlap)
    return np.asarray(fits & (found.content_agreement >= rule.scene_agreement) & ~stands_still(rule, found))


def within_page_bounds(rule: PageRule, chances: Floats64, both_pages: Booleans, found: RegistrationColumns) -> Floats64:
    """Return P(same shot) within what holds for two pages: registered as one page, or unlikely; NaN stays."""
    one_page = (found.inliers >= rule.min_inliers) & (found.overlap >= rule.min_overlap)
    one_page &= found.page_agreement >= rule.min_agreement
    least = np.where(found.page_agreement >= rule.sure_agreement, SURE_PAGE, rule.same_page)
    bounded = np.where(one_page, np.maximum(chances, least), np.minimum(chances, rule.other_page))
    return np.where(both_pages, bounded, chances)


def judged(
    rules: Rules, evidence: Floats64, match: Floats64, found: RegistrationColumns, blank: Booleans, pages: Booleans
) -> Floats64:
    """Return P(same shot), 0 to 1, by `evidence_of`, by the match of the maps and by what registration found.

    `blank` says of which pairs one shot shows nothing, `pages` of which both are pages. What the maps call different
    is doubtful at best, unless it shows one scene from elsewhere or in another light.
    """
    doubted = (match < rules.match_doubt) & ~blank
    if rules.registration is not None:
        evidence = evidence + registration_evidence(rules.registration, found, blank)
        doubted &= ~show_one_scene(rules.registration, found)
    chances = logistic(np.where(doubted, np.minimum(evidence, DOUBT_EVIDENCE), evidence))
    return chances if rules.page is None else within_page_bounds(rules.page, chances, pages, found)


def are_doubtful(rules: Rules, chances: Floats64, found: RegistrationColumns, pages: Booleans) -> Booleans:
    """Return of pairs whether they may be two shots, however likely one is: both are kept then.

    P(same shot) is below that of what is sure; or the frame stands still, and much of what it shows has changed, which
    may be the pose as well as the subject. Pages have a measure of their own.
    """
    doubtful = chances < rules.sure
    if rules.registration is not None:
        still = stands_still(rules.registration, found)
        doubtful |= still & (found.content_agreement < rules.registration.sure_agreement) & ~pages
    return np.asarray(doubtful)


def percent(p: float) -> float:
    """Return a probability as the percent shown: 1 to 99, one decimal; 100 is kept for equal bytes."""
    return round(min(HIGHEST_PERCENT, max(LOWEST_PERCENT, 100 * p)), 1)
