"""`dejashot forget`: a folder that the library is to know no more."""

import sys
from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer

from dejashot.cli.messages import print_message
from dejashot.cli.options import ConfigOption, settings_of
from dejashot.config.locations import library_folder
from dejashot.errors import EXIT_LEFT_ALONE, ConfigError
from dejashot.ingest.forget import check_free, find_folder, forget_folder
from dejashot.library.library import Library
from dejashot.paths import shown
from dejashot.reports.wording import plural


def forget_command(
    folder: Annotated[
        Path,
        typer.Argument(metavar="FOLDER", help="A folder that was scanned or watched; it need not be there any more."),
    ],
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Don't ask.")] = False,
    config: ConfigOption = None,
) -> None:
    """Make the library forget a folder. Your photos and decisions stay."""
    settings = settings_of(config)
    library = library_folder(settings)
    with closing(Library.open_read_only(library)) as opened:
        found = find_folder(settings, opened, folder)
        files = sum(opened.files.counts([found.id]).values())
    check_free(library)
    _confirm(found.path, files, yes=yes)
    gone = forget_folder(settings, library, found.path)
    typer.echo(f"Forgotten: {shown(found.path)}, {plural(gone.files, 'file')}")
    if gone.photos:
        typer.echo(f"{plural(gone.photos, 'photo')} in no other folder: measurements, index and previews are removed")
    typer.echo("Left as they are: the files themselves, your decisions, and the digests and backups made so far")


def _confirm(folder: Path, files: int, *, yes: bool) -> None:
    """Ask on a terminal; without one only --yes will do."""
    if yes:
        return
    if not sys.stdin.isatty():
        raise ConfigError("there is nobody to ask", "Add --yes")
    print_message("The files stay where they are, and so do your decisions. Scanning the folder again reads all of it.")
    if not typer.confirm(f"Forget {shown(folder)} with {plural(files, 'file')}?", default=False, err=True):
        raise typer.Exit(EXIT_LEFT_ALONE)
