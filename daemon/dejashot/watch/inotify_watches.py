"""What the kernel says of this process's own watches: which folders are really watched."""

import os
import re
from contextlib import suppress

from dejashot.language.texts import noted

_WATCH = re.compile(rb"^inotify wd:\S+ ino:([0-9a-f]+)", re.MULTILINE)


def watched_inodes(process: str = "self") -> frozenset[int] | None:
    """Return the inodes that this process watches through inotify; None where proc(5) does not say.

    Folded into int64 as stamps are. Numbers only: the device beside them is not the one that stat shows on every file
    system (btrfs).
    """
    place = f"/proc/{process}/fdinfo"
    found: set[int] = set()
    try:
        names = os.listdir(place)
    except OSError:
        return None
    for name in names:
        with suppress(OSError), open(f"{place}/{name}", "rb") as file:  # one closed since
            found.update((int(number, 16) + 2**63) % 2**64 - 2**63 for number in _WATCH.findall(file.read()))
    return frozenset(found)


_RAISE = noted("raise it with: {command}")
_WATCHES = "; ".join(
    [
        noted("the system's limit of watched folders is reached"),
        _RAISE.format(command="sudo sysctl fs.inotify.max_user_watches=1048576"),
    ]
)
_INSTANCES = "; ".join(
    [
        noted("the system's limit of programs that watch folders is reached"),
        _RAISE.format(command="sudo sysctl fs.inotify.max_user_instances=1024"),
    ]
)


def describe_limit(errno: int) -> str:
    """Return which of the system's limits an error number of inotify stands for and how to raise it.

    Empty for any other.
    """
    if errno == 28:
        return _WATCHES
    if errno == 24:
        return _INSTANCES
    return ""
