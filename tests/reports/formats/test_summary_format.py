"""The summary of a report: one screen, whatever the report holds."""

import io
from dataclasses import replace

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rich.console import Console

from dejashot.errors import Reason
from dejashot.files.exclusions import Exclusion, ExclusionReason
from dejashot.models.files import Skipped
from dejashot.reports.formats.summary_format import print_summary
from dejashot.reports.report import Health, Report


def summary_of(report: Report) -> list[str]:
    out = io.StringIO()
    print_summary(report, Console(file=out, width=80, color_system=None, legacy_windows=False))
    return out.getvalue().splitlines()


def test_it_names_the_groups_that_free_the_most_and_the_next_step(report: Report) -> None:
    lines = summary_of(report)
    assert lines[1:3] == ["3 photos could go: 9.0 MB", "8 new photos · 2 groups of the same shot"]
    assert lines[5].startswith("  6.0 MB  1 July 2026, 12:00:00  burst, 3 shots")
    assert lines[5].endswith("★ IMG_0003.jpg")
    assert "3.0 MB" in lines[6]
    text = "\n".join(lines)
    assert "1 series alike on purpose, kept whole" in text
    assert "2 files could not be read" in text
    assert "the folder is not there: /home/anna/Pictures" in text
    assert lines[-2:] == [
        "Choose what stays:   dejashot review",
        "Everything in full:  the same command with --all",
    ]


def test_a_group_that_is_still_to_be_looked_at_is_counted_and_not_suggested(report: Report) -> None:
    first = max(report.reducible, key=lambda g: g.choice.reclaimable_bytes)
    waiting = [replace(g, pending=g is first) for g in report.groups]
    text = "\n".join(summary_of(replace(report, groups=waiting)))
    assert "1 group still to be looked at closely" in text
    assert "6.0 MB" not in text


def test_without_anything_to_choose_no_page_is_named(report: Report) -> None:
    bare = replace(report, groups=[], skipped=[], health=[])
    assert summary_of(bare)[1:] == ["Nothing to choose", "8 new photos · 0 groups of the same shot"]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40, deadline=None)
@given(
    repeats=st.integers(0, 9),
    skipped=st.lists(st.sampled_from(list(Reason)), max_size=30),
    excluded=st.integers(0, 10**6),
    troubled=st.integers(0, 9),
    ungrouped=st.integers(0, 10**6),
    name=st.text(max_size=200),
)
def test_it_fits_one_screen(
    report: Report, repeats: int, skipped: list[Reason], excluded: int, troubled: int, ungrouped: int, name: str
) -> None:
    shots = [replace(s, path=s.path + name, damage="a part of it is missing") for s in report.shots]
    full = replace(
        report,
        shots=shots,
        groups=list(report.groups) * repeats,
        skipped=[Skipped(name, reason, name) for reason in skipped],
        exclusions=[Exclusion(ExclusionReason.LINK, excluded)] if excluded else [],
        health=[Health("/photos/" * 30, "paused", "the folder is not there", 9)] * troubled,
        ungrouped=ungrouped,
    )
    lines = summary_of(full)
    assert len(lines) <= 24
    assert max(map(len, lines)) <= 80
