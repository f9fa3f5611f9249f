"""The evaluation photos, where they are available: real originals, odd and hostile files, the bench."""

import csv
import json
import subprocess
import sys
from pathlib import Path

import pytest

from homes import Home, tree_hash

pytestmark = pytest.mark.shared


def test_originals_are_grouped_as_labelled_and_stay_untouched(home: Home, shared: Path) -> None:
    originals = shared / "data" / "originals"
    before = tree_hash(originals)
    body = home.json("scan", originals)
    assert tree_hash(originals) == before
    assert body["skipped"] == []
    label = {r["file"]: r["group"] for r in csv.DictReader((shared / "data" / "originals.csv").open())}
    assert {p["path"] for p in body["photos"]} == set(label)
    same = [p["same_shot"] for p in body["pairs"] if label[p["a"]] == label[p["b"]]]
    different = [p["same_shot"] for p in body["pairs"] if label[p["a"]] != label[p["b"]]]
    assert len(same) >= 60
    assert sum(same) / len(same) >= 0.95
    assert len(different) >= 10
    assert sum(different) <= 3  # the same place from elsewhere, within the minute: an arch, a bridge, a congress centre
    mixed = [g["photos"] for g in body["groups"] if len({label[p] for p in g["photos"]}) > 1]
    assert len(mixed) <= 3
    assert len(body["groups"]) >= 45


def test_odd_and_hostile_files_are_read_or_listed(home: Home, shared: Path) -> None:
    odd = shared / "data" / "odd"
    body = home.json("scan", odd)
    named = [p["path"] for p in body["photos"]] + [s["path"] for s in body["skipped"]]
    assert sorted(named) == sorted(p.name for p in odd.iterdir())
    rows = {r["file"]: r for r in csv.DictReader((shared / "data" / "odd.csv").open())}
    read = {p["path"] for p in body["photos"]}
    readable = {
        name
        for name, r in rows.items()
        if r["pillow_result"] == "ok" and r["format"] in ("JPEG", "PNG", "HEIF", "TIFF", "GIF", "AVIF")
    }
    assert readable <= read
    assert len(home.json("scan", odd)["photos"]) == len(read)


@pytest.mark.parametrize(("photos", "seed", "least_score", "least_f1"), [("", 1, 0.98, 0.98), ("life", 11, 0.95, 0.95)])
def test_the_bench_is_held(
    home: Home, shared: Path, tmp_path: Path, photos: str, seed: int, least_score: float, least_f1: float
) -> None:
    pytest.importorskip("piexif")
    bench, data = shared / "bench", shared / "data" / photos
    make = [bench / "make_timeline.py", "--photos", data / "photos.csv", "--pairs", data / "pairs.csv"]
    make += ["--root", data / "photos", "--out", tmp_path / "t", "--seed", str(seed)]
    subprocess.run([sys.executable, *make], check=True, capture_output=True)
    report = tmp_path / "dejashot.json"
    scanned = home.run("scan", tmp_path / "t" / "photos", "--format", "json", timeout_s=600)
    report.write_text(scanned.stdout)
    judged = subprocess.run(
        [sys.executable, bench / "evaluate.py", "--json", "--truth", tmp_path / "t" / "truth.json", report],
        check=True,
        capture_output=True,
        text=True,
    )
    found = json.loads(judged.stdout)["dejashot"]
    assert found["missing_pairs"] == found["scenes_lost"] == 0
    assert found["score"] >= least_score
    assert found["f1"] >= least_f1
    assert found["ece"] <= 0.03
