"""The command line: one thin function per command."""

import io
import os
import sys
import webbrowser
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import tomli_w
import typer
import tzlocal
from rich.console import Console
from rich.table import Table
from rich.text import Text
from typer.core import TyperGroup

from dejashot import __version__, paths
from dejashot.cli import apply as apply_commands
from dejashot.cli import clocks as clocks_command
from dejashot.cli import doctor as doctor_command
from dejashot.cli import notify as notify_commands
from dejashot.cli import review as review_command
from dejashot.cli import service as service_commands
from dejashot.cli.options import ConfigOption, Plain, PlainOption, print_json, progress_bar
from dejashot.cli.status import print_status
from dejashot.config.locations import library_folder, top_folders
from dejashot.config.settings import Settings, load_settings
from dejashot.config.values import parse_duration, parse_strictness
from dejashot.diagnostics import status as status_of
from dejashot.digests.schedule import Schedule
from dejashot.errors import (
    EXIT_CONFIG,
    EXIT_NOT_SENT,
    EXIT_NOTHING_READ,
    EXIT_USAGE,
    ConfigError,
    DejashotError,
    FolderError,
    ModelError,
)
from dejashot.files.names import NameKind, NameRules
from dejashot.logs import start_logging
from dejashot.paths import shown
from dejashot.reading.sandbox.private_memory import keep_memory_private
from dejashot.reports.json_format import as_json
from dejashot.reports.report import Report, human_gap
from dejashot.reports.text_format import as_text, print_report

if TYPE_CHECKING:
    from dejashot.ingest.scan import ScanProgress as Listener


class _Commands(TyperGroup):
    """Run a command; what is said of a value that is none of those possible begins with the value."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command that was named; raise what it raises."""
        try:
            return super().invoke(ctx)
        except typer.BadParameter as error:
            error.message = error.message.removeprefix(
                "Value error, "
            )  # what pydantic, which typer asks, puts before it
            raise


