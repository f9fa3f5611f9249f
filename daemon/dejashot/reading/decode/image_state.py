"""What we know of an opened picture besides what Pillow keeps of it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PIL import Image

from dejashot.reading.decode.heif.transforms import HeifTransform
from dejashot.reading.decode.raw.raw_file import RawFile

_KEY = "\0dejashot"  # begins with a zero byte: the texts of a PNG stand in the same mapping under their own names


@dataclass(slots=True)
class ImageState:
    """What goes with an opened picture.

    `raw` is the RAW whose preview it is, `jpeg` what a JPEG is decoded from, `thumbnail` opens the thumbnail of a HEIC
    with a short side of so many pixels at least, `fallback` another picture of the same file where this one can't be
    decoded, `transforms` are what an AVIF wants done to its decoded picture, `damage` describes what is damaged, and
    `failure` is why decoding failed.
    """

    raw: RawFile | None = None
    jpeg: bytes = b""
    thumbnail: Callable[[int], Image.Image | None] | None = None
    fallback: Callable[[], Image.Image | None] | None = None
    transforms: Sequence[HeifTransform] | None = None
    damage: str = ""
    failure: Exception | None = None

    def add_damage(self, damage: str) -> None:
        """Keep a description of damage, unless there is one."""
        self.damage = self.damage or damage


def state_of_image(image: Image.Image) -> ImageState:
    """Return what goes with an opened picture; it is kept in the picture's `info`."""
    state = image.info.setdefault(_KEY, ImageState())
    if not isinstance(state, ImageState):
        raise TypeError("this is our own key")
    return state


def raw_of(image: Image.Image) -> RawFile | None:
    """Return the RAW whose preview a picture is, None for any other picture."""
    return state_of_image(image).raw


def decoded_damage(image: Image.Image) -> str:
    """Return a description of what is damaged, as far as is known once it was decoded; empty for a sound picture."""
    return state_of_image(image).damage


def format_of(image: Image.Image) -> str:
    """Return the format of the file; a JPEG with other pictures behind it (MPO) is a JPEG."""
    raw = raw_of(image)
    if raw is not None:
        return raw.format
    return "JPEG" if image.format == "MPO" else image.format or ""
