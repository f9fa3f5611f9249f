"""What registration adds to the evidence, and the bounds for two pages."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dejashot.grouping.pages import PageRule
from dejashot.grouping.pairs.evidence import (
    DOUBT_EVIDENCE,
    RegistrationColumns,
    are_doubtful,
    evidence_of,
    judged,
    logistic,
    probability,
)
from dejashot.grouping.pairs.rules import RegistrationRule, Rules
from dejashot.models.registration import Registration
from shots import LOOKING_RULES, REGISTRATION_RULE, at_cosine

RULES = replace(LOOKING_RULES, registration=REGISTRATION_RULE)
PAGE = PageRule(weights=at_cosine(1.0), bias=0.0, least=0.5)
PAGE_RULES = replace(RULES, page=PAGE)
REGISTRATIONS = st.builds(
    Registration,
    inliers=st.integers(0, 2000),
    overlap=st.floats(0, 1),
    keypoints=st.integers(0, 2000),
    page_agreement=st.floats(0, 1),
    content_agreement=st.floats(0, 1),
    tone_free=st.floats(-1, 1),
    light_step=st.floats(0, 8),
)
COSINES, GAPS, MATCHES = st.floats(-1, 1), st.floats(0, 1e6), st.floats(0, 1)
SAME_SCENE = Registration(60, 0.7, 900, 0.5, 0.5, 0.4, 0.0)
OTHER_SCENE = Registration(0, 0.0, 900, 0.0, 0.0, 0.0, 0.0)


def chance(
    rules: Rules,
    evidence: float,
    found: Registration | None,
    *,
    match: float = np.nan,
    blank: bool = False,
    pages: bool = False,
) -> float:
    columns = RegistrationColumns.of({} if found is None else {0: found}, 1)
    pair = (np.array([evidence]), np.array([match]), columns, np.array([blank]), np.array([pages]))
    return float(judged(rules, *pair)[0])


@given(COSINES, COSINES, GAPS, st.one_of(st.none(), REGISTRATIONS), st.booleans(), st.booleans())
def test_more_likeness_never_lowers_the_chance_whatever_registration_found(
    a: float, b: float, gap_s: float, found: Registration | None, blank: bool, pages: bool
) -> None:
    low, high = (
        chance(PAGE_RULES, float(evidence_of(PAGE_RULES, cosine, gap_s, blank=blank)), found, blank=blank, pages=pages)
        for cosine in sorted((a, b))
    )
    assert 0 <= low <= high <= 1


@given(COSINES, MATCHES, MATCHES, GAPS, GAPS, st.one_of(st.none(), REGISTRATIONS), st.booleans())
def test_neither_does_a_better_match_or_a_shorter_gap(
    cosine: float, match: float, other: float, gap: float, other_gap: float, found: Registration | None, pages: bool
) -> None:
    worse, better = sorted((match, other))
    shorter, longer = sorted((gap, other_gap))
    low = chance(PAGE_RULES, float(evidence_of(PAGE_RULES, cosine, longer, match=worse)), found, pages=pages)
    high = chance(PAGE_RULES, float(evidence_of(PAGE_RULES, cosine, shorter, match=better)), found, pages=pages)
    assert low <= high


@given(st.floats(-20, 20), REGISTRATIONS, st.integers(0, 2000), st.booleans())
def test_more_inliers_never_lower_the_chance(evidence: float, found: Registration, other: int, pages: bool) -> None:
    few, many = sorted((found.inliers, other))
    low = chance(PAGE_RULES, evidence, replace(found, inliers=few), pages=pages)
    assert low <= chance(PAGE_RULES, evidence, replace(found, inliers=many), pages=pages)


@given(COSINES, GAPS, st.booleans())
def test_a_pair_that_was_not_registered_is_judged_by_the_formula_alone(
    cosine: float, gap_s: float, blank: bool
) -> None:
    evidence = float(evidence_of(RULES, cosine, gap_s, blank=blank))
    assert chance(RULES, evidence, None, blank=blank) == float(probability(RULES, cosine, gap_s, blank=blank))


def test_pictures_that_lie_over_each_other_are_the_same_scene_and_rich_ones_that_do_not_are_not() -> None:
    assert chance(RULES, 0.0, SAME_SCENE) > 0.99
    assert chance(RULES, 0.0, OTHER_SCENE) < 0.01
    for unclear in (
        replace(SAME_SCENE, inliers=14),
        replace(SAME_SCENE, overlap=0.39),
        replace(OTHER_SCENE, inliers=6),
        replace(OTHER_SCENE, keypoints=299),
    ):
        assert chance(RULES, 0.0, unclear) == 0.5


@pytest.mark.parametrize(("overlap", "light_step", "counts"), [(0.9, 0.0, False), (0.9, 0.5, True), (0.8, 0.0, True)])
def test_a_frame_that_stands_still_in_the_same_light_shows_nothing_of_its_content(
    overlap: float, light_step: float, counts: bool
) -> None:
    found = replace(SAME_SCENE, overlap=overlap, light_step=light_step)
    assert (chance(RULES, 0.0, found) > 0.5) is counts


def test_of_frames_that_show_nothing_what_is_left_without_tones_decides() -> None:
    assert chance(RULES, 0.0, replace(OTHER_SCENE, tone_free=0.36), blank=True) > 0.99
    assert chance(RULES, 0.0, replace(OTHER_SCENE, tone_free=0.34), blank=True) < 0.01
    assert chance(RULES, 0.0, None, blank=True) == 0.5


@given(st.floats(-60, 60), st.one_of(st.none(), REGISTRATIONS))
def test_two_pages_are_one_only_where_registration_says_so(evidence: float, found: Registration | None) -> None:
    judgement = chance(PAGE_RULES, evidence, found, pages=True)
    one_page = (
        found is not None
        and found.inliers >= PAGE.min_inliers
        and found.overlap >= PAGE.min_overlap
        and found.page_agreement >= PAGE.min_agreement
    )
    assert judgement >= PAGE.same_page if one_page else judgement <= PAGE.other_page
    assert chance(PAGE_RULES, evidence, found) == chance(RULES, evidence, found)


def test_columns_hold_each_registration_in_its_place() -> None:
    columns = RegistrationColumns.of({2: SAME_SCENE, 0: OTHER_SCENE}, 3)
    assert columns.inliers[[0, 2]].tolist() == [0, 60]
    assert columns.tone_free[[0, 2]].tolist() == [0.0, 0.4]
    assert np.isnan([columns.overlap[1], columns.light_step[1], columns.page_agreement[1], columns.keypoints[1]]).all()


@given(st.floats(-10, 10), REGISTRATIONS, st.booleans())
def test_a_rule_of_no_weight_changes_nothing(evidence: float, found: Registration, blank: bool) -> None:
    weightless = RegistrationRule(0, 15, 0.4, 0.3, 0.6, 0.85, 0.3, 0, 0, 0, 6, 300, 0, 0, 0.35)
    expected = chance(LOOKING_RULES, evidence, found, blank=blank)
    assert chance(replace(RULES, registration=weightless), evidence, found, blank=blank) == expected


STILL_FRAME = Registration(60, 0.95, 900, 0.5, 0.5, 0.4, 0.0)


@given(st.floats(-10, 10), st.floats(-8, 8), st.sampled_from([None, SAME_SCENE, STILL_FRAME]))
def test_what_the_maps_call_different_is_doubtful_at_best(
    evidence: float, match: float, found: Registration | None
) -> None:
    rules = replace(RULES, match_doubt=-1.0, registration=REGISTRATION_RULE)
    free = chance(replace(rules, match_doubt=-np.inf), evidence, found, match=match)
    seen_from_elsewhere = found is SAME_SCENE
    expected = min(free, float(logistic(DOUBT_EVIDENCE))) if match < -1.0 and not seen_from_elsewhere else free
    assert chance(rules, evidence, found, match=match) == expected


def test_in_a_still_frame_what_does_not_agree_counts_against_the_same_shot() -> None:
    rules = replace(RULES, registration=replace(REGISTRATION_RULE, agreement=5.0, still_other=4.0))
    changed, steady = (replace(STILL_FRAME, content_agreement=share) for share in (0.2, 0.9))
    assert chance(rules, 0.0, changed) < 0.5 < chance(rules, 0.0, steady)


@given(st.floats(0, 1), st.floats(0, 1), st.booleans())
def test_a_still_frame_that_has_changed_is_never_sure(p: float, agreement: float, pages: bool) -> None:
    rules = replace(RULES, sure=0.98, registration=REGISTRATION_RULE)
    for found in (STILL_FRAME, SAME_SCENE):
        columns = RegistrationColumns.of({0: replace(found, content_agreement=agreement)}, 1)
        doubtful = bool(are_doubtful(rules, np.array([p]), columns, np.array([pages]))[0])
        changed = found is STILL_FRAME and agreement < REGISTRATION_RULE.sure_agreement and not pages
        assert doubtful == (p < 0.98 or changed)
