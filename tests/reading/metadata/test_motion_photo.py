"""Motion photos are recognised by the video in them, not by XMP alone."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import raws
from dejashot.reading.decode import decoder
from dejashot.reading.metadata.motion_photo import has_motion_video
from dejashot.reading.metadata.tags import read_tags
from scenes import SAMSUNG_BLOCK, save_photo, scene

decoder.prepare_decoders(220)
SMALL = scene(1, (160, 120))
FILM = raws.box(b"ftyp", b"mp42", bytes(4), b"mp42isom") + raws.box(b"mdat", bytes(200))
PACKET = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:Description %s</rdf:Description></x:xmpmeta>'
XMP = [
    b'GCamera:MotionPhoto="1">',
    b"GCamera:MotionPhoto='1'>",
    b'Camera:MotionPhoto="1">',
    b'GCamera:MicroVideo = "1" GCamera:MicroVideoOffset="208">',
    b"><GCamera:MotionPhoto>1</GCamera:MotionPhoto>",
]
OTHER_XMP = [
    b'GCamera:MotionPhoto="0">',
    b'GCamera:MotionPhotoVersion="1">',
    b'GCamera:MicroVideoOffset="1">',
    b"><x:MotionPhoto>1</x:MotionPhoto>",
]


def moves(file: Path) -> bool:
    data = file.read_bytes()
    return read_tags(data, decoder.open_image(data, file.name, 220)).motion


@pytest.mark.parametrize("xmp", XMP)
@pytest.mark.parametrize("suffix", ["jpg", "heic"])
def test_googles_xmp_and_a_video_make_a_motion_photo(tmp_path: Path, xmp: bytes, suffix: str) -> None:
    file = save_photo(tmp_path / f"PXL_1.MP.{suffix}", SMALL, xmp=PACKET % xmp)
    assert not moves(file)  # the video was removed, the XMP stayed
    with file.open("ab") as out:
        out.write(raws.box(b"mpvd", FILM) if suffix == "heic" else FILM)
    assert moves(file)


@pytest.mark.parametrize("xmp", OTHER_XMP)
def test_other_xmp_makes_no_motion_photo(tmp_path: Path, xmp: bytes) -> None:
    file = save_photo(tmp_path / "a.jpg", SMALL, xmp=PACKET % xmp)
    with file.open("ab") as out:
        out.write(FILM)
    assert not moves(file)


def test_samsungs_trailer_makes_a_motion_photo_where_a_film_follows(tmp_path: Path) -> None:
    for after, moving in ((FILM, True), (b"mpv2" + bytes(12), True), (bytes(200), False), (b"", False)):
        file = save_photo(tmp_path / "20260701_101112.jpg", SMALL)
        with file.open("ab") as out:
            out.write(SAMSUNG_BLOCK + after)
        assert moves(file) is moving


@given(st.binary(max_size=80), st.binary(max_size=80))
def test_any_bytes_are_judged(data: bytes, xmp: bytes) -> None:
    for tail in (b"", SAMSUNG_BLOCK, SAMSUNG_BLOCK + b"ft"):
        assert has_motion_video(data + tail, xmp) in (True, False)


@pytest.mark.shared
def test_of_the_odd_files_none_is_taken_for_one(shared: Path) -> None:
    # the two called so are an image sequence (its tracks are the picture itself) and a still without its film
    for name in ("odd347.heic", "odd348.heic"):
        assert not moves(shared / "data" / "odd" / name)
