"""Local features of a photo: what two pictures are laid over each other by, and compared in detail by."""

from dataclasses import dataclass

from dejashot.models.arrays import Floats32, Levels

FEATURES_PX = 768  # the long side of the luma, at most
MAX_POINTS = 700
DESCRIPTOR_SIZE = 128
OUTLINE_SIDE = 64
COLOUR_SIDE = 16
MAX_OUTLINE = 16.0  # either way


@dataclass(frozen=True, slots=True, eq=False)
class LocalFeatures:
    """The local features of a photo.

    `points` float32 [n, 2] are x and y in pixels of `luma`, `descriptors` uint8 [n, 128] their surroundings. `luma` is
    uint8 [height, width], upright, the long side 768 at most. `outline` float32 [64, 64] is the picture without its
    tones: logarithm of the luma, less its local mean, over its local deviation. `colours` uint8 [16, 16, 3] are the
    picture's in few cells (sRGB).
    """

    points: Floats32
    descriptors: Levels
    luma: Levels
    outline: Floats32
    colours: Levels
