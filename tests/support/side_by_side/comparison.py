"""Tools timed in turn on one folder: A B C, A B C, …, so that a machine that gets slower slows all of them alike."""

import os
import platform
import statistics
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from PIL import Image

from dejashot.config.settings import Settings
from dejashot.files.names import SUPPORTED
from dejashot.reading.decode.decoder import prepare_decoders
from measured_process import Measured, RunError
from side_by_side.installs import Installed
from side_by_side.runs import reads, run_once


@dataclass(slots=True)
class Timed:
    """A tool, how many of the folder's photos it reads, and its runs."""

    installed: Installed
    photos: int
    copied: bool
    runs: list[Measured] = field(default_factory=list)

    @property
    def wall_s(self) -> float:
        """Return the median of the seconds on the clock."""
        return statistics.median(run.wall_s for run in self.runs)

    @property
    def cpu_s(self) -> float:
        """Return the median of the seconds of processor time."""
        return statistics.median(run.cpu_s for run in self.runs)

    @property
    def peak_bytes(self) -> float:
        """Return the median of the most memory at once."""
        return statistics.median(run.peak_bytes for run in self.runs)


@dataclass(frozen=True, slots=True)
class Comparison:
    """The tools that were timed, and those that were not, with the reason."""

    timed: Sequence[Timed]
    left_out: dict[str, str]


def compare(
    tools: Sequence[Installed], folder: Path, rounds: int, timeout_s: float, say: Callable[[str], None]
) -> Comparison:
    """Time tools on a folder, after a round that does not count; raise ChangedFolderError."""
    left_out: dict[str, str] = {}
    timed = [found for tool in tools if (found := _tried(tool, folder, timeout_s, left_out, say))]
    for number in range(rounds + 1):
        for tool in list(timed):
            name = tool.installed.tool.name
            say(f"round {number} of {rounds}: {name}")
            try:
                measured = run_once(tool.installed, folder, timeout_s, copied=tool.copied)
            except RunError as error:
                left_out[name] = str(error)
                timed.remove(tool)
                continue
            if number:
                tool.runs.append(measured)
    return Comparison(timed, left_out)


def _tried(
    installed: Installed, folder: Path, timeout_s: float, left_out: dict[str, str], say: Callable[[str], None]
) -> Timed | None:
    name = installed.tool.name
    say(f"trying {name}")
    count, copied, suffixes = 0, False, Counter(_suffix(photo) for photo in photos_in(folder))
    try:
        for suffix, number in suffixes.items():
            alike = [photo for photo in photos_in(folder) if _suffix(photo) == suffix]
            found, writes = reads(installed, alike[len(alike) // 2], timeout_s)
            count, copied = count + number * found, copied or writes
    except RunError as error:
        left_out[name] = str(error)
        return None
    if count:
        return Timed(installed, count, copied)
    left_out[name] = f"reads nothing here: {', '.join(sorted(suffixes))}"
    return None


def photos_in(folder: Path) -> list[Path]:
    """Return the files of a folder, and of those below it, that are photos by their names."""
    return [path for path in sorted(folder.rglob("*")) if _suffix(path)[1:] in SUPPORTED and path.is_file()]


def folder_facts(folder: Path) -> dict[str, float]:
    """Return how many photos a folder has, their megapixels in all, and their bytes."""
    prepare_decoders(Settings().reading.max_megapixels)
    photos, pixels = photos_in(folder), 0
    for photo in photos:
        with Image.open(photo) as image:
            pixels += image.width * image.height
    return {
        "files": len(photos),
        "megapixels": round(pixels / 1e6, 1),
        "bytes": sum(photo.stat().st_size for photo in photos),
    }


def machine_facts() -> dict[str, str | float | None]:
    """Return the cores that may be used, the version of Python, the platform, and the load of the last minute."""
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return {
        "cores": usable,
        "python": platform.python_version(),
        "platform": platform.platform(terse=True),
        "load": round(os.getloadavg()[0], 1),
    }


def _suffix(path: Path) -> str:
    return path.suffix.lower()
