"""`dejashot clocks`: which cameras' clocks differ, and the line to write for it."""

import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.text import Text

from dejashot.cli.options import ConfigOption, Plain, PlainOption, print_json, settings_of
from dejashot.config.values import clock_offset_words
from dejashot.paths import shown
from dejashot.reports.wording import CONFIDENCE_LABELS, plural

if TYPE_CHECKING:
    from dejashot.evaluation.camera_clocks import Comparison


def clocks(form: PlainOption = Plain.TABLE, config: ConfigOption = None) -> None:
    """Compare cameras' clocks by scenes that two of them both saw, and suggest what to set; nothing is changed."""
    from dejashot.config.locations import library_folder  # noqa: PLC0415 - the same
    from dejashot.evaluation.camera_clocks import compare_clocks  # noqa: PLC0415 - keeps the other commands quick to start

    settings = settings_of(config)
    found = compare_clocks(settings, library_folder(settings))
    if form is Plain.JSON:
        print_json({"schema": "dejashot.clocks/1", "comparisons": [_body(c) for c in found]})
        return
    console = Console(highlight=False)
    for line in _lines(found, settings.capture.clock_offset):
        console.print(line, soft_wrap=True)


def _body(found: "Comparison") -> dict[str, Any]:
    known, suggested = found.difference, found.suggested_s
    return {
        "reference": found.reference,
        "camera": found.other,
        "photos": list(found.photos),
        "pairs": found.pairs,
        "scenes": known.scenes if known else None,
        "agree": known.agree if known else None,
        "offset_s": round(known.offset_s, 3) if known else None,
        "spread_s": round(known.spread_s, 3) if known else None,
        "confidence": known.confidence if known else None,
        "clock_offset_s": found.known_s,
        "zone_known": found.zoned,
        "suggested": None if suggested is None else clock_offset_words(suggested),
    }


def _lines(found: "list[Comparison]", known: Mapping[str, str]) -> Iterator[Text]:
    """Yield what is said of clocks, and at the end what to write where."""
    if not found:
        yield Text("There are no two cameras to compare: each needs three photos or more with a time of its own")
        return
    wanted: dict[str, str] = {}
    for c in found:
        suggested = c.suggested_s
        names = f"{shown(c.other)} against {shown(c.reference)}"
        if c.difference is None:
            yield Text(f"{names}: can't tell, {plural(c.pairs, 'photo')} of one scene in both", style="dim")
        elif suggested is None:
            yield Text(f"✓ {names}: the clocks agree ({_basis(c)})", style="green")
        else:
            yield Text(f"→ {names}: {clock_offset_words(c.difference.offset_s)} ({_basis(c)})", style="yellow")
            if not c.zoned:
                yield Text(
                    "    its photos name no time zone: taken on a journey, they look like this with a clock that is right",
                    style="dim",
                )
            if c.reference not in wanted:  # else what is off against it shows once it is right itself
                wanted.setdefault(c.other, clock_offset_words(suggested))
    if wanted:
        entries = ", ".join(f"{_quoted(camera)} = {_quoted(words)}" for camera, words in ({**known} | wanted).items())
        yield Text(
            "\nIf that is right, this line below [capture] in the configuration sets it, in place of the one that is there:\n"
        )
        yield Text(f"clock_offset = {{ {entries} }}")


def _quoted(text: str) -> str:
    """Return a text as TOML writes it, which is as JSON does."""
    return json.dumps(text, ensure_ascii=False)


def _basis(c: "Comparison") -> str:
    """Return what a difference rests on."""
    if c.difference is None:
        return ""
    known = c.difference
    return f"{known.agree} of {plural(known.scenes, 'scene')} within {known.spread_s:.0f} s, {CONFIDENCE_LABELS[known.confidence]}"
