"""Which to keep, and why."""

from dataclasses import replace
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dejashot.grouping.groups import GroupLimits, group_shots
from dejashot.grouping.keepers.blur import describe_blur
from dejashot.grouping.keepers.choose import suggest_keepers
from dejashot.grouping.keepers.copies import originality
from dejashot.grouping.keepers.reasons import VERSION
from dejashot.grouping.keepers.scores import sharpness_by_content
from dejashot.language.stored_texts import translate_stored
from dejashot.language.texts import in_language
from dejashot.models.capture import Camera, Certainty
from dejashot.models.groups import Group, KeeperSuggestion, Kind, Pair
from dejashot.models.photo import Companion, Face, Quality
from dejashot.models.shot import Shot
from dotted_language import dotted_language, words_left
from shots import RULES, face, quality, shot


def choice(shots: list[Shot], *qualities: Quality | None) -> KeeperSuggestion:
    (found,) = group_shots(shots, RULES, GroupLimits(60.0, 600.0, 2))
    known = {s.content: q for s, q in zip(shots, qualities, strict=False) if q is not None}
    return suggest_keepers(shots, found, known)


THREE = [shot(0), shot(5), shot(9)]


def test_the_sharpest_stays_and_the_reason_says_by_how_much() -> None:
    found = choice(THREE, quality(1.0), quality(1.31), quality(0.9))
    assert found.keepers == (1,)
    assert found.reasons[1] == ("31 % sharper than the next best",)
    assert found.confidence is Certainty.HIGH
    assert found.reclaimable_bytes == 6_000_000


def test_burnt_out_skies_and_black_shadows_count() -> None:
    found = choice(THREE, quality(1.0, light=0.2), quality(0.97), quality(1.0, light=0.3))
    assert found.keepers == (1,)
    assert "less of it is burnt out: 0 % against 20 % or more" in found.reasons[1]
    found = choice(THREE, quality(1.0, dark=0.3), quality(1.0), quality(1.0, dark=0.25))
    assert "less of it is black: 0 % against 25 % or more" in found.reasons[1]


def test_an_under_exposed_retake_does_not_win_by_a_little_sharpness() -> None:
    found = choice([shot(0), shot(4)], quality(1.0, brightness=110), quality(1.05, dark=0.3, brightness=20))
    assert found.keepers == (0,)
    assert "the only one well exposed" in found.reasons[0]


def test_where_no_more_is_to_be_said_the_reason_names_the_little_that_decided() -> None:
    found = choice([shot(0), shot(5)], quality(1.0, brightness=60), quality(0.99, brightness=120))
    assert found.keepers == (1,)
    assert found.reasons[1] == ("hard to tell apart: a little better exposed",)
    found = choice(THREE, quality(1.0), quality(1.02), quality(1.0))
    assert (found.reasons[1], found.confidence) == (("hard to tell apart: a little sharper",), Certainty.LOW)
    found = choice(THREE, quality(1.0), quality(1.001), quality(1.0))
    assert found.reasons[1] == ("hard to tell apart",)
    found = choice(THREE, quality(1.0), quality(1.1), quality(1.0))
    assert found.reasons[1] == ("a little sharper",)


def test_of_shots_as_good_as_each_other_the_one_with_its_raw_file_stays() -> None:
    beside = (Companion("IMG_0001.CR2", (1, 98), 20_000_000),)
    with_raw = [replace(shot(0, path="IMG_0001.JPG"), companions=beside), shot(5, path="IMG_0002.JPG")]
    found = choice(with_raw, quality(1.0), quality(1.05))
    assert found.keepers == (0,)
    assert "its raw file is there too" in found.reasons[0]
    assert choice(with_raw, quality(1.0), quality(1.4)).keepers == (1,), "a clearly sharper one is worth more"
    raws = [replace(s, companions=beside) for s in with_raw]
    assert not any(
        "raw" in reason for why in choice(raws, quality(1.2), quality(1.0)).reasons.values() for reason in why
    )


