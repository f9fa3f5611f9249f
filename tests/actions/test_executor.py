"""Carrying plans out and taking them back, on real files and real disks."""

import errno
import json
import os
import re
import shutil
import subprocess
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from dejashot.actions.batch import Batch
from dejashot.actions.batches import all_batches, interrupted
from dejashot.actions.destination import destination_problem
from dejashot.actions.executor import AWAY, execute, resume, roll_back
from dejashot.actions.history import is_set_aside, moved_files, prune
from dejashot.actions.methods.xmp import REJECTED, with_rating
from dejashot.actions.moves.safe_move import CHANGED_SINCE, GONE
from dejashot.actions.moves.writing import TAKEN
from dejashot.actions.plan import IN_PACKAGE, LAST, Plan
from dejashot.errors import BatchError, DiskFullError
from dejashot.models.decisions import ApplyMethod, Verdict
from takes import disk, fingerprint, jpeg, names, planned, put, take


def rejecting(folder: Path, how: ApplyMethod = ApplyMethod.QUARANTINE, to: Path | None = None, number: int = 1) -> Plan:
    """Plan that the second and the last photo of a folder are rejected."""
    photos = sorted(folder.rglob("*.jpg"))
    return planned(how, folder, {photos[1]: Verdict.REJECT, photos[-1]: Verdict.REJECT}, to=to, number=number)


def stat_of(path: bytes) -> os.stat_result:
    return Path(os.fsdecode(path)).stat()


def whys(outcome: object) -> list[str]:
    return [r.why for r in outcome.refused]  # type: ignore[attr-defined]


def test_into_the_quarantine_and_back(folder: Path, tmp_path: Path) -> None:
    before, library, to = fingerprint(folder), tmp_path / "library", tmp_path / "made" / "Rejected"
    plan = rejecting(folder, to=to)
    inodes = {i.source: stat_of(i.source).st_ino for i in plan.items}
    seen: list[tuple[int, int]] = []
    outcome = execute(plan, library, lambda done, of: seen.append((done, of)))
    assert (outcome.photos, outcome.files, outcome.refused) == (2, 5, ())
    assert seen[-1] == (5, 5)
    moved = to / plan.id / "Pictures"
    assert names(moved) == {os.fsdecode(os.path.basename(i.source)) for i in plan.items}
    assert {stat_of(i.target).st_ino for i in plan.items} == set(inodes.values())
    manifest = json.loads((to / plan.id / "manifest.json").read_bytes())
    assert len(manifest["files"]) == 5
    assert all(len(f["blake2b_256"]) == 64 and f["bytes"] for f in manifest["files"])
    back = roll_back(library)
    assert (back.files, back.refused) == (5, ())
    assert fingerprint(folder) == before
    assert not (tmp_path / "made").exists(), "what was made for it is gone"
    with pytest.raises(BatchError):
        roll_back(library, plan.id)


def test_the_same_on_another_disk(folder: Path, tmp_path: Path) -> None:
    before, library = fingerprint(folder), tmp_path / "library"
    with disk(tmp_path / "other") as other:
        plan = rejecting(folder, to=other / "Rejected")
        times = {i.target: stat_of(i.source).st_mtime_ns for i in plan.items}
        assert execute(plan, library).files == 5
        assert {t: stat_of(t).st_mtime_ns for t in times} == times
        assert roll_back(library).refused == ()
        assert names(other) == set()
    assert fingerprint(folder) == before


def test_a_disk_that_fills_up_meanwhile_loses_nothing_and_goes_on_when_there_is_room(tmp_path: Path) -> None:
    folder, library = tmp_path / "Pictures", tmp_path / "library"
    photos = [put(folder / f"{n}.jpg", os.urandom(300_000), n) for n in range(6)]
    before = fingerprint(folder)
    with disk(tmp_path / "small", "30m") as small:
        plan = planned(ApplyMethod.QUARANTINE, folder, dict.fromkeys(photos[1:], Verdict.REJECT), to=small)
        others = small / "of another program"

        def fill(done: int, _of: int) -> None:
            if done == 2:
                with suppress(OSError), others.open("wb") as out:
                    out.write(b"x" * (shutil.disk_usage(small).free - 400_000))

        with pytest.raises(DiskFullError) as caught:
            execute(plan, library, fill)
        assert "goes on" in caught.value.hint
        assert not list(small.rglob("*.tmp"))
        everything = [*folder.rglob("*.jpg"), *small.rglob("*.jpg")]
        assert sorted(f.name for f in everything) == sorted(f.name for f in photos)
        others.unlink()
        assert [o.files for o in resume(library)] == [5]
        assert roll_back(library).refused == ()
    assert fingerprint(folder) == before


