"""Screenshots by the tags of the devices, in the formats they write."""

import io

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from dejashot.reading.decode import decoder
from dejashot.reading.metadata.camera import camera_of
from dejashot.reading.metadata.screenshot_tags import is_tagged_screenshot
from dejashot.reading.metadata.tags import read_tags
from scenes import scene

decoder.prepare_decoders(220)
SCREEN = scene(1, (118, 256))
ELEMENT = b"<exif:UserComment>Screenshot</exif:UserComment>"
LIST = (
    b'<exif:UserComment>\n <rdf:Alt>\n  <rdf:li xml:lang="x-default">Screenshot</rdf:li></rdf:Alt></exif:UserComment>'
)


def packet(inside: bytes) -> bytes:
    return (
        b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        b"<rdf:Description "
        b'rdf:about="" xmlns:exif="http://ns.adobe.com/exif/1.0/">'
        + inside
        + b"</rdf:Description></rdf:RDF></x:xmpmeta>"
    )


def tagged(comment: bytes, make: str = "") -> Image.Exif:
    exif = Image.Exif()
    exif[0x010F if make else 0x0131] = make or "26.1"
    exif.get_ifd(0x8769)[0x9286] = comment
    return exif


def screenshot(form: str, **options: object) -> bool:
    out = io.BytesIO()
    SCREEN.save(out, form, **options)
    image = decoder.open_image(out.getvalue(), f"IMG_1.{form.lower()}", 220)
    return camera_of(read_tags(out.getvalue(), image)).screenshot


@pytest.mark.parametrize("form", ["JPEG", "PNG", "HEIF", "WEBP", "AVIF"])
def test_a_user_comment_marks_a_screenshot_in_every_format(form: str) -> None:
    assert screenshot(form, exif=tagged(b"ASCII\0\0\0Screenshot"))
    assert not screenshot(form, exif=tagged(b"ASCII\0\0\0a screenshot of the past"))
    assert not screenshot(form)


@pytest.mark.parametrize(
    "comment",
    [
        b"UNICODE\0" + "Screenshot".encode("utf-16-le"),
        b"UNICODE\0" + "\ufeffScreenshot".encode("utf-16-be"),
        b"JIS\0\0\0\0\0Screenshot",
        bytes(8) + b"Screenshot\0\0",
        b"Screenshot",
    ],
)
def test_a_user_comment_is_read_in_every_code(comment: bytes) -> None:
    assert screenshot("JPEG", exif=tagged(comment))


@pytest.mark.parametrize("form", ["JPEG", "PNG", "HEIF", "WEBP", "AVIF"])
@pytest.mark.parametrize("inside", [ELEMENT, LIST])
def test_xmp_marks_a_screenshot(form: str, inside: bytes) -> None:
    text = PngInfo()
    text.add_itxt("XML:com.adobe.xmp", packet(inside).decode("ascii"))
    assert screenshot(form, **({"pnginfo": text} if form == "PNG" else {"xmp": packet(inside)}))


def test_xmp_as_an_attribute_marks_a_screenshot_and_other_comments_do_not() -> None:
    assert is_tagged_screenshot(None, b"<rdf:Description exif:UserComment='Screenshot'/>", b"")
    assert not is_tagged_screenshot(None, b"<exif:UserComment>No screenshot</exif:UserComment>", b"")
    assert not is_tagged_screenshot(None, b"<dc:title>Screenshot</dc:title>", b"")


def test_what_samsung_puts_behind_a_jpeg_marks_a_screenshot() -> None:
    trailer = b"\0\0\x61\x0c\x14\0\0\0Samsung_Capture_InfoScreenshot" + b"SEFH" + bytes(24) + b"SEFT"
    assert is_tagged_screenshot(None, b"", b"\xff\xd8\xff\xd9" + trailer)
    assert not is_tagged_screenshot(None, b"", b"\xff\xd8\xff\xd9" + trailer.replace(b"Screenshot", b"Panorama12"))


def test_a_photo_that_names_its_camera_is_no_screenshot() -> None:
    assert not screenshot("JPEG", exif=tagged(b"ASCII\0\0\0Screenshot", make="Testcam"))
