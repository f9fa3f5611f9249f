"""A rating in a sidecar: its values change, all else stays, and what can't be understood is left alone."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dejashot.actions.methods.xmp import KEPT, RATING, REJECTED, new_sidecar, with_rating
from dejashot.actions.methods.xmp_bounds import MAX_BYTES, oddity_of
from dejashot.errors import SkippedFileError

XMP = RATING.namespace
LIGHTROOM = """<x:xmpmeta xmlns:x="adobe:ns:meta/" x:xmptk="Adobe XMP Core 5.6">
 <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
  <rdf:Description rdf:about=''
    xmlns:xmp="http://ns.adobe.com/xap/1.0/"
    xmlns:dc="http://purl.org/dc/elements/1.1/"
    xmlns:lr="http://ns.adobe.com/lightroom/1.0/"
   xmp:CreatorTool='Lightroom &amp; more'
   xmp:Rating="3"
   xmp:Label="Red">
   <!-- the owner's own words -->
   <dc:subject><rdf:Bag><rdf:li>Große Düne</rdf:li><rdf:li>a &lt; b</rdf:li></rdf:Bag></dc:subject>
   <lr:hierarchicalSubject><rdf:Bag><rdf:li>Sea|Dune</rdf:li></rdf:Bag></lr:hierarchicalSubject>
  </rdf:Description>
 </rdf:RDF>
