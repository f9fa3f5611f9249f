"""Other models for the tests: tiny ONNX files written byte by byte, and their descriptions."""

import hashlib
import json
import shutil
import struct
from pathlib import Path
from typing import Any

from dejashot.reading.vision.model import BUNDLED

SIDE, TILES = 64, 8


def _varint(number: int) -> bytes:
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*out, number])


def _field(tag: int, value: int | bytes | str) -> bytes:
    """Return one field of a protocol buffer: a varint, or bytes with their length."""
    if isinstance(value, int):
        return _varint(tag << 3) + _varint(value)
    data = value.encode() if isinstance(value, str) else value
    return _varint(tag << 3 | 2) + _varint(len(data)) + data


def _tensor(name: str, *shape: int | str) -> bytes:
    """Return an ONNX ValueInfoProto of float32; a side that may have any length has a name."""
    dims = b"".join(_field(1, _field(1 if isinstance(n, int) else 2, n)) for n in shape)
    return _field(1, name) + _field(2, _field(1, _field(1, 1) + _field(2, dims)))


def _ints(name: str, *values: int) -> bytes:
    return _field(1, name) + b"".join(_field(8, v) for v in values) + _field(20, 7)


def _node(kind: str, given: str, made: str, *attributes: bytes) -> bytes:
    """Return a NodeProto; the names of several inputs are set apart by blanks."""
    inputs = b"".join(_field(1, name) for name in given.split())
    return inputs + _field(2, made) + _field(4, kind) + b"".join(_field(5, a) for a in attributes)


def tiny_onnx() -> bytes:
    """Return a model of float32 NCHW [1, 3, 64, 64] whose vector is the mean colour of 8 x 8 tiles (192 numbers)."""
    side = SIDE // TILES
    graph = _field(
        1, _node("AveragePool", "pixels", "pooled", _ints("kernel_shape", side, side), _ints("strides", side, side))
    )
    graph += _field(1, _node("Flatten", "pooled", "colours")) + _field(2, "tiny")
    graph += _field(11, _tensor("pixels", 1, 3, SIDE, SIDE)) + _field(12, _tensor("colours", 1, 3 * TILES * TILES))
    return _field(1, 8) + _field(7, graph) + _field(8, _field(2, 13))


def tiny_network(folder: Path, **changes: dict[str, Any]) -> Path:
    """Write the tiny model with its description and return its path; `changes` go into the description's sections."""
    file = folder / "tiny.onnx"
    file.write_bytes(tiny_onnx())
    body = json.loads(BUNDLED.with_suffix(".json").read_text())
    body |= {"name": "tiny", "sha256": hashlib.sha256(file.read_bytes()).hexdigest()}
    body["input"] = {
        "name": "pixels",
        "width": SIDE,
        "height": SIDE,
        "type": "float32",
        "layout": "NCHW",
        "fit": "squash",
        "resample": "box",
        "decode_px": SIDE,
        "scale": 1 / 255,
        "mean": [0.5, 0.5, 0.5],
        "std": [0.25, 0.25, 0.25],
    }
    body["output"] = {"name": "colours", "dimensions": 3 * TILES * TILES}
    for section in ("pair_head", "pages"):
        body.pop(section)  # they are of the bundled model, as what follows from its map and from registration
    for part in ("second_look", "registration"):
        body["decision"].pop(part)
    for section, values in changes.items():
        body[section] = {**body[section], **values}
    file.with_suffix(".json").write_text(json.dumps(body))
    return file


def pair_head_onnx(gain: float = 10.0) -> bytes:
    """Return a pair head for maps of any shape: gain * their cosine + the cosine of the vectors."""
    over_map = _ints("axes", 1, 2, 3), _field(1, "keepdims") + _field(3, 0) + _field(20, 2)
    nodes = [
        node
        for one, other, mean in (("a", "b", "both"), ("a", "a", "of_a"), ("b", "b", "of_b"))
        for node in (
            _node("Mul", f"{one} {other}", f"{mean}_cells"),
            _node("ReduceMean", f"{mean}_cells", mean, *over_map),
        )
    ]
    nodes += [
        _node("Mul", "of_a of_b", "square"),
        _node("Sqrt", "square", "length"),
        _node("Div", "both length", "likeness"),
        _node("Mul", "likeness gain", "raised"),
        _node("Add", "raised cosine", "logit"),
    ]
    graph = b"".join(_field(1, node) for node in nodes) + _field(2, "head")
    graph += _field(5, _field(2, 1) + _field(8, "gain") + _field(9, struct.pack("<f", gain)))
    for name in ("a", "b"):
        graph += _field(11, _tensor(name, "n", "channels", "height", "width"))
    graph += _field(11, _tensor("cosine", "n")) + _field(12, _tensor("logit", "n"))
    return _field(1, 8) + _field(7, graph) + _field(8, _field(2, 13))


def bundled_network(folder: Path, **changes: Any) -> Path:
    """Copy the bundled model with its description and return its path; `changes` go into the description.

    A dictionary goes into a section that is there; None leaves a section out.
    """
    file = folder / "net.onnx"
    shutil.copy(BUNDLED, file)
    body = json.loads(BUNDLED.with_suffix(".json").read_text())
    shutil.copy(BUNDLED.with_name(body["pair_head"]["file"]), folder)
    for name, value in changes.items():
        body[name] = {**body[name], **value} if name in body and isinstance(value, dict) else value
    whole = {name: value for name, value in body.items() if value is not None}
    file.with_suffix(".json").write_text(json.dumps(whole))
    return file


def with_pair_head(folder: Path, head: bytes | None = None, **changes: Any) -> Path:
    """Copy the bundled model, give it a pair head beside it, and return its path."""
    head = pair_head_onnx() if head is None else head
    (folder / "head.onnx").write_bytes(head)
    described = {"file": "head.onnx", "sha256": hashlib.sha256(head).hexdigest()}
    second_look = {"weight": 1.0, "least": -8.0, "most": 11.0, "base": -4.0, "slope": 10.0}
    return bundled_network(
        folder, **{"pair_head": described, "decision": {"second_look": second_look, "bias": -18.0}, **changes}
    )
