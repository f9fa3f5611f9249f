"""A comparison as people and programs read it: a table of 80 columns, a table in Markdown, a JSON object."""

import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

from measured_process import MIB
from side_by_side.comparison import Comparison, Timed
from side_by_side.tools import MAIN

_NAME_WIDTH, _GIVES_WIDTH, WIDTH = 26, 19, 80
BUSY = 1.0  # processes that other programs keep running, from which on a machine counts as busy


def as_object(comparison: Comparison, facts: Mapping[str, Any], rounds: int) -> dict[str, Any]:
    """Return a comparison for programs; ratios are to Dejashot's whole answer in the same rounds."""
    main = main_of(comparison.timed)
    return {
        **facts,
        "rounds": rounds,
        "compared_with": MAIN if main else None,
        "tools": {tool.installed.tool.name: _tool(tool, main) for tool in comparison.timed},
        "left_out": comparison.left_out,
    }


def main_of(timed: Sequence[Timed]) -> Timed | None:
    """Return what the others are compared with, None where it was not timed."""
    return next((tool for tool in timed if tool.installed.tool.name == MAIN), None)


def as_text(found: Mapping[str, Any]) -> str:
    """Return the object of a comparison as a table of at most 80 columns, the quickest first."""
    machine, folder = found["machine"], found["folder"]
    each = folder["megapixels"] / max(folder["files"], 1)
    lines = [
        f"{folder['files']} photos of {each:.1f} megapixels, {folder['bytes'] / MIB:.0f} MiB;"
        f" {machine['cores']} cores, Python {machine['python']}",
        f"rounds: {found['rounds']}, of which the medians are shown; x: against {MAIN}",
        "",
        f"{'':{_NAME_WIDTH}}{'wall s':>7}{'x':>6}{'CPU s':>7}{'x':>6}{'MiB':>6}  gives",
    ]
    for name, tool in _quickest_first(found):
        numbers = (
            f"{tool['wall_s']:7.2f}{_ratio(tool['ratio_wall']):>6}{tool['cpu_s']:7.2f}{_ratio(tool['ratio_cpu']):>6}"
        )
        gives = textwrap.wrap(tool["gives"], _GIVES_WIDTH)
        lines.append(f"{name:{_NAME_WIDTH}}{numbers}{tool['peak_mib']:6.0f}  {gives[0]}")
        speed = f"  {tool['version']}: {tool['photos_per_s']:.1f} photos/s"
        lines.append(f"{speed:{WIDTH - _GIVES_WIDTH - 2}}  {gives[1] if gives[1:] else ''}".rstrip())
        lines += [f"{'':{WIDTH - _GIVES_WIDTH}}{more}" for more in gives[2:]]
    if machine["load"] > BUSY:
        lines += ["", f"Other programs were running (load {machine['load']}): CPU s can be compared, wall s hardly."]
    if found["left_out"]:
        lines += ["", "left out"]
    for name, reason in found["left_out"].items():
        lines += textwrap.wrap(f"{name}: {reason}", WIDTH - 2, initial_indent="  ", subsequent_indent="    ")
    return "\n".join(lines) + "\n"


def as_markdown(found: Mapping[str, Any]) -> str:
    """Return the object of a comparison as the table of the README, the quickest first.

    Photos a second are left out where other programs were running.
    """
    heads = ["tool", "CPU ms a photo", "memory", "gives"]
    busy = found["machine"]["load"] > BUSY
    rows = [heads[:1] + ["photos/s"] * (not busy) + heads[1:]]
    rows.append(["---"] * len(rows[0]))
    for name, tool in _quickest_first(found):
        shown = f"**{name.capitalize()}**" if name.startswith("dejashot") else f"{name} {tool['version']}"
        rate = [] if busy else [f"{tool['photos_per_s']:.1f}"]
        cpu_ms = 1000 * tool["cpu_s"] / tool["photos"]
        rows.append([shown, *rate, f"{cpu_ms:.0f}", f"{tool['peak_mib']:.0f} MiB", tool["gives"]])
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def _tool(tool: Timed, main: Timed | None) -> dict[str, Any]:
    return {
        "version": tool.installed.version,
        "wall_s": round(tool.wall_s, 3),
        "cpu_s": round(tool.cpu_s, 3),
        "peak_mib": round(tool.peak_bytes / MIB, 1),
        "photos": tool.photos,
        "photos_per_s": round(tool.photos / tool.wall_s, 2),
        "ratio_wall": round(tool.wall_s / main.wall_s, 3) if main else None,
        "ratio_cpu": round(tool.cpu_s / main.cpu_s, 3) if main else None,
        "gives": tool.installed.tool.gives,
    }


def _quickest_first(found: Mapping[str, Any]) -> list[tuple[str, Mapping[str, Any]]]:
    order = "cpu_s" if found["machine"]["load"] > BUSY else "wall_s"
    return sorted(found["tools"].items(), key=lambda item: item[1][order])


def _ratio(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}"