def test_what_was_edited_stays_before_what_is_a_little_better() -> None:
    edit = Companion("IMG_E0001.JPG", (1, 99), 1000, b"e" * 32)
    edited = [replace(shot(0, path="IMG_0001.HEIC"), companions=(edit,)), shot(5, path="IMG_0002.HEIC")]
    found = choice(edited, quality(1.0), quality(1.3))
    assert (found.keepers, "you have edited it" in found.reasons[0]) == ((0,), True)
    raw = [replace(edited[0], companions=(replace(edit, path="IMG_0001.DNG"),)), edited[1]]
    assert choice(raw, quality(1.0), quality(1.3)).keepers == (1,)


def test_an_edit_that_lies_elsewhere_stays_with_its_original() -> None:
    shots = [
        shot(0, path="a/IMG_1.jpg"),
        shot(0, path="b/IMG_1-edited.jpg", size=(2000, 1500)),
        shot(1, path="a/IMG_2.jpg"),
    ]
    found = choice(shots, quality(1.3), quality(0.8), quality(1.0))
    assert found.keepers == (0, 1)
    assert found.reasons[1] == (VERSION,)
    found = choice(shots, quality(0.8), quality(0.7), quality(1.4))
    assert found.keepers == (2,), "neither stays for the other"
    reduced = [shots[0], replace(shots[1], path="b/IMG_1-web.jpg"), shots[2]]
    assert choice(reduced, quality(1.3), quality(0.8), quality(1.0)).keepers == (0,), "a copy may be called anything"


def test_the_sharpness_that_is_shown_is_the_one_that_counts() -> None:
    soft, sharp = replace(quality(1.2), tiles=(0.5,) * 16), replace(quality(1.0), tiles=(0.1,) * 12 + (4.0,) * 4)
    known = {THREE[0].content: soft, THREE[1].content: sharp}
    found = sharpness_by_content(THREE, known)
    assert set(found) == set(known)
    assert found[THREE[1].content] / found[THREE[0].content] == pytest.approx(8)
    assert choice(THREE[:2], soft, sharp).keepers == (1,)


def test_beside_its_copies_an_original_is_called_one() -> None:
    files = [shot(0, form="HEIF"), shot(0, path="export.jpg", level=101)]
    found = suggest(files, quality(1.0), quality(1.2))
    assert found.keepers == (0,)
    assert found.reasons[0] == ("the original: the other is a copy of it",)
    more = suggest([*files, shot(9, form="HEIF", level=160)], quality(1.0), quality(1.2), quality(0.6))
    assert more.keepers == (0,)
    assert more.reasons[0][-1] == "the original of 1 of the others"


def test_a_reduced_copy_never_beats_its_original() -> None:
    copy = shot(20, size=(1600, 1200), size_bytes=200_000, path="WA.jpg")
    found = choice([shot(0), copy], quality(1.0), quality(1.5))
    assert found.keepers == (0,)
    assert found.reasons[0] == ("the full picture (12.0 megapixels); the other is a reduced copy",)
    assert found.reclaimable_bytes == 200_000


def test_of_equal_files_one_stays_and_the_others_count() -> None:
    one = shot(0, content=b"x" * 32)
    found = choice([one, replace(one, path="b.jpg", node=(1, 2)), replace(one, path="c.jpg", node=(1, 3))])
    assert len(found.keepers) == 1
    assert found.reasons[found.keepers[0]] == ("byte for byte the same as the other 2 files",)
    assert found.reclaimable_bytes == 6_000_000


def test_beside_a_retake_too_the_copy_of_a_file_does_not_pass_for_the_file() -> None:
    one = shot(0, content=b"x" * 32, path="IMG_7 (1).jpg")
    found = choice(
        [one, replace(one, path="IMG_7.jpg", node=(1, 2)), shot(5)], quality(1.0), quality(1.0), quality(0.9)
    )
    assert found.keepers == (1,)
    assert found.reasons[1][-1] == "byte for byte the same as another file"


def test_the_copy_of_a_file_does_not_pass_for_the_file() -> None:
    one = shot(0, content=b"x" * 32, path="IMG_1 (1).jpg")
    found = choice([one, replace(one, path="IMG_1.jpg", node=(1, 2))])
    assert found.keepers == (1,)


def test_the_cameras_own_file_beats_a_larger_export() -> None:
    heic = shot(0.25, path="IMG_1.HEIC", size_bytes=1_800_000, form="HEIF")
    found = choice([shot(0.25, path="IMG_1.jpg", size_bytes=3_900_000), heic])
    assert found.keepers == (1,)
    assert "HEIF" in found.reasons[1][0]


