"""`dejashot doctor`: every finding on one line, its fix below it."""

import textwrap
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from itertools import chain
from typing import Any

import typer
from rich.console import Console
from rich.text import Text

from dejashot.cli.options import ConfigOption, OutputFormat, OutputFormatOption, settings_of
from dejashot.cli.output import print_json
from dejashot.config.settings import Settings
from dejashot.diagnostics.doctor import examine
from dejashot.diagnostics.finding import Finding, Severity, ok, wrong
from dejashot.errors import ConfigError
from dejashot.paths import default_config_file, shown

_MARKS = {Severity.OK: ("✓", "green"), Severity.ADVICE: ("→", "yellow"), Severity.WRONG: ("✗", "bold red")}


def doctor_command(output_format: OutputFormatOption = OutputFormat.TABLE, config: ConfigOption = None) -> None:
    """Check everything that an installation can get wrong and say the fix; exit status 1 when something is wrong."""
    file = config or default_config_file()
    try:
        settings = settings_of(config)
        first = ok("configuration", shown(file) if file.exists() else "none: the defaults are used")
    except ConfigError as error:
        settings, first = Settings(), wrong("configuration", error.title, error.hint)
    console = Console(highlight=False)
    findings: list[Finding] = []
    for finding in chain([first], examine(settings, datetime.now(UTC))):
        findings.append(finding)
        if output_format is OutputFormat.TABLE:
            _print(finding, console)
    counts = Counter(finding.severity for finding in findings)
    if output_format is OutputFormat.JSON:
        print_json(_body(findings, counts))
    else:
        console.print(_summary(counts[Severity.WRONG], counts[Severity.ADVICE]))
    if counts[Severity.WRONG]:
        raise typer.Exit(1)


def _body(findings: Sequence[Finding], counts: Mapping[Severity, int]) -> dict[str, Any]:
    return {
        "schema": "dejashot.doctor/1",
        "wrong": counts[Severity.WRONG],
        "advice": counts[Severity.ADVICE],
        "findings": [{"name": f.name, "mark": f.severity, "words": f.text, "fix": f.fix} for f in findings],
    }


def _print(finding: Finding, console: Console) -> None:
    mark, style = _MARKS[finding.severity]
    console.print(Text.assemble((mark, style), f" {finding.name}: {finding.text}"), soft_wrap=True)
    if finding.fix:
        for line in textwrap.wrap(
            finding.fix, max(40, console.width - 4), break_long_words=False, break_on_hyphens=False
        ):
            console.print(Text(f"    {line}"), soft_wrap=True)


def _summary(wrongs: int, advices: int) -> str:
    if not wrongs and not advices:
        return "All is well"
    return f"{wrongs or 'Nothing'} wrong" + (f", {advices} to consider" if advices else "")
