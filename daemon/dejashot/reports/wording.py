"""The sentences and numbers of a report, as all its forms show them."""

import re
from collections.abc import Sequence
from datetime import datetime

from dejashot.config.values import format_clock_offset
from dejashot.files.exclusions import Exclusion
from dejashot.files.shot_names import is_edit
from dejashot.grouping.places import LocatedShot, names_among
from dejashot.grouping.series.brackets import BRACKET
from dejashot.grouping.series.focus_stack import FOCUS_STACK
from dejashot.grouping.series.panorama import SWEEP
from dejashot.grouping.series.screenshots import SCREENSHOTS
from dejashot.grouping.series.timelapse import TIME_LAPSE
from dejashot.language.formats import format_bytes, format_gap, format_list, format_moment, format_share
from dejashot.language.stored_texts import translate_stored
from dejashot.language.texts import noted, noted_plural, t, tn
from dejashot.models.capture import Certainty, TimeSource
from dejashot.models.groups import PAGES, Kind
from dejashot.models.shot import Shot
from dejashot.paths import shown
from dejashot.reports.report import Health, Report, ReportGroup, ReportHead
from dejashot.reports.saving import Saving

CONFIDENCE_LABELS = {
    # Translators: how certain the suggestion for a group is
    Certainty.HIGH: noted("sure"),
    # Translators: of an uncertain suggestion: the owner should look at the photos
    Certainty.LOW: noted("look yourself"),
}
SURELY_SAME_PERCENT, SURELY_ANOTHER_PERCENT = 97.0, 3.0  # from there on, and down to there, no figure is shown
_SOURCES = {  # of a time: behind it, and on its own
    # Translators: when a photo was taken, and where that was read
    TimeSource.XMP: (noted("{time} by its XMP"), noted("time by its XMP")),
    TimeSource.IPTC: (noted("{time} by its IPTC record"), noted("time by its IPTC record")),
    TimeSource.TEXT: (noted("{time} by a text in the file"), noted("time by a text in the file")),
    TimeSource.SIDECAR: (noted("{time} by its sidecar"), noted("time by its sidecar")),
    TimeSource.NAME: (noted("{time} by the file's name"), noted("time by the file's name")),
    TimeSource.MTIME: (noted("{time} by the file's date"), noted("time by the file's date")),
}
_KINDS = {
    # Translators: copies of the same picture
    Kind.DUPLICATE: noted_plural("duplicate, {count} shot", "duplicate, {count} shots"),
    Kind.BURST: noted_plural("burst, {count} shot", "burst, {count} shots"),
    # Translators: several takes of the same scene
    Kind.SIMILAR: noted_plural("similar, {count} shot", "similar, {count} shots"),
}
_SERIES = {
    # Translators: pictures of a screen
    SCREENSHOTS: noted_plural("{count} screenshot", "{count} screenshots"),
    # Translators: photos of pages, such as of a book or a document
    PAGES: noted_plural("{count} page", "{count} pages"),
    # Translators: photos of one scene in several exposures
    BRACKET: noted_plural("exposure bracket of {count}", "exposure bracket of {count}"),
    # Translators: photos for a panorama, each further to one side
    SWEEP: noted_plural("panorama sweep of {count}", "panorama sweep of {count}"),
    # Translators: photos of one scene, each focused at another distance
    FOCUS_STACK: noted_plural("focus stack of {count}", "focus stack of {count}"),
    TIME_LAPSE: noted_plural("time-lapse of {count}", "time-lapse of {count}"),
}
_PARTS = {  # of a series that is longer than what is there
    BRACKET: noted_plural("{count} shot of a longer exposure bracket", "{count} shots of a longer exposure bracket"),
    SWEEP: noted_plural("{count} shot of a longer panorama sweep", "{count} shots of a longer panorama sweep"),
    FOCUS_STACK: noted_plural("{count} shot of a longer focus stack", "{count} shots of a longer focus stack"),
    TIME_LAPSE: noted_plural("{count} shot of a longer time-lapse", "{count} shots of a longer time-lapse"),
}
MAX_PLACE_NAMES = 3


