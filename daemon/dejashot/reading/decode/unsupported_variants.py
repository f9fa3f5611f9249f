"""Sound files of variants that no decoder here reads: described as such, where decoders would call them damaged."""

from dejashot.reading.decode.containers.iso_boxes import Boxes, PictureFile

KNOWN_BRANDS = (b"heic", b"heix", b"avif")  # first brands by which the right decoder is found
_DECODED = (b"hvc1", b"av01", b"grid", b"iden", b"iovl")  # what items that can be decoded are coded as, or made of
_CODINGS = {
    b"unci": "uncompressed",
    b"j2k1": "JPEG 2000",
    b"jpeg": "JPEG",
    b"vvc1": "VVC",
    b"evc1": "EVC",
    b"avc1": "AVC",
    b"mski": "a mask",
    b"tili": "tiled",
}
# BMP: how long the headers of its versions are, what compressions there are, and which depths were ever written
_BMP_HEADERS = (12, *range(16, 65, 4), 108, 124)
_BMP_COMPRESSIONS = {
    1: "run lengths",
    2: "run lengths",
    3: "bit fields",
    4: "JPEG",
    5: "PNG",
    6: "bit fields with alpha",
    11: "inks",
    12: "inks",
    13: "inks",
}
_BMP_DEPTHS = (0, 1, 2, 4, 8, 16, 24, 32, 64)
_BMP_BIT_FIELDS = (3, 6)


def with_known_brand(data: bytes) -> tuple[bytes, str] | None:
    """Return a file of still pictures under a brand that its decoder knows, and the decoder's format; None for others.

    Decoders look at the first brand of a file alone, or at few of the others.
    """
    if data[4:8] != b"ftyp":
        return None
    kinds, end = {kind for kind, _ in PictureFile(data).parts()}, int.from_bytes(data[:4])
    for coding, first, other, form in ((b"hvc1", b"heic", b"mif1", "HEIF"), (b"av01", b"avif", b"avif", "AVIF")):
        if coding in kinds and kinds.issubset(_DECODED) and 20 <= end <= len(data):
            return data[:8] + first + data[12:16] + other * ((end - 16) // 4) + data[end - end % 4 :], form
    return None


def describe_variant(data: bytes) -> str:
    """Return a description of a file's unsupported variant, empty where it is none that is known."""
    if data[4:8] == b"ftyp":
        return _of_heif(data)
    return _of_bmp(data) if data.startswith(b"BM") else ""


def _of_heif(data: bytes) -> str:
    kinds = {kind for kind, span in PictureFile(data).parts() if span[1] <= len(data)}
    strange = sorted(kind for kind in kinds if kind not in _DECODED)
    if strange:
        return "a picture coded as " + ", ".join(
            _CODINGS.get(kind, kind.decode("ascii", "replace")) for kind in strange
        )
    boxes = Boxes(data).by_kind(0, len(data))
    return "a sequence of pictures, without a still one" if b"moov" in boxes and b"meta" not in boxes else ""


def _of_bmp(data: bytes) -> str:
    """Return the unsupported variant of a BMP whose header makes sense."""
    header = int.from_bytes(data[14:18], "little")
    if header not in _BMP_HEADERS or header + 14 > len(data):
        return ""
    if header == 12:
        depth, compression = int.from_bytes(data[24:26], "little"), 0
    else:
        depth = int.from_bytes(data[28:30], "little")
        compression = int.from_bytes(data[30:34], "little") if header >= 40 else 0
    if (
        depth not in _BMP_DEPTHS
        or (compression and compression not in _BMP_COMPRESSIONS)
        or not _fields_are_sound(data, header, depth, compression)
    ):
        return ""
    if header not in (12, 40, 52, 56, 64, 108, 124):
        return f"a BMP with a header of {header} bytes"
    if compression > 2:
        return f"a BMP of {depth} bits, {_BMP_COMPRESSIONS[compression]}"
    return f"a BMP of {depth} bits" if depth in (2, 64) else ""


def _fields_are_sound(data: bytes, header: int, depth: int, compression: int) -> bool:
    """Return whether the bit fields of a pixel are contiguous, separate, and inside the pixel."""
    if compression not in _BMP_BIT_FIELDS:
        return compression not in (4, 5) or depth == 0
    fields = [int.from_bytes(data[at : at + 4], "little") for at in (54, 58, 62)]
    whole = all(field and (field // (field & -field) + 1).bit_count() == 1 and field < 1 << depth for field in fields)
    return depth in (16, 32) and header != 12 and whole and sum(fields) == fields[0] | fields[1] | fields[2]
