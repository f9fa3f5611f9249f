"""The page of all digests: one self-contained file beside them, newest first, by month."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from dejashot.digests.history import months_of
from dejashot.language.formats import format_month
from dejashot.language.texts import tn
from dejashot.reports.formats.arrivals import months_chart
from dejashot.reports.formats.html_format import page_of
from dejashot.reports.saving import Saving
from dejashot.reports.wording import describe_saving

OVERVIEW_MARK = b'<meta name="generator" content="Dejashot overview">'
LISTED = 1500
MONTHS_OPEN = 3


@dataclass(frozen=True, slots=True)
class OverviewEntry:
    """One slot (aware local time): `done`, `empty` or `missed`, its figures, and the link to its page if any."""

    slot: datetime
    state: str
    photos: int
    saving: Saving
    link: str


@dataclass(frozen=True, slots=True)
class Month:
    """The slots of one month: the digests that can be read, and a note on each that can't."""

    name: str
    photos: int
    bytes: int
    digests: Sequence[OverviewEntry]
    notes: Sequence[str]


def as_overview(entries: Sequence[OverviewEntry], page: str = "") -> bytes:
    """Return the page of all digests as UTF-8 HTML; `entries` come newest first.

    `page` is the address of the page to choose on, empty where there is none.
    """
    done = [e for e in entries if e.state == "done"]
    listed = {id(e) for e in [e for e in done if e.link][:LISTED]}
    months = [_month(name, list(slots), listed) for name, slots in groupby(entries, lambda e: format_month(e.slot))]
    told = [(e.slot.date(), e.photos, e.saving.photos) for e in done[:-1]]  # the first digest tells of all there were
    return page_of(
        "index.html.j2",
        ("base.css", "charts.css", "digest.css", "slots.css", "index.css"),
        mark=OVERVIEW_MARK.decode(),
        months=[m for m in months if m.digests or m.photos or m.notes],
        months_open=MONTHS_OPEN,
        chart=months_chart(months_of(told, told[0][0])) if told else None,
        count=len(done),
        since=done[-1].slot if done else None,
        photos=sum(e.photos for e in done),
        suggested=sum(e.saving.bytes for e in done),
        page=page,
        saving=describe_saving,
    )


def _month(name: str, slots: Sequence[OverviewEntry], listed: set[int]) -> Month:
    """Return one month; digests whose page is gone are counted, and so are slots without one."""
    done = [e for e in slots if e.state == "done"]
    digests = [e for e in done if id(e) in listed]
    unlisted = len(done) - len(digests)
    empty = sum(e.state == "empty" for e in slots)
    missed = sum(e.state == "missed" for e in slots)
    notes = [
        tn("{count} digest counted here, no longer kept", "{count} digests counted here, no longer kept", unlisted)
        if unlisted
        else "",
        tn("nothing new {count} time", "nothing new {count} times", empty) if empty else "",
        # Translators: digests that were not made
        tn("{count} missed while Dejashot was not running", "{count} missed while Dejashot was not running", missed)
        if missed
        else "",
    ]
    return Month(
        name,
        sum(e.photos for e in done),
        sum(e.saving.bytes for e in done),
        digests,
        [note for note in notes if note],
    )
