"""The owner's labels: every form of file, every name, and the error for those that can't be used."""

from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from dejashot.errors import LabelsError
from dejashot.evaluation.label_matching import Matched, match_labels
from dejashot.evaluation.labels import Label, Labels, read_labels
from dejashot.evaluation.results import NotComparedReason
from dejashot.grouping.similarity import adjacent_pairs
from dejashot.models.files import Skipped
from dejashot.reports.report import Report, ReportHead
from shots import RULES, shot, unit


def report_of(*names: str, gap_s: float = 10.0) -> Report:
    """Return a report on shots taken one after the other."""
    shots = [shot(n * gap_s, unit(0, n % 2, 1), path=name) for n, name in enumerate(names)]
    return Report(
        ReportHead(
            title="t",
            made_at=datetime(2026, 7, 1).astimezone(),
            interval_s=60.0,
            model="m@0",
            root="/home/anna/Pictures",
        ),
        shots=shots,
        pairs=adjacent_pairs(RULES, shots, 60.0),
        skipped=[Skipped("x/half.jpg", "truncated", "")],
    )


def labels(found: Matched) -> list[tuple[int, int, bool | None]]:
    return [(pair.a, pair.b, label.same) for pair, label in found.decided]


@pytest.mark.parametrize(
    "text",
    [
        "a,b,same\nx.jpg,y.jpg,1\ny.jpg,z.jpg,0\nz.jpg,w.jpg,\n",
        "\ufeffA; B; Same\r\nx.jpg;y.jpg; yes\r\ny.jpg;z.jpg;NO\r\nz.jpg;w.jpg;\r\n",
        'kind,same,b,a\n,true,y.jpg,x.jpg\n,false,z.jpg,"y.jpg"\n,,w.jpg,z.jpg\n',
        '{"pairs": [{"a": "x.jpg", "b": "y.jpg", "label": 1}, {"a": "y.jpg", "b": "z.jpg", "label": 0},'
        ' {"a": "z.jpg", "b": "w.jpg", "label": null}]}',
    ],
)
def test_labels_are_read_in_every_form(tmp_path: Path, text: str) -> None:
    (tmp_path / "labels").write_text(text)
    assert read_labels(tmp_path / "labels").pairs == [
        Label("x.jpg", "y.jpg", True),
        Label("y.jpg", "z.jpg", False),
        Label("z.jpg", "w.jpg", None),
    ]


def test_kinds_groups_and_names_that_are_not_utf8_are_read(tmp_path: Path) -> None:
    file = tmp_path / "labels.csv"
    file.write_bytes(b"a,b,same,kind\nIMG\xff.jpg,y.jpg,1,burst\n")
    assert read_labels(file).pairs == [Label("IMG\udcff.jpg", "y.jpg", True, "burst")]
    file.write_text("file,group\nx.jpg,1\ny.jpg,1\nz.jpg,2\n")
    assert read_labels(file).groups == {"x.jpg": "1", "y.jpg": "1", "z.jpg": "2"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "columns"),
        ("name,size\nx.jpg,3\n", "columns"),
        ("a,b,same\n", "labels nothing"),
        ("a,b,same\nx.jpg,y.jpg,perhaps\n", "line 2"),
        ("a,b,same\nx.jpg,,1\n", "line 2"),
        ("file,group\nx.jpg,1\nx.jpg,2\n", "second group"),
        ("file,group\nx.jpg\n", "lacks"),
        ("{", "not valid JSON"),
        ('{"photos": []}', 'no list "pairs"'),
        ('{"pairs": [3]}', "pair 1"),
        ('{"pairs": [{"a": "x", "b": "y", "label": 7}]}', "neither same nor different"),
        ('{"pairs": [{"a": "x", "b": "y", "same": 1}]}', 'pair 1 of the truth file lacks "label"'),
        ("a,b,same\nx.jpg,y.jpg,1\nx.jpg,y.jpg\n", 'line 3 of the truth file lacks "same"'),
        ("a,b,same\n" + "x" * 200_000 + ",y,1\n", "not valid CSV"),
    ],
)
def test_labels_that_can_not_be_used_are_a_clear_error(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "labels").write_text(text)
    with pytest.raises(LabelsError, match=message) as caught:
        read_labels(tmp_path / "labels")
    assert caught.value.hint


def test_a_missing_file_of_labels_is_a_clear_error(tmp_path: Path) -> None:
    for file in (tmp_path / "none.csv", tmp_path):
        with pytest.raises(LabelsError, match="can't read"):
            read_labels(file)


def test_names_are_found_by_path_by_their_end_and_bare() -> None:
    report = report_of("a/1.jpg", "a/2.jpg", "b/1.jpg", "b/3.jpg")
    for first, second in (
        ("a/1.jpg", "2.jpg"),
        ("./a/1.jpg", "a/2.jpg"),
        ("/home/anna/Pictures/a/1.jpg", "2.jpg"),
        ("2.jpg", "a/1.jpg"),
    ):
        assert labels(match_labels(Labels([Label(first, second, True)]), report)) == [(0, 1, True)]


def test_a_label_that_is_not_compared_has_a_reason() -> None:
    report = report_of("a/1.jpg", "a/2.jpg", "b/1.jpg", "b/3.jpg")
    report = replace(report, shots=[*report.shots, shot(400, path="late.jpg")])
    cases = {
        ("1.jpg", "2.jpg"): NotComparedReason.AMBIGUOUS,
        ("none.jpg", "2.jpg"): NotComparedReason.UNKNOWN,
        ("2.jpg", "half.jpg"): NotComparedReason.UNREADABLE,
        ("3.jpg", "2.jpg"): NotComparedReason.IN_BETWEEN,
        ("2.jpg", "late.jpg"): NotComparedReason.TOO_FAR,
    }
    for (first, second), obstacle in cases.items():
        found = match_labels(Labels([Label(first, second, True)]), report)
        assert [n.reason for n in found.not_compared] == [obstacle], (first, second)
        assert found.decided == []
    assert match_labels(Labels([Label("1.jpg", "2.jpg", None)]), report).not_compared == []


def test_a_pair_counts_once_and_contradictions_are_refused() -> None:
    report = report_of("a/1.jpg", "a/2.jpg")
    twice = Labels([Label("1.jpg", "2.jpg", True), Label("a/2.jpg", "a/1.jpg", True), Label("1.jpg", "2.jpg", None)])
    found = match_labels(twice, report)
    assert (labels(found), found.not_judged) == ([(0, 1, True)], 1)
    with pytest.raises(LabelsError, match="both same and different"):
        match_labels(Labels([Label("1.jpg", "2.jpg", True), Label("2.jpg", "1.jpg", False)]), report)
    with pytest.raises(LabelsError, match="with itself"):
        match_labels(Labels([Label("1.jpg", "a/1.jpg", True)]), report)


def test_groups_label_every_compared_pair_and_every_split_group() -> None:
    report = report_of("1.jpg", "2.jpg", "3.jpg", "4.jpg", "5.jpg")
    found = match_labels(
        Labels(groups={"1.jpg": "x", "2.jpg": "x", "3.jpg": "y", "4.jpg": "x", "gone.jpg": "x"}), report
    )
    assert labels(found) == [(0, 1, True), (1, 2, False), (2, 3, False)]
    assert [(n.names, n.reason) for n in found.not_compared] == [
        (("gone.jpg",), NotComparedReason.UNKNOWN),
        (("2.jpg", "4.jpg"), NotComparedReason.IN_BETWEEN),
    ]
