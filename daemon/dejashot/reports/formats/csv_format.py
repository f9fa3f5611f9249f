"""The report as a table for spreadsheets: CSV by RFC 4180, UTF-8, a line a shot, in time order.

It is made of what the report says in JSON, run by run: memory does not grow with the library.
"""

import csv
import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import IO, Any
from urllib.parse import quote

from dejashot.paths import shown
from dejashot.reports.formats.json_format import SEPARATOR, damaged_line, group_line, pair_line, photo_line
from dejashot.reports.report import Report

CSV_COLUMNS = (
    "path", "taken_at", "group", "kind", "keeper", "reasons", "decision", "confidence", "clear_case", "pending",
    "percent_to_next", "gap_to_next_s", "bytes", "whole_bytes", "companions", "width", "height", "camera", "motion",
    "damage", "series", "series_kind", "taken_at_source", "taken_at_certainty", "latitude", "longitude", "place",
    "content", "uri",
)  # fmt: skip
_FORMULA = ("=", "+", "-", "@", "'", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_SERIES = "series"
Values = Mapping[str, Any]


def write_csv(root: str, runs: Iterable[Sequence[str]], out: IO[str]) -> None:
    """Write a header and a line a shot, given the folder that paths are below, and what JSON says of each run.

    A run is the joined lines of its photos, pairs and groups, as `LibraryGroups.lines` yields them. Raises
    GroupsFileError, and OSError.
    """
    table = csv.writer(out, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\r\n")
    table.writerow(CSV_COLUMNS)
    waiting: dict[str, list[Values]] = {}  # the groups of photos that are still to come, in this run or a later one
    for run in runs:
        photos, pairs, groups = (json.loads(f"[{lines}]") for lines in run[:3])
        for group in groups:
            for path in group["photos"]:
                waiting.setdefault(path, []).append(group)
        links = {(pair["a"], pair["b"]): pair for pair in pairs}
        for photo, following in zip(photos, [*photos[1:], None], strict=True):
            link = links.get((photo["path"], following["path"])) if following else None
            cells = _cells(root, photo, waiting.pop(photo["path"], []), link or {})
            table.writerow([_plain(cells[name]) for name in CSV_COLUMNS])


def report_runs(report: Report) -> Iterator[Sequence[str]]:
    """Yield a report in memory as one run, as `write_csv` takes it."""
    lists = (
        (photo_line(report, n) for n in range(len(report.shots))),
        (pair_line(report, p) for p in report.pairs),
        (group_line(report, g) for g in report.groups),
        (damaged_line(d) for d in report.damaged),
    )
    yield [SEPARATOR.join(lines) for lines in lists]


def _cells(root: str, photo: Values, groups: Sequence[Values], link: Values) -> dict[str, Any]:
    """Return what the line of a photo holds, by column, given its groups and its pair with the next shot."""
    path, place = photo["path"], photo["place"] or {}
    group = next((g for g in groups if g["kind"] != _SERIES), {})
    series = next((g for g in groups if g["kind"] == _SERIES), {})
    decisions = [g["decisions"][path] for g in groups if path in g["decisions"]]
    return {
        **{name: photo[name] for name in CSV_COLUMNS if name in photo},
        "path": shown(path),
        "companions": len(photo["companions"]),
        "group": group.get("id"),
        "kind": group.get("kind"),
        "keeper": path in group["keepers"] if group and not group["pending"] else None,
        "decision": next(iter(decisions), None),
        **{name: group.get(name) for name in ("confidence", "clear_case", "pending")},
        "series": series.get("id"),
        "series_kind": series.get("series"),
        "percent_to_next": link.get("similarity_percent"),
        "gap_to_next_s": link.get("gap_s"),
        "reasons": "; ".join(group.get("reasons", {}).get(path, ())),
        "latitude": place.get("latitude"),
        "longitude": place.get("longitude"),
        "place": place.get("name"),
        "uri": "file://" + quote(os.fsencode(os.path.join(root, path))),
    }


def _plain(value: Any) -> str | float:
    """Return a value as a cell: a text that a spreadsheet could take for a formula begins with an apostrophe."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return value
    return f"'{value}" if value.startswith(_FORMULA) else value
