"""Weights to go on from: those that train.py stored, or those of a network that was shipped."""

from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnx
import torch
from onnx import numpy_helper
from torch import Tensor

from model import SiameseModel

PREFIXES = ("siamese.", "network.")  # of the names in shipped files

Constants = dict[str, npt.NDArray[np.generic]]


def started_from(file: Path) -> SiameseModel:
    """Return the model with the weights of a `.pt` file, or of an `.onnx` file with its integers turned back."""
    if file.suffix == ".onnx":
        return dequantised(file)
    model = SiameseModel()
    model.load_state_dict(torch.load(file, weights_only=True))
    return model.eval()


def dequantised(file: Path) -> SiameseModel:
    """Return the model with the weights of a shipped 8-bit network; raise KeyError where one is missing."""
    constants = {t.name: numpy_helper.to_array(t) for t in onnx.load(str(file)).graph.initializer}
    model = SiameseModel()
    weights = {name: _weight(constants, name, like) for name, like in model.state_dict().items()}
    model.load_state_dict(weights)
    return model.eval()


def _weight(constants: Constants, name: str, like: Tensor) -> Tensor:
    """Return one weight: a float as it is, integers times their scale."""
    for stored in (prefix + name for prefix in PREFIXES):
        if stored in constants:
            return torch.tensor(constants[stored]).reshape(like.shape)
        if stored + "_quantized" in constants:
            return _scaled(constants, stored, like)
    raise KeyError(f"the network has no weight {name}")


def _scaled(constants: Constants, stored: str, like: Tensor) -> Tensor:
    """Return integers as floats: scales by channel lie on the first axis, or on the second of a transposed matrix."""
    whole = constants[stored + "_quantized"].astype(np.float32)
    scale, zero = (_constant(constants, stored, kind) for kind in ("scale", "zero_point"))
    if whole.ndim > 1:
        axis = 0 if len(scale) in (1, whole.shape[0]) else 1
        shape = [len(scale) if n == axis else 1 for n in range(whole.ndim)]
        scale, zero = scale.reshape(shape), zero.reshape(shape)
    values = (whole - zero) * scale
    if values.shape != tuple(like.shape):
        values = values.T
    return torch.tensor(np.ascontiguousarray(values)).reshape(like.shape)


def _constant(constants: Constants, stored: str, kind: str) -> npt.NDArray[np.float32]:
    """Return scale or zero point of a weight, float32, one or one for each channel."""
    name = f"{stored}_{kind}"
    return np.atleast_1d(constants[name if name in constants else f"{stored}_quantized_{kind}"]).astype(np.float32)
