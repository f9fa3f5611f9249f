"""The sentences and numbers of a report, as all its forms show them."""

from collections.abc import Sequence
from datetime import datetime

from dejashot.config.values import format_clock_offset
from dejashot.files.shot_names import is_edit
from dejashot.grouping.places import LocatedShot, names_among
from dejashot.grouping.series.screenshots import SCREENSHOTS
from dejashot.language.formats import format_bytes, format_gap
from dejashot.models.capture import Certainty, TimeSource
from dejashot.models.groups import PAGES, Kind
from dejashot.models.shot import Shot
from dejashot.paths import shown
from dejashot.reports.report import Report, ReportGroup
from dejashot.reports.saving import Saving

CONFIDENCE_LABELS = {Certainty.HIGH: "sure", Certainty.LOW: "look yourself"}  # of a suggestion
SURELY_SAME_PERCENT, SURELY_ANOTHER_PERCENT = 97.0, 3.0  # from there on, and down to there, no figure is shown
_SOURCE_LABELS = {
    TimeSource.XMP: "by its XMP",
    TimeSource.IPTC: "by its IPTC record",
    TimeSource.TEXT: "by a text in the file",
    TimeSource.SIDECAR: "by its sidecar",
    TimeSource.NAME: "by the file's name",
    TimeSource.MTIME: "by the file's date",
}
NO_PLACE = "no place recorded"
MAX_PLACE_NAMES = 3


def plural(count: int, noun: str) -> str:
    """Return a count with its noun: 1 photo, 2,400 photos."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def describe_saving(saving: Saving) -> str:
    """Return in one sentence what could go: `12 photos could go: 48 MB`."""
    if saving.bytes:
        return f"{plural(saving.photos, 'photo') if saving.photos else 'Photos'} could go: {format_bytes(saving.bytes)}"
    if saving.pending:
        return f"Still looking at {plural(saving.pending, 'group')}"
    return "Nothing could go" if saving.groups else "Nothing to choose"


def describe_pending(saving: Saving) -> str:
    """Return how many groups are still to be looked at closely; empty for none."""
    if not saving.pending or not saving.bytes:
        return ""
    return f"still looking at {saving.pending:,} of them, not counted yet"


def describe_kind(chosen: ReportGroup) -> str:
    """Return the kind of a group and its size: `burst, 3 shots`, `panorama sweep of 5`, `5 pages`."""
    group, count = chosen.group, len(chosen.group.members)
    if group.kind is not Kind.SERIES:
        return f"{group.kind}, {plural(count, 'shot')}"
    if group.series in (SCREENSHOTS, PAGES):
        return f"{count} {group.series}"
    return f"{group.series} of {count}" if count > 2 else f"{plural(count, 'shot')} of a longer {group.series}"


def describe_amendment(chosen: ReportGroup) -> str:
    """Return what is new in a group that an earlier digest held: `2 new since the last digest`; else nothing."""
    if not chosen.amends:
        return ""
    return (
        f"{chosen.new_photos:,} new since the last digest"
        if chosen.new_photos
        else "what belongs to a shot is new since the last digest"
    )


def describe_companions(shot: Shot) -> str:
    """Return what belongs to a shot, by what the names end in: `CR2, MOV, an edit (JPG)`; nothing where there is
    nothing.

    Of a motion photo that is also `a moving picture in it`.
    """
    named = [(c.path.rpartition(".")[2].upper()[:12], bool(c.content) and is_edit(c.path)) for c in shot.companions]
    parts = [f"an edit ({shown(ending)})" if edited else shown(ending) for ending, edited in named]
    return ", ".join([*dict.fromkeys(parts), *(["a moving picture in it"] if shot.motion else [])])


def format_group_time(report: Report, chosen: ReportGroup) -> str:
    """Return when a group was taken, in local time, and the source of that unless the camera wrote it."""
    return format_first_time(report.shots[chosen.group.members[0]])


def format_first_time(first: Shot) -> str:
    """Return when a group was taken that begins with a shot, in local time, and the source of that."""
    at = datetime.fromisoformat(first.taken.iso)
    return " ".join(
        part for part in (f"{at.day} {at:%B %Y, %H:%M:%S}", _SOURCE_LABELS.get(first.taken.source, "")) if part
    )


def describe_time(shot: Shot) -> str:
    """Return the source of a shot's time and its correction; empty for a time that the camera wrote."""
    notes: list[str] = []
    if shot.taken.source in _SOURCE_LABELS:
        notes.append(f"time {_SOURCE_LABELS[shot.taken.source]}")
    if shot.taken.certainty is Certainty.LOW and not shot.taken.guessed:
        notes.append("time not exact")
    if shot.clock_offset_s:
        notes.append(f"clock set right by {format_clock_offset(shot.clock_offset_s)}")
    return ", ".join(notes)


