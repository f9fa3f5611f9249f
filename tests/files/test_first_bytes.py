"""What a file is where its name does not say."""

import io
import os
from pathlib import Path

import pillow_heif
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from dejashot.files.first_bytes import ASKED_BYTES, FileContent, file_content_of, first_bytes_at, first_bytes_in
from dejashot.files.names import NameKind, NameRules
from scenes import scene

NAMES = [
    "IMG_20240409011411932",
    "holiday.jpg ",
    "holiday.jpg\u00a0",
    "a.jpg_original",
    "a.jpg!large",
    "a.jpg:large",
    "a.JPG.1",
    "a.jpg (2)",
    "a.jpg~",
    "a.webp?w=1024",
    "Anna 1. May",
    "2024.05.01",
    "FILE0001.CHK",
    "pano.insp",
    "left-right.jps",
    "new.jpg_large",
]


def written(form: str) -> bytes:
    out = io.BytesIO()
    picture = scene(1, (64, 48))
    if form == "HEIF":
        pillow_heif.from_pillow(picture).save(out)
    else:
        picture.save(out, form)
    return out.getvalue()


@pytest.mark.parametrize("name", NAMES)
def test_names_that_do_not_say_are_asked_and_pictures_found(name: str) -> None:
    assert NameRules().judge(name.encode()) is NameKind.ASK
    for form in ("JPEG", "PNG", "GIF", "WEBP", "HEIF", "AVIF"):
        assert file_content_of(written(form)[:ASKED_BYTES], name) is FileContent.PICTURE


@pytest.mark.parametrize("form", ["BMP", "TIFF"])
def test_what_could_be_something_else_is_a_picture_only_where_the_name_says_so(form: str) -> None:
    first = written(form)[:ASKED_BYTES]
    assert file_content_of(first, f"scan.{form.lower()}_original") is FileContent.PICTURE
    assert (
        file_content_of(first, "IMG_0001.xyz") is FileContent.UNKNOWN
    )  # a RAW file may begin like a TIFF, and be no more than a thumbnail


def test_a_raw_file_under_a_foreign_name_is_unknown_and_not_its_thumbnail() -> None:
    assert file_content_of(b"II*\0\x08\0\0\0" + bytes(24), "IMG_0001") is FileContent.UNKNOWN
    assert file_content_of(b"II*\0\x10\0\0\0CR\x02\0" + bytes(20), "IMG_0001") is FileContent.PICTURE
    assert file_content_of(b"\0\0\0\x18ftypcrx " + bytes(20), "IMG_0001.xyz") is FileContent.UNKNOWN


@pytest.mark.parametrize(
    "name", ["0123456789abcdef" * 2, "0123456789ABCDEF" * 4 + ".0", "0123456789abcdef01234567" * 1 + "89abcdef01234567"]
)
def test_what_a_cache_named_by_a_hash_is_nobodys_photo(name: str) -> None:
    assert file_content_of(written("JPEG")[:ASKED_BYTES], name) is FileContent.UNKNOWN


@pytest.mark.parametrize(
    "first",
    [
        b"",
        b"#!/bin/sh\necho BM\n",
        "Grüße aus Zürich, wünscht euch Ö".encode()[:ASKED_BYTES],
        b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom",
        b"\0\0\0\x14ftypqt  ",
        b"RIFF\x24\0\0\0WAVEfmt ",
        b"PK\x03\x04\x14\0\x06\0",
        b"\x7fELF\x02\x01\x01" + bytes(9),
        b"SQLite format 3\0",
        b"\0\x05\x16\x07\0\x02\0\0Mac OS X        ",
    ],
)
def test_ordinary_files_are_known_for_what_they_are(first: bytes) -> None:
    assert file_content_of(first, "something") is FileContent.ORDINARY


@given(st.binary(max_size=ASKED_BYTES), st.text(min_size=1, max_size=20))
def test_all_bytes_are_something(first: bytes, name: str) -> None:
    content = file_content_of(first, name)
    assert content is not FileContent.PICTURE or not first.startswith(b"#!")


@pytest.mark.parametrize(
    "name",
    [
        "README",
        "Makefile",
        "notes.txt",
        "main.py",
        "a.jpg.txt",
        "song.mp3",
        "x.ithmb",
        "a.zip",
    ],
)
def test_ordinary_names_are_not_even_asked(name: str) -> None:
    assert NameRules().judge(name.encode()) is NameKind.OTHER


@pytest.mark.parametrize("name", ["IMG_0001.THM", "IMG_0001.JPG.pp3", "IMG_0001.jpg.dop"])
def test_a_sidecar_is_not_asked_either(name: str) -> None:
    assert NameRules().judge(name.encode()) is NameKind.SIDECAR


def test_only_a_few_bytes_of_regular_files_are_read_and_nothing_is_waited_for(tmp_path: Path) -> None:
    Image.new("RGB", (8, 8)).save(tmp_path / "a.jpg")
    (tmp_path / "link").symlink_to("a.jpg")
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()
    handle = os.open(tmp_path, os.O_RDONLY)
    try:
        first = first_bytes_in(b"a.jpg", handle)
        others = [first_bytes_in(name, handle) for name in (b"link", b"pipe", b"folder", b"none")]
    finally:
        os.close(handle)
    assert first == (tmp_path / "a.jpg").read_bytes()[:ASKED_BYTES] == first_bytes_at(os.fsencode(tmp_path / "a.jpg"))
    assert others == [None] * 4
    assert [first_bytes_at(os.fsencode(tmp_path / n)) for n in ("link", "pipe", "folder", "none")] == [None] * 4
