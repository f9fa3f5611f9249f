"""What decisions mean for files: what goes, what never does, and why."""

import hashlib
import json
import os
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dejashot.actions.plan import IN_PACKAGE, LAST, NO_GROUP, SAME_FILE
from dejashot.actions.plan_json import plan_body, plan_from
from dejashot.actions.planning.resolution import LocatedFile, Resolution, resolve
from dejashot.models.decisions import ApplyMethod, Verdict
from dejashot.models.files import FileStamp
from takes import content, planned, put

STAMP = FileStamp(10, 0, 1, 1)


@st.composite
def libraries(draw: st.DrawFn) -> tuple[dict[bytes, LocatedFile], list[list[bytes]], dict[bytes, Verdict]]:
    """Draw files of a few contents, some gone or not to be touched, in groups that do not overlap, and decisions."""
    paths = [b"/p/%d" % n for n in range(draw(st.integers(0, 12)))]
    files = {
        path: LocatedFile(
            b"/p",
            path,
            b"%d" % draw(st.integers(0, 5)),
            draw(st.booleans()),
            STAMP,
            draw(st.sampled_from(["", "", "read-only"])),
        )
        for path in paths
    }
    number = {path: draw(st.integers(0, 4)) for path in paths}
    groups = [[p for p in paths if number[p] == n] for n in range(1, 5)]
    verdicts = draw(
        st.dictionaries(
            st.sampled_from([b"%d" % n for n in range(6)]),
            st.sampled_from([Verdict.KEEP, Verdict.KEEP_ONE, Verdict.REJECT]),
        )
    )
    return files, [g for g in groups if g], verdicts


@given(libraries())
def test_what_goes(library: tuple[dict[bytes, LocatedFile], list[list[bytes]], dict[bytes, Verdict]]) -> None:
    files, groups, verdicts = library
    resolution = resolve(files, groups, verdicts)
    for path, guards in resolution.remove.items():
        file = files[path]
        assert file.there and not file.problem
        assert verdicts[file.content] in (Verdict.REJECT, Verdict.KEEP_ONE), "only what was decided"
        assert guards
        for guard in guards:
            assert files[guard.path].there
            assert guard.path not in resolution.remove, "what must stay does not go"
            assert guard.content == files[guard.path].content
            assert verdicts.get(guard.content) is not Verdict.REJECT
    for group in groups:
        there = [p for p in group if files[p].there]
        rejected_go = any(p in resolution.remove and verdicts[files[p].content] is Verdict.REJECT for p in group)
        assert not rejected_go or any(p not in resolution.remove for p in there), "never the last of a group"
    for one in {s.content for s in files.values()}:
        there = [p for p, s in files.items() if s.content == one and s.there]
        if verdicts.get(one) is Verdict.KEEP_ONE and there:
            assert any(p not in resolution.remove for p in there), "one of several always stays"
        if verdicts.get(one) in (Verdict.KEEP, None):
            assert not any(p in resolution.remove for p in there)
    rejected = {p for p, s in files.items() if verdicts.get(s.content) is Verdict.REJECT}
    assert rejected == {p for p in resolution.remove if p in rejected} | {
        r.path for r in resolution.refused if r.path in rejected
    }, "each has its answer"
    assert all(r.why for r in resolution.refused)


def located(path: bytes, name: bytes, **more: object) -> LocatedFile:
    inode = int.from_bytes(hashlib.blake2b(path, digest_size=6).digest())
    return LocatedFile(b"/p", path, name, True, replace(STAMP, inode=inode), **more)  # type: ignore[arg-type]


def test_reasons_for_what_is_left_alone() -> None:
    files = {s.path: s for s in (located(b"/p/a", b"1"), located(b"/p/b", b"2"), located(b"/p/c", b"3"))}
    verdicts = {b"1": Verdict.REJECT, b"2": Verdict.REJECT, b"3": Verdict.REJECT}
    resolution = resolve(files, [[b"/p/a", b"/p/b"]], verdicts)
    assert {r.path: r.why for r in resolution.refused} == {b"/p/a": LAST, b"/p/b": LAST, b"/p/c": NO_GROUP}
    assert resolution.remove == {}


def test_where_all_of_a_group_are_rejected_the_suggested_one_stays_and_the_others_go() -> None:
    files = {s.path: s for s in (located(b"/p/a", b"1"), located(b"/p/b", b"2"))}
    verdicts = {b"1": Verdict.REJECT, b"2": Verdict.REJECT}
    resolution = resolve(files, [[b"/p/a", b"/p/b"]], verdicts, last={b"/p/b"})
    assert [(r.path, r.why) for r in resolution.refused] == [(b"/p/b", LAST)]
    assert {path: [c.path for c in copies] for path, copies in resolution.remove.items()} == {b"/p/a": [b"/p/b"]}
    gone = files | {b"/p/b": replace(files[b"/p/b"], there=False)}
    assert resolve(gone, [[b"/p/a", b"/p/b"]], verdicts, last={b"/p/b"}).remove == {}


def test_one_file_that_is_seen_through_two_folders_is_not_two() -> None:
    same = replace(STAMP, inode=7)
    files = {p: LocatedFile(b"/p", p, b"1", True, same, links=1) for p in (b"/p/a", b"/p/bind/a")}
    resolution = resolve(files, [], {b"1": Verdict.KEEP_ONE})
    assert (resolution.remove, [r.why for r in resolution.refused]) == ({}, [SAME_FILE])
    linked = {p: replace(s, links=2) for p, s in files.items()}
    assert set(resolve(linked, [], {b"1": Verdict.KEEP_ONE}).remove) == {b"/p/bind/a"}


