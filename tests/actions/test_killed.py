"""Killed at any step that touches the disk, a batch goes on or comes back, and nothing is lost in between."""

import os
import random
from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import pytest

from dejashot.actions.batches import all_batches
from dejashot.actions.executor import execute, resume, roll_back
from dejashot.models.decisions import ApplyMethod, Verdict
from kills import killed_at
from takes import content, disk, fingerprint, planned, put

SIDECAR = b"""<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmp:Rating="2"/></rdf:RDF></x:xmpmeta>"""


@pytest.fixture(params=["quarantine", "other disk", "trash", "xmp", "album"])
def way(request: pytest.FixtureRequest, tmp_path: Path, trash: Path) -> Iterator[tuple[ApplyMethod, Path | None]]:
    """Give the test each way of applying, with the folder it needs."""
    with ExitStack() as stack:
        if request.param == "other disk":
            yield ApplyMethod.QUARANTINE, stack.enter_context(disk(tmp_path / "other")) / "q"
        else:
            how = ApplyMethod(request.param)
            yield how, tmp_path / "to" if how in (ApplyMethod.QUARANTINE, ApplyMethod.ALBUM) else None


def test_at_any_step(folder: Path, tmp_path: Path, way: tuple[ApplyMethod, Path | None], trash: Path) -> None:
    how, to = way
    photos = sorted(folder.glob("IMG_*.jpg"))
    put(photos[2].with_suffix(".xmp"), SIDECAR, 33)
    verdicts = {photos[1]: Verdict.REJECT, photos[2]: Verdict.REJECT, photos[0]: Verdict.KEEP}
    before, held = fingerprint(folder), sorted(content(f) for f in folder.iterdir())
    chance, step, kills = random.Random(how), 0, 0
    while True:
        step += 1 if os.environ.get("DEJASHOT_LONG") else chance.randint(1, 12)
        library = tmp_path / f"library-{step}"
        plan = planned(how, folder, verdicts, to=to, number=step)
        assert plan.items
        reached = killed_at(step, partial(execute, plan, library))
        kills += reached
        everywhere = [
            f
            for place in (folder, to, trash / "files")
            if place and place.is_dir()
            for f in place.rglob("*")
            if f.is_file()
        ]
        assert not set(held) - {content(f) for f in everywhere} or how is ApplyMethod.XMP, "nothing is lost"
        if step % 2:
            resume(library)
            assert not all_batches(library) or all_batches(library)[-1].finished
        if all_batches(library):
            killed_at(chance.randint(1, max(2, step)), partial(roll_back, library))
            for batch in all_batches(library):
                if not batch.undone:
                    assert roll_back(library).refused == ()
        assert fingerprint(folder) == before, step
        assert not to or not to.exists() or not list(to.rglob("*"))
        if not reached:
            break
    assert kills > 3
