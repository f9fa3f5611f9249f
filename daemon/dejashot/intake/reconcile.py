"""What is in a folder now, against what is known of it: the safety net under the watcher."""

import os
import stat
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from dejashot.errors import FolderError
from dejashot.intake.names import NameRules, Verdict
from dejashot.models import FileStamp
from dejashot.paths import shown


@dataclass(frozen=True, slots=True)
class Found:
    """One file in a folder: its path below it (bytes), its stamp, its verdict, and when it last changed (ctime, ns)."""

    path: bytes
    stamp: FileStamp
    verdict: Verdict
    ctime_ns: int


@dataclass(slots=True)
class Changes:
    """What a walk found: new or changed files, paths no longer there, and what stands in the way of knowing."""

    arrived: list[Found] = field(default_factory=list)
    missing: list[bytes] = field(default_factory=list)
    unlisted: list[bytes] = field(default_factory=list)
    files: int = 0

    @property
    def trouble(self) -> str:
        """Say which folders could not be looked into, empty when all could."""
        if not self.unlisted:
            return ""
        more = f" and {len(self.unlisted) - 1} more" if len(self.unlisted) > 1 else ""
        return f"can't look into {shown(self.unlisted[0])}{more}: check the permissions"


def check_folder(folder: Path) -> os.stat_result:
    """Return the stat of a folder to watch; raise FolderError when it is not a folder that can be listed."""
    try:
        status = folder.stat()
        with os.scandir(folder) as entries:
            next(entries, None)
    except FileNotFoundError:
        raise FolderError(f"there is no folder {shown(folder)}", "Check the spelling, or whether the disk is mounted") from None
    except NotADirectoryError:
        raise FolderError(f"{shown(folder)} is not a folder", "Name the folder that holds the photos") from None
    except OSError as error:
        raise FolderError(f"can't list {shown(folder)}: {error.strerror}", "Check the permissions") from error
    return status


def walk(folder: Path, rules: NameRules, unlisted: list[bytes], beat: Callable[[], None] = lambda: None) -> Iterator[Found]:
    """Yield the photos (and pictures of unsupported formats) below a folder, in name order, following no links.

    Folders below it that can't be listed are added to `unlisted` (paths below the folder, bytes); `beat` is called for each entry.
    """
    root = os.fsencode(folder)
    pending = [b""]
    while pending:
        below = pending.pop()
        try:
            with os.scandir(os.path.join(root, below) if below else root) as listing:
                entries = sorted(listing, key=lambda e: e.name)
        except OSError:
            unlisted.append(below)
            continue
        folders: list[bytes] = []
        beat()
        for entry in entries:
            beat()
            path = os.path.join(below, entry.name) if below else entry.name
            try:
                if entry.is_dir(follow_symlinks=False):
                    if rules.enters(path):
                        folders.append(path)
                    continue
                verdict = rules.judge(path)
                if verdict not in (Verdict.PHOTO, Verdict.UNSUPPORTED):
                    continue
                status = entry.stat(follow_symlinks=False)
            except OSError:
                continue
            if stat.S_ISREG(status.st_mode):
                yield Found(path, FileStamp.of(status), verdict, status.st_ctime_ns)
        pending.extend(reversed(folders))


def compare(folder: Path, rules: NameRules, known: Mapping[bytes, FileStamp], beat: Callable[[], None] = lambda: None) -> Changes:
    """Walk a folder and compare it with the stamps known of it; `beat` is called as the walk moves on.

    A known path counts as missing only where the folder that held it could be listed.
    """
    changes = Changes()
    seen: set[bytes] = set()
    for found in walk(folder, rules, changes.unlisted, beat):
        changes.files += 1
        seen.add(found.path)
        if known.get(found.path) != found.stamp:
            changes.arrived.append(found)
    blind = tuple(u + b"/" for u in changes.unlisted)
    if b"" not in changes.unlisted:
        changes.missing = [p for p in known if p not in seen and not (blind and p.startswith(blind))]
    return changes
