"""Sizes that no sound picture has: too long a side, or more pixels than its bytes can hold. Checked before decoding."""

from PIL import Image

from dejashot.errors import Reason, UnreadablePhotoError

MAX_PICTURE_SIDE = 65_535  # the most that a JPEG or a GIF can be
_MAX_RATIO = 256  # longer ones are accepted up to this ratio of the sides, as stitched panoramas are
_SMALL_PIXELS = 4_000_000
_HEADER_BYTES = 1024
# the most pixels in a byte, with a margin: a flat picture of one bit a pixel; deflate leaves a thousandth, LZW less
_DEFLATED, _RUNS, _CODES = 8 * 1040, 8 * 64, 8 * 2_000
_PIXELS_PER_BYTE = {"PNG": _DEFLATED, "GIF": _CODES}
_TIFF_PIXELS_PER_BYTE = {
    "raw": 8,
    "packbits": _RUNS,
    "tiff_lzw": _CODES,
    "tiff_adobe_deflate": _DEFLATED,
    "tiff_deflate": _DEFLATED,
}
# scans of a progressive JPEG: encoders make about ten, and each goes over the whole picture
_SCAN, _MAX_SCANS = b"\xff\xda", 128
_RUN_PIXELS_PER_BYTE = 256  # a run of up to 255 pixels takes two bytes
_RUN_LENGTHS = (1, 2)


def refuse_impossible(data: bytes, image: Image.Image) -> None:
    """Raise UnreadablePhotoError for a shape that no picture has, or a size that the bytes of a file can't hold."""
    width, height = image.size
    long, short = max(width, height), max(1, min(width, height))
    if long > MAX_PICTURE_SIDE and long > _MAX_RATIO * short:
        raise UnreadablePhotoError(Reason.TOO_MANY_PIXELS, f"{width} x {height}: no picture has such a shape")
    if image.info.get("progressive") and width * height > _SMALL_PIXELS and data.count(_SCAN) > _MAX_SCANS:
        raise UnreadablePhotoError(Reason.CORRUPT, f"{data.count(_SCAN)} scans: no picture is made of so many")
    most = _max_pixels_per_byte(data, image)
    if most and width * height > _SMALL_PIXELS and width * height > most * (len(data) + _HEADER_BYTES):
        raise UnreadablePhotoError(Reason.CORRUPT, f"{len(data)} bytes can't hold {width} x {height} pixels")


def _max_pixels_per_byte(data: bytes, image: Image.Image) -> float:
    """Return how many pixels a byte of a file holds at most, 0 where it is not known."""
    if image.format in ("BMP", "DIB"):
        return _bmp_pixels_per_byte(data)
    if image.format == "TIFF":
        return _TIFF_PIXELS_PER_BYTE.get(str(image.info.get("compression")), 0)
    return _PIXELS_PER_BYTE.get(image.format or "", 0)


def _bmp_pixels_per_byte(data: bytes) -> float:
    """Return how many pixels a byte of a BMP holds at most, 0 where it is not known."""
    if int.from_bytes(data[14:18], "little") < 40:
        return 0
    if int.from_bytes(data[30:34], "little") in _RUN_LENGTHS:
        return _RUN_PIXELS_PER_BYTE
    depth = int.from_bytes(data[28:30], "little")
    return 8 / depth if 0 < depth <= 64 else 0
