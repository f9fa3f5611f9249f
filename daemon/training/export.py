"""Turn trained weights into the model that ships: ONNX, 8-bit integers, with a description of input and outputs.

    python daemon/training/export.py --weights siamese.pt --photos PHOTOS --out dejashot-lite0.onnx

PHOTOS are training photos, from which the quantiser learns the range of the activations. The decision is fitted
afterwards by fit.py.
"""

import argparse
import hashlib
import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
import torch
from onnx import helper, numpy_helper
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static
from onnxruntime.quantization.shape_inference import quant_pre_process
from PIL import Image
from torch import Tensor, nn

from dejashot.reading.vision.session import open_session
from model import DIMENSIONS, SiameseModel

SIDE, OPSET = 224, 17
CALIBRATION_PHOTOS, COMPARED_PHOTOS = 200, 60
IMAGE, VECTOR, MAP = "image", "embedding", "map"

Pixels = npt.NDArray[np.uint8]


class Shipped(nn.Module):
    """The model as it ships: pixels uint8 [N, 224, 224, 3] in, vector [N, 256] and map [N, 112, 14, 14] out."""

    def __init__(self, siamese: SiameseModel) -> None:
        super().__init__()
        self.siamese = siamese

    def forward(self, pixels: Tensor) -> tuple[Tensor, Tensor]:
        """Return vector and map."""
        return self.siamese.both((pixels.permute(0, 3, 1, 2).float() - 127) / 128)


class Photos(CalibrationDataReader):  # type: ignore[misc]
    """Photos for the quantiser, one at a time."""

    def __init__(self, files: list[Path]) -> None:
        self._photos: Iterator[Pixels] = (pixels(f) for f in files)

    def get_next(self) -> dict[str, Pixels] | None:
        """Return the next photo as the model's input, None after the last."""
        photo = next(self._photos, None)
        return None if photo is None else {IMAGE: photo}


def pixels(file: Path) -> Pixels:
    """Return a photo as the model takes it, uint8 [1, 224, 224, 3]."""
    with Image.open(file) as image:
        return np.asarray(image.convert("RGB").resize((SIDE, SIDE), Image.Resampling.BILINEAR), np.uint8)[None]


def export(weights: Path, file: Path) -> None:
    """Write the trained model as float ONNX."""
    siamese = SiameseModel()
    siamese.load_state_dict(torch.load(weights, weights_only=True))
    # a cube is a product, x ** 2.98 is not
    siamese.power = nn.Parameter(torch.tensor(float(round(float(siamese.power)))))
    example = torch.zeros(1, SIDE, SIDE, 3, dtype=torch.uint8)
    axes = {name: {0: "batch"} for name in (IMAGE, VECTOR, MAP)}
    torch.onnx.export(
        Shipped(siamese).eval(),
        (example,),
        str(file),
        input_names=[IMAGE],
        output_names=[VECTOR, MAP],
        opset_version=OPSET,
        dynamic_axes=axes,
        dynamo=False,
    )


def fold_padding(file: Path) -> None:
    """Move the padding of uneven convolutions from its own nodes into the convolutions: one pass less over the maps."""
    model = onnx.load(str(file))
    graph = model.graph
    constants = {t.name: numpy_helper.to_array(t) for t in graph.initializer}
    constants |= {n.output[0]: numpy_helper.to_array(n.attribute[0].t) for n in graph.node if n.op_type == "Constant"}
    pads = {n.output[0]: n for n in graph.node if n.op_type == "Pad" and n.input[1] in constants}
    for convolution in [n for n in graph.node if n.op_type == "Conv" and n.input[0] in pads]:
        pad = pads[convolution.input[0]]
        _, _, top, left, _, _, bottom, right = constants[pad.input[1]].tolist()
        kept = [a for a in convolution.attribute if a.name != "pads"]
        del convolution.attribute[:]
        convolution.attribute.extend([*kept, helper.make_attribute("pads", [top, left, bottom, right])])
        convolution.input[0] = pad.input[0]
        graph.node.remove(pad)
    onnx.save(model, str(file))


