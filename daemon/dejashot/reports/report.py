"""The report: one object with everything a digest, a scan or an export says; its forms are made from it alone."""

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from dejashot.config.values import clock_offset_words
from dejashot.files.exclusions import Exclusion
from dejashot.files.shot_names import is_edit
from dejashot.grouping.places import LocatedShot, names_among
from dejashot.grouping.series.screenshots import SCREENSHOTS
from dejashot.models.capture import Certainty, TimeSource
from dejashot.models.decisions import Verdict
from dejashot.models.files import Skipped
from dejashot.models.groups import Group, KeeperSuggestion, Kind, Pair
from dejashot.models.photo import Companion
from dejashot.models.shot import Shot
from dejashot.paths import shown

CONFIDENCE_WORDS = {Certainty.HIGH: "sure", Certainty.MEDIUM: "fairly sure", Certainty.LOW: "a close call"}
_SOURCE_WORDS = {
    TimeSource.XMP: "by its XMP",
    TimeSource.IPTC: "by its IPTC record",
    TimeSource.TEXT: "by a text in the file",
    TimeSource.SIDECAR: "by its sidecar",
    TimeSource.NAME: "by the file's name",
    TimeSource.MTIME: "by the file's date",
}
NO_PLACE = "no place recorded"
NAMES_SHOWN = 3


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


def human_bytes(count: int) -> str:
    """Return a size as people say it: 1.2 MB, decimal units."""
    size = float(count)
    for unit in ("bytes", "kB", "MB", "GB"):
        if size < 1000 or unit == "GB":
            break
        size /= 1000
    return f"{count} bytes" if unit == "bytes" else f"{size:.1f} {unit}" if size < 100 else f"{size:.0f} {unit}"


def human_gap(gap_s: float) -> str:
    """Return a gap between two shots: 0.4 s, 12 s, 3 min."""
    if gap_s < 10:
        return f"{gap_s:.1f} s"
    return f"{gap_s:.0f} s" if gap_s < 120 else f"{gap_s / 60:.0f} min"


def plural(count: int, noun: str) -> str:
    """Return a count with its noun: 1 photo, 2,400 photos."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def kind_words(chosen: ReportGroup) -> str:
    """Return what sort of group it is and of how many shots: `burst, 3 shots`, `panorama sweep of 5`, `5 screenshots`."""
    group, count = chosen.group, len(chosen.group.members)
    if group.kind is not Kind.SERIES:
        return f"{group.kind}, {plural(count, 'shot')}"
    if group.series == SCREENSHOTS:
        return f"{count} {group.series}"
    return f"{group.series} of {count}" if count > 2 else f"{plural(count, 'shot')} of a longer {group.series}"


def amended_words(chosen: ReportGroup) -> str:
    """Return what is new in a group that an earlier digest held: `2 new since the last digest`; nothing for other groups."""
    if not chosen.amends:
        return ""
    return (
        f"{chosen.new_photos:,} new since the last digest"
        if chosen.new_photos
        else "what belongs to a shot is new since the last digest"
    )


def companion_words(shot: Shot) -> str:
    """Return what belongs to a shot beside its photo, by what their names end in: `CR2, MOV, an edit (JPG)`; nothing where there is nothing.

    Of a motion photo that is also `a moving picture in it`.
    """
    named = [(c.path.rpartition(".")[2].upper()[:12], bool(c.content) and is_edit(c.path)) for c in shot.companions]
    words = [f"an edit ({shown(ending)})" if edited else shown(ending) for ending, edited in named]
    return ", ".join([*dict.fromkeys(words), *(["a moving picture in it"] if shot.motion else [])])


def when_words(report: Report, chosen: ReportGroup) -> str:
    """Return when a group was taken, in local time, and from what that is known unless the camera wrote it."""
    first = report.shots[chosen.group.members[0]]
    at = datetime.fromisoformat(first.taken.iso)
    return " ".join(
        part for part in (f"{at.day} {at:%B %Y, %H:%M:%S}", _SOURCE_WORDS.get(first.taken.source, "")) if part
    )


def time_note(shot: Shot) -> str:
    """Return what has to be said of a shot's time: from what it was guessed, what was added to it; empty for one that the camera wrote."""
    notes: list[str] = []
    if shot.taken.source in _SOURCE_WORDS:
        notes.append(f"time {_SOURCE_WORDS[shot.taken.source]}")
    if shot.taken.certainty is Certainty.LOW and not shot.taken.guessed:
        notes.append("time not exact")
    if shot.clock_offset_s:
        notes.append(f"clock set right by {clock_offset_words(shot.clock_offset_s)}")
    return ", ".join(notes)


def damage_words(shot: Shot) -> str:
    """Return what of a shot is damaged: `damaged: a part of it holds nothing but zeros`; empty for a sound one."""
    return f"damaged: {shot.damage}" if shot.damage else ""


def shot_note(shot: Shot) -> str:
    """Return what has to be said of a shot beside its picture: of its damage and its time; empty for most."""
    return ", ".join(part for part in (damage_words(shot), time_note(shot)) if part)


def left_out_words(report: Report) -> str:
    """Return how many shots join no group because their time is only guessed; empty for none."""
    if not report.left_out:
        return ""
    return f"{plural(report.left_out, 'photo')} in no group but with exact copies, as the time is not certain enough ([sifting] min_certainty)"


def place_words(report: Report, chosen: ReportGroup) -> str:
    """Return where a group was taken, by name; whose place it is where none of its shots recorded one; empty where names were not asked for."""
    if not report.places_named:
        return ""
    there = [(m, report.places[m]) for m in chosen.group.members if m in report.places]
    recorded = [place for _, place in there if place.source is None]
    if not there:
        return NO_PLACE
    names = names_among(recorded or [place for _, place in there])
    words = (
        " / ".join(names[:NAMES_SHOWN]) + (" …" if len(names) > NAMES_SHOWN else "")
        if names
        else "no place with a name near"
    )
    if recorded:
        return words
    nearest = min((place for _, place in there), key=lambda place: abs(place.apart_s))
    return f"{words}, {borrowed_words(nearest)}"


def borrowed_words(place: LocatedShot) -> str:
    """Return whose a borrowed place is: `from a photo 40 s earlier`."""
    if not place.apart_s:
        return "from a photo of the same moment"
    return f"from a photo {human_gap(abs(place.apart_s))} {'earlier' if place.apart_s > 0 else 'later'}"


def neighbours(report: Report, chosen: ReportGroup) -> list[Pair]:
    """Return the pairs between every two neighbours inside a group, in time order."""
    by_ends = {(p.a, p.b): p for p in chosen.group.pairs}
    members = chosen.group.members
    return [by_ends[a, b] for a, b in itertools.pairwise(members)]


def percent_words(pair: Pair) -> str:
    """Return a pair's similarity for people: `97 %`, or that it is not known."""
    return "not compared" if pair.similarity_percent is None else f"{pair.similarity_percent:.0f} %"
