"""Kill -9 or power cut at any point: nothing acknowledged is lost, nothing appears twice, the index is right."""

import logging
import random
import shutil
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

import life
from daemons import wait_until

LIVES = 2  # at the same time
log_figures = logging.getLogger(__name__)


@contextmanager
def living(library: Path, photos: Path, samples: Path, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Let the life in fast motion run, its acknowledgements going to a file; kill it at the end."""
    with log.open("ab") as out:
        process = subprocess.Popen(
            [sys.executable, life.__file__, library, photos, samples], stdout=out, stderr=subprocess.PIPE
        )
    try:
        yield process
    finally:
        process.kill()
        _, errors = process.communicate()
        assert b"Traceback" not in errors, errors.decode()


def acknowledged(log: Path) -> list[str]:
    return log.read_text().splitlines(keepends=True) if log.exists() else []


def wait_for_lines(log: Path, count: int, process: subprocess.Popen[bytes]) -> None:
    """Wait until so many lines are acknowledged."""
    wait_until(
        lambda: process.poll() is not None or len(acknowledged(log)) >= count,
        f"{count} lines are there",
        300,
        poll_s=0.02,
    )


def go_on(process: subprocess.Popen[bytes], seconds: float) -> None:
    """Let a life go on for some time, so that it is stopped in the middle of whatever comes next; it must not end."""
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(seconds)


def test_killed_at_any_point_it_loses_and_doubles_nothing(
    tmp_path: Path, samples: Path, times: Callable[[int, int], int]
) -> None:
    with ThreadPoolExecutor(LIVES) as lives:
        kills = times(40, 200) // LIVES
        for counts in lives.map(
            lambda seed: killed_again_and_again(tmp_path / f"life{seed}", samples, seed, kills), range(LIVES)
        ):
            log_figures.info("%s", counts)


def killed_again_and_again(folder: Path, samples: Path, seed: int, kills: int) -> Counter[str]:
    """Kill one life so many times, check each time what it left, and return the counts at the end."""
    library, photos, log = folder / "library", folder / "photos", folder / "log"
    photos.mkdir(parents=True)
    rng = random.Random(seed)
    seen = 0
    for _ in range(kills):
        lines = len(acknowledged(log)) + rng.randint(0, 20)
        with living(library, photos, samples, log) as process:
            wait_for_lines(log, lines, process)
            go_on(process, rng.uniform(0, 0.9 if rng.random() < 0.5 else 0.05))
        counts = life.check(library, acknowledged(log))
        assert counts["photos"] >= seen
        seen = counts["photos"]
    assert counts["digests"] >= 5
    assert counts["decisions"] >= 5
    return counts


@contextmanager
def mounted(image: Path, at: Path) -> Iterator[Path]:
    """Mount an image of a disk; skip the test where that is not allowed."""
    at.mkdir(exist_ok=True)
    if subprocess.run(["mount", "-o", "loop", image, at], capture_output=True).returncode:
        pytest.skip("mounting a disk image needs privileges")
    try:
        yield at
    finally:
        subprocess.run(["umount", "-l", at], check=True)


@pytest.mark.skipif(not shutil.which("mkfs.ext4"), reason="there is no mkfs.ext4")
def test_a_power_cut_at_any_point_loses_and_doubles_nothing(
    tmp_path: Path, samples: Path, times: Callable[[int, int], int]
) -> None:
    image, photos, log = tmp_path / "disk", tmp_path / "photos", tmp_path / "log"
    photos.mkdir()
    with image.open("wb") as out:
        out.truncate(96 * 1024 * 1024)
    subprocess.run(["mkfs.ext4", "-q", "-E", "lazy_itable_init=0,lazy_journal_init=0", image], check=True)
    rng = random.Random(8)
    cuts: list[tuple[Path, list[str]]] = []
    with mounted(image, tmp_path / "mnt") as disk, living(disk / "library", photos, samples, log) as process:
        wait_for_lines(log, 6, process)
        for n in range(times(5, 50)):
            go_on(process, rng.uniform(0.2, 1.2))
            process.send_signal(signal.SIGSTOP)
            lines = acknowledged(log)
            # what the disk holds at this moment; what was not yet flushed to it is missing
            subprocess.run(["cp", "--sparse=always", image, tmp_path / f"cut{n}"], check=True)
            process.send_signal(signal.SIGCONT)
            cuts.append((tmp_path / f"cut{n}", lines))
            assert process.poll() is None
    for cut, lines in cuts:
        with mounted(cut, tmp_path / "after") as disk:
            counts = life.check(disk / "library", lines)
        cut.unlink()
    log_figures.info("%s", counts)
    assert counts["digests"] >= 1