</x:xmpmeta>""".encode()
PACKET = (
    b'<?xpacket begin="\xef\xbb\xbf" id="W5M0MpCehiHzreSzNTczkc9d"?>\n'
    + LIGHTROOM
    + b"\n"
    + b" " * 99
    + b'\n<?xpacket end="w"?>'
)
ELEMENT = b"""<?xml version="1.0" encoding="UTF-8"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:xap="http://ns.adobe.com/xap/1.0/" xmlns:MicrosoftPhoto="http://ns.microsoft.com/photo/1.0">
<MicrosoftPhoto:Rating>50</MicrosoftPhoto:Rating><xap:Rating>3</xap:Rating></rdf:Description></rdf:RDF></x:xmpmeta>"""
WITHOUT = re.sub(rb"\n   xmp:Rating=\"3\"", b"", LIGHTROOM)
UNDECLARED = b"""<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" dc:format="image/jpeg"/>
</rdf:RDF></x:xmpmeta>"""


def without_label(data: bytes) -> bytes:
    """Return a sidecar without the pick label that a rating adds for digiKam."""
    return re.sub(rb'( xmlns:digiKam="[^"]*")? digiKam:PickLabel="[13]"', b"", data, count=1)


@pytest.mark.parametrize("data", [LIGHTROOM, PACKET])
def test_of_an_attribute_only_the_value_changes(data: bytes) -> None:
    assert without_label(with_rating(data, REJECTED)) == data.replace(b'xmp:Rating="3"', b'xmp:Rating="-1"')


def test_of_an_element_only_the_text_changes_and_other_ratings_stay() -> None:
    assert without_label(with_rating(ELEMENT, KEPT)) == ELEMENT.replace(b"<xap:Rating>3<", b"<xap:Rating>5<")


@pytest.mark.parametrize("data", [WITHOUT, UNDECLARED])
def test_a_rating_is_added_where_there_is_none(data: bytes) -> None:
    made = without_label(with_rating(data, REJECTED))
    added = re.sub(rb'( xmlns:xmp="http://ns.adobe.com/xap/1.0/")? xmp:Rating="-1"', b"", made, count=1)
    assert made != data == added


def test_what_is_right_already_stays_as_it_is() -> None:
    assert with_rating(LIGHTROOM, 3) == LIGHTROOM
    assert with_rating(new_sidecar(KEPT), KEPT) == new_sidecar(KEPT)


def test_a_comment_that_looks_like_a_rating_is_not_one() -> None:
    data = LIGHTROOM.replace(b"the owner's own words", b'was xmp:Rating="1" once')
    made = with_rating(data, 4)
    assert b'was xmp:Rating="1" once' in made
    assert b'xmp:Rating="4"' in made


def test_a_sidecar_in_another_encoding_keeps_what_it_says() -> None:
    data = ('<?xml version="1.0" encoding="UTF-16"?>\n' + LIGHTROOM.decode()).encode("utf-16")
    made = with_rating(data, KEPT)
    assert "Große Düne" in made.decode("utf-16")
    assert 'xmp:Rating="5"' in made.decode("utf-16")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"not xml",
        LIGHTROOM[:-20],
        b"<html><body/></html>",
        b'<!DOCTYPE x [<!ENTITY a "b">]>' + LIGHTROOM,
        LIGHTROOM + b" " * MAX_BYTES,
        ELEMENT.replace(b">3<", b"><b/><"),
        b"\xff\xfe\x00",
    ],
)
def test_what_is_no_sidecar_is_left_alone(data: bytes) -> None:
    with pytest.raises(SkippedFileError):
        with_rating(data, KEPT)


def built(attributes: str = "", root: str = "", inside: str = "") -> str:
    """Return a sidecar with something more in its parts."""
    return (
        f'<x:xmpmeta xmlns:x="adobe:ns:meta/"{root}><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        f'<rdf:Description rdf:about="" xmlns:xmp="{XMP}"{attributes}>{inside}</rdf:Description></rdf:RDF></x:xmpmeta>'
    )


def numbered(count: int, text: str) -> str:
    return "".join(text.replace("#", str(n)) for n in range(count))


HOSTILE = {
    "one namespace under many prefixes": built(root=numbered(40_000, f' xmlns:p#="{XMP}"')),
    "many namespaces": built(root=numbered(80_000, ' xmlns:p#="u#"')),
    "many namespaces, each on an element of its own": built(inside=numbered(40_000, f'<a xmlns:q#="{XMP}"/>')),
    "namespaces and elements": built(root=numbered(20_000, f' xmlns:p#="{XMP}"'), inside="<a/>" * 200_000),
    "elements": built(inside="<a/>" * 500_000),
    "nested elements": built(inside="<a>" * 250_000 + "</a>" * 250_000),
    "attributes of one element": built(attributes=numbered(200_000, ' a#=""')),
    "attributes of many": built(inside='<a b="" c="" d="" e=""/>' * 80_000),
    "ratings": built(inside="<xmp:Rating>3</xmp:Rating>" * 80_000),
    "descriptions": built(inside='<rdf:Description xmp:Rating="3"/>' * 60_000),
    "comments": built(inside='<!--xmp:Rating="3"-->' * 90_000),
    "instructions": built(inside="<?a?>" * 400_000),
}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-le", "utf-32"])
@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_sidecar_is_left_alone_before_it_is_parsed(kind: str, encoding: str) -> None:
    data = HOSTILE[kind].encode(encoding)[:MAX_BYTES]
    assert oddity_of(data) == "its sidecar is built of more parts than any sidecar is"
    with pytest.raises(SkippedFileError, match="more parts"):
        with_rating(data, KEPT)


@pytest.mark.parametrize(
    "data",
    [
        b'<?xml version="1.0" encoding="UTF-7"?>' + LIGHTROOM,
        b'<?xml version="1.0"' + b" " * 3000 + b'encoding="UTF-7"?>' + LIGHTROOM,
        b'<?xml version="1.0" encoding = "utf-16"?>' + LIGHTROOM,
        b'<?xml version="1.0" encoding="no such one"?>' + LIGHTROOM,
        b"<?xml version='1.0' encoding='cp037'?>" + LIGHTROOM,
    ],
)
def test_an_encoding_that_hides_what_a_sidecar_is_built_of_is_left_alone(data: bytes) -> None:
    with pytest.raises(SkippedFileError, match="encoding"):
        with_rating(data, KEPT)


def test_bytes_in_which_markup_is_not_to_be_seen_are_left_alone() -> None:
    with pytest.raises(SkippedFileError):
        with_rating(LIGHTROOM.decode().encode("cp037", "replace"), KEPT)
    with pytest.raises(SkippedFileError, match="entities"):
        with_rating(f'<!DOCTYPE x [<!ENTITY a "{"b" * 99}">]>{built()}'.encode("utf-16"), KEPT)


@pytest.mark.parametrize(
    "declared", ["", '<?xml version="1.0"?>', "<?xml version='1.0' encoding='latin1' standalone='yes'?>\n"]
)
def test_what_photo_programs_write_at_most_is_understood(declared: str) -> None:
    brush = "".join(f"<rdf:li>d 0.{n} 0.5</rdf:li>" for n in range(20_000))
    masks = "".join(f'<rdf:li crs:What="Mask/Image" crs:MaskValue="0.{n}" a="x>y"/>' for n in range(3_000))
    names = "".join(f' xmlns:n{n}="http://example.com/{n}/"' for n in range(60))
    settings = "".join(f' crs:Setting{n}="+{n}"' for n in range(900))
    crs = ' xmlns:crs="http://ns.adobe.com/camera-raw-settings/1.0/"'
    data = (
        declared
        + built(f'{crs}{settings} xmp:Rating="2"', names, f"<crs:Dabs><rdf:Seq>{brush}{masks}</rdf:Seq></crs:Dabs>")
    ).encode()
    assert without_label(with_rating(data, KEPT)) == data.replace(b'xmp:Rating="2"', b'xmp:Rating="5"')


def test_a_rating_is_written_under_whatever_prefixes_there_are() -> None:
    data = built(root=numbered(40, f' xmlns:p#="{XMP}"'), attributes=' p39:Rating="1"')
    made = with_rating(data.encode(), KEPT)
    assert with_rating(made, KEPT) == made
    assert made.count(b"Rating") == 1


@given(st.binary(max_size=300), st.integers(0, len(PACKET)), st.integers(0, 40))
def test_damage_is_refused_or_harmless(noise: bytes, at: int, length: int) -> None:
    data = PACKET[:at] + noise + PACKET[at + length :]
    try:
        made = with_rating(data, REJECTED)
    except SkippedFileError:
        return
    assert with_rating(made, REJECTED) == made


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b'digiKam:PickLabel="3"/>', b'digiKam:PickLabel="1"/>'),
        (
            b"><digiKam:PickLabel>3</digiKam:PickLabel></rdf:Description>",
            b"><digiKam:PickLabel>1</digiKam:PickLabel></rdf:Description>",
        ),
    ],
)
def test_a_pick_label_of_digikam_is_changed_where_it_stands(before: bytes, after: bytes) -> None:
    data = UNDECLARED.replace(
        b' dc:format="image/jpeg"/>',
        b' xmlns:digiKam="http://www.digikam.org/ns/1.0/" xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmp:Rating="-1" '
        + before,
    )
    assert with_rating(data, REJECTED) == data.replace(before, after)


def exiftool(*arguments: str) -> str:
    done = subprocess.run(["exiftool", *arguments], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.skipif(shutil.which("exiftool") is None, reason="exiftool is not installed")
@pytest.mark.parametrize(
    "data", [new_sidecar(KEPT), with_rating(PACKET, KEPT), with_rating(ELEMENT, KEPT), with_rating(UNDECLARED, KEPT)]
)
def test_exiftool_reads_the_rating_and_writes_beside_it(data: bytes, tmp_path: Path) -> None:
    file = tmp_path / "a.jpg.xmp"
    file.write_bytes(data)
    exiftool("-q", "-overwrite_original", "-XMP-dc:Subject+=Düne & more", "-XMP-digiKam:TagsList=Sea/Dune", str(file))
    file.write_bytes(with_rating(file.read_bytes(), REJECTED))
    tags = ["-XMP-xmp:Rating", "-XMP-digiKam:PickLabel", "-XMP-digiKam:TagsList", "-Warning"]
    assert exiftool("-s3", "-n", *tags, str(file)).split() == ["-1", "1", "Sea/Dune"]
    assert "Düne & more" in exiftool("-s3", "-XMP-dc:Subject", str(file))
    file.write_bytes(data)
    assert exiftool("-s3", "-n", *tags, str(file)).split() == ["5", "3"]
