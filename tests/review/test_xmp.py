"""A rating in a sidecar: one value changes, all else stays, and what can't be understood is left alone."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dejashot.errors import LeftAloneError
from dejashot.review.xmp import KEPT, MAX_BYTES, REJECTED, new_sidecar, with_rating

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
PACKET = b'<?xpacket begin="\xef\xbb\xbf" id="W5M0MpCehiHzreSzNTczkc9d"?>\n' + LIGHTROOM + b"\n" + b" " * 99 + b'\n<?xpacket end="w"?>'
ELEMENT = b"""<?xml version="1.0" encoding="UTF-8"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:xap="http://ns.adobe.com/xap/1.0/" xmlns:MicrosoftPhoto="http://ns.microsoft.com/photo/1.0">
<MicrosoftPhoto:Rating>50</MicrosoftPhoto:Rating><xap:Rating>3</xap:Rating></rdf:Description></rdf:RDF></x:xmpmeta>"""
WITHOUT = re.sub(rb"\n   xmp:Rating=\"3\"", b"", LIGHTROOM)
UNDECLARED = b"""<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" dc:format="image/jpeg"/></rdf:RDF></x:xmpmeta>"""


@pytest.mark.parametrize("data", [LIGHTROOM, PACKET])
def test_of_an_attribute_only_the_value_changes(data: bytes) -> None:
    assert with_rating(data, REJECTED) == data.replace(b'xmp:Rating="3"', b'xmp:Rating="-1"')


def test_of_an_element_only_the_text_changes_and_other_ratings_stay() -> None:
    assert with_rating(ELEMENT, KEPT) == ELEMENT.replace(b"<xap:Rating>3<", b"<xap:Rating>5<")


@pytest.mark.parametrize("data", [WITHOUT, UNDECLARED])
def test_a_rating_is_added_where_there_is_none(data: bytes) -> None:
    made = with_rating(data, REJECTED)
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
    with pytest.raises(LeftAloneError):
        with_rating(data, KEPT)


@given(st.binary(max_size=300), st.integers(0, len(PACKET)), st.integers(0, 40))
def test_damage_is_refused_or_harmless(noise: bytes, at: int, length: int) -> None:
    data = PACKET[:at] + noise + PACKET[at + length :]
    try:
        made = with_rating(data, REJECTED)
    except LeftAloneError:
        return
    assert with_rating(made, REJECTED) == made


@pytest.mark.skipif(shutil.which("exiftool") is None, reason="exiftool is not installed")
@pytest.mark.parametrize("data", [new_sidecar(KEPT), with_rating(PACKET, KEPT), with_rating(ELEMENT, KEPT), with_rating(UNDECLARED, KEPT)])
def test_exiftool_reads_the_rating(data: bytes, tmp_path: Path) -> None:
    file = tmp_path / "a.jpg.xmp"
    file.write_bytes(data)
    done = subprocess.run(["exiftool", "-s3", "-XMP-xmp:Rating", str(file)], capture_output=True, text=True)
    assert done.stdout.strip() == "5", done.stderr
    assert not subprocess.run(["exiftool", "-s3", "-Warning", str(file)], capture_output=True, text=True).stdout
