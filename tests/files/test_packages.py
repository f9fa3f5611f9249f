"""Folders that are another program's."""

import os
from pathlib import Path

import pytest

from dejashot.files.packages import is_package, package_of


@pytest.mark.parametrize(
    "folder",
    [
        "Photos Library.photoslibrary",
        "2019/FOTOS-MEDIATHEK.PHOTOSLIBRARY",
        "iPhoto Library",
        "Old.photolibrary",
        "Trip.aplibrary",
        "Vault.apvault",
        "Catalog Previews.lrdata",
        "Lightroom Library.lrlibrary",
        "Weddings.cocatalog",
        "Session/CaptureOne/Cache",
        "Session/CaptureOne/Settings153",
        "Photo Booth Library",
        "Holiday/.picasaoriginals",
        "Holiday/[Originals]",
        "data/appdata_ocq1w2e3r4t5",
        "mipmaps-0123456789abcdef.d",
        "Luminar Neo Catalog",
        "Talk.key",
        "Novel.scriv",
        "Note.textbundle",
    ],
)
def test_packages_are_known_by_name_in_any_case(folder: str) -> None:
    assert is_package(folder.encode())
    assert is_package(folder.upper().encode())


@pytest.mark.parametrize(
    "folder",
    [
        "Photos Library",
        "photoslibrary",
        "My Photos",
        "Originals",
        "CaptureOne",
        "CaptureOne/2024",
        "Cache",
        "thumbs",
        "Lightroom",
        "lrdata 2",
    ],
)
def test_folders_of_an_owner_are_no_packages(folder: str) -> None:
    assert not is_package(folder.encode())


@pytest.mark.parametrize(
    ("folder", "beside", "package"),
    [
        ("Sauvegarde 2019", ["Sauvegarde 2019/database/Photos.sqlite"], True),
        ("Mediathek", ["Mediathek/Library6.iPhoto"], True),
        ("old", ["old/ApertureData.xml"], True),
        ("older", ["older/Database/apdb/Library.apdb"], True),
        ("thumbs", ["thumbs/.immich"], True),
        ("upload", ["upload/.immich"], False),
        ("backups", ["backups/notes.txt"], False),
        ("cache", [".ppstorage"], True),
        ("albums", [".ppstorage"], False),
        (
            "00008030-001A",
            ["00008030-001A/Manifest.db", "00008030-001A/Manifest.plist", "00008030-001A/Info.plist"],
            True,
        ),
        ("project", ["project/Info.plist"], False),
        ("database", ["database/photos.txt"], False),
    ],
)
def test_packages_of_any_name_are_known_by_what_lies_in_them(
    tmp_path: Path, folder: str, beside: list[str], package: bool
) -> None:
    photo = tmp_path / folder / "2024" / "a.jpg"
    photo.parent.mkdir(parents=True)
    for name in beside:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    assert package_of(os.fsencode(photo)) == (os.fsencode(tmp_path / folder) if package else b"")


def test_the_outermost_package_counts() -> None:
    assert package_of(b"/p/A.photoslibrary/B.lrdata/c.jpg") == b"/p/A.photoslibrary"
    assert package_of(b"/p/A.photoslibrary") == b"/p/A.photoslibrary"
    assert package_of(b"/p/c.jpg") == b""
