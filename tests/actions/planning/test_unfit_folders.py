"""Folders into which nothing may be put are refused, under whatever name, and ordinary ones are not."""

import os
import subprocess
from pathlib import Path

import pytest

from dejashot.actions.planning.unfit_folders import unfitness_of
from dejashot.files.mounts import Mount, read_mounts

DISK = [
    Mount(b"/", "ext4"),
    Mount(b"/run", "tmpfs"),
    Mount(b"/run/media/me/card", "exfat"),
    Mount(b"/run/user/1000/gvfs", "fuse.gvfsd-fuse"),
]


def unfitness(place: Path, **own: Path) -> str:
    return unfitness_of(os.fsencode(place), own, read_mounts())


@pytest.mark.parametrize("below", [".", "batches", "review/links", "backups/2026/more", "digests"])
def test_our_own_folders_are_refused_with_all_that_is_in_them(tmp_path: Path, below: str) -> None:
    own = tmp_path / "state" / "dejashot"
    assert "keeps its own things (the library)" in unfitness(own / below, **{"the library": own}), (
        "also before it is made"
    )
    own.mkdir(parents=True)
    assert "keeps its own things (the library)" in unfitness(own / below, **{"the library": own})
    for beside in (own.parent, own.with_name("dejashot-rejected"), own.parent / "Rejected"):
        assert unfitness(beside, **{"the library": own}) == ""


def test_our_own_folders_are_known_again_where_they_are_mounted_elsewhere(tmp_path: Path) -> None:
    own, elsewhere = tmp_path / "own", tmp_path / "elsewhere"
    own.mkdir()
    elsewhere.mkdir()
    if subprocess.run(["mount", "--bind", own, elsewhere], capture_output=True).returncode:
        pytest.skip("mounting needs privileges")
    try:
        assert "keeps its own things" in unfitness(elsewhere / "q", library=own)
    finally:
        subprocess.run(["umount", elsewhere], check=True)


@pytest.mark.parametrize(
    "place",
    ["/proc/self/fd", "/proc/1/cwd/q", "/sys", "/sys/fs/cgroup/q", "/dev/mapper/q", "/dev", "/run/q", "/run/user/1000"],
)
def test_what_is_no_disk_is_refused(place: str) -> None:
    assert "belongs to the system" in unfitness_of(place.encode(), {}, DISK)


@pytest.mark.parametrize("kind", ["proc", "cgroup2", "debugfs", "fusectl"])
def test_what_the_kernel_shows_elsewhere_is_refused(kind: str) -> None:
    assert "belongs to the system" in unfitness_of(b"/srv/jail/x/q", {}, [*DISK, Mount(b"/srv/jail/x", kind)])


@pytest.mark.parametrize(
    "place",
    [
        "/run/media/me/card/q",
        "/run/user/1000/gvfs/smb-share:server=nas/q",
        "/srv/development/q",
        "/proceedings",
        "/home/me/devices/q",
        "/mnt/ram/q",
    ],
)
def test_other_disks_are_not_refused(place: str) -> None:
    assert unfitness_of(place.encode(), {}, [*DISK, Mount(b"/mnt/ram", "tmpfs")]) == ""


@pytest.mark.parametrize(
    "folder",
    [
        ".Trash", ".Trash-1000/files", ".Trashes/501", "$RECYCLE.BIN/S-1-5", "RECYCLER", "#recycle/me", "@Recycle",
        ".dtrash/files", "files_trashbin/files", ".stversions/2026", ".sync/Archive", ".dropbox.cache", "lost+found",
        "@eaDir/a.jpg", ".cache/x/y", "Library/Caches/z",
        "System Volume Information",
    ],
)  # fmt: skip
def test_what_is_emptied_unasked_is_refused(tmp_path: Path, folder: str) -> None:
    assert "is deleted unasked" in unfitness(tmp_path / folder / "q")
    assert "is deleted unasked" in unfitness(tmp_path / folder)


def test_a_trash_is_known_by_what_lies_in_it(tmp_path: Path) -> None:
    assert unfitness(tmp_path / "Trash") == "", "a folder of that name"
    for part in ("info", "files"):
        (tmp_path / "Trash" / part).mkdir(parents=True)
    assert "is deleted unasked" in unfitness(tmp_path / "Trash" / "files" / "q")


@pytest.mark.parametrize(
    "folder", ["Rejected", ".rejected", "Recycled ideas", "caches", ".local/share/rejected", "trash talk", "Synced"]
)
def test_ordinary_folders_are_not_refused(tmp_path: Path, folder: str) -> None:
    assert unfitness(tmp_path / folder) == ""


def test_packages_are_refused(tmp_path: Path) -> None:
    assert "another program" in unfitness(tmp_path / "Photos Library.photoslibrary" / "originals")
