"""The tags of Minolta's and Canon's older RAWs, and what LibRaw leaves of a RAW's own."""

import struct
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

import raws
from dejashot.reading.decode import decoder
from dejashot.reading.decode.image_state import format_of, state_of_image
from dejashot.reading.decode.orientation import upright_size
from dejashot.reading.decode.raw.libraw import visible_size
from dejashot.reading.decode.raw.older_raws import crw_sizes, crw_tags, tiff_inside
from dejashot.reading.decode.raw.raw_file import RawFile
from dejashot.reading.metadata.tags import read_tags
from scenes import scene

TAKEN = datetime(2004, 5, 1, 14, 15, 30)
SECONDS = int(TAKEN.replace(tzinfo=UTC).timestamp())
CANON = {(0, 0x010F): "Canon", (0, 0x0110): "Canon EOS D60", (1, 0x9003): "2004:05:01 14:15:30"}


def heap(order: str, entries: list[tuple[int, bytes]]) -> bytes:
    """Return a CIFF heap: values, directory, its offset; values of eight bytes with 0x4000 are in the directory."""
    body, directory = b"", struct.pack(f"{order}H", len(entries))
    for tag, value in entries:
        if tag & 0x4000:
            directory += struct.pack(f"{order}H", tag) + value.ljust(8, b"\0")
        else:
            directory += struct.pack(f"{order}HII", tag, len(value), len(body))
            body += value
    return body + directory + struct.pack(f"{order}I", len(body))


def crw(order: str = "<") -> bytes:
    """Return a CRW: what the camera is, when and how large, each in a heap below the first."""
    camera = heap(order, [(0x080A, b"Canon\0Canon EOS D60\0")])
    times = heap(
        order, [(0x180E, struct.pack(f"{order}3I", SECONDS, 0, 0)), (0x1810, struct.pack(f"{order}2I", 3072, 2048))]
    )
    first = heap(order, [(0x2005, raws.sensor()), (0x2807, camera), (0x300A, times), (0x5001, b"12345678")])
    return (b"II" if order == "<" else b"MM") + struct.pack(f"{order}I", 26) + b"HEAPCCDR" + bytes(12) + first


@pytest.mark.parametrize("order", ["<", ">"])
def test_a_crw_has_camera_and_time(order: str) -> None:
    assert crw_tags(crw(order)) == CANON
    assert crw_sizes(crw(order)) == [(3072, 2048)]


def test_an_mrw_has_a_tiff_with_its_tags() -> None:
    tiff = raws.Tiff(">", b"MM\0*").made(raws.Directory({0x010F: "Minolta", 0x8769: raws.exif(TAKEN)}))
    blocks = b"\0PRD" + struct.pack(">I", 24) + bytes(24) + b"\0TTW" + struct.pack(">I", len(tiff)) + tiff
    data = b"\0MRM" + struct.pack(">I", len(blocks)) + blocks + raws.sensor()
    span = tiff_inside(data)
    assert span is not None
    assert data[slice(*span)] == tiff
    image = scene(1, (64, 48))
    state_of_image(image).raw = RawFile("MRW")
    tags = read_tags(data, image)
    assert (tags.text("Image Make"), tags.text("EXIF DateTimeOriginal")) == ("Minolta", "2004:05:01 14:15:30")
    tags = read_tags(crw(), image)
    assert (tags.text("Image Model"), tags.text("EXIF DateTimeOriginal")) == ("Canon EOS D60", "2004:05:01 14:15:30")


@given(st.data())
def test_older_raws_with_false_numbers_end_the_walk_and_never_the_reader(data: st.DataObject) -> None:
    raw = bytearray(crw())
    for _ in range(data.draw(st.integers(1, 8))):
        raw[data.draw(st.integers(2, len(raw) - 1))] = data.draw(st.integers(0, 255))
    cut = bytes(raw[: data.draw(st.integers(0, len(raw)))])
    assert set(crw_tags(cut)) <= set(CANON)
    assert len(crw_sizes(cut)) <= 1
    assert tiff_inside(b"\0MRM" + cut) is None


def test_a_heap_that_is_in_itself_is_walked_once() -> None:
    first = bytearray(heap("<", [(0x2807, b""), (0x080A, b"Canon\0X\0")]))
    struct.pack_into("<II", first, first.index(struct.pack("<H", 0x2807)) + 2, len(first), 0)
    data = b"II" + struct.pack("<I", 26) + b"HEAPCCDR" + bytes(12) + bytes(first)
    assert crw_tags(data) == {(0, 0x010F): "Canon", (0, 0x0110): "X"}


@pytest.mark.parametrize(
    ("whole", "crop", "stated", "seen"),
    [
        ((3088, 2056), (0, 0), [(3072, 2048)], (3072, 2048)),
        (
            (3088, 2056),
            (0, 0),
            [(3152, 2068), (1536, 1024), (160, 120)],
            (3088, 2056),
        ),  # the sensor's, and those of its previews
        ((6048, 4024), (6000, 4000), [], (6000, 4000)),
        ((6048, 4024), (65535, 65535), [], (6048, 4024)),
        ((0, 0), (0, 0), [(10, 10)], None),
    ],
)
def test_the_size_is_what_is_seen_of_the_sensor(
    whole: tuple[int, int], crop: tuple[int, int], stated: list[tuple[int, int]], seen: tuple[int, int] | None
) -> None:
    sizes = SimpleNamespace(width=whole[0], height=whole[1], crop_width=crop[0], crop_height=crop[1])
    assert visible_size(sizes, stated) == seen


def test_a_raw_that_libraw_opens_keeps_its_own_tags_and_size() -> None:
    pytest.importorskip("rawpy")
    picture = scene(1, (64, 48))  # too small for our own walk
    full = raws.Directory(
        {
            0x00FE: 0,
            0x0100: 656,
            0x0101: 488,
            0x0102: 16,
            0x0103: 1,
            0x0106: 32803,
            0x0111: raws.Blob(raws.sensor()),
            0x0117: 4096,
            0x828D: [2, 2],
            0x828E: b"\0\1\1\2",
            0xC620: [640, 480],
        }
    )
    main = {
        0x00FE: 1,
        0x0100: 64,
        0x0101: 48,
        0x0102: [8, 8, 8],
        0x0103: 1,
        0x0106: 2,
        0x010F: "Testcam",
        0x0110: "T-1 Raw",
    }
    main |= {0x0111: raws.Blob(picture.tobytes()), 0x0115: 3, 0x0116: 48, 0x0117: 64 * 48 * 3}
    data = raws.Tiff().made(raws.Directory({**main, 0x014A: [full], 0x8769: raws.exif(TAKEN), 0xC612: b"\x01\x04\0\0"}))
    image = decoder.open_image(data, "x.kdc", 220)
    tags = read_tags(data, image)
    assert (tags.text("Image Make"), tags.text("EXIF DateTimeOriginal")) == ("Testcam", "2004:05:01 14:15:30")
    assert (format_of(image), upright_size(image)) == ("KDC", (640, 480))
