"""RAWs that are TIFFs, or nearly: DNG, NEF, CR2, ARW, ORF, RW2 and others.

Sources: DNG 1.7, and the tag tables of ExifTool (Olympus, PanasonicRaw).
"""

from dejashot.models.files import RAW_FORMATS
from dejashot.reading.decode.containers.iso_boxes import ByteSpan
from dejashot.reading.decode.containers.tiff_directories import BYTE_ORDERS, TiffDirectory, TiffStructure
from dejashot.reading.decode.raw.raw_file import RawFile, RawSize, largest_size

MAX_STRIPS = 65_536  # strips or tiles of a picture
THUMBNAIL_PX = 96  # less shows too little to compare
_FORMATS = {b"IIRO": "ORF", b"IIRS": "ORF", b"MMOR": "ORF", b"IIU\0": "RW2"}  # by the first four bytes
_PANASONIC = ("RW2", "RWL")
_SENSOR = (32803, 34892)  # photometric interpretations of a colour filter array and of linear sensor data
_RGB = 2
_PICTURES = (0, 1, _RGB, 3, 6)  # grey, colours, a palette, luma and chroma
_JPEG_COMPRESSIONS = (6, 7)
_OLYMPUS = {b"OLYMPUS\0II": 12, b"OM SYSTEM\0\0\0II": 16}  # how its maker note begins, and where the tags are in it
_WIDTH, _HEIGHT, _COMPRESSION, _PHOTOMETRIC, _ORIENTATION = 0x0100, 0x0101, 0x0103, 0x0106, 0x0112
_STRIP_OFFSETS, _STRIP_COUNTS, _TILE_OFFSETS, _TILE_COUNTS = 0x0111, 0x0117, 0x0144, 0x0145
_JPEG_OFFSET, _JPEG_LENGTH, _PANASONIC_JPEG, _XMP = 0x0201, 0x0202, 0x002E, 0x02BC
_EXIF_WIDTH, _EXIF_HEIGHT, _MAKER_NOTE = 0xA002, 0xA003, 0x927C
_DNG_VERSION, _CROP_SIZE = 0xC612, 0xC620
_OLYMPUS_SETTINGS, _OLYMPUS_OFFSET, _OLYMPUS_LENGTH = 0x2020, 0x0101, 0x0102
_PANASONIC_BORDERS = (4, 5, 6, 7)  # top, left, bottom, right


def is_tiff(data: bytes) -> bool:
    """Return whether a file begins as a TIFF, or as a camera maker's variant of one."""
    return data[:4] in BYTE_ORDERS


def read_tiff_raw(data: bytes, suffix: str) -> RawFile | None:
    """Return what a RAW that is a TIFF holds; None for a TIFF that is no RAW by its bytes, its suffix or its tags."""
    ifds = TiffStructure(data, 0, BYTE_ORDERS[data[:4]]).directories()
    if suffix in RAW_FORMATS:
        form = suffix
    elif data[:4] in _FORMATS:
        form = _FORMATS[data[:4]]
    elif data[8:10] == b"CR":
        form = "CR2"
    elif ifds and _DNG_VERSION in ifds[0].entries:
        form = "DNG"
    else:
        return None
    return add_directories(data, RawFile(form, is_tiff=True), ifds)


def as_tiff(data: bytes) -> bytes:
    """Return a RAW that is a TIFF but for its first four bytes as one that any TIFF reader takes."""
    return (b"II*\0" if BYTE_ORDERS[data[:4]] == "<" else b"MM\0*") + data[4:]


