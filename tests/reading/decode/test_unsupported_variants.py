"""Variants of formats: read where a decoder can, else described; impossible sizes are refused at once."""

import io
import struct
import zlib
from collections.abc import Sequence

import numpy as np
import pytest
from PIL import Image

import heifs
from dejashot.errors import Reason, UnreadablePhotoError
from dejashot.reading.decode import decoder
from dejashot.reading.decode.heif.transforms import transforms_of
from dejashot.reading.decode.orientation import upright_size
from dejashot.reading.decode.unsupported_variants import describe_variant, with_known_brand
from raws import box
from scenes import scene

decoder.prepare_decoders(220)
PICTURE = scene(5, (320, 240))
COLOURS = np.asarray(PICTURE)


def failure(data: bytes, name: str = "x.tif") -> tuple[Reason, str]:
    with pytest.raises(UnreadablePhotoError) as caught:
        decoder.upright_pixels(decoder.open_image(data, name, 220), (256, 256))
    return caught.value.reason, caught.value.detail


def shows(data: bytes, wanted: Image.Image = PICTURE, name: str = "x.tif") -> bool:
    image = decoder.open_image(data, name, 220)
    pixels = decoder.upright_pixels(image, (256, 256))
    assert upright_size(image) == pixels.size
    return (
        pixels.size == wanted.size
        and float(np.abs(np.asarray(pixels, dtype=float) - np.asarray(wanted, dtype=float)).mean()) < 4
    )


def tiff(strips: Sequence[bytes], order: str = "<", **tags: int | Sequence[int]) -> bytes:
    """Return a TIFF of 320 x 240 pixels with these strips and numbers, the tags as `t` and their number."""
    head = b"II*\0" if order == "<" else b"MM\0*"
    offsets = [8 + sum(map(len, strips[:n])) for n in range(len(strips))]
    plain = {256: 320, 257: 240, 259: 1, 262: 2, 277: 3, 278: 240} | {
        int(name[1:]): value for name, value in tags.items()
    }
    values = {k: [v] if isinstance(v, int) else list(v) for k, v in plain.items()} | {
        273: offsets,
        279: [len(s) for s in strips],
    }
    body = b"".join(strips)
    at, entries, more = 8 + len(body), b"", b""
    behind = at + 2 + 12 * len(values) + 4
    for tag, numbers in sorted(values.items()):
        packed = struct.pack(f"{order}{len(numbers)}I", *numbers)
        if len(numbers) > 1:
            more, packed = more + packed, struct.pack(order + "I", behind + len(more))
        entries += struct.pack(order + "HHI", tag, 4, len(numbers)) + packed
    return (
        head + struct.pack(order + "I", at) + body + struct.pack(order + "H", len(values)) + entries + bytes(4) + more
    )


def planes(colours: np.ndarray, order: str = "<") -> list[bytes]:
    return [
        np.ascontiguousarray(colours[..., n]).astype(colours.dtype.newbyteorder(order)).tobytes()
        for n in range(colours.shape[2])
    ]


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("deflated", [False, True])
def test_planes_of_sixteen_bits_are_read(order: str, deflated: bool) -> None:
    strips = planes(COLOURS.astype(np.uint16) * 257, order)
    strips = [zlib.compress(s) for s in strips] if deflated else strips
    assert shows(tiff(strips, order, t258=[16] * 3, t284=2, t259=8 if deflated else 1))


def test_planes_with_a_predictor_and_in_many_strips_are_read() -> None:
    deep = COLOURS.astype(np.uint16) * 257
    steps = np.concatenate([deep[:, :1], np.diff(deep, axis=1)], axis=1)
    strips = [zlib.compress(s[at : at + 640 * 100]) for s in planes(steps) for at in range(0, 640 * 240, 640 * 100)]
    assert shows(tiff(strips, t258=[16] * 3, t284=2, t259=8, t317=2, t278=100))


@pytest.mark.parametrize("orientation", [1, 3, 6])
def test_a_picture_of_an_odd_layout_is_turned(orientation: int) -> None:
    turned = PICTURE.rotate({1: 0, 3: 180, 6: -90}[orientation], expand=True)
    assert shows(tiff(planes(COLOURS.astype(np.uint16) * 257), t258=[16] * 3, t284=2, t274=orientation), turned)


