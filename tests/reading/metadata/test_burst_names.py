"""Bursts in file names: one id for the shots in one folder, and which of them the camera chose."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dejashot.reading.metadata.burst_names import NO_BURST, named_burst

BURSTS = {
    "Samsung": ["20240102_030405_001.jpg", "20240102_030405_002.jpg"],
    "LG": ["20240102_030405_Burst01.jpg", "20240102_030405_Burst02.jpg"],
    "Nexus": ["00000IMG_00000_BURST20240102030405123.jpg", "00001IMG_00001_BURST20240102030405123_COVER.jpg"],
    "Xperia": ["DSC_0012_BURST20240102030405123.JPG", "DSC_0013_BURST20240102030405123_COVER.JPG"],
    "Pixel": ["PXL_20240102_030405123.BURST-02.jpg", "PXL_20240102_030405123.BURST-01.COVER.jpg"],
    "Huawei": ["IMG_20240102_030405_BURST002.jpg", "IMG_20240102_030405_BURST001_COVER.jpg"],
    "Motorola": ["IMG_20240102_030405678_BURST001.jpg", "IMG_20240102_030405678_BURST000_COVER_TOP.jpg"],
    "Oppo": ["IMG20240102030405_BURST001.jpg", "IMG20240102030405_BURST000_COVER.jpg"],
    "HTC": ["IMAG0001_BURST002.jpg", "IMAG0001_BURST001_COVER.jpg"],
    "Xiaomi": ["IMG_20240102_030405_BURST1.jpg", "IMG_20240102_030405_BURST12.jpg"],
}


@pytest.mark.parametrize("maker", BURSTS)
def test_the_shots_of_a_burst_have_one_id_in_one_folder(maker: str) -> None:
    first, second = (named_burst(b"/photos/" + name.encode()) for name in BURSTS[maker])
    assert first.id == second.id != ""
    assert first.cover is False
    assert second.cover is ("COVER" in BURSTS[maker][1])
    assert named_burst(b"/elsewhere/" + BURSTS[maker][0].encode()).id != first.id
    assert b"photos" not in first.id.encode()


def test_two_bursts_of_one_folder_have_two_ids() -> None:
    names = (
        b"20240102_030405_001",
        b"20240102_030406_001",
        b"IMG_20240102_030405_BURST1",
        b"IMAG0001_BURST001",
        b"IMAG0002_BURST001",
    )
    assert len({named_burst(b"/photos/" + name + b".jpg").id for name in names}) == len(names)


@pytest.mark.parametrize(
    "name",
    [
        "IMG_1234.jpg",
        "IMG_20240102_030405.jpg",
        "20240102_030405.jpg",
        "20240102_030405(1).jpg",
        "sunburst 2024.jpg",
        "BURST.jpg",
        "burst01.jpg",
        "COVER.jpg",
    ],
)
def test_other_names_tell_of_none(name: str) -> None:
    assert named_burst(b"/photos/" + name.encode()) is NO_BURST


@given(st.binary(max_size=80))
def test_any_name_can_be_asked(name: bytes) -> None:
    assert named_burst(b"/p/" + name).id in ("", named_burst(b"/p/" + name).id)