def test_what_does_not_fit_is_said_in_full_and_nothing_is_begun(tmp_path: Path) -> None:
    folder, library = tmp_path / "Pictures", tmp_path / "library"
    photos = [put(folder / f"{n}.jpg", os.urandom(300_000), n) for n in range(6)]
    before = fingerprint(folder)
    with disk(tmp_path / "small", "21m") as small:
        plan = planned(ApplyMethod.QUARANTINE, folder, dict.fromkeys(photos[1:], Verdict.REJECT), to=small / "Rejected")
        assert destination_problem(plan) == ""
        (small / "others").write_bytes(b"x" * 5_000_000)
        said = re.fullmatch(
            rf"1\.5 MB are to be copied to the disk at {small}, which has 17\.0 MB free"
            r" and is to keep 20\.0 MB: (.*) MB are missing",
            destination_problem(plan),
        )
        assert said is not None and float(said[1]) == pytest.approx(4.5, abs=0.2)
        with pytest.raises(BatchError, match="are missing"):
            execute(plan, library)
        assert (fingerprint(folder), names(small), all_batches(library)) == (before, {"others"}, [])
        assert (
            destination_problem(planned(ApplyMethod.QUARANTINE, folder, {photos[1]: Verdict.REJECT}, to=tmp_path / "q"))
            == ""
        ), "no copy, no room needed"


def test_what_has_no_room_to_come_back_stays_together(tmp_path: Path) -> None:
    library, to = tmp_path / "library", tmp_path / "q"
    with disk(tmp_path / "card", "24m") as card:
        photos = [put(card / "DCIM" / f"{n}.jpg", os.urandom(300_000), n) for n in range(4)]
        before = fingerprint(card)
        execute(
            planned(ApplyMethod.QUARANTINE, card / "DCIM", dict.fromkeys(photos[1:], Verdict.REJECT), to=to), library
        )
        (card / "film.mp4").write_bytes(b"x" * 8_000_000)
        with pytest.raises(DiskFullError, match="are missing"):
            roll_back(library)
        assert len(list(to.rglob("*.jpg"))) == 3
        assert all_batches(library)[0].summary.state == "done"
        (card / "film.mp4").unlink()
        roll_back(library)
        assert fingerprint(card) == before


def test_what_changed_since_stays_and_its_companions_with_it(folder: Path, tmp_path: Path) -> None:
    plan = rejecting(folder, to=tmp_path / "q")
    photo = next(i for i in plan.items if i.photo == i.number and b"_1" in i.source)
    status = stat_of(photo.source)
    with open(photo.source, "r+b") as out:
        out.write(b"X")
    os.utime(photo.source, ns=(status.st_atime_ns, status.st_mtime_ns))
    before = fingerprint(folder)
    outcome = execute(plan, tmp_path / "library")
    assert whys(outcome)[0] == CHANGED_SINCE
    assert (outcome.files, len(outcome.refused)) == (1, 4)
    roll_back(tmp_path / "library")
    assert fingerprint(folder) == before


def test_a_link_in_the_place_of_a_photo_is_refused(folder: Path, tmp_path: Path) -> None:
    plan = rejecting(folder, to=tmp_path / "q")
    aside = tmp_path / "aside.jpg"
    path = Path(os.fsdecode(plan.items[0].source))
    path.rename(aside)
    path.symlink_to(aside)
    outcome = execute(plan, tmp_path / "library")
    assert whys(outcome)[0] == CHANGED_SINCE
    assert path.is_symlink() and aside.exists()


