"""Folders of photos for the tests of actions: groups of one picture, decisions on them, and other disks."""

import hashlib
import os
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from dejashot.actions.plan import Plan
from dejashot.actions.planning.candidates import Candidates
from dejashot.actions.planning.disk import Disk
from dejashot.actions.planning.draft import PlanRequest
from dejashot.actions.planning.planner import make_plan
from dejashot.library.journal import DecisionJournal
from dejashot.library.tables.folders import Folder
from dejashot.models.decisions import ApplyMethod, Decision, Verdict
from dejashot.models.files import FileStamp, content_hash
from scenes import scene

AT_NS = 1_782_900_000_123_456_789


def jpeg(folder: Path, seed: int = 1) -> bytes:
    """Return a small photo."""
    file = folder / f"seed-{seed}.jpg"
    if not file.exists():
        folder.mkdir(exist_ok=True)
        scene(seed, (320, 240)).save(file, quality=80)
    return file.read_bytes()


def put(file: Path, data: bytes, at_s: int = 0, mode: int = 0o640) -> Path:
    """Write a file with an mtime and a mode of its own."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(data)
    file.chmod(mode)
    os.utime(file, ns=(AT_NS + at_s * 10**9,) * 2)
    return file


def take(
    folder: Path, picture: bytes, count: int, minute: int = 0, stem: str = "IMG", suffix: str = "jpg"
) -> list[Path]:
    """Write takes of one picture, a second apart, each with bytes of its own."""
    names = [
        f"{stem}_20260701_{10 + minute // 60:02d}{minute % 60:02d}{second:02d}.{suffix}" for second in range(count)
    ]
    return [put(folder / name, picture + f"{folder}{name}".encode(), 60 * minute + n) for n, name in enumerate(names)]


def content(file: Path) -> bytes:
    """Return the content hash of a file."""
    return content_hash(file.read_bytes()).digest()


def decide(library: Path, verdict: Verdict, files: Iterable[Path]) -> None:
    """Write decisions into the journal of a library."""
    library.mkdir(parents=True, exist_ok=True)
    DecisionJournal(library).decide([Decision(content(f), verdict, 1) for f in files])


def names(folder: Path) -> set[str]:
    """Return the files below a folder, as paths below it."""
    return {str(f.relative_to(folder)) for f in folder.rglob("*") if f.is_file() or f.is_symlink()}


def fingerprint(folder: Path) -> str:
    """Return a hash over names, bytes, modes and mtimes of the files below a folder; folders by name and mode."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        status = path.lstat()
        when = status.st_mtime_ns if not path.is_dir() else 0
        digest.update(f"{path.relative_to(folder)}|{status.st_mode}|{when}|".encode("utf-8", "surrogateescape"))
        if path.is_file() and not path.is_symlink():
            digest.update(path.read_bytes())
    return digest.hexdigest()


@contextmanager
def disk(place: Path, size: str = "64m") -> Iterator[Path]:
    """Mount another disk at a place, or skip."""
    place.mkdir(parents=True, exist_ok=True)
    if subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", place], capture_output=True).returncode:
        pytest.skip("mounting needs privileges")
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", place], check=True)


def planned(
    how: ApplyMethod,
    folder: Path,
    verdicts: Mapping[Path, Verdict],
    *,
    groups: Iterable[Iterable[Path]] = (),
    to: Path | None = None,
    number: int = 1,
) -> Plan:
    """Plan for decisions on files, as the library would know them; by default all photos of a folder are one group."""
    status = folder.stat()
    known = Folder(1, folder, FileStamp.of(status).device, True, FileStamp.of(status).inode)
    photos = sorted(f for f in folder.rglob("*.jpg") if f.is_file() and not f.is_symlink())
    disk = Disk()
    candidates = Candidates(
        disk=disk,
        verdicts={content(f): verdict for f, verdict in verdicts.items()},
        files={os.fsencode(f): disk.locate(known, os.fsencode(f), content(f), f.stat().st_size) for f in photos},
        groups=[[os.fsencode(f) for f in group] for group in groups] or [[os.fsencode(f) for f in photos]],
    )
    request = PlanRequest(how, os.fsencode(to) if to else b"", f"20260701-120000-{number:04x}", 1)
    return make_plan(request, candidates)
