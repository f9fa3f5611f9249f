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
from dejashot.evaluation.results import NotCompared, NotComparedReason
from dejashot.models.groups import Pair
from dejashot.paths import shown
from dejashot.reports.report import Report, human_gap

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
    """The contents of a file of labels: labelled pairs, or the group of each file."""

    pairs: Sequence[Label] = ()
    groups: Mapping[str, str] = field(default_factory=dict)


def read_labels(file: Path) -> Labels:
    """Read the owner's labels, in the form that the content shows; raise LabelsError.

    - CSV (comma or semicolon, with a header) with the columns `a`, `b`, `same` (1/0, yes/no, true/false, empty: not judged)
      and, if wanted, `kind`
    - CSV with the columns `file` and `group`
    - JSON `{"pairs": [{"a", "b", "label": 1 | 0 | null, "kind"?}]}`
    """
    try:
        text = file.read_bytes().removeprefix(b"\xef\xbb\xbf").decode("utf-8", "surrogateescape")
    except OSError as error:
        raise LabelsError(f"can't read {shown(file)}: {error.strerror}", FORMS) from error
    labels = _from_json(text) if text.lstrip().startswith("{") else _from_csv(text)
    if not labels.pairs and not labels.groups:
        raise LabelsError(f"{shown(file)} labels nothing", FORMS)
    return labels


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
    value = str(row[key]).strip().lower()
    if value not in _YES | _NO | _OPEN:
        raise LabelsError(
            f"{where} of the truth file: {shown(value[:40])!r} says neither same nor different",
            "Write 1 or 0, yes or no",
        )
    return Label(row["a"], row["b"], None if value in _OPEN else value in _YES, str(row.get("kind") or ""))


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
    """Find the shots of a report by name: by path, by the end of a path, or by the file name where only one has it."""

    def __init__(self, report: Report) -> None:
        self._root = report.root
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
                (name,), NotComparedReason.AMBIGUOUS, f"{len(fitting)} photos are called that: name the folder as well"
            )
        unread = next((r for path, r in self._skipped.items() if name == path or path.endswith(os.sep + name)), None)
        if unread is not None:
            return NotCompared((name,), NotComparedReason.UNREADABLE, Reason(unread).words)
        return NotCompared((name,), NotComparedReason.UNKNOWN)


@dataclass
class Matched:
    """Labels matched with a report: the decided pairs, the labels of no use, and the number of those left open."""

    decided: list[tuple[Pair, Label]] = field(default_factory=list)
    not_compared: list[NotCompared] = field(default_factory=list)
    not_judged: int = 0


def match_labels(labels: Labels, report: Report) -> Matched:
    """Return the labelled pairs of a report in time order; raise LabelsError where two labels contradict each other."""
    names, compared, found = LabelledNames(report), {(p.a, p.b): p for p in report.pairs}, Matched()
    by_pair: dict[tuple[int, int], Label] = {}
    for first, second, label in _located(labels, names, report, found.not_compared):
        ends = (min(first, second), max(first, second))
        if label.same is None:
            found.not_judged += 1
        elif first == second:
            raise LabelsError(f"a label compares {shown(label.a)} with itself", "Name two photos")
        elif by_pair.setdefault(ends, label).same != label.same:
            raise LabelsError(
                f"{shown(label.a)} and {shown(label.b)} are labelled both same and different", "Keep one of the two"
            )
    for ends, label in sorted(by_pair.items(), key=lambda item: item[0]):
        if ends in compared:
            found.decided.append((compared[ends], label))
        else:
            found.not_compared.append(_why_not(report, *ends))
    return found


def _located(
    labels: Labels, names: LabelledNames, report: Report, unknown: list[NotCompared]
) -> Iterator[tuple[int, int, Label]]:
    """Yield every label with the indices of its two shots; add those that name no shot to `unknown`."""
    for label in labels.pairs:
        first, second = names.find(label.a), names.find(label.b)
        if isinstance(first, int) and isinstance(second, int):
            yield first, second, label
        elif label.same is not None:
            unknown += [end for end in (first, second) if isinstance(end, NotCompared)][:1]
    group_of: dict[int, str] = {}
    for file, group in labels.groups.items():
        index = names.find(file)
        if isinstance(index, NotCompared):
            unknown.append(index)
        else:
            group_of[index] = group
    yield from (
        (a, b, _grouped_label(report, a, b, same=same)) for (a, b), same in _implied(group_of, report.pairs).items()
    )


def _implied(group_of: Mapping[int, str], pairs: Sequence[Pair]) -> dict[tuple[int, int], bool]:
    """Return whether pairs are the same shot by their groups.

    These are every compared pair, and every two shots that follow each other in a group.
    """
    same = {(p.a, p.b): group_of[p.a] == group_of[p.b] for p in pairs if p.a in group_of and p.b in group_of}
    members: defaultdict[str, list[int]] = defaultdict(list)
    for index in sorted(group_of):
        members[group_of[index]].append(index)
    return same | {ends: True for held in members.values() for ends in pairwise(held)}


def _grouped_label(report: Report, a: int, b: int, *, same: bool) -> Label:
    return Label(report.shots[a].path, report.shots[b].path, same)


def _why_not(report: Report, a: int, b: int) -> NotCompared:
    """Return why two shots of the timeline were not compared."""
    first, second = report.shots[a], report.shots[b]
    gap_s = (second.taken.taken_us - first.taken.taken_us) / 1e6
    if gap_s > report.interval_s:
        return NotCompared((first.path, second.path), NotComparedReason.TOO_FAR, f"{human_gap(gap_s)} apart")
    return NotCompared((first.path, second.path), NotComparedReason.IN_BETWEEN)
