"""Dates in an IPTC record. Nothing here raises. Source: IPTC-NAA IIM 4.2."""

import logging
import struct
from collections.abc import Mapping

from PIL import Image

log = logging.getLogger(__name__)

IPTC_CREATED, IPTC_DIGITIZED = "IPTC DateCreated", "IPTC DigitalCreationDate"

MAX_RECORD_BYTES = 1024 * 1024
_MAX_DATE = 64  # characters
_DATA_SETS = {  # by record and number: which date it belongs to, and whether it is its day (0) or its clock (1)
    (2, 55): (IPTC_CREATED, 0),
    (2, 60): (IPTC_CREATED, 1),
    (2, 62): (IPTC_DIGITIZED, 0),
    (2, 63): (IPTC_DIGITIZED, 1),
}
_PHOTOSHOP_IPTC, _TIFF_IPTC = 0x0404, 33723


def iptc_dates(block: bytes) -> dict[str, str]:
    """Return the dates in an IPTC record: day, clock and zone as `20240501 141530+0900`."""
    parts: dict[str, list[str]] = {}
    block, at = block[:MAX_RECORD_BYTES], 0
    while at + 5 <= len(block) and block[at] == 0x1C:
        record, number, size = struct.unpack_from(">BBH", block, at + 1)
        if size & 0x8000:  # longer than any date
            break
        name, place = _DATA_SETS.get((record, number), ("", 0))
        if name:
            value = block[at + 5 : at + 5 + size].decode("ascii", "replace").strip("\0 ")
            parts.setdefault(name, ["", ""])[place] = value
        at += 5 + size
    return {name: f"{day} {clock}".strip()[:_MAX_DATE] for name, (day, clock) in parts.items() if day}


def iptc_record(image: Image.Image) -> bytes:
    """Return the IPTC record in the Photoshop block of a JPEG, or in the tag of a TIFF; empty where there is none."""
    blocks = image.info.get("photoshop")
    found: object = blocks.get(_PHOTOSHOP_IPTC) if isinstance(blocks, Mapping) else None
    if found is None and image.format == "TIFF":
        try:
            # only here are its bytes: the tag claims to hold numbers of four bytes
            found = getattr(getattr(image, "tag_v2", None), "_tagdata", {}).get(_TIFF_IPTC)
        except Exception as error:  # noqa: BLE001 - Pillow's TIFF tags raise whatever the bytes provoke
            log.debug("Pillow TIFF: %s", type(error).__name__)
    return found if isinstance(found, bytes) else b""
