"""What the page says where no group is to be shown: why that is, and the way on."""

from dataclasses import dataclass

from dejashot.actions.history import MovedBytes
from dejashot.language.formats import format_bytes, format_gap
from dejashot.language.texts import noted, t, tn
from dejashot.library.kept.group_queries import Show, Totals
from dejashot.web.views.standing import LibraryStanding

_NOTHING_WAITS = noted("Nothing waits to be chosen")


@dataclass(frozen=True, slots=True)
class PageState:
    """A short text in place of groups, and one link onwards with its label."""

    title: str
    text: str
    link: str
    label: str


@dataclass(frozen=True, slots=True)
class Looked:
    """What was looked at: how many photos, and the longest gap in seconds between neighbours."""

    photos: int
    interval_s: float


def state_without_groups(
    show: Show, totals: Totals, looked: Looked, standing: LibraryStanding, moved: MovedBytes
) -> PageState:
    """Return what is said where a list of groups is empty."""
    if not looked.photos:
        return _without_photos(standing)
    if show is Show.DECIDED:
        text = t("Nothing was chosen yet. What you choose is listed here, and can be chosen again.")
        return PageState(t("Nothing was chosen yet"), text, *_what_waits())
    if show is Show.SERIES:
        text = t("No series was found: brackets, sweeps, focus stacks, time-lapses, pages.")
        return PageState(t("No series"), text, *_what_waits())
    if totals.open:  # none behind the last one that was shown
        text = tn("{count} group before them waits.", "{count} groups before them wait.", totals.open)
        return PageState(t("These were the last"), text, *_what_waits())
    if totals.chosen_photos:
        return PageState(t(_NOTHING_WAITS), _chosen(totals), "/apply", t("Apply …"))
    if totals.decided or moved.set_aside_bytes or moved.freed_bytes:
        return _all_done(moved)
    return _no_group(totals, looked)


def _what_waits() -> tuple[str, str]:
    return "/", t("To what waits")


def _chosen(totals: Totals) -> str:
    groups = tn("{count} group is chosen.", "{count} groups are chosen.", totals.decided)
    size = format_bytes(totals.chosen_bytes)
    photos = tn("{count} photo, {size}, can go.", "{count} photos, {size}, can go.", totals.chosen_photos, size=size)
    untouched = t("No file is touched before you apply that.")
    return f"{groups} {photos} {untouched}"


def _without_photos(standing: LibraryStanding) -> PageState:
    again = ("/", t("Look again"))
    folders, missing = ", ".join(standing.folders), ", ".join(standing.missing)
    if standing.photos and missing:
        text = t("Not there: {folders}. Nothing is forgotten meanwhile.", folders=missing)
        return PageState(t("No photo can be shown now"), text, *again)
    if not folders:
        text = t("No folder is known yet. Run dejashot scan and the name of a folder on the machine with your photos.")
        return PageState(t("No photo is known yet"), text, *again)
    if standing.busy or (standing.daemon is not None and standing.daemon.backlog):
        text = t("Being read: {folders}. Groups come as photos are read.", folders=folders)
    else:
        text = t("Looked at: {folders}. No photo was found there.", folders=folders)
    return PageState(t("No photo is read yet"), text, *again)


def _all_done(moved: MovedBytes) -> PageState:
    aside, freed = format_bytes(moved.set_aside_bytes), format_bytes(moved.freed_bytes)
    if moved.set_aside_bytes and moved.freed_bytes:
        text = t("All that you chose is done: {aside} set aside and {freed} freed.", aside=aside, freed=freed)
    elif moved.set_aside_bytes:
        text = t("All that you chose is done: {size} set aside.", size=aside)
    elif moved.freed_bytes:
        text = t("All that you chose is done: {size} freed.", size=freed)
    else:
        return PageState(t(_NOTHING_WAITS), t("No photo is chosen to go."), "/apply", t("To Apply"))
    return PageState(t(_NOTHING_WAITS), text, "/apply", t("See what was done"))


def _no_group(totals: Totals, looked: Looked) -> PageState:
    photos = tn("{count} photo was looked at.", "{count} photos were looked at.", looked.photos)
    reason = t(
        "No two that were taken within {gap} of each other are the same shot. "
        "interval_s below [sifting] in the configuration sets how far apart they may be.",
        gap=format_gap(looked.interval_s),
    )
    text = f"{photos} {reason}"
    if totals.series:
        series = tn("See {count} series", "See {count} series", totals.series)
        return PageState(t(_NOTHING_WAITS), text, "/?show=series", series)
    return PageState(t(_NOTHING_WAITS), text, "/timeline", t("See the timeline"))