def test_a_link_in_the_place_of_a_folder_is_refused(folder: Path, tmp_path: Path) -> None:
    plan = rejecting(folder, to=tmp_path / "q")
    folder.rename(tmp_path / "elsewhere")
    folder.symlink_to(tmp_path / "elsewhere")
    before = fingerprint(tmp_path / "elsewhere")
    outcome = execute(plan, tmp_path / "library")
    assert (outcome.files, len(outcome.refused)) == (0, 2)
    assert fingerprint(tmp_path / "elsewhere") == before


def test_the_last_of_a_group_stays_also_when_the_others_went_after_the_plan(folder: Path, tmp_path: Path) -> None:
    plan = rejecting(folder, to=tmp_path / "q")
    for guard in plan.guards[0][1:]:
        Path(os.fsdecode(guard.path)).unlink()
    Path(os.fsdecode(plan.guards[0][0].path)).write_bytes(b"edited")
    outcome = execute(plan, tmp_path / "library")
    assert outcome.files == 0
    assert whys(outcome).count(LAST) == 2


def test_what_is_gone_is_said(folder: Path, tmp_path: Path) -> None:
    plan = rejecting(folder, to=tmp_path / "q")
    Path(os.fsdecode(plan.items[-1].source)).unlink()
    assert GONE in whys(execute(plan, tmp_path / "library"))


def test_nothing_is_written_over_on_the_way_back(folder: Path, tmp_path: Path) -> None:
    before, library = fingerprint(folder), tmp_path / "library"
    plan = rejecting(folder, to=tmp_path / "q")
    execute(plan, library)
    newcomer = put(Path(os.fsdecode(plan.items[0].source)), b"another photo of that name")
    outcome = roll_back(library)
    assert whys(outcome) == [TAKEN]
    assert newcomer.read_bytes() == b"another photo of that name"
    assert Path(os.fsdecode(plan.items[0].target)).exists()
    assert all_batches(library)[0].summary.state == "undone but for some"
    newcomer.unlink()
    assert roll_back(library).refused == ()
    assert fingerprint(folder) == before
    assert all_batches(library)[0].summary.state == "undone"


def bytes_moved(library: Path) -> tuple[int, int]:
    """Return how many bytes are set aside, and how many are gone for good."""
    found = moved_files(all_batches(library), is_set_aside())
    return sum(found.set_aside.values()), sum(found.freed.values())


def test_what_left_the_quarantine_is_freed_and_can_not_come_back(folder: Path, tmp_path: Path) -> None:
    library = tmp_path / "library"
    plan = rejecting(folder, to=tmp_path / "q")
    execute(plan, library)
    assert bytes_moved(library) == (plan.size_bytes, 0)
    gone = plan.items[0].stamp.size_bytes
    Path(os.fsdecode(plan.items[0].target)).unlink()
    assert bytes_moved(library) == (plan.size_bytes - gone, gone)
    outcome = roll_back(library)
    assert whys(outcome) == ["it is no longer in the quarantine"]
    assert outcome.files == 4
    assert bytes_moved(library) == (0, gone)


def test_earlier_batches_can_be_undone_by_name(folder: Path, tmp_path: Path) -> None:
    before, library = fingerprint(folder), tmp_path / "library"
    photos = sorted(folder.rglob("*.jpg"))
    one = planned(ApplyMethod.QUARANTINE, folder, {photos[0]: Verdict.REJECT}, to=tmp_path / "q", number=1)
    execute(one, library)
    two = planned(ApplyMethod.QUARANTINE, folder, {photos[1]: Verdict.REJECT}, to=tmp_path / "q", number=2)
    execute(two, library)
    assert roll_back(library, one.id).batch == one.id
    assert photos[0].exists() and not photos[1].exists()
    assert roll_back(library).batch == two.id
    assert fingerprint(folder) == before
    with pytest.raises(BatchError):
        roll_back(library, "20260701-120000-ffff")
    with pytest.raises(BatchError):
        roll_back(library)