@pytest.mark.parametrize("kind", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize("in_planes", [False, True])
def test_floating_point_colours_are_read(kind: type, in_planes: bool) -> None:
    light = (COLOURS / 255).astype(kind)
    strips = planes(light) if in_planes else [light.tobytes()]
    bits = light.dtype.itemsize * 8
    assert shows(tiff(strips, t258=[bits] * 3, t339=[3] * 3, t284=2 if in_planes else 1))


def test_colours_of_thirty_two_bits_are_read() -> None:
    assert shows(tiff([(COLOURS.astype(np.uint32) << 24).tobytes()], t258=[32] * 3))


@pytest.mark.parametrize("scale", [1, 257])
def test_a_colour_map_is_read_in_eight_bits_and_in_sixteen(scale: int) -> None:
    palette = PICTURE.quantize(64)
    colours = np.array(palette.getpalette(), dtype=int).reshape(-1, 3)
    colours = np.concatenate([colours, np.zeros((256 - len(colours), 3), dtype=int)])
    data = tiff([np.asarray(palette).tobytes()], t258=8, t262=3, t277=1, t320=(colours.T.ravel() * scale).tolist())
    assert shows(data, palette.convert("RGB"))


@pytest.mark.parametrize(
    ("tags", "description"),
    [
        ({"t258": [12] * 3}, "RGB, 3 x 12 bits"),
        ({"t258": [16] * 3, "t284": 2, "t259": 5}, "RGB, 3 x 16 bits, whole numbers, in planes"),
        ({"t258": [32] * 3, "t262": 32845, "t259": 34676}, "LogLuv"),
        ({"t258": [64] * 3}, "64 bits"),
        ({"t258": [8] * 3, "t259": 34887}, "compression 34887"),
    ],
)
def test_an_unsupported_variant_is_described_and_not_called_damaged(
    tags: dict[str, int | list[int]], description: str
) -> None:
    reason, detail = failure(tiff([bytes(320 * 240 * 6)] * 3, **tags))
    assert reason is Reason.UNSUPPORTED_FORMAT
    assert description in detail


def test_a_broken_tiff_is_still_broken() -> None:
    assert failure(b"II*\0" + bytes(40))[0] is Reason.CORRUPT
    assert failure(tiff([b"\0"], t258=[8] * 3))[0] in (Reason.TRUNCATED, Reason.CORRUPT)
    assert (
        failure(tiff([b"\0"], t258=8, t277=2**32 - 1))[0] is Reason.CORRUPT
    )  # as many samples a pixel as no memory holds
    assert (
        failure(tiff(planes(COLOURS.astype(np.uint16)), t258=[16] * 3, t284=2, t257=2**16))[0]
        is not Reason.OUT_OF_MEMORY
    )
    assert failure(b"II+\0\x08\0\0\0\x10" + bytes(7) + b"\xff" * 8 + bytes(64))[0] in (
        Reason.CORRUPT,
        Reason.NOT_AN_IMAGE,
    )


# --- HEIF and AVIF


@pytest.mark.parametrize("form", ["HEIF", "AVIF"])
@pytest.mark.parametrize(
    "brands", [b"mif2mif2heic", b"mif1mif1", b"msf1msf1", b"miafmiaf", b"hevcmif1", b"MiHEmif1heic", b"avismsf1"]
)
def test_a_still_picture_is_read_under_any_brand(form: str, brands: bytes) -> None:
    assert shows(heifs.heif([heifs.coded(PICTURE, form=form)], brands=brands), name="x.heic")


def test_a_picture_that_is_coded_in_a_way_no_decoder_knows_is_named() -> None:
    item = heifs.Item(b"unci", bytes(320 * 240 * 3), [heifs.size_box((320, 240))])
    assert failure(heifs.heif([item], brands=b"mif1mif1"), "x.heif") == (
        Reason.UNSUPPORTED_FORMAT,
        "this variant is not supported: a picture coded as uncompressed",
    )
    film = box(b"ftyp", b"msf1", bytes(4), b"msf1hevc") + box(b"moov", bytes(64))
    assert failure(film, "x.heif")[0] is Reason.UNSUPPORTED_FORMAT
    assert describe_variant(b"\0\0\0\x18ftypmif1") == ""
    assert with_known_brand(b"\xff\xd8\xff") is None


@pytest.mark.parametrize("form", ["HEIF", "AVIF"])
def test_a_clean_aperture_is_cut_out_before_the_picture_is_turned(form: str) -> None:
    aperture = box(b"clap", struct.pack(">8i", 160, 1, 120, 1, -80, 1, 60, 1))
    cut = PICTURE.crop((0, 120, 160, 240))
    brands = b"avifmif1miaf" if form == "AVIF" else b"heicmif1"
    assert shows(heifs.heif([heifs.coded(PICTURE, aperture, form=form)], brands=brands), cut)
    turned = heifs.heif([heifs.coded(PICTURE, aperture, heifs.turned(1), heifs.mirrored(1), form=form)], brands=brands)
    assert shows(turned, cut.rotate(90, expand=True).transpose(Image.Transpose.FLIP_LEFT_RIGHT))


@pytest.mark.parametrize("form", ["HEIF", "AVIF"])
@pytest.mark.parametrize("quarters", [1, 2, 3])
def test_a_picture_that_is_mirrored_before_it_is_turned_is_shown_so(form: str, quarters: int) -> None:
    brands = b"avifmif1miaf" if form == "AVIF" else b"heicmif1"
    data = heifs.heif([heifs.coded(PICTURE, heifs.mirrored(1), heifs.turned(quarters), form=form)], brands=brands)
    assert shows(data, PICTURE.transpose(Image.Transpose.FLIP_LEFT_RIGHT).rotate(90 * quarters, expand=True))


def test_an_aperture_that_does_not_lie_in_the_picture_is_left_out() -> None:
    for values in ((640, 1, 120, 1, 0, 1, 0, 1), (160, 0, 120, 1, 0, 1, 0, 1), (160, 1, 120, 1, 900, 1, 0, 1)):
        aperture = box(b"clap", struct.pack(">8i", *values))
        data = heifs.heif([heifs.Item(b"av01", b"", [aperture])], brands=b"avifmif1miaf")
        assert transforms_of(data, PICTURE.size) == []


# --- BMP, and what is no picture at all


def bmp(
    width: int, height: int, depth: int, compression: int, body: bytes, header: int = 40, fields: Sequence[int] = ()
) -> bytes:
    masks = struct.pack(f"<{len(fields)}I", *fields)
    start = 14 + header + len(masks)
    info = struct.pack("<IiiHHIIiiII", header, width, height, 1, depth, compression, len(body), 0, 0, 0, 0)[:header]
    return b"BM" + struct.pack("<IHHI", start + len(body), 0, 0, start) + info.ljust(header, b"\0") + masks + body


@pytest.mark.parametrize(
    ("data", "description"),
    [
        (bmp(16, 16, 16, 3, bytes(512), fields=(0xF000, 0x0F00, 0x00F0)), "16 bits, bit fields"),
        (bmp(16, 16, 32, 3, bytes(1024), fields=(0x3FF00000, 0x000FFC00, 0x000003FF)), "32 bits, bit fields"),
        (bmp(16, 16, 0, 4, b"\xff\xd8\xff"), "JPEG"),
        (bmp(16, 16, 2, 0, bytes(64)), "2 bits"),
    ],
)
def test_unsupported_bmps_are_described(data: bytes, description: str) -> None:
    reason, detail = failure(data, "x.bmp")
    assert reason is Reason.UNSUPPORTED_FORMAT
    assert description in detail


def test_a_bmp_whose_header_is_nonsense_is_broken() -> None:
    assert failure(bmp(16, 16, 30_000, 0, bytes(64)), "x.bmp")[0] is Reason.CORRUPT
    assert failure(bmp(16, 16, 32, 3, bytes(1024), fields=(0xF0F0, 0x0FF0, 0x1)), "x.bmp")[0] is Reason.CORRUPT


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (bmp(2_000_000, 80, 8, 1, b"\xff\x07" * 1900), Reason.TOO_MANY_PIXELS),
        (bmp(60_000, 3_000, 8, 1, b"\xff\x07" * 1900), Reason.CORRUPT),
        (bmp(14_000, 14_000, 24, 0, bytes(3_000)), Reason.CORRUPT),
        (tiff([bytes(3_000)], t256=14_000, t257=14_000, t278=14_000, t258=[8] * 3), Reason.CORRUPT),
    ],
)
def test_what_costs_far_more_than_its_bytes_can_be_is_refused_unread(data: bytes, reason: Reason) -> None:
    with pytest.raises(UnreadablePhotoError) as caught:
        decoder.open_image(data, "x.bmp", 220)
    assert caught.value.reason is reason


