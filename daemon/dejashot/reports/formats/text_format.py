"""The report as text: for the terminal in colour, and plain with every digest."""

import io
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import IO

from rich.console import Console
from rich.text import Text

from dejashot.errors import Reason
from dejashot.language.formats import format_bytes, format_gap
from dejashot.language.stored_texts import translate_stored
from dejashot.language.texts import t, tn
from dejashot.models.capture import Certainty
from dejashot.models.decisions import Verdict
from dejashot.models.groups import Kind
from dejashot.paths import shown
from dejashot.reports.formats.counts import ReportCounts, report_counts
from dejashot.reports.kept.kept_report import KeptReport
from dejashot.reports.report import Damaged, Report, ReportGroup, neighbour_pairs
from dejashot.reports.wording import (
    CONFIDENCE_LABELS,
    count_photos,
    describe_amendment,
    describe_exclusion,
    describe_health,
    describe_kind,
    describe_pending,
    describe_place,
    describe_saving,
    describe_shot,
    describe_similarity,
    describe_ungrouped,
    describe_with_companions,
    format_group_time,
)

PLAIN_WIDTH = 80
MAX_SKIPPED = 15


def as_text(report: Report) -> str:
    """Return the report as plain text, 80 columns wide."""
    out = io.StringIO()
    print_report(report, plain_console(out))
    return out.getvalue()


def plain_console(out: IO[str]) -> Console:
    """Return a console that writes plain text, 80 columns wide."""
    return Console(file=out, width=PLAIN_WIDTH, color_system=None, legacy_windows=False)


def print_report(report: Report, console: Console) -> None:
    """Print the report on a console; names can't carry markup or control characters."""
    _print_parts(report, report_counts(report), lambda: ((report, g) for g in report.groups), report.lost, console)


def print_kept_report(report: KeptReport, console: Console) -> None:
    """Print a report as `print_report` does, as it is read; raise GroupsFileError."""
    lost = list(report.lost())
    _print_parts(
        report.frame,
        report.counts(),
        lambda: ((part, g) for part in report.as_reports() for g in part.groups),
        lost,
        console,
    )


def _print_parts(
    report: Report,
    counts: ReportCounts,
    groups: Callable[[], Iterable[tuple[Report, ReportGroup]]],
    lost: Sequence[Damaged],
    console: Console,
) -> None:
    """Print a report, given its groups each with a report that has its shots."""
    console.print(headline(report, counts), highlight=False)
    for part, chosen in groups():
        if chosen.group.kind is not Kind.SERIES:
            _print_group(part, chosen, console)
    if counts.series:
        console.print(Text("\n" + t("Alike on purpose (kept whole, not counted)"), style="bold"))
        for part, chosen in groups():
            if chosen.group.kind is Kind.SERIES:
                _print_group(part, chosen, console)
    if counts.reducible:
        console.print(Text("\n" + t("Choose what stays: {command}", command="dejashot review --open"), style="dim"))
    _print_lost(lost, console)
    _print_skipped(report, console)
    _print_exclusions(report, console)
    for health in report.health:
        if health.problem:
            console.print(Text(f"\n{health.folder}: {describe_health(health)}", style="yellow"))


def headline(report: Report, counts: ReportCounts, *, brief: bool = False) -> Text:
    """Return the title of a report and what it found; `brief` leaves out what is said elsewhere."""
    line = Text(report.head.title, style="bold")
    saving = counts.saving
    line.append(f"\n{describe_saving(saving)}", style="green" if saving.bytes else "not bold")
    line.append(f"\n{count_photos(report.head, counts.new_photos)}", style="not bold")
    groups = tn("{count} group of the same shot", "{count} groups of the same shot", saving.groups)
    line.append(f" · {groups}", style="not bold")
    if pending := describe_pending(saving):
        line.append(f" · {pending}", style="not bold")
    if not brief and (ungrouped := describe_ungrouped(counts.ungrouped)):
        line.append(f"\n{ungrouped}", style="not bold yellow")
    return line


def _print_group(report: Report, chosen: ReportGroup, console: Console) -> None:
    console.print()
    _print_hanging(console, Text(), _group_heading(report, chosen), 2)
    if chosen.amends:
        console.print(Text(f"  {describe_amendment(chosen)}", style="cyan"))
    for line in (describe_place(report, chosen), translate_stored(chosen.group.because)):
        if line:
            console.print(Text(f"  {line}", style="dim"))
    links = [*neighbour_pairs(chosen), None]
    for member, link in zip(chosen.group.members, links, strict=True):
        _print_member(report, chosen, member, console)
        if link is not None:
            in_series = chosen.group.kind is Kind.SERIES
            alike = describe_similarity(link.similarity_percent, doubtful=link.doubtful, in_series=in_series)
            # Translators: {alike} is how alike two photos are, such as: same shot; {gap} is the time between them
            words = t("{alike}, after {gap}", alike=alike, gap=format_gap(link.gap_s))
            console.print(Text(f"    │ {words}", style="dim"))