@pytest.mark.parametrize("jump_s", [-400 * 86_400, -60, 0, 60, 400 * 86_400])
def test_what_was_done_last_is_undone_first_however_the_clock_jumps(folder: Path, tmp_path: Path, jump_s: int) -> None:
    before, library, photos = fingerprint(folder), tmp_path / "library", sorted(folder.rglob("*.jpg"))
    plans = [
        planned(ApplyMethod.QUARANTINE, folder, {photo: Verdict.REJECT}, to=tmp_path / "q", number=9 - n)
        for n, photo in enumerate(photos[:2])
    ]
    now_us = 1_800_000_000_000_000
    execute(replace(plans[0], made_us=now_us), library)
    execute(replace(plans[1], made_us=now_us + jump_s * 1_000_000), library)
    assert [b.plan.id for b in all_batches(library)] == [p.id for p in plans]
    assert roll_back(library).batch == plans[1].id
    assert roll_back(library).batch == plans[0].id
    assert fingerprint(folder) == before


def test_a_plan_is_carried_out_once(folder: Path, tmp_path: Path) -> None:
    plan = rejecting(folder, to=tmp_path / "q")
    execute(plan, tmp_path / "library")
    with pytest.raises(BatchError):
        execute(plan, tmp_path / "library")


def test_a_torn_line_of_the_journal_is_passed_over(folder: Path, tmp_path: Path) -> None:
    before, library = fingerprint(folder), tmp_path / "library"
    plan = rejecting(folder, to=tmp_path / "q")
    execute(plan, library)
    progress = library / "batches" / plan.id / "progress.jsonl"
    lines = progress.read_bytes().splitlines(keepends=True)
    progress.write_bytes(b"".join(lines[:2]) + lines[2][:7])
    assert Batch.read(progress.parent).open
    assert [o.files for o in resume(library)] == [5]
    assert not resume(library)
    roll_back(library)
    assert fingerprint(folder) == before


def test_hard_links_go_and_come_back_as_links(folder: Path, tmp_path: Path) -> None:
    photo = sorted(folder.rglob("*.jpg"))[1]
    (folder / "link.jpg").hardlink_to(photo)
    before = fingerprint(folder)
    plan = planned(ApplyMethod.QUARANTINE, folder, {photo: Verdict.REJECT}, to=tmp_path / "q")
    assert execute(plan, tmp_path / "library").refused == ()
    roll_back(tmp_path / "library")
    assert fingerprint(folder) == before
    assert photo.samefile(folder / "link.jpg")


def test_a_folder_that_went_meanwhile_is_made_again(folder: Path, tmp_path: Path) -> None:
    sub = take(folder / "sub", jpeg(tmp_path / "seeds"), 1, minute=9)[0]
    before = fingerprint(folder)
    plan = planned(ApplyMethod.QUARANTINE, folder, {sub: Verdict.REJECT}, to=tmp_path / "q")
    execute(plan, tmp_path / "library")
    (folder / "sub").rmdir()
    roll_back(tmp_path / "library")
    assert fingerprint(folder) == before


def test_nothing_comes_back_to_another_disk_in_the_same_place(folder: Path, tmp_path: Path) -> None:
    library, to = tmp_path / "library", tmp_path / "q"
    with disk(tmp_path / "card") as card:
        shutil.copytree(folder, card, dirs_exist_ok=True)
        assert execute(rejecting(card, to=to), library).files == 5
    with disk(tmp_path / "card") as other:
        assert roll_back(library).files == 0
        assert not names(other)
        assert len(names(to)) == 6


def test_nothing_comes_back_to_a_disk_that_is_away(folder: Path, tmp_path: Path) -> None:
    card, aside, library = tmp_path / "card", tmp_path / "aside", tmp_path / "library"
    with disk(card):
        photos = take(card, jpeg(tmp_path / "seeds"), 3)
        before = fingerprint(card)
        execute(planned(ApplyMethod.QUARANTINE, card, {photos[1]: Verdict.REJECT}, to=tmp_path / "q"), library)
        aside.mkdir()
        subprocess.run(["mount", "--move", card, aside], check=True)
        assert whys(roll_back(library)) == [AWAY]
        assert not list(card.iterdir())
        subprocess.run(["mount", "--move", aside, card], check=True)
        assert roll_back(library).refused == ()
        assert fingerprint(card) == before