def test_an_enlarged_copy_does_not_pass_for_the_cameras_file() -> None:
    own, enlarged = shot(0.25, path="IMG_1.jpg"), shot(20, size=(8000, 6000), size_bytes=9_000_000, path="enlarged.jpg")
    enlarged.camera = Camera()
    found = choice([own, enlarged])
    assert found.keepers == (0,)
    assert found.reasons[0][0].startswith("the camera's own file; a larger one lacks")
    assert found.confidence is Certainty.LOW
    reduced = shot(30, size=(2000, 1500), path="reduced.jpg")
    assert choice([own, enlarged, reduced]).keepers == (0,)
    own.camera = Camera()
    found = choice([own, enlarged])
    assert found.keepers == (1,)
    assert "the full picture" in found.reasons[1][0]


@pytest.mark.parametrize(
    ("own", "copy", "tagged"),
    [
        ("HEIF", "JPEG", True),
        ("HEIF", "PNG", True),
        ("JPEG", "PNG", True),
        ("JPEG", "WEBP", True),
        ("JPEG", "PNG", False),
        ("JPEG", "HEIF", False),
    ],
)
@pytest.mark.parametrize("gain", [0.95, 1.0, 1.1])
def test_a_picture_stored_in_another_format_is_a_copy_of_the_cameras_file(
    own: str, copy: str, tagged: bool, gain: float
) -> None:
    shots = [shot(0.25, form=own, path="own"), shot(0.25, form=copy, path="copy", size_bytes=9_000_000)]
    if not tagged:
        shots[1].camera = Camera()
    assert choice(shots, quality(1.0), quality(gain)).keepers == (0,)
    assert suggest(shots, quality(1.0), quality(gain)).keepers == (0,)
    assert suggest(shots[::-1], quality(gain), quality(1.0)).keepers == (1,)


def test_a_visibly_sharper_take_that_lost_its_tags_is_no_copy() -> None:
    shots = [shot(0, form="JPEG"), shot(0, form="PNG", path="sharp")]
    shots[1].camera = Camera()
    assert suggest(shots, quality(0.5), quality(1.4)).keepers == (1,)
    other = shot(0, form="PNG", path="other", level=110)
    other.camera = Camera()
    assert suggest([shots[0], other], quality(1.0), quality(1.2)).keepers == (1,)


def test_a_larger_file_without_the_cameras_tags_is_the_copy() -> None:
    own, saved = shot(0.25, path="IMG_1.jpg"), shot(0.25, size_bytes=9_000_000, path="saved.jpg")
    saved.camera = Camera()
    found = choice([own, saved])
    assert (found.keepers, found.reasons[0]) == ((0,), ("the camera's tags are still in it",))


def test_two_names_of_one_file_free_nothing() -> None:
    one = shot(0, content=b"x" * 32)
    assert choice([one, replace(one, path="link.jpg")]).reclaimable_bytes == 0


def test_a_series_is_kept_whole_and_frees_nothing() -> None:
    found = choice([shot(0.4 * n, bias_ev=b, path=f"{n}.jpg") for n, b in enumerate((0.0, -2.0, 2.0))])
    assert found.keepers == (0, 1, 2)
    assert found.reclaimable_bytes == 0
    assert not found.reasons, "the group says why"


def test_without_a_closer_look_the_choice_is_honest_about_it() -> None:
    found = choice([shot(0), shot(5, size_bytes=3_500_000)])
    assert found.keepers == (1,)
    assert found.confidence is Certainty.LOW


@given(
    st.lists(
        st.builds(quality, st.floats(0.01, 10), st.floats(0, 1), st.floats(0, 1), st.floats(0, 255)) | st.none(),
        min_size=2,
        max_size=6,
    )
)
def test_there_is_always_a_keeper_with_a_reason_and_the_bytes_add_up(qualities: list[Quality | None]) -> None:
    shots = [shot(3 * n, path=f"{n}.jpg", size_bytes=1000 + n) for n in range(len(qualities))]
    (found,) = group_shots(shots, RULES, GroupLimits(60.0, 600.0, 2))
    made = suggest_keepers(shots, found, {s.content: q for s, q in zip(shots, qualities, strict=True) if q})
    assert made.keepers
    assert all(made.reasons[k] for k in made.keepers)
    if found.kind is not Kind.SERIES:
        assert made.reclaimable_bytes == sum(s.size_bytes for n, s in enumerate(shots) if n not in made.keepers)


