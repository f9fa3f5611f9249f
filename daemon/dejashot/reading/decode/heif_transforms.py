"""How a HEIF or an AVIF says that its coded picture is to be shown: cut out, turned and mirrored, in the order that it names.

Pillow turns an AVIF by EXIF, in one fixed order, and leaves its clean aperture out. Source: ISO 23008-12, 6.5.9 to 6.5.12; ISO 14496-12, 12.1.4.
"""

from collections.abc import Sequence

from PIL import Image

from dejashot.reading.decode.iso_boxes import BoxNumbers, ByteSpan, PictureFile

PlacedSize = tuple[int, int]
PlacedShare = tuple[
    float, float, float, float
]  # left, top, right and bottom of what is cut out, in shares of the picture
PlacementStep = PlacedShare | Image.Transpose

_QUARTERS = (None, Image.Transpose.ROTATE_90, Image.Transpose.ROTATE_180, Image.Transpose.ROTATE_270)  # to the left
_MIRRORS = (Image.Transpose.FLIP_TOP_BOTTOM, Image.Transpose.FLIP_LEFT_RIGHT)
_SIDEWAYS = (Image.Transpose.ROTATE_90, Image.Transpose.ROTATE_270)


def steps_of(data: bytes, size: PlacedSize) -> list[PlacementStep]:
    """Return what is to be done to the decoded picture of this size, in order; what does not hold together is left out."""
    steps: list[PlacementStep] = []
    for kind, span in PictureFile(data).properties():
        step: PlacementStep | None = None
        if kind == b"irot":
            step = _QUARTERS[data[span[0]] & 3] if span[0] < span[1] else None
        elif kind == b"imir":
            step = _MIRRORS[data[span[0]] & 1] if span[0] < span[1] else None
        elif kind == b"clap":
            step = _aperture(data, span, placed_size(size, steps))
        if step is not None:
            steps.append(step)
    return steps


def placed_size(size: PlacedSize, steps: Sequence[PlacementStep]) -> PlacedSize:
    """Return the width and height of a picture after some steps."""
    for step in steps:
        if isinstance(step, tuple):
            size = round((step[2] - step[0]) * size[0]), round((step[3] - step[1]) * size[1])
        elif step in _SIDEWAYS:
            size = size[1], size[0]
    return size


def placed(picture: Image.Image, steps: Sequence[PlacementStep]) -> Image.Image:
    """Return a picture, of its full size or reduced, after some steps."""
    for step in steps:
        if isinstance(step, tuple):
            left, top, right, bottom = (round(share * side) for share, side in zip(step, picture.size * 2, strict=True))
            picture = picture.crop((left, top, max(right, left + 1), max(bottom, top + 1)))
        else:
            picture = picture.transpose(step)
    return picture


def _aperture(data: bytes, span: ByteSpan, size: PlacedSize) -> PlacedShare | None:
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
