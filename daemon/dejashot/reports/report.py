"""The report: one object with everything a digest, a scan or an export says; its forms are made from it alone."""

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from dejashot.files.exclusions import Exclusion
from dejashot.files.shot_names import is_edit
from dejashot.grouping.places import LocatedShot
from dejashot.models.decisions import Verdict
from dejashot.models.files import Skipped
from dejashot.models.groups import Group, KeeperSuggestion, Kind, Pair
from dejashot.models.photo import Companion
from dejashot.models.shot import Shot


@dataclass(frozen=True, slots=True)
class Health:
    """How a folder is being followed: its name, its state in a word or two, a problem in a sentence, files present."""

    folder: str
    state: str
    problem: str
    files: int


@dataclass(frozen=True, slots=True)
class ReportGroup:
    """A group with its stable id and what to keep of it.

    `amends` tells that an earlier digest held it, with fewer shots. `decided` holds what the owner decided of members,
    which `choice` follows; `suggestion` is what would be suggested to somebody who has not decided anything, `clear`
    whether that is beyond doubt. `pending` tells that its photos are still to be looked at closely: until then what is
    suggested may change.
    """

    id: str
    group: Group
    choice: KeeperSuggestion
    new_photos: int = 0
    amends: bool = False
    decided: Mapping[int, Verdict] = field(default_factory=dict)
    suggestion: KeeperSuggestion | None = None
    clear: bool = False
    pending: bool = False

    @property
    def open(self) -> bool:
        """Return whether the owner has still to choose in it; in a series there is nothing to choose."""
        return self.group.kind is not Kind.SERIES and any(m not in self.decided for m in self.group.members)


@dataclass(frozen=True, slots=True)
class Damaged:
    """A damaged photo by its path, what of it is damaged, and the path of a sound one of its shot or group, if any."""

    path: str
    damage: str
    sound: str | None


@dataclass(frozen=True, slots=True)
class ReportHead:
    """What a report is: its title, when and how fast it was made, by which model, and the folder its paths are below.

    `made_at` is aware local time; `interval_s` is the longest gap between neighbours that are compared; `covers_new`
    tells a digest of what is new from a report on everything.
    """

    title: str
    made_at: datetime
    interval_s: float
    model: str
    root: str
    elapsed_s: float = 0.0
    covers_new: bool = False


@dataclass(frozen=True, slots=True)
class ReportPlaces:
    """The places of shots, by index: `included` tells whether a report holds any, `named` whether it names them too."""

    included: bool = False
    named: bool = False
    of_shots: Mapping[int, LocatedShot] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Report:
    """Everything one report says.

    `shots` is the timeline that pairs and groups index into. `exclusions` says what is left out on purpose, with paths
    as in the report; `ungrouped` counts the shots whose time is not certain enough to be grouped. `preview` returns a
    shot's small JPEG by content, None where there is none.
    """

    head: ReportHead
    shots: Sequence[Shot]
    pairs: Sequence[Pair] = ()
    groups: Sequence[ReportGroup] = ()
    skipped: Sequence[Skipped] = ()
    health: Sequence[Health] = ()
    exclusions: Sequence[Exclusion] = ()
    ungrouped: int = 0
    places: ReportPlaces = ReportPlaces()
    preview: Callable[[bytes], bytes | None] = field(default=lambda _: None, repr=False)

    @property
    def new_photos(self) -> int:
        """Return how many of the shots are new since the last digest; in a scan, all of them."""
        return sum(s.new for s in self.shots)

    @property
    def reducible(self) -> list[ReportGroup]:
        """Return the groups from which something could go."""
        return [g for g in self.groups if g.group.kind is not Kind.SERIES]

    @property
    def series(self) -> list[ReportGroup]:
        """Return the groups that are alike on purpose."""
        return [g for g in self.groups if g.group.kind is Kind.SERIES]

    @property
    def damaged(self) -> list[Damaged]:
        """Return the damaged photos among the new shots, in time order; a raw file or an edit has no other copy."""
        return [found for _, found in self.damaged_in_shots]

    @property
    def damaged_in_shots(self) -> list[tuple[int, Damaged]]:
        """Return the damaged photos among the new shots, each with its shot."""
        sound: dict[int, str] = {}
        for chosen in self.groups:
            whole = next((m for m in chosen.group.members if not self.shots[m].damage), None)
            if whole is not None:
                sound |= dict.fromkeys(chosen.group.members, self.shots[whole].path)
        found: list[tuple[int, Damaged]] = []
        for n, shot in enumerate(self.shots):
            if not shot.new:
                continue
            if shot.damage:
                found.append((n, Damaged(shot.path, shot.damage, sound.get(n))))
            found += [(n, Damaged(c.path, c.damage, _sound_copy_of(c, shot))) for c in shot.companions if c.damage]
        return found

    @property
    def lost(self) -> list[Damaged]:
        """Return the damaged photos of which no sound one is at hand."""
        return [found for found in self.damaged if found.sound is None]


def neighbour_pairs(chosen: ReportGroup) -> list[Pair]:
    """Return the pairs between every two neighbours inside a group, in time order."""
    by_ends = {(p.a, p.b): p for p in chosen.group.pairs}
    return [by_ends[a, b] for a, b in itertools.pairwise(chosen.group.members)]


def _sound_copy_of(companion: Companion, shot: Shot) -> str | None:
    """Return the path of a sound photo that shows the same as a companion; a raw file or an edit has none."""
    unique = is_edit(companion.path) or companion.is_raw
    return None if unique or shot.damage else shot.path