def people(*faces: Face, sharpness: float = 1.0) -> Quality:
    return quality(sharpness, faces=faces)


def test_the_faces_must_be_sharp_not_what_is_behind_them() -> None:
    found = choice(
        THREE, people(face(0.3, 1.31), sharpness=1.0), people(face(0.31, 1.0), sharpness=1.3), people(face(0.3, 0.9))
    )
    assert found.keepers == (0,)
    assert found.reasons[0][0] == "a little sharper on the face"


def test_open_eyes_beat_a_little_sharpness() -> None:
    trio = [face(x) for x in (0.2, 0.5, 0.8)]
    blink = [face(0.21, 1.15), face(0.51, 1.15, eyes=0.04), face(0.79, 1.15)]
    found = choice(THREE, people(*blink), people(*trio), people(*blink))
    assert found.keepers == (1,)
    assert found.reasons[1][0] == "eyes open 3 of 3"


def test_half_shut_eyes_count_only_against_the_same_persons_wide_ones() -> None:
    half = people(face(0.5, 1.02, eyes=0.13))
    assert choice(THREE[:2], half, people(face(0.5, eyes=0.29))).keepers == (1,)
    assert choice(THREE[:2], half, people(face(0.5, eyes=0.18))).keepers == (0,)
    assert choice(THREE[:2], half, people(face(0.5, eyes=None))).keepers == (0,)


def test_two_stay_when_different_people_blink() -> None:
    first = people(face(0.2, 1.1), face(0.8, 1.1, eyes=0.03))
    second = people(face(0.2, eyes=0.03), face(0.8))
    found = choice(THREE, first, second, people(face(0.2, 0.5), face(0.8, 0.5)))
    assert found.keepers == (0, 1)
    assert "eyes open 1 of 2" in found.reasons[0]
    assert found.reasons[1] == ("eyes open that are closed in the first choice: 1 of 2",)
    assert found.reclaimable_bytes == 3_000_000
    found = choice(THREE, second, first, people(face(0.2, 0.5), face(0.8, 0.5)))
    assert found.keepers == (0, 1)
    assert found.reasons[0] == ("eyes open that are closed in the first choice: 1 of 2",)


def test_one_stays_when_it_has_everyones_eyes_open_and_is_nearly_as_good() -> None:
    eight = [0.1 * n + 0.1 for n in range(8)]
    one_blinks = people(*(face(x, 1.17, eyes=0.03 if x == eight[0] else 0.25) for x in eight))
    awake = people(*(face(x) for x in eight))
    found = choice(THREE, one_blinks, awake, people(*(face(x, 0.5) for x in eight)))
    assert found.keepers == (1,)
    assert found.reasons[1] == ("eyes open 8 of 8",)
    assert found.confidence is Certainty.LOW
    burnt = replace(awake, clipped_light=0.1)
    assert choice(THREE, one_blinks, burnt, awake).keepers == (2,)
    assert choice(THREE[:2], one_blinks, burnt).keepers == (0, 1)


def test_a_wink_is_no_open_eyes() -> None:
    wink = people(replace(face(0.5, 1.02), eyes=(0.30, 0.05)))
    found = choice(THREE[:2], wink, people(face(0.5)))
    assert found.keepers == (1,)
    assert found.reasons[1][0] == "open eyes"
    one_known = people(replace(face(0.5, 1.02), eyes=(0.30, None)))
    assert choice(THREE[:2], one_known, people(face(0.5))).keepers == (0,)


def test_who_is_seen_once_does_not_decide() -> None:
    passer_by = people(face(0.9, 5.0), sharpness=0.8)
    assert choice(THREE, quality(1.0), passer_by, quality(0.9)).keepers == (0,)


def test_a_face_too_blurred_to_be_found_is_not_an_advantage() -> None:
    found = choice(THREE, people(face(0.5, 0.9)), people(face(0.5)), quality(1.0))
    assert found.keepers == (1,)


