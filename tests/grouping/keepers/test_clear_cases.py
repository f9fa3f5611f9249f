"""Clear cases are beyond doubt: any one reason to look at a group takes it out."""

from dataclasses import replace
from typing import Any

import pytest

from dejashot.grouping.keepers.clear_cases import STILL_CELL, CaseEvidence, is_clear_case
from dejashot.grouping.pages import PageRule
from dejashot.models.capture import Certainty
from dejashot.models.groups import Group, KeeperSuggestion, Kind, Pair, VerifiedPairs
from dejashot.models.registration import Registration
from dejashot.models.shot import Shot
from shots import NO_PAGES, face, quality, shot

SHOTS = [shot(n, path=f"{n}.jpg") for n in range(3)]
PAIRS = tuple(Pair(a, b, 1.0, 0.99, 99.0, True) for a, b in ((0, 1), (0, 2), (1, 2)))
BURST = Group((0, 1, 2), Kind.BURST, "", PAIRS)
SURE = KeeperSuggestion((2,), {2: ("sharpest",)}, Certainty.HIGH, 6_000_000)
KEYS = [(SHOTS[p.a].key, SHOTS[p.b].key) for p in PAIRS]
LOOKS = {s.content: quality(1.0) for s in SHOTS}
EVIDENCE = CaseEvidence(LOOKS, VerifiedPairs(dict.fromkeys(KEYS, 0.9)), NO_PAGES)
ALL_PAGES = PageRule(weights=NO_PAGES.weights, bias=9.0, least=0.5)


def is_clear(
    shots: list[Shot] = SHOTS,
    group: Group = BURST,
    suggestion: KeeperSuggestion = SURE,
    evidence: CaseEvidence = EVIDENCE,
) -> bool:
    return is_clear_case(shots, group, suggestion, evidence)


def copies() -> list[Shot]:
    return [replace(SHOTS[0], path=f"{n}.jpg") for n in range(3)]


def test_still_shots_that_were_all_verified_are_clear() -> None:
    assert is_clear()


def test_a_registration_verifies_too() -> None:
    registrations = dict.fromkeys(KEYS, Registration(200, 0.9, 900, 0.0, 0.0, 0.9, 0.0))
    assert is_clear(evidence=replace(EVIDENCE, verified=VerifiedPairs({}, registrations)))


@pytest.mark.parametrize("changed", [{"kind": Kind.SERIES}, {"pairs": (replace(PAIRS[0], similarity_percent=98.9),)}])
def test_a_series_and_a_lower_percent_are_not(changed: dict[str, Any]) -> None:
    assert not is_clear(group=replace(BURST, **changed))


def test_every_pair_counts_not_only_the_neighbours() -> None:
    ends = replace(PAIRS[1], similarity_percent=98.9)
    assert not is_clear(group=replace(BURST, pairs=(PAIRS[0], ends, PAIRS[2])))
    but_one = VerifiedPairs(dict.fromkeys(KEYS[:1] + KEYS[2:], 0.9))
    assert not is_clear(evidence=replace(EVIDENCE, verified=but_one))


def test_a_choice_that_is_not_sure_is_not() -> None:
    assert not is_clear(suggestion=replace(SURE, confidence=Certainty.LOW))
    assert not is_clear(copies(), suggestion=replace(SURE, confidence=Certainty.LOW))


@pytest.mark.parametrize("page", [None, ALL_PAGES])
def test_what_is_or_may_be_a_page_is_not(page: PageRule | None) -> None:
    assert not is_clear(evidence=replace(EVIDENCE, page=page))


def test_what_was_not_looked_at_by_the_model_is_not() -> None:
    assert not is_clear([*SHOTS[:2], replace(SHOTS[2], vector=None)])


def test_faces_and_what_was_not_looked_at_closely_are_not() -> None:
    seen = LOOKS | {SHOTS[1].content: quality(1.0, faces=(face(0.5),))}
    assert not is_clear(evidence=replace(EVIDENCE, qualities=seen))
    assert not is_clear(evidence=replace(EVIDENCE, qualities={s.content: quality(1.0) for s in SHOTS[:2]}))


def test_what_moved_in_one_place_or_all_over_is_not() -> None:
    passing = SHOTS[1].signature.copy()
    passing[3, 4] += STILL_CELL + 1
    assert not is_clear([SHOTS[0], replace(SHOTS[1], signature=passing), SHOTS[2]])
    assert not is_clear([SHOTS[0], replace(SHOTS[1], signature=SHOTS[1].signature + 6), SHOTS[2]])
    assert is_clear([SHOTS[0], replace(SHOTS[1], signature=SHOTS[1].signature + 4), SHOTS[2]])


def test_equal_bytes_are_clear_whatever_they_show() -> None:
    duplicate = replace(BURST, kind=Kind.DUPLICATE)
    assert is_clear(copies(), duplicate, evidence=CaseEvidence({}, VerifiedPairs(), None))


def test_a_damaged_one_is_always_looked_at() -> None:
    torn = "a part of it holds nothing but zeros"
    assert not is_clear([SHOTS[0], replace(SHOTS[1], damage=torn), SHOTS[2]])
    assert not is_clear([replace(s, damage=torn) for s in copies()])
