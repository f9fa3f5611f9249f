"""The percent between two shots: monotone, honest about what is not known, 100 only for equal bytes."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dejashot.grouping.pages import PageRule
from dejashot.grouping.pairs.evidence import percent, probability
from dejashot.grouping.pairs.rules import Rules
from dejashot.grouping.similarity import Comparer, adjacent_pairs
from dejashot.models.capture import Camera, Certainty
from dejashot.models.groups import Pair, VerifiedPairs
from dejashot.models.registration import Registration
from dejashot.models.shot import Shot
from shots import LOOKING_RULES, REGISTRATION_RULE, RULES, at_cosine, shot


def compare(rules: Rules, shots: list[Shot], a: int, b: int) -> Pair:
    first, second = np.array([a]), np.array([b])
    (pair,) = Comparer(rules, shots).pairs(first, second)
    (chance,) = Comparer(rules, shots).chances(first, second)
    assert pair.similarity_percent in (None, 100.0) or pair.similarity_percent == percent(float(chance))
    return pair


COSINES, GAPS = st.floats(-1, 1), st.floats(0, 1e9)


@given(COSINES, COSINES, GAPS, GAPS, st.booleans())
def test_more_likeness_and_less_time_never_lower_the_percent(
    a: float, b: float, gap_a: float, gap_b: float, burst: bool
) -> None:
    low, high = sorted((a, b))
    near, far = sorted((gap_a, gap_b))
    assert probability(RULES, low, near, same_burst=burst) <= probability(RULES, high, near, same_burst=burst)
    assert probability(RULES, low, far, same_burst=burst) <= probability(RULES, low, near, same_burst=burst)
    assert probability(RULES, low, near) <= probability(RULES, low, near, same_burst=True)
    assert 0 <= probability(RULES, a, float("nan")) <= 1


@given(st.floats(0, 1))
def test_the_percent_shown_stays_between_1_and_99(p: float) -> None:
    assert 1 <= percent(p) <= 99


def test_equal_bytes_are_100_percent_whatever_else() -> None:
    a = shot(0, at_cosine(1.0), content=b"x" * 32)
    b = replace(a, path="copy.jpg", vector=None)
    pair = compare(RULES, [a, b], 0, 1)
    assert (pair.similarity_percent, pair.same_shot) == (100.0, True)


def test_without_a_vector_nothing_is_claimed() -> None:
    pair = compare(RULES, [shot(0), replace(shot(1), vector=None)], 0, 1)
    assert (pair.cosine, pair.similarity_percent, pair.same_shot) == (None, None, False)


def test_a_gap_counts_only_when_both_times_are_known() -> None:
    vectors = at_cosine(1.0), at_cosine(0.5)
    sure = [shot(0, vectors[0]), shot(0.2, vectors[1])]
    unsure = [shot(0, vectors[0], certainty=Certainty.LOW), shot(0.2, vectors[1], certainty=Certainty.LOW)]
    assert compare(RULES, sure, 0, 1).same_shot
    assert not compare(RULES, unsure, 0, 1).same_shot


def test_two_cameras_at_the_same_moment_are_judged_by_vision_alone() -> None:
    first, other = shot(0, at_cosine(1.0)), shot(0.1, at_cosine(0.5))
    assert compare(RULES, [first, other], 0, 1).same_shot
    assert not compare(RULES, [first, replace(other, camera=Camera("Other", "O-2"))], 0, 1).same_shot


def test_equal_times_do_not_make_two_scenes_one() -> None:
    assert not compare(RULES, [shot(0, at_cosine(1.0)), shot(0, at_cosine(0.3), path="b.jpg")], 0, 1).same_shot


def test_empty_frames_do_not_match_by_being_empty() -> None:
    black = [shot(0, contrast=0.5), shot(20, contrast=0.5, path="b.jpg")]
    assert not compare(RULES, black, 0, 1).same_shot
    assert compare(RULES, [shot(0), shot(20, path="b.jpg")], 0, 1).same_shot


def test_a_cameras_burst_tag_is_evidence() -> None:
    def pair(a: str, b: str) -> float | None:
        return compare(
            RULES, [shot(0, at_cosine(1.0), burst_id=a), shot(9, at_cosine(0.65), burst_id=b)], 0, 1
        ).similarity_percent

    assert pair("u1", "u1") > pair("u1", "u2") == pair("", "")  # type: ignore[operator]


def test_a_burst_id_alone_groups_nothing() -> None:
    unlike = [shot(n, at_cosine(0.2, axis=1 + n), burst_id="name-1") for n in range(6)]
    assert not any(p.same_shot for p in adjacent_pairs(RULES, unlike, 60.0))


@given(st.lists(st.floats(0, 2000), min_size=1, max_size=40), st.floats(0.1, 300))
def test_every_two_neighbours_within_the_interval_make_a_pair_and_no_others(
    times: list[float], interval_s: float
) -> None:
    shots = [shot(t, path=f"{n}.jpg") for n, t in enumerate(sorted(times))]
    pairs = adjacent_pairs(RULES, shots, interval_s)
    expected = [
        (n, n + 1)
        for n in range(len(shots) - 1)
        if shots[n + 1].taken.taken_us - shots[n].taken.taken_us <= interval_s * 1e6
    ]
    assert [(p.a, p.b) for p in pairs] == expected
    assert all(p.gap_s <= interval_s for p in pairs)


@pytest.mark.parametrize(
    ("cosine", "gap_s", "same"),
    [(0.95, 30, True), (0.85, 10, True), (0.55, 0.3, True), (0.55, 10, False), (0.2, 1.0, False)],
)
def test_the_operating_point_lies_where_the_fit_put_it(cosine: float, gap_s: float, same: bool) -> None:
    assert compare(RULES, [shot(0, at_cosine(1.0)), shot(gap_s, at_cosine(cosine))], 0, 1).same_shot is same


MATCHES = st.floats(0, 1)


@given(COSINES, GAPS, MATCHES, MATCHES)
def test_a_better_match_never_lowers_the_percent(cosine: float, gap_s: float, a: float, b: float) -> None:
    low, high = sorted((a, b))
    assert probability(LOOKING_RULES, cosine, gap_s, match=low) <= probability(LOOKING_RULES, cosine, gap_s, match=high)


@given(COSINES, COSINES, GAPS)
def test_without_verification_more_likeness_still_never_lowers_the_percent(a: float, b: float, gap_s: float) -> None:
    low, high = sorted((a, b))
    assert probability(LOOKING_RULES, low, gap_s) <= probability(LOOKING_RULES, high, gap_s)


@given(COSINES, GAPS, MATCHES)
def test_a_match_counts_from_its_least_to_its_most(cosine: float, gap_s: float, match: float) -> None:
    least = probability(LOOKING_RULES, cosine, gap_s, match=LOOKING_RULES.match_least)
    most = probability(LOOKING_RULES, cosine, gap_s, match=LOOKING_RULES.match_most)
    assert least <= probability(LOOKING_RULES, cosine, gap_s, match=match) <= most
    assert least <= probability(LOOKING_RULES, cosine, gap_s) <= most


def test_nothing_matches_in_a_blank_frame() -> None:
    sharp = probability(LOOKING_RULES, 0.9, 30.0, blank=True, match=1.0)
    assert sharp == probability(LOOKING_RULES, 0.9, 30.0, blank=True, match=0.0)
    assert sharp < 0.05


def test_the_match_decides() -> None:
    a, b = shot(0, at_cosine(1.0)), shot(20, at_cosine(0.7))
    (unlike,) = adjacent_pairs(LOOKING_RULES, [a, b], 60, VerifiedPairs({(a.key, b.key): 0.35}))
    (alike,) = adjacent_pairs(LOOKING_RULES, [a, b], 60, VerifiedPairs({(a.key, b.key): 0.85}))
    assert not unlike.same_shot
    assert alike.same_shot
    assert unlike.cosine == alike.cosine


REGISTERING = replace(LOOKING_RULES, registration=REGISTRATION_RULE)
# what points along the first axis is a page
PAGE_RULES = replace(REGISTERING, page=PageRule(weights=20 * at_cosine(1.0), bias=-10.0, least=0.5))
SAME_PAGE = Registration(200, 0.9, 900, 0.9, 0.8, 0.0)
NEXT_PAGE = Registration(120, 0.9, 900, 0.5, 0.6, 0.0)


def registered(a: Shot, b: Shot, found: Registration) -> VerifiedPairs:
    return VerifiedPairs({}, {(a.key, b.key): found})


def test_registration_decides_what_vision_leaves_open() -> None:
    a, b = shot(0, at_cosine(1.0)), shot(20, at_cosine(0.7))
    same = registered(a, b, Registration(60, 0.7, 900, 0.5, 0.4, 0.0))
    other = registered(a, b, Registration(2, 0.0, 900, 0.0, 0.0, 0.0))
    percents = [
        adjacent_pairs(REGISTERING, [a, b], 60, verified)[0].similarity_percent
        for verified in (other, VerifiedPairs(), same)
    ]
    assert percents == sorted(set(percents))  # type: ignore[type-var]
    assert adjacent_pairs(REGISTERING, [a, b], 60, same)[0].same_shot


def test_two_pages_are_the_same_shot_only_where_they_were_registered_as_one() -> None:
    a, b = shot(0, at_cosine(1.0)), shot(0.3, at_cosine(0.99))
    for verified, same in (
        (VerifiedPairs(), False),
        (VerifiedPairs({(a.key, b.key): 1.0}), False),
        (registered(a, b, NEXT_PAGE), False),
        (registered(a, b, SAME_PAGE), True),
    ):
        (pair,) = adjacent_pairs(PAGE_RULES, [a, b], 60, verified)
        assert pair.same_shot is same
        assert pair.similarity_percent == (2.0 if not same else pytest.approx(97, abs=3))
    assert adjacent_pairs(REGISTERING, [a, b], 60)[0].same_shot, "without the rule the vectors alone would do"


def test_a_page_and_what_is_none_are_judged_by_the_formula() -> None:
    page, photo = shot(0, at_cosine(0.6)), shot(0.3, at_cosine(0.4))
    assert adjacent_pairs(PAGE_RULES, [page, photo], 60) == adjacent_pairs(REGISTERING, [page, photo], 60)
    assert adjacent_pairs(PAGE_RULES, [page, photo], 60)[0].similarity_percent > 2  # type: ignore[operator]


def test_equal_bytes_and_the_owners_word_go_before_what_holds_for_pages() -> None:
    page, other = shot(0, at_cosine(1.0)), shot(5, at_cosine(0.99))
    assert compare(PAGE_RULES, [page, replace(page, path="copy.jpg")], 0, 1).similarity_percent == 100
    apart = {tuple(sorted((page.content, other.content)))}
    comparer = Comparer(PAGE_RULES, [page, other], 0, registered(page, other, SAME_PAGE), apart)  # type: ignore[arg-type]
    assert comparer.chances(np.array([0]), np.array([1])).tolist() == [0]
    assert not comparer.pairs(np.array([0]), np.array([1]))[0].same_shot


def test_a_page_without_a_vector_is_compared_with_nothing() -> None:
    a, b = shot(0, at_cosine(1.0)), replace(shot(5), vector=None)
    assert compare(PAGE_RULES, [a, b], 0, 1).similarity_percent is None
    assert compare(PAGE_RULES, [b, b], 0, 1).similarity_percent == 100