def test_a_sharp_subject_beats_a_sharp_background_of_less_detail() -> None:
    subject = quality(0.9, tiles=(0.2,) * 12 + (2.0,) * 4)
    evenly = quality(1.0, tiles=(1.0,) * 16)
    assert choice(THREE[:2], evenly, subject).keepers == (1,)


def test_a_blur_has_a_name() -> None:
    sharp = quality(1.4, gradients=(0.9, 1.1, 0.0))
    defocused, shaken = quality(0.5, gradients=(0.12, 0.14, 0.0)), quality(0.7, gradients=(0.03, 0.46, 0.0))
    assert describe_blur(defocused, sharp) == "out of focus"
    assert describe_blur(shaken, sharp) == "shaken"
    assert describe_blur(defocused, quality(1.0)) == "blurred"
    assert choice(THREE, sharp, defocused, shaken).reasons[0] == (
        "100 % sharper: the others are out of focus or shaken",
    )
    assert choice(THREE, sharp, defocused, defocused).reasons[0] == ("180 % sharper: the others are out of focus",)
    assert choice(THREE[:2], shaken, sharp).reasons[1] == ("100 % sharper: the other is shaken",)


@given(st.floats(0, 3.14), st.floats(0.05, 0.4), st.floats(0.2, 2), st.floats(0.2, 2))
def test_a_shake_is_seen_in_any_direction(angle: float, kept: float, x: float, y: float) -> None:
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    loss = turn @ np.diag([kept, 1.0]) @ turn.T
    soft = loss @ np.diag([x, y]) @ loss
    assert (
        describe_blur(quality(1.0, gradients=(soft[0, 0], soft[1, 1], soft[0, 1])), quality(1.0, gradients=(x, y, 0.0)))
        == "shaken"
    )
    even = kept**2
    assert (
        describe_blur(quality(1.0, gradients=(even * x, even * y, 0.0)), quality(1.0, gradients=(x, y, 0.0)))
        == "out of focus"
    )


def retakes(*shots: Shot, cosine: float = 0.97, percent: float = 95.0) -> Group:
    count = len(shots)
    pairs = tuple(Pair(a, b, 4.0, cosine, percent, True) for a in range(count) for b in range(a + 1, count))
    return Group(tuple(range(count)), Kind.SIMILAR, "", pairs)


@given(st.floats(0.3, 3), st.floats(0.2, 1.25), st.floats(0.3, 0.9), st.floats(0, 0.05), st.floats(8, 60))
def test_a_messenger_copy_never_beats_its_original(
    sharpness: float, gain: float, scale: float, clipped: float, step: float
) -> None:
    original = shot(0)
    copy = shot(4, size=(int(4000 * scale), int(3000 * scale)), size_bytes=9_000_000, path="copy.jpg")
    copy.camera = Camera()
    looks = {
        original.content: quality(sharpness, light=clipped, noise=3.0, coarseness=7.0),
        copy.content: quality(sharpness * gain, coarseness=step),
    }
    assert suggest_keepers([original, copy], retakes(original, copy), looks).keepers == (0,)


def suggest(shots: list[Shot], *qualities: Quality) -> KeeperSuggestion:
    """Suggest keepers of retakes, whatever groups the shots would make."""
    return suggest_keepers(shots, retakes(*shots), {s.content: q for s, q in zip(shots, qualities, strict=True)})


@pytest.mark.parametrize("forms", [("HEIF", "JPEG"), ("JPEG", "HEIF"), ("PNG", "JPEG"), ("JPEG", "WEBP")])
def test_between_two_presses_of_the_shutter_the_format_means_nothing(forms: tuple[str, str]) -> None:
    shots = [shot(0, form=forms[0], size_bytes=9_000_000), shot(2, form=forms[1], size_bytes=900_000)]
    coarse = [0.0 if form in ("HEIF", "PNG") else 9.0 for form in forms]
    looks = [quality(sharpness, coarseness=step) for sharpness, step in zip((1.0, 1.1), coarse, strict=True)]
    assert suggest(shots, *looks).keepers == (1,)
    assert suggest(shots[::-1], *looks[::-1]).keepers == (0,)


def test_times_to_the_second_may_be_those_of_a_copy_and_times_of_a_burst_are_not() -> None:
    looks = quality(1.0, coarseness=2.0), quality(1.2, coarseness=6.0)
    assert suggest([shot(0.25), shot(0, path="copy.jpg")], *looks).keepers == (0,)
    assert suggest([shot(0.25), shot(0.5, path="next.jpg")], *looks).keepers == (1,)


