"""Templates of the page and what they call things: names escaped, no style or script inside."""

from collections.abc import Mapping
from datetime import date, datetime
from importlib import resources

from jinja2 import Environment, FunctionLoader, StrictUndefined

from dejashot.models.decisions import Verdict
from dejashot.models.shot import Shot
from dejashot.paths import shown
from dejashot.reports.report import Report
from dejashot.reports.wording import (
    CONFIDENCE_LABELS,
    describe_companions,
    describe_kind,
    describe_shot,
    format_bytes,
    format_gap,
    format_group_time,
    format_percent,
    plural,
)
from dejashot.web.routes.static_files import asset_url
from dejashot.web.views.groups import GroupView, ShotView


def _text(name: str) -> str:
    return resources.files("dejashot.web").joinpath("templates", name).read_text(encoding="utf-8")


def environment() -> Environment:
    """Return the environment that pages are made with."""
    made = Environment(
        autoescape=True, undefined=StrictUndefined, loader=FunctionLoader(_text), trim_blocks=True, lstrip_blocks=True
    )
    made.globals.update(
        bytes=format_bytes,
        beside=describe_companions,
        note=describe_shot,
        gap=format_gap,
        plural=plural,
        percent=format_percent,
        shown=shown,
        kind=describe_kind,
        asset=asset_url,
        name_of=name_of,
        places=places_of,
        copies=copies_words,
        one=one_words,
        taken=taken_words,
        day_words=day_words,
        exposure=exposure_words,
        word_words=WORD_WORDS,
        Word=Verdict,
    )
    return made


WORD_WORDS: Mapping[Verdict, str] = {Verdict.KEEP: "Keep", Verdict.KEEP_ONE: "Keep one file", Verdict.REJECT: "Reject"}


def name_of(shot: Shot) -> str:
    """Return a photo's name without the folders that it lies in."""
    return shown(shot.path.rpartition("/")[2])


def places_of(tile: ShotView) -> str:
    """Return where the equal files of a tile lie, below the folder that the report is about; the one that is shown first."""
    return " = ".join(shown(path) for path in (tile.shot.path, *tile.copies))


def copies_words(tile: ShotView) -> str:
    """Return how many files are equal to the one that is shown."""
    return f"+{len(tile.copies):,} {'copy' if len(tile.copies) == 1 else 'copies'}"


def one_words(tile: ShotView) -> str:
    """Return what the word for equal files means."""
    return f"“Keep one” keeps one of the {tile.files:,} equal files, “Keep” all of them."


def heading(report: Report, card: GroupView) -> str:
    """Return when a group was taken."""
    return format_group_time(report, card.chosen)


def confidence(card: GroupView) -> str:
    """Return how sure the suggestion is."""
    return CONFIDENCE_LABELS[card.chosen.choice.confidence]


def taken_words(shot: Shot) -> str:
    """Return when a photo was taken, with tenths of a second."""
    at = datetime.fromisoformat(shot.taken.iso)
    return f"{at.day} {at:%B %Y, %H:%M:%S}.{at.microsecond // 100_000}"


def day_words(day: date) -> str:
    """Return a day for people."""
    return f"{day:%A}, {day.day} {day:%B %Y}"


def exposure_words(shot: Shot) -> str:
    """Return what the camera wrote about the exposure: `1/250 s · f/2.8 · ISO 100`; nothing where it wrote nothing."""
    camera, parts = shot.camera, []
    if camera.exposure_s:
        parts.append(f"1/{1 / camera.exposure_s:.0f} s" if camera.exposure_s < 0.4 else f"{camera.exposure_s:g} s")
    if camera.aperture:
        parts.append(f"f/{camera.aperture:g}")
    if camera.iso:
        parts.append(f"ISO {camera.iso}")
    if camera.bias_ev:
        parts.append(f"{camera.bias_ev:+.1f} EV")
    return " · ".join(parts)
