"""The optional parts of a model's description: the pair head, the rule for pages, and what registration adds."""

from pathlib import Path
from typing import Any

import pytest

from dejashot.errors import ModelError
from dejashot.reading.network import check_bytes
from dejashot.reading.vision.model import BUNDLED, load_model, pair_head_file, stored_model
from networks import bundled_network, pair_head_onnx, tiny_network, with_pair_head

PAGES = {"weights": [0.5] * 256, "bias": -1.0, "least": 0.8}
REGISTRATION = {
    "same_scene": 6,
    "min_inliers": 15,
    "min_overlap": 0.4,
    "still_overlap": 0.85,
    "still_light_ev": 0.3,
    "other_scene": 6,
    "few_inliers": 6,
    "rich_keypoints": 300,
    "blank_same": 8,
    "blank_other": 8,
    "blank_least": 0.35,
}


def test_a_pair_head_lies_beside_the_network(tmp_path: Path) -> None:
    file = with_pair_head(tmp_path)
    assert pair_head_file(file, load_model(file)) == tmp_path / "head.onnx"
    assert pair_head_file(BUNDLED, stored_model(load_model(file).model_dump_json(by_alias=True))) is not None
    plain = bundled_network(tmp_path, pair_head=None)
    assert pair_head_file(plain, load_model(plain)) is None


def test_matches_of_two_pair_heads_are_never_mixed(tmp_path: Path) -> None:
    fingerprints = {load_model(bundled_network(tmp_path)).fingerprint}
    for gain in (1.0, 2.0):
        fingerprints.add(load_model(with_pair_head(tmp_path, pair_head_onnx(gain))).fingerprint)
    assert len(fingerprints) == 3


def test_the_rule_for_pages_and_the_decision_leave_the_fingerprint_as_it_is(tmp_path: Path) -> None:
    file = bundled_network(tmp_path, pages=PAGES, decision={"registration": REGISTRATION})
    assert load_model(file).fingerprint == load_model(BUNDLED).fingerprint


def test_a_pair_head_that_is_not_the_described_one_is_refused_but_readers_do_without(tmp_path: Path) -> None:
    file = with_pair_head(tmp_path)
    whole = load_model(file)
    (tmp_path / "head.onnx").write_bytes(pair_head_onnx(2.0))
    with pytest.raises(ModelError, match=r"head\.onnx is not the file that net\.json describes"):
        load_model(file)
    (tmp_path / "head.onnx").unlink()
    with pytest.raises(ModelError, match="can't read"):
        load_model(file)
    check_bytes(file, whole.network.sha256, file)


@pytest.mark.parametrize("name", ["../head.onnx", "/etc/head.onnx", "a/head.onnx", ".onnx", "head.json", ""])
def test_a_pair_head_is_named_without_a_folder(tmp_path: Path, name: str) -> None:
    file = bundled_network(tmp_path, pair_head={"file": name, "sha256": "0" * 64})
    with pytest.raises(ModelError, match=r"pair_head\.file"):
        load_model(file)


def test_a_pair_head_without_a_second_look_is_refused(tmp_path: Path) -> None:
    file = tiny_network(tmp_path)
    body = load_model(file).model_dump(by_alias=True) | {"pair_head": {"file": "head.onnx", "sha256": "0" * 64}}
    with pytest.raises(ValueError, match="second_look"):
        type(load_model(file)).model_validate(body)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"pages": PAGES | {"weights": [0.5] * 255}}, "as many numbers"),
        ({"pages": PAGES | {"weights": [float("nan")] * 256}}, "finite"),
        ({"pages": PAGES | {"least": 1.0}}, "pages.least"),
        ({"pages": PAGES | {"min_agreement": 1.5}}, "pages.min_agreement"),
        ({"pages": PAGES | {"min_inliers": 3}}, "pages.min_inliers"),
        ({"decision": {"registration": REGISTRATION | {"same_scene": -1}}}, "registration.same_scene"),
        ({"decision": {"registration": REGISTRATION | {"few_inliers": 16}}}, "few_inliers"),
        ({"decision": {"registration": REGISTRATION | {"blank_least": float("inf")}}}, "blank_least"),
    ],
)
def test_values_that_can_not_be_are_refused(tmp_path: Path, changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ModelError, match=message):
        load_model(bundled_network(tmp_path, **changes))
