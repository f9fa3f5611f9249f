"""Run something just before a chosen step of other work that touches the disk, in a process of its own."""

import os
import signal
import sys
from collections.abc import Callable, Collection, Mapping

STEPS = {"os.link", "os.remove", "os.rename", "shutil.move"}


def dies() -> None:
    """End this process as a power cut would."""
    os.kill(os.getpid(), signal.SIGKILL)


def in_between(
    events: Mapping[int, Callable[[], object]], work: Callable[[], object], steps: Collection[str] = frozenset(STEPS)
) -> bool:
    """Do some work with something else done just before its n-th step; return whether all of that was done."""
    child = os.fork()
    if child:
        ended = os.waitpid(child, 0)[1]
        assert os.WIFSIGNALED(ended) or os.WEXITSTATUS(ended) in (0, 2)
        return os.WIFSIGNALED(ended) or os.WEXITSTATUS(ended) == 0
    count, left, worker, busy, status = 0, dict(events), os.getpid(), False, 1

    def on_step(event: str, _: object) -> None:
        nonlocal count, busy
        if event in steps and not busy and os.getpid() == worker:
            count += 1
            if count in left:
                busy = True
                left.pop(count)()
                busy = False

    try:
        sys.addaudithook(on_step)
        work()
        status = 2 if left else 0
    finally:
        os._exit(status)
