"""Which file systems are listened to and which are asked."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dejashot.files.mounts import (
    Mount,
    WatchMethod,
    kind_of,
    misses_events,
    parse_fstab,
    parse_mount_output,
    parse_mountinfo,
    read_mounts,
    watch_method_for,
)

LINUX = rb"""27 1 254:0 / / rw,relatime - ext4 /dev/vda rw
36 27 0:33 / /mnt/nas rw,relatime shared:5 master:2 - nfs4 nas:/photos rw,vers=4.2
37 27 0:34 / /mnt/my\040photos\134 rw - CIFS //nas/x rw
38 36 8:1 / /mnt/nas/disk rw - ext4 /dev/sda1 rw
39 27 0:40 / /home/anna/phone rw - fuse.sshfs phone: rw
40 27 8:2 / /media/stick rw - fuseblk /dev/sdb1 rw
41 27 8:3 / /media/twice rw - ext4 /dev/sdc1 rw
42 41 0:50 / /media/twice rw - 9p share rw
not a line at all
43 27 8:3 / - ext4
"""
MAC = b"""/dev/disk3s1s1 on / (apfs, sealed, local, read-only, journaled)
//anna@nas/My%20Photos on /Volumes/My Photos (2) (smbfs, nodev, nosuid, mounted by anna)
map auto_home on /System/Volumes/Data/home (autofs, automounted, nobrowse)
/dev/disk4s1 on /Volumes/STICK (msdos, local, nodev)
"""


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        (b"/", "ext4"),
        (b"/mnt/nasty", "ext4"),
        (b"/mnt/nas", "nfs4"),
        (b"/mnt/nas/a/b", "nfs4"),
        (b"/mnt/nas/disk/a", "ext4"),
        (b"/mnt/my photos\\", "cifs"),
        (b"/home/anna/phone/DCIM", "fuse.sshfs"),
        (b"/media/twice/a", "9p"),
    ],
)
def test_the_nearest_and_newest_mount_says_the_file_system(path: bytes, kind: str) -> None:
    assert kind_of(path, parse_mountinfo(LINUX)) == kind


def test_what_macos_prints_is_understood() -> None:
    mounts = parse_mount_output(MAC)
    assert mounts[1] == Mount(b"/Volumes/My Photos (2)", "smbfs")
    assert [kind_of(p, mounts) for p in (b"/Users/anna", b"/Volumes/STICK/a", b"/Volumes/My Photos (2)/a")] == [
        "apfs",
        "msdos",
        "smbfs",
    ]


def test_file_systems_of_other_machines_and_programs_are_deaf_and_disks_are_not() -> None:
    deaf = (
        "nfs nfs4 cifs smb3 smbfs fuse fuse.sshfs fuse.rclone fuse.bindfs 9p afs ceph glusterfs fuse.glusterfs"
        " virtiofs vboxsf prl_fs davfs"
    )
    assert all(misses_events(kind) for kind in deaf.split())
    assert not any(
        misses_events(kind)
        for kind in ("ext4", "btrfs", "xfs", "zfs", "f2fs", "tmpfs", "overlay", "fuseblk", "apfs", "exfat", "vfat", "")
    )


def test_the_owner_comes_before_the_file_system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    real = tmp_path / "nas"
    real.mkdir()
    (tmp_path / "link").symlink_to(real)
    mounts = [Mount(b"/", "ext4"), Mount(os.fsencode(real.resolve()), "nfs4")]
    assert watch_method_for(real, "auto", {}, mounts) == WatchMethod(
        True, "nfs4 does not tell of changes made elsewhere"
    )
    assert watch_method_for(real, "native", {}, mounts) == WatchMethod()
    assert watch_method_for(real, "auto", {"~/link": "native"}, mounts) == WatchMethod()
    assert watch_method_for(real, "native", {str(tmp_path / "link"): "poll"}, mounts).polled
    assert not watch_method_for(tmp_path, "auto", {"~/link": "poll"}, mounts).polled
    assert watch_method_for(tmp_path, "poll", {}, mounts) == WatchMethod(True, "the configuration asks for it")
    assert watch_method_for(tmp_path, "auto", {}, []) == WatchMethod()


def test_this_machine_says_what_is_mounted() -> None:
    assert kind_of(b"/proc/self", read_mounts()) in ("proc", "")
    assert any(m.point == b"/" for m in read_mounts())


@given(st.binary())
def test_no_text_is_too_odd_to_parse(text: bytes) -> None:
    for mounts in (parse_mountinfo(text), parse_mount_output(text)):
        assert isinstance(kind_of(b"/a/b", mounts), str)


@given(st.text(st.characters(codec="utf-8", exclude_characters="\0\n"), min_size=1))
def test_every_mount_point_comes_back_as_it_is(name: str) -> None:
    point = b"/" + name.encode()
    escaped = b"".join(b"\\%03o" % c if c in b" \t\\#" or 9 <= c <= 13 or c >= 0x80 else bytes([c]) for c in point)
    assert parse_mountinfo(b"1 2 0:1 / " + escaped + b" rw - nfs x rw\n") == [Mount(point, "nfs")]


def test_fstab_names_the_folders_that_disks_belong_at() -> None:
    table = b"""# <file system> <mount point> <type>
UUID=1 / ext4 defaults 0 1
UUID=2 /mnt/My\\040Photos exfat defaults 0 0
  # UUID=3 /mnt/old ext4 defaults 0 0
/swapfile none swap sw 0 0
broken
"""
    assert parse_fstab(table) == [b"/mnt/My Photos"]