def test_of_equal_files_the_one_that_reports_prefer_stays() -> None:
    files = {s.path: s for s in (located(b"/p/a", b"1"), located(b"/p/original of a", b"1"))}
    assert resolve(files, [], {b"1": Verdict.KEEP_ONE}, {b"/p/original of a": 0, b"/p/a": 1}).keep == [
        b"/p/original of a"
    ]


def test_of_equal_files_the_shortest_path_stays() -> None:
    files = {s.path: s for s in (located(b"/p/copy/a", b"1"), located(b"/p/b", b"1"), located(b"/p/a", b"1"))}
    resolution = resolve(files, [], {b"1": Verdict.KEEP_ONE})
    assert resolution.keep == [b"/p/a"]
    assert set(resolution.remove) == {b"/p/b", b"/p/copy/a"}


def test_nothing_decided_nothing_planned() -> None:
    assert resolve({}, [], {}) == Resolution()


def test_hard_links_free_nothing_until_the_last(tmp_path: Path) -> None:
    keep, gone = put(tmp_path / "keep.jpg", b"k"), put(tmp_path / "gone.jpg", b"g" * 1000)
    (tmp_path / "link.jpg").hardlink_to(gone)
    plan = planned(ApplyMethod.LIST, tmp_path, {gone: Verdict.REJECT})
    assert (len(plan.items), plan.size_bytes) == (2, 1000)
    (tmp_path.parent / f"{tmp_path.name}-elsewhere").hardlink_to(gone)
    assert planned(ApplyMethod.LIST, tmp_path, {gone: Verdict.REJECT}).size_bytes == 0
    assert content(keep) != content(gone)


def test_companions_count(tmp_path: Path) -> None:
    put(tmp_path / "keep.jpg", b"k")
    gone = put(tmp_path / "IMG_1.jpg", b"g" * 1000)
    put(tmp_path / "IMG_1.MOV", b"m" * 500)
    put(tmp_path / "IMG_1.jpg.xmp", b"x")
    plan = planned(ApplyMethod.QUARANTINE, tmp_path, {gone: Verdict.REJECT}, to=Path("/q"))
    assert (plan.photos, len(plan.items), plan.size_bytes) == (1, 3, 1501)
    assert all(
        i.target == b"/q/20260701-120000-0001/" + os.fsencode(tmp_path.name) + b"/" + os.path.basename(i.source)
        for i in plan.items
    )


def test_a_plan_survives_json(tmp_path: Path) -> None:
    put(tmp_path / "keep.jpg", b"k")
    odd = put(Path(os.fsdecode(os.fsencode(tmp_path) + b"/IMG\xff \n.jpg")), b"g")
    plan = planned(ApplyMethod.QUARANTINE, tmp_path, {odd: Verdict.REJECT}, to=tmp_path / "q")
    assert plan.items
    assert plan_from(json.loads(json.dumps(plan_body(plan)))) == plan


def test_links_are_never_planned(tmp_path: Path) -> None:
    keep, gone = put(tmp_path / "keep.jpg", b"k"), put(tmp_path / "gone.jpg", b"g")
    put(tmp_path.parent / f"{tmp_path.name}.mov", b"m")
    (tmp_path / "gone.mov").symlink_to(tmp_path.parent / f"{tmp_path.name}.mov")
    plan = planned(ApplyMethod.TRASH, tmp_path, {gone: Verdict.REJECT, keep: Verdict.KEEP})
    assert [i.source for i in plan.items] == [os.fsencode(gone)]


@pytest.mark.parametrize("how", list(ApplyMethod))
def test_nothing_in_another_programs_package_is_touched_whatever_was_decided(tmp_path: Path, how: ApplyMethod) -> None:
    inside, mine = tmp_path / "Photos Library.photoslibrary" / "originals", tmp_path / "mine"
    theirs = [put(inside / f"{n}.jpg", b"%d" % n) for n in range(3)]
    ours = [put(mine / f"{n}.jpg", b"mine %d" % n) for n in range(3)]
    both = put(inside / "both.jpg", b"both"), put(mine / f"{'longer' * 10}.jpg", b"both")
    verdicts = {
        theirs[0]: Verdict.REJECT,
        theirs[1]: Verdict.KEEP,
        ours[0]: Verdict.REJECT,
        ours[1]: Verdict.KEEP,
        both[0]: Verdict.KEEP_ONE,
    }
    plan = planned(how, tmp_path, verdicts, groups=[theirs, ours, both], to=tmp_path / "to")
    assert plan.items
    assert not any(b".photoslibrary" in path for item in plan.items for path in (item.source, item.target))
    assert not any(b".photoslibrary" in guard.path for guards in plan.guards for guard in guards)
    refused = {r.path: r.why for r in plan.refused}
    assert {refused[bytes(p)] for p in theirs[:2]} == {IN_PACKAGE}
    assert refused[bytes(both[1])] == LAST


def test_a_photo_does_not_go_because_a_package_holds_another_take(tmp_path: Path) -> None:
    inside, mine = put(tmp_path / "Old" / "a.jpg", b"a"), put(tmp_path / "b.jpg", b"b")
    assert len(planned(ApplyMethod.TRASH, tmp_path, {mine: Verdict.REJECT}).items) == 1
    put(tmp_path / "Old" / "database" / "Photos.sqlite", b"")
    plan = planned(ApplyMethod.TRASH, tmp_path, {mine: Verdict.REJECT})
    assert (plan.items, [(r.path, r.why) for r in plan.refused]) == ((), [(bytes(mine), LAST)])
    assert [r.why for r in planned(ApplyMethod.TRASH, tmp_path, {inside: Verdict.REJECT}).refused] == [IN_PACKAGE]
