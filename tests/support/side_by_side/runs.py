"""One run of a tool on a folder of photos: in a home of its own, without what an earlier run left, and watched."""

import os
import shlex
import shutil
import tempfile
from collections.abc import Mapping
from functools import reduce
from pathlib import Path
from string import Template

from measured_process import Measured, measure
from side_by_side.installs import Installed
from side_by_side.tools import SCRIPTS

_PASSED = ("PATH", "LANG", "LC_", "TMPDIR", "OMP_", "OPENBLAS_", "MKL_")  # beginnings of names of variables
_APPENDED = b"\x00\x00\x00\x10free" + bytes(8)  # a box without content in HEIC and AVIF; past the end of a JPEG


class ChangedFolderError(Exception):
    """A tool changed the folder of photos; the text names the tool and an entry."""


def run_once(installed: Installed, photos: Path, timeout_s: float, *, copied: bool = False) -> Measured:
    """Run a tool once, on a copy where it writes beside photos; raise RunError, ChangedFolderError."""
    before = listing(photos)
    try:
        with tempfile.TemporaryDirectory(prefix="side-by-side-") as made:
            given = shutil.copytree(photos, Path(made) / "photos") if copied else photos
            return _commands(installed, given, Path(made), timeout_s, installed.tool.commands)
    finally:  # also of a run that failed
        if changed := listing(photos).items() ^ before.items():
            raise ChangedFolderError(f"{installed.tool.name} changed {min(changed)[0]}")


def reads(installed: Installed, photo: Path, timeout_s: float) -> tuple[bool, bool]:
    """Say whether a tool finds a copy of a photo that differs in bytes alone, and whether it writes beside photos.

    Raise RunError. What can't find that cannot read the photo's format.
    """
    tool = installed.tool
    with tempfile.TemporaryDirectory(prefix="side-by-side-") as made:
        photos = Path(made) / "photos"
        photos.mkdir()
        data = photo.read_bytes()
        names = [f"probe_{which}{photo.suffix}" for which in ("first", "second")]
        for name, end in zip(names, (b"", _APPENDED), strict=True):
            (photos / name).write_bytes(data + end)
        before = listing(photos)
        commands = (*tool.commands, tool.shows) if tool.shows else tool.commands
        said = _commands(installed, photos, Path(made), timeout_s, commands).output
        finds = said.partition(tool.until)[0] if tool.until else said
        return all(name in finds for name in names), listing(photos) != before


def listing(folder: Path) -> Mapping[str, tuple[int, int, int]]:
    """Return mode, size and time of change of everything in a folder, and of the folder, by path."""
    found = {}
    for path in (folder, *folder.rglob("*")):
        status = path.lstat()
        found[str(path.relative_to(folder))] = (status.st_mode, status.st_size, status.st_mtime_ns)
    return found


def _commands(installed: Installed, photos: Path, made: Path, timeout_s: float, commands: tuple[str, ...]) -> Measured:
    home, work = made / "home", made / "work"
    home.mkdir()
    work.mkdir()
    places = {
        "photos": str(photos),
        "work": str(work),
        "python": installed.python,
        "bin": installed.commands,
        "scripts": str(SCRIPTS),
    }
    lines = [[Template(word).substitute(places) for word in shlex.split(line)] for line in commands]
    environment = _environment(home) | installed.variables
    done = (measure(line, environment, work, timeout_s, installed.tool.statuses) for line in lines)
    return reduce(Measured.then, done)


def _environment(home: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name.startswith(_PASSED)}
    folders = {f"XDG_{kind.upper()}_HOME": str(home / kind) for kind in ("config", "state", "cache", "data")}
    return {**kept, **folders, "HOME": str(home), "TZ": "UTC"}
