"""Short-lived child processes of this package: a request goes in as JSON, a reply comes back as JSON."""

import json
import subprocess
import sys
from contextlib import suppress
from typing import Any


class ChildReplyError(Exception):
    """A child process could not be started, took too long, failed, or its reply is not JSON."""


class ChildProcess:
    """A module of this package run by `python -P -m`, for those who look again later whether it is done.

    Request and reply must fit into the buffer of a pipe, 64 KiB on Linux. Raises OSError when it can't be started.
    """

    def __init__(self, module: str, request: object) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", module],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        if self._process.stdin is not None:
            with suppress(BrokenPipeError), self._process.stdin:  # it ended early: then there is no reply either
                self._process.stdin.write(json.dumps(request).encode())

    @property
    def running(self) -> bool:
        """Return whether the process still runs."""
        return self._process.poll() is None

    def reply(self, timeout_s: float = 0.0) -> Any:
        """Return the reply of the process and end it, waiting at most so long; raise ChildReplyError.

        A reply counts whatever the exit status is: what the process reports to have done is done.
        """
        try:
            self._process.wait(timeout_s)
            output = b"" if self._process.stdout is None else self._process.stdout.read()
        except subprocess.TimeoutExpired as error:
            raise ChildReplyError("it took too long") from error
        finally:
            self.close()
        return _decoded(output)

    def close(self) -> None:
        """End the process, whatever it is doing."""
        self._process.kill()
        self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()


def ask_child(module: str, request: object, timeout_s: float) -> Any:
    """Run a module of this package by `python -P -m` and return its reply; raise ChildReplyError."""
    try:
        done = subprocess.run(
            [sys.executable, "-P", "-m", module],
            input=json.dumps(request).encode(),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=timeout_s,
            check=False,
        )
    except OSError as error:
        raise ChildReplyError(f"it could not be started: {error.strerror}") from error
    except subprocess.TimeoutExpired as error:
        raise ChildReplyError("it took too long") from error
    if done.returncode:
        raise ChildReplyError(f"it ended with status {done.returncode}")
    return _decoded(done.stdout)


def _decoded(output: bytes) -> Any:
    try:
        return json.loads(output)
    except ValueError as error:
        raise ChildReplyError("its reply is not JSON") from error
