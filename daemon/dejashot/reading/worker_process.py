"""One reader process, seen from the main process: how it is started, what it is working on, and how it is ended."""

import os
import socket
import subprocess
import sys
import time
from collections import deque
from dataclasses import asdict, dataclass, field
from multiprocessing.connection import Connection
from typing import Any

from dejashot.errors import UnreadablePhotoError
from dejashot.files.nofollow import fingerprint
from dejashot.models.photo import Wanted
from dejashot.reading.job import Order
from dejashot.reading.metadata.burst_names import named_burst
from dejashot.reading.network import Network
from dejashot.reading.protocol.codec import frame_to_wire, pack, text_of
from dejashot.reading.protocol.exchange import Exchange
from dejashot.reading.protocol.fd_passing import send_file
from dejashot.reading.protocol.inbox import Inbox
from dejashot.reading.protocol.payloads import Bounds, WorkerOptions
from dejashot.reading.sandbox.confine import reader_environment

_WORKER = "dejashot.reading.worker"
START_TIMEOUT_S = 60.0
RECENT_PICTURES = 20  # a reader keeps 16 of most sizes; those that it lacks are as well decoded there as elsewhere
EXIT_TIMEOUT_S = 1.0  # for a process that closed its connection to end


@dataclass(slots=True)
class WorkerProcess:
    """A reader process with its connection, the order in hand, and the monotonic time by which it has to answer.

    `recent` are the contents that it was asked about last, whose pictures it is likely to hold.
    """

    process: "subprocess.Popen[bytes]"
    link: Connection
    inbox: Inbox
    exchange: Exchange
    order: Order[Any] | None = None
    deadline_s: float = 0.0
    served: int = 0
    refused: UnreadablePhotoError | None = None
    recent: deque[bytes] = field(default_factory=lambda: deque(maxlen=RECENT_PICTURES))

    @classmethod
    def connected(cls, process: "subprocess.Popen[bytes]", link: Connection, bounds: Bounds) -> "WorkerProcess":
        """Return a process that is talked to over a connection."""
        return cls(process, link, Inbox(link.fileno()), Exchange(bounds))

    @classmethod
    def start(cls, options: WorkerOptions, network: Network, bounds: Bounds) -> "WorkerProcess":
        """Start a process, spawned, in a session without a terminal, with nothing but its end of a socket pair."""
        ours, theirs = socket.socketpair()
        with theirs:
            process = subprocess.Popen(
                [sys.executable, "-P", "-m", _WORKER, str(theirs.fileno()), options.encode(), network.encode()],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
                env=reader_environment(os.environ),
            )
        return cls.connected(process, Connection(ours.detach()), bounds)

    def assign(self, order: Order[Any], handle: int, timeout_s: float) -> None:
        """Send an order with its open file: of the path only the name, and the burst that the path names."""
        self.order, self.refused, job = order, None, order.job
        self.exchange.begin(order.op)
        self.deadline_s = time.monotonic() + (timeout_s if self.exchange.ready else START_TIMEOUT_S)
        try:
            more = {"frame": frame_to_wire(job.frame)} if job.frame else {}
            name = text_of(job.path.rpartition(b"/")[2])
            self.link.send_bytes(pack({"op": order.op, "name": name, "burst": asdict(named_burst(job.path))} | more))
            send_file(self.link, handle)
        except OSError:
            self.deadline_s = 0.0

    def grant(self, wanted: Wanted, timeout_s: float) -> None:
        """Tell the process how much of the bytes in hand is wanted; raise OSError when it is gone."""
        self.exchange.grant(wanted)
        self.deadline_s = time.monotonic() + timeout_s  # it had to wait for whoever takes the answers
        self.link.send_bytes(pack({"op": "go", "wanted": wanted}))

    def exits(self) -> bool:
        """Return whether a process that closed its connection ends within a moment."""
        try:
            self.process.wait(EXIT_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            return False
        return True

    def end(self) -> int:
        """Close the connection, kill the process, wait for it, and return its exit code."""
        self.order = None
        self.link.close()
        self.process.kill()
        return self.process.wait()


def hash_of_file(path: bytes, max_bytes: int) -> bytes:
    """Return the hash of a file's bytes; nothing for one that is gone, no file, or larger than any that is read."""
    try:
        return b"" if os.lstat(path).st_size > max_bytes else fingerprint(path)[0]
    except (OSError, ValueError):
        return b""
