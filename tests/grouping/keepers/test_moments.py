"""Of takes of one scene, which moment is the one to keep: faces, the subject, the horizon; and how sure that is."""

from dataclasses import replace

import numpy as np
import pytest

from dejashot.grouping.keepers.choose import suggest_keepers
from dejashot.grouping.keepers.reasons import FACES_FREE, OTHER_FOCUS, OTHER_MOMENT, STRAIGHTER
from dejashot.grouping.keepers.tilt import tilts_of
from dejashot.models.capture import Certainty
from dejashot.models.groups import Group, KeeperSuggestion, Kind, Pair
from dejashot.models.photo import Face, Quality
from dejashot.models.sketch import LUMA_SIDE, SHARP_SIDE, Sketch
from shots import face, quality, shot

GROUND = np.kron(np.random.default_rng(1).integers(60, 190, (8, 8)), np.ones((4, 4))).astype(np.uint8)
Box = tuple[int, int, int, int]  # top, left, bottom and right, in cells of 32


def keep(*qualities: Quality, kind: Kind = Kind.BURST) -> KeeperSuggestion:
    shots = [shot(2 * n) for n in range(len(qualities))]
    pairs = tuple(Pair(a, b, 2.0, 0.97, 95.0, True) for b in range(len(shots)) for a in range(b))
    looks = {s.content: q for s, q in zip(shots, qualities, strict=True)}
    return suggest_keepers(shots, Group(tuple(range(len(shots))), kind, "", pairs), looks)


