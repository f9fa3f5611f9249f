"""Another embedding model for the tests: a tiny ONNX file written byte by byte, and its description."""

import hashlib
import json
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


def _tensor(name: str, *shape: int) -> bytes:
    """Return an ONNX ValueInfoProto of float32."""
    dims = b"".join(_field(1, _field(1, n)) for n in shape)
    return _field(1, name) + _field(2, _field(1, _field(1, 1) + _field(2, dims)))


def _ints(name: str, *values: int) -> bytes:
    return _field(1, name) + b"".join(_field(8, v) for v in values) + _field(20, 7)


def _node(kind: str, given: str, made: str, *attributes: bytes) -> bytes:
    return _field(1, given) + _field(2, made) + _field(4, kind) + b"".join(_field(5, a) for a in attributes)


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
    body["decision"].pop("second_look")  # the tiny model has no feature map
    for section, values in changes.items():
        body[section] = {**body[section], **values}
    file.with_suffix(".json").write_text(json.dumps(body))
    return file