def _group_heading(report: Report, chosen: ReportGroup) -> Text:
    choice = chosen.choice
    heading = Text(format_group_time(report, chosen), style="bold cyan")
    heading.append(f"  {describe_kind(chosen)}", style="not bold default")
    if choice.reclaimable_bytes and not chosen.pending:
        # Translators: of a group of photos: how much space its suggestion frees
        frees = t("frees {size}", size=format_bytes(choice.reclaimable_bytes))
        heading.append(f", {frees}", style="not bold green")
    add_confidence(heading, chosen)
    return heading


def add_confidence(line: Text, chosen: ReportGroup) -> None:
    """Add to a line how certain the suggestion for a group is, unless it is sure."""
    confidence = chosen.choice.confidence
    if chosen.pending:
        line.append(" (" + t("still to be looked at") + ")", style="not bold yellow")
    elif confidence is not Certainty.HIGH:
        line.append(f" ({t(CONFIDENCE_LABELS[confidence])})", style="not bold yellow")


def _print_member(report: Report, chosen: ReportGroup, member: int, console: Console) -> None:
    shot = report.shots[member]
    kept = member in chosen.choice.keepers and chosen.group.kind is not Kind.SERIES and not chosen.pending
    rejected = chosen.decided.get(member) is Verdict.REJECT
    mark = Text("  ★ " if kept else "  ✕ " if rejected else "    ", style="bold green" if kept else "dim")
    line = Text(shown(shot.path), style="bold" if kept else "")
    if companions := describe_with_companions(shot):
        line.append(f"  {companions}", style="not bold dim")
    _print_hanging(console, mark, line, 6)
    if note := describe_shot(shot):
        _print_hanging(console, Text("    │ ", style="yellow"), Text(note, style="yellow"), 6)
    for reason in chosen.choice.reasons.get(member, ()) if kept else ():
        console.print(Text(f"    │ {translate_stored(reason)}", style="green"))


def _print_hanging(console: Console, mark: Text, line: Text, indent: int) -> None:
    """Print a mark and a line, and indent what of it goes on in further lines."""
    for number, part in enumerate(line.wrap(console, max(1, console.width - indent), overflow="fold")):
        part.rstrip()
        console.print(Text.assemble(mark if number == 0 else " " * indent, part), soft_wrap=True)


def _print_lost(lost: Sequence[Damaged], console: Console) -> None:
    """Print the damaged photos of which no sound one is at hand."""
    if not lost:
        return
    words = tn(
        "Damaged, and no sound copy is here: {count} photo",
        "Damaged, and no sound copy is here: {count} photos",
        len(lost),
    )
    console.print(Text(f"\n{words}", style="bold yellow"))
    for found in lost[:MAX_SKIPPED]:
        _print_hanging(console, Text("    "), Text(f"{shown(found.path)}: {translate_stored(found.damage)}"), 6)
    if len(lost) > MAX_SKIPPED:
        console.print(Text("    " + t("the JSON report lists each of them"), style="dim"))


def _print_skipped(report: Report, console: Console) -> None:
    if not report.skipped:
        return
    words = tn("Not readable: {count} file", "Not readable: {count} files", len(report.skipped))
    console.print(Text(f"\n{words}", style="bold yellow"))
    for reason, count in Counter(s.reason for s in report.skipped).most_common():
        console.print(Text(f"  {count:>5}  {t(Reason(reason).description)}"))
    if len(report.skipped) <= MAX_SKIPPED:
        for skipped in report.skipped:
            console.print(Text(f"         {shown(skipped.path)}", style="dim"), overflow="fold")
    else:
        console.print(Text("         " + t("the JSON report lists each file"), style="dim"))


def _print_exclusions(report: Report, console: Console) -> None:
    """Print what is left out on purpose, a line for each reason, with as many names as fit."""
    if not report.exclusions:
        return
    console.print(Text("\n" + t("Not looked at"), style="bold"))
    for part in report.exclusions:
        names = ", ".join(shown(path) for path in part.paths)
        line = Text.assemble(f"  {describe_exclusion(part)}", (f": {names}", "dim"))
        console.print(line, no_wrap=True, overflow="ellipsis")