def quantised(source: Path, target: Path, photos: list[Path]) -> None:
    """Write a float ONNX model with 8-bit weights (quantised by channel) and activations."""
    with tempfile.TemporaryDirectory() as scratch:
        prepared = Path(scratch) / "prepared.onnx"
        quant_pre_process(str(source), str(prepared))
        fold_padding(prepared)
        quantize_static(
            str(prepared),
            str(target),
            Photos(photos),
            quant_format=QuantFormat.QDQ,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            per_channel=True,
        )
    model = onnx.load(str(target))
    del model.metadata_props[:]
    model.doc_string, model.producer_name, model.producer_version = "", "", ""
    for node in model.graph.node:
        node.doc_string = ""
    onnx.checker.check_model(model)
    onnx.save(model, str(target))


def compare(exact: Path, small: Path, photos: list[Path]) -> tuple[int, ...]:
    """Print how near the outputs of two models are; return the shape of a map."""
    sessions = [open_session(exact, 1), open_session(small, 1)]
    runs = [[s.run([VECTOR, MAP], {IMAGE: pixels(f)}) for f in photos] for s in sessions]
    vectors = [np.concatenate([v for v, _ in run]) for run in runs]
    maps = [np.concatenate([m.reshape(1, -1) for _, m in run]) for run in runs]
    cosines = (vectors[0] * vectors[1]).sum(1)
    alike = (maps[0] * maps[1]).sum(1) / np.linalg.norm(maps[0], axis=1) / np.linalg.norm(maps[1], axis=1)
    of_vectors = f"{np.median(cosines):.4f} (least {cosines.min():.4f})"
    print(f"8 bits against float: cosine of vectors {of_vectors}, of maps {np.median(alike):.4f}")
    return tuple(runs[1][0][1].shape[1:])


def describe(name: str, digest: str, map_shape: tuple[int, ...]) -> dict[str, Any]:
    """Return the description of a model, without its decision."""
    return {
        "schema": "dejashot.model/1",
        "name": name,
        "sha256": digest,
        "licence": "Apache-2.0, see NOTICE",
        "input": {
            "name": IMAGE,
            "width": SIDE,
            "height": SIDE,
            "type": "uint8",
            "layout": "NHWC",
            "fit": "squash",
            "resample": "bilinear",
            "decode_px": 256,
        },
        "output": {
            "name": VECTOR,
            "dimensions": DIMENSIONS,
            "map": dict(zip(("name", "channels", "height", "width"), (MAP, *map_shape), strict=True)),
        },
    }


def main() -> None:
    """Export, quantise, compare the two, and write the description, which lacks its decision until fit.py has run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--weights", type=Path, required=True)
    parser.add_argument("--photos", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--name", default="dejashot-lite0")
    a = parser.parse_args()
    files = sorted(a.photos.rglob("*.jpg"))
    chosen = np.random.default_rng(0).choice(len(files), CALIBRATION_PHOTOS + COMPARED_PHOTOS, replace=False)
    picked = [files[i] for i in chosen]
    with tempfile.TemporaryDirectory() as scratch:
        exact = Path(scratch) / "exact.onnx"
        export(a.weights, exact)
        quantised(exact, a.out, picked[:CALIBRATION_PHOTOS])
        map_shape = compare(exact, a.out, picked[CALIBRATION_PHOTOS:])
    digest = hashlib.sha256(a.out.read_bytes()).hexdigest()
    print(f"{a.out.name}: {a.out.stat().st_size / 1e6:.2f} MB, sha256 {digest}")
    description = describe(a.name, digest, map_shape)
    a.out.with_suffix(".json").write_text(json.dumps(description, indent=2) + "\n")


if __name__ == "__main__":
    main()
