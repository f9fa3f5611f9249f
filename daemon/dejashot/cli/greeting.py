"""What a newcomer is told: three commands that work when nothing is configured, and the next step after a scan."""

import os
import shlex
import sys
from contextlib import suppress
from pathlib import Path

from dejashot.paths import default_config_file, default_library_folder, make_private, write_atomically
from dejashot.setup.pictures import account_pictures

_LIBRARY_FILE = "library.db"
_TOLD = "setup-told"  # in the state folder: the next step was told


def greets() -> bool:
    """Return whether someone sits at a terminal and has neither a configuration nor a library."""
    return sys.stdout.isatty() and not _is_configured() and not (default_library_folder() / _LIBRARY_FILE).exists()


def greeting() -> str:
    """Return three commands that work, and where to find the others."""
    scan = f"dejashot scan {_pictures()}"
    width = max(len(scan), len("dejashot setup"))
    return (
        "Dejashot finds photos that are the same shot, and says which one to keep.\n"
        "Nothing is ever deleted.\n"
        "\n"
        f"  {'dejashot demo':<{width}}  see it at work, on drawn photos\n"
        f"  {scan:<{width}}  look at photos of yours\n"
        f"  {'dejashot setup':<{width}}  have it watch them, and write digests\n"
        "\n"
        "All commands: dejashot --help"
    )


def tell_next_step() -> str:
    """Return a line on the step after a scan without a configuration; empty where there is one, or it was told."""
    told = default_library_folder() / _TOLD
    if not sys.stdout.isatty() or _is_configured() or told.exists():
        return ""
    with suppress(OSError):  # told again next time
        write_atomically(make_private(told.parent) / _TOLD, b"", durable=False)
    return "Have this watched:   dejashot setup\n"


def _is_configured() -> bool:
    return bool(os.environ.get("DEJASHOT_CONFIG")) or default_config_file().exists()


def _pictures() -> str:
    """Return the account's folder for pictures as a shell takes it, `.` where there is none."""
    home = Path.home()
    folder = account_pictures(home, os.environ)
    if folder is None or not str(folder).isprintable():
        return "."
    inside = str(folder.relative_to(home)) if folder.is_relative_to(home) else ""
    return f"~/{inside}" if inside and shlex.quote(inside) == inside else shlex.quote(str(folder))
