"""Dates outside EXIF: XMP, IPTC and PNG texts in real files, and which of them counts."""

import io
import struct
import zlib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from PIL.PngImagePlugin import PngInfo

import raws
from dejashot.models.capture import CaptureTime
from dejashot.reading.decode import decoder
from dejashot.reading.metadata.camera import camera_of
from dejashot.reading.metadata.capture_time import FileContext, capture_time
from dejashot.reading.metadata.dates.iptc_dates import IPTC_CREATED, IPTC_DIGITIZED, iptc_dates
from dejashot.reading.metadata.dates.png_texts import MAX_TEXT_BYTES, png_texts
from dejashot.reading.metadata.dates.xmp_dates import MAX_PACKET_BYTES, XMP_ORIGINAL, find_packet, xmp_dates
from dejashot.reading.metadata.gps import place_of
from dejashot.reading.metadata.tags import read_tags
from scenes import scene

decoder.prepare_decoders(220)
SMALL = scene(1, (64, 48))
NOW, MTIME_NS = datetime(2026, 11, 1, tzinfo=UTC), 1_579_082_400 * 10**9
LONDON = ZoneInfo("Europe/London")
SPACES = {"exif": "exif/1.0/", "photoshop": "photoshop/1.0/", "xmp": "xap/1.0/", "xmpMM": "xap/1.0/mm/"}
TEXT = "2005-12-17T22:03:32+01:00"


def taken(data: bytes, name: str) -> CaptureTime:
    tags = read_tags(data, decoder.open_image(data, name, 220))
    return capture_time(tags, FileContext(name, MTIME_NS, LONDON, NOW))


def saved(suffix: str, **options: Any) -> bytes:
    out = io.BytesIO()
    packet = options.get("xmp", b"")
    if packet and suffix == "png":
        options["pnginfo"] = PngInfo()
        options["pnginfo"].add_itxt("XML:com.adobe.xmp", packet)
    elif packet and suffix == "tif":
        options["tiffinfo"] = {700: packet}
    SMALL.save(out, {"jpg": "JPEG", "tif": "TIFF", "heic": "HEIF"}.get(suffix, suffix.upper()), **options)
    return out.getvalue()


def xmp(attributes: str = "", elements: str = "", spaces: dict[str, str] = SPACES) -> bytes:
    declared = " ".join(f'xmlns:{prefix}="http://ns.adobe.com/{uri}"' for prefix, uri in spaces.items())
    return (
        '<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">'
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        f'<rdf:Description rdf:about="" {declared} {attributes}>{elements}</rdf:Description></rdf:RDF></x:xmpmeta>'
        '<?xpacket end="w"?>'
    ).encode()


def iim(*sets: tuple[int, str]) -> bytes:
    """Return an IPTC record of data sets by number."""
    return b"".join(struct.pack(">BBBH", 0x1C, 2, number, len(text)) + text.encode() for number, text in sets)


def with_segment(jpeg: bytes, marker: int, body: bytes) -> bytes:
    """Return a JPEG with one more segment at its beginning."""
    return jpeg[:2] + struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body + jpeg[2:]


def photoshop(record: bytes) -> bytes:
    """Return an APP13 segment with a resource before the IPTC record."""
    return b"Photoshop 3.0\0" + b"".join(
        b"8BIM" + struct.pack(">HHI", code, 0, len(body)) + body + bytes(len(body) % 2)
        for code, body in ((0x0425, bytes(16)), (0x0404, record))
    )


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def with_chunk(png: bytes, kind: bytes, body: bytes, *, late: bool = False) -> bytes:
    """Return a PNG with one more chunk, behind its head or behind its picture."""
    at = len(png) - 12 if late else 33
    return png[:at] + chunk(kind, body) + png[at:]


def exif(**tags: dict[int, Any]) -> Image.Exif:
    made = Image.Exif()
    made.update(tags.get("main", {}))
    made.get_ifd(0x8769).update(tags.get("sub", {}))
    return made


@pytest.mark.parametrize("suffix", ["jpg", "png", "webp", "tif", "avif", "heic"])
def test_a_date_in_xmp_is_read_in_every_format_that_has_it(suffix: str) -> None:
    found = taken(saved(suffix, xmp=xmp(f'exif:DateTimeOriginal="{TEXT}"')), f"x.{suffix}")
    assert (found.iso, found.source, found.certainty, found.zone_known) == (
        "2005-12-17T22:03:32.000+01:00",
        "xmp",
        "high",
        True,
    )


