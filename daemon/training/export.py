"""Turn trained weights into the model that ships: ONNX, 8-bit integers, with a description of input and outputs.

    python daemon/training/export.py --weights pairs.pt --photos PHOTOS --out dejashot-lite0.onnx

The quantiser learns the range of the activations from training photos and families. The pair head stays in floats and
goes into a file of its own. page_detector.py and fit.py complete the description.
"""

import argparse
import hashlib
import json
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
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
from families import KINDS, make
from families.common import SIDE
from families.stock import Stock, open_stock
from model import DIMENSIONS, SiameseModel
from pair_head import GRID, MAP_CHANNELS, PairHead, PairModel

OPSET = 17
CALIBRATION_PHOTOS, CALIBRATION_VIEWS, COMPARED_PHOTOS, COMPARED_FAMILIES = 140, 60, 60, 48
DRAWN_KINDS = ("page", "subject", "dish")
FIRST_SEED = 5_000_000  # of the families drawn here, none of which was trained on
IMAGE, VECTOR, MAP = "image", "embedding", "map"
MAP_A, MAP_B, COSINE, LOGIT = "a", "b", "cosine", "logit"
TIMED_RUNS = 60

Pixels = npt.NDArray[np.uint8]


class Shipped(nn.Module):
    """The network as it ships: pixels uint8 [N, 224, 224, 3] in, vector [N, 256] and map [N, 128, 14, 14] out."""

    def __init__(self, model: PairModel) -> None:
        super().__init__()
        self.siamese, self.fine = model.siamese, model.fine

    def forward(self, pixels: Tensor) -> tuple[Tensor, Tensor]:
        """Return vector and map."""
        fine, middle = self.siamese.front((pixels.permute(0, 3, 1, 2).float() - 127) / 128)
        vector, coarse = self.siamese.back(middle)
        return vector, torch.cat([coarse, self.fine(fine)], 1)


class Pictures(CalibrationDataReader):  # type: ignore[misc]
    """Pictures for the quantiser, one at a time."""

    def __init__(self, pictures: list[Pixels]) -> None:
        self._pictures: Iterator[Pixels] = iter(pictures)

    def get_next(self) -> dict[str, Pixels] | None:
        """Return the next picture as the model's input, None after the last."""
        picture = next(self._pictures, None)
        return None if picture is None else {IMAGE: picture}


def pixels(file: Path) -> Pixels:
    """Return a photo as the model takes it, uint8 [1, 224, 224, 3]."""
    with Image.open(file) as image:
        return np.asarray(image.convert("RGB").resize((SIDE, SIDE), Image.Resampling.BILINEAR), np.uint8)[None]


def drawn(stock: Stock, count: int) -> list[Pixels]:
    """Return views of pages, subjects and dishes, each uint8 [1, 224, 224, 3]."""
    kinds = [DRAWN_KINDS[number % len(DRAWN_KINDS)] for number in range(count)]
    return [make(kind, FIRST_SEED + number, stock)[0].picture[None] for number, kind in enumerate(kinds)]


def trained(weights: Path) -> PairModel:
    """Return the trained model, its power rounded: a cube is a product, x ** 2.98 is not."""
    model = PairModel(SiameseModel())
    model.load_state_dict(torch.load(weights, weights_only=True)["model"])
    model.siamese.power = nn.Parameter(model.siamese.power.detach().round())
    return model.eval()


def export_network(model: PairModel, file: Path) -> None:
    """Write the network as float ONNX."""
    example = torch.zeros(1, SIDE, SIDE, 3, dtype=torch.uint8)
    to_onnx(Shipped(model).eval(), (example,), file, {"inputs": [IMAGE], "outputs": [VECTOR, MAP]})


def export_head(head: PairHead, file: Path) -> None:
    """Write the pair head as float ONNX."""
    maps = torch.rand(2, 2, MAP_CHANNELS, GRID, GRID)
    names = {"inputs": [MAP_A, MAP_B, COSINE], "outputs": [LOGIT]}
    to_onnx(head.eval(), (maps[0], maps[1], torch.rand(2)), file, names)
    tidy(file)


