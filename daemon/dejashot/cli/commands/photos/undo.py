"""`dejashot undo`: batches taken back, and the list of them."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from dejashot.actions.apply import library_batches, undo_batch
from dejashot.cli.batch_output import batch_progress, format_undone, outcome_body, print_outcome
from dejashot.cli.options import ConfigOption, OutputFormat, OutputFormatOption, settings_of
from dejashot.cli.output import new_table, print_json
from dejashot.config.locations import library_folder
from dejashot.errors import EXIT_LEFT_ALONE
from dejashot.language.formats import format_bytes
from dejashot.models.capture import instant


def undo_command(
    batch: Annotated[
        str, typer.Argument(metavar="[BATCH]", help="Which batch; the newest that is not undone when none is named.")
    ] = "",
    listed: Annotated[bool, typer.Option("--list", "-l", help="List what was done and what of it was undone.")] = False,
    output_format: OutputFormatOption = OutputFormat.TABLE,
    config: ConfigOption = None,
) -> None:
    """Take back what `dejashot apply` did, the last time or any other; nothing is written over."""
    library = library_folder(settings_of(config))
    if listed:
        _print_batches(library, output_format)
        return
    with batch_progress("Bringing back") as progress:
        outcome = undo_batch(library, batch, progress)
    if output_format is OutputFormat.JSON:
        print_json(outcome_body(outcome))
    else:
        print_outcome(outcome, format_undone(outcome))
    if outcome.refused:
        raise typer.Exit(EXIT_LEFT_ALONE)


def _print_batches(library: Path, output_format: OutputFormat) -> None:
    batches = library_batches(library)
    if output_format is OutputFormat.JSON:
        rows = [asdict(b) | {"how": b.how.value, "to": b.to.decode("utf-8", "surrogateescape")} for b in batches]
        print_json({"schema": "dejashot.batches/1", "batches": rows})
        return
    table = new_table(left=("Batch", "When", "Method"), right=("Files", "Size"), last="State")
    for b in batches:
        when = f"{instant(b.made_us).astimezone():%d %b %Y %H:%M}"
        table.add_row(b.id, when, b.how.value, f"{b.files:,}", format_bytes(b.size_bytes), b.state)
    Console().print(table if batches else "Nothing was applied so far.")
