"""Walking a real folder and comparing it with what is known."""

import os
from pathlib import Path

import pytest

from dejashot.errors import FolderError
from dejashot.intake.names import NameRules
from dejashot.intake.reconcile import check_folder, compare
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