def test_what_never_comes_back_does_not_stand_before_earlier_batches(folder: Path, tmp_path: Path) -> None:
    library, photos = tmp_path / "library", sorted(folder.rglob("*.jpg"))
    first = planned(ApplyMethod.QUARANTINE, folder, {photos[0]: Verdict.REJECT}, to=tmp_path / "q", number=1)
    execute(first, library)
    execute(planned(ApplyMethod.QUARANTINE, folder, {photos[1]: Verdict.REJECT}, to=tmp_path / "q", number=2), library)
    shutil.rmtree(tmp_path / "q" / "20260701-120000-0002")
    assert roll_back(library).batch == "20260701-120000-0002"
    assert roll_back(library).batch == first.id, "the one before it, although something of the last never came back"


def test_a_destination_that_can_not_work_is_said_and_begins_nothing(folder: Path, tmp_path: Path) -> None:
    put(tmp_path / "file", b"x")
    with disk(tmp_path / "card") as card:
        subprocess.run(["mount", "-o", "remount,ro", card], check=True)
        fstab = put(
            tmp_path / "fstab",
            f"# disks\nUUID=1 {tmp_path}/away ext4 defaults 0 2\nUUID=2 {card} ext4 ro 0 2\n".encode(),
        )
        for to, verdicts in {
            tmp_path / "file" / "q": f"{tmp_path / 'file'} is no folder",
            card / "q": f"the disk at {card} is mounted read-only",
            Path("/mnt/no disk of ours/q"): "there is no disk at /mnt/no disk of ours",
            tmp_path / "away" / "q": f"the disk that belongs at {tmp_path / 'away'} is not mounted",
        }.items():
            plan = rejecting(folder, to=to)
            assert destination_problem(plan, fstab).startswith(verdicts)
            if "away" not in str(to):
                with pytest.raises(BatchError, match=re.escape(verdicts)):
                    execute(plan, tmp_path / "library")
        assert destination_problem(rejecting(folder, ApplyMethod.TRASH), fstab) == ""
    assert not all_batches(tmp_path / "library")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_destination_that_may_not_be_written_to_is_said(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "closed").mkdir(mode=0o555)
    assert destination_problem(rejecting(folder, to=tmp_path / "closed" / "q")).startswith(
        f"you may not write to {tmp_path / 'closed'}, where"
    )


def test_a_batch_that_did_nothing_says_so(folder: Path, tmp_path: Path) -> None:
    library, plan = tmp_path / "library", rejecting(folder, to=tmp_path / "q")
    for item in plan.items:
        Path(os.fsdecode(item.source)).write_bytes(b"edited since")
    assert execute(plan, library).files == 0
    assert all_batches(library)[0].summary.state == "nothing was done"
    with pytest.raises(BatchError, match="nothing to undo"):
        roll_back(library)


def test_what_was_stopped_is_told_until_it_is_dealt_with(folder: Path, tmp_path: Path) -> None:
    before, library, plan = fingerprint(folder), tmp_path / "library", rejecting(folder, to=tmp_path / "q")

    def stop(done: int, _of: int) -> None:
        assert interrupted(library) == [], "the one that is under way was not stopped"
        if done == 2:
            raise KeyboardInterrupt

    for name in ("", plan.id):
        with pytest.raises(KeyboardInterrupt):
            execute(replace(plan, id=plan.id + name[:1]), library, stop)
        (found,) = interrupted(library)
        assert (found.state, found.files, found.planned, found.stopped) == ("unfinished", 2, 5, True)
        with pytest.raises(BatchError, match="stopped in the middle"):
            execute(replace(plan, id="20260701-120000-abcd"), library)
        with pytest.raises(BatchError, match="was not stopped"):
            resume(library, name="20260701-120000-ffff")
        (finished,) = resume(library, name=found.id)
        assert (finished.files, interrupted(library)) == (5, [])
        with pytest.raises(KeyboardInterrupt):
            roll_back(library, found.id, stop)
        (found,) = interrupted(library)
        assert (found.state, found.stopped) == ("being undone", True)
        assert not resume(library), "what was on its way back goes on when asked for by name alone"
        resume(library, name=found.id)
        assert interrupted(library) == []
        assert fingerprint(folder) == before


