"""The pair head: one logit a pair, of maps and cosine; what does not fit is a clear error."""

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dejashot.errors import ModelError
from dejashot.reading.vision.pair_head import PairHead
from networks import pair_head_onnx, tiny_onnx


def maps(seed: int, count: int) -> npt.NDArray[np.float16]:
    return np.random.default_rng(seed).normal(size=(count, 6, 4, 4)).astype(np.float16)


@pytest.fixture(scope="module")
def _head(tmp_path_factory: pytest.TempPathFactory) -> PairHead:
    file = tmp_path_factory.mktemp("head") / "head.onnx"
    file.write_bytes(pair_head_onnx())
    return PairHead(file)


@given(seed=st.integers(0, 2**32 - 1), count=st.integers(1, 16))
def test_each_pair_is_judged_by_both_maps_and_the_cosine(_head: PairHead, seed: int, count: int) -> None:
    a, b = maps(seed, count), maps(seed ^ 1, count)
    cosines = np.linspace(-1, 1, count)
    found = _head.logits(a, b, cosines)
    flat = [x.astype(np.float64).reshape(count, -1) for x in (a, b)]
    lengths = np.linalg.norm(flat[0], axis=1) * np.linalg.norm(flat[1], axis=1)
    assert found == pytest.approx(10 * (flat[0] * flat[1]).sum(axis=1) / lengths + cosines, abs=1e-3)
    alone = _head.logits(a[-1:], b[-1:], cosines[-1:])
    assert alone == pytest.approx(found[-1:], abs=1e-4)


def test_a_logit_that_is_no_number_is_an_error(_head: PairHead) -> None:
    with pytest.raises(ModelError, match="no usable logit"):
        _head.logits(np.zeros((1, 6, 4, 4)), maps(1, 1), np.zeros(1))


def test_logits_stay_within_what_the_library_keeps(tmp_path: Path) -> None:
    (tmp_path / "steep.onnx").write_bytes(pair_head_onnx(gain=1e6))
    one = maps(1, 1)
    steep = PairHead(tmp_path / "steep.onnx")
    assert steep.logits(one, one, np.zeros(1)) == 1000
    assert steep.logits(one, -one, np.zeros(1)) == -1000


def test_another_network_is_no_pair_head(tmp_path: Path) -> None:
    (tmp_path / "tiny.onnx").write_bytes(tiny_onnx())
    with pytest.raises(ModelError, match=r"tiny\.onnx failed") as caught:
        PairHead(tmp_path / "tiny.onnx").logits(maps(1, 1), maps(2, 1), np.zeros(1))
    assert "pair_head" in caught.value.hint


def test_maps_of_two_shapes_are_an_error(_head: PairHead) -> None:
    with pytest.raises(ModelError, match="failed"):
        _head.logits(maps(1, 1), maps(2, 1)[:, :, :3], np.zeros(1))


def test_a_file_that_is_no_model_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "head.onnx").write_bytes(b"not a model")
    with pytest.raises(ModelError, match="can't load"):
        PairHead(tmp_path / "head.onnx")
