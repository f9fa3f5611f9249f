"""The summary of a report: one screen of a terminal, with what matters most and the next step."""

import os
from collections import Counter
from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from dejashot.errors import Reason
from dejashot.language.formats import format_bytes
from dejashot.paths import shown
from dejashot.reports.formats.counts import ReportCounts, report_counts
from dejashot.reports.formats.text_format import add_confidence, headline
from dejashot.reports.kept.kept_report import KeptReport
from dejashot.reports.report import Report, ReportGroup
from dejashot.reports.wording import (
    describe_kind,
    format_group_time,
    plural,
)

SUMMARY_GROUPS = 5
SUMMARY_REASONS = 2  # why files could not be read: those of most files
SUMMARY_PROBLEMS = 1
_SIZE_WIDTH = 8
_PLURALS = {"series": "series", "entry": "entries"}


def print_summary(report: Report, console: Console) -> None:
    """Print a report in at most 24 lines of 80 columns; names can't carry markup or control characters."""
    best = [g for g in report.reducible if g.choice.reclaimable_bytes and g.choice.keepers and not g.pending]
    best = sorted(best, key=lambda g: -g.choice.reclaimable_bytes)[:SUMMARY_GROUPS]
    _print_parts(report, report_counts(report), [_group_line(report, g) for g in best], console)


def print_kept_summary(report: KeptReport, console: Console) -> None:
    """Print a report as `print_summary` does, reading little more than the groups it names; raise GroupsFileError."""
    best = report.most_to_free(SUMMARY_GROUPS)
    lines = [_group_line(report.report_of(shown), shown.group) for shown in best]
    _print_parts(report.frame, report.counts(), lines, console)


def _print_parts(report: Report, counts: ReportCounts, best: Sequence[Text], console: Console) -> None:
    """Print a summary, given what a report counts and a line on each group that could free the most."""
    console.print(headline(report, counts, brief=True), highlight=False, overflow="ellipsis", no_wrap=True)
    if best:
        console.print(Text("\nThe most to free" if len(best) > 1 else "\nTo free", style="bold"))
    for line in best:
        _print_line(line, console)
    notes = [*_count_notes(report, counts), *_skipped_notes(report), *_health_notes(report)]
    if notes:
        console.print()
    for note in notes:
        _print_line(note, console)
    if counts.groups or notes:
        console.print()
    if counts.reducible:
        console.print(Text("Choose what stays:   dejashot review", style="bold"))
    if counts.groups or notes:
        console.print(Text("Everything in full:  the same command with --all", style="dim"))


def _print_line(line: Text, console: Console) -> None:
    """Print one line, cut where it does not fit."""
    console.print(line, no_wrap=True, overflow="ellipsis", highlight=False)


def _group_line(report: Report, chosen: ReportGroup) -> Text:
    """Return a group in one line: what it frees, what and when it is, and what stays of it."""
    line = Text(f"{format_bytes(chosen.choice.reclaimable_bytes):>{_SIZE_WIDTH}}  ", style="green")
    line.append(f"{format_group_time(report, chosen)}  ", style="cyan")
    line.append(describe_kind(chosen), style="default")
    add_confidence(line, chosen)
    first, *others = chosen.choice.keepers
    line.append(f"  ★ {shown(os.path.basename(report.shots[first].path))}", style="dim")
    if others:
        line.append(f" and {len(others)} more", style="dim")
    return line


def _count_notes(report: Report, counts: ReportCounts) -> list[Text]:
    """Return a line for each thing that is counted besides groups: what is open, kept whole, damaged, left out."""
    found = [
        (counts.pending, "group", "yellow", "still to be looked at closely: nothing is suggested of it yet"),
        (counts.series, "series", "dim", "alike on purpose, kept whole"),
        (counts.ungrouped, "photo", "yellow", "in no group: the time is not certain ([sifting] min_certainty)"),
        (counts.lost, "photo", "yellow", "damaged, and no sound copy is here"),
        (sum(part.count for part in report.exclusions), "entry", "dim", "not looked at on purpose"),
    ]
    return [Text(f"{_counted(count, noun)} {words}", style=style) for count, noun, style, words in found if count]


def _counted(count: int, noun: str) -> str:
    """Return a count with its noun, also where its plural takes more than an s or nothing."""
    return f"{count:,} {_PLURALS[noun]}" if noun in _PLURALS and count != 1 else plural(count, noun)


def _skipped_notes(report: Report) -> list[Text]:
    """Return how many files could not be read, and the most frequent reasons."""
    if not report.skipped:
        return []
    reasons = Counter(s.reason for s in report.skipped).most_common()
    lines = [Text(f"{plural(len(report.skipped), 'file')} could not be read", style="yellow")]
    lines += [Text(f"{count:>{_SIZE_WIDTH},}  {Reason(why).description}") for why, count in reasons[:SUMMARY_REASONS]]
    if len(reasons) > SUMMARY_REASONS:
        rest = sum(count for _, count in reasons[SUMMARY_REASONS:])
        lines.append(Text(f"{rest:>{_SIZE_WIDTH},}  for other reasons", style="dim"))
    return lines


def _health_notes(report: Report) -> list[Text]:
    """Return what is wrong with folders."""
    troubled = [health for health in report.health if health.problem]
    lines = [Text(f"{h.problem}: {h.folder}", style="yellow") for h in troubled[:SUMMARY_PROBLEMS]]
    if len(troubled) > SUMMARY_PROBLEMS:
        lines.append(Text(f"{plural(len(troubled) - SUMMARY_PROBLEMS, 'more folder')} with a problem", style="yellow"))
    return lines