def test_batches_that_are_long_over_are_let_go(folder: Path, tmp_path: Path) -> None:
    library, to, photos = tmp_path / "library", tmp_path / "q", sorted(folder.rglob("*.jpg"))
    for number, photo in enumerate(photos[:4], start=1):
        execute(planned(ApplyMethod.QUARANTINE, folder, {photo: Verdict.REJECT}, to=to, number=number), library)
    one, two, three, four = (b.plan for b in all_batches(library))
    roll_back(library, one.id)
    roll_back(library, two.id)
    Path(os.fsdecode(two.items[0].target)).parent.mkdir(parents=True)
    shutil.copy(photos[1], os.fsdecode(two.items[0].target))  # somebody put it there again
    shutil.rmtree(to / three.id)
    roll_back(library, three.id)
    nothing = rejecting(folder, to=tmp_path / "other", number=5)
    for item in nothing.items:
        Path(os.fsdecode(item.source)).write_bytes(b"edited since")
    execute(nothing, library)
    (library / "batches" / ".over-20250101-000000-0001").mkdir()
    day_us = 86_400_000_000
    assert prune(library, one.made_us + 89 * day_us) == 0
    assert prune(library, one.made_us + 91 * day_us) == 2
    assert [b.plan.id for b in all_batches(library)] == [two.id, three.id, four.id], (
        "set aside, never came back, still done"
    )
    assert {f.name for f in (library / "batches").iterdir()} == {two.id, three.id, four.id}


def test_a_read_only_disk_is_said_in_the_plan(folder: Path, tmp_path: Path) -> None:
    place = tmp_path / "card"
    with disk(place):
        shutil.copytree(folder, place / "DCIM")
        subprocess.run(["mount", "-o", "remount,ro", place], check=True)
        plan = rejecting(place / "DCIM", to=tmp_path / "q")
        assert not plan.items
        assert {r.why for r in plan.refused} == {"its disk is mounted read-only"}


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_is_not_to_be_changed_is_said_in_the_plan(folder: Path, tmp_path: Path) -> None:
    folder.chmod(0o555)
    assert {r.why for r in rejecting(folder, to=tmp_path / "q").refused} == {"you may not change its folder"}
    folder.chmod(0o755)


def test_into_the_trash_and_back(folder: Path, tmp_path: Path, trash: Path) -> None:
    before, library = fingerprint(folder), tmp_path / "library"
    plan = rejecting(folder, ApplyMethod.TRASH)
    assert execute(plan, library).files == 5
    assert len(names(trash / "files")) == 5
    assert bytes_moved(library) == (plan.size_bytes, 0)
    assert roll_back(library).refused == ()
    assert fingerprint(folder) == before
    assert not names(trash)


def test_the_trash_of_another_disk(folder: Path, tmp_path: Path, trash: Path) -> None:
    with disk(tmp_path / "card") as card:
        shutil.copytree(folder, card / "DCIM")
        before = fingerprint(card / "DCIM")
        assert execute(rejecting(card / "DCIM", ApplyMethod.TRASH), tmp_path / "library").files == 5
        assert len(names(card / f".Trash-{os.getuid()}" / "files")) == 5
        assert not trash.exists()
        assert roll_back(tmp_path / "library").refused == ()
        assert fingerprint(card / "DCIM") == before


def test_of_two_files_of_one_name_in_the_trash_the_right_one_comes_back(
    folder: Path, tmp_path: Path, trash: Path
) -> None:
    before, library = fingerprint(folder), tmp_path / "library"
    plan = rejecting(folder, ApplyMethod.TRASH)
    execute(plan, library)
    put(Path(os.fsdecode(plan.items[0].source)), b"another")
    other = planned(ApplyMethod.TRASH, folder, {Path(os.fsdecode(plan.items[0].source)): Verdict.REJECT}, number=2)
    execute(other, library)
    assert roll_back(library, plan.id).refused == ()
    assert fingerprint(folder) == before
    assert whys(roll_back(library, other.id)) == [TAKEN]


