"""Dates in a file outside EXIF: in an XMP packet, an IPTC record, the texts of a PNG. Nothing here raises."""

from PIL import Image

from dejashot.reading.metadata.dates.iptc_dates import iptc_dates, iptc_record
from dejashot.reading.metadata.dates.png_texts import PNG_PROFILES, PNG_XMP, TEXT_DATES, png_texts, profile_bytes
from dejashot.reading.metadata.dates.xmp_dates import find_packet, xmp_dates

_MAX_DATE = 64  # characters
_SEARCHED = ("GIF", "JXL")  # formats in which Pillow does not find XMP


def dates_outside_exif(data: bytes, image: Image.Image, packet: bytes) -> dict[str, str]:
    """Return all dates outside EXIF in a file, given its bytes, its opened picture and its XMP packet.

    The keys are the names in xmp_dates, iptc_dates and png_texts.
    """
    texts = png_texts(data) if image.format == "PNG" else {}
    profiles = [profile_bytes(text) for key, text in texts.items() if key in PNG_PROFILES]
    packets = [packet, texts.get(PNG_XMP, "").encode(), *profiles]
    if image.format in _SEARCHED and not packet:
        packets.append(find_packet(data))
    dates = {
        TEXT_DATES[key.casefold()]: text[:_MAX_DATE] for key, text in texts.items() if key.casefold() in TEXT_DATES
    }
    for block in (iptc_record(image), *profiles):
        dates |= iptc_dates(block[max(0, block.find(b"\x1c\x02")) :])
    for one in packets:
        dates |= xmp_dates(one[one.find(b"<") :] if b"<" in one else b"")
    return dates
