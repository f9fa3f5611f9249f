"""What the file of kept groups holds, as values."""

from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass

from dejashot.models.files import FileRef


@dataclass(frozen=True, slots=True)
class KeptFile:
    """A file by its number, the unit that its name makes it part of, and its time as it was recorded."""

    id: int
    unit: int
    taken_us: int
    offset_s: int
    zone_known: bool


@dataclass(frozen=True, slots=True)
class KeptRun:
    """A run of a component: when it begins, the local day, counts of what is in it, and its shots and pairs.

    `body` holds the shots and the pairs of neighbours, `lines` what a report in JSON says of them. `first_content` is
    that of its first shot.
    """

    first_us: int
    day: str
    shots: int
    groups: int
    ungrouped: int
    damaged: int
    first_content: bytes
    body: bytes
    lines: bytes


@dataclass(frozen=True, slots=True)
class KeptGroup:
    """A group: its stable id, when it begins, what it is, and what could go or was chosen to go.

    It is lacking where closer looks do not know all of its photos, whether or not one is still to come. `files` are
    its members by their numbers. `savings` holds bytes by what (`suggested`, `chosen`), month and camera. `body` holds
    members, pairs and suggestion: members are places in the runs of its component.
    """

    id: str
    first_us: int
    series: bool
    open: bool
    clear: bool
    pending: bool
    lacking: bool
    suggested_bytes: int
    open_photos: int
    open_bytes: int
    chosen_photos: int
    chosen_bytes: int
    files: tuple[int, ...]
    savings: Mapping[tuple[str, str, str], int]
    body: bytes


@dataclass(frozen=True, slots=True)
class KeptComponent:
    """A part of the timeline that touches no other: its files, its runs, and the groups that begin in each run.

    `companions` are the files that go along, by the number of the photo.
    """

    files: Sequence[KeptFile]
    companions: Sequence[tuple[int, FileRef]]
    runs: Sequence[KeptRun]
    groups: Sequence[KeptGroup]


@dataclass(frozen=True, slots=True)
class RunLines:
    """The number of a run's component, when the run begins, and what a report in JSON says of it."""

    component: int
    first_us: int
    lines: bytes


@dataclass(frozen=True, slots=True)
class GroupRow:
    """A kept group without what it shows: its number, id, component and state, and its body where it was asked for."""

    number: int
    id: str
    component: int
    first_us: int
    series: bool
    open: bool
    clear: bool
    pending: bool
    suggested_bytes: int
    open_photos: int
    open_bytes: int
    chosen_photos: int
    chosen_bytes: int
    body: bytes


@dataclass(frozen=True, slots=True)
class GroupTotals:
    """How many groups, series and shots some components hold, and what of them waits, could go, or can't be grouped."""

    shots: int = 0
    ungrouped: int = 0
    damaged: int = 0
    groups: int = 0
    series: int = 0
    open_groups: int = 0
    pending: int = 0
    open_photos: int = 0
    open_bytes: int = 0

    def with_more(self, other: "GroupTotals", times: int = 1) -> "GroupTotals":
        """Return the sums of both, the other counted so many times."""
        return GroupTotals(*(own + times * more for own, more in zip(astuple(self), astuple(other), strict=True)))
