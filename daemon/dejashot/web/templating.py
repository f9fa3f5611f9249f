"""Templates of the page and the texts in them: names are escaped, and no style or script stands inside."""

from collections.abc import Callable
from datetime import date, datetime
from importlib import resources
from typing import Any

from jinja2 import Environment, FunctionLoader, StrictUndefined
from starlette.responses import HTMLResponse

from dejashot.language.formats import format_bytes, format_clock, format_moment, format_month, format_number
from dejashot.language.stored_texts import translate_stored
from dejashot.language.template_texts import add_texts
from dejashot.language.texts import noted, t, tn
from dejashot.models.decisions import Verdict
from dejashot.models.shot import Shot
from dejashot.paths import shown
from dejashot.reports.formats.html_format import report_template
from dejashot.reports.wording import (
    CONFIDENCE_LABELS,
    describe_companions,
    describe_kind,
    describe_shot,
    describe_similarity,
    format_first_time,
    format_percent,
)
from dejashot.web.assets import asset_url
from dejashot.web.names import middle
from dejashot.web.picture_sizes import ratio, sizes_alone, sizes_in_row, srcset
from dejashot.web.script_texts import script_texts
from dejashot.web.views.group import GroupView, ShotView
from dejashot.web.views.standing import LibraryStanding, Notice, notices_on

# what is said of a shot on the page, by its state
_STATES = {
    "keep": noted("kept"),
    "keep_one": noted("one file kept"),
    "reject": noted("rejected"),
    "suggested": noted("suggested to keep"),
    "other": noted("suggested to reject"),
}


class PageRenderer:
    """Make texts and pages of templates; `standing` returns how the library stands now."""

    def __init__(self, standing: Callable[[], LibraryStanding]) -> None:
        self.standing = standing
        self._templates = _environment()

    def page(self, name: str, **values: Any) -> HTMLResponse:
        """Return a page made of a template, with the notices of the moment on it unless others are given."""
        values.setdefault("notices", self.notices())
        return HTMLResponse(self.text(name, **values).encode("utf-8", "backslashreplace"))

    def notices(self) -> list[Notice]:
        """Return what is to be said on every page now."""
        return notices_on(self.standing())

    def text(self, name: str, **values: Any) -> str:
        """Return a text made of a template."""
        return self._templates.get_template(name).render(**values)


def name_of(shot: Shot) -> str:
    """Return a photo's name without the folders that it lies in."""
    return shown(shot.path.rpartition("/")[2])


def places_of(view: ShotView) -> str:
    """Return where the equal files of a shot lie, below the report's folder; the one that is shown comes first."""
    return " = ".join(shown(path) for path in (view.shot.path, *view.copies))


def describe_equal_copies(view: ShotView) -> str:
    """Return how many files are equal to the one that is shown."""
    return tn("+{count} copy", "+{count} copies", len(view.copies))


def describe_keep_one(view: ShotView) -> str:
    """Return what the verdict on equal files means."""
    return tn(
        "“Keep one” keeps one of the {count} equal file, “Keep” all of them.",
        "“Keep one” keeps one of the {count} equal files, “Keep” all of them.",
        view.files,
    )


def describe_state(view: ShotView, *, in_series: bool = False) -> str:
    """Return what is decided about a shot, or suggested, in a few words."""
    if view.pending:
        return t("nothing suggested yet")
    if in_series:
        return t("part of the series")
    return t("rejected, but stays as the last one") if view.stays_anyway else t(_STATES[view.state])


def describe_size(shot: Shot) -> str:
    """Return how large a shot is, and what belongs to it: `4.1 MB with CR2, MOV`."""
    size, companions = format_bytes(shot.whole_bytes), describe_companions(shot)
    return t("{size} with {companions}", size=size, companions=companions) if companions else size


def heading_of(group_view: GroupView) -> str:
    """Return when a group was taken."""
    return format_first_time(group_view.first)


def describe_confidence(group_view: GroupView) -> str:
    """Return how sure the suggestion is."""
    return t(CONFIDENCE_LABELS[group_view.report_group.choice.confidence])


def format_taken(shot: Shot) -> str:
    """Return when a photo was taken, with tenths of a second."""
    at = datetime.fromisoformat(shot.taken.iso)
    seconds = f":{at:%S}"
    before, found, after = format_moment(at, seconds=True).rpartition(seconds)
    tenth = format_number(at.microsecond // 100_000 / 10, 1)[1:]
    return f"{before}{found}{tenth}{after}" if found else after


def format_time_taken(shot: Shot) -> str:
    """Return the time of day when a photo was taken."""
    return format_clock(datetime.fromisoformat(shot.taken.iso), seconds=True)


def describe_month(month: str) -> str:
    """Return a month (`2026-07`) for people, and what stands there where none is known."""
    try:
        return format_month(date.fromisoformat(f"{month}-01"))
    except ValueError:
        return translate_stored(month)


def format_exposure(shot: Shot) -> str:
    """Return the exposure from the metadata: `1/250 s · f/2.8 · ISO 100`; nothing where there is none."""
    camera, parts = shot.camera, []
    if camera.exposure_s:
        parts.append(
            f"1/{1 / camera.exposure_s:.0f} s" if camera.exposure_s < 0.4 else f"{_plain(camera.exposure_s)} s"
        )
    if camera.aperture:
        parts.append(f"f/{_plain(camera.aperture)}")
    if camera.iso:
        parts.append(f"ISO {camera.iso}")
    if camera.bias_ev:
        parts.append(f"{'+' if camera.bias_ev > 0 else '-'}{format_number(abs(camera.bias_ev), 1)} EV")
    return " · ".join(parts)


def _plain(value: float) -> str:
    """Return a number with as many digits as it needs."""
    _, _, digits = f"{value:g}".partition(".")
    return format_number(value, len(digits)) if "e" not in digits else f"{value:g}"


def _environment() -> Environment:
    """Return the environment that pages are made in."""
    made = Environment(
        autoescape=True, undefined=StrictUndefined, loader=FunctionLoader(_source), trim_blocks=True, lstrip_blocks=True
    )
    add_texts(made)
    made.globals.update(
        asset=asset_url,
        clock=format_time_taken,
        confidence=describe_confidence,
        copies=describe_equal_copies,
        exposure=format_exposure,
        describe_month=describe_month,
        describe_state=describe_state,
        heading=heading_of,
        keep_one=describe_keep_one,
        kind=describe_kind,
        middle=middle,
        name_of=name_of,
        note=describe_shot,
        percent=format_percent,
        similarity=describe_similarity,
        places=places_of,
        ratio=ratio,
        script_texts=script_texts,
        shown=shown,
        size=describe_size,
        sizes_alone=sizes_alone,
        sizes_in_row=sizes_in_row,
        srcset=srcset,
        taken=format_taken,
        Verdict=Verdict,
    )
    made.filters["name_of"] = name_of
    return made


def _source(name: str) -> str:
    if name == "columns.html.j2":
        return report_template(name)
    return resources.files("dejashot.web").joinpath("templates", name).read_text(encoding="utf-8")
