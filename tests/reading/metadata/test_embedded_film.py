"""The film of a motion photo is found where it lies, whatever the picture before it holds."""

from hypothesis import given
from hypothesis import strategies as st

import raws
from dejashot.reading.metadata.embedded_film import embedded_film

MOVIE = raws.box(b"moov", bytes(90))
FIRST = raws.box(b"ftyp", b"mp42", bytes(4), b"mp42isom")
FILMS = [
    FIRST + MOVIE + raws.box(b"mdat", bytes(200)),
    FIRST + raws.box(b"wide") + raws.box(b"mdat", bytes(range(200))) + MOVIE,
    raws.box(b"ftyp", b"qt  ", bytes(4)) + b"\0\0\0\1mdat" + (216).to_bytes(8, "big") + bytes(200) + MOVIE,
]
HEIC = raws.box(b"ftyp", b"heic", bytes(4), b"mif1heic") + raws.box(b"meta", bytes(60)) + raws.box(b"mdat", bytes(99))
PICTURES = st.one_of(
    st.binary(min_size=1, max_size=400).filter(lambda data: b"ftyp" not in data),
    st.just(HEIC),
    st.lists(st.sampled_from([b"ftyp", b"\0\0\0\x18ftypmp42", FIRST, b"moov", b"x"]), min_size=1).map(b"-".join),
    st.just(b"\xff\xd8\xff" + bytes((1 << 20) - 10)),  # the film begins near the end of what is read at once
)


def found_in(data: bytes) -> range | None:
    return embedded_film(lambda at, count: data[at : at + count], len(data))


@given(PICTURES, st.sampled_from(FILMS), st.sampled_from([b"", b"MotionPhoto_Data", bytes(40), b"\xff" * 30]))
def test_the_film_is_found_and_ends_where_its_boxes_end(picture: bytes, film: bytes, behind: bytes) -> None:
    found = found_in(picture + film + behind)
    assert found == range(len(picture), len(picture) + len(film))


@given(PICTURES, st.sampled_from(FILMS), st.integers(1, 90))
def test_a_picture_alone_and_a_film_that_is_cut_hold_none(picture: bytes, film: bytes, cut: int) -> None:
    assert found_in(picture) is None
    assert found_in(picture + FILMS[0][: -200 - cut]) is None
    assert found_in(film) is None  # no picture before it


@given(st.binary(max_size=300), st.integers(0, 299), st.binary(max_size=20))
def test_no_bytes_make_it_leave_the_file(data: bytes, at: int, inside: bytes) -> None:
    data = data[:at] + FIRST + inside + data[at:]
    found = found_in(data)
    assert found is None or (0 < found.start < found.stop <= len(data))


def test_a_last_box_without_a_length_reaches_to_the_end() -> None:
    film = FIRST + MOVIE + b"\0\0\0\0mdat" + bytes(50)
    assert found_in(b"picture" + film) == range(7, 7 + len(film))
