"""RAW files through the JPEG in them: every structure that cameras write, and false structures."""

import io
import struct
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

import raws
from dejashot.errors import Reason, UnreadablePhotoError
from dejashot.reading.decode import decoder
from dejashot.reading.decode.containers.jpeg_markers import picture_size
from dejashot.reading.decode.image_state import format_of, raw_of
from dejashot.reading.decode.orientation import upright_size
from dejashot.reading.decode.raw import libraw
from dejashot.reading.decode.raw.layouts import find_raw
from dejashot.reading.metadata.camera import camera_of
from dejashot.reading.metadata.tags import read_tags
from scenes import save_photo, scene

decoder.prepare_decoders(220)
TAKEN = datetime(2026, 7, 1, 10, 11, 12)
PICTURE = scene(1, (800, 600))
SMALL = scene(2, (64, 48))
FULL = (4032, 3024)
FILES = {
    "x.dng": raws.dng(PICTURE, TAKEN),
    "x.nef": raws.nef(PICTURE, TAKEN),
    "x.nrw": raws.nef(PICTURE, TAKEN),
    "x.arw": raws.nef(PICTURE, TAKEN, order="<"),
    "x.sr2": raws.nef(PICTURE, TAKEN, order="<"),
    "x.srw": raws.nef(PICTURE, TAKEN, order="<"),
    "x.pef": raws.nef(PICTURE, TAKEN),
    "x.rw2": raws.rw2(PICTURE, TAKEN),
    "x.orf": raws.orf(PICTURE, TAKEN),
    "x.cr3": raws.cr3(PICTURE, TAKEN),
}


def reason_of(data: bytes, name: str) -> Reason:
    with pytest.raises(UnreadablePhotoError) as caught:
        decoder.upright_pixels(decoder.open_image(data, name, 220), (256, 256))
    return caught.value.reason


def likeness(a: Image.Image, b: Image.Image) -> float:
    return float(
        np.abs(np.asarray(a.resize((64, 48)), dtype=float) - np.asarray(b.resize((64, 48)), dtype=float)).mean()
    )


@pytest.mark.parametrize("name", FILES)
def test_a_raw_is_read_through_its_largest_jpeg_and_keeps_its_own_size_and_tags(name: str) -> None:
    data = FILES[name]
    image = decoder.open_image(data, name, 220)
    assert image.size == (800, 600)
    assert upright_size(image) == FULL
    assert format_of(image) == name[2:].upper()
    assert likeness(decoder.upright_pixels(image, (256, 256)), PICTURE) < 8
    tags = read_tags(data, image)
    assert tags.text("EXIF DateTimeOriginal") == "2026:07:01 10:11:12"
    assert tags.text("EXIF SubSecTimeOriginal") == "250"
    assert tags.text("EXIF OffsetTimeOriginal") == "+02:00"
    camera = camera_of(tags)
    assert (camera.name, camera.iso, camera.aperture) == ("Testcam T-1 Raw", 200, 5.6)


def test_a_canon_raw_and_a_fuji_are_as_large_as_they_say_and_have_the_tags_of_their_jpeg(tmp_path: Path) -> None:
    data = raws.cr2(PICTURE, TAKEN)
    image = decoder.open_image(data, "x.cr2", 220)
    assert (image.size, upright_size(image), format_of(image)) == ((800, 600), (800, 600), "CR2")
    assert read_tags(data, image).text("EXIF DateTimeOriginal") == "2026:07:01 10:11:12"
    jpeg = save_photo(tmp_path / "x.jpg", PICTURE, TAKEN, orientation=6).read_bytes()
    data = raws.raf(PICTURE, exif_jpeg=jpeg)
    image = decoder.open_image(data, "x.raf", 220)
    assert (image.size, format_of(image)) == ((800, 600), "RAF")
    assert upright_size(image) == FULL[::-1]
    assert decoder.upright_pixels(image, (256, 256)).size == (300, 400)
    assert read_tags(data, image).text("EXIF DateTimeOriginal") == "2026:07:01 10:11:12"


@pytest.mark.parametrize("name", ["a photo without an ending", "x.tif", "x.jpg"])
def test_a_raw_is_known_by_its_bytes_where_they_tell(name: str) -> None:
    assert format_of(decoder.open_image(FILES["x.dng"], name, 220)) == "DNG"
    assert format_of(decoder.open_image(FILES["x.cr3"], name, 220)) == "CR3"
    assert format_of(decoder.open_image(FILES["x.orf"], name, 220)) == "ORF"


def test_a_tiff_is_no_raw_and_a_jpeg_that_is_called_one_is_read_as_what_it_is() -> None:
    out = io.BytesIO()
    PICTURE.save(out, "TIFF")
    assert find_raw(out.getvalue(), "x.tif") is None
    jpeg = raws.jpeg(PICTURE)
    assert format_of(decoder.open_image(jpeg, "x.dng", 220)) == "JPEG"
    assert reason_of(b"hello, world", "x.dng") is Reason.NOT_AN_IMAGE


