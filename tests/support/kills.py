"""Work that is killed in the middle, by the system itself, in a process of its own."""

import os
import sqlite3
from collections.abc import Callable
from functools import partial
from typing import Any

from between import dies, in_between

STEPS = {
    "open",
    "os.link",
    "os.remove",
    "os.rename",
    "os.mkdir",
    "os.rmdir",
    "os.chmod",
    "os.chown",
    "os.utime",
    "shutil.move",
}


def killed_at(step: int, work: Callable[[], object]) -> bool:
    """Do some work in a process of its own, killed just before its n-th step; return whether it came that far."""
    return in_between({step: dies}, work, STEPS)


def killed_in_sqlite(step: int, work: Callable[[], object], *, steps_each: int = 500) -> bool:
    """Do some work in a process that is killed within SQLite; return whether it came that far.

    It is killed after `step` times `steps_each` instructions of SQLite's virtual machine.
    """
    child = os.fork()
    if child == 0:
        count = 0

        def on_steps() -> None:
            nonlocal count
            count += 1
            if count == step:
                dies()

        class CountingConnection(sqlite3.Connection):
            """A connection that counts its steps, whatever other handler it is given."""

            def __init__(self, *args: Any, **kwargs: Any) -> None:
                super().__init__(*args, **kwargs)
                super().set_progress_handler(on_steps, steps_each)

            def set_progress_handler(self, *_: Any) -> None:
                """Keep the one that counts."""

        status = 1
        try:
            sqlite3.connect = partial(sqlite3.connect, factory=CountingConnection)  # type: ignore[assignment]
            work()
            status = 0
        finally:
            os._exit(status)
    ended = os.waitpid(child, 0)[1]
    assert os.WIFSIGNALED(ended) or os.WEXITSTATUS(ended) == 0
    return os.WIFSIGNALED(ended)
