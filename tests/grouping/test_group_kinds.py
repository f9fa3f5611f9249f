"""What sort of group it is."""

from dataclasses import replace

import pytest

from dejashot.grouping.groups import GroupLimits, group_shots
from dejashot.grouping.series.brackets import BRACKET
from dejashot.grouping.series.timelapse import TIME_LAPSE
from dejashot.models.capture import Certainty
from dejashot.models.groups import Kind
from dejashot.models.shot import Shot
from shots import RULES, at_cosine, shot


def kind(shots: list[Shot]) -> tuple[Kind, str]:
    (found,) = group_shots(shots, RULES, GroupLimits(60.0, 3600.0, 2))
    assert len(found.members) == len(shots)
    return found.kind, found.series


def test_byte_equal_files_are_duplicates() -> None:
    one = shot(0, content=b"x" * 32)
    assert kind([one, replace(one, path="copy.jpg"), replace(one, path="another.jpg")]) == (Kind.DUPLICATE, "")


def test_a_reduced_copy_is_a_duplicate() -> None:
    assert kind([shot(0), shot(20, at_cosine(0.98), size=(1600, 1200), path="WA.jpg")])[0] is Kind.DUPLICATE


def test_a_resave_at_the_same_instant_is_a_duplicate() -> None:
    assert kind([shot(0.25), shot(0.25, path="edited.jpg", level=101)])[0] is Kind.DUPLICATE


def test_two_frames_that_merely_look_alike_are_not() -> None:
    assert kind([shot(0), shot(20, path="b.jpg")])[0] is Kind.SIMILAR
    assert kind([shot(0), shot(20, path="b.jpg", size=(1600, 1200), level=140)])[0] is Kind.SIMILAR


def test_shots_a_second_or_two_apart_are_a_burst() -> None:
    assert kind([shot(0), shot(1.5), shot(3.2)])[0] is Kind.BURST
    assert kind([shot(0), shot(1.5), shot(9)])[0] is Kind.SIMILAR


def test_an_edit_and_its_original_are_no_burst_and_no_copies() -> None:
    for name in ("b/IMG_1-edited.jpg", "b/IMG_1-pakeista.jpg"):
        assert kind([shot(1, path="a/IMG_1.jpg"), shot(1, at_cosine(0.97), path=name, level=140)])[0] is Kind.SIMILAR
    resaved = shot(0.25, path="b/IMG_1-edited.jpg", level=101)
    assert kind([shot(0.25, path="a/IMG_1.jpg"), resaved])[0] is Kind.SIMILAR
    portrait = [
        shot(0.25, path=f"{n}/PXL_20260501_083112250.PORTRAIT-0{n}.{word}.jpg")
        for n, word in ((1, "COVER"), (2, "ORIGINAL"))
    ]
    assert kind(portrait)[0] is Kind.SIMILAR


def test_the_cameras_tag_makes_a_burst_and_doubtful_times_do_not() -> None:
    assert kind([shot(0, burst_id="u"), shot(8, burst_id="u")])[0] is Kind.BURST
    assert kind([shot(0, certainty=Certainty.LOW), shot(1, certainty=Certainty.LOW)])[0] is Kind.SIMILAR


@pytest.mark.parametrize("steps", [(0.0, -2.0, 2.0), (0.0, -0.7, 0.7, -1.3, 1.3)])
def test_stepped_exposure_is_a_bracket(steps: tuple[float, ...]) -> None:
    assert kind([shot(0.4 * n, bias_ev=b, path=f"{n}.jpg") for n, b in enumerate(steps)]) == (Kind.SERIES, BRACKET)


def test_an_under_exposed_retake_is_no_bracket() -> None:
    assert kind([shot(0, bias_ev=0.0), shot(3, bias_ev=-2.0)])[0] is Kind.SIMILAR
    assert kind([shot(0, bias_ev=0.0), shot(20, bias_ev=-2.0), shot(50, bias_ev=-1.0)])[0] is Kind.SIMILAR


def test_a_clock_that_presses_the_shutter_is_a_time_lapse() -> None:
    assert kind([shot(5 * n, path=f"{n}.jpg") for n in range(12)]) == (Kind.SERIES, TIME_LAPSE)
    assert kind([shot(5 * n + (n % 3), path=f"{n}.jpg") for n in range(12)])[0] is Kind.SIMILAR
    assert kind([shot(0.1 * n, path=f"{n}.jpg") for n in range(12)])[0] is Kind.BURST
