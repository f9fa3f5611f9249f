"""The workers of a cluster as this machine sees them: which may be given photos, and how many each has: pure."""

import math
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any

from dejashot.cluster.messages import Greeting
from dejashot.reading.worker_process import RECENT_PICTURES

AHEAD = 2  # photos that a worker has besides those it reads, so that it never waits for this machine
MAX_MISSES = 3  # times in a row that the share of a worker may show another file, then it is sent the bytes
MAX_CLOCK_US = 3_600_000_000  # between two clocks: capture times in the future are not believed


class MemberState(Enum):
    """Whether a worker is given photos."""

    ASKED = auto()  # what it is
    READY = auto()
    LEFT_OUT = auto()


@dataclass(eq=False, slots=True)
class ClusterMember:
    """A worker: its address, its threads, how many photos it has, the contents of those it read last.

    `misses` counts how often in a row its share showed another file; `greeting` stands for its answer, which is awaited
    until the monotonic time `asked_until_s`. `is_fit` says that its software is that of this machine.
    """

    address: str
    threads: int
    state: MemberState = MemberState.ASKED
    given: int = 0
    misses: int = 0
    recent: deque[bytes] = field(default_factory=lambda: deque(maxlen=RECENT_PICTURES))
    is_fit: bool = False
    greeting: Any = None
    asked_until_s: float = math.inf

    @property
    def machine(self) -> str:
        """Return the address without its port."""
        return self.address.rpartition(":")[0]

    @property
    def has_share(self) -> bool:
        """Return whether its paths are to be tried."""
        return self.misses < MAX_MISSES

    @property
    def load(self) -> float:
        """Return how much it was given, as a share of what it may be given."""
        return self.given / (self.threads + AHEAD)


class Members:
    """All workers of a cluster, by address."""

    def __init__(self) -> None:
        self._all: dict[str, ClusterMember] = {}

    def update(self, threads: Mapping[str, int]) -> tuple[list[ClusterMember], list[ClusterMember]]:
        """Take in which workers there are, with their threads; return those that came, and those that went away."""
        gone = [member for address, member in self._all.items() if address not in threads]
        came = [ClusterMember(address, n) for address, n in threads.items() if address not in self._all]
        for member in gone:
            del self._all[member.address]
        self._all |= {member.address: member for member in came}
        return came, gone

    def has(self, member: ClusterMember) -> bool:
        """Return whether a worker may be given photos, or go on with those that it has."""
        return self._all.get(member.address) is member and member.state is MemberState.READY

    def any_in(self, state: MemberState) -> bool:
        """Return whether there is a worker in a state."""
        return any(member.state is state for member in self._all.values())

    def overdue(self, now_s: float) -> list[ClusterMember]:
        """Return the workers that were asked what they are, and have not answered in time."""
        asked = [member for member in self._all.values() if member.state is MemberState.ASKED]
        return [member for member in asked if member.asked_until_s <= now_s]

    def idlest(self) -> ClusterMember | None:
        """Return the worker that has room for a photo and most to spare, None where each has enough."""
        ready = [member for member in self._all.values() if member.state is MemberState.READY]
        best = min(ready, key=lambda member: member.load, default=None)
        return None if best is None or best.load >= 1 else best


def mismatch(found: Greeting, here: Greeting) -> str:
    """Return why a worker must not read photos for this machine, empty where it may."""
    if found.software.version != here.software.version:
        return f"it runs Dejashot {found.software.version}, and this is {here.software.version}"
    if found.software != here.software:
        return "its Dejashot reads photos in another way"
    if found.network != here.network:
        return "it has another embedding network"
    if abs(found.now_us - here.now_us) > MAX_CLOCK_US:
        return "its clock differs by more than an hour"
    return ""
