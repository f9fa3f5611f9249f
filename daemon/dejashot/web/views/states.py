"""What the page says where no group is to be shown: why that is, and the way on."""

from dataclasses import dataclass

from dejashot.actions.history import MovedBytes
from dejashot.language.formats import format_bytes, format_gap
from dejashot.library.kept.group_queries import Show, Totals
from dejashot.reports.wording import (
    plural,
)
from dejashot.web.views.standing import LibraryStanding

_CHOOSE = ("/", "To what waits")
_NONE_CHOSEN = "Nothing was chosen yet. What you choose is listed here, and can be chosen again."
_NO_SERIES = "No series was found: brackets, sweeps, focus stacks, time-lapses, pages."


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
        return PageState("Nothing was chosen yet", _NONE_CHOSEN, *_CHOOSE)
    if show is Show.SERIES:
        return PageState("No series", _NO_SERIES, *_CHOOSE)
    if totals.open:  # none behind the last one that was shown
        return PageState("These were the last", f"{plural(totals.open, 'group')} before them wait.", *_CHOOSE)
    if totals.chosen_photos:
        text = (
            f"{plural(totals.decided, 'group')} {'is' if totals.decided == 1 else 'are'} chosen: "
            f"{plural(totals.chosen_photos, 'photo')}, {format_bytes(totals.chosen_bytes)}, can go. "
            "No file is touched before you apply that."
        )
        return PageState("Nothing waits to be chosen", text, "/apply", "Apply …")
    if totals.decided or moved.set_aside_bytes or moved.freed_bytes:
        return _all_done(moved)
    return _no_group(totals, looked)


def _without_photos(standing: LibraryStanding) -> PageState:
    again = ("/", "Look again")
    if standing.photos and standing.missing:
        where = ", ".join(standing.missing)
        return PageState("No photo can be shown now", f"Not there: {where}. Nothing is forgotten meanwhile.", *again)
    if not standing.folders:
        text = "No folder is known yet. Run dejashot scan and the name of a folder on the machine with your photos."
        return PageState("No photo is known yet", text, *again)
    busy = standing.busy or (standing.daemon is not None and standing.daemon.backlog)
    text = f"{'Being read' if busy else 'Looked at'}: {', '.join(standing.folders)}. " + (
        "Groups come as photos are read." if busy else "No photo was found there."
    )
    return PageState("No photo is read yet", text, *again)


def _all_done(moved: MovedBytes) -> PageState:
    sums = ((moved.set_aside_bytes, "set aside"), (moved.freed_bytes, "freed"))
    parts = [f"{format_bytes(count)} {word}" for count, word in sums if count]
    text = f"All that you chose is done: {' and '.join(parts)}." if parts else "No photo is chosen to go."
    return PageState("Nothing waits to be chosen", text, "/apply", "See what was done" if parts else "To Apply")


def _no_group(totals: Totals, looked: Looked) -> PageState:
    text = (
        f"{plural(looked.photos, 'photo')} {'was' if looked.photos == 1 else 'were'} looked at. No two that were taken "
        f"within {format_gap(looked.interval_s)} of each other are the same shot. "
        "interval_s below [sifting] in the configuration sets how far apart they may be."
    )
    if totals.series:
        return PageState("Nothing waits to be chosen", text, "/?show=series", f"See {totals.series:,} series")
    return PageState("Nothing waits to be chosen", text, "/timeline", "See the timeline")
