"""A small JSON file in which a running process says how it does, for other processes to read."""

import json
import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from dejashot.paths import read_own, write_atomically


class StateFile:
    """One state file; it is replaced as a whole, and lost with the machine's power: it is about a process that runs."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def publish(self, body: Mapping[str, Any]) -> None:
        """Write the state; raise OSError."""
        write_atomically(self.file, json.dumps(body).encode(), durable=False)

    def touch(self) -> None:
        """Make the file as young as now, where it is there."""
        with suppress(OSError):
            os.utime(self.file)

    def withdraw(self) -> None:
        """Remove the file, where it is there."""
        with suppress(OSError):
            self.file.unlink()

    def read(self) -> dict[str, Any]:
        """Return the state, empty where there is none or it can't be read."""
        try:
            body = json.loads(read_own(self.file))
        except (OSError, ValueError, RecursionError):
            return {}
        return body if isinstance(body, dict) else {}


def process_runs(pid: int) -> bool:
    """Return whether a process of this account has an id."""
    try:
        os.kill(pid, 0)
    except (OSError, OverflowError, TypeError):  # an id read from a file may be anything
        return False
    return True
