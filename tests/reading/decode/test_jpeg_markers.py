"""JPEG headers are read from their markers alone: sizes, scans and ends, and nothing from what is no JPEG."""

import io

import pytest
from PIL import Image

from dejashot.reading.decode.containers.jpeg_markers import (
    MAX_SEGMENTS,
    encoded_size,
    picture_size,
    read_header,
    scan_span,
)


def jpeg(mode: str = "RGB", *, progressive: bool = False) -> bytes:
    out = io.BytesIO()
    Image.new(mode, (48, 32), 90 if mode == "L" else None).save(out, "JPEG", progressive=progressive)
    return out.getvalue()


@pytest.mark.parametrize(("mode", "channels"), [("RGB", 3), ("L", 1), ("CMYK", 4)])
@pytest.mark.parametrize("progressive", [False, True])
def test_a_header_gives_size_channels_and_process(mode: str, channels: int, progressive: bool) -> None:
    header = read_header(jpeg(mode, progressive=progressive))
    assert header is not None
    assert (header.width, header.height, header.precision) == (48, 32, 8)
    assert (len(header.sampling), header.progressive) == (channels, progressive)


def test_the_scan_ends_before_the_end_marker() -> None:
    data = jpeg()
    start, end = scan_span(data + b"a trailer") or (0, 0)
    assert data[end:] == b"\xff\xd9"
    assert 0 < start < end


def test_only_what_our_encoder_writes_has_an_encoded_size() -> None:
    assert encoded_size(jpeg()) == encoded_size(jpeg("L")) == (48, 32)
    for other in (jpeg(progressive=True), jpeg("CMYK"), jpeg() + b"x", jpeg()[:-1], b"", b"\xff\xd8\xff\xff\xd9"):
        with pytest.raises(ValueError, match="not a JPEG"):
            encoded_size(other)


def test_a_picture_in_a_raw_has_one_or_three_channels() -> None:
    data = jpeg()
    assert picture_size(b"head" + data, (4, 4 + len(data))) == (48, 32)
    assert picture_size(jpeg("CMYK"), (0, 10_000)) is None
    assert picture_size(data, (2, len(data))) is None


def test_a_header_of_too_many_segments_is_none() -> None:
    filler = b"\xff\xe1\x00\x04ab"
    data = jpeg()
    assert read_header(data[:2] + filler * (MAX_SEGMENTS - 20) + data[2:]) is not None
    assert read_header(data[:2] + filler * MAX_SEGMENTS + data[2:]) is None