def test_a_small_shot_that_shows_more_is_no_copy() -> None:
    blurred, small = shot(0), shot(4, size=(2000, 1500), path="other.jpg", level=104)
    looks = {blurred.content: quality(0.4), small.content: quality(1.4)}
    assert suggest_keepers([blurred, small], retakes(blurred, small), looks).keepers == (1,)


def test_another_picture_among_retakes_stays_too() -> None:
    shots = [shot(0), shot(5), shot(9)]
    looks = {s.content: quality(q) for s, q in zip(shots, (1.0, 0.97, 0.5), strict=True)}
    unlike = retakes(*shots, cosine=0.6, percent=30.0)
    found = suggest_keepers(shots, unlike, looks)
    assert found.keepers == (0, 1)
    assert found.reasons[1] == ("another picture of the same: only 30 % alike",)
    assert found.reclaimable_bytes == 3_000_000
    assert suggest_keepers(shots, retakes(*shots), looks).keepers == (0,)
    assert suggest_keepers(shots, replace(unlike, kind=Kind.BURST), looks).keepers == (0,)


def test_a_sharp_retake_stored_in_coarser_steps_is_no_copy() -> None:
    shaken, sharp = shot(0), shot(4)
    looks = {shaken.content: quality(0.5, coarseness=4.0), sharp.content: quality(1.4, coarseness=7.0)}
    assert suggest_keepers([shaken, sharp], retakes(shaken, sharp), looks).keepers == (1,)


@given(st.floats(0.1, 20), st.sampled_from(["reduced", "exported", "pressed"]), st.booleans(), st.floats(2, 60))
def test_sharpness_never_puts_a_copy_before_its_original(gain: float, way: str, tagged: bool, step: float) -> None:
    original = shot(0, form="HEIF" if way == "exported" else "JPEG", path="original")
    size = (2400, 1800) if way == "reduced" else (4000, 3000)
    copy = shot(0 if tagged else 4, size=size, size_bytes=9_000_000, path="copy.jpg")
    if way == "pressed" or not tagged:
        copy.camera = Camera()
    before, after = (0.0, step) if way == "exported" else (step, step * 1.4)
    looks = {original.content: quality(1.0, coarseness=before), copy.content: quality(gain, coarseness=after)}
    for shots in ([original, copy], [copy, original]):
        found = suggest_keepers(shots, retakes(*shots), looks)
        assert [shots[k] for k in found.keepers] == [original]


def test_the_cameras_file_is_no_copy_of_an_enlarged_one() -> None:
    own, enlarged = shot(0), shot(4, size=(8000, 6000), path="enlarged.jpg")
    enlarged.camera = Camera()
    looks = {own.content: quality(1.5), enlarged.content: quality(1.0)}
    assert suggest_keepers([own, enlarged], retakes(own, enlarged), looks).keepers == (0,)


def test_among_many_copies_the_best_original_stays() -> None:
    shots = [shot(n, size=(2000, 1500) if n % 2 else (4000, 3000)) for n in range(128)]
    together = retakes(*shots)
    looks = {s.content: quality(1.0 + n / 100) for n, s in enumerate(shots)}
    assert suggest_keepers(shots, together, looks).keepers == (126,)


LOOKS = st.builds(
    quality,
    st.floats(0.05, 5),
    st.floats(0, 0.3),
    st.floats(0, 0.3),
    st.floats(5, 250),
    noise=st.floats(0, 12),
    coarseness=st.floats(0, 60),
    faces=st.lists(
        st.builds(face, st.sampled_from([0.2, 0.5, 0.8]), st.floats(0.1, 3), st.none() | st.floats(0, 0.4)), max_size=3
    ).map(tuple),
)


@given(st.lists(LOOKS, min_size=2, max_size=5), st.randoms(use_true_random=False))
def test_the_order_of_the_members_does_not_matter(looks: list[Quality], random: Random) -> None:
    shots = [shot(3 * n, path=f"{n}.jpg", size_bytes=1000 + n) for n in range(len(looks))]
    known = {s.content: q for s, q in zip(shots, looks, strict=True)}
    group_ = retakes(*shots)
    mixed = random.sample(group_.members, len(shots))
    made = suggest_keepers(shots, group_, known)
    assert suggest_keepers(shots, replace(group_, members=tuple(mixed), pairs=group_.pairs[::-1]), known) == made
    assert made.reclaimable_bytes == sum(s.size_bytes for n, s in enumerate(shots) if n not in made.keepers)


