"""Every method has its place in each table, and words that fit one thing and many."""

from dataclasses import replace
from pathlib import Path

import pytest

from dejashot.actions.batch import UNDONE_IN_PART, UNFINISHED, Batch
from dejashot.actions.methods.registry import ACTION_METHODS
from dejashot.actions.methods.wording import WORDING, describe_plan, describe_task, plan_button, undo_button
from dejashot.actions.planning.planner import PLANNERS
from dejashot.models.decisions import ApplyMethod, Verdict
from takes import planned, put


def test_every_method_is_in_every_table() -> None:
    assert set(WORDING) == set(PLANNERS) == set(ApplyMethod)
    assert set(ACTION_METHODS) == set(ApplyMethod) - {ApplyMethod.LIST}, "a list does nothing"


@pytest.mark.parametrize(
    ("how", "description", "button", "task"),
    [
        (
            ApplyMethod.QUARANTINE,
            "1 photo goes to {to}. 1 file that belongs to it goes along.",
            "Set aside 2 files (2.0 kB)",
            "move 2 files (2.0 kB, 1 companion among them) to {to}",
        ),
        (
            ApplyMethod.TRASH,
            "1 photo goes to the trash. 1 file that belongs to it goes along.",
            "Put 2 files into the trash (2.0 kB)",
            "put 2 files (2.0 kB, 1 companion among them) into the trash",
        ),
        (ApplyMethod.XMP, "2 photos get a rating.", "Write ratings for 2 files", "write 2 ratings into sidecars"),
        (ApplyMethod.ALBUM, "1 photo is linked to {to}.", "Link 1 file", "link 1 photo into {to}"),
        (
            ApplyMethod.LIST,
            "1 photo is rejected. 1 file that belongs to it goes along.",
            "List 2 files (2.0 kB)",
            "list 2 files",
        ),
    ],
)
def test_a_plan_in_words(tmp_path: Path, how: ApplyMethod, description: str, button: str, task: str) -> None:
    folder, to = tmp_path / "Pictures", tmp_path / "to"
    keep, gone = put(folder / "IMG_1.jpg", b"k"), put(folder / "IMG_2.jpg", b"g" * 1000)
    put(folder / "IMG_2.MOV", b"m" * 1000)
    named = to if how in (ApplyMethod.QUARANTINE, ApplyMethod.ALBUM) else None
    plan = planned(how, folder, {keep: Verdict.KEEP, gone: Verdict.REJECT}, to=named)
    assert describe_plan(plan) == description.format(to=to)
    assert plan_button(plan) == button
    assert describe_task(plan) == task.format(to=to)


def test_the_button_that_takes_a_batch_back_says_what_comes_back(tmp_path: Path) -> None:
    folder = tmp_path / "Pictures"
    photos = [put(folder / f"{n}.jpg", b"%d" % n) for n in range(3)]
    plan = planned(ApplyMethod.QUARANTINE, folder, dict.fromkeys(photos[1:], Verdict.REJECT), to=tmp_path / "to")
    summary = Batch.begin(tmp_path / "library", plan).summary
    assert undo_button(summary) == "Take it all back"
    assert undo_button(replace(summary, state="being undone")) == "Bring back the rest"
    done = replace(summary, stopped=False, files=2, state="done")
    assert summary.state == UNFINISHED
    assert undo_button(replace(done, state=UNDONE_IN_PART)) == "Try the rest again"
    assert undo_button(done) == "Bring back 2 files"
    assert undo_button(replace(done, how=ApplyMethod.XMP, files=1)) == "Take back 1 rating"
    assert undo_button(replace(done, how=ApplyMethod.ALBUM)) == "Remove 2 links"