app = typer.Typer(
    cls=_Commands,
    name="dejashot",
    help="Notice when a new photo is the same shot as its neighbours in time, and say which one to keep. Nothing is ever deleted.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
config_app = typer.Typer(help="Create, show and check the configuration.", no_args_is_help=True)
app.add_typer(config_app, name="config")
app.add_typer(service_commands.app, name="service")
app.add_typer(notify_commands.app, name="notify")
app.command("doctor")(doctor_command.doctor)
app.command("clocks")(clocks_command.clocks)
app.command("review")(review_command.review)
app.command("apply")(apply_commands.apply)
app.command("undo")(apply_commands.undo)
deliver_app = typer.Typer(help="Send digests to where the configuration says.", no_args_is_help=True)
app.add_typer(deliver_app, name="deliver")


class Format(StrEnum):
    """The forms of a report."""

    TABLE = "table"
    JSON = "json"
    HTML = "html"


VerboseOption = Annotated[bool, typer.Option("--verbose", "-v", help="Log more, photo paths included.")]
IntervalOption = Annotated[
    str | None,
    typer.Option("--interval", "-i", help="Shots at most this far apart are compared, for example 60s or 5min."),
]
StrictnessOption = Annotated[
    str | None,
    typer.Option(
        "--strictness", "-s", help="strict, normal, loose, or the least probability of the same shot, for example 0.8."
    ),
]
ModelOption = Annotated[
    Path | None, typer.Option("--model", "-m", metavar="FILE.onnx", help="Another network, with its .json beside it.")
]
TruthOption = Annotated[
    Path, typer.Option("--truth", "-t", help="Your labels: CSV with a,b,same or file,group, or JSON with pairs.")
]
FoldersArgument = Annotated[
    list[Path], typer.Argument(metavar="FOLDER...", help="Folders with photos; folders below them are included.")
]
FormatOption = Annotated[
    Format, typer.Option("--format", "-f", help="A table for people, JSON for programs, or a page with pictures.")
]
OutputOption = Annotated[Path | None, typer.Option("--output", "-o", help="Write the report to this file.")]
PlaceOption = Annotated[
    bool, typer.Option("--place", help="Include places: positions in JSON, and names where places.name is set.")
]
OpenOption = Annotated[bool, typer.Option("--open", help="Show the page in the browser.")]


@app.callback(invoke_without_command=True)
def _version(version: Annotated[bool, typer.Option("--version", help="Show the version and exit.")] = False) -> None:
    if version:
        typer.echo(f"dejashot {__version__}")
        raise typer.Exit


@app.command()
def scan(
    folders: FoldersArgument,
    interval: IntervalOption = None,
    strictness: StrictnessOption = None,
    model: ModelOption = None,
    form: FormatOption = Format.TABLE,
    output: OutputOption = None,
    show: OpenOption = False,
    place: PlaceOption = False,
    config: ConfigOption = None,
) -> None:
    """Read what is new in some folders and report on them."""
    from dejashot.ingest.scan import scan as scanning  # noqa: PLC0415 - keeps the other commands quick to start

    settings = _settings(config, interval, strictness, model)
    form = _shown_form(form, show=show)
    with _reading() as progress:
        found = scanning(
            settings,
            top_folders(folders),
            library_folder(settings),
            progress,
            previews=form is Format.HTML,
            include_place=place,
        )
    _deliver(found, form, output, library_folder(settings), show=show)
    if not found.shots:
        _say("No photo could be read." if found.skipped else "There is no photo in there.")
        raise typer.Exit(EXIT_NOTHING_READ)


@app.command()
def run(
    folders: Annotated[
        list[Path] | None,
        typer.Argument(metavar="[FOLDER...]", help="Folders to watch; those of the configuration when none is named."),
    ] = None,
    interval: IntervalOption = None,
    model: ModelOption = None,
    config: ConfigOption = None,
    verbose: VerboseOption = False,
) -> None:
    """Watch folders in the foreground: ingest what lands, digest on schedule, until stopped."""
    from dejashot.daemon.supervisor import run_daemon  # noqa: PLC0415 - keeps the other commands quick to start

    problems = start_logging(verbose=verbose)
    try:
        settings = _settings(config, interval, model=model)
        named = folders or [Path(f) for f in settings.folders]
        run_daemon(settings, top_folders(named), library_folder(settings), problems, patient=not folders)
    except (ConfigError, FolderError, ModelError) as error:
        error.exit_status = EXIT_CONFIG  # what trying again can't mend
        raise


@app.command()
def report(
    since: Annotated[
        str | None, typer.Option("--since", help="Only photos taken since: 7d, 12h, or a date such as 2026-05-01.")
    ] = None,
    interval: IntervalOption = None,
    strictness: StrictnessOption = None,
    model: ModelOption = None,
    form: FormatOption = Format.TABLE,
    output: OutputOption = None,
    show: OpenOption = False,
    place: PlaceOption = False,
    config: ConfigOption = None,
) -> None:
    """Report on everything known, without looking for new photos."""
    from dejashot.reports.search import library_report as make  # noqa: PLC0415 - keeps the other commands quick to start

    settings = _settings(config, interval, strictness, model)
    form = _shown_form(form, show=show)
    moment = None if since is None else _moment(since)
    found = make(
        settings,
        library_folder(settings),
        moment,
        previews=form is Format.HTML,
        include_place=place,
        exact=model is not None,
    )
    _deliver(found, form, output, library_folder(settings), show=show)
    if not found.shots:
        _say("There is no photo to report on.")
        raise typer.Exit(EXIT_NOTHING_READ)


@app.command()
def similar(
    photo: Annotated[Path, typer.Argument(help="A photo, in the library or not.")],
    within: Annotated[
        str | None,
        typer.Option("--within", "-w", help="Only photos taken at most this long before or after it, for example 1h."),
    ] = None,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, max=1000, help="How many to list.")] = 10,
    model: ModelOption = None,
    form: PlainOption = Plain.TABLE,
    config: ConfigOption = None,
) -> None:
    """List the photos most like one photo."""
    from dejashot.reports.search import find_similar as find  # noqa: PLC0415 - keeps the other commands quick to start

    settings = _settings(config, model=model)
    within_s = None if within is None else parse_duration(within)
    taken, found = find(settings, library_folder(settings), photo, within_s, limit, exact=model is not None)
    if form is Plain.JSON:
        matches = [
            {
                "path": shown(m.path),
                "taken_at": m.shot.taken.iso,
                "gap_s": round(m.gap_s, 3),
                "cosine": round(m.cosine, 4),
                "similarity_percent": m.similarity_percent,
            }
            for m in found
        ]
        print_json({"schema": "dejashot.similar/1", "photo": shown(photo), "taken_at": taken.iso, "matches": matches})
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("Similarity", "Apart", "Taken"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("Photo", overflow="fold")
    for match in found:
        table.add_row(
            f"{match.similarity_percent:.0f} %",
            _apart(match.gap_s),
            match.shot.taken.iso[:19].replace("T", " "),
            Text(shown(match.path)),
        )
    Console().print(table if found else "No other photo is known" + (" in that time." if within else "."))


@app.command()
def status(
    form: PlainOption = Plain.TABLE,
    config: ConfigOption = None,
) -> None:
    """Say what is known, what waits, and when digests were and will be made."""
    settings = _settings(config)
    foreseen = status_of.upcoming(Schedule(settings.digest.schedule, tzlocal.get_localzone()), datetime.now(UTC))
    body = status_of.library_status(library_folder(settings), foreseen, settings.review)
    if form is Plain.JSON:
        print_json(body)
    else:
        print_status(body, Console())


@app.command("eval")
def evaluate(
    folders: FoldersArgument,
    truth: TruthOption,
    interval: IntervalOption = None,
    strictness: StrictnessOption = None,
    model: ModelOption = None,
    form: PlainOption = Plain.TABLE,
    config: ConfigOption = None,
) -> None:
    """Measure the decision on photos that you have labelled."""
    from dejashot.evaluation.evaluate import evaluate_folders as measure  # noqa: PLC0415 - the same
    from dejashot.evaluation.output import evaluation_body, print_evaluation  # noqa: PLC0415 - keeps the other commands quick to start

    settings = _settings(config, interval, strictness, model)
    with _reading() as progress:
        found = measure(settings, top_folders(folders), truth, library_folder(settings), progress)
    if form is Plain.JSON:
        print_json(evaluation_body(found))
    else:
        print_evaluation(found, Console())
    if not found.judged:
        _say("None of the labelled pairs was compared.")
        raise typer.Exit(EXIT_NOTHING_READ)


@app.command()
def tune(
    folders: FoldersArgument,
    truth: TruthOption,
    specificity: Annotated[
        float, typer.Option("--specificity", min=0.5, max=0.9999, help="The share of different pairs to be told apart.")
    ] = 0.99,
    interval: IntervalOption = None,
    beyond: Annotated[
        bool, typer.Option("--beyond", help="Allow a point outside the range from strict to loose.")
    ] = False,
    write: Annotated[
        bool, typer.Option("--write", help="Set it in the configuration file; all else there stays as it is.")
    ] = False,
    config: ConfigOption = None,
) -> None:
    """Fit the operating point to your own decisions, and say what it would change."""
    from dejashot.evaluation import evaluate as tuning  # noqa: PLC0415 - the same
    from dejashot.evaluation.output import print_tuning  # noqa: PLC0415 - keeps the other commands quick to start

    settings = _settings(config, interval)
    with _reading() as progress:
        decided = tuning.decisions(settings, top_folders(folders), truth, library_folder(settings), progress)
    found = tuning.tune_strictness(
        settings, tuning.judged(decided), specificity, beyond=beyond, not_compared=len(decided.not_compared)
    )
    print_tuning(found, Console())
    if write and found.changes:
        file = tuning.write_strictness(config or paths.default_config_file(), found.after)
        _say(f"Written to {shown(file)}; a running daemon takes it on when it is restarted")


@config_app.command("init")
def config_init(
    force: Annotated[bool, typer.Option("--force", help="Replace a configuration that is there.")] = False,
    config: ConfigOption = None,
) -> None:
    """Create a configuration file with every key, its default and why."""
    file = config or paths.default_config_file()
    if file.suffix != ".toml":
        raise ConfigError(f"{shown(file)} is not a .toml file", "Name one that ends in .toml")
    if file.exists() and not force:
        raise ConfigError(f"{shown(file)} is there already", "Edit it, or replace it with --force")
    try:
        paths.make_folder(file.parent)
        paths.write_atomically(file, paths.example_config().read_bytes())
    except OSError as error:
        raise ConfigError(f"can't write {shown(file)}: {error.strerror}", "Check the permissions") from error
    typer.echo(shown(file))


@config_app.command("show")
def config_show(config: ConfigOption = None) -> None:
    """Print the settings in force, defaults included."""
    typer.echo(tomli_w.dumps(_settings(config).model_dump(mode="json")), nl=False)


@config_app.command("path")
def config_path(config: ConfigOption = None) -> None:
    """Print where the configuration is looked for."""
    typer.echo(shown(config or paths.default_config_file()))


@config_app.command("check")
def config_check(config: ConfigOption = None) -> None:
    """Check the configuration, its folders, its network and its schedule."""
    from dejashot.diagnostics.config_check import check_settings  # noqa: PLC0415 - keeps the other commands quick to start

    settings = _settings(config)
    for line in check_settings(settings, datetime.now(UTC)):
        typer.echo(line)


@deliver_app.command("test")
def deliver_test(config: ConfigOption = None) -> None:
    """Send a test message to every address, and say what became of it."""
    from dejashot.digests.delivery_queue import send_test  # noqa: PLC0415 - keeps the other commands quick to start

    answers = send_test(_settings(config).deliver)
    for address, answer in answers:
        typer.echo(f"{address}  {'sent' if answer.sent else f'not sent: {answer.why}'}")
    if not all(answer.sent for _, answer in answers):
        raise typer.Exit(EXIT_NOT_SENT)


def _settings(
    config: Path | None, interval: str | None = None, strictness: str | None = None, model: Path | None = None
) -> Settings:
    """Load the settings, with what the command line says over what the file says."""
    settings = load_settings(config or paths.default_config_file(), required=config is not None)
    if interval is not None:
        settings = settings.with_interval(parse_duration(interval))
    if strictness is not None:
        settings = settings.with_strictness(parse_strictness(strictness))
    return settings if model is None else settings.with_model(model)


@contextmanager
def _reading() -> Iterator["Listener"]:
    """Show how a scan goes, where someone watches."""
    from dejashot.ingest.scan import ScanProgress as Listener  # noqa: PLC0415 - keeps the other commands quick to start

    with progress_bar("Reading photos") as bar:
        task = bar.add_task("", total=None)
        yield Listener(lambda total: bar.update(task, total=total), lambda _: bar.advance(task), _say)


def _moment(text: str) -> datetime:
    """Return the moment meant by a length of time ago, or by a date; raise ConfigError."""
    try:
        try:
            return datetime.fromisoformat(text).astimezone()
        except ValueError:
            return datetime.now().astimezone() - timedelta(seconds=parse_duration(text))
    except ConfigError as error:
        raise ConfigError(
            f"{text!r} is neither a date nor a length of time", "Write for example 7d, or a date such as 2026-05-01"
        ) from error
    except (OverflowError, OSError) as error:
        raise ConfigError(f"{text!r} is too far back", "Write for example 7d, or a date such as 2026-05-01") from error


def _shown_form(form: Format, *, show: bool) -> Format:
    """Return the form of a report: --open means the page."""
    if show and form is Format.JSON:
        raise ConfigError("--open shows the page, not JSON", "Leave out one of the two")
    return Format.HTML if show else form


def _page(found: Report) -> bytes:
    """Return the report as HTML."""
    from dejashot.reports.html_format import as_html  # noqa: PLC0415 - templates are loaded when a page is asked for

    return as_html(found)


def _deliver(found: Report, form: Format, output: Path | None, library: Path, *, show: bool) -> None:
    """Bring a report to where it was asked for: a file, the browser, or standard output."""
    target = output
    if target is None and form is Format.HTML and (show or sys.stdout.isatty()):
        target = paths.make_private(library / "reports") / f"{found.made_at:%Y-%m-%d_%H%M%S}.html"
    if target is None:
        if form is Format.TABLE:
            print_report(found, Console())
        elif form is Format.JSON:
            sys.stdout.write(as_json(found))
        else:
            sys.stdout.buffer.write(_page(found))
        return
    if NameRules().judge(os.fsencode(target.name)) in (NameKind.PHOTO, NameKind.UNSUPPORTED):
        raise ConfigError(
            f"{shown(target)} has the name of a picture", "A report never takes the place of one: name another file"
        )
    data = {
        Format.TABLE: lambda: as_text(found).encode("utf-8", "backslashreplace"),
        Format.JSON: lambda: as_json(found).encode(),
        Format.HTML: lambda: _page(found),
    }[form]()
    try:
        if target.exists() and not target.is_file():
            target.write_bytes(data)  # a device or a pipe: nothing there to replace
        else:
            paths.write_atomically(target, data)
    except OSError as error:
        raise ConfigError(
            f"can't write {shown(target)}: {error.strerror}", "Name a file in a folder that exists, with --output"
        ) from error
    _say(f"Written to {shown(target)}")
    if show:
        webbrowser.open(target.absolute().as_uri())


def _apart(gap_s: float) -> str:
    days = abs(gap_s) / 86400
    return human_gap(abs(gap_s)) if days < 1 / 24 else f"{days * 24:.0f} h" if days < 2 else f"{days:,.0f} days"


def _say(words: str) -> None:
    """Say something to the person without touching standard output."""
    typer.echo(words, err=True)


def main() -> None:
    """Run the command line; an error of ours is two lines on stderr and exit status 2 (78 from `run`, for systemd)."""
    keep_memory_private()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        app()
    except DejashotError as error:
        _say(f"dejashot: {error.title}" + (f"\n          {error.hint}" if error.hint else ""))
        sys.exit(error.exit_status)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(0)
    except OSError as error:
        _say(f"dejashot: {error.strerror or error}")
        sys.exit(EXIT_USAGE)