@given(LOOKS, st.sampled_from(["sharpness", "clipped_light", "noise", "coarseness"]), st.floats(1.05, 3))
def test_what_is_worse_in_one_thing_and_else_the_same_never_wins(look: Quality, thing: str, factor: float) -> None:
    value = getattr(look, thing)
    worse = replace(look, **{thing: value / factor if thing == "sharpness" else value * factor})
    first, second = shot(0, path="a.jpg"), shot(4, path="b.jpg")
    for shots in ([first, second], [second, first]):
        found = suggest_keepers(shots, retakes(*shots), {first.content: look, second.content: worse})
        assert shots[found.keepers[0]] is first


def test_the_cameras_own_pick_breaks_a_tie_and_no_more() -> None:
    shots = [shot(0), shot(1, camera_pick=True), shot(2)]
    found = choice(shots, quality(1.0), quality(0.99), quality(0.98))
    assert found.keepers == (1,)
    assert "the camera's own pick" in found.reasons[1]
    clear = choice(shots, quality(1.15), quality(1.0), quality(0.98))
    assert clear.keepers == (0,)
    assert "the camera's own pick" not in clear.reasons[0]


@given(st.floats(1.12, 5), st.floats(0.2, 3))
def test_a_clearly_sharper_shot_beats_the_cameras_pick(gain: float, sharpness: float) -> None:
    shots = [shot(0), shot(1, camera_pick=True)]
    assert choice(shots, quality(sharpness * gain), quality(sharpness)).keepers == (0,)


def test_what_came_by_a_messenger_is_never_before_its_original() -> None:
    own, sent = (
        shot(0.25, path="export.jpg", size=(2000, 1500), size_bytes=300_000),
        shot(0.25, path="IMG-20240102-WA0001.jpg", size_bytes=900_000),
    )
    own.camera = sent.camera = Camera()
    assert originality(own) < originality(sent)
    same_bytes = [
        shot(0, path="Sent/IMG-20240102-WA0001.jpg", content=b"x" * 32),
        shot(0, path="some longer folder/export.jpg", content=b"x" * 32),
    ]
    for one in same_bytes:
        one.camera = Camera()
    assert choice(same_bytes).keepers == (1,)
    camera = shot(0.25, path="IMG_1.jpg")
    found = choice([camera, replace(sent, size_bytes=9_000_000)])
    assert (found.keepers, found.reasons[0]) == (
        (0,),
        ("the camera's tags are still in it", "the other came by WhatsApp"),
    )
    reduced = shot(0.25, path="signal-2024-01-02-03-04-05-678.jpg", size=(2000, 1500))
    reduced.camera = Camera()
    found = choice([camera, reduced])
    assert found.reasons[0] == (
        "the full picture (12.0 megapixels); the other is a reduced copy",
        "the other came by Signal",
    )


@given(
    st.floats(0.3, 3),
    st.floats(0.5, 3),
    st.sampled_from(["IMG-20240102-WA0001.jpg", "received_1234567890123.jpeg", "mmexport1704165845123.jpg"]),
)
def test_a_messenger_copy_of_one_size_is_a_copy_whatever_was_done_to_it(
    sharpness: float, gain: float, name: str
) -> None:
    original, sent = shot(0, path="export.jpg"), shot(4, path=name, size_bytes=9_000_000)
    original.camera = sent.camera = Camera()
    looks = {
        original.content: quality(sharpness, coarseness=7.0),
        sent.content: quality(sharpness * gain, coarseness=7.0),
    }
    found = suggest_keepers([original, sent], retakes(original, sent), looks)
    assert found.keepers == (0,)
    assert found.reasons[0][0] == "the original: the other is a copy of it"
    assert found.reasons[0][1].startswith("the other came by ")


