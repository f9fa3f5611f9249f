"""Which way up a picture is: by EXIF, by the RAW it is from, or by the transforms of an AVIF."""

from PIL import Image

from dejashot.reading.decode.heif.transforms import transformed_size
from dejashot.reading.decode.image_state import raw_of, state_of_image
from dejashot.reading.decode.pixels import load

_TRANSPOSES = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_SIDEWAYS = range(5, 9)  # the EXIF orientations that swap width and height
_MAKE, _ORIENTATION = 0x010F, 0x0112


def has_camera_make(image: Image.Image) -> bool:
    """Return whether a picture is of a RAW, or names the maker of a camera."""
    try:
        return raw_of(image) is not None or bool(_exif(image).get(_MAKE))
    except Exception:  # noqa: BLE001 - Pillow's EXIF parser; a picture with broken tags is still a picture
        return False


def upright_size(image: Image.Image) -> tuple[int, int]:
    """Return width and height with the orientation applied; of a RAW those of its own picture, not of the preview."""
    raw = raw_of(image)
    if raw is not None and raw.size is not None:
        turn = raw.orientation if raw.orientation > 1 else orientation_of(image)
        return raw.size[::-1] if turn in _SIDEWAYS else raw.size
    width, height = image.size
    if image.format == "TIFF":
        return width, height  # Pillow turns a TIFF itself, and gives the turned size before it decodes
    transforms = state_of_image(image).transforms
    if transforms is not None:
        return transformed_size(image.size, transforms)
    return (height, width) if orientation_of(image) in _SIDEWAYS else (width, height)


def orientation_of(image: Image.Image) -> object:
    """Return the EXIF orientation of a picture.

    A RAW's preview goes by its own tag, else by the RAW's, unless the preview stands upright already.
    """
    try:
        own: object = _exif(image).get(_ORIENTATION)
    except Exception:  # noqa: BLE001 - Pillow's EXIF parser; a picture with broken tags is still a picture
        own = None
    raw = raw_of(image)
    if raw is None or image.format == "TIFF" or own is not None:
        return own
    upright = raw.size is not None and (image.width < image.height) != (raw.size[0] < raw.size[1])
    return 1 if upright and raw.orientation in _SIDEWAYS else raw.orientation


def turned(image: Image.Image, orientation: object) -> Image.Image:
    """Return decoded pixels with an EXIF orientation applied; as they are where it is none."""
    transpose = _TRANSPOSES.get(orientation) if isinstance(orientation, int) else None
    return image if transpose is None else image.transpose(transpose)


def _exif(image: Image.Image) -> Image.Exif:
    """Return a picture's EXIF.

    Of an AVIF without Pillow's look at XMP: the file turns its picture itself, and its EXIF is made to agree.
    """
    if image.format == "PNG":
        load(image)  # as Pillow would, for the chunks behind the picture; but it would hide what goes wrong
    if image.format != "AVIF":
        return image.getexif()
    exif = Image.Exif()
    exif.load(image.info.get("exif", b""))
    return exif
