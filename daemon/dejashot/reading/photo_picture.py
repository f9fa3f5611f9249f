"""A photo's picture as everything that looks at it needs it: decoded once, upright, and kept for a while."""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from PIL import Image

from dejashot.errors import UnreadablePhotoError
from dejashot.models.photo import THUMBNAIL_DIFFERS
from dejashot.reading.decode import decoder
from dejashot.reading.decode.heif.thumbnails import SMALLEST_PX, shows_same
from dejashot.reading.decode.image_state import decoded_damage, raw_of, state_of_image
from dejashot.reading.decode.orientation import has_camera_make
from dejashot.reading.vision.quality import coarseness_of

PICTURE_PX = 1000  # the long side at least, where the photo has as much: a quarter of what most phones take
RECENT_MIB = 48
_BYTES_PER_PIXEL = 4  # as Pillow keeps RGB
_COLOURS = ("icc_profile", "nclx_profile")


@dataclass(frozen=True, slots=True, eq=False)
class PhotoPicture:
    """The picture of a photo, upright, in RGB, and what its file says of it.

    `colours` are those of its decoder's `info`; `coarseness` is the mean step of a JPEG's quantisation, else 0;
    `damage` is empty for a sound picture; `thumbnail_px` is the long side of the thumbnail that it is, 0 for the photo
    itself.
    """

    pixels: Image.Image
    colours: Mapping[str, Any]
    coarseness: float
    by_camera: bool
    damage: str
    thumbnail_px: int = 0


def decode_picture(image: Image.Image) -> PhotoPicture:
    """Decode an opened photo, no larger than closer looks need it; raise UnreadablePhotoError.

    A HEIC whose thumbnail shows something else counts as damaged: one of both is not what it passes for.
    """
    scale = min(1.0, PICTURE_PX / max(image.size))
    width, height = (max(1, int(side * scale)) for side in image.size)
    pixels = decoder.upright_pixels(image, (width, height))
    damage, thumbnail = decoded_damage(image), decode_thumbnail(image)
    if not damage and thumbnail is not None and not shows_same(thumbnail.pixels, pixels):
        damage = THUMBNAIL_DIFFERS
    factor = max(pixels.size) // PICTURE_PX  # the scaled decoding of a JPEG takes the same means
    return PhotoPicture(
        pixels.reduce(factor) if factor > 1 else pixels,
        _colours_of(image),
        0.0 if raw_of(image) else coarseness_of(image),
        has_camera_make(image),
        damage,
    )


def decode_thumbnail(image: Image.Image, at_least_px: int = SMALLEST_PX) -> PhotoPicture | None:
    """Decode the thumbnail of an opened HEIC, its short side of `at_least_px` or more; None where it has none."""
    opening = state_of_image(image).thumbnail
    thumbnail = opening(at_least_px) if opening is not None else None
    if thumbnail is None:
        return None
    try:
        pixels = decoder.upright_pixels(thumbnail, thumbnail.size)
    except UnreadablePhotoError:
        return None
    made = has_camera_make(image)
    return PhotoPicture(pixels, _colours_of(thumbnail), 0.0, made, decoded_damage(image), max(pixels.size))


def _colours_of(image: Image.Image) -> dict[str, Any]:
    return {name: image.info[name] for name in _COLOURS if name in image.info}


class RecentPictures:
    """The pictures decoded last, by the hash of their photo's bytes, up to a number of bytes."""

    def __init__(self, max_bytes: int = RECENT_MIB * 1024 * 1024) -> None:
        self._max_bytes = max_bytes
        self._pictures: OrderedDict[bytes, PhotoPicture] = OrderedDict()

    def get(self, content: bytes) -> PhotoPicture | None:
        """Return the picture of a content, None where it is not kept."""
        return self._pictures.get(content)

    def add(self, content: bytes, picture: PhotoPicture) -> None:
        """Keep a picture, in the place of those that were decoded first."""
        self._pictures[content] = picture
        while self._pictures and sum(map(_size_bytes, self._pictures.values())) > self._max_bytes:
            self._pictures.popitem(last=False)


def _size_bytes(picture: PhotoPicture) -> int:
    return _BYTES_PER_PIXEL * picture.pixels.width * picture.pixels.height
