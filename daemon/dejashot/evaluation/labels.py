"""The owner's labels: read from a file, and found again among the shots of a report."""

import csv
import io
import json
import os
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

from dejashot.errors import LabelsError, Reason
from dejashot.evaluation.output import NotCompared, Obstacle
from dejashot.models.groups import Pair
from dejashot.paths import shown
from dejashot.reports.report import Report
from dejashot.reports.wording import format_gap

FORMS = 'Write a CSV with the columns a,b,same or file,group, or JSON {"pairs": [{"a": ..., "b": ..., "label": 1}]}'
_YES, _NO, _OPEN = {"1", "yes", "true", "same"}, {"0", "no", "false", "different"}, {"", "null", "none"}


@dataclass(frozen=True, slots=True)
class Label:
    """Two photos by name, whether they are the same shot (None: not judged), and the kind of change between them."""

    a: str
    b: str
    same: bool | None
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Labels:
    """What a truth file says: labelled pairs, or the group of each file."""

    pairs: Sequence[Label] = ()
    groups: Mapping[str, str] = field(default_factory=dict)


def read_labels(file: Path) -> Labels:
    """Read the owner's labels; the form is told by the content. Raises TruthError.

    CSV (comma or semicolon, with a header) with the columns `a`, `b`, `same` (1/0, yes/no, true/false, empty: not judged) and, if
    wanted, `kind`; CSV with the columns `file` and `group`; or JSON `{"pairs": [{"a", "b", "label": 1 | 0 | null, "kind"?}]}`.
    """
    try:
        text = file.read_bytes().removeprefix(b"\xef\xbb\xbf").decode("utf-8", "surrogateescape")
    except OSError as error:
        raise LabelsError(f"can't read {shown(file)}: {error.strerror}", FORMS) from error
    truth = _from_json(text) if text.lstrip().startswith("{") else _from_csv(text)
    if not truth.pairs and not truth.groups:
        raise LabelsError(f"{shown(file)} labels nothing", FORMS)
    return truth


def _from_json(text: str) -> Labels:
    try:
        rows: Any = json.loads(text).get("pairs")
    except ValueError as error:
        raise LabelsError(f"the truth file is not valid JSON: {error}", FORMS) from error
    if not isinstance(rows, list):
        raise LabelsError('the truth file has no list "pairs"', FORMS)
    return Labels([_label(row, f"pair {n}", "label") for n, row in enumerate(rows, 1)])


def _from_csv(text: str) -> Labels:
    header = text.partition("\n")[0]
    reader = csv.DictReader(
        io.StringIO(text, newline=""), delimiter=";" if header.count(";") > header.count(",") else ","
    )
    try:
        columns = {name: (name or "").strip().lower() for name in reader.fieldnames or ()}
        rows = [
            (
                reader.line_num,
                {columns.get(k, ""): v.strip() for k, v in row.items() if k is not None and v is not None},
            )
            for row in reader
        ]
    except csv.Error as error:
        raise LabelsError(f"the truth file is not valid CSV: {error}", FORMS) from error
    if {"a", "b", "same"} <= set(columns.values()):
        return Labels([_label(row, f"line {n}", "same") for n, row in rows])
    if {"file", "group"} <= set(columns.values()):
        return Labels(groups=dict(_grouped(rows)))
    raise LabelsError(f"the truth file has the columns {shown(header.strip()[:80]) or 'of nothing'}", FORMS)


def _label(row: Any, where: str, key: str) -> Label:
    if not isinstance(row, dict) or not all(isinstance(row.get(end), str) and row[end] for end in ("a", "b")):
        raise LabelsError(f"{where} of the truth file does not name two photos", FORMS)
    if key not in row:
        raise LabelsError(
            f'{where} of the truth file lacks "{key}"',
            "Write 1 or 0, yes or no, or leave its value empty for not judged",
        )
    said = str(row[key]).strip().lower()
    if said not in _YES | _NO | _OPEN:
        raise LabelsError(
            f"{where} of the truth file: {shown(said[:40])!r} says neither same nor different",
            "Write 1 or 0, yes or no",
        )
    return Label(row["a"], row["b"], None if said in _OPEN else said in _YES, str(row.get("kind") or ""))


def _grouped(rows: Iterable[tuple[int, Mapping[str, str]]]) -> Iterator[tuple[str, str]]:
    seen: dict[str, str] = {}
    for n, row in rows:
        file, group = row.get("file", ""), row.get("group", "")
        if not file or not group:
            raise LabelsError(f"line {n} of the truth file lacks a file or its group", FORMS)
        if seen.setdefault(file, group) != group:
            raise LabelsError(
                f"line {n} of the truth file puts {shown(file)} into a second group", "A photo belongs to one group"
            )
        yield file, group


