"""The system's trash: into it with Send2Trash, and out of it where freedesktop.org's Trash 1.0 says what lies there."""

import itertools
import os
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote_to_bytes

from dejashot.errors import DiskFullError, SkippedFileError
from dejashot.files.nofollow import folder_of
from dejashot.language.texts import noted

_NAME_SUFFIX = b".trashinfo"


@dataclass(frozen=True, slots=True)
class Trashed:
    """A file in the trash: where it lies, the note beside it, and the absolute path it came from."""

    file: bytes
    note: bytes
    origin: bytes


def send(path: bytes) -> None:
    """Put a file into the trash; raise SkippedFileError, or DiskFullError."""
    import send2trash  # noqa: PLC0415 - looks at the desktop when it is imported

    try:
        send2trash.send2trash(path if sys.platform != "darwin" else os.fsdecode(path))
    except Exception as error:
        if isinstance(error, OSError) and error.errno == 28:  # ENOSPC
            raise DiskFullError(
                noted("the disk that holds the trash is full"),
                "Empty it, then run `dejashot apply`: it goes on",
                noted("Empty it, then load this page again: it offers to finish the batch"),
            ) from error
        why = error.strerror if isinstance(error, OSError) and error.strerror else str(error)[:200]
        protected = isinstance(error, PermissionError) and not os.access(path, os.W_OK)
        reason = noted("it is write-protected") if protected else why
        raise SkippedFileError(noted("the system's trash does not take it: {reason}").format(reason=reason)) from error


def trash_locations() -> bool:
    """Return whether this system says what lies in the trash."""
    return sys.platform != "darwin"


def find(origin: bytes) -> Iterator[Trashed]:
    """Yield what lies in the trash of a file's absolute path, the last put there first.

    What was put there last has the first name that was free: its note is looked up first, and only then all notes.
    """
    start, suffix = os.path.splitext(os.path.basename(origin))  # noqa: PTH122 - bytes
    seen: set[bytes] = set()
    for thorough in (False, True):
        for trash, top in _trashes(origin):
            info = os.path.join(trash, b"info")
            names = _notes_that_begin(info, start) if thorough else _notes_in_a_row(info, start, suffix)
            for note in sorted(set(names) - seen, key=_changed_ns, reverse=True):
                seen.add(note)
                if _origin(note, top) == origin:
                    yield Trashed(
                        os.path.join(trash, b"files", os.path.basename(note).removesuffix(_NAME_SUFFIX)), note, origin
                    )


def _notes_in_a_row(info: bytes, start: bytes, suffix: bytes) -> Iterator[bytes]:
    """Yield the notes of a name in their order: several of one name have a number before the suffix."""
    for number in itertools.count():
        note = os.path.join(info, start + (b" %d" % number if number else b"") + suffix + _NAME_SUFFIX)
        if not os.path.lexists(note):
            return
        yield note


def _notes_that_begin(info: bytes, start: bytes) -> Iterator[bytes]:
    """Yield all notes whose names have a beginning."""
    with suppress(OSError), os.scandir(info) as entries:
        yield from (e.path for e in entries if e.name.startswith(start) and e.name.endswith(_NAME_SUFFIX))


def _changed_ns(note: bytes) -> int:
    try:
        return os.stat(note).st_mtime_ns  # noqa: PTH116 - bytes
    except OSError:
        return 0


def is_in_trash(origin: bytes, seen: dict[bytes, dict[bytes, list[bytes]]]) -> bool:
    """Return whether a file of an absolute path lies in the trash; `seen` caches what each trash holds."""
    for trash, top in _trashes(origin):
        info = os.path.join(trash, b"info")
        if info not in seen:
            seen[info] = {}
            with suppress(OSError), os.scandir(info) as entries:
                for name in [e.name for e in entries if e.name.endswith(_NAME_SUFFIX)]:
                    seen[info].setdefault(_origin(os.path.join(info, name), top), []).append(
                        name.removesuffix(_NAME_SUFFIX)
                    )
        if any(os.path.lexists(os.path.join(trash, b"files", name)) for name in seen[info].get(origin, ())):
            return True
    return False


def forget(found: Trashed) -> None:
    """Remove the note of a file that is no longer in the trash."""
    Path(os.fsdecode(found.note)).unlink(missing_ok=True)


def _trashes(origin: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield the trash folders that may hold a file, each with the folder that its relative paths start from."""
    home = os.environb.get(b"XDG_DATA_HOME") or os.path.join(os.path.expanduser(b"~"), b".local", b"share")  # noqa: PTH111 - bytes
    yield os.path.join(home, b"Trash"), home
    top = folder_of(origin)
    while top != b"/" and not os.path.ismount(top):
        top = folder_of(top)
    user = b"%d" % os.getuid()
    yield os.path.join(top, b".Trash", user), top
    yield os.path.join(top, b".Trash-" + user), top


def _origin(note: bytes, top: bytes) -> bytes:
    """Return the absolute path in a note, empty when there is none."""
    try:
        text = Path(os.fsdecode(note)).read_bytes()
    except OSError:
        return b""
    line = next((li for li in text.splitlines() if li.startswith(b"Path=")), b"Path=")
    path = unquote_to_bytes(line.removeprefix(b"Path="))
    return os.path.join(top, path) if path else b""