def test_xmp_in_a_gif_is_found() -> None:
    gif = saved("gif")
    packet = b"\x21\xff\x0bXMP DataXMP" + xmp(f'xmp:CreateDate="{TEXT}"') + b"\x01" + bytes(range(255, -1, -1)) + b"\0"
    assert taken(gif[:-1] + packet + gif[-1:], "x.gif").source == "xmp"


@pytest.mark.parametrize(
    "name", ["exif:DateTimeOriginal", "photoshop:DateCreated", "exif:DateTimeDigitized", "xmp:CreateDate"]
)
@pytest.mark.parametrize("value", [TEXT, "2005-12-17T22:03:32"])
def test_each_date_counts_as_an_attribute_or_an_element(name: str, value: str) -> None:
    for packet in (xmp(f'{name}="{value}"'), xmp(elements=f"<{name}>\n {value} </{name}>")):
        found = taken(saved("jpg", xmp=packet), "x.jpg")
        known = value == TEXT
        original = name in ("exif:DateTimeOriginal", "photoshop:DateCreated")
        certainty = "high" if known and original else "medium"
        assert (found.iso[:19], found.source, found.certainty, found.zone_known) == (
            value[:19],
            "xmp",
            certainty,
            known,
        )


def test_a_prefix_is_only_a_name() -> None:
    other = {"a": "exif/1.0/", "exif": "xap/1.0/mm/"}
    assert xmp_dates(xmp(f'a:DateTimeOriginal="{TEXT}"', spaces=other)) == {XMP_ORIGINAL: TEXT}
    assert xmp_dates(xmp(f'exif:DateTimeOriginal="{TEXT}"', spaces=other)) == {}


def test_what_a_picture_was_made_from_and_when_it_was_changed_is_no_date_of_its_own() -> None:
    nested = f'<xmpMM:DerivedFrom><rdf:Description exif:DateTimeOriginal="{TEXT}"/></xmpMM:DerivedFrom>'
    changed = f'xmp:ModifyDate="{TEXT}" xmp:MetadataDate="{TEXT}"'
    assert xmp_dates(xmp(changed, nested)) == {}
    assert taken(saved("jpg", xmp=xmp(changed, nested)), "x.jpg").source == "mtime"


