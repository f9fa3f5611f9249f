"""Which names are photos."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dejashot.files.exclusions import ExclusionReason
from dejashot.files.names import NameKind, NameRules

RULES = NameRules()


@pytest.mark.parametrize(
    "name",
    [
        "IMG_0001.jpg",
        "IMG_0001.JPG",
        "a/b/PXL_20241027_003000123.HEIC",
        "photo.sync-conflict-20241027-023000-ABCDEFG.jpg",
        "no~tilde.png",
        "ü.webp",
        "x.tmp.jpg",
    ],
)
def test_photos_are_photos(name: str) -> None:
    assert RULES.judge(name.encode()) is NameKind.PHOTO


@pytest.mark.parametrize(
    "name",
    [
        ".syncthing.IMG_0001.jpg.tmp",
        "~syncthing~IMG_0001.jpg.tmp",
        "IMG_0001.jpg.part",
        "IMG_0001.jpg.crdownload",
        "IMG_0001.jpg.filepart",
        ".IMG_0001.jpg.aB3dE9",
        "IMG_0001.jpg.~1a2b",
        ".~IMG_0001.jpg",
        "IMG_0001.jpg.ocTransferId12345.part",
        ".pending-1730000000-IMG_0001.jpg",
        ".trashed-1730000000-IMG_0001.jpg",
        "._IMG_0001.jpg",
        "Thumbs.db",
        "a/b/.syncthing.x.jpg.tmp",
        "IMG_0001.jpg.!sync",
        "IMG_0001.jpg.bts",
        "IMG_0001.jpg.!ut",
        ".goutputstream-AB12CD",
        ".nfs0000000012345678000000ab",
        ".fuse_hidden0000123400000001",
    ],
)
def test_half_written_and_system_files_are_left_alone(name: str) -> None:
    assert RULES.judge(name.encode()) is NameKind.TEMPORARY


@pytest.mark.parametrize(
    ("name", "verdict"),
    [
        *(
            (f"IMG_1.{suffix}", NameKind.PHOTO)
            for suffix in ("DNG", "cr2", "CR3", "nef", "arw", "RAF", "orf", "rw2", "pef", "srw", "x3f", "jxl", "bmp")
        ),
        *((f"clip.{suffix}", NameKind.VIDEO) for suffix in ("mp4", "MOV", "m4v", "3gp")),
        ("scan.jp2", NameKind.UNSUPPORTED),
        ("README", NameKind.OTHER),
    ],
)
def test_other_files_are_told_apart(name: str, verdict: NameKind) -> None:
    assert RULES.judge(name.encode()) is verdict


def test_hidden_files_are_read_on_request_only() -> None:
    assert RULES.judge(b".secret.jpg") is NameKind.HIDDEN
    assert NameRules(hidden=True).judge(b".secret.jpg") is NameKind.PHOTO


def test_the_owner_can_leave_names_and_folders_out() -> None:
    rules = NameRules(ignore=("*.gif", "Screenshots", "Old/*"))
    assert rules.judge(b"x.gif") is NameKind.HIDDEN
    assert rules.judge(b"Old/x.jpg") is NameKind.HIDDEN
    assert not rules.enters(b"DCIM/Screenshots")
    assert not rules.reaches(b"DCIM/Screenshots/x.jpg")
    assert rules.reaches(b"DCIM/Camera/x.jpg")


@pytest.mark.parametrize(
    "folder", [b".stversions", b"a/@eaDir", b"#recycle", b".Trash-1000", b".hidden", b"x/.thumbnails"]
)
def test_folders_of_systems_are_not_entered(folder: bytes) -> None:
    assert not RULES.enters(folder)
    assert not RULES.reaches(folder + b"/x.jpg")


def test_our_own_folders_are_not_entered() -> None:
    rules = NameRules(own=(b".local/state/dejashot", b"digests"), hidden=True)
    assert not rules.enters(b"digests")
    assert not rules.reaches(b"digests/2026/x.jpg")
    assert not rules.reaches(b".local/state/dejashot/x.jpg")
    assert rules.reaches(b".local/state/x.jpg")
    assert rules.reaches(b"digests2/x.jpg")
    assert rules.reaches(b"a/digests/x.jpg")


def test_why_something_is_left_out_by_its_name() -> None:
    rules = NameRules(ignore=("*.gif", "Screenshots"), own=(b"ours",))
    folders = {
        b"DCIM/Screenshots": ExclusionReason.IGNORED,
        b"a/Photos Library.photoslibrary": ExclusionReason.PACKAGE,
        b".private": ExclusionReason.HIDDEN_FOLDER,
        b".git": ExclusionReason.SYSTEM,
        b"@Recycle": ExclusionReason.SYSTEM,
        b"ours": ExclusionReason.OWN,
        b"DCIM": None,
    }
    assert {folder: rules.why_not_into(folder) for folder in folders} == folders
    files = {
        b"x.gif": ExclusionReason.IGNORED,
        b".x.heic": ExclusionReason.HIDDEN,
        b".x.txt": ExclusionReason.SYSTEM,
        b".IMG_1.HEIC.icloud": ExclusionReason.CLOUD,
        b"IMG_1.jpg.nextcloud": ExclusionReason.CLOUD,
        b".notes.txt.icloud": ExclusionReason.SYSTEM,
        b"a.jpg.part": ExclusionReason.SYSTEM,
        b"a.jpg_exiftool_tmp": ExclusionReason.SYSTEM,
        b"SYNOPHOTO_THUMB_XL.jpg": ExclusionReason.SYSTEM,
        b"a.txt": ExclusionReason.SYSTEM,
    }
    assert {file: rules.why_not(file, rules.judge(file)) for file in files} == files


def test_a_package_is_not_entered_whatever_the_owner_reads() -> None:
    rules = NameRules(hidden=True)
    assert not rules.reaches(b"A.photoslibrary/originals/0/x.heic")
    assert not rules.reaches(b"2019/.picasaoriginals/x.jpg")
    assert rules.reaches(b".private/x.jpg")


@given(st.binary(min_size=1, max_size=30).filter(lambda b: b"\0" not in b))
def test_every_name_gets_a_verdict(name: bytes) -> None:
    assert isinstance(RULES.judge(name), NameKind)
    assert isinstance(RULES.reaches(name), bool)