def add_directories(data: bytes, raw: RawFile, ifds: list[TiffDirectory]) -> RawFile:
    """Add what directories hold: previews, the size of the largest picture, orientation, XMP, the sensor's data."""
    sizes: list[RawSize | None] = []
    for ifd in ifds:
        raw.previews += _previews(data, ifd, raw.format)
        # a Panasonic's offsets lie in another tag, and have no length
        raw.sensor_spans += _sensor_spans(ifd) if raw.format not in _PANASONIC else []
        sizes += [ifd.size(_WIDTH, _HEIGHT), ifd.size(_EXIF_WIDTH, _EXIF_HEIGHT)]
        sizes += [_panasonic_size(ifd)] if raw.format in _PANASONIC else []
    crop = next((found for ifd in ifds if len(found := ifd.numbers(_CROP_SIZE)) == 2), None)
    cropped = (crop[0], crop[1]) if crop else None
    largest = largest_size(*sizes)
    raw.stated_sizes = [size for size in (*sizes, cropped) if size]
    raw.size = cropped if cropped and largest and _is_crop(cropped, largest) else largest
    raw.truncated = not ifds
    if ifds:
        _add_main_tags(raw, ifds[0])
    return raw


def _add_main_tags(raw: RawFile, main: TiffDirectory) -> None:
    bare = main.number(_COMPRESSION) in (None, 1) and main.number(_PHOTOMETRIC) == _RGB
    raw.thumbnail = bare and min(main.size(_WIDTH, _HEIGHT) or (0, 0)) >= THUMBNAIL_PX
    orientation = main.number(_ORIENTATION) or 1
    raw.orientation = orientation if 1 <= orientation <= 8 else 1
    raw.xmp = main.block(_XMP)


def _is_crop(crop: RawSize, largest: RawSize) -> bool:
    """Return whether a size can be the part of the largest picture that the camera shows."""
    return crop[0] <= largest[0] and crop[1] <= largest[1] and 2 * min(crop) > min(largest)


def _previews(data: bytes, ifd: TiffDirectory, form: str) -> list[ByteSpan]:
    """Return where the JPEGs of a directory are."""
    found = [ifd.span(_JPEG_OFFSET, _JPEG_LENGTH)]
    if form in _PANASONIC:
        found.append(ifd.block(_PANASONIC_JPEG))
    if ifd.number(_COMPRESSION) in _JPEG_COMPRESSIONS and ifd.number(_PHOTOMETRIC) not in _SENSOR:
        found.append(ifd.span(_STRIP_OFFSETS, _STRIP_COUNTS))
    return [span for span in found if span] + _olympus_previews(data, ifd)


def _sensor_spans(ifd: TiffDirectory) -> list[ByteSpan]:
    """Return where the strips or tiles of a directory are, nothing of one that holds a developed picture."""
    if ifd.number(_PHOTOMETRIC) in _PICTURES:
        return []
    base = ifd.source.base
    for start_tag, length_tag in ((_STRIP_OFFSETS, _STRIP_COUNTS), (_TILE_OFFSETS, _TILE_COUNTS)):
        starts, lengths = ifd.numbers(start_tag, MAX_STRIPS), ifd.numbers(length_tag, MAX_STRIPS)
        if starts and len(starts) == len(lengths):
            return [(base + start, base + start + length) for start, length in zip(starts, lengths, strict=True)]
    return []


def _panasonic_size(ifd: TiffDirectory) -> RawSize:
    """Return the size of a Panasonic's picture, from the borders of what its sensor uses."""
    top, left, bottom, right = (ifd.number(tag) or 0 for tag in _PANASONIC_BORDERS)
    return right - left, bottom - top


def _olympus_previews(data: bytes, ifd: TiffDirectory) -> list[ByteSpan]:
    """Return the preview that an Olympus' maker note names; its offsets count from where the note begins."""
    note = ifd.block(_MAKER_NOTE)
    if note is None:
        return []
    skipped = next((length for head, length in _OLYMPUS.items() if data.startswith(head, note[0])), 0)
    inner = TiffStructure(data, note[0], ifd.source.order)
    main = inner.directory(skipped) if skipped else None
    below = [inner.directory(offset) for offset in main.numbers(_OLYMPUS_SETTINGS, 1)] if main else []
    return [span for settings in below if settings and (span := settings.span(_OLYMPUS_OFFSET, _OLYMPUS_LENGTH))]