@pytest.mark.parametrize("make", [raws.dng, raws.nef, raws.cr2, raws.cr3])
@pytest.mark.parametrize("orientation", [3, 6, 8])
def test_the_orientation_of_a_raw_is_that_of_a_preview_without_one(make: "type[raws.dng]", orientation: int) -> None:
    stored = Image.new("RGB", (800, 600), "white")
    stored.paste((255, 0, 0), (0, 0, 400, 300))
    image = decoder.open_image(
        make(stored, TAKEN, orientation=orientation), "x.dng" if make is raws.dng else "x.nef", 220
    )
    upright = decoder.upright_pixels(image, (100, 100))
    assert (upright.width < upright.height) is (orientation > 4)
    assert (upright_size(image)[0] < upright_size(image)[1]) is (orientation > 4)
    x, y = {3: (1, 1), 6: (1, 0), 8: (0, 1)}[orientation]
    red, green, _ = upright.getpixel((int((0.2 + 0.6 * x) * upright.width), int((0.2 + 0.6 * y) * upright.height)))
    assert red > 180
    assert green < 90


def test_a_preview_that_stands_upright_already_is_not_turned_again() -> None:
    tall = raws.nef(PICTURE.transpose(Image.Transpose.ROTATE_270), TAKEN, orientation=6)
    image = decoder.open_image(tall, "x.nef", 220)
    assert upright_size(image) == FULL[::-1]
    assert decoder.upright_pixels(image, (256, 256)).size == (300, 400)


def test_a_dng_without_a_jpeg_is_read_through_the_small_picture_it_begins_with() -> None:
    image = decoder.open_image(raws.dng(PICTURE, TAKEN, orientation=6, preview=False), "x.dng", 220)
    assert image.format == "TIFF"
    assert upright_size(image) == FULL[::-1]
    pixels = decoder.upright_pixels(image, (100, 100))
    assert pixels.size == (192, 256)
    assert likeness(pixels.transpose(Image.Transpose.ROTATE_90), PICTURE) < 12


def damaged(data: bytes, jpeg: bytes) -> bytes:
    """Return a RAW in which no decoder makes anything of a JPEG, though it begins and ends as it should."""
    tables = data.index(b"\xff\xc4", data.index(jpeg[:-2])) + 5
    return data[:tables] + b"\xff" * 16 + data[tables + 16 :]


@pytest.mark.parametrize("name", ["x.nef", "x.cr3", "x.dng"])
def test_where_the_largest_preview_is_damaged_the_next_is_taken(name: str) -> None:
    data = damaged(FILES[name], raws.jpeg(PICTURE))
    image = decoder.open_image(data, name, 220)
    assert upright_size(image) == FULL
    pixels = decoder.upright_pixels(image, (256, 256))
    assert pixels.size == ((256, 192) if name == "x.dng" else (160, 120))
    assert likeness(pixels, PICTURE) < 16
    assert raw_of(image) is not None
    assert format_of(image) == name[2:].upper()
    assert reason_of(damaged(FILES["x.rw2"], raws.jpeg(PICTURE)), "x.rw2") in (
        Reason.CORRUPT,
        Reason.DAMAGED,
        Reason.TRUNCATED,
    )


def test_a_smaller_preview_has_the_orientation_of_its_raw_and_its_own_colours() -> None:
    data = damaged(raws.nef(PICTURE, TAKEN, orientation=6), raws.jpeg(PICTURE))
    image = decoder.open_image(data, "x.nef", 220)
    image.info["icc_profile"] = b"of the damaged one"
    assert decoder.upright_pixels(image, (256, 256)).size == (120, 160)
    assert "icc_profile" not in image.info
    assert decoder.upright_pixels(decoder.open_image(data, "x.nef", 220), (9, 9)).size == (15, 20)  # scaled as any JPEG


def test_half_a_raw_is_truncated_and_one_without_a_picture_is_unsupported() -> None:
    for name in ("x.nef", "x.cr3", "x.orf"):
        data = FILES[name]
        assert reason_of(data[: data.find(b"\xff\xd8\xff") + 2000], name) in (
            Reason.TRUNCATED,
            Reason.UNSUPPORTED_FORMAT,
            Reason.CORRUPT,
        )
    cut = bytearray(FILES["x.nef"])
    at = cut.index(struct.pack(">HHI", 0x0202, 4, 1))
    cut[at + 8 : at + 12] = struct.pack(">I", 2**31)
    assert reason_of(bytes(cut), "x.nef") is Reason.TRUNCATED
    bare = raws.Tiff().made(
        raws.Directory({0x0100: 4032, 0x0101: 3024, 0x0106: 32803, 0x0111: raws.Blob(raws.sensor()), 0x0117: 4096})
    )
    assert reason_of(bare, "x.dng") in (Reason.UNSUPPORTED_FORMAT, Reason.NEEDS_EXTRA, Reason.CORRUPT)


