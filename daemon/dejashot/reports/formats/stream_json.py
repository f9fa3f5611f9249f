"""A report on the whole library in JSON, written as it is read: memory does not grow with the library."""

import json
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from typing import IO

from dejashot.reports.formats.json_format import SEPARATOR, head_lines, in_list, lists_of_files, totals_body
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
        out.write(f' "{name}": [{in_list(SEPARATOR.join(items))}],\n')
    totals = view.totals()
    out.write(f' "totals": {json.dumps(totals_body(frame, totals, totals.shots, elapsed_s()))}\n}}\n')


def _waiting() -> IO[str]:
    return tempfile.TemporaryFile(mode="w+", encoding="ascii", newline="")