def describe_damage(shot: Shot) -> str:
    """Return what of a shot is damaged: `damaged: a part of it holds nothing but zeros`; empty for a sound one."""
    return f"damaged: {shot.damage}" if shot.damage else ""


def describe_shot(shot: Shot) -> str:
    """Return the notes on a shot's damage and its time; empty for most."""
    return ", ".join(part for part in (describe_damage(shot), describe_time(shot)) if part)


def describe_ungrouped(count: int) -> str:
    """Return how many shots join no group because their time is only guessed; empty for none."""
    if not count:
        return ""
    photos = plural(count, "photo")
    return f"{photos} in no group but with exact copies, as the time is not certain enough ([sifting] min_certainty)"


def describe_place(report: Report, chosen: ReportGroup) -> str:
    """Return where a group was taken, by name; empty where names were not asked for.

    Where none of its shots recorded a place, that includes whose place it is.
    """
    if not report.places.named:
        return ""
    places = [report.places.of_shots[m] for m in chosen.group.members if m in report.places.of_shots]
    recorded = [place for place in places if place.source is None]
    if not places:
        return NO_PLACE
    description = _list_places(names_among(recorded or places))
    if recorded:
        return description
    nearest = min(places, key=lambda place: abs(place.apart_s))
    return f"{description}, {describe_borrowed_place(nearest)}"


def _list_places(names: Sequence[str]) -> str:
    """Return the first few names of places."""
    if not names:
        return "no place with a name near"
    return " / ".join(names[:MAX_PLACE_NAMES]) + (" …" if len(names) > MAX_PLACE_NAMES else "")


def describe_borrowed_place(place: LocatedShot) -> str:
    """Return whose a borrowed place is: `from a photo 40 s earlier`."""
    if not place.apart_s:
        return "from a photo of the same moment"
    return f"from a photo {format_gap(abs(place.apart_s))} {'earlier' if place.apart_s > 0 else 'later'}"


def format_percent(similarity_percent: float | None) -> str:
    """Return a similarity in figures: `97 %`, or that it is not known."""
    return "not compared" if similarity_percent is None else f"{similarity_percent:.0f} %"


def describe_similarity(similarity_percent: float | None, *, doubtful: bool = False, in_series: bool = False) -> str:
    """Return a similarity in a word where it is beyond doubt, else in figures: `same shot`, `62 % alike`.

    Of a doubtful pair, of which both stay, it is `likely same shot` at most. Frames of a series are alike on purpose,
    and never one shot.
    """
    if similarity_percent is None:
        return format_percent(None)
    if similarity_percent >= 100:
        return "equal files"
    if in_series:
        return f"{format_percent(similarity_percent)} alike"
    if similarity_percent >= SURELY_SAME_PERCENT:
        return "likely same shot" if doubtful else "same shot"
    if similarity_percent <= SURELY_ANOTHER_PERCENT:
        return "another shot"
    return f"{format_percent(similarity_percent)} alike"
