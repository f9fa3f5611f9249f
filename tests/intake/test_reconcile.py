"""Walking a real folder and comparing it with what is known."""

import os
from dataclasses import replace
from pathlib import Path

import pytest

from dejashot.errors import FolderError
from dejashot.intake.names import NameRules
from dejashot.intake.reconcile import DEEPEST, Ground, check_folder, compare, walk
from dejashot.models import FileStamp

RULES = NameRules()


def known_of(folder: Path) -> dict[bytes, FileStamp]:
    changes = compare(folder, RULES, {})
    return {f.path: f.stamp for f in changes.arrived}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("a.jpg", "b.png", "sub/c.heic", "sub/deep/d.JPG", "notes.txt", ".hidden.jpg", ".stversions/e.jpg", "raw.dng"):
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(name.encode())
    return tmp_path


def test_a_walk_finds_photos_below_a_folder_in_order(folder: Path) -> None:
    assert list(known_of(folder)) == [b"a.jpg", b"b.png", b"raw.dng", b"sub/c.heic", b"sub/deep/d.JPG"]


def test_nothing_new_is_nothing_to_do(folder: Path) -> None:
    changes = compare(folder, RULES, known_of(folder))
    assert (changes.arrived, changes.missing, changes.files) == ([], [], 5)


def test_new_changed_and_missing_files_are_told_apart(folder: Path) -> None:
    known = known_of(folder)
    (folder / "a.jpg").write_bytes(b"something else")
    (folder / "b.png").unlink()
    (folder / "sub" / "new.jpg").write_bytes(b"new")
    changes = compare(folder, RULES, known)
    assert [f.path for f in changes.arrived] == [b"a.jpg", b"sub/new.jpg"]
    assert changes.missing == [b"b.png"]


def test_links_pipes_and_loops_are_not_followed(folder: Path) -> None:
    before = known_of(folder)
    (folder / "link.jpg").symlink_to(folder / "a.jpg")
    (folder / "loop").symlink_to(folder)
    os.mkfifo(folder / "pipe.jpg")
    assert known_of(folder) == before


def test_names_that_are_not_utf8_are_names(folder: Path) -> None:
    (folder / os.fsdecode(b"IMG\xff.jpg")).write_bytes(b"x")
    assert b"IMG\xff.jpg" in known_of(folder)


def test_what_can_not_be_listed_does_not_count_as_missing(folder: Path) -> None:
    known = known_of(folder)
    if os.geteuid() == 0:
        import shutil

        shutil.rmtree(folder / "sub")
        (folder / "sub").symlink_to("/nonexistent")
        assert set(compare(folder, RULES, known).missing) == {b"sub/c.heic", b"sub/deep/d.JPG"}
    else:
        (folder / "sub").chmod(0)
        changes = compare(folder, RULES, known)
        (folder / "sub").chmod(0o700)
        assert changes.ground.unlisted == [b"sub"]
        assert changes.missing == []


def test_a_folder_that_is_not_there_is_an_error_with_a_way_out(tmp_path: Path) -> None:
    with pytest.raises(FolderError, match="mounted"):
        check_folder(tmp_path / "none")
    (tmp_path / "file").touch()
    with pytest.raises(FolderError, match="not a folder"):
        check_folder(tmp_path / "file")
    assert compare(tmp_path / "none", RULES, {b"a.jpg": FileStamp(1, 1, 1, 1)}).missing == []


def test_a_link_put_in_the_place_of_a_folder_leads_nowhere(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    outside = tmp_path_factory.mktemp("outside")
    (outside / "secret.jpg").write_bytes(b"x")
    known, ground = known_of(folder), Ground()
    found = walk(folder, RULES, ground)
    first = next(found)  # by now the walk has listed the top folder
    (folder / "sub").rename(folder / "aside")
    (folder / "sub").symlink_to(outside)
    assert [f.path for f in [first, *found]] == [b"a.jpg", b"b.png", b"raw.dng"]
    assert ground.unlisted == []
    assert set(compare(folder, RULES, known).missing) == {b"sub/c.heic", b"sub/deep/d.JPG"}


def test_a_walk_says_where_it_was(folder: Path) -> None:
    ground = Ground()
    list(walk(folder, RULES, ground))
    assert {p: i for p, (_, i) in ground.entered.items()} == {
        p: (folder / os.fsdecode(p)).stat().st_ino for p in (b"", b"sub", b"sub/deep")
    }
    assert not ground.mixed


def test_what_was_on_a_disk_that_is_away_is_away(folder: Path) -> None:
    known = known_of(folder)
    (folder / "b.png").unlink()
    (folder / "sub" / "c.heic").unlink()
    known[b"sub/c.heic"] = replace(known[b"sub/c.heic"], device=known[b"sub/c.heic"].device + 1)
    changes = compare(folder, RULES, known)
    assert (changes.missing, changes.away) == ([b"b.png"], [b"sub/c.heic"])


def test_folders_deeper_than_anyone_makes_them_are_said(tmp_path: Path) -> None:
    deep = tmp_path
    for _ in range(DEEPEST + 2):
        deep = deep / "d"
        deep.mkdir()
    changes = compare(tmp_path, RULES, {})
    assert len(changes.ground.unlisted) == 1
    assert changes.trouble
