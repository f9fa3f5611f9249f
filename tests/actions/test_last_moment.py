"""Another file that gets a name in the last moment, at any step, keeps it or is named; none is ever lost."""

import errno
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from functools import partial
from pathlib import Path

import pytest

from between import dies, in_between
from dejashot.actions.executor import execute, resume, roll_back
from dejashot.actions.methods.xmp import REJECTED, with_rating
from dejashot.actions.moves import renames
from dejashot.actions.moves.aside import aside_name, restore_name, unlink_verified
from dejashot.actions.plan import Plan
from dejashot.errors import BatchError, SkippedFileError
from dejashot.models.decisions import ApplyMethod, Verdict
from takes import disk, fingerprint, planned, put

NEWCOMER = b"of another program, as no other file"
SIDECAR = b"""<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmp:Rating="2"/></rdf:RDF></x:xmpmeta>"""


def takes_the_name(path: Path, data: bytes = NEWCOMER) -> None:
    """Do what other programs do: write beside it, then rename over; without a step of its own counted."""
    beside = path.with_name("newcomer.part")
    fd = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
    os.write(fd, data)
    os.close(fd)
    with suppress(OSError):
        if (
            path.stat().st_nlink == 1
        ):  # then its old bytes are gone by that program's own will, unless they are elsewhere too
            path.with_name("replaced.txt").touch()
    beside.replace(path)


def edits_it(path: Path) -> None:
    """Write into the file that has a name, in place."""
    fd = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    os.write(fd, NEWCOMER)
    os.close(fd)


def taken_back(library: Path) -> None:
    """Undo the batch if there is anything to undo."""
    with suppress(BatchError):
        roll_back(library)


def everything(*places: Path | None) -> dict[str, bytes]:
    return {
        str(f): f.read_bytes() for place in places if place and place.is_dir() for f in place.rglob("*") if f.is_file()
    }


