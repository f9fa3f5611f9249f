"""HEIC and AVIF as phones write them: in tiles, turned, mirrored, with auxiliary pictures, and with false boxes."""

import io
from datetime import datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

import heifs
from dejashot.errors import UnreadablePhotoError
from dejashot.reading.decode import decoder
from dejashot.reading.decode.containers.iso_boxes import MAX_BOXES, Boxes, PictureFile
from dejashot.reading.decode.orientation import upright_size
from dejashot.reading.metadata.tags import read_tags
from heifs import ALPHA, DEPTH, Item, auxiliary, coded, exif_item, grid, heif, mirrored, nclx, turned, xmp_item
from raws import box
from scenes import scene

decoder.prepare_decoders(220)
PICTURE, OTHER = scene(5, (640, 480)), scene(4, (640, 480))
FORMS = {"HEIF": b"heicmif1", "AVIF": b"avifmif1miaf"}
TURN = (
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:Description xmlns:tiff="http://ns.adobe.com/tiff/1.0/" '
    b'tiff:Orientation="6"/></x:xmpmeta>'
)
FLIPS = {0: Image.Transpose.FLIP_TOP_BOTTOM, 1: Image.Transpose.FLIP_LEFT_RIGHT}


def tiles(form: str) -> list[Item]:
    return [coded(PICTURE.crop((x, y, x + 320, y + 240)), form=form, hidden=True) for y in (0, 240) for x in (0, 320)]


def shows(data: bytes, wanted: Image.Image) -> bool:
    """Tell whether a file's picture, as it is read, is a given one."""
    image = decoder.open_image(data, "x.heic", 220)
    pixels = decoder.upright_pixels(image, (256, 256))
    if upright_size(image) != wanted.size or pixels.size != wanted.size:
        return False
    small = [np.asarray(p.convert("RGB").resize((64, 48)), dtype=float) for p in (pixels, wanted)]
    return float(np.abs(small[0] - small[1]).mean()) < 3


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("quarters", range(4))
def test_tiles_are_put_together_and_turned_once(form: str, quarters: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = (1, 8, 3, 6)[quarters]  # EXIF's version of the turn that the file makes itself
    exif.get_ifd(0x8769)[0x9003] = f"{datetime(2026, 7, 1, 10, 11, 12):%Y:%m:%d %H:%M:%S}"
    made = [grid(PICTURE.size, 2, 2, 2, *([turned(quarters)] if quarters else [])), exif_item(exif, 0), *tiles(form)]
    data = heif(made, brands=FORMS[form])
    wanted = PICTURE.rotate(90 * quarters, expand=True)
    assert shows(data, wanted)
    assert (
        read_tags(data, decoder.open_image(data, "x.heic", 220)).text("EXIF DateTimeOriginal") == "2026:07:01 10:11:12"
    )
    assert shows(heif([coded(PICTURE, turned(quarters), form=form), exif_item(exif, 0)], brands=FORMS[form]), wanted)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("mode", FLIPS)
def test_a_mirrored_picture_is_read_as_it_is_shown(form: str, mode: int) -> None:
    assert shows(heif([coded(PICTURE, mirrored(mode), form=form)], brands=FORMS[form]), PICTURE.transpose(FLIPS[mode]))
    both = heif([coded(PICTURE, turned(1), mirrored(mode), form=form)], brands=FORMS[form])
    assert shows(both, PICTURE.rotate(90, expand=True).transpose(FLIPS[mode]))


@pytest.mark.parametrize("form", FORMS)
def test_what_exif_or_xmp_say_of_a_turn_is_not_followed_where_the_file_makes_none(form: str) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    for item in (exif_item(exif, 0), xmp_item(TURN, 0)):
        assert shows(heif([coded(PICTURE, form=form), item], brands=FORMS[form]), PICTURE)


@pytest.mark.parametrize("form", FORMS)
def test_neither_a_depth_map_nor_a_thumbnail_is_taken_for_the_picture(form: str) -> None:
    small = OTHER.resize((320, 240))
    depth = coded(small.convert("L"), auxiliary(DEPTH), form=form, hidden=True, auxl=[1])
    thumb = coded(small, form=form, thmb=[1])
    for before in (depth, thumb):
        assert shows(heif([before, coded(PICTURE, form=form)], primary=1, brands=FORMS[form]), PICTURE)


@pytest.mark.parametrize("form", FORMS)
def test_what_an_alpha_picture_leaves_clear_is_white(form: str) -> None:
    clear = Image.new("L", PICTURE.size, 255)
    clear.paste(0, (0, 0, 320, 480))
    out = io.BytesIO()
    rgba = PICTURE.copy()
    rgba.putalpha(clear)
    rgba.save(out, form, quality=90)
    wanted = PICTURE.copy()
    wanted.paste((255, 255, 255), (0, 0, 320, 480))
    assert shows(out.getvalue(), wanted)
    if form == "AVIF":
        alpha = coded(clear, auxiliary(ALPHA), form=form, hidden=True, auxl=[0])
        assert shows(heif([coded(PICTURE, form=form), alpha], brands=FORMS[form]), wanted)


def test_the_coding_of_colours_is_that_of_the_primary_picture() -> None:
    plain = coded(PICTURE, form="AVIF")
    assert PictureFile(heif([plain], brands=FORMS["AVIF"])).colours() == (1, 13)
    bare = Item(plain.kind, plain.data, [p for p in plain.properties if p[4:8] != b"colr"])
    wide = Item(plain.kind, plain.data, [*bare.properties, nclx(9, 16, 9)])
    assert PictureFile(heif([bare, wide])).colours() is None
    assert PictureFile(heif([bare, wide], primary=1)).colours() == (9, 16)
    image = decoder.open_image(heif([wide], brands=FORMS["AVIF"]), "x.avif", 220)
    assert image.info["nclx_profile"] == {"color_primaries": 9, "transfer_characteristics": 16}


def test_no_more_boxes_are_walked_than_the_limit_however_they_are_nested() -> None:
    many = box(b"moov", *[box(b"trak", box(b"mdia") * 20)] * 500)
    boxes = Boxes(many)
    ahead, met = [(0, len(many))], 0
    while ahead:
        inside = [(start, end) for _, start, end in boxes.within(*ahead.pop())]
        met += len(inside)
        ahead += inside
    assert met == MAX_BOXES


@given(st.data())
def test_false_boxes_raise_nothing_but_the_one_error(draw: st.DataObject) -> None:
    whole = heif([Item(b"av01", b"stream", [heifs.size_box((8, 8)), nclx(9, 16, 9)])], brands=FORMS["AVIF"])
    broken = bytearray(whole)
    for _ in range(draw.draw(st.integers(1, 6))):
        broken[draw.draw(st.integers(0, len(whole) - 1))] = draw.draw(st.integers(0, 255))
    cut = bytes(broken[: draw.draw(st.integers(0, len(whole)))])
    PictureFile(cut).colours()
    PictureFile(cut).parts()
    try:
        decoder.upright_pixels(decoder.open_image(cut, "x.avif", 220), (8, 8))
    except UnreadablePhotoError:
        pass
