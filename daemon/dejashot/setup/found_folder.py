"""A folder that is likely to hold photos, and how the files of other programs are read to find one."""

import os
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from dejashot.paths import shown

MAX_FOREIGN_BYTES = 4 * 1024 * 1024  # no configuration of another program comes near it
_MAX_NAME_CHARACTERS = 40
_MAX_LINE_CHARACTERS = 4096 + 256
_LONE_SURROGATE = re.compile("[\ud800-\udc7f\udd00-\udfff]")  # stands for no byte of a path
_VARIABLE = re.compile(r"\$(?:\{(\w+)(?::?-([^}]*))?\}|(\w+))")


@dataclass(frozen=True, slots=True)
class FoundFolder:
    """A folder that is likely to hold photos: why, what to mind there, and whether watching it is proposed."""

    path: Path
    why: str
    mind: str = ""
    proposed: bool = True


def read_foreign(file: Path) -> str:
    """Return the text of another program's file, empty where it is no regular file, too large or can't be read.

    Bytes that are no UTF-8 come back as surrogates, as in paths.
    """
    try:
        handle = os.open(file, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(handle, "rb") as opened:
            if not stat.S_ISREG(os.fstat(opened.fileno()).st_mode):
                return ""
            data = opened.read(MAX_FOREIGN_BYTES + 1)
    except OSError:
        return ""
    return "" if len(data) > MAX_FOREIGN_BYTES else data.decode("utf-8", "surrogateescape")


def lines_of(text: str) -> Iterator[str]:
    """Yield the lines of a text, but for those that are longer than any path or name."""
    return (line for line in text.splitlines() if len(line) <= _MAX_LINE_CHARACTERS)


def named_folder(text: str, home: Path, above: Path | None = None) -> Path | None:
    """Return the folder that another program names: `~` is `home`, other relative ones lie in `above`.

    None where that is no path.
    """
    if not text or "\0" in text or _LONE_SURROGATE.search(text):
        return None
    if text == "~" or text.startswith("~/"):
        return home / text[2:]
    if text.startswith("/"):
        return Path(text)
    return None if above is None else above / text


def is_folder(path: Path) -> bool:
    """Return whether a folder is there, and may be looked at."""
    try:
        return path.is_dir()
    except OSError:
        return False


def short_name(text: str) -> str:
    """Return a name from another program's file, fit for a line on a terminal."""
    name = shown(text.strip())
    return name if len(name) <= _MAX_NAME_CHARACTERS else f"{name[: _MAX_NAME_CHARACTERS - 1]}…"


def with_variables(text: str, values: dict[str, str]) -> str:
    """Return a text with `$NAME`, `${NAME}` and `${NAME:-default}` replaced, once; unknown ones become empty."""
    return _VARIABLE.sub(lambda found: values.get(found[1] or found[3]) or found[2] or "", text)
