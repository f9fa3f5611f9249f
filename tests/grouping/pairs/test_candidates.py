"""Which pairs get a closer look: those that are still open, near each other, and the work stays linear."""

from dataclasses import replace
from itertools import combinations

from dejashot.grouping.pages import PageRule
from dejashot.grouping.pairs.candidates import pairs_to_register, uncertain_pairs
from dejashot.models.groups import VerifiedPairs
from dejashot.models.shot import Shot
from shots import LOOKING_RULES, REGISTRATION_RULE, RULES, at_cosine, shot

REGISTERING = replace(LOOKING_RULES, registration=REGISTRATION_RULE)
# what points along the first axis is a page
PAGES = replace(REGISTERING, page=PageRule(weights=20 * at_cosine(1.0), bias=-10.0, least=0.5))
NOTHING = VerifiedPairs()


def open_shots(count: int, cosine: float = 0.7) -> list[Shot]:
    """Return shots of which any two have this cosine, no two of them pages."""
    share = cosine**0.5
    return [shot(20 * n, at_cosine(share, axis=1 + n)) for n in range(count)]


def test_pairs_are_uncertain_where_a_match_could_change_the_percent_and_nowhere_else() -> None:
    vectors = [at_cosine(1.0), at_cosine(0.7), at_cosine(0.7, axis=2), at_cosine(-0.5, axis=3)]
    shots = [shot(20 * n, v) for n, v in enumerate(vectors)]
    found = uncertain_pairs(LOOKING_RULES, shots, 60, 600)
    assert (0, 1) in found
    assert (0, 2) in found
    assert not any(3 in pair for pair in found)
    assert found == sorted(found, key=lambda pair: pair[::-1])
    assert uncertain_pairs(RULES, shots, 60, 600) == []  # this network has no map
    assert uncertain_pairs(LOOKING_RULES, shots, 60, 30) == [(0, 1), (1, 2)]  # the rest can't be in one group
    assert uncertain_pairs(LOOKING_RULES, shots, 10, 600) == []


def test_copies_blank_frames_and_shots_without_vector_are_not_matched() -> None:
    first = shot(0, at_cosine(1.0))
    for other in (
        replace(first, path="copy.jpg"),
        shot(5, at_cosine(0.7), contrast=1.0),
        replace(shot(5), vector=None),
    ):
        assert uncertain_pairs(LOOKING_RULES, [first, other], 60, 600) == []


def test_pairs_up_to_three_places_apart_are_registered_while_they_are_open() -> None:
    shots = open_shots(8)
    found = pairs_to_register(REGISTERING, shots, 60, 6000, NOTHING)
    assert sorted(found) == [(a, b) for a, b in combinations(range(8), 2) if b - a <= 3]
    assert found == sorted(found, key=lambda pair: pair[::-1])
    assert pairs_to_register(REGISTERING, shots, 60, 25, NOTHING) == [(n, n + 1) for n in range(7)]
    assert pairs_to_register(REGISTERING, shots, 10, 6000, NOTHING) == []
    assert pairs_to_register(LOOKING_RULES, shots, 60, 6000, NOTHING) == []


def test_a_match_that_settles_a_pair_spares_its_registration() -> None:
    shots = open_shots(2)
    keys = shots[0].key, shots[1].key
    for match, wanted in ((0.3, []), (0.62, [(0, 1)]), (0.9, [])):
        assert pairs_to_register(REGISTERING, shots, 60, 600, VerifiedPairs({keys: match})) == wanted


def test_frames_that_show_nothing_are_registered_unless_nothing_could_come_of_it() -> None:
    first = shot(0, at_cosine(1.0))
    assert pairs_to_register(REGISTERING, [first, shot(2, at_cosine(0.2), contrast=1.0)], 60, 600, NOTHING) == [(0, 1)]
    weak = replace(REGISTERING, registration=replace(REGISTRATION_RULE, blank_same=0.0))
    assert pairs_to_register(weak, [first, shot(20, at_cosine(0.2), contrast=1.0)], 60, 600, NOTHING) == []


def test_pages_are_registered_up_to_sixteen_places_apart_unless_they_are_clearly_different() -> None:
    same_layout = [shot(5 * n, at_cosine(0.95, axis=1 + n)) for n in range(20)]
    found = pairs_to_register(PAGES, same_layout, 60, 600, NOTHING)
    assert sorted(found) == [(a, b) for a, b in combinations(range(20), 2) if b - a <= 16]
    other_layout = [shot(20 * n, at_cosine(0.6, axis=1 + n)) for n in range(3)]
    assert pairs_to_register(PAGES, other_layout, 60, 600, NOTHING) == []
    alone = replace(PAGES, registration=None)
    assert pairs_to_register(alone, same_layout, 60, 600, NOTHING) == found
    assert pairs_to_register(alone, [same_layout[0], *open_shots(3, 0.2)[1:]], 60, 600, NOTHING) == []


def test_copies_and_shots_without_a_vector_are_not_registered() -> None:
    first = shot(0, at_cosine(1.0))
    for other in (replace(first, path="copy.jpg"), replace(shot(5), vector=None)):
        assert pairs_to_register(PAGES, [first, other], 60, 600, NOTHING) == []


def test_the_number_of_pairs_grows_with_the_shots_and_not_with_their_square() -> None:
    counts = []
    for count in (50, 100):
        shots = [shot(5 * n, at_cosine(0.95, axis=1 + n)) for n in range(count)]
        counts.append(len(pairs_to_register(PAGES, shots, 60, 6000, NOTHING)))
    assert counts[1] - counts[0] == 50 * 16
