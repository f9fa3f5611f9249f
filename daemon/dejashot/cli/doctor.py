"""`dejashot doctor`: every finding on one line, its fix below it."""

import textwrap
from collections import Counter
from datetime import UTC, datetime

import typer
from rich.console import Console
from rich.text import Text

from dejashot.cli.options import ConfigOption, Plain, PlainOption, print_json, settings_of
from dejashot.config.settings import Settings
from dejashot.diagnostics.finding import Finding, Severity, ok, wrong
from dejashot.errors import ConfigError
from dejashot.paths import default_config_file, shown

_SIGNS = {Severity.OK: ("✓", "green"), Severity.ADVICE: ("→", "yellow"), Severity.WRONG: ("✗", "bold red")}


def doctor(form: PlainOption = Plain.TABLE, config: ConfigOption = None) -> None:
    """Check everything that an installation can get wrong and say the fix; exit status 1 when something is wrong."""
    from dejashot.diagnostics.doctor import examine  # noqa: PLC0415 - keeps the other commands quick to start

    file = config or default_config_file()
    try:
        settings = settings_of(config)
        first = ok("configuration", shown(file) if file.exists() else "none: the defaults are used")
    except ConfigError as error:
        settings, first = Settings(), wrong("configuration", error.title, error.hint)
    console = Console(highlight=False)
    findings: list[Finding] = []
    for finding in (first, *examine(settings, datetime.now(UTC))):
        findings.append(finding)
        if form is Plain.TABLE:
            _print(finding, console)
    counts = Counter(finding.mark for finding in findings)
    if form is Plain.JSON:
        found = [{"name": f.name, "mark": f.mark, "words": f.words, "fix": f.fix} for f in findings]
        print_json(
            {
                "schema": "dejashot.doctor/1",
                "wrong": counts[Severity.WRONG],
                "advice": counts[Severity.ADVICE],
                "findings": found,
            }
        )
    else:
        console.print(_summary(counts[Severity.WRONG], counts[Severity.ADVICE]))
    if counts[Severity.WRONG]:
        raise typer.Exit(1)


def _print(finding: Finding, console: Console) -> None:
    sign, style = _SIGNS[finding.mark]
    console.print(Text.assemble((sign, style), f" {finding.name}: {finding.words}"), soft_wrap=True)
    if finding.fix:
        for line in textwrap.wrap(
            finding.fix, max(40, console.width - 4), break_long_words=False, break_on_hyphens=False
        ):
            console.print(Text(f"    {line}"), soft_wrap=True)


def _summary(wrongs: int, advices: int) -> str:
    if not wrongs and not advices:
        return "All is well"
    return f"{wrongs or 'Nothing'} wrong" + (f", {advices} to consider" if advices else "")
