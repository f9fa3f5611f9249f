"""What names say of one press of the shutter, and what they do not."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dejashot.files.shot_names import EDIT_WORDS, appended_to, folded, is_edit, shot_name, utf16_units


@pytest.mark.parametrize(
    ("name", "of"),
    [
        ("IMG_E1234.JPG", "IMG_1234.HEIC"),
        ("IMG_1201-modifié.jpg", "IMG_1201.jpg"),
        ("IMG_1201-ha editado.jpg", "IMG_1201.jpg"),
        ("IMG_1201-отредактировано.jpg", "IMG_1201.jpg"),
        ("IMG_1201-수정됨.jpg", "IMG_1201.jpg"),
        ("IMG_1201-已编辑.jpg", "IMG_1201.jpg"),
        ("IMG_1201-تم التعديل.jpg", "IMG_1201.jpg"),
        ("IMG_1201-đã chỉnh sửa.jpg", "IMG_1201.jpg"),
        ("IMG_1201-adjusted.HEIC", "IMG_1201.HEIC"),
        ("IMG_1201 - Edited.jpg", "IMG_1201.jpg"),
        ("IMG_1201 (Edited).jpg", "IMG_1201.jpg"),
        ("photo-edited(1).jpg", "photo(1).jpg"),
        ("photo(1)-editat(1).jpg", "photo(1)(1).jpg"),
        ("DSC_1-Edit-2.tif", "DSC_1.NEF"),
        ("DSC_1-Edit-Edit.tif", "DSC_1.NEF"),
        ("DSC_1-Enhanced-NR.dng", "DSC_1.CR3"),
        ("IMG_20240501_101112_edit_123456789012.jpg", "IMG_20240501_101112.jpg"),
        ("PXL_20240501_101112250.PORTRAIT-01.COVER~2.jpg", "PXL_20240501_101112250.PORTRAIT-01.COVER.jpg"),
        ("PXL_20240501_101112250~2.MP.jpg", "PXL_20240501_101112250.MP.jpg"),
    ],
)
def test_an_edit_is_known_by_its_name(name: str, of: str) -> None:
    assert is_edit(f"a folder-edited/{name}")
    assert not is_edit(f"a folder-edited/{of}")
    assert shot_name(name).base == shot_name(of).base
    assert shot_name(unicodedata.normalize("NFD", name.upper())) == shot_name(name)


@pytest.mark.parametrize(
    "name",
    [
        "credit.jpg",
        "edited.jpg",
        "IMG_E123.jpg",
        "IMG_1234.jpg",
        "trip-2.jpg",
        "a~b.jpg",
        "-edited.jpg",
        "reedited.jpg",
        "a-edited-by-ann.jpg",
        "IMG_20~1.JPG",
        "IMG_2~12.JPG",
        "anna-edited-1.jpg",
        "photo_edit_170000001.jpg",
    ],
)
def test_a_name_is_no_edit_for_a_few_letters(name: str) -> None:
    assert not is_edit(name)


@pytest.mark.parametrize(
    ("everyday", "other"),
    [
        ("PXL_20240501_101112250.RAW-01.COVER.jpg", "PXL_20240501_101112250.RAW-02.ORIGINAL.dng"),
        ("PXL_20240501_101112250.RAW-01.MP.COVER.jpg", "PXL_20240501_101112250.RAW-02.ORIGINAL.dng"),
        ("PXL_20240501_101112250.LONG_EXPOSURE-01.COVER.jpg", "PXL_20240501_101112250.LONG_EXPOSURE-02.ORIGINAL.jpg"),
        ("PXL_20240501_101112250.MOTION-01.COVER.jpg", "PXL_20240501_101112250.MOTION-02.ORIGINAL.jpg"),
        ("PXL_20240501_101112250.NIGHT.jpg", "PXL_20240501_101112250.jpg"),
        ("PXL_20240501_101112250.PORTRAIT.jpg", "PXL_20240501_101112250.PORTRAIT.ORIGINAL.jpg"),
        ("00100lPORTRAIT_00100_BURST20190530194629123_COVER.jpg", "00000PORTRAIT_00000_BURST20190530194629123.jpg"),
        ("20130501_101112_Richtone(HDR).jpg", "20130501_101112.jpg"),
        ("IMG_20240501_101112_BOKEH.jpg", "IMG_20240501_101112.jpg"),
        ("WP_20140101_12_00_00_Pro__highres.jpg", "WP_20140101_12_00_00_Pro.jpg"),
    ],
)
def test_renderings_of_one_press_share_its_base(everyday: str, other: str) -> None:
    one, two = shot_name(everyday), shot_name(other)
    assert one.base == two.base
    assert one.rendering != two.rendering
    assert not one.original
    assert not (one.edit or two.edit)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("PXL_20240501_101112250.BURST-01.COVER.jpg", "PXL_20240501_101112250.BURST-02.jpg"),
        ("20240501_101112_001.jpg", "20240501_101112_002.jpg"),
        ("20240501_101112.jpg", "20240501_101112(0).jpg"),
        ("PXL_20240501_101112250.jpg", "PXL_20240501_101112251.jpg"),
        ("PXL_20240501_101112250.MP.jpg", "PXL_20240501_101112250.MP(1).jpg"),
        ("00001IMG_00001_BURST20190530194629.jpg", "00002IMG_00002_BURST20190530194629.jpg"),
        ("IMG_1234_portrait.jpg", "IMG_1234.jpg"),
        ("IMG_1234.jpg", "IMG_1234 2.jpg"),
        ("IMG_1234(1).jpg", "IMG_1234 (1).jpg"),
        ("IMG_20240501_101112.jpg", "IMG_20240501_101112_1.jpg"),
        ("IMG_20240501_101112_HDR-01.jpg", "IMG_20240501_101112_HDR-02.jpg"),
        ("IMG_20240501_101112.jpg", "IMG_20240501_101112-PANO.jpg"),
    ],
)
def test_numbers_are_other_presses(a: str, b: str) -> None:
    assert shot_name(a).base != shot_name(b).base


def test_a_film_in_the_file_makes_no_other_picture() -> None:
    assert shot_name("PXL_20240501_101112250.MP.jpg") == shot_name(
        "MVIMG_1/PXL_20240501_101112250.jpg".rpartition("/")[2]
    )
    assert shot_name("MVIMG_20190101_120000.jpg") == shot_name("IMG_20190101_120000.jpg")


def test_what_takeout_cut_of_a_mark_is_still_one() -> None:
    whole = "a" * 41
    assert utf16_units(f"{whole}-edite.jpg") == 51
    assert shot_name(f"{whole}-edite.jpg").base == shot_name(f"{whole}.jpg").base
    assert not is_edit(f"{whole[1:]}-edite.jpg")
    assert not is_edit(f"{whole}-qqqqq.jpg")


def test_an_appended_word_is_no_number() -> None:
    assert appended_to("img_1201-zmenené") == "img_1201"
    assert appended_to("img_1201-2") == appended_to("img_1201") == ""


@given(st.text(min_size=1, max_size=60), st.sampled_from(sorted(EDIT_WORDS)), st.sampled_from(["-", "_", " - "]))
def test_any_name_is_taken_apart(text: str, word: str, between: str) -> None:
    name = shot_name(text)
    assert shot_name(unicodedata.normalize("NFD", text)).base == name.base or utf16_units(text) > 40
    assert folded(folded(text)) == folded(text)
    assert is_edit(f"IMG_1{between}{word}.jpg")
    assert shot_name(f"IMG_1{between}{word}.jpg").base == "img_1"
