"""Find the labelled photos among the shots of a report, and their pairs among those that were decided."""

import os
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from dejashot.errors import LabelsError, Reason
from dejashot.evaluation.labels import Label, Labels
from dejashot.evaluation.results import NotCompared, NotComparedReason
from dejashot.language.formats import format_gap
from dejashot.models.groups import Pair
from dejashot.paths import shown
from dejashot.reports.report import Report


class LabelledNames:
    """Find the shots of a report by name: by path, by the end of a path, or by the file name where only one has it."""

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
                (name,), NotComparedReason.AMBIGUOUS, f"{len(fitting)} photos are called that: name the folder as well"
            )
        unread = next((r for path, r in self._skipped.items() if name == path or path.endswith(os.sep + name)), None)
        if unread is not None:
            return NotCompared((name,), NotComparedReason.UNREADABLE, Reason(unread).description)
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
    if gap_s > report.head.interval_s:
        return NotCompared((first.path, second.path), NotComparedReason.TOO_FAR, f"{format_gap(gap_s)} apart")
    return NotCompared((first.path, second.path), NotComparedReason.IN_BETWEEN)