def test_a_packet_that_is_hostile_or_broken_is_read_as_far_as_it_goes() -> None:
    good = xmp(f'exif:DateTimeOriginal="{TEXT}"')
    bomb = b'<!DOCTYPE a [<!ENTITY b "' + TEXT.encode() + b'">]>' + good.replace(TEXT.encode(), b"&b;")
    for packet in (
        b"",
        b"\0",
        b"<",
        b"no XML",
        bomb,
        good[: len(good) // 2].replace(TEXT.encode(), b""),
        b" " * (MAX_PACKET_BYTES + 1),
        xmp(
            f'exif:DateTimeOriginal="{TEXT}" ' + " ".join(f'exif:a{n}="1"' for n in range(2000))
        ),  # time grows with their square
    ):
        assert xmp_dates(packet) == {}
    assert xmp_dates(good + bytes(20)) == xmp_dates(good.decode().encode("utf-16")) == {XMP_ORIGINAL: TEXT}


def test_iptc_in_a_jpeg_and_in_a_tiff_is_read() -> None:
    created = iim((0, "\0\4"), (55, "20051217"), (60, "220332+0100"), (120, "A lake"))
    found = taken(with_segment(saved("jpg"), 0xED, photoshop(created)), "x.jpg")
    assert (found.iso, found.source, found.certainty) == ("2005-12-17T22:03:32.000+01:00", "iptc", "high")
    digitized = iim((62, "20051217"), (63, "220332"))
    main = {
        0x0100: 8,
        0x0101: 8,
        0x0102: [8],
        0x0103: 1,
        0x0106: 1,
        0x0111: raws.Blob(bytes(64)),
        0x0115: 1,
        0x0116: 8,
        0x0117: 64,
    }
    padded = digitized + bytes(-len(digitized) % 4)
    for record in (
        digitized,
        struct.unpack(f"<{len(padded) // 4}I", padded),
    ):  # many programs declare numbers of four bytes
        found = taken(raws.Tiff().made(raws.Directory({**main, 33723: record})), "x.tif")
        assert (found.iso, found.source, found.certainty) == ("2005-12-17T22:03:32.000+00:00", "iptc", "medium")


def test_a_day_alone_in_iptc_is_of_low_certainty_and_yields_to_a_clock_of_that_day() -> None:
    day = with_segment(saved("jpg"), 0xED, photoshop(iim((55, "20051217"))))
    assert (taken(day, "x.jpg").iso, taken(day, "x.jpg").certainty) == ("2005-12-17T12:00:00.000+00:00", "low")
    assert taken(day, "IMG_20051217_220332.jpg").iso == "2005-12-17T22:03:32.000+00:00"
    assert taken(day, "IMG_20051218_220332.jpg").source == "iptc"
    assert iptc_dates(iim((55, "00000000"), (60, "220332"))) == {IPTC_CREATED: "00000000 220332"}
    assert taken(with_segment(saved("jpg"), 0xED, photoshop(iim((55, "20050000")))), "x.jpg").source == "mtime"


@pytest.mark.parametrize("late", [False, True])
@pytest.mark.parametrize(
    ("kind", "body"),
    [
        (b"tEXt", b"Creation Time\x002024:05:01 14:15:30"),
        (b"tEXt", b"Creation Time\x00Wed, 01 May 2024 14:15:30 +0100"),
        (b"tEXt", b"Creation Time\x002024-05-01T14:15:30+01:00"),
        (b"zTXt", b"Creation Time\0\0" + zlib.compress(b"2024:05:01 14:15:30")),
        (b"iTXt", b"Creation Time\0\0\0en\0\x002024:05:01 14:15:30"),
        (b"iTXt", b"Creation Time\0\1\0\0\0" + zlib.compress(b"2024:05:01 14:15:30")),
        (b"tEXt", b"exif:DateTimeOriginal\x002024:05:01 14:15:30"),
    ],
)
def test_a_text_in_a_png_is_read(kind: bytes, body: bytes, late: bool) -> None:
    found = taken(with_chunk(saved("png"), kind, body, late=late), "x.png")
    assert (found.iso, found.source, found.certainty) == ("2024-05-01T14:15:30.000+01:00", "text", "medium")


def test_metadata_of_other_kinds_in_a_png_is_found() -> None:
    packet = xmp(f'exif:DateTimeOriginal="{TEXT}"')
    late = with_chunk(saved("png"), b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + packet, late=True)
    profile = b"Raw profile type iptc\0\niptc\n 33\n" + iim((55, "20051217"), (60, "220332+0100")).hex().encode()
    for data, source in ((late, "xmp"), (with_chunk(saved("png"), b"tEXt", profile), "iptc")):
        found = taken(data, "x.png")
        assert (found.iso, found.source) == ("2005-12-17T22:03:32.000+01:00", source)
    block = exif(sub={0x9003: "2024:05:01 14:15:30"}).tobytes().removeprefix(b"Exif\0\0")
    assert taken(with_chunk(saved("png"), b"eXIf", block, late=True), "x.png").source == "exif"


@pytest.mark.parametrize(
    "text",
    [b"date:create\x002024-05-01T14:15:30+00:00", b"Creation Time\x0001/05/2024 14:15", b"Software\x002024-05-01"],
)
def test_other_texts_in_a_png_are_no_capture_time(text: bytes) -> None:
    assert taken(with_chunk(saved("png"), b"tEXt", text), "x.png").source == "mtime"


def test_texts_that_tell_no_date_are_not_unpacked() -> None:
    packed = zlib.compress(b"\niptc\n 9\n" + b"00" * 1000)
    data = saved("png")
    for number in range(20):
        data = with_chunk(data, b"zTXt", b"Raw profile type x%d\0\0" % number + packed)
    assert list(png_texts(with_chunk(data, b"tEXt", b"Creation Time\0002024"))) == ["Creation Time"]


def test_a_packet_in_a_file_is_found_by_its_first_beginning_and_the_end_behind_it() -> None:
    packet = xmp(f'exif:DateTimeOriginal="{TEXT}"')
    whole = packet[packet.find(b"<x:xmpmeta") : packet.find(b"</x:xmpmeta>") + 12]
    assert find_packet(b"GIF89a" + packet + packet) == whole
    assert find_packet(b"</x:xmpmeta>" + b"<x:xmpmeta " * 9) == find_packet(b"GIF89a") == b""


def test_texts_without_measure_are_cut() -> None:
    bomb = with_chunk(saved("png"), b"zTXt", b"Creation Time\0\0" + zlib.compress(bytes(20_000_000)))
    assert len(png_texts(bomb)["Creation Time"]) == MAX_TEXT_BYTES
    assert png_texts(saved("png")[:40] + b"\xff" * 30) == {}


def test_the_original_goes_before_the_digitized_and_both_before_a_change() -> None:
    changed = exif(main={0x0132: "2008:07:31 10:50:00"})
    both = xmp(f'xmp:CreateDate="{TEXT}" xmp:ModifyDate="2008-07-31T10:50:00+01:00"')
    assert taken(saved("jpg", exif=changed, xmp=both), "x.jpg").iso == "2005-12-17T22:03:32.000+01:00"
    assert taken(saved("jpg", exif=changed), "x.jpg").iso[:10] == "2008-07-31"
    scanned = exif(sub={0x9004: "2007:01:01 09:00:00"})
    assert taken(saved("jpg", exif=scanned, xmp=xmp(f'photoshop:DateCreated="{TEXT}"')), "x.jpg").source == "xmp"
    assert taken(saved("jpg", exif=scanned, xmp=both), "x.jpg").iso[:10] == "2007-01-01"
    shot = exif(sub={0x9003: "2006:01:01 09:00:00"})
    assert taken(saved("jpg", exif=shot, xmp=xmp(f'exif:DateTimeOriginal="{TEXT}"')), "x.jpg").iso[:10] == "2006-01-01"


def test_a_day_in_exif_yields_to_the_clock_of_that_day_in_xmp() -> None:
    for day in ("2005:12:17", "2005:12:17 00:00:00"):
        data = saved("jpg", exif=exif(sub={0x9003: day}), xmp=xmp(f'xmp:CreateDate="{TEXT}"'))
        assert taken(data, "x.jpg").iso == "2005-12-17T22:03:32.000+01:00"
    other = saved("jpg", exif=exif(sub={0x9003: "2005:12:16"}), xmp=xmp(f'xmp:CreateDate="{TEXT}"'))
    assert (taken(other, "x.jpg").iso[:10], taken(other, "x.jpg").certainty) == ("2005-12-16", "low")


def test_a_change_does_not_pass_for_the_time_of_a_photo_that_was_there_before() -> None:
    changed = saved("jpg", exif=exif(main={0x0132: "2008:07:31 10:50:00"}))
    assert taken(changed, "IMG_20051217_220332.jpg").source == "name"
    assert taken(changed, "IMG_20080801_220332.jpg").source == "exif"  # named later: when it was sent
    assert taken(changed, "IMG-20051217-WA0001.jpg").source == "exif"
    day = exif(main={0x0132: "2005:12:17 23:50:00"}, sub={0x9003: "2005:12:17"})
    assert taken(saved("jpg", exif=day), "x.jpg").iso == "2005-12-17T12:00:00.000+00:00"


def tiff_jpeg(main: dict[int, Any], sub: dict[int, Any], gps: dict[int, Any] | None = None, order: str = "<") -> bytes:
    """Return a JPEG whose EXIF has these tags in these directories, text of bytes as type UNDEFINED."""
    directories = {0x8769: raws.Directory(sub), **({0x8825: raws.Directory(gps)} if gps else {})}
    block = raws.Tiff(order, b"II*\0" if order == "<" else b"MM\0*").made(raws.Directory({**main, **directories}))
    return with_segment(saved("jpg"), 0xE1, b"Exif\0\0" + block)


STAMP = "2024:05:01 14:15:30"


@pytest.mark.parametrize(
    ("main", "sub"),
    [
        ({0x9003: STAMP}, {0x829D: 5.6}),
        ({0x9004: STAMP}, {0x829D: 5.6}),
        ({}, {0x9003: STAMP.encode()}),
        ({0x9003: STAMP.encode()}, {0x829D: 5.6}),
        ({}, {0x9003: list(STAMP.encode())}),
        ({}, {0x9003: STAMP.encode("utf-16-le")}),
        ({0x9003: STAMP}, {0x9003: "    :  :     :  :  "}),
        ({0x0132: "2024:06:01 00:00:01"}, {0x9003: STAMP}),
    ],
)
def test_a_date_is_found_in_the_other_directory_and_of_another_type(main: dict[int, Any], sub: dict[int, Any]) -> None:
    found = taken(tiff_jpeg(main, sub), "x.jpg")
    assert (found.iso[:19], found.source) == ("2024-05-01T14:15:30", "exif")


def test_the_camera_is_found_in_the_other_directory_and_of_another_type() -> None:
    for main, sub in (
        ({}, {0x010F: "Acme", 0x0110: "Cam 1"}),
        ({0x010F: b"Acme\0", 0x0110: b"Cam 1"}, {0x829D: 5.6}),
        ({0x010F: list(b"Acme\0"), 0x0110: list(b"Cam 1")}, {0x829D: 5.6}),
    ):
        data = tiff_jpeg(main, {**sub, 0x9003: STAMP})
        assert camera_of(read_tags(data, decoder.open_image(data, "x.jpg", 220))).name == "Acme Cam 1"


@pytest.mark.parametrize("latitude", ["33,51.42S", "33 51 25.2", "33 deg 51' 25.20\" S", "33.857", "33/1 51/1 252/10"])
def test_a_place_in_text_is_read(latitude: str) -> None:
    gps = {1: "S", 2: latitude, 3: "E", 4: "151 12 54", 7: "14:15:30", 29: "2024:05:01"}
    data = tiff_jpeg({}, {0x829D: 5.6}, gps)
    place = place_of(read_tags(data, decoder.open_image(data, "x.jpg", 220)))
    assert place is not None
    assert (round(place.latitude, 4), round(place.longitude, 4)) == (-33.857, 151.215)
    assert taken(data, "x.jpg").source == "gps"


@pytest.mark.parametrize("latitude", ["33,8570", "-33.857", "nowhere", "133 0 0", "33 61 0"])
def test_a_text_that_is_no_place_is_none(latitude: str) -> None:
    data = tiff_jpeg({}, {0x9003: STAMP}, {1: "S", 2: latitude, 3: "E", 4: "151 12 54"})
    assert place_of(read_tags(data, decoder.open_image(data, "x.jpg", 220))) is None


def test_a_second_exif_segment_is_read_where_the_first_has_no_date() -> None:
    block = exif(sub={0x9003: STAMP}).tobytes()
    first = exif(main={0x010E: "no date"}).tobytes()
    data = with_segment(with_segment(saved("jpg"), 0xE1, block), 0xE1, first)
    assert taken(data, "x.jpg").iso[:19] == "2024-05-01T14:15:30"


def test_a_multi_picture_file_has_the_dates_of_its_first(tmp_path: Path) -> None:
    SMALL.save(tmp_path / "x.mpo", "MPO", save_all=True, append_images=[SMALL])
    data = with_segment((tmp_path / "x.mpo").read_bytes(), 0xE1, exif(sub={0x9003: STAMP}).tobytes())
    assert (taken(data, "x.mpo").iso[:19], taken(data, "x.mpo").source) == ("2024-05-01T14:15:30", "exif")


@given(
    st.binary(max_size=200) | st.lists(st.tuples(st.integers(0, 255), st.text(max_size=9))).map(lambda s: iim(*s)),
    st.data(),
)
def test_bytes_of_any_sort_never_raise(data: bytes, draw: st.DataObject) -> None:
    assert set(iptc_dates(data)) <= {IPTC_CREATED, IPTC_DIGITIZED}
    xmp_dates(data)
    png_texts(data)
    packet = bytearray(xmp(f'exif:DateTimeOriginal="{TEXT}"', f"<xmp:CreateDate>{TEXT}</xmp:CreateDate>"))
    for _ in range(draw.draw(st.integers(1, 6))):
        packet[draw.draw(st.integers(0, len(packet) - 1))] = draw.draw(st.integers(0, 255))
    xmp_dates(bytes(packet))
