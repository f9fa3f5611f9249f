"""Places: recorded ones, and what may be borrowed."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from dejashot.grouping.places import LocatedShot, borrowed, names_among
from dejashot.grouping.timeline import time_order
from dejashot.models.capture import Certainty, Place
from dejashot.models.shot import Shot
from shots import shot

HERE, THERE = Place(59.33, 18.06, 12.0), Place(54.18, 7.88)


def placed(at_s: float, place: Place | None = None, model: str = "T-1", **more: object) -> Shot:
    return replace(shot(at_s, model=model, path=f"{model}_{at_s}_{place}.jpg", **more), place=place)  # type: ignore[arg-type]


def test_a_photo_without_a_place_borrows_the_nearest_of_its_camera() -> None:
    shots = [placed(0, HERE), placed(40), placed(100, THERE)]
    assert borrowed(shots, 120)[1] == LocatedShot(HERE, 0, 40.0)
    assert borrowed(shots, 30).keys() == {0, 2}
    assert borrowed(shots, 0).keys() == {0, 2}


def test_of_two_as_near_the_earlier_lends() -> None:
    shots = [placed(0, HERE), placed(50), placed(100, THERE)]
    assert borrowed(shots, 120)[1].source == 0


def test_another_camera_a_nameless_one_and_a_guessed_time_lend_nothing() -> None:
    for lender in (
        placed(1, HERE, "T-2"),
        replace(placed(1, HERE), camera=shot(0, model="").camera),
        placed(1, HERE, certainty=Certainty.LOW),
        replace(placed(1, HERE), taken=replace(placed(1).taken, zone_known=False)),
    ):
        assert borrowed([placed(0), lender], 120).keys() == {1}
    nameless = [placed(0, HERE, ""), placed(1, None, "")]
    assert borrowed(nameless, 120).keys() == {0}


SHOTS = st.lists(
    st.tuples(
        st.integers(0, 600),
        st.sampled_from([None, HERE, THERE]),
        st.sampled_from(["A", "B", ""]),
        st.sampled_from(Certainty),
    ),
    max_size=25,
)


@given(SHOTS, st.floats(0, 300))
def test_what_is_borrowed_is_borrowed_honestly(
    values: list[tuple[int, Place | None, str, Certainty]], within_s: float
) -> None:
    shots = sorted(
        (placed(at, place, model, certainty=certainty) for at, place, model, certainty in values), key=time_order
    )
    found = borrowed(shots, within_s)
    for n, one in enumerate(shots):
        if one.place is not None:
            assert found[n] == LocatedShot(one.place)
            continue
        lenders = [
            (abs(other.taken.taken_us - one.taken.taken_us) / 1e6, other.taken.taken_us, m)
            for m, other in enumerate(shots)
            if other.place is not None
            and other.camera.name == one.camera.name != ""
            and Certainty.LOW not in (other.taken.certainty, one.taken.certainty)
        ]
        near = [lender for lender in lenders if lender[0] <= within_s and within_s > 0]
        assert (n in found) == bool(near)
        if near:
            best, source = min(near), found[n].source
            assert source is not None
            assert (abs(found[n].apart_s), shots[source].taken.taken_us) == best[:2]
            assert found[n].place == shots[source].place


def test_names_are_said_once() -> None:
    assert names_among(
        [LocatedShot(HERE, name="a"), LocatedShot(HERE), LocatedShot(THERE, name="b"), LocatedShot(HERE, name="a")]
    ) == [
        "a",
        "b",
    ]
