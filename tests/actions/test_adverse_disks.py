"""Disks that fill up or turn read-only at any stage: nothing is lost, and all comes back once they work again."""

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from functools import partial
from pathlib import Path

import pytest

from between import STEPS, in_between
from dejashot.actions.batches import all_batches
from dejashot.actions.executor import execute, resume, roll_back
from dejashot.actions.plan import Plan
from dejashot.errors import DejashotError
from dejashot.models.decisions import ApplyMethod, Verdict
from takes import content, disk, fingerprint, planned, put

EVERY = STEPS | {"open", "os.mkdir", "os.rmdir", "os.utime", "os.chmod"}
SIDECAR = b"""<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmp:Rating="2"/></rdf:RDF></x:xmpmeta>"""
FILLER = "filler.bin"


def fills(place: Path) -> None:
    """Fill a disk to its last byte."""
    out = os.open(place / FILLER, os.O_WRONLY | os.O_CREAT, 0o600)
    with suppress(OSError):
        os.posix_fallocate(out, 0, shutil.disk_usage(place).free)
    os.lseek(out, 0, os.SEEK_END)
    with suppress(OSError):
        while True:
            os.write(out, bytes(64))
    os.close(out)


def turns_read_only(place: Path) -> None:
    subprocess.run(["mount", "-o", "remount,ro", place], capture_output=True)  # not while a file is open for writing


def mend(place: Path) -> None:
    subprocess.run(["mount", "-o", "remount,rw", place], check=True)
    (place / FILLER).unlink(missing_ok=True)


def quietly(work: Callable[[], object]) -> None:
    """Do some work that may say why it can't go on, as the commands do."""
    with suppress(DejashotError, OSError):
        work()


@pytest.fixture(params=["quarantine", "other disk", "xmp", "album"])
def way(
    request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[tuple[ApplyMethod, Path, Path | None, dict[str, Path]]]:
    """Give the test each method: photos on one disk, the library on another, the quarantine on either or a third."""
    with ExitStack() as stack:
        card, state = (stack.enter_context(disk(tmp_path / name, "24m")) for name in ("card", "state"))
        disks = {"card": card, "state": state}
        if request.param == "other disk":
            disks["other"] = stack.enter_context(disk(tmp_path / "third", "24m"))
            yield ApplyMethod.QUARANTINE, card / "DCIM", disks["other"] / "q", disks
        else:
            how = ApplyMethod(request.param)
            yield how, card / "DCIM", card / "to" if how in (ApplyMethod.QUARANTINE, ApplyMethod.ALBUM) else None, disks


def rejecting(how: ApplyMethod, folder: Path, to: Path | None, number: int) -> Plan:
    photos = [put(folder / f"{n}.jpg", b"photo %d" % n * 3000, n) for n in range(3)]
    put(photos[1].with_suffix(".xmp"), SIDECAR, 5)
    return planned(
        how,
        folder,
        {photos[0]: Verdict.KEEP, photos[1]: Verdict.REJECT, photos[2]: Verdict.REJECT},
        to=to,
        number=number,
    )


@pytest.mark.parametrize("trouble", [fills, turns_read_only])
@pytest.mark.parametrize("direction", ["apply", "undo"])
def test_a_disk_that_fails_at_any_stage_loses_nothing(
    way: tuple[ApplyMethod, Path, Path | None, dict[str, Path]], trouble: Callable[[Path], None], direction: str
) -> None:
    how, folder, to, disks = way
    stride = 1 if os.environ.get("DEJASHOT_LONG") else 41
    for which, failing in disks.items():
        for step in range(1 + len(which), 400, stride):
            library = disks["state"] / f"library-{step}"
            plan = rejecting(how, folder, to, step)
            before, held = fingerprint(folder), {content(f) for f in folder.iterdir()}
            if direction == "undo":
                execute(plan, library)
            work = partial(execute, plan, library) if direction == "apply" else partial(roll_back, library)
            reached = in_between({step: partial(trouble, failing)}, partial(quietly, work), EVERY)
            there = {content(f) for place in {*disks.values()} for f in place.rglob("*") if f.is_file()}
            assert not held - there, (which, step)
            mend(failing)
            if step % 2:
                resume(library)
            if all_batches(library) and not (all_batches(library)[-1].undone and not all_batches(library)[-1].left):
                quietly(partial(roll_back, library))
            assert fingerprint(folder) == before, (which, step)
            assert not [f for place in disks.values() for f in place.rglob(".dejashot-*")], (which, step)
            shutil.rmtree(library, ignore_errors=True)
            if to:
                shutil.rmtree(to, ignore_errors=True)
            if not reached:
                break
        assert step > 7, which
