"""`dejashot clocks`: which cameras' clocks differ, and the line to write for it."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.text import Text

from dejashot.cli.options import ConfigOption, OutputFormat, OutputFormatOption, settings_of
from dejashot.cli.output import print_json
from dejashot.config.locations import library_folder
from dejashot.config.values import format_clock_offset
from dejashot.evaluation.camera_clocks import Comparison, compare_clocks
from dejashot.models.capture import Certainty
from dejashot.paths import shown
from dejashot.reports.wording import plural

_CERTAINTY_LABELS = {Certainty.HIGH: "sure", Certainty.MEDIUM: "likely", Certainty.LOW: "not sure"}


def clocks_command(output_format: OutputFormatOption = OutputFormat.TABLE, config: ConfigOption = None) -> None:
    """Compare cameras' clocks by scenes that two of them both saw, and suggest what to set; nothing is changed."""
    settings = settings_of(config)
    found = compare_clocks(settings, library_folder(settings))
    if output_format is OutputFormat.JSON:
        print_json({"schema": "dejashot.clocks/1", "comparisons": [_body(c) for c in found]})
        return
    console = Console(highlight=False)
    for line in _lines(found, settings.capture.clock_offset):
        console.print(line, soft_wrap=True)


def _body(found: Comparison) -> dict[str, Any]:
    difference, suggested = found.difference, found.suggested_s
    return {
        "reference": found.reference,
        "camera": found.other,
        "photos": list(found.photos),
        "pairs": found.pairs,
        "scenes": difference.scenes if difference else None,
        "agree": difference.agree if difference else None,
        "offset_s": round(difference.offset_s, 3) if difference else None,
        "spread_s": round(difference.spread_s, 3) if difference else None,
        "confidence": difference.confidence if difference else None,
        "clock_offset_s": found.configured_s,
        "zone_known": found.zone_known,
        "suggested": None if suggested is None else format_clock_offset(suggested),
    }


def _lines(found: Sequence[Comparison], known: Mapping[str, str]) -> Iterator[Text]:
    """Yield a line for each comparison, and at the end the line to write into the configuration."""
    if not found:
        yield Text("There are no two cameras to compare: each needs three photos or more with a time of its own")
        return
    offsets: dict[str, str] = {}
    for c in found:
        suggested = c.suggested_s
        names = f"{shown(c.other)} against {shown(c.reference)}"
        if c.difference is None:
            yield Text(f"{names}: can't tell, {plural(c.pairs, 'photo')} of one scene in both", style="dim")
        elif suggested is None:
            yield Text(f"✓ {names}: the clocks agree ({_basis(c)})", style="green")
        else:
            yield Text(f"→ {names}: {format_clock_offset(c.difference.offset_s)} ({_basis(c)})", style="yellow")
            if not c.zone_known:
                yield Text(
                    "    its photos name no time zone: taken on a journey,"
                    " they look like this with a clock that is right",
                    style="dim",
                )
            if c.reference not in offsets:  # a camera whose clock is wrong is no reference
                offsets.setdefault(c.other, format_clock_offset(suggested))
    if offsets:
        entries = ", ".join(
            f"{_quoted(camera)} = {_quoted(offset)}" for camera, offset in ({**known} | offsets).items()
        )
        yield Text(
            "\nIf that is right, this line below [capture] in the configuration sets it,"
            " in place of the one that is there:\n"
        )
        yield Text(f"clock_offset = {{ {entries} }}")


def _quoted(text: str) -> str:
    """Return a text as TOML writes it, which is as JSON does."""
    return json.dumps(text, ensure_ascii=False)


def _basis(c: Comparison) -> str:
    """Return on how many scenes a difference rests."""
    if c.difference is None:
        return ""
    found = c.difference
    agreement = f"{found.agree} of {plural(found.scenes, 'scene')} within {found.spread_s:.0f} s"
    return f"{agreement}, {_CERTAINTY_LABELS[found.confidence]}"