def to_onnx(module: nn.Module, examples: tuple[Tensor, ...], file: Path, names: dict[str, list[str]]) -> None:
    """Write a module as ONNX that takes any number of pictures or pairs at once."""
    every = names["inputs"] + names["outputs"]
    with warnings.catch_warnings(action="ignore"):
        torch.onnx.export(
            module,
            examples,
            str(file),
            input_names=names["inputs"],
            output_names=names["outputs"],
            opset_version=OPSET,
            dynamic_axes={name: {0: "batch"} for name in every},
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


def kept_float(file: Path) -> list[str]:
    """Return the nodes that stay in floats: the cells of the fine projection, and what joins them to the map.

    Both parts of a map have their own range, which one scale for eight bits can't hold.
    """
    nodes = onnx.load(str(file)).graph.node
    return [n.name for n in nodes if MAP in n.output or (n.name.startswith("/fine/") and n.op_type != "Conv")]


def quantised(source: Path, target: Path, pictures: list[Pixels]) -> None:
    """Write a float ONNX model with 8-bit weights (quantised by channel) and activations."""
    with tempfile.TemporaryDirectory() as scratch:
        prepared = Path(scratch) / "prepared.onnx"
        quant_pre_process(str(source), str(prepared))
        fold_padding(prepared)
        quantize_static(
            str(prepared),
            str(target),
            Pictures(pictures),
            quant_format=QuantFormat.QDQ,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            per_channel=True,
            nodes_to_exclude=kept_float(prepared),
        )
    tidy(target)


def tidy(file: Path) -> None:
    """Take out of a model what tells of the machine that made it, and check it."""
    model = onnx.load(str(file))
    del model.metadata_props[:]
    model.doc_string, model.producer_name, model.producer_version = "", "", ""
    for node in model.graph.node:
        node.doc_string = ""
        del node.metadata_props[:]
    onnx.checker.check_model(model)
    onnx.save(model, str(file))


def compare(exact: Path, small: Path, head: Path, pictures: list[Pixels], stock: Stock) -> None:
    """Print how near the outputs of two networks are, and the pair head's logits on their maps."""
    sessions = [open_session(file, 1) for file in (exact, small)]
    runs = [[s.run([VECTOR, MAP], {IMAGE: p}) for p in pictures] for s in sessions]
    vectors = [np.concatenate([v for v, _ in run]) for run in runs]
    maps = [np.concatenate([m.reshape(1, -1) for _, m in run]) for run in runs]
    cosines = (vectors[0] * vectors[1]).sum(1)
    alike = (maps[0] * maps[1]).sum(1) / np.linalg.norm(maps[0], axis=1) / np.linalg.norm(maps[1], axis=1)
    of_vectors = f"{np.median(cosines):.4f} (least {cosines.min():.4f})"
    print(f"8 bits against float: cosine of vectors {of_vectors}, of maps {np.median(alike):.4f}")
    judge = open_session(head, 1)
    logits: list[list[float]] = [[], []]
    for number in range(COMPARED_FAMILIES):
        views = make(KINDS[number % len(KINDS)], FIRST_SEED + CALIBRATION_VIEWS + number, stock)
        for session, found in zip(sessions, logits, strict=True):
            (v, m), *others = (session.run([VECTOR, MAP], {IMAGE: w.picture[None]}) for w in views[:3])
            for v_other, m_other in others:
                fed = {MAP_A: m, MAP_B: m_other, COSINE: (v * v_other).sum(1)}
                found.append(float(judge.run([LOGIT], fed)[0][0]))
    first, second = np.array(logits)
    changed = float(((first > 0) != (second > 0)).mean())
    print(
        f"logits of {len(first)} pairs: correlation {np.corrcoef(first, second)[0, 1]:.4f}, signs changed {changed:.3f}"
    )


def cost_ms(run: Callable[[], object]) -> float:
    """Return the median of the processor's time for one run, in milliseconds."""
    run()
    took = []
    for _ in range(TIMED_RUNS):
        began = time.process_time()
        run()
        took.append(time.process_time() - began)
    return float(np.median(took) * 1e3)


def report(network: Path, head: Path) -> None:
    """Print sizes and costs on one thread."""
    session, judge = open_session(network, 1), open_session(head, 1)
    rng = np.random.default_rng(0)
    photo = rng.integers(0, 256, (1, SIDE, SIDE, 3)).astype(np.uint8)
    a, b = rng.normal(0, 1, (2, 1, MAP_CHANNELS, GRID, GRID)).astype(np.float32)
    pair = {MAP_A: a, MAP_B: b, COSINE: np.full(1, 0.5, np.float32)}
    costs = [cost_ms(lambda: session.run(None, {IMAGE: photo})), cost_ms(lambda: judge.run(None, pair))]
    for file, cost, unit in ((network, costs[0], "photo"), (head, costs[1], "pair")):
        print(f"{file.name}: {file.stat().st_size / 1e6:.2f} MB, {cost:.2f} ms a {unit}, sha256 {digest(file)}")


def digest(file: Path) -> str:
    """Return the SHA-256 of a file."""
    return hashlib.sha256(file.read_bytes()).hexdigest()


def describe(name: str, network: Path, head: Path) -> dict[str, Any]:
    """Return the description of a model, without its page detector and its decision."""
    return {
        "schema": "dejashot.model/1",
        "name": name,
        "sha256": digest(network),
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
            "map": {"name": MAP, "channels": MAP_CHANNELS, "height": GRID, "width": GRID},
        },
        "pair_head": {"file": head.name, "sha256": digest(head)},
    }


def main() -> None:
    """Export, quantise, compare, and write the description, which page_detector.py and fit.py complete."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--weights", type=Path, required=True)
    parser.add_argument("--photos", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--cutouts", type=Path, default=Path("cutouts.npz"))
    parser.add_argument("--name", default="dejashot-lite0")
    a = parser.parse_args()
    stock = open_stock(a.photos, a.cutouts)
    order = np.random.default_rng(0).choice(len(stock.files), CALIBRATION_PHOTOS + COMPARED_PHOTOS, replace=False)
    photos = [pixels(stock.files[n]) for n in order]
    head = a.out.with_name(f"{a.out.stem}-pairs.onnx")
    model = trained(a.weights)
    with tempfile.TemporaryDirectory() as scratch:
        exact = Path(scratch) / "exact.onnx"
        export_network(model, exact)
        export_head(model.head, head)
        quantised(exact, a.out, photos[:CALIBRATION_PHOTOS] + drawn(stock, CALIBRATION_VIEWS))
        compare(exact, a.out, head, photos[CALIBRATION_PHOTOS:], stock)
    report(a.out, head)
    a.out.with_suffix(".json").write_text(json.dumps(describe(a.name, a.out, head), indent=2) + "\n")


if __name__ == "__main__":
    main()
