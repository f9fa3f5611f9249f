"""Pair verification: do the parts of one picture come back in the other, wherever they have moved to?

One vector for a whole picture can't tell two palaces on one square from one palace seen twice. The model's own map of
the picture, one vector for each cell, can.
"""

import numpy as np
import numpy.typing as npt

from dejashot.models.arrays import Floats32

FeatureCells = Floats32


def feature_cells(picture_map: npt.NDArray[np.floating]) -> FeatureCells:
    """Return a model's map [channels, height, width] as cells [height * width, channels] of unit length.

    The mean over the picture is taken off: what all parts have in common, the light and the colour, says nothing of
    them.
    """
    channels = picture_map.shape[0]
    each = picture_map.reshape(channels, -1).T.astype(np.float32)
    each -= each.mean(axis=0)
    each /= np.linalg.norm(each, axis=1, keepdims=True) + np.float32(1e-6)
    return each


def match_features(a: FeatureCells, b: FeatureCells) -> float:
    """Return how well the parts of two pictures match, 0 to 1: the mean cosine of each cell with its best partner.

    Symmetric; 1 for equal pictures. Where a part lies does not matter: subjects move, and so does the camera.
    """
    cosines = a @ b.T
    found = (float(cosines.max(axis=1).mean()) + float(cosines.max(axis=0).mean())) / 2
    return min(1.0, max(0.0, found))