def take(subject: Box | None = None, *, inside: float = 1.0, outside: float = 1.0, shift: int = 0) -> Quality:
    """Return the look at a scene with a bright subject in a box, as sharp as `inside`, before a ground."""
    luma = np.roll(GROUND, shift, axis=1).copy()
    sharp = np.full((SHARP_SIDE, SHARP_SIDE), outside, dtype=np.float32)
    if subject is not None:
        top, left, bottom, right = subject
        luma[top:bottom, left:right] = 255
        sharp[top // 2 : bottom // 2, left // 2 : right // 2] = inside
    mean = float(sharp.mean())
    return quality(mean, tiles=(mean,) * 16, sketch=Sketch.made(luma, sharp))


MIDDLE, SMALL = (10, 12, 24, 22), (14, 14, 20, 20)


def test_of_takes_focused_elsewhere_that_of_the_middle_leads_and_both_stay() -> None:
    found = keep(take(MIDDLE, inside=0.4, outside=1.0), take(MIDDLE, inside=1.0, outside=0.6))
    assert found.keepers == (0, 1)
    assert found.reasons[0] == (OTHER_FOCUS,), "the subject in the middle must be sharp, not what is behind it"
    assert found.confidence is not Certainty.HIGH


def test_a_small_thing_in_the_middle_may_be_the_subject_and_one_at_the_edge_is_none() -> None:
    middle, edge = (14, 14, 20, 18), (0, 0, 6, 4)
    assert keep(take(middle, inside=1.2, outside=0.6), take(middle, inside=0.4, outside=1.2)).keepers == (0, 1)
    assert keep(take(edge, inside=1.2, outside=0.6), take(edge, inside=0.4, outside=1.2)).keepers == (1,)


def test_grain_makes_no_other_focus_and_is_no_sharpness() -> None:
    clean = take(MIDDLE, inside=1.0, outside=1.0)
    grainy = replace(take(MIDDLE, inside=1.0, outside=1.4), noise=3.0, sharpness=clean.sharpness, tiles=clean.tiles)
    assert keep(clean, grainy).keepers == keep(clean, replace(grainy, noise=9.0)).keepers == (0,)
    blurred = take(MIDDLE, inside=0.5, outside=0.5)
    assert keep(blurred, replace(clean, noise=3.0)).keepers == (1,), "grain is better than blur"


def test_a_take_in_which_something_moved_stays_though_it_cannot_be_told_what() -> None:
    found = keep(take(), take(SMALL, outside=0.98, inside=0.98))
    assert found.keepers == (0, 1)
    assert OTHER_MOMENT in found.reasons[1]
    worse = take(SMALL, outside=0.7, inside=0.7)
    assert keep(take(), worse).keepers == (0,)
    tilted = replace(take(SMALL, outside=0.98, inside=0.98), upright=(5.0, 0.3), level=(5.0, 0.3))
    level = replace(take(), upright=(0.5, 0.3), level=(0.5, 0.3))
    assert keep(level, tilted).keepers == (0,), "a tilted frame changes everywhere"


def test_a_frame_that_moved_by_a_cell_is_no_other_subject() -> None:
    found = keep(take(MIDDLE), take(shift=1, outside=0.98))
    assert found.confidence is not Certainty.HIGH


def test_a_subject_cut_off_by_the_frame_loses() -> None:
    found = keep(take((10, 0, 24, 5), inside=1.1), take((10, 12, 24, 22)), take((10, 28, 24, 32), inside=1.1))
    assert found.keepers == (1,)


def test_the_take_in_which_the_subject_is_large_stays() -> None:
    found = keep(take((8, 3, 12, 7)), take((8, 10, 20, 18)), take((8, 25, 12, 29)))
    assert found.keepers == (1,)


def test_two_moments_stay_where_both_are_good_and_no_moving_burst_is_sure() -> None:
    places = (10, 3, 20, 9), (10, 13, 20, 19), (10, 23, 20, 29)
    both = keep(take(places[0], outside=0.5, inside=0.5), take(places[1]), take(places[2]))
    assert both.keepers == (1, 2)
    assert OTHER_MOMENT in both.reasons[1] + both.reasons[2]
    one = keep(take(places[0], outside=0.7, inside=0.7), take(places[1]), take(places[2], outside=0.7, inside=0.7))
    assert (one.keepers, one.confidence) == ((1,), Certainty.LOW)


def test_a_take_blurred_all_over_is_lost_for_sure() -> None:
    found = keep(take(), take(outside=0.5))
    assert (found.keepers, found.confidence) == ((0,), Certainty.HIGH)


def with_face(found: Face | None, sharpness: float = 1.0) -> Quality:
    return quality(sharpness, faces=() if found is None else (found,))


WHOLE_FACE = replace(face(0.5), logit=3.0)


@pytest.mark.parametrize(
    "worse",
    [
        replace(WHOLE_FACE, logit=2.2, sharpness=1.2),
        replace(face(0.5, 1.2), logit=3.0, box=(0.92, 0.4, 0.1, 0.13)),
        None,
    ],
    ids=["covered", "cut off", "not there"],
)
def test_a_face_that_is_covered_or_cut_off_or_not_found_costs(worse: Face | None) -> None:
    good = replace(WHOLE_FACE, box=(0.88, 0.4, 0.1, 0.13)) if worse and worse.box[0] > 0.9 else WHOLE_FACE
    for others in ((with_face(worse, 1.2),), (with_face(worse, 1.2), with_face(worse, 1.2))):
        if worse is None and len(others) > 1:
            continue  # seen in one of three, somebody is a passer-by
        found = keep(*others, with_face(good))
        assert found.keepers == (len(others),)
        assert FACES_FREE in found.reasons[len(others)]


def test_in_one_of_two_shots_a_small_or_doubtful_face_does_not_count() -> None:
    small, doubtful = replace(face(0.5, width=0.03), logit=3.0), replace(face(0.5), logit=1.2)
    for passer_by in (small, doubtful):
        assert keep(with_face(passer_by), with_face(None, 1.2)).keepers == (1,)


def leaning(degrees: float, share: float = 0.3, sharpness: float = 1.0) -> Quality:
    return quality(sharpness, upright=(degrees, share), level=(degrees + 0.3, share))


def test_a_level_take_stays_before_tilted_ones_a_little_sharper() -> None:
    found = keep(leaning(-4.0, sharpness=1.1), leaning(0.4), leaning(3.0, sharpness=1.1), kind=Kind.SIMILAR)
    assert found.keepers == (1,)
    assert STRAIGHTER in found.reasons[1]
    assert keep(leaning(-1.2, sharpness=1.1), leaning(0.4), kind=Kind.SIMILAR).keepers == (0,), "nobody sees a degree"
    assert keep(leaning(-4.0, sharpness=1.9), leaning(0.4), kind=Kind.SIMILAR).keepers == (0,), "blur is worse"


def test_weak_or_contradictory_lines_say_nothing_of_a_tilt() -> None:
    assert tilts_of({0: leaning(0.0, 0.02), 1: leaning(5.0)}) == {}
    turned = {0: leaning(0.0), 1: replace(leaning(5.0), level=(1.0, 0.3))}
    assert tilts_of(turned) == {}
    only_level = {n: quality(1.0, level=(degrees, 0.4)) for n, degrees in enumerate((-3.0, 1.0))}
    assert tilts_of(only_level) == {0: 3.0, 1: 1.0}


def test_a_sketch_holds_its_cells_and_refuses_others() -> None:
    sharp = np.linspace(0.06, 9, SHARP_SIDE**2, dtype=np.float32).reshape(SHARP_SIDE, SHARP_SIDE)
    sharp[0, 0] = 0
    made = Sketch.made(GROUND, sharp)
    assert (made.luma() == GROUND).all()
    assert made.sharpness()[0, 0] == 0
    assert made.sharpness() == pytest.approx(sharp, rel=0.02)
    values = {"packed_luma": made.packed_luma, "packed_sharpness": made.packed_sharpness}
    assert Sketch.of(values) == made
    for broken in ({"packed_luma": "AA=="}, {"packed_sharpness": "not base64"}, {"more": ""}):
        with pytest.raises(ValueError, match="sketch"):
            Sketch.of(values | broken)
    assert made.luma().shape == (LUMA_SIDE, LUMA_SIDE)
