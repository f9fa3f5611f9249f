"""Walking a real folder and comparing it with what is known."""

import os
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import pytest

from dejashot.errors import FolderError
from dejashot.files.exclusions import ExclusionReason
from dejashot.files.first_bytes import FileContent
from dejashot.files.names import NameRules
from dejashot.models.files import FileStamp
from dejashot.watch.compare import FolderChanges, KnownFolder, compare
from dejashot.watch.walk import MAX_DEPTH, FolderWalk, SniffedFiles, check_folder

RULES = NameRules()


class Stamps:
    """Stamps that are known of a folder."""

    def __init__(self, stamps: dict[bytes, FileStamp]) -> None:
        self._left = dict(stamps)

    def met(self, path: bytes, _stamp: FileStamp) -> FileStamp | None:
        return self._left.pop(path, None)

    def holds(self, _path: bytes) -> bool:
        return False

    def unmet(self) -> Iterable[tuple[bytes, FileStamp]]:
        return self._left.items()


def known_folder(stamps: dict[bytes, FileStamp], sniffed: SniffedFiles = MappingProxyType({})) -> KnownFolder:
    return KnownFolder(Stamps(stamps), Stamps({}), sniffed)


def known_of(folder: Path) -> dict[bytes, FileStamp]:
    changes = compare(folder, RULES, known_folder({}))
    return {f.path: f.stamp for f in changes.arrived}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in (
        "a.jpg",
        "b.png",
        "sub/c.heic",
        "sub/deep/d.JPG",
        "notes.txt",
        ".hidden.jpg",
        ".stversions/e.jpg",
        "raw.dng",
    ):
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(name.encode())
    return tmp_path


def test_a_walk_finds_photos_below_a_folder_in_order(folder: Path) -> None:
    assert list(known_of(folder)) == [b"a.jpg", b"b.png", b"raw.dng", b"sub/c.heic", b"sub/deep/d.JPG"]


def test_nothing_new_is_nothing_to_do(folder: Path) -> None:
    changes = compare(folder, RULES, known_folder(known_of(folder)))
    assert (changes.arrived, changes.missing, changes.photos) == ((), (), 5)


def test_new_changed_and_missing_files_are_told_apart(folder: Path) -> None:
    known = known_of(folder)
    (folder / "a.jpg").write_bytes(b"something else")
    (folder / "b.png").unlink()
    (folder / "sub" / "new.jpg").write_bytes(b"new")
    changes = compare(folder, RULES, known_folder(known))
    assert [f.path for f in changes.arrived] == [b"a.jpg", b"sub/new.jpg"]
    assert changes.missing == (b"b.png",)


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
        assert set(compare(folder, RULES, known_folder(known)).missing) == {b"sub/c.heic", b"sub/deep/d.JPG"}
    else:
        (folder / "sub").chmod(0)
        changes = compare(folder, RULES, known_folder(known))
        (folder / "sub").chmod(0o700)
        assert changes.coverage.unlisted == [b"sub"]
        assert changes.missing == ()


def test_a_folder_that_is_not_there_is_an_error_with_a_way_out(tmp_path: Path) -> None:
    with pytest.raises(FolderError, match="mounted"):
        check_folder(tmp_path / "none")
    (tmp_path / "file").touch()
    with pytest.raises(FolderError, match="not a folder"):
        check_folder(tmp_path / "file")
    assert compare(tmp_path / "none", RULES, known_folder({b"a.jpg": FileStamp(1, 1, 1, 1)})).missing == ()


