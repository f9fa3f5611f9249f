"""A full disk and a damaged library, under a running daemon: it reports them, loses nothing, and recovers by itself."""

import shutil
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from daemons import photos, running, wait_until
from homes import Home, tree_hash

FREE_BYTES = 200_000


@pytest.fixture
def small_disk(home: Home) -> Iterator[Path]:
    """Give the home a state folder on a disk of 16 MiB."""
    disk = home.path / "state"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", disk], capture_output=True).returncode:
        pytest.skip("mounting needs privileges")
    yield disk
    subprocess.run(["umount", "-l", disk], check=True)


def fill(disk: Path) -> Path:
    """Fill a disk almost completely; return the file that does."""
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as out:
        while (free := shutil.disk_usage(disk).free) > FREE_BYTES:
            out.write(b"\0" * min(1 << 20, free - FREE_BYTES + 4096))
    return ballast


def arrive(folder: Path, samples: Path, count: int, start: int) -> None:
    data = [f.read_bytes() for f in sorted(samples.iterdir())]
    for n in range(start, start + count):
        (folder / f"IMG_20260701_{n // 3600:02d}{n // 60 % 60:02d}{n % 60:02d}.jpg").write_bytes(
            data[n % len(data)] + b"%d" % n
        )


def test_a_full_disk_stops_nothing_for_good(home: Home, small_disk: Path, samples: Path, tmp_path: Path) -> None:
    folder = tmp_path / "Pictures"
    folder.mkdir()
    arrive(folder, samples, 20, 0)
    with running(home, folder) as process:
        wait_until(lambda: photos(home) == 20, "the first are found")
        ballast = fill(small_disk)
        arrive(folder, samples, 200, 100)
        before = tree_hash(folder)
        wait_until(lambda: "full" in home.status()["trouble"], "the problem is reported")
        stored = home.json("status")["photos"]
        assert 20 <= stored < 220
        assert process.poll() is None
        ballast.unlink()
        wait_until(lambda: photos(home) == 220 and not home.status()["trouble"], "all are found once there is space")
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
    assert tree_hash(folder) == before
    assert len({p["path"] for p in home.json("report")["photos"]}) == 220


def test_a_library_damaged_under_the_daemon_comes_back_by_itself(home: Home, samples: Path, tmp_path: Path) -> None:
    folder = tmp_path / "Pictures"
    folder.mkdir()
    arrive(folder, samples, 30, 0)
    often = "from dejashot.daemon import maintenance; maintenance.BACK_UP_EVERY_S = 2.0"  # checked once a day otherwise
    with running(home, folder, prelude=often) as process:
        wait_until(lambda: photos(home) == 30, "the first are found")
        wait_until(lambda: list((home.library / "backups").glob("library-*.db")), "it is backed up")
        file = home.library / "library.db"
        with file.open("r+b") as out:
            out.write(b"\xff" * file.stat().st_size)
        (home.library / "library.db-wal").unlink()
        arrive(folder, samples, 5, 100)
        wait_until(
            lambda: "damaged; it is opened anew" in (home.path / "daemon.log").read_text(), "the damage is found"
        )
        wait_until(lambda: home.run("status").returncode == 0 and photos(home) == 35, "everything is known again")
        assert process.poll() is None
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
    assert len(home.json("report")["photos"]) == 35


def test_a_library_damaged_while_the_daemon_is_down_is_restored_at_the_start(
    home: Home, samples: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "Pictures"
    folder.mkdir()
    arrive(folder, samples, 10, 0)
    assert home.run("scan", folder).returncode == 0
    with (home.library / "library.db").open("r+b") as out:
        out.seek(4096)
        out.write(b"\xff" * 40_000)
    report = home.run("report")
    assert report.returncode == 2
    assert "damaged" in report.stderr
    assert "backup" in report.stderr
    with running(home, folder):
        wait_until(lambda: photos(home) == 10, "everything is known again")
    assert list(home.library.glob("library.db.corrupt-*"))
