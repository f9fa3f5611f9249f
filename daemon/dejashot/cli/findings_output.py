"""How `dejashot doctor` and `dejashot config check` show findings: each on a line, its fix below, a verdict at last."""

import textwrap
from collections import Counter
from collections.abc import Iterable
from typing import Any

from rich.console import Console
from rich.text import Text

from dejashot.cli.options import OutputFormat
from dejashot.cli.output import print_json
from dejashot.diagnostics.finding import Finding, Severity
from dejashot.reports.wording import plural

_MARKS = {Severity.OK: ("✓", "green"), Severity.ADVICE: ("→", "yellow"), Severity.WRONG: ("✗", "bold red")}


def show_findings(findings: Iterable[Finding], output_format: OutputFormat, schema: str) -> int:
    """Print findings as they come and a verdict, or all of them as JSON; return the exit status: 1 if one is wrong."""
    console = Console(highlight=False)
    seen: list[Finding] = []
    for finding in findings:
        seen.append(finding)
        if output_format is OutputFormat.TABLE:
            _print(finding, console)
    counts = Counter(finding.severity for finding in seen)
    wrong, advice = counts[Severity.WRONG], counts[Severity.ADVICE]
    if output_format is OutputFormat.JSON:
        rows = [_body(finding) for finding in seen]
        print_json({"schema": schema, "wrong": wrong, "advice": advice, "findings": rows})
    else:
        console.print(_verdict(wrong, advice))
    return 1 if wrong else 0


def _body(finding: Finding) -> dict[str, Any]:
    return {"name": finding.name, "mark": finding.severity, "words": finding.text, "fix": finding.fix}


def _print(finding: Finding, console: Console) -> None:
    mark, style = _MARKS[finding.severity]
    console.print(Text.assemble((mark, style), f" {finding.name}: {finding.text}"), soft_wrap=True)
    if finding.fix:
        for line in textwrap.wrap(
            finding.fix, max(40, console.width - 4), break_long_words=False, break_on_hyphens=False
        ):
            console.print(Text(f"    {line}"), soft_wrap=True)


def _verdict(wrong: int, advice: int) -> str:
    if not wrong:
        return f"{plural(advice, 'thing')} to know." if advice else "All is well."
    return f"{plural(wrong, 'thing')} to mend" + (f", {advice} to know." if advice else ".")
