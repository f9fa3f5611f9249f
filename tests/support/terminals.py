"""A command run at a terminal of 80 columns, with a person who answers."""

import contextlib
import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import sys
import termios
from collections.abc import Sequence
from dataclasses import dataclass

from homes import Home

_CODES = re.compile(rb"\x1b\[[0-9;?]*[a-zA-Z]")
CTRL_C = "\x03"
# makes the terminal that of the new session, so that Ctrl-C reaches it
_TAKE_TERMINAL = (
    "import fcntl,os,sys,termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); os.execv(sys.argv[1], sys.argv[1:])"
)


@dataclass(frozen=True)
class Dialog:
    """What stood on the terminal, without control codes, and the exit status."""

    text: str
    status: int


def talk(home: Home, arguments: Sequence[object], answers: Sequence[tuple[str, str]] = (), **changes: str) -> Dialog:
    """Run `dejashot` and give each answer once the end of its question stands there; wait for the end."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 80, 0, 0))
    process = subprocess.Popen(
        [sys.executable, "-c", _TAKE_TERMINAL, *home.command(*arguments)],
        env={**home.environment, "TERM": "xterm", **changes},
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    )
    os.close(theirs)
    text, seen, left, pressed = b"", 0, list(answers), False
    while True:
        if not select.select([ours], [], [], 1 if pressed else 60)[0]:
            if not pressed:
                break
            os.write(ours, CTRL_C.encode())  # it came between the question and the wait for the answer
            continue
        try:
            part = os.read(ours, 65536)
        except OSError:  # the other end is closed
            break
        text += part
        plain = _CODES.sub(b"", text)
        if left and left[0][0].encode() in plain[seen:]:
            seen, answer = len(plain), left.pop(0)[1]
            pressed = answer == CTRL_C
            os.write(ours, (answer if pressed else f"{answer}\n").encode())
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(60)
    os.close(ours)
    process.kill()
    shown = _CODES.sub(b"", text).replace(b"\r\n", b"\n").decode("utf-8", "replace")
    assert not left, f"never asked: {left[0][0]}\n{shown}"
    return Dialog(shown, process.wait())