def test_what_only_libraw_reads_asks_for_the_extra_or_is_read_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, magic in (("x.mrw", b"\0MRM"), ("x.crw", b"II\x1a\0\0\0HEAPCCDR"), ("x.x3f", b"FOVb")):
        with monkeypatch.context() as without:
            without.setattr(libraw, "installed", lambda: False)
            assert reason_of(magic + bytes(4000), name) is Reason.NEEDS_EXTRA
    pytest.importorskip("rawpy")
    assert reason_of(b"\0MRM" + bytes(4000), "x.mrw") in (Reason.CORRUPT, Reason.UNSUPPORTED_FORMAT)
    image, raw = libraw.libraw_preview(raws.dng(PICTURE, TAKEN, orientation=6), "DNG")
    assert (image.size, raw.orientation) == ((800, 600), 6)


def test_limits_hold_for_the_preview_in_a_raw() -> None:
    with pytest.raises(UnreadablePhotoError) as caught:
        decoder.open_image(FILES["x.nef"], "x.nef", 0.1)
    assert caught.value.reason is Reason.TOO_MANY_PIXELS


def test_sensor_data_in_lossless_jpeg_is_no_picture() -> None:
    lossless = b"\xff\xd8\xff\xc3\0\x0b\x0e\0\x40\0\x40\x02\0\0\0" + bytes(100)
    assert picture_size(lossless, (0, len(lossless))) is None
    progressive = io.BytesIO()
    SMALL.save(progressive, "JPEG", progressive=True)
    assert picture_size(progressive.getvalue(), (0, len(progressive.getvalue()))) == (64, 48)


LITTLE = [
    ("x.dng", raws.dng(SMALL, TAKEN, preview=True)),
    ("x.nef", raws.nef(SMALL, TAKEN)),
    ("x.orf", raws.orf(SMALL, TAKEN)),
    ("x.rw2", raws.rw2(SMALL, TAKEN)),
    ("x.cr2", raws.cr2(SMALL, TAKEN)),
    ("x.cr3", raws.cr3(SMALL, TAKEN)),
    ("x.raf", raws.raf(SMALL)),
]


@settings(max_examples=400, deadline=2000)
@given(st.sampled_from(LITTLE), st.data())
def test_a_false_structure_raises_the_one_error_and_never_loops(made: tuple[str, bytes], draw: st.DataObject) -> None:
    name, data = made
    broken = bytearray(data)
    numbers = st.sampled_from(
        [0, 1, 2, 8, 12, len(data) - 1, len(data), 2**16, 2**31 - 1, 2**31, 2**32 - 1]
    ) | st.integers(0, len(data))
    for _ in range(draw.draw(st.integers(1, 8))):
        at = draw.draw(st.integers(0, min(700, len(data) - 4)) | st.integers(max(0, len(data) - 800), len(data) - 4))
        match draw.draw(st.sampled_from("wsb")):
            case "w":
                broken[at : at + 4] = struct.pack(draw.draw(st.sampled_from("<>")) + "I", draw.draw(numbers))
            case "s":
                broken[at : at + 2] = draw.draw(st.binary(min_size=2, max_size=2))
            case _:
                broken[at] = draw.draw(st.integers(0, 255))
    cut = draw.draw(st.integers(0, len(data)) | st.just(len(data)))
    try:
        image = decoder.open_image(bytes(broken[:cut]), name, 220)
        read_tags(bytes(broken[:cut]), image)
        assert min(upright_size(image)) > 0
        assert decoder.upright_pixels(image, (64, 64)).mode == "RGB"
    except UnreadablePhotoError:
        pass


@settings(max_examples=200, deadline=1000)
@given(
    st.binary(max_size=600),
    st.sampled_from(
        [b"II*\0\x08\0\0\0", b"MM\0*\0\0\0\x08", b"IIRO\x08\0\0\0", b"FUJIFILMCCD-RAW ", b"\0\0\0\x18ftypcrx "]
    ),
)
def test_noise_behind_a_raws_first_bytes_raises_nothing(noise: bytes, head: bytes) -> None:
    raw = find_raw(head + noise, "x.dng")
    assert raw is not None
    assert all(0 <= start < end <= len(head + noise) for start, end in raw.previews)


def test_directories_that_follow_each_other_in_a_ring_end() -> None:
    ring = bytearray(
        b"II*\0\x08\0\0\0" + struct.pack("<H", 1) + struct.pack("<HHII", 0x014A, 4, 1, 8) + struct.pack("<I", 8)
    )
    assert find_raw(bytes(ring), "x.dng") is not None
    many = struct.pack("<HHII", 0x014A, 4, 2**31, 8)
    assert (
        find_raw(b"II*\0\x08\0\0\0" + struct.pack("<H", 1) + many + struct.pack("<I", 26) + bytes(10**6), "x.dng")
        is not None
    )
