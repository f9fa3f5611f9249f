"""`dejashot similar`: the photos most like one photo."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from dejashot.cli.options import ConfigOption, ModelOption, OutputFormat, OutputFormatOption, settings_of
from dejashot.cli.output import new_table, print_json
from dejashot.config.locations import library_folder
from dejashot.config.values import parse_duration
from dejashot.language.formats import format_gap
from dejashot.paths import shown
from dejashot.reports.search import SimilarPhoto, find_similar
from dejashot.reports.wording import (
    describe_similarity,
)


def similar_command(
    photo: Annotated[Path, typer.Argument(metavar="PHOTO", help="A photo, in the library or not.")],
    within: Annotated[
        str | None,
        typer.Option("--within", "-w", help="Only photos taken at most this long before or after it, for example 1h."),
    ] = None,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, max=1000, help="How many to list.")] = 10,
    model: ModelOption = None,
    output_format: OutputFormatOption = OutputFormat.TABLE,
    config: ConfigOption = None,
) -> None:
    """List the photos most like one photo."""
    settings = settings_of(config, model=model)
    within_s = None if within is None else parse_duration(within)
    taken, found = find_similar(settings, library_folder(settings), photo, within_s, limit, exact=model is not None)
    if output_format is OutputFormat.JSON:
        matches = [_match_body(match) for match in found]
        print_json({"schema": "dejashot.similar/1", "photo": shown(photo), "taken_at": taken.iso, "matches": matches})
    elif found:
        Console().print(_matches_table(found))
    else:
        Console().print("No other photo is known" + (" in that time." if within else "."))


def _match_body(match: SimilarPhoto) -> dict[str, Any]:
    return {
        "path": shown(match.path),
        "taken_at": match.shot.taken.iso,
        "gap_s": round(match.gap_s, 3),
        "cosine": round(match.cosine, 4),
        "similarity_percent": match.similarity_percent,
    }


def _matches_table(found: Sequence[SimilarPhoto]) -> Table:
    table = new_table(right=("Similarity", "Apart", "Taken"), last="Photo")
    for match in found:
        table.add_row(
            describe_similarity(match.similarity_percent),
            format_gap(abs(match.gap_s)),
            match.shot.taken.iso[:19].replace("T", " "),
            Text(shown(match.path)),
        )
    return table
