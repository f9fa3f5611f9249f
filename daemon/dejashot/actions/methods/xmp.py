"""Ratings in XMP sidecars (Adobe XMP Specification, Part 1): two values change, other bytes stay where possible."""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import reduce

from lxml import etree

from dejashot.actions.methods.xmp_bounds import MAX_BYTES, oddity_of
from dejashot.errors import SkippedFileError
from dejashot.files.nofollow import open_unfollowed
from dejashot.language.texts import noted

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
REJECTED, KEPT = -1, 5
_DESCRIPTION = f"{{{RDF}}}Description"
_MAX_GUESSES = 3  # prefixes under which a value is looked for in the bytes; sidecars with more are written anew


@dataclass(frozen=True, slots=True)
class _Property:
    """A simple property of a photo, with the prefix that photo programs write it under."""

    namespace: str
    prefix: str
    name: str

    @property
    def tag(self) -> str:
        """Return the name as lxml writes it."""
        return f"{{{self.namespace}}}{self.name}"

    @property
    def declared(self) -> re.Pattern[bytes]:
        """Return the pattern of a declaration of the namespace; its group is the prefix."""
        space = re.escape(self.namespace.encode())
        return re.compile(rb"xmlns:([^\s=:\"'<>]{1,64})\s{0,9}=\s{0,9}[\"']" + space + rb"[\"']")


RATING = _Property("http://ns.adobe.com/xap/1.0/", "xmp", "Rating")
# digiKam takes a rating below 0 for none, and reads what is rejected from a property of its own
PICK_LABEL = _Property("http://www.digikam.org/ns/1.0/", "digiKam", "PickLabel")
_PICK_LABELS = {REJECTED: "1", KEPT: "3"}
_NEW = """<?xml version="1.0" encoding="UTF-8"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/" x:xmptk="Dejashot">
 <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
  <rdf:Description rdf:about=""{properties}/>
 </rdf:RDF>
</x:xmpmeta>
"""


def new_sidecar(rating: int) -> bytes:
    """Return a sidecar that says nothing but a rating."""
    properties = "".join(
        f'\n    xmlns:{p.prefix}="{p.namespace}"\n    {p.prefix}:{p.name}="{value}"' for p, value in _values(rating)
    )
    return _NEW.format(properties=properties).encode()


def with_rating(data: bytes, rating: int) -> bytes:
    """Return a sidecar's bytes with another rating, the same bytes where it is right already.

    Raises SkippedFileError for bytes that are no sidecar, or an odd one.
    """
    return reduce(lambda made, wanted: _with_value(made, *wanted), _values(rating), data)


def _values(rating: int) -> list[tuple[_Property, str]]:
    """Return the properties that a rating is written in, with their values."""
    label = _PICK_LABELS.get(rating)
    return [(RATING, str(rating)), *([(PICK_LABEL, label)] if label else [])]


def _with_value(data: bytes, prop: _Property, value: str) -> bytes:
    """Return a sidecar's bytes with another value of one property; raise SkippedFileError."""
    tree = _parsed(data, prop)
    places = list(_places(tree, prop))
    if places and all(there == value for _, there in places):
        return data
    wanted = _edited(tree, prop, value)
    for made in _rewritten(data, wanted, prop, value.encode()):
        try:
            if made != data and _equivalent(_parsed(made, prop).getroot(), wanted.getroot()):
                return made
        except SkippedFileError:
            continue
    encoding = wanted.docinfo.encoding or "UTF-8"
    declares = data.lstrip().startswith(b"<?xml") or encoding.upper() != "UTF-8"
    written: bytes = etree.tostring(wanted, encoding=encoding, xml_declaration=declares)
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


def _parsed(data: bytes, prop: _Property) -> "etree._ElementTree":
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
    if tree.find(f".//{_DESCRIPTION}") is None or any(len(e) for e in tree.iter(prop.tag)):
        raise SkippedFileError(noted("its sidecar is XML, but not XMP as photo programs write it"))
    return tree


def _places(tree: "etree._ElementTree", prop: _Property) -> Iterator[tuple["etree._Element", str]]:
    """Yield every element that holds a property, with its value."""
    for element in tree.iter(_DESCRIPTION, prop.tag):
        if element.tag == prop.tag:
            yield element, (element.text or "").strip()
        elif prop.tag in element.attrib:
            yield element, str(element.attrib[prop.tag])


def _edited(tree: "etree._ElementTree", prop: _Property, value: str) -> "etree._ElementTree":
    """Return the tree with the value in every element that has the property, or else in the first description."""
    found = [element for element, _ in _places(tree, prop)] or [tree.find(f".//{_DESCRIPTION}")]
    for element in found:
        if element.tag == prop.tag:
            element.text = value
        else:
            element.set(prop.tag, value)
    return tree


def _rewritten(data: bytes, wanted: "etree._ElementTree", prop: _Property, value: bytes) -> Iterator[bytes]:
    """Yield guesses at the bytes in which only the value changes; the parser decides."""
    for name in sorted(set(prop.declared.findall(data)))[:_MAX_GUESSES]:
        label = re.escape(name) + b":" + prop.name.encode()
        made = re.sub(rb"(" + label + rb"\s*=\s*([\"']))[^\"'<]*(?=\2)", lambda m: m[1] + value, data)
        made = re.sub(rb"(<" + label + rb"(?:\s[^<>]*)?>)[^<]*(?=</)", lambda m: m[1] + value, made)
        yield made
    description = next(wanted.iter(_DESCRIPTION))
    start = b"<" + f"{description.prefix}:Description".encode()
    known = (p for p, uri in description.nsmap.items() if uri == prop.namespace and p and not p.startswith("ns"))
    declared = next(known, None)
    text = (
        f' {declared}:{prop.name}="'
        if declared
        else f' xmlns:{prop.prefix}="{prop.namespace}" {prop.prefix}:{prop.name}="'
    )
    yield re.sub(re.escape(start) + rb"(?=[\s/>])", lambda m: m[0] + text.encode() + value + b'"', data, count=1)


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
