"""Which to keep, and why."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from dejashot.models import Certainty, Choice, Kind, Quality, Shot
from dejashot.sifting.grouping import Limits, group
from dejashot.sifting.keepers import choose
from dejashot.sifting.kinds import Naming
from shots import RULES, quality, shot


def choice(shots: list[Shot], *qualities: Quality | None) -> Choice:
    (found,) = group(shots, RULES, Limits(60.0, 600.0), Naming(2.0))
    known = {s.content: q for s, q in zip(shots, qualities, strict=False) if q is not None}
    return choose(shots, found, known)


THREE = [shot(0), shot(5), shot(9)]


def test_the_sharpest_stays_and_the_reason_says_by_how_much() -> None:
    found = choice(THREE, quality(1.0), quality(1.31), quality(0.9))
    assert found.keepers == (1,)
    assert found.reasons[1] == ("sharpest of 3 (31 % above the next)",)
    assert found.confidence is Certainty.HIGH
    assert found.reclaimable_bytes == 6_000_000


def test_burnt_out_skies_and_black_shadows_count() -> None:
    found = choice(THREE, quality(1.0, light=0.2), quality(0.97), quality(1.0, light=0.3))
    assert found.keepers == (1,)
    assert "highlights kept: 20 % or more of the others is burnt out" in found.reasons[1]
    found = choice(THREE, quality(1.0, dark=0.3), quality(1.0), quality(1.0, dark=0.25))
    assert "shadows kept: 25 % or more of the others is black" in found.reasons[1]


def test_an_under_exposed_retake_does_not_win_by_a_little_sharpness() -> None:
    found = choice([shot(0), shot(4)], quality(1.0, brightness=110), quality(1.05, dark=0.3, brightness=20))
    assert found.keepers == (0,)
    assert "the only one well exposed" in found.reasons[0]


def test_a_thin_margin_is_called_a_close_call() -> None:
    found = choice(THREE, quality(1.0), quality(1.01), quality(1.0))
    assert found.confidence is Certainty.LOW
    assert any("close call" in r for r in found.reasons[1])


def test_a_reduced_copy_never_beats_its_original() -> None:
    copy = shot(20, size=(1600, 1200), size_bytes=200_000, path="WA.jpg")
    found = choice([shot(0), copy], quality(1.0), quality(1.5))
    assert found.keepers == (0,)
    assert found.reasons[0] == ("the full picture (12.0 megapixels); the others are reduced copies",)
    assert found.reclaimable_bytes == 200_000


def test_of_equal_files_one_stays_and_the_others_count() -> None:
    one = shot(0, content=b"x" * 32)
    found = choice([one, replace(one, path="b.jpg", node=(1, 2)), replace(one, path="c.jpg", node=(1, 3))])
    assert len(found.keepers) == 1
    assert found.reasons[found.keepers[0]] == ("byte for byte the same as the other 2 files",)
    assert found.reclaimable_bytes == 6_000_000


def test_the_copy_of_a_file_does_not_pass_for_the_file() -> None:
    one = shot(0, content=b"x" * 32, path="IMG_1 (1).jpg")
    found = choice([one, replace(one, path="IMG_1.jpg", node=(1, 2))])
    assert found.keepers == (1,)


def test_the_cameras_own_file_beats_a_larger_export() -> None:
    heic = shot(0.25, path="IMG_1.HEIC", size_bytes=1_800_000, form="HEIF")
    found = choice([shot(0.25, path="IMG_1.jpg", size_bytes=3_900_000), heic])
    assert found.keepers == (1,)
    assert "HEIF" in found.reasons[1][0]


def test_two_names_of_one_file_free_nothing() -> None:
    one = shot(0, content=b"x" * 32)
    assert choice([one, replace(one, path="link.jpg")]).reclaimable_bytes == 0


def test_a_series_is_kept_whole_and_frees_nothing() -> None:
    found = choice([shot(0.4 * n, bias_ev=b, path=f"{n}.jpg") for n, b in enumerate((0.0, -2.0, 2.0))])
    assert found.keepers == (0, 1, 2)
    assert found.reclaimable_bytes == 0
    assert "alike on purpose" in found.reasons[0][0]


def test_without_a_closer_look_the_choice_is_honest_about_it() -> None:
    found = choice([shot(0), shot(5, size_bytes=3_500_000)])
    assert found.keepers == (1,)
    assert found.confidence is Certainty.LOW


@given(
    st.lists(
        st.builds(quality, st.floats(0.01, 10), st.floats(0, 1), st.floats(0, 1), st.floats(0, 255)) | st.none(), min_size=2, max_size=6
    )
)
def test_there_is_always_a_keeper_with_a_reason_and_the_bytes_add_up(qualities: list[Quality | None]) -> None:
    shots = [shot(3 * n, path=f"{n}.jpg", size_bytes=1000 + n) for n in range(len(qualities))]
    (found,) = group(shots, RULES, Limits(60.0, 600.0), Naming(2.0))
    made = choose(shots, found, {s.content: q for s, q in zip(shots, qualities, strict=True) if q})
    assert made.keepers
    assert all(made.reasons[k] for k in made.keepers)
    if found.kind is not Kind.SERIES:
        assert made.reclaimable_bytes == sum(s.size_bytes for n, s in enumerate(shots) if n not in made.keepers)