def plural(count: int, noun: str) -> str:
    """Return a count with its noun, in English: 1 photo, 2,400 photos."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def describe_saving(saving: Saving) -> str:
    """Return in one sentence what could go: `12 photos could go: 48 MB`."""
    if saving.bytes:
        size = format_bytes(saving.bytes)
        if not saving.photos:
            # Translators: how much space it would free to delete what is suggested
            return t("Photos could go: {size}", size=size)
        # Translators: how many photos are suggested to be deleted, and how much space that would free
        return tn("{count} photo could go: {size}", "{count} photos could go: {size}", saving.photos, size=size)
    if saving.pending:
        return tn("Still looking at {count} group", "Still looking at {count} groups", saving.pending)
    # Translators: no photo is suggested to be deleted
    return t("Nothing could go") if saving.groups else t("Nothing to choose")


def describe_pending(saving: Saving) -> str:
    """Return how many groups are still to be looked at closely; empty for none."""
    if not saving.pending or not saving.bytes:
        return ""
    # Translators: of groups of photos
    return tn(
        "still looking at {count} of them, not counted yet",
        "still looking at {count} of them, not counted yet",
        saving.pending,
    )


def describe_kind(chosen: ReportGroup) -> str:
    """Return the kind of a group and its size: `burst, 3 shots`, `panorama sweep of 5`, `5 pages`."""
    group, count = chosen.group, len(chosen.group.members)
    if group.kind is not Kind.SERIES:
        return tn(*_KINDS[group.kind], count)
    return tn(*_SERIES[group.series] if count > 2 or group.series not in _PARTS else _PARTS[group.series], count)


def describe_amendment(chosen: ReportGroup) -> str:
    """Return what is new in a group that an earlier digest held: `2 new since the last digest`; else nothing."""
    if not chosen.amends:
        return ""
    if not chosen.new_photos:
        return t("what belongs to a shot is new since the last digest")
    # Translators: of photos
    return tn("{count} new since the last digest", "{count} new since the last digest", chosen.new_photos)


def describe_companions(shot: Shot) -> str:
    """Return what belongs to a shot, by what the names end in: `CR2, MOV, an edit (JPG)`; nothing where there is
    nothing.

    Of a motion photo that is also `a moving picture in it`.
    """
    named = [(c.path.rpartition(".")[2].upper()[:12], bool(c.content) and is_edit(c.path)) for c in shot.companions]
    # Translators: an edited version of a photo, and the kind of its file
    parts = [t("an edit ({kind})", kind=shown(ending)) if edited else shown(ending) for ending, edited in named]
    return format_list([*dict.fromkeys(parts), *([t("a moving picture in it")] if shot.motion else [])])


def describe_with_companions(shot: Shot) -> str:
    """Return what belongs to a shot, as it stands behind its name: `with CR2, MOV`; nothing where there is nothing."""
    companions = describe_companions(shot)
    # Translators: of a photo, and the files that belong to it
    return t("with {companions}", companions=companions) if companions else ""


def count_photos(head: ReportHead, count: int) -> str:
    """Return how many photos a report is about: in a digest, new ones."""
    if head.covers_new:
        return tn("{count} new photo", "{count} new photos", count)
    return tn("{count} photo", "{count} photos", count)


def describe_health(health: Health) -> str:
    """Return how a folder is followed, and what is wrong with it if anything: `paused: the folder is not there`."""
    state = translate_stored(health.state)
    return join_detail(state, describe_problem(health.problem) if health.problem else "")


def join_detail(what: str, detail: str) -> str:
    """Return a state or a verdict with its detail, if there is one: `paused: the folder is not there`."""
    # Translators: a state or a verdict, and its detail
    return t("{what}: {detail}", what=what, detail=detail) if detail else what


def describe_problem(problem: str) -> str:
    """Return what is wrong with a folder; several clauses stand one after the other."""
    return "".join(translate_stored(clause) for clause in re.split(r"(; |\. )", problem))


def describe_exclusion(part: Exclusion) -> str:
    """Return how much was left out on purpose and why: `2 links to files, not followed`."""
    return tn(*part.why.forms, part.count)


def format_group_time(report: Report, chosen: ReportGroup) -> str:
    """Return when a group was taken, in local time, and the source of that unless the camera wrote it."""
    return format_first_time(report.shots[chosen.group.members[0]])


def format_first_time(first: Shot) -> str:
    """Return when a group was taken that begins with a shot, in local time, and the source of that."""
    time = format_moment(datetime.fromisoformat(first.taken.iso), seconds=True)
    return t(_SOURCES[first.taken.source][0], time=time) if first.taken.source in _SOURCES else time


def describe_time(shot: Shot) -> str:
    """Return the source of a shot's time and its correction; empty for a time that the camera wrote."""
    notes: list[str] = []
    if shot.taken.source in _SOURCES:
        notes.append(t(_SOURCES[shot.taken.source][1]))
    if shot.taken.certainty is Certainty.LOW and not shot.taken.guessed:
        notes.append(t("time not exact"))
    if shot.clock_offset_s:
        # Translators: of a camera's clock that was wrong
        notes.append(t("clock set right by {offset}", offset=format_clock_offset(shot.clock_offset_s)))
    return format_list(notes)