@pytest.fixture(params=["flags", "links", "neither"])
def without(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Be on a file system without flags of renaming (as NFS), without hard links (as exFAT), or without both."""

    def no_links(*_: object, **__: object) -> None:
        raise OSError(errno.EOPNOTSUPP, os.strerror(errno.EOPNOTSUPP))

    if request.param != "links":
        monkeypatch.setattr(renames, "_call", lambda: None)  # as where the system has no such call
    if request.param != "flags":
        monkeypatch.setattr(os, "link", no_links)


@pytest.fixture(params=["quarantine", "other disk", "trash"])
def way(request: pytest.FixtureRequest, tmp_path: Path, trash: Path) -> Iterator[tuple[ApplyMethod, Path | None]]:
    with ExitStack() as stack:
        if request.param == "other disk":
            yield ApplyMethod.QUARANTINE, stack.enter_context(disk(tmp_path / "other")) / "q"
        else:
            how = ApplyMethod(request.param)
            yield how, tmp_path / "to" if how is ApplyMethod.QUARANTINE else None


def two_takes(folder: Path) -> tuple[Path, Path]:
    return put(folder / "a.jpg", b"the one that stays", 1), put(folder / "b.jpg", b"the one that goes", 2)


def rejecting(how: ApplyMethod, folder: Path, photo: Path, to: Path | None) -> Plan:
    return planned(how, folder, {photo: Verdict.REJECT}, to=to)


@pytest.mark.parametrize("meddle", [takes_the_name, edits_it])
@pytest.mark.parametrize("direction", ["apply", "undo"])
def test_a_file_that_takes_the_name_at_any_step_is_never_lost(
    tmp_path: Path, way: tuple[ApplyMethod, Path | None], trash: Path, meddle: Callable[[Path], None], direction: str
) -> None:
    how, to = way
    for step in range(1, 60):
        folder, library = tmp_path / f"Pictures-{step}", tmp_path / f"library-{step}"
        _, photo = two_takes(folder)
        plan = rejecting(how, folder, photo, to and to / str(step))
        if direction == "undo":
            execute(plan, library)
        lies = (
            next(iter((trash / "files").glob("b*")), photo)
            if how is ApplyMethod.TRASH
            else Path(os.fsdecode(plan.items[0].target))
        )
        victim = photo if direction == "apply" else lies
        reached = in_between(
            {step: partial(meddle, victim)},
            partial(execute, plan, library) if direction == "apply" else partial(taken_back, library),
        )
        if direction == "undo" and step % 2:  # the file's own place is taken, too
            in_between({step: partial(meddle, photo)}, partial(taken_back, library))
        there = everything(folder, to and to / str(step), trash / "files")
        if reached:
            assert any(NEWCOMER in data for data in there.values()), (step, there)
        if meddle is takes_the_name and not any("replaced.txt" in name for name in there):
            assert b"the one that goes" in there.values(), (step, there)
        assert not [name for name in there if "aside" in name or name.endswith(".tmp")], (step, there)
        for file in (trash / "files").glob("*"):
            file.unlink()
        if not reached:
            break
    assert step > 2


def test_killed_after_another_file_took_the_name_nothing_is_lost_or_stays_hidden(
    tmp_path: Path, way: tuple[ApplyMethod, Path | None], trash: Path
) -> None:
    how, to = way
    deaths = 0
    for at in range(1, 14):
        for later in range(1, 4):
            folder, library = tmp_path / f"Pictures-{at}-{later}", tmp_path / f"library-{at}-{later}"
            _, photo = two_takes(folder)
            plan = rejecting(how, folder, photo, to and to / f"{at}-{later}")
            deaths += in_between(
                {at: partial(takes_the_name, photo), at + later: dies}, partial(execute, plan, library)
            )
            if later % 2:
                resume(library)
            taken_back(library)
            there = everything(folder, to and to / f"{at}-{later}", trash / "files")
            assert b"the one that goes" in there.values() or any("replaced.txt" in name for name in there), (
                at,
                later,
                there,
            )
            assert not [name for name in there if ".dejashot-" in name], (at, later, there)
            newcomers = [name for name, data in there.items() if data == NEWCOMER]
            assert newcomers or not (folder / "newcomer.part").exists()
            for file in (trash / "files").glob("*"):
                file.unlink()
    assert deaths > 1


@pytest.mark.usefixtures("without")
def test_where_a_file_system_offers_less_no_name_is_taken_from_another_file_either(tmp_path: Path) -> None:
    for step in range(1, 40):
        folder, library, to = tmp_path / f"Pictures-{step}", tmp_path / f"library-{step}", tmp_path / f"to-{step}"
        _, photo = two_takes(folder)
        before = fingerprint(folder)
        reached = in_between(
            {step: partial(takes_the_name, photo)},
            partial(execute, rejecting(ApplyMethod.QUARANTINE, folder, photo, to), library),
        )
        there = everything(folder, to)
        assert not reached or NEWCOMER in there.values(), (step, there)
        assert b"the one that goes" in there.values() or (folder / "replaced.txt").exists(), (step, there)
        assert not [name for name in there if ".dejashot-" in name], (step, there)
        if not reached:
            assert roll_back(library).refused == ()
            assert fingerprint(folder) == before
            break
    assert step > 3


def test_where_every_name_of_a_file_has_a_number_of_its_own_files_are_renamed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def link(name: bytes, new: bytes, *, src_dir_fd: int, dst_dir_fd: int, follow_symlinks: bool) -> None:
        assert not follow_symlinks
        shutil.copy2(b"/proc/self/fd/%d/%s" % (src_dir_fd, name), b"/proc/self/fd/%d/%s" % (dst_dir_fd, new))

    folder, library = tmp_path / "Pictures", tmp_path / "library"
    _, photo = two_takes(folder)
    before, inode = fingerprint(folder), photo.stat().st_ino
    plan = rejecting(ApplyMethod.QUARANTINE, folder, photo, tmp_path / "to")
    monkeypatch.setattr(
        os, "link", link
    )  # the system's own call, as sshfs answers it: the second name looks like another file
    assert execute(plan, library).files == 1
    assert Path(os.fsdecode(plan.items[0].target)).stat().st_ino == inode
    assert roll_back(library).refused == ()
    assert fingerprint(folder) == before


def rated(folder: Path, *, new: bool) -> tuple[Path, Path, Plan]:
    """Plan that a photo is rated, in a sidecar that there is or in a new one."""
    stays, photo = two_takes(folder)
    sidecar = photo.with_name("b.jpg.xmp") if new else put(photo.with_suffix(".xmp"), SIDECAR, 7)
    return photo, sidecar, planned(ApplyMethod.XMP, folder, {stays: Verdict.KEEP, photo: Verdict.REJECT})


def meddled(
    folder: Path, library: Path, sidecar: Path, work: Callable[[], object], step: int, killed_after: int = 0
) -> tuple[bool, dict[str, bytes]]:
    """Have another program replace a sidecar at a step, perhaps kill soon after; return if it came, and all files."""
    also = {step + killed_after: dies} if killed_after else {}
    reached = in_between({step: partial(takes_the_name, sidecar), **also}, work)
    if killed_after:
        taken_back(library)
    there = everything(folder)
    assert not reached or NEWCOMER in there.values(), (step, there)
    assert not [name for name in there if ".dejashot-" in name], (step, there)
    return reached, there


@pytest.mark.parametrize("new", [False, True])
@pytest.mark.parametrize("killed_after", [0, 1, 2, 3])
def test_a_sidecar_that_another_program_writes_in_the_last_moment_is_never_lost(
    tmp_path: Path, new: bool, killed_after: int
) -> None:
    for step in range(1, 40):
        folder, library = tmp_path / f"Pictures-{step}", tmp_path / f"library-{step}"
        _, sidecar, plan = rated(folder, new=new)
        reached, _ = meddled(folder, library, sidecar, partial(execute, plan, library), step, killed_after)
        again = tmp_path / f"Again-{step}", tmp_path / f"library-again-{step}"
        _, other, plan = rated(again[0], new=new)
        execute(plan, again[1])
        back, _ = meddled(*again, other, partial(taken_back, again[1]), step, killed_after)
        if not reached and not back:
            break
    assert step > 3


@pytest.mark.parametrize("without", ["flags"], indirect=True)
@pytest.mark.usefixtures("without")
def test_where_names_can_not_be_swapped_a_sidecar_is_replaced_step_by_step(tmp_path: Path) -> None:
    for step in range(1, 40):
        folder, library = tmp_path / f"Pictures-{step}", tmp_path / f"library-{step}"
        _, sidecar, plan = rated(folder, new=False)
        before = fingerprint(folder)
        if not meddled(folder, library, sidecar, partial(execute, plan, library), step)[0]:
            assert sidecar.read_bytes() == with_rating(SIDECAR, REJECTED)
            assert roll_back(library).refused == ()
            assert fingerprint(folder) == before
            break
    assert step > 3


def test_a_keepers_name_in_an_album_is_taken_from_no_other_file(tmp_path: Path) -> None:
    for step in range(1, 20):
        folder, library, album = tmp_path / f"Pictures-{step}", tmp_path / f"library-{step}", tmp_path / f"Best-{step}"
        stays, _ = two_takes(folder)
        execute(planned(ApplyMethod.ALBUM, folder, {stays: Verdict.KEEP}, to=album), library)
        reached = in_between({step: partial(takes_the_name, album / stays.name)}, partial(taken_back, library))
        there = everything(folder, album)
        assert not reached or NEWCOMER in there.values(), (step, there)
        assert not [name for name in there if ".dejashot-" in name], (step, there)
        if not reached:
            break
    assert step > 2


def opened(folder: Path) -> int:
    return os.open(folder, os.O_RDONLY | os.O_DIRECTORY)


def test_what_lies_aside_gets_its_name_back_or_one_like_it_that_is_said(tmp_path: Path) -> None:
    path, aside = os.fsencode(tmp_path / "a.jpg"), tmp_path / os.fsdecode(aside_name("t"))
    aside.write_bytes(b"one")
    restore_name(path, "t")
    assert everything(tmp_path) == {str(tmp_path / "a.jpg"): b"one"}
    for number in (2, 3):
        aside.write_bytes(b"%d" % number)
        with pytest.raises(SkippedFileError, match=f"is a-{number}.jpg now"):
            restore_name(path, "t")
    aside.hardlink_to(tmp_path / "a.jpg")
    restore_name(path, "t")
    aside.write_bytes(b"spare")
    restore_name(path, "t", lambda found: Path(os.fsdecode(found)).read_bytes() == b"spare")
    assert sorted(everything(tmp_path).values()) == [b"2", b"3", b"one"]


def test_a_name_is_taken_from_the_verified_file_alone_and_never_the_last_where_another_must_be(tmp_path: Path) -> None:
    file = put(tmp_path / "a.jpg", b"verified")
    folder, status = opened(tmp_path), file.stat()
    assert not unlink_verified(folder, b"a.jpg", status, "t", names=2), "nothing else holds it"
    assert file.read_bytes() == b"verified"
    (tmp_path / "other").hardlink_to(file)
    assert unlink_verified(folder, b"a.jpg", status, "t", names=2)
    assert not unlink_verified(folder, b"a.jpg", status, "t"), "it is gone"
    put(file, b"verified")
    assert not unlink_verified(folder, b"a.jpg", status, "t"), "another file with the same bytes"
    os.close(folder)
    assert sorted(f.name for f in tmp_path.iterdir()) == ["a.jpg", "other"]