def test_an_emptied_trash_gives_nothing_back(folder: Path, tmp_path: Path, trash: Path) -> None:
    plan = rejecting(folder, ApplyMethod.TRASH)
    execute(plan, tmp_path / "library")
    shutil.rmtree(trash)
    assert bytes_moved(tmp_path / "library") == (0, plan.size_bytes)
    assert set(whys(roll_back(tmp_path / "library"))) == {"it is no longer in the trash"}


SIDECAR = b"""<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmp:Rating="2"/></rdf:RDF></x:xmpmeta>"""


def test_ratings_are_written_and_taken_back(folder: Path, tmp_path: Path) -> None:
    library, photos = tmp_path / "library", sorted(folder.rglob("*.jpg"))
    put(photos[0].with_suffix(".XMP"), SIDECAR, 77, mode=0o604)
    before = fingerprint(folder)
    plan = planned(
        ApplyMethod.XMP, folder, {photos[0]: Verdict.REJECT, photos[2]: Verdict.KEEP, photos[1]: Verdict.KEEP}
    )
    assert [r.why for r in plan.refused] == ["its sidecar is XML, but not XMP as photo programs write it"]
    outcome = execute(plan, library)
    assert outcome.files == 2
    merged = photos[0].with_suffix(".XMP")
    assert merged.read_bytes() == with_rating(SIDECAR, REJECTED)
    assert merged.stat().st_mode & 0o777 == 0o604
    new = Path(f"{photos[2]}.xmp")
    assert b'xmp:Rating="5"' in new.read_bytes()
    assert new.stat().st_mode & 0o777 == 0o640, "as open as the photo"
    assert roll_back(library).refused == ()
    assert fingerprint(folder) == before


def test_a_sidecar_that_was_changed_since_keeps_the_change(folder: Path, tmp_path: Path) -> None:
    library, photos = tmp_path / "library", sorted(folder.rglob("*.jpg"))
    execute(planned(ApplyMethod.XMP, folder, {photos[0]: Verdict.REJECT, photos[2]: Verdict.KEEP}), library)
    Path(f"{photos[2]}.xmp").write_bytes(SIDECAR)
    assert whys(roll_back(library)) == ["its sidecar was changed since"]
    assert Path(f"{photos[2]}.xmp").read_bytes() == SIDECAR
    assert not Path(f"{photos[0]}.xmp").exists()


def test_a_hostile_sidecar_keeps_no_other_rating_from_being_written(folder: Path, tmp_path: Path) -> None:
    photos = sorted(folder.rglob("*.jpg"))
    hostile = put(
        photos[0].with_suffix(".xmp"),
        SIDECAR.replace(b" xmp:", b"".join(b' xmlns:p%d="u"' % n for n in range(120_000)) + b" xmp:"),
    )
    before = hostile.read_bytes()
    outcome = execute(
        plan := planned(ApplyMethod.XMP, folder, {photos[0]: Verdict.REJECT, photos[2]: Verdict.KEEP}),
        tmp_path / "library",
    )
    assert [r.why for r in plan.refused] == ["its sidecar is built of more parts than any sidecar is"]
    assert outcome.files == 1
    assert hostile.read_bytes() == before


def test_a_shared_sidecar_is_nobodys(tmp_path: Path) -> None:
    folder = tmp_path / "Pictures"
    gone, keep = put(folder / "IMG_1.jpg", b"j"), put(folder / "IMG_2.jpg", b"k")
    put(folder / "IMG_1.HEIC", b"h")
    put(folder / "IMG_1.xmp", SIDECAR)
    execute(planned(ApplyMethod.XMP, folder, {gone: Verdict.REJECT, keep: Verdict.KEEP}), tmp_path / "library")
    assert (folder / "IMG_1.xmp").read_bytes() == SIDECAR
    assert b'"-1"' in (folder / "IMG_1.jpg.xmp").read_bytes()


