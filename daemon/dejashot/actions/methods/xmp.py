"""Ratings in XMP sidecars (Adobe XMP Specification, Part 1): one value changes, other bytes stay where possible."""

import os
import re
from collections.abc import Iterator

from lxml import etree

from dejashot.actions.methods.xmp_bounds import MAX_BYTES, oddity_of
from dejashot.errors import SkippedFileError
from dejashot.files.nofollow import open_unfollowed
from dejashot.language.texts import noted

XMP = "http://ns.adobe.com/xap/1.0/"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
REJECTED, KEPT = -1, 5  # as Lightroom, digiKam and darktable write them
_RATING, _DESCRIPTION = f"{{{XMP}}}Rating", f"{{{RDF}}}Description"
_DECLARED = re.compile(rb"xmlns:([^\s=:\"'<>]{1,64})\s{0,9}=\s{0,9}[\"']" + re.escape(XMP.encode()) + rb"[\"']")
_MAX_GUESSES = 3  # prefixes under which a rating is looked for in the bytes; sidecars with more are written anew
_NEW = """<?xml version="1.0" encoding="UTF-8"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/" x:xmptk="Dejashot">
 <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
  <rdf:Description rdf:about=""
    xmlns:xmp="http://ns.adobe.com/xap/1.0/"
    xmp:Rating="{rating}"/>
 </rdf:RDF>
</x:xmpmeta>
"""


def new_sidecar(rating: int) -> bytes:
    """Return a sidecar that says nothing but a rating."""
    return _NEW.format(rating=rating).encode()


def with_rating(data: bytes, rating: int) -> bytes:
    """Return a sidecar's bytes with another rating, the same bytes where it is right already.

    Raises SkippedFileError for bytes that are no sidecar, or an odd one.
    """
    tree = _parsed(data)
    places = list(_ratings(tree))
    if places and all(value == str(rating) for _, value in places):
        return data
    wanted = _edited(tree, rating)
    for made in _rewritten(data, wanted, rating):
        try:
            if made != data and _equivalent(_parsed(made).getroot(), wanted.getroot()):
                return made
        except SkippedFileError:
            continue
    written: bytes = etree.tostring(
        wanted, encoding=wanted.docinfo.encoding or "UTF-8", xml_declaration=data.lstrip().startswith(b"<?xml")
    )
    return written


def read_sidecar(path: bytes) -> bytes | None:
    """Return the bytes of a sidecar (at most one above the limit), None where there is none; raise SkippedFileError."""
    try:
        with os.fdopen(open_unfollowed(path), "rb") as file:
            return file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise SkippedFileError(noted("its sidecar can't be read: {why}").format(why=error.strerror)) from error


def _parsed(data: bytes) -> "etree._ElementTree":
    """Parse a sidecar without entities and without network access; raise SkippedFileError."""
    oddity = oddity_of(data)
    if oddity:
        raise SkippedFileError(oddity)
    try:
        parser = etree.XMLParser(
            resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, strip_cdata=False
        )
        tree = etree.fromstring(data, parser).getroottree()
    except Exception as error:  # whatever lxml raises for bytes of others
        raise SkippedFileError(noted("its sidecar is not well-formed XML"), str(error)[:200]) from error
    if tree.docinfo.doctype:
        raise SkippedFileError(noted("its sidecar declares entities, which no sidecar needs"))
    if tree.find(f".//{_DESCRIPTION}") is None or any(len(e) for e in tree.iter(_RATING)):
        raise SkippedFileError(noted("its sidecar is XML, but not XMP as photo programs write it"))
    return tree


def _ratings(tree: "etree._ElementTree") -> Iterator[tuple["etree._Element", str]]:
    """Yield every element that holds a rating, with its value."""
    for element in tree.iter(_DESCRIPTION, _RATING):
        if element.tag == _RATING:
            yield element, (element.text or "").strip()
        elif _RATING in element.attrib:
            yield element, str(element.attrib[_RATING])


def _edited(tree: "etree._ElementTree", rating: int) -> "etree._ElementTree":
    """Return the tree with the rating in every element that has one, or else in the first description."""
    found = [element for element, _ in _ratings(tree)] or [tree.find(f".//{_DESCRIPTION}")]
    for element in found:
        if element.tag == _RATING:
            element.text = str(rating)
        else:
            element.set(_RATING, str(rating))
    return tree


def _rewritten(data: bytes, wanted: "etree._ElementTree", rating: int) -> Iterator[bytes]:
    """Yield guesses at the bytes in which only the rating changes; the parser decides."""
    value = str(rating).encode()
    for name in sorted(set(_DECLARED.findall(data)))[:_MAX_GUESSES]:
        label = re.escape(name) + rb":Rating"
        made = re.sub(rb"(" + label + rb"\s*=\s*([\"']))[^\"'<]*(?=\2)", lambda m: m[1] + value, data)
        made = re.sub(rb"(<" + label + rb"(?:\s[^<>]*)?>)[^<]*(?=</)", lambda m: m[1] + value, made)
        yield made
    description = next(wanted.iter(_DESCRIPTION))
    start = b"<" + f"{description.prefix}:Description".encode()
    declared = next((p for p, uri in description.nsmap.items() if uri == XMP and p and not p.startswith("ns")), None)
    text = f' {declared}:Rating="{rating}"' if declared else f' xmlns:xmp="{XMP}" xmp:Rating="{rating}"'
    yield re.sub(re.escape(start) + rb"(?=[\s/>])", lambda m: m[0] + text.encode(), data, count=1)


def _equivalent(a: "etree._Element", b: "etree._Element") -> bool:
    """Return whether two documents say the same, whatever prefixes they use."""
    first, second = list(a.iter()), list(b.iter())
    if len(first) != len(second):
        return False
    return all(
        (x.tag, dict(x.attrib), x.text or "", x.tail or "", len(x))
        == (y.tag, dict(y.attrib), y.text or "", y.tail or "", len(y))
        for x, y in zip(first, second, strict=True)
    )
