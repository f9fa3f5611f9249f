"""The page of all digests: one self-contained file beside them, newest first, by month."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from dejashot.reports.formats.html_format import page_of
from dejashot.reports.wording import format_bytes, plural

OVERVIEW_MARK = b'<meta name="generator" content="Dejashot overview">'
LISTED = 1500
MONTHS_OPEN = 3


@dataclass(frozen=True, slots=True)
class OverviewEntry:
    """One slot (aware local time): `done`, `empty` or `missed`, with its figures and the link to its page if any."""

    slot: datetime
    state: str
    photos: int
    groups: int
    reclaimable_bytes: int
    link: str


@dataclass(frozen=True, slots=True)
class Month:
    """The slots of one month: the digests that can be read, and a note on each that can't."""

    name: str
    photos: int
    groups: int
    reclaimable_bytes: int
    digests: Sequence[OverviewEntry]
    notes: Sequence[str]


def as_overview(entries: Sequence[OverviewEntry]) -> bytes:
    """Return the page of all digests as UTF-8 HTML; `entries` come newest first."""
    done = [e for e in entries if e.state == "done"]
    listed = {id(e) for e in [e for e in done if e.link][:LISTED]}
    months = [_month(name, list(slots), listed) for name, slots in groupby(entries, lambda e: f"{e.slot:%B %Y}")]
    return page_of(
        "index.html.j2",
        ("base.css", "digest.css", "index.css"),
        mark=OVERVIEW_MARK.decode(),
        months=[m for m in months if m.digests or m.photos or m.notes],
        months_open=MONTHS_OPEN,
        count=len(done),
        since=_day(done[-1].slot) if done else "",
        photos=sum(e.photos for e in done),
        groups=sum(e.groups for e in done),
        freed=sum(e.reclaimable_bytes for e in done),
        most=max((e.reclaimable_bytes for e in done), default=0) or 1,
        bytes=format_bytes,
        plural=plural,
        day=lambda at: f"{at:%A} {at.day}",
    )


def _month(name: str, slots: Sequence[OverviewEntry], listed: set[int]) -> Month:
    """Return one month; digests whose page is gone are counted, and so are slots without one."""
    done = [e for e in slots if e.state == "done"]
    digests = [e for e in done if id(e) in listed]
    unlisted = len(done) - len(digests)
    empty = sum(e.state == "empty" for e in slots)
    missed = sum(e.state == "missed" for e in slots)
    notes = [
        f"{plural(unlisted, 'digest')} counted here, no longer kept" if unlisted else "",
        f"nothing new {plural(empty, 'time')}" if empty else "",
        f"{missed:,} missed while Dejashot was not running" if missed else "",
    ]
    return Month(
        name,
        sum(e.photos for e in done),
        sum(e.groups for e in done),
        sum(e.reclaimable_bytes for e in done),
        digests,
        [note for note in notes if note],
    )


def _day(at: datetime) -> str:
    return f"{at.day} {at:%B %Y}"
