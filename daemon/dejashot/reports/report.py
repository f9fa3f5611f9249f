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
    """How a folder is being followed: its name, its state in a word or two, trouble in a sentence, files present."""

    folder: str
    state: str
    trouble: str
    files: int


@dataclass(frozen=True, slots=True)
class ReportGroup:
    """A group with its stable id and what to keep of it; `amends` tells that an earlier digest held it, with fewer shots.

    `suggestion` is what would be suggested to somebody who has not decided anything; `decided` holds what the owner has said of
    members, which `choice` heeds.
    """

    id: str
    group: Group
    choice: KeeperSuggestion
    new_photos: int = 0
    amends: bool = False
    decided: Mapping[int, Verdict] = field(default_factory=dict)
    suggestion: KeeperSuggestion | None = None


@dataclass(frozen=True, slots=True)
class Damaged:
    """A damaged photo by its path, what of it is damaged, and the path of a sound one of its shot or group, None where there is none."""

    path: str
    damage: str
    sound: str | None


@dataclass(frozen=True, slots=True)
class Report:
    """Everything one report says.

    `shots` is the timeline that pairs and groups index into; `made_at` is aware local time; `root` is what paths are below of;
    `covers_new` tells a digest of what is new from a report on everything;
    `places` holds the place of shots by index, `places_named` tells whether it is said in words too; `left_out` counts the shots whose
    time is not certain enough to be grouped; `not_looked_at` says what of the folders is left out on purpose, with paths as in the
    report; `preview` returns a shot's small JPEG by content, None where there is none.
    """

    title: str
    made_at: datetime
    interval_s: float
    model: str
    root: str
    shots: Sequence[Shot]
    pairs: Sequence[Pair]
    groups: Sequence[ReportGroup]
    skipped: Sequence[Skipped]
    health: Sequence[Health]
    seconds: float
    covers_new: bool = False
    include_place: bool = False
    places: Mapping[int, LocatedShot] = field(default_factory=dict)
    places_named: bool = False
    left_out: int = 0
    not_looked_at: Sequence[Exclusion] = ()
    preview: Callable[[bytes], bytes | None] = field(default=lambda _: None, repr=False)

    @property
    def new_photos(self) -> int:
        """Return how many of the shots are new since the last digest; in a scan, all of them."""
        return sum(s.new for s in self.shots)

    @property
    def photos_words(self) -> str:
        """Return what the photos counted are called: new ones in a digest."""
        noun = "new photo" if self.covers_new else "photo"
        return noun if self.new_photos == 1 else f"{noun}s"

    @property
    def waste(self) -> list[ReportGroup]:
        """Return the groups from which something could go."""
        return [g for g in self.groups if g.group.kind is not Kind.SERIES]

    @property
    def series(self) -> list[ReportGroup]:
        """Return the groups that are alike on purpose."""
        return [g for g in self.groups if g.group.kind is Kind.SERIES]

    @property
    def damaged(self) -> list[Damaged]:
        """Return the damaged photos among the new shots, in time order; of a raw file or an edit that is, nothing else is a copy."""
        sound: dict[int, str] = {}
        for chosen in self.groups:
            whole = next((m for m in chosen.group.members if not self.shots[m].damage), None)
            if whole is not None:
                sound |= dict.fromkeys(chosen.group.members, self.shots[whole].path)
        found: list[Damaged] = []
        for n, shot in enumerate(self.shots):
            if not shot.new:
                continue
            if shot.damage:
                found.append(Damaged(shot.path, shot.damage, sound.get(n)))
            found += [Damaged(c.path, c.damage, _stands_for(shot, c)) for c in shot.companions if c.damage]
        return found

    @property
    def lost(self) -> list[Damaged]:
        """Return the damaged photos of which no sound one is at hand: that is news of its own."""
        return [found for found in self.damaged if found.sound is None]

    @property
    def reclaimable_bytes(self) -> int:
        """Return what would be free if only the keepers stayed."""
        return sum(g.choice.reclaimable_bytes for g in self.groups)


def _stands_for(shot: Shot, companion: Companion) -> str | None:
    """Return the path of a sound photo that shows the same as a companion; nothing else shows what a raw file or an edit does."""
    alone = is_edit(companion.path) or companion.is_raw
    return None if alone or shot.damage else shot.path


def neighbour_pairs(report: Report, chosen: ReportGroup) -> list[Pair]:
    """Return the pairs between every two neighbours inside a group, in time order."""
    by_ends = {(p.a, p.b): p for p in chosen.group.pairs}
    members = chosen.group.members
    return [by_ends[a, b] for a, b in itertools.pairwise(members)]