class LabelledNames:
    """Find the shots of a report by name: the path in the report, its end, or the bare file name where only one has it."""

    def __init__(self, report: Report) -> None:
        self._root = report.head.root
        self._shots: defaultdict[str, list[tuple[str, int]]] = defaultdict(list)
        for n, shot in enumerate(report.shots):
            self._shots[os.path.basename(shot.path)].append((shot.path, n))
        self._skipped = {s.path: s.reason for s in report.skipped}

    def find(self, name: str) -> int | NotCompared:
        """Return the index of a shot on the timeline, or why there is none."""
        name = os.path.normpath(name)
        there = self._shots.get(os.path.basename(name), [])
        exact = [n for path, n in there if name in (path, os.path.join(self._root, path))]
        fitting = exact or [n for path, n in there if path.endswith(os.sep + name)]
        if len(fitting) == 1:
            return fitting[0]
        if fitting:
            return NotCompared(
                (name,), Obstacle.AMBIGUOUS, f"{len(fitting)} photos are called that: name the folder as well"
            )
        unread = next((r for path, r in self._skipped.items() if name == path or path.endswith(os.sep + name)), None)
        if unread is not None:
            return NotCompared((name,), Obstacle.UNREADABLE, Reason(unread).words)
        return NotCompared((name,), Obstacle.UNKNOWN)


@dataclass
class Matched:
    """Labels found again: the compared pairs with their labels, what was labelled in vain, and how many were left open."""

    judged: list[tuple[Pair, Label]] = field(default_factory=list)
    not_compared: list[NotCompared] = field(default_factory=list)
    open: int = 0


def match_labels(truth: Labels, report: Report) -> Matched:
    """Return the pairs of a report that are labelled, in time order; raise TruthError where two labels contradict each other."""
    names, compared, found = LabelledNames(report), {(p.a, p.b): p for p in report.pairs}, Matched()
    labels: dict[tuple[int, int], Label] = {}
    for first, second, label in _placed(truth, names, report, found.not_compared):
        ends = (min(first, second), max(first, second))
        if label.same is None:
            found.open += 1
        elif first == second:
            raise LabelsError(f"a label compares {shown(label.a)} with itself", "Name two photos")
        elif labels.setdefault(ends, label).same != label.same:
            raise LabelsError(
                f"{shown(label.a)} and {shown(label.b)} are labelled both same and different", "Keep one of the two"
            )
    for ends, label in sorted(labels.items(), key=lambda item: item[0]):
        if ends in compared:
            found.judged.append((compared[ends], label))
        else:
            found.not_compared.append(_why_not(report, *ends))
    return found


def _placed(
    truth: Labels, names: LabelledNames, report: Report, lost: list[NotCompared]
) -> Iterator[tuple[int, int, Label]]:
    """Yield every label with the two shots it is about; what names no shot goes to `lost`."""
    for label in truth.pairs:
        first, second = names.find(label.a), names.find(label.b)
        if isinstance(first, int) and isinstance(second, int):
            yield first, second, label
        elif label.same is not None:
            lost += [end for end in (first, second) if isinstance(end, NotCompared)][:1]
    group_of: dict[int, str] = {}
    for file, group in truth.groups.items():
        place = names.find(file)
        if isinstance(place, NotCompared):
            lost.append(place)
        else:
            group_of[place] = group
    yield from (
        (a, b, _grouped_label(report, a, b, same=same)) for (a, b), same in _implied(group_of, report.pairs).items()
    )


def _implied(group_of: Mapping[int, str], pairs: Sequence[Pair]) -> dict[tuple[int, int], bool]:
    """Return what groups say of pairs: of every compared pair, and of each two shots that follow each other in a group."""
    said = {(p.a, p.b): group_of[p.a] == group_of[p.b] for p in pairs if p.a in group_of and p.b in group_of}
    members: defaultdict[str, list[int]] = defaultdict(list)
    for place in sorted(group_of):
        members[group_of[place]].append(place)
    return said | {ends: True for held in members.values() for ends in pairwise(held)}


def _grouped_label(report: Report, a: int, b: int, *, same: bool) -> Label:
    return Label(report.shots[a].path, report.shots[b].path, same)


def _why_not(report: Report, a: int, b: int) -> NotCompared:
    """Say why two shots of the timeline were not compared."""
    first, second = report.shots[a], report.shots[b]
    gap_s = (second.taken.taken_us - first.taken.taken_us) / 1e6
    if gap_s > report.head.interval_s:
        return NotCompared((first.path, second.path), Obstacle.TOO_FAR, f"{format_gap(gap_s)} apart")
    return NotCompared((first.path, second.path), Obstacle.IN_BETWEEN)
