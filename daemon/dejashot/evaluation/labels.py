"""The owner's labels, read from a file."""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dejashot.errors import LabelsError
from dejashot.paths import shown

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

    - CSV (comma or semicolon, with a header) with the columns `a`, `b`, `same` (1/0, yes/no, true/false; empty: not
      judged) and, if wanted, `kind`
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
