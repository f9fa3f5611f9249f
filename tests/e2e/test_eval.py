"""Measuring and tuning by the command: eval, tune, strictness, and other models."""

import csv
import json
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from dejashot.library.journal import DecisionJournal
from dejashot.models.decisions import Decision, Verdict, separated
from dejashot.reading.vision.model import BUNDLED, load_model
from homes import Home, tree_hash
from networks import tiny_network
from scenes import exposed, moved, save_photo, scene

NOON = datetime(2026, 7, 1, 12)
SCENES = 24
KEEP_AND_REJECT = (Verdict.KEEP, Verdict.REJECT)


@pytest.fixture
def labelled(busy_minute: Path, tmp_path: Path) -> tuple[Path, Path]:
    """Give the test the busy minute and its labels."""
    labels = tmp_path / "truth.csv"
    labels.write_text(
        "a,b,same,kind\nIMG_0001.jpg,IMG_0002.jpg,yes,exposure\nIMG_0003.jpg,IMG_0002.jpg,yes,reframed\n"
        "IMG_0003.jpg,IMG_0004.jpg,no,other\nIMG_0004.jpg,IMG_0005.jpg,no,other\nIMG_0001.jpg,IMG_0003.jpg,yes,\nnone.jpg,IMG_0001.jpg,no,\n"
    )
    return busy_minute, labels


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Return a folder of scenes, each taken twice, and their groups."""
    folder = tmp_path_factory.mktemp("many")
    with (folder.parent / "groups.csv").open("w") as out:
        rows = csv.writer(out)
        rows.writerow(("file", "group"))
        for n in range(SCENES):
            picture, at = scene(n, (320, 240)), NOON + timedelta(seconds=20 * n)
            for take, (after_s, shown) in enumerate(((0, picture), (6, moved(exposed(picture, -1), 0.03, 0.02)))):
                rows.writerow(
                    (save_photo(folder / f"IMG_{2 * n + take:04d}.jpg", shown, at + timedelta(seconds=after_s)).name, n)
                )
    return folder, folder.parent / "groups.csv"


def test_eval_scores_the_decision_and_lists_what_it_could_not_compare(home: Home, labelled: tuple[Path, Path]) -> None:
    folder, labels = labelled
    before = tree_hash(folder)
    body = home.json("eval", folder, "--truth", labels)
    assert body["pairs"] == {"same": 2, "different": 1, "not_judged": 0, "not_compared": 3}
    assert (body["recall"], body["specificity"], body["precision"], body["f1"]) == (1, 1, 1, 1)
    assert (body["threshold"], body["strictness"]) == (load_model(BUNDLED).decision.thresholds["normal"], "normal")
    assert [n["reason"] for n in body["not_compared"]] == ["unknown", "in_between", "too_far"]
    table = home.run("eval", folder, "--truth", labels)
    assert "3 labelled pairs compared · 2 same, 1 different" in table.stdout
    assert max(map(len, table.stdout.splitlines())) <= 80
    assert tree_hash(folder) == before
    assert home.json("eval", folder, "--truth", labels, "--interval", "3h")["specificity"] == 1


def test_bad_labels_are_an_error_and_labels_that_fit_nothing_are_reported(
    home: Home, labelled: tuple[Path, Path]
) -> None:
    folder, labels = labelled
    labels.write_text("a,b,same\nnone.jpg,nothing.jpg,1\n")
    done = home.run("eval", folder, "--truth", labels)
    assert done.returncode == 1
    assert "not in the folders" in done.stdout
    labels.write_text("what is this")
    for command in (
        ("eval", folder, "--truth", labels),
        ("tune", folder, "--truth", labels),
        ("eval", folder, "--truth", folder),
    ):
        done = home.run(*command)
        assert (done.returncode, done.stdout) == (2, "")
        assert "Write a CSV" in done.stderr


def test_strictness_is_a_name_or_a_number_on_the_command_line_and_in_the_file(home: Home, busy_minute: Path) -> None:
    def same(*options: object) -> list[bool]:
        return [p["same_shot"] for p in home.json("scan", busy_minute, *options)["pairs"]]

    shown = [p["similarity_percent"] / 100 for p in home.json("scan", busy_minute)["pairs"]]
    between = sum(sorted(shown)[:2]) / 2
    assert same("--strictness", between) == [p > between for p in shown]
    assert same("--strictness", max(shown) - 0.001).count(True) == sum(p > max(shown) - 0.001 for p in shown)
    loose = load_model(BUNDLED).decision.thresholds["loose"]
    assert home.json("report", "-s", "loose")["pairs"] == home.json("report", "--strictness", loose)["pairs"]
    home.configure("[sifting]\nstrictness = 1e-9")
    assert all(same())
    assert same("--strictness", "normal") == [True, True, False]
    done = home.run("scan", busy_minute, "--strictness", "80")
    assert (done.returncode, done.stdout) == (2, "")
    assert "strict, normal, loose, or a number" in done.stderr


def test_tune_leaves_a_strictness_that_the_decisions_bear_out(home: Home, many: tuple[Path, Path]) -> None:
    folder, labels = many
    file = home.configure('[sifting]\nstrictness = "strict"\n')
    before = file.read_text()
    done = home.run("tune", folder, "--truth", labels, "--write")
    assert done.returncode == 0, done.stderr
    strict = load_model(BUNDLED).decision.thresholds["strict"]
    assert f"{100 * strict:.1f} % now (strict)" in done.stdout
    assert f"{100 * strict:.1f} % fitted" in done.stdout
    assert "Nothing to change" in done.stdout
    assert file.read_text() == before
    assert not home.library.exists()


def test_tune_fits_to_the_owners_groups_and_writes_one_line(
    home: Home, many: tuple[Path, Path], tmp_path: Path
) -> None:
    folder, groups = many
    labels = tmp_path / "groups.csv"
    labels.write_text(groups.read_text() + "gone.jpg,1\n")
    file = home.configure("# mine\n[sifting]\nstrictness = 0.005  # for a start\ninterval_s = 60\n")
    before = file.read_text()
    seen = home.run("tune", folder, "--truth", labels)
    assert seen.returncode == 0, seen.stderr
    assert f"Fitted to {SCENES} same and {SCENES - 1} different decisions" in seen.stdout
    assert "labelled, but not compared: 1 " in seen.stdout
    assert "0.5 % now (0.005)" in seen.stdout
    assert file.read_text() == before
    (line,) = [line for line in seen.stdout.splitlines() if line.startswith("strictness = ")]
    assert 0.01 < float(line.split()[-1]) < 0.4
    done = home.run("tune", folder, "--truth", labels, "--write")
    assert str(file) in done.stderr
    assert file.read_text() == before.replace("strictness = 0.005  #", f"{line:<19} #")
    assert "Nothing to change" in home.run("tune", folder, "--truth", labels).stdout
    few = tmp_path / "few.csv"
    few.write_text("".join(labels.read_text().splitlines(keepends=True)[:9]))
    done = home.run("tune", folder, "--truth", few)
    assert (done.returncode, done.stdout) == (2, "")
    assert "too few" in done.stderr


def test_tune_learns_from_what_was_chosen_on_the_page(home: Home, many: tuple[Path, Path]) -> None:
    file = home.configure("[sifting]\nstrictness = 0.005\n")
    body = home.json("scan", many[0])
    contents = {p["path"]: bytes.fromhex(p["content"]) for p in body["photos"]}
    takes = [(contents[f"IMG_{2 * n:04d}.jpg"], contents[f"IMG_{2 * n + 1:04d}.jpg"]) for n in range(SCENES)]
    journal = DecisionJournal(home.library)
    verdicts = [Decision(c, verdict, 1) for take in takes for c, verdict in zip(take, KEEP_AND_REJECT, strict=True)]
    journal.decide(verdicts)
    few = home.run("tune", "--from-review", "--write")
    assert (few.returncode, few.stdout) == (2, "")
    assert "and of 0 that are not: too few" in few.stderr
    assert "At least 20 of each are needed" in few.stderr
    journal.decide(separated(a, b, 2) for one, other in pairwise(takes) for a in one for b in other)
    before = (file.read_text(), tree_hash(many[0]))
    seen = home.run("tune", "--from-review")
    assert f"Fitted to {SCENES} same and " in seen.stdout, seen.stdout + seen.stderr
    assert (file.read_text(), tree_hash(many[0])) == before
    (line,) = [line for line in seen.stdout.splitlines() if line.startswith("strictness = ")]
    assert float(line.split()[-1]) > 0.005
    assert home.run("tune", "--from-review", "--write").returncode == 0
    assert file.read_text() == f"[sifting]\n{line}\n"
    for wrong in (("tune",), ("tune", many[0]), ("tune", many[0], "--from-review")):
        assert home.run(*wrong).returncode == 2


def test_another_model_reads_everything_again_and_then_answers(home: Home, busy_minute: Path, tmp_path: Path) -> None:
    tiny = tiny_network(tmp_path)
    first = home.json("scan", busy_minute)
    for command in (("report", "--model", tiny), ("similar", busy_minute / "IMG_0001.jpg", "--model", tiny)):
        done = home.run(*command)
        assert (done.returncode, done.stdout) == (2, "")
        assert f"answers from {first['model']}, not from tiny@" in done.stderr
        assert "dejashot scan" in done.stderr
    second = home.json("scan", busy_minute, "--model", tiny)
    assert second["model"].startswith("tiny@")
    assert [p["cosine"] for p in second["pairs"]] != [p["cosine"] for p in first["pairs"]]
    assert home.json("report")["pairs"] == home.json("report", "--model", tiny)["pairs"] == second["pairs"]
    assert len(home.json("similar", busy_minute / "IMG_0001.jpg", "--model", tiny)["matches"]) == 4
    assert home.json("scan", busy_minute)["pairs"] == first["pairs"]


def test_part_of_a_library_in_another_model_leaves_the_answers_to_the_first(
    home: Home, busy_minute: Path, tmp_path: Path
) -> None:
    other = save_photo(tmp_path / "other" / "x.jpg", scene(5), NOON).parent
    first = home.json("scan", busy_minute, other)
    second = home.json("scan", other, "--model", tiny_network(tmp_path))
    assert second["model"].startswith("tiny@")
    known = home.json("report")
    assert (known["model"], known["pairs"]) == (first["model"], first["pairs"])


def test_a_model_on_trial_leaves_the_library_as_it_is(home: Home, labelled: tuple[Path, Path], tmp_path: Path) -> None:
    folder, labels = labelled
    home.json("scan", folder)
    known = home.json("report")
    done = home.run("eval", folder, "--truth", labels, "--model", tiny_network(tmp_path), "--format", "json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["model"].startswith("tiny@")
    assert "on trial" in done.stderr
    again = home.json("report")
    assert (again["model"], again["pairs"]) == (known["model"], known["pairs"])


def stored(home: Home) -> list[list[tuple[object, ...]]]:
    """Return the rows of models, folders and files in the library."""
    with closing(sqlite3.connect(home.library / "library.db")) as db:
        return [db.execute(f"SELECT * FROM {table} ORDER BY 1").fetchall() for table in ("model", "folder", "file")]  # noqa: S608


def test_another_decision_on_trial_leaves_the_stored_one(
    home: Home, labelled: tuple[Path, Path], tmp_path: Path
) -> None:
    folder, labels = labelled
    home.json("scan", folder, "--model", tiny_network(tmp_path))
    before = stored(home)
    other = tiny_network(tmp_path, decision={"thresholds": {"strict": 0.99, "normal": 0.98, "loose": 0.97}})
    assert home.json("eval", folder, "--truth", labels, "--model", other)["threshold"] == 0.98
    assert stored(home) == before


def test_measuring_neither_makes_a_library_nor_adds_to_it(
    home: Home, labelled: tuple[Path, Path], tmp_path: Path
) -> None:
    folder, labels = labelled
    for model in ((), ("--model", tiny_network(tmp_path))):
        assert home.json("eval", folder, "--truth", labels, *model)["pairs"]["same"] == 2
        assert not home.library.exists()
    home.json("scan", save_photo(tmp_path / "other" / "x.jpg", scene(5), NOON).parent)
    before = stored(home)
    home.json("eval", folder, "--truth", labels)
    home.run("tune", folder, "--truth", labels)
    assert stored(home) == before


def test_an_unusable_model_is_reported_before_anything_is_read(home: Home, busy_minute: Path, tmp_path: Path) -> None:
    def errors(model: Path) -> str:
        done = home.run("scan", busy_minute, "--model", model)
        assert (done.returncode, done.stdout) == (2, ""), done.stderr
        assert "Traceback" not in done.stderr
        return done.stderr

    assert "can't read" in errors(tmp_path / "none.onnx")
    model = tiny_network(tmp_path, input={"name": "image"})
    assert "the model tiny failed" in errors(model)
    model.write_bytes(model.read_bytes() + b"\0")
    assert "is not the file" in errors(model)
    model.with_suffix(".json").unlink()
    assert "with its .json next to it" in errors(model)
    assert home.json("status")["skipped"] == 0
    assert len(home.json("scan", busy_minute)["photos"]) == 5


@pytest.mark.shared
def test_a_bench_timeline_is_measured_as_the_bench_measures_it(home: Home, shared: Path, tmp_path: Path) -> None:
    pytest.importorskip("piexif")
    bench, data, line = shared / "bench", shared / "data", tmp_path / "t"
    made = (
        "--photos",
        data / "photos.csv",
        "--pairs",
        data / "pairs.csv",
        "--root",
        data / "photos",
        "--out",
        line,
        "--max-groups",
        "60",
    )
    subprocess.run([sys.executable, bench / "make_timeline.py", *made], check=True, capture_output=True)
    home.json("scan", line / "photos")
    ours = home.json("eval", line / "photos", "--truth", line / "truth.json")
    report = tmp_path / "dejashot.json"
    report.write_text(json.dumps(home.json("report")))
    judged = [sys.executable, bench / "evaluate.py", "--json", "--truth", line / "truth.json", report]
    theirs = json.loads(subprocess.run(judged, check=True, capture_output=True, text=True).stdout)["dejashot"]
    for mine, name in (
        ("recall", "recall"),
        ("macro_recall", "macro_recall"),
        ("macro_specificity", "specificity"),
        ("precision", "precision"),
        ("f1", "f1"),
        ("brier", "brier"),
        ("calibration_error", "ece"),
    ):
        assert ours[mine] == pytest.approx(theirs[name]), name
    assert ours["pairs"]["not_compared"] == theirs["missing_pairs"] == 0
