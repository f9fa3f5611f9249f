"""The arrays that rooms pass to each other, named by what they hold."""

import numpy as np
import numpy.typing as npt

Floats32 = npt.NDArray[np.float32]
Floats64 = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Indices = npt.NDArray[np.int64]
Booleans = npt.NDArray[np.bool_]
Levels = npt.NDArray[np.uint8]

SIGNATURE_SIDE = 16
Vector = npt.NDArray[np.float32]  # of a picture: unit length
Signature = npt.NDArray[np.uint8]  # of a picture: 16 x 16 luma
Signatures = npt.NDArray[np.uint8]  # of some pictures: n x 16 x 16
PictureMapArray = npt.NDArray[np.float16]  # of a picture by the model: channels x height x width
