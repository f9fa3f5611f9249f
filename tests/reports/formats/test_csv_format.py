"""The report as CSV: every reader of RFC 4180 gets the same cells, and no spreadsheet finds a formula in them."""

import csv
import io
import json
import os
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import unquote_to_bytes, urlsplit

from hypothesis import given
from hypothesis import strategies as st

from dejashot.models.decisions import Verdict
from dejashot.reports.formats.csv_format import CSV_COLUMNS, report_runs, write_csv
from dejashot.reports.formats.json_format import as_json
from dejashot.reports.report import Report, ReportHead, ReportPlaces
from shots import shot

HEAD = ReportHead("Your library", datetime(2026, 7, 1, tzinfo=UTC), 60.0, "model", "/p")
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def rows_of(report: Report) -> list[dict[str, str]]:
    out = io.StringIO(newline="")
    write_csv(report.head.root, report_runs(report), out)
    text = out.getvalue()
    text.encode("utf-8")
    assert text.endswith("\r\n")
    return list(csv.DictReader(io.StringIO(text, newline=""), strict=True))


def path_of(row: dict[str, str]) -> bytes:
    return unquote_to_bytes(urlsplit(row["uri"]).path)


def test_a_line_says_of_a_shot_what_the_report_says(report: Report) -> None:
    chosen = replace(report.groups[0], decided={report.groups[0].group.members[0]: Verdict.REJECT})
    report = replace(report, groups=[chosen, *report.groups[1:]], places=ReportPlaces(included=True))
    rows, body = rows_of(report), json.loads(as_json(report))
    assert tuple(rows[0]) == CSV_COLUMNS
    assert [os.fsdecode(path_of(row)) for row in rows] == [f"/home/anna/Pictures/{p['path']}" for p in body["photos"]]
    burst = body["groups"][0]
    first, _, third, lone, bracket = rows[:5]
    assert (first["group"], first["kind"], first["keeper"], first["decision"]) == (
        burst["id"], "burst", "false", "reject",
    )  # fmt: skip
    assert (third["keeper"], third["reasons"]) == ("true", "; ".join(burst["reasons"]["IMG_0003.jpg"]))
    pair = body["pairs"][0]
    assert (float(first["percent_to_next"]), float(first["gap_to_next_s"])) == (pair["similarity_percent"], 1.2)
    assert (first["latitude"], first["longitude"], first["bytes"]) == ("54.18", "7.88", "3000000")
    assert (lone["group"], lone["keeper"], lone["percent_to_next"]) == ("", "", "")
    assert (bracket["group"], bracket["keeper"], bracket["series_kind"]) == ("", "", body["groups"][1]["series"])
    assert (lone["path"], lone["motion"]) == ("Ferien/Zürich – 日本.jpg", "false")


@given(
    st.lists(st.binary(min_size=1, max_size=20).filter(lambda name: not {0, 47} & set(name)), min_size=1, max_size=5)
)
def test_no_name_becomes_a_formula_and_every_name_comes_back(names: list[bytes]) -> None:
    shots = [shot(n, path=os.fsdecode(name)) for n, name in enumerate(names)]
    rows = rows_of(Report(HEAD, shots))
    assert [path_of(row) for row in rows] == [b"/p/" + name for name in names]
    for row in rows:
        assert not row["path"].startswith(FORMULA)
        assert row["path"].isprintable()


def test_a_name_of_a_formula_has_an_apostrophe_before_it(report: Report) -> None:
    names = ("=1+1.jpg", "+1.jpg", "-1.jpg", "@SUM(A1).jpg", "'=1.jpg", "a=1.jpg", 'a",=1;=2.jpg')
    rows = rows_of(Report(report.head, [shot(n, path=name) for n, name in enumerate(names)]))
    assert [row["path"] for row in rows] == [*(f"'{name}" for name in names[:5]), *names[5:]]
    assert Path(os.fsdecode(path_of(rows[0]))).name == "=1+1.jpg"
