"""What is known of a RAW file besides its sensor's data."""

from dataclasses import dataclass, field

from dejashot.reading.decode.containers.iso_boxes import ByteSpan

RawSize = tuple[int, int]  # width and height in pixels
MAX_PX, MAX_PIXELS = 65_535, 1_000_000_000


@dataclass(slots=True)
class RawFile:
    """The previews of a RAW, the size and EXIF orientation that its tags give, and where its tags are."""

    format: str
    previews: list[ByteSpan] = field(default_factory=list)  # JPEGs, most pixels first
    size: RawSize | None = None
    orientation: int = 1
    truncated: bool = False  # the first directory, or a JPEG that it names, is beyond the end of the file
    is_tiff: bool = False
    # the first directory is a small uncompressed picture, which is all that many phones' DNGs hold
    thumbnail: bool = False
    # TIFF blocks with one sort of tags each (0 main, 1 EXIF, 2 GPS), where the file is no TIFF
    tag_blocks: list[tuple[int, ByteSpan]] = field(default_factory=list)
    xmp: ByteSpan | None = None
    sensor_spans: list[ByteSpan] = field(default_factory=list)
    stated_sizes: list[RawSize] = field(default_factory=list)  # all in the tags of a TIFF, the sensor's too


def largest_size(*sizes: RawSize | None) -> RawSize | None:
    """Return the size with most pixels, of those that a picture can have; None where there is none."""
    real = [s for s in sizes if s and min(s) > 0 and max(s) <= MAX_PX and s[0] * s[1] <= MAX_PIXELS]
    return max(real, key=lambda s: s[0] * s[1], default=None)
