"""Which sizes of a photo a page offers, and the shape that it lays out."""

import re
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from dejashot.models.shot import Shot
from dejashot.web.picture_sizes import FRAMES, ratio, sizes_alone, sizes_in_row, srcset
from shots import shot

SIDES = st.integers(1, 60_000)


def of_size(width: int, height: int) -> Shot:
    return replace(shot(0), width=width, height=height)


@given(SIDES, SIDES)
def test_every_width_on_offer_is_one_that_the_photo_has(width: int, height: int) -> None:
    offered = [
        re.fullmatch(r"/photo/[0-9a-f]+/(\w+) (\d+)w", part) for part in srcset(of_size(width, height)).split(", ")
    ]
    widths = [int(found[2]) for found in offered if found]
    assert len(widths) == len(offered)
    assert widths == sorted(set(widths))
    assert widths[-1] <= width
    assert all(found[1] in FRAMES and found[1] != "full" for found in offered if found)


def test_a_large_photo_is_offered_in_all_sizes_and_a_small_one_once() -> None:
    assert [part.split()[1] for part in srcset(of_size(4000, 3000)).split(", ")] == [
        "360w", "800w", "1200w", "1600w", "2560w",
    ]  # fmt: skip
    assert srcset(of_size(300, 200)).count("/photo/") == 1


@given(SIDES, SIDES, st.integers(1, 9))
def test_a_shape_has_two_decimals_and_sizes_are_lengths(width: int, height: int, count: int) -> None:
    one = of_size(width, height)
    assert re.fullmatch(r"[0-3]\.\d\d", f"{ratio(one):.2f}")
    number = r"\d+(\.\d+)?"
    length = rf"({number}(vw|rem)|min\({number}v[wh], {number}v[wh]\))"
    for text in (sizes_in_row(one, [one] * count), sizes_alone(one)):
        assert re.fullmatch(rf"\(max-width: \d+rem\) {length}, {length}", text), text
