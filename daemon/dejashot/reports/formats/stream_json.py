"""A report on the whole library in JSON, written as it is read: memory does not grow with the library."""

import json
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from typing import IO

from dejashot.library.kept.values import GroupTotals
from dejashot.reports.formats.json_format import SEPARATOR, head_lines, lists_of_files
from dejashot.reports.kept.view import LibraryGroups
from dejashot.reports.report import Report

_LISTS = ("photos", "pairs", "groups", "damaged")
_COPIED = 1 << 16  # characters at once


def write_json(frame: Report, view: LibraryGroups, elapsed_s: Callable[[], float], out: IO[str]) -> None:
    """Write what `as_json` returns of a report on everything, given all but its shots, pairs and groups.

    Raises GroupsFileError, and OSError where it can't be written.
    """
    out.write("{\n" + "".join(f"{line},\n" for line in head_lines(frame.head)))
    with ExitStack() as stack:
        # what comes behind the photos waits in files
        waiting = [stack.enter_context(_waiting()) for _ in _LISTS[1:]]
        targets: list[IO[str]] = [out, *waiting]
        begun = [False] * len(_LISTS)
        out.write(f' "{_LISTS[0]}": [')
        for run in view.lines():
            for n, lines in enumerate(run):
                if lines:
                    targets[n].write((SEPARATOR if begun[n] else "\n  ") + lines)
                    begun[n] = True
        for n, name in enumerate(_LISTS):
            if n:
                out.write(f' "{name}": [')
                waiting[n - 1].seek(0)
                while some := waiting[n - 1].read(_COPIED):
                    out.write(some)
            out.write("\n ],\n" if begun[n] else "],\n")
    for name, items in lists_of_files(frame).items():
        lines = SEPARATOR.join(items)
        out.write(f' "{name}": [' + (f"\n  {lines}\n " if lines else "") + "],\n")
    out.write(f' "totals": {json.dumps(_totals(frame, view.totals(), elapsed_s()))}\n}}\n')


def _waiting() -> IO[str]:
    return tempfile.TemporaryFile(mode="w+", encoding="ascii", newline="")


def _totals(frame: Report, totals: GroupTotals, elapsed_s: float) -> dict[str, float]:
    return {
        "photos": totals.shots,
        "new_photos": totals.shots,
        "groups": totals.groups,
        "series": totals.series,
        "skipped": len(frame.skipped),
        "damaged": totals.damaged,
        "left_out": totals.ungrouped,
        "not_looked_at": sum(part.count for part in frame.exclusions),
        "open_groups": totals.open_groups,
        "pending_groups": totals.pending,
        "removable_photos": totals.open_photos,
        "reclaimable_bytes": totals.open_bytes,
        "seconds": round(elapsed_s, 3),
    }