def describe_damage(shot: Shot) -> str:
    """Return what of a shot is damaged: `damaged: a part of it holds nothing but zeros`; empty for a sound one."""
    return t("damaged: {damage}", damage=translate_stored(shot.damage)) if shot.damage else ""


def describe_shot(shot: Shot) -> str:
    """Return the notes on a shot's damage and its time; empty for most."""
    return format_list([part for part in (describe_damage(shot), describe_time(shot)) if part])


def describe_ungrouped(count: int) -> str:
    """Return how many shots join no group because their time is only guessed; empty for none."""
    if not count:
        return ""
    return tn(
        "{count} photo in no group but with exact copies, as the time is not certain enough ([sifting] min_certainty)",
        "{count} photos in no group but with exact copies, as the time is not certain enough ([sifting] min_certainty)",
        count,
    )


def describe_place(report: Report, chosen: ReportGroup) -> str:
    """Return where a group was taken, by name; empty where names were not asked for.

    Where none of its shots recorded a place, that includes whose place it is.
    """
    if not report.places.named:
        return ""
    places = [report.places.of_shots[m] for m in chosen.group.members if m in report.places.of_shots]
    recorded = [place for place in places if place.source is None]
    if not places:
        return t("no place recorded")
    description = _list_places(names_among(recorded or places))
    if recorded:
        return description
    nearest = min(places, key=lambda place: abs(place.apart_s))
    return format_list([description, describe_borrowed_place(nearest)])


def _list_places(names: Sequence[str]) -> str:
    """Return the first few names of places."""
    if not names:
        return t("no place with a name near")
    return " / ".join(names[:MAX_PLACE_NAMES]) + (" …" if len(names) > MAX_PLACE_NAMES else "")


def describe_borrowed_place(place: LocatedShot) -> str:
    """Return whose a borrowed place is: `from a photo 40 s earlier`."""
    gap = format_gap(abs(place.apart_s))
    if not place.apart_s:
        # Translators: where the place of a photo comes from, which recorded none itself
        return t("from a photo of the same moment")
    if place.apart_s > 0:
        return t("from a photo {gap} earlier", gap=gap)
    return t("from a photo {gap} later", gap=gap)


def format_percent(similarity_percent: float | None) -> str:
    """Return a similarity in figures: `97 %`, or that it is not known."""
    return t("not compared") if similarity_percent is None else format_share(similarity_percent)


def describe_similarity(similarity_percent: float | None, *, doubtful: bool = False, in_series: bool = False) -> str:
    """Return a similarity in a word where it is beyond doubt, else in figures: `same shot`, `62 % alike`.

    Of a doubtful pair, of which both stay, it is `likely same shot` at most. Frames of a series are alike on purpose,
    and never one shot.
    """
    if similarity_percent is None:
        return format_percent(None)
    if similarity_percent >= 100:
        # Translators: of two photos, the same byte for byte
        return t("equal files")
    if not in_series and similarity_percent >= SURELY_SAME_PERCENT:
        return t("likely same shot") if doubtful else t("same shot")
    if not in_series and similarity_percent <= SURELY_ANOTHER_PERCENT:
        return t("another shot")
    # Translators: how alike two photos are, in percent
    return t("{share} alike", share=format_share(similarity_percent))