def test_what_is_rated_already_is_left_out(folder: Path, tmp_path: Path) -> None:
    photos = sorted(folder.rglob("*.jpg"))
    verdicts = {photos[0]: Verdict.REJECT, photos[2]: Verdict.KEEP}
    execute(planned(ApplyMethod.XMP, folder, verdicts), tmp_path / "library")
    assert not planned(ApplyMethod.XMP, folder, verdicts).items


def test_keepers_are_linked_into_an_album(folder: Path, tmp_path: Path) -> None:
    library, photos, album = tmp_path / "library", sorted(folder.rglob("*.jpg")), tmp_path / "Best"
    put(album / photos[0].name, b"a photo of that name")
    before, album_before = fingerprint(folder), fingerprint(album)
    verdicts = {photos[0]: Verdict.KEEP, photos[2]: Verdict.KEEP_ONE, photos[1]: Verdict.REJECT}
    execute(planned(ApplyMethod.ALBUM, folder, verdicts, to=album), library)
    assert names(album) == {photos[0].name, f"{photos[0].stem}-2.jpg", photos[2].name}
    assert (album / photos[2].name).samefile(photos[2])
    assert not planned(ApplyMethod.ALBUM, folder, verdicts, to=album).items, "what is linked already is left out"
    (album / photos[2].name).unlink()
    put(album / photos[2].name, b"not a link any more")
    assert whys(roll_back(library)) == ["another file has its name in the album"]
    (album / photos[2].name).unlink()
    assert fingerprint(album) == album_before
    assert fingerprint(folder) == before


def test_an_album_never_takes_the_last_name_of_a_photo(folder: Path, tmp_path: Path) -> None:
    photo = min(folder.rglob("*.jpg"))
    execute(planned(ApplyMethod.ALBUM, folder, {photo: Verdict.KEEP}, to=tmp_path / "Best"), tmp_path / "library")
    photo.unlink()
    assert len(whys(roll_back(tmp_path / "library"))) == 1
    assert (tmp_path / "Best" / photo.name).exists()


def test_an_album_on_another_disk_is_refused(folder: Path, tmp_path: Path) -> None:
    photo = min(folder.rglob("*.jpg"))
    with disk(tmp_path / "other") as other:
        plan = planned(ApplyMethod.ALBUM, folder, {photo: Verdict.KEEP}, to=other / "Best")
        assert not plan.items
        assert "another disk" in plan.refused[0].why


def test_where_links_are_not_known_files_are_renamed(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_links(*_: object, **__: object) -> None:
        raise OSError(errno.EOPNOTSUPP, os.strerror(errno.EOPNOTSUPP))

    monkeypatch.setattr(os, "link", no_links)  # the system's own call, as exFAT and some network disks answer it
    before, library = fingerprint(folder), tmp_path / "library"
    plan = rejecting(folder, to=tmp_path / "q")
    assert execute(plan, library).files == 5
    put(Path(os.fsdecode(plan.items[0].source)), b"another photo of that name")
    assert whys(roll_back(library)) == [TAKEN]
    Path(os.fsdecode(plan.items[0].source)).unlink()
    assert roll_back(library).refused == ()
    assert fingerprint(folder) == before


def test_a_plan_of_an_older_version_does_nothing_in_a_package(folder: Path, tmp_path: Path) -> None:
    plan = rejecting(folder, to=tmp_path / "Rejected")
    (folder / "Library6.iPhoto").touch()
    before = fingerprint(folder)
    outcome = execute(plan, tmp_path / "library")
    assert outcome.files == 0
    assert IN_PACKAGE in whys(outcome)
    assert fingerprint(folder) == before


def test_what_left_a_folder_that_is_a_package_by_now_comes_back(folder: Path, tmp_path: Path) -> None:
    before = fingerprint(folder)
    execute(rejecting(folder, to=tmp_path / "Rejected"), tmp_path / "library")
    (folder / "Library6.iPhoto").touch()
    assert roll_back(tmp_path / "library").files == 5
    (folder / "Library6.iPhoto").unlink()
    assert fingerprint(folder) == before
