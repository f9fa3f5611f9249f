"""The names of files in a report."""

from pathlib import Path

from dejashot.library.tables.folders import Folder
from dejashot.reports.collect import ReportPaths


def folder(number: int, path: str) -> Folder:
    return Folder(number, Path(path), 1, False, 1, False)


def test_names_are_below_what_all_folders_are_below_of() -> None:
    paths = ReportPaths([folder(1, "/home/anna/phone"), folder(2, "/home/anna/old/camera")])
    assert paths.root == Path("/home/anna")
    assert paths.name(1, b"a.jpg") == "phone/a.jpg"
    assert paths.name(2, b"b/\xff.jpg") == "old/camera/b/\udcff.jpg"


def test_of_one_folder_names_are_below_it() -> None:
    paths = ReportPaths([folder(1, "/home/anna/phone")])
    assert (paths.root, paths.name(1, b"b/a.jpg")) == (Path("/home/anna/phone"), "b/a.jpg")