def test_a_link_put_in_the_place_of_a_folder_leads_nowhere(
    folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    outside = tmp_path_factory.mktemp("outside")
    (outside / "secret.jpg").write_bytes(b"x")
    known, walk = known_of(folder), FolderWalk(folder, RULES)
    found = iter(walk)
    first = next(found)  # by now the walk has listed the top folder
    (folder / "sub").rename(folder / "aside")
    (folder / "sub").symlink_to(outside)
    assert [f.path for f in [first, *found]] == [b"a.jpg", b"b.png", b"raw.dng"]
    assert walk.coverage.unlisted == []
    assert set(compare(folder, RULES, known_folder(known)).missing) == {b"sub/c.heic", b"sub/deep/d.JPG"}


def test_a_walk_says_where_it_was(folder: Path) -> None:
    walk = FolderWalk(folder, RULES)
    list(walk)
    assert {p: i for p, (_, i) in walk.coverage.entered.items()} == {
        p: (folder / os.fsdecode(p)).stat().st_ino for p in (b"", b"sub", b"sub/deep")
    }
    assert not walk.coverage.mixed


def test_what_was_on_a_disk_that_is_away_is_away(folder: Path) -> None:
    known = known_of(folder)
    (folder / "b.png").unlink()
    (folder / "sub" / "c.heic").unlink()
    known[b"sub/c.heic"] = replace(known[b"sub/c.heic"], device=known[b"sub/c.heic"].device + 1)
    changes = compare(folder, RULES, known_folder(known))
    assert (changes.missing, changes.unmounted) == ((b"b.png",), (b"sub/c.heic",))


def test_folders_deeper_than_anyone_makes_them_are_said(tmp_path: Path) -> None:
    deep = tmp_path
    for _ in range(MAX_DEPTH + 2):
        deep = deep / "d"
        deep.mkdir()
    changes = compare(tmp_path, RULES, known_folder({}))
    assert len(changes.coverage.unlisted) == 1
    assert changes.problem


def counts(changes: FolderChanges) -> dict[ExclusionReason, tuple[int, tuple[bytes, ...]]]:
    return {part.why: (part.count, part.paths) for part in changes.coverage.exclusions.all()}


def test_what_is_left_out_is_counted_with_its_reason(folder: Path) -> None:
    (folder / "alias.jpg").symlink_to("a.jpg")
    (folder / "Norway").symlink_to("/")
    (folder / "Readme").symlink_to("/")
    (folder / "Away").symlink_to("/nonexistent")
    (folder / "notes.doc").symlink_to("notes.txt")
    os.mkfifo(folder / "pipe.jpg")
    (folder / "b.jpg.part").touch()
    for name in (
        "A.photoslibrary/originals/x.jpg",
        "Backup/database/Photos.sqlite",
        "Backup/y.jpg",
        ".private/z.jpg",
        ".cache/t.jpg",
    ):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"x")
    (folder / "mystery.xyz").write_bytes(bytes(range(128, 160)))
    changes = compare(folder, RULES, known_folder({}))
    assert changes.photos == 5
    assert counts(changes) == {
        ExclusionReason.FOLDER_LINK: (2, (b"Norway", b"Readme")),
        ExclusionReason.LINK: (1, (b"alias.jpg",)),
        ExclusionReason.BROKEN_LINK: (1, (b"Away",)),
        ExclusionReason.PACKAGE: (2, (b"A.photoslibrary", b"Backup")),
        ExclusionReason.UNKNOWN_KIND: (1, (b"mystery.xyz",)),
        ExclusionReason.SPECIAL: (1, (b"pipe.jpg",)),
        ExclusionReason.HIDDEN: (1, (b".hidden.jpg",)),
        ExclusionReason.HIDDEN_FOLDER: (1, (b".private",)),
    }


def test_a_tree_of_code_is_no_news(tmp_path: Path) -> None:
    for name in ("main.py", "Makefile", "run", "LICENSE", ".git/objects/ab/cdef", "data.json", "lib.so.1", "x.zzz"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("only text\n")
    changes = compare(tmp_path, RULES, known_folder({}))
    assert (changes.arrived, changes.coverage.exclusions.all()) == ((), [])


def test_files_are_asked_once_for_each_stamp(folder: Path) -> None:
    (folder / "b.png").rename(folder / "picture")
    (folder / "picture").write_bytes(b"\xff\xd8\xff\xe0" + bytes(40))
    first = compare(folder, RULES, known_folder({}))
    assert b"picture" in {f.path for f in first.arrived}
    stamp, content = first.coverage.sniffed[b"picture"]
    assert content is FileContent.PICTURE
    believed = {b"picture": (replace(stamp, device=stamp.device + 1), FileContent.UNKNOWN)}  # disks are numbered anew
    again = compare(folder, RULES, known_folder({}, believed))
    assert b"picture" not in {f.path for f in again.arrived}
    assert counts(again)[ExclusionReason.UNKNOWN_KIND] == (1, (b"picture",))
    stale = {b"picture": (replace(stamp, mtime_ns=stamp.mtime_ns - 1), FileContent.UNKNOWN)}
    assert b"picture" in {f.path for f in compare(folder, RULES, known_folder({}, stale)).arrived}


def test_what_is_no_longer_looked_at_is_missing_on_whatever_disk(folder: Path) -> None:
    known = known_of(folder)
    (folder / "sub").rename(folder / "sub.photoslibrary")
    known |= {
        b"sub.photoslibrary/c.heic": replace(known.pop(b"sub/c.heic"), device=99),
        b"sub.photoslibrary/gone.jpg": FileStamp(1, 1, 1, 99),
    }
    known.pop(b"sub/deep/d.JPG")
    changes = compare(folder, NameRules(ignore=("*.png",)), known_folder(known))
    assert sorted(changes.missing) == [b"b.png", b"sub.photoslibrary/c.heic", b"sub.photoslibrary/gone.jpg"]
    assert changes.dropped == set(changes.missing)
    assert changes.unmounted == ()


@pytest.mark.parametrize("place", ["A.photoslibrary", "A.photoslibrary/originals/0"])
def test_a_folder_of_another_program_is_refused(tmp_path: Path, place: str) -> None:
    (tmp_path / place).mkdir(parents=True)
    with pytest.raises(FolderError, match="another program") as error:
        check_folder(tmp_path / place)
    assert "Export" in error.value.hint
    (tmp_path / "link").symlink_to(tmp_path / place)
    with pytest.raises(FolderError, match="another program"):
        check_folder(tmp_path / "link")
