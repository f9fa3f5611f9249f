"""`dejashot apply` and `dejashot undo`: the owner's decisions put into practice, and taken back."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from dejashot.cli.options import ConfigOption, Plain, PlainOption, print_json, progress_bar, settings_of
from dejashot.config.locations import library_folder
from dejashot.errors import BatchError, ConfigError
from dejashot.files.nofollow import folder_of
from dejashot.models.capture import instant
from dejashot.paths import shown
from dejashot.reports.wording import format_bytes, plural

if TYPE_CHECKING:
    from dejashot.actions.executor import BatchOutcome, BatchProgress
    from dejashot.actions.plan import Item, Plan, RefusedFile

EXIT_LEFT_ALONE = 1
LEFT_BEHIND_SHOWN = 50


class ApplyMethod(StrEnum):
    """What is done about decisions."""

    QUARANTINE = "quarantine"
    TRASH = "trash"
    XMP = "xmp"
    ALBUM = "album"
    LIST = "list"


HowOption = Annotated[
    ApplyMethod,
    typer.Option(
        "--how",
        help="quarantine: move rejected shots to a folder of yours; trash: to the system's trash; xmp: write ratings into sidecars;"
        " album: hard links to what you keep; list: only print what would go.",
    ),
]
ToOption = Annotated[
    str,
    typer.Option("--to", metavar="FOLDER", help="The folder for quarantine or album, instead of the configured one."),
]


def apply(
    only_plan: Annotated[bool, typer.Option("--plan", help="Show what would be done, and do nothing.")] = False,
    how: HowOption = ApplyMethod.QUARANTINE,
    to: ToOption = "",
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Don't ask.")] = False,
    null: Annotated[
        bool, typer.Option("--null", "-0", help="With --how list: end each path with NUL, for xargs -0.")
    ] = False,
    form: PlainOption = Plain.TABLE,
    config: ConfigOption = None,
) -> None:
    """Put your decisions into practice: shows what would go where first, and can be undone."""
    from dejashot.actions import apply as applying  # noqa: PLC0415 - the same
    from dejashot.actions.batch import UNFINISHED  # noqa: PLC0415 - keeps the other commands quick to start
    from dejashot.actions.plan import Method, plan_body  # noqa: PLC0415 - the same

    if null and how is not ApplyMethod.LIST:
        raise ConfigError("--null goes with --how list", "Leave it out, or add --how list")
    settings = settings_of(config)
    library = library_folder(settings)
    finished, refused = False, 0
    stopped = any(b.state == UNFINISHED for b in applying.interrupted(library))
    if stopped and how is not ApplyMethod.LIST and not only_plan:
        _confirm_going_on(yes=yes)
        with _moving("Finishing what was stopped") as progress:
            outcomes = applying.finish_batch(library, progress)
        finished = bool(outcomes)
        for outcome in outcomes:
            _tell(outcome, f"The batch {outcome.batch} had been stopped; it is finished now")
            refused += len(outcome.refused)
    elif stopped:
        typer.echo(
            "A batch was stopped in the middle: `dejashot apply` finishes it first, `dejashot undo` takes it back",
            err=True,
        )
    plan = applying.plan_of(settings, library, Method(how.value), to)
    if how is ApplyMethod.LIST and form is Plain.TABLE:
        _list(plan, b"\0" if null else b"\n")
        raise typer.Exit(0 if plan.items else EXIT_LEFT_ALONE)
    if form is Plain.TABLE:
        _print_plan(plan, Console(soft_wrap=False), finished=finished)
    elif only_plan or not plan.items or plan.trouble or how is ApplyMethod.LIST:
        print_json(plan_body(plan))
    if not plan.items:
        done = finished and not refused and not plan.refused
        raise typer.Exit(0 if done or (only_plan and form is Plain.JSON) else EXIT_LEFT_ALONE)
    if plan.trouble and how is not ApplyMethod.LIST:
        raise BatchError(plan.trouble, "Name another folder with --to, or mend that")
    if only_plan or how is ApplyMethod.LIST:
        return
    _confirm(plan, yes=yes)
    with _moving("Working") as progress:
        outcome = applying.apply_plan(plan, library, progress)
    if form is Plain.JSON:
        print_json(outcome_body(outcome))
    else:
        _tell(outcome, _done_words(outcome))
    if outcome.refused or refused:
        raise typer.Exit(EXIT_LEFT_ALONE)


def undo(
    batch: Annotated[
        str, typer.Argument(metavar="[BATCH]", help="Which batch; the newest that is not undone when none is named.")
    ] = "",
    listed: Annotated[bool, typer.Option("--list", "-l", help="List what was done and what of it was undone.")] = False,
    form: PlainOption = Plain.TABLE,
    config: ConfigOption = None,
) -> None:
    """Take back what `dejashot apply` did, the last time or any other; nothing is written over."""
    from dejashot.actions import apply as applying  # noqa: PLC0415 - keeps the other commands quick to start

    library = library_folder(settings_of(config))
    if listed:
        _print_batches(library, form)
        return
    with _moving("Bringing back") as progress:
        outcome = applying.undo_batch(library, batch, progress)
    if form is Plain.JSON:
        print_json(outcome_body(outcome))
    else:
        _tell(outcome, f"Undone: {outcome.batch}, {_undone_words(outcome)}")
    if outcome.refused:
        raise typer.Exit(EXIT_LEFT_ALONE)


def outcome_body(outcome: "BatchOutcome") -> dict[str, Any]:
    """Return an outcome as values that JSON can hold."""
    return {
        "schema": "dejashot.applied/1",
        "batch": outcome.batch,
        "how": outcome.how.value,
        "to": outcome.to.decode("utf-8", "surrogateescape"),
        "photos": outcome.photos,
        "files": outcome.files,
        "bytes": outcome.size_bytes,
        "refused": [{"path": r.path.decode("utf-8", "surrogateescape"), "why": r.why} for r in outcome.refused],
    }


def _list(plan: "Plan", end: bytes) -> None:
    """Print paths as they are, byte for byte, and what is left alone to the person."""
    sys.stdout.flush()
    for item in plan.items:
        sys.stdout.buffer.write(item.source + end)
    sys.stdout.buffer.flush()
    for refused in plan.refused:
        typer.echo(f"left alone: {shown(refused.path)}: {refused.why}", err=True)
    for path in plan.left_behind:
        typer.echo(f"left behind: {shown(path)}", err=True)


def _print_plan(plan: "Plan", console: Console, *, finished: bool) -> None:
    """Print what would be done, folder by folder, fit for 80 columns."""
    from dejashot.actions.plan import WARNING  # noqa: PLC0415 - keeps the other commands quick to start

    folder = b""
    for item in plan.items:
        if folder_of(item.source) != folder:
            folder = folder_of(item.source)
            console.print(Text(shown(folder), style="bold"), soft_wrap=True)
        console.print(_line(plan, item), soft_wrap=True)
    if plan.items:
        console.print()
        console.print(Text(_asked(plan, "Would ") + ".", style="bold"))
    _print_refused(plan.refused, console)
    _print_left_behind(plan.left_behind, console)
    if not plan.items:
        console.print("Nothing else is to do." if plan.refused or finished else "There is nothing to do.")
    elif plan.how.moves:
        console.print()
        console.print(Text(WARNING, style="yellow"))
    if plan.notice:
        console.print()
        console.print(Text(f"{plan.notice}.", style="yellow"))


def _line(plan: "Plan", item: "Item") -> Text:
    name = shown(item.source.rpartition(b"/")[2])
    if plan.how.value == ApplyMethod.XMP:
        return Text(f"  {name}  rating {item.rating} in {shown(item.target.rpartition(b'/')[2])}")
    lead = "    + " if item.companion else "  "
    also = (
        f"  as {shown(item.target.rpartition(b'/')[2])}"
        if plan.how.value == ApplyMethod.ALBUM and not item.target.endswith(name.encode())
        else ""
    )
    return Text(f"{lead}{name}").append(f"  {format_bytes(item.stamp.size_bytes)}{also}", style="dim")


def _asked(plan: "Plan", lead: str) -> str:
    """Return what is about to be done, in one sentence without its end."""
    files = plural(len(plan.items), "file")
    along = len(plan.items) - plan.photos
    more = f", {plural(along, 'companion')} among them" if along else ""
    words = {
        ApplyMethod.QUARANTINE: f"move {files} ({format_bytes(plan.size_bytes)}{more}) to {shown(plan.to)}",
        ApplyMethod.TRASH: f"put {files} ({format_bytes(plan.size_bytes)}{more}) into the trash",
        ApplyMethod.XMP: f"write {plural(len(plan.items), 'rating')} into sidecars",
        ApplyMethod.ALBUM: f"link {plural(len(plan.items), 'photo')} into {shown(plan.to)}",
        ApplyMethod.LIST: f"list {files}",
    }[ApplyMethod(plan.how.value)]
    return f"{lead}{words}" if lead else words[0].upper() + words[1:]


def _print_refused(refused: "tuple[RefusedFile, ...]", console: Console) -> None:
    if not refused:
        return
    console.print()
    console.print(Text(f"Left alone: {plural(len(refused), 'file')}", style="bold"))
    for one in refused:
        console.print(Text(f"  {shown(one.path)}"), soft_wrap=True)
        console.print(Text(f"    {one.why}", style="dim"))


def _print_left_behind(paths: tuple[bytes, ...], console: Console) -> None:
    if not paths:
        return
    console.print()
    console.print(Text(f"Left behind: {plural(len(paths), 'file')} of these names", style="bold"))
    for path in paths[:LEFT_BEHIND_SHOWN]:
        console.print(Text(f"  {shown(path)}"), soft_wrap=True)
    if len(paths) > LEFT_BEHIND_SHOWN:
        console.print(Text(f"  … and {plural(len(paths) - LEFT_BEHIND_SHOWN, 'more file')}", style="dim"))


def _confirm(plan: "Plan", *, yes: bool) -> None:
    """Ask on a terminal; without one only --yes will do."""
    if yes:
        return
    if not sys.stdin.isatty():
        raise ConfigError("there is nobody to ask", "Look at `dejashot apply --plan`, then add --yes")
    if not typer.confirm(_asked(plan, "") + "?", default=False, err=True):
        raise typer.Exit(EXIT_LEFT_ALONE)


def _confirm_going_on(*, yes: bool) -> None:
    """Ask whether a batch that was stopped is to go on: it may have been stopped on purpose."""
    if yes:
        return
    if not sys.stdin.isatty():
        raise ConfigError(
            "a batch was stopped in the middle, and there is nobody to ask",
            "`dejashot apply --yes` finishes it, `dejashot undo` takes it back",
        )
    if not typer.confirm("A batch was stopped in the middle. Finish it first?", default=False, err=True):
        typer.echo("`dejashot undo` takes it back", err=True)
        raise typer.Exit(EXIT_LEFT_ALONE)


def _tell(outcome: "BatchOutcome", words: str) -> None:
    typer.echo(words, err=True)
    for one in outcome.refused:
        typer.echo(f"left alone: {shown(one.path)}: {one.why}", err=True)


def _done_words(outcome: "BatchOutcome") -> str:
    size = f" ({format_bytes(outcome.size_bytes)})" if outcome.size_bytes else ""
    return f"Done: {plural(outcome.files, 'file')}{size}. `dejashot undo {outcome.batch}` takes it back"


def _undone_words(outcome: "BatchOutcome") -> str:
    return f"{plural(outcome.files, 'file')} as before"


def _print_batches(library: Path, form: Plain) -> None:
    from dejashot.actions.apply import library_batches  # noqa: PLC0415 - keeps the other commands quick to start

    known = library_batches(library)
    if form is Plain.JSON:
        rows = [asdict(b) | {"how": b.how.value, "to": b.to.decode("utf-8", "surrogateescape")} for b in known]
        print_json({"schema": "dejashot.batches/1", "batches": rows})
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("Batch", "When", "Method", "Files", "Size", "State"):
        table.add_column(name, justify="right" if name in ("Files", "Size") else "left", no_wrap=name != "State")
    for b in known:
        when = f"{instant(b.made_us).astimezone():%d %b %Y %H:%M}"
        table.add_row(b.id, when, b.how.value, f"{b.files:,}", format_bytes(b.size_bytes), b.state)
    Console().print(table if known else "Nothing was applied so far.")


@contextmanager
def _moving(words: str) -> Iterator["BatchProgress"]:
    """Show how it goes, where someone watches."""
    with progress_bar(words) as bar:
        task = bar.add_task("", total=None)
        yield lambda done, of: bar.update(task, completed=done, total=of)
