"""The transforms of a HEIF or an AVIF: its picture is cropped, rotated and mirrored, in the order that the file gives.

Pillow turns an AVIF by EXIF, in one fixed order, and ignores its clean aperture.

Sources: ISO 23008-12, 6.5.9 to 6.5.12; ISO 14496-12, 12.1.4.
"""

from collections.abc import Sequence

from PIL import Image

from dejashot.reading.decode.containers.iso_boxes import BoxNumbers, ByteSpan, PictureFile

PictureSize = tuple[int, int]
CropBox = tuple[float, float, float, float]  # left, top, right and bottom, in shares of the picture
HeifTransform = CropBox | Image.Transpose

_ROTATIONS = (None, Image.Transpose.ROTATE_90, Image.Transpose.ROTATE_180, Image.Transpose.ROTATE_270)  # to the left
_MIRRORS = (Image.Transpose.FLIP_TOP_BOTTOM, Image.Transpose.FLIP_LEFT_RIGHT)
_SIDEWAYS = (Image.Transpose.ROTATE_90, Image.Transpose.ROTATE_270)


def transforms_of(data: bytes, size: PictureSize) -> list[HeifTransform]:
    """Return the transforms of a decoded picture of this size, in order; those that make no sense are left out."""
    transforms: list[HeifTransform] = []
    for kind, span in PictureFile(data).properties():
        transform: HeifTransform | None = None
        if kind == b"irot":
            transform = _ROTATIONS[data[span[0]] & 3] if span[0] < span[1] else None
        elif kind == b"imir":
            transform = _MIRRORS[data[span[0]] & 1] if span[0] < span[1] else None
        elif kind == b"clap":
            transform = _aperture(data, span, transformed_size(size, transforms))
        if transform is not None:
            transforms.append(transform)
    return transforms


def transformed_size(size: PictureSize, transforms: Sequence[HeifTransform]) -> PictureSize:
    """Return the width and height of a picture after some transforms."""
    for transform in transforms:
        if isinstance(transform, tuple):
            size = round((transform[2] - transform[0]) * size[0]), round((transform[3] - transform[1]) * size[1])
        elif transform in _SIDEWAYS:
            size = size[1], size[0]
    return size


def transformed(picture: Image.Image, transforms: Sequence[HeifTransform]) -> Image.Image:
    """Return a picture, of its full size or reduced, after some transforms."""
    for transform in transforms:
        if isinstance(transform, tuple):
            left, top, right, bottom = (
                round(share * side) for share, side in zip(transform, picture.size * 2, strict=True)
            )
            picture = picture.crop((left, top, max(right, left + 1), max(bottom, top + 1)))
        else:
            picture = picture.transpose(transform)
    return picture


def _aperture(data: bytes, span: ByteSpan, size: PictureSize) -> CropBox | None:
    """Return a clean aperture, None where it does not lie inside the picture."""
    numbers = BoxNumbers(data, span)
    pairs = [(numbers.take(4), numbers.take(4)) for _ in range(4)]
    if any(below == 0 for _, below in pairs) or 0 in size:
        return None
    width, height = (above / below for above, below in pairs[:2])
    right, down = ((above - (above >> 31 << 32)) / below for above, below in pairs[2:])  # of the middle, and signed
    left, top = right + (size[0] - width) / 2, down + (size[1] - height) / 2
    if width < 1 or height < 1 or left < 0 or top < 0 or left + width > size[0] or top + height > size[1]:
        return None
    return left / size[0], top / size[1], (left + width) / size[0], (top + height) / size[1]