def test_a_raw_is_no_copy_of_the_jpeg_beside_it() -> None:
    raw, jpeg = shot(0.25, form="NEF", path="DSC_1.NEF"), shot(0.25, path="DSC_1.JPG", size_bytes=9_000_000)
    looks = {raw.content: quality(0.8), jpeg.content: quality(1.0, coarseness=3.0)}
    assert suggest_keepers([raw, jpeg], retakes(raw, jpeg), looks).keepers == (0,)
    assert originality(raw) < originality(jpeg)


def test_where_each_is_a_copy_of_the_other_the_best_stays() -> None:
    # the raw file is shown through a JPEG in it that is compressed more than the export
    raw = shot(0, path="IMG_1.dng", form="DNG", size_bytes=9_000_000)
    export = shot(0, path="print.jpg", form="JPEG")
    known = {raw.content: quality(1.0, coarseness=3.0), export.content: quality(1.1, coarseness=1.0)}
    pair = Pair(0, 1, 0.0, 0.99, 98.0, True)
    found = suggest_keepers([raw, export], Group((0, 1), Kind.BURST, "", (pair,)), known)
    assert found.keepers in ((0,), (1,))


def test_another_moment_is_no_copy_though_it_lost_the_tags() -> None:
    own, other = shot(0, path="IMG_1.jpg"), shot(4, path="IMG-20240102-WA0001.jpg", size=(2000, 1500))
    other.camera = Camera()
    changed = own.signature.copy()
    changed[5:7, 5:7] = 140
    other.signature = changed
    found = suggest([own, other], quality(1.0), quality(1.1))
    assert found.keepers == (0,)
    assert found.reasons[0] == (
        "more pixels: 12.0 against 3.0 megapixels",
        "the camera's tags are still in it",
        "the other came by WhatsApp",
    )


def test_of_a_smaller_picture_no_blur_is_said() -> None:
    files = [shot(0), shot(5, size=(2000, 1500), path="small.jpg", level=110)]
    assert suggest(files, quality(1.4), quality(0.5)).reasons[0] == ("more pixels: 12.0 against 3.0 megapixels",)


@given(st.data())
def test_reasons_are_said_once_and_of_no_group_as_a_whole(data: st.DataObject) -> None:
    count = data.draw(st.integers(2, 5))
    looks = st.builds(
        quality,
        st.floats(0.05, 5),
        st.sampled_from([0.0, 0.1, 0.4]),
        st.sampled_from([0.0, 0.3]),
        st.floats(0, 255),
        faces=st.lists(st.builds(face, st.sampled_from([0.2, 0.8]), st.floats(0.2, 3), st.sampled_from([0.03, 0.3]))),
        damage=st.sampled_from(["", "", "", "a part of it is missing"]),
    )
    forms, sizes = st.sampled_from(["JPEG", "HEIF", "PNG"]), st.sampled_from([(4000, 3000), (2000, 1500)])
    levels, names = st.sampled_from([100, 101, 120]), st.sampled_from(["IMG_{}.jpg", "IMG-20240102-WA000{}.jpg"])
    shots = [
        shot(n, form=data.draw(forms), size=data.draw(sizes), level=data.draw(levels), path=data.draw(names).format(n))
        for n in range(count)
    ]
    for each in shots:
        each.camera = data.draw(st.sampled_from([each.camera, Camera()]))
    group = replace(retakes(*shots), kind=data.draw(st.sampled_from([Kind.DUPLICATE, Kind.BURST, Kind.SIMILAR])))
    known = {s.content: data.draw(looks) for s in shots if data.draw(st.integers(0, 9))}
    found = suggest_keepers(shots, group, known)
    assert set(found.reasons) == set(found.keepers), "none of what does not stay"
    assert found.confidence in (Certainty.HIGH, Certainty.LOW)
    for why in found.reasons.values():
        assert all(why)
        assert len(set(why)) == len(why)
    assert found.reasons[next(iter(found.reasons))], "the first says why"
    assert not set.intersection(*({*found.reasons.get(m, ())} for m in group.members)), "none holds for all"
    if found.confidence is Certainty.HIGH:
        assert not any("hard to tell" in reason for why in found.reasons.values() for reason in why)
    with in_language(dotted_language()):
        shown = {translate_stored(reason) for why in found.reasons.values() for reason in why}
    assert words_left(" ".join(shown)) <= {"HEIF", "WhatsApp"}, "each is recognized, and shown in another language"
