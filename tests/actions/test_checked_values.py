"""What a batch holds is checked value by value, and all that is written down is understood again."""

import json
import os
from pathlib import Path

import pytest

from dejashot.actions import checked_values
from dejashot.actions.batch import Batch
from dejashot.errors import BatchError
from dejashot.models.decisions import ApplyMethod, Verdict
from takes import jpeg, planned, take

WAS = {"mode": 0o7777, "owner": 1000, "group": 2**31, "mtime_ns": -5}


@pytest.fixture
def batch(tmp_path: Path) -> Batch:
    """Give the test a batch that was begun."""
    takes = take(tmp_path / "Pictures", jpeg(tmp_path / "seeds"), 3)
    plan = planned(ApplyMethod.XMP, tmp_path / "Pictures", {takes[1]: Verdict.REJECT, takes[0]: Verdict.KEEP})
    return Batch.begin(tmp_path / "library", plan)


def test_all_that_is_noted_is_understood_again(batch: Batch) -> None:
    first = batch.plan.items[0]
    batch.note("ready", first, before="ab", after="cd", was=WAS)
    batch.note("done", first, inode=2**63 - 1)
    batch.note("made", folders=[os.fsdecode(b"/a/\xff b")])
    batch.note("left", first, why="its sidecar was changed since")
    batch.note("refused", batch.plan.items[1], why="gone")
    batch.note("back", first)
    batch.note("undoing")
    again = Batch.read(batch.folder)
    for name in ("plan", "ready", "done", "made", "left", "refused", "back", "undoing", "finished"):
        assert getattr(again, name) == getattr(batch, name), name


@pytest.mark.parametrize(
    "event",
    [
        [],
        {"is": []},
        {"is": "done"},
        {"is": "done", "item": 99},
        {"is": "done", "item": True},
        {"is": "done", "item": 0, "inode": "1"},
        {"is": "ready", "item": 0, "before": "ab", "after": "cd", "was": {**WAS, "mode": -1}},
        {"is": "ready", "item": 0, "before": "ab", "after": "cd", "was": {**WAS, "more": 1}},
        {"is": "ready", "item": 0, "before": "ab", "after": "cd"},
        {"is": "left", "item": 0, "why": None},
        {"is": "made", "folders": ["../x"]},
        {"is": "made", "folders": "/x"},
    ],
)
def test_what_can_not_have_been_noted_is_passed_over(batch: Batch, event: object) -> None:
    batch.note("done", batch.plan.items[0])
    with (batch.folder / "progress.jsonl").open("a") as progress:
        progress.write(json.dumps(event) + "\n")
    with pytest.raises(checked_values.NONSENSE):
        checked_values.event_of(event, {0})
    assert Batch.read(batch.folder).done == batch.done


@pytest.mark.parametrize(
    "name, value",
    [("made_us", 10**20), ("items", {}), ("how", []), ("roots", [[1, 2]]), ("guards", [["/x"]]), ("id", "other")],
)
def test_a_plan_that_does_not_hold_together_is_named(batch: Batch, name: str, value: object) -> None:
    file = batch.folder / "plan.json"
    file.write_text(json.dumps({**json.loads(file.read_bytes()), name: value}))
    with pytest.raises(BatchError, match=batch.folder.name):
        Batch.read(batch.folder)
