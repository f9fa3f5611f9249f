"""Lists of paths for other programs: plain, for `rsync --files-from`, and for `exiftool -@`."""

import os
from collections.abc import Callable
from pathlib import Path

# a path as a line of a list, its end included; None where the program can't be told it
PathLine = Callable[[bytes], bytes | None]


def ended_lines(end: bytes) -> PathLine:
    """Return lines of paths as they are, each with an end."""
    return lambda path: path + end


def rsync_lines(source: bytes) -> PathLine:
    """Return lines for `rsync --from0 --files-from`: paths (absolute) below its source folder, each with a NUL.

    `./` stands before them: rsync takes what begins with # or ; for a comment. Paths elsewhere have no line.
    """
    prefix = source.rstrip(b"/") + b"/"

    def line(path: bytes) -> bytes | None:
        return b"./" + path[len(prefix) :] + b"\0" if path.startswith(prefix) else None

    return line


def exiftool_line(path: bytes) -> bytes | None:
    """Return a path (absolute) as a line of an argument file of ExifTool, None where it has no way to write it.

    A name that holds the end of a line is written as a C string, in which ExifTool can't read `$` and `@`.
    """
    if b"\n" not in path and b"\r" not in path:
        return path + b"\n"
    if b"$" in path or b"@" in path:
        return None
    escaped = path.replace(b"\\", b"\\\\").replace(b"\n", b"\\n").replace(b"\r", b"\\r").replace(b'"', b'\\"')
    return b"#[CSTR]" + escaped + b"\n"


def source_folder(named: str) -> bytes:
    """Return the folder that paths are to be below, absolute and through links, as paths in plans are."""
    return os.fsencode(os.path.realpath(Path(named).expanduser()))