@pytest.mark.parametrize("form", ["PNG", "GIF", "TIFF", "WEBP", "BMP"])
@pytest.mark.parametrize("mode", ["1", "L"])
def test_a_large_flat_picture_is_no_bomb(form: str, mode: str) -> None:
    out = io.BytesIO()
    options = {"TIFF": {"compression": "tiff_lzw" if mode == "L" else "group4"}}.get(form, {})
    Image.new(mode, (6_000, 4_000)).save(out, form, **options)
    assert decoder.open_image(out.getvalue(), "x", 220).size == (6_000, 4_000)


def test_a_long_panorama_is_no_bomb() -> None:
    out = io.BytesIO()
    Image.new("RGB", (70_000, 400)).save(out, "PNG")
    assert decoder.open_image(out.getvalue(), "x.png", 220).size == (70_000, 400)


def test_a_jpeg_of_very_many_scans_is_refused_at_once() -> None:
    file = io.BytesIO()
    Image.new("L", (2100, 2000), 128).save(file, "JPEG", progressive=True)
    data = file.getvalue()
    last = data.rfind(b"\xff\xda")
    assert decoder.open_image(data, "a.jpg", 100).size == (2100, 2000)
    with pytest.raises(UnreadablePhotoError, match="scans"):
        decoder.open_image(data[:last] + (data[last : last + 10] + bytes(40)) * 200 + data[last:], "a.jpg", 100)
