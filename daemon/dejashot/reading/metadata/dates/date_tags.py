"""Which tags state when a photo was taken: each list best first."""

from dataclasses import dataclass

from dejashot.models.capture import TimeSource
from dejashot.reading.metadata.dates.iptc_dates import IPTC_CREATED, IPTC_DIGITIZED
from dejashot.reading.metadata.dates.png_texts import TEXT_CREATED, TEXT_DIGITIZED, TEXT_ORIGINAL
from dejashot.reading.metadata.dates.xmp_dates import XMP_CREATED, XMP_DIGITIZED, XMP_MADE, XMP_ORIGINAL


@dataclass(frozen=True, slots=True)
class DateTag:
    """A tag with a date: its name, what kind of source it is, and the tag with the fraction of its second."""

    name: str
    source: TimeSource
    subsec: str = ""


ORIGINAL = (
    DateTag("EXIF DateTimeOriginal", TimeSource.EXIF, "EXIF SubSecTimeOriginal"),
    DateTag(XMP_ORIGINAL, TimeSource.XMP),
    DateTag(XMP_CREATED, TimeSource.XMP),
    DateTag(IPTC_CREATED, TimeSource.IPTC),
)
DIGITIZED = (
    DateTag("EXIF DateTimeDigitized", TimeSource.EXIF, "EXIF SubSecTimeDigitized"),
    DateTag(XMP_DIGITIZED, TimeSource.XMP),
    DateTag(XMP_MADE, TimeSource.XMP),
    DateTag(IPTC_DIGITIZED, TimeSource.IPTC),
    DateTag(TEXT_ORIGINAL, TimeSource.TEXT),
    DateTag(TEXT_DIGITIZED, TimeSource.TEXT),
    DateTag(TEXT_CREATED, TimeSource.TEXT),
)
MODIFIED = (DateTag("Image DateTime", TimeSource.EXIF, "EXIF SubSecTime"),)
