"""The Siamese embedder and the description of its model."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from dejashot.errors import ModelError
from dejashot.reading.vision.embedder import Embedder
from dejashot.reading.vision.model import BUNDLED, load_model, model_file
from networks import TILES, bundled_network, tiny_network
from scenes import exposed, moved, scene


@pytest.fixture(scope="module")
def embedder() -> Embedder:
    return Embedder(BUNDLED, load_model(BUNDLED).network, 1)


def test_vectors_are_finite_and_of_unit_length(embedder: Embedder) -> None:
    vector = embedder.embed(embedder.prepare(scene(1)))
    assert vector.shape == (256,)
    assert vector.dtype == np.float32
    assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize("seed", range(8))
def test_a_retake_is_nearer_than_any_other_scene(embedder: Embedder, seed: int) -> None:
    first = embedder.embed(embedder.prepare(scene(seed)))
    for retake in (exposed(scene(seed), -2), moved(scene(seed), 0.05, 0.03)):
        near = float(first @ embedder.embed(embedder.prepare(retake)))
        for other in range(8):
            if other != seed:
                assert float(first @ embedder.embed(embedder.prepare(scene(other)))) < near - 0.2


def test_a_model_that_is_not_the_described_one_is_refused(tmp_path: Path) -> None:
    file = bundled_network(tmp_path)
    assert load_model(file).fingerprint == load_model(BUNDLED).fingerprint
    with file.open("r+b") as out:
        out.seek(1000)
        out.write(b"\0\1\2\3")
    with pytest.raises(ModelError, match="is not the file"):
        load_model(file)
    (tmp_path / "net.json").write_text("{}")
    with pytest.raises(ModelError, match="not a description"):
        load_model(file)
    with pytest.raises(ModelError, match="can't read"):
        load_model(tmp_path / "none.onnx")


def test_preprocessing_is_part_of_the_fingerprint(tmp_path: Path) -> None:
    file = bundled_network(tmp_path, input={"resample": "bicubic"})
    assert load_model(file).fingerprint != load_model(BUNDLED).fingerprint


def test_a_file_that_is_no_model_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "net.onnx").write_bytes(b"not a model")
    with pytest.raises(ModelError, match="can't load"):
        Embedder(tmp_path / "net.onnx", load_model(BUNDLED).network, 1)


def test_the_bundled_model_is_used_unless_another_is_named() -> None:
    assert model_file("") == BUNDLED
    assert model_file("~/net.onnx") == Path.home() / "net.onnx"


def test_importing_the_runtime_leaves_nothing_behind(tmp_path: Path) -> None:
    environment = {k: v for k, v in os.environ.items() if k not in ("CI", "ORT_DISABLE_TELEMETRY")} | {
        "HOME": str(tmp_path)
    }
    code = (
        "import dejashot.reading.vision.embedder, threading, os; "
        "print(len(os.listdir('/proc/self/task')) if os.path.isdir('/proc/self/task') else 1)"
    )
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert list(tmp_path.rglob("*")) == []
    assert done.stdout.strip().isdigit()


def test_any_model_with_a_description_works(tmp_path: Path) -> None:
    file = tiny_network(tmp_path)
    tiny = Embedder(file, load_model(file).network, 1)
    picture = scene(1)
    vector = tiny.embed(tiny.prepare(picture))
    tiles = (
        np.asarray(tiny.prepare(picture), dtype=np.float32)
        .reshape(TILES, 8, TILES, 8, 3)
        .mean((1, 3))
        .transpose(2, 0, 1)
    )
    expected = (tiles.reshape(-1) / 255 - 0.5) / 0.25
    assert vector == pytest.approx(expected / np.linalg.norm(expected), abs=1e-4)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"input": {"name": "image"}}, "pixels"),
        ({"input": {"width": 32}}, "dimensions"),
        ({"input": {"type": "uint8"}}, "data type"),
        ({"input": {"layout": "NHWC"}}, "dimensions"),
        ({"output": {"name": "vector"}}, "vector"),
        ({"output": {"dimensions": 256}}, "no usable vector"),
    ],
)
def test_a_description_that_does_not_fit_its_model_is_an_error_at_the_start(
    tmp_path: Path, changes: dict[str, object], message: str
) -> None:
    file = tiny_network(tmp_path, **changes)  # type: ignore[arg-type]
    with pytest.raises(ModelError, match=message) as caught:
        Embedder(file, load_model(file).network, 1)
    assert "description" in caught.value.hint


def test_a_description_names_all_three_operating_points(tmp_path: Path) -> None:
    for thresholds in ({"strict": 0.9, "normal": 0.7}, {"strict": 1.5, "normal": 0.7, "loose": 0.4}):
        file = tiny_network(tmp_path, decision={"thresholds": thresholds})
        with pytest.raises(ModelError, match="thresholds"):
            load_model(file)
