"""`dejashot apply`: the owner's decisions put into practice."""

import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from dejashot.actions.apply import apply_plan, finish_batch, interrupted, plan_of
from dejashot.actions.batch import UNFINISHED
from dejashot.actions.executor import BatchOutcome
from dejashot.actions.methods.wording import describe_task
from dejashot.actions.plan import Plan
from dejashot.actions.plan_json import plan_body
from dejashot.cli.batch_output import batch_progress, format_done, outcome_body, print_outcome
from dejashot.cli.messages import print_message
from dejashot.cli.options import ConfigOption, PlanFormat, settings_of
from dejashot.cli.output import print_json
from dejashot.cli.path_lists import PathLine, ended_lines, exiftool_line, rsync_lines, source_folder
from dejashot.cli.plan_output import print_paths, print_plan
from dejashot.config.locations import library_folder
from dejashot.errors import EXIT_LEFT_ALONE, BatchError, ConfigError
from dejashot.models.decisions import ApplyMethod

HowOption = Annotated[
    ApplyMethod,
    typer.Option(
        "--how",
        help="quarantine: move rejected shots to a folder of yours; trash: to the system's trash;"
        " xmp: write ratings into sidecars; album: hard links to what you keep; list: only print what would go.",
    ),
]
ToOption = Annotated[
    str,
    typer.Option("--to", metavar="FOLDER", help="The folder for quarantine or album, instead of the configured one."),
]
PlanFormatOption = Annotated[
    PlanFormat,
    typer.Option(
        "--format",
        "-f",
        help="A table for people, JSON for programs; with --how list also for `rsync --from0 --files-from=-`"
        " and for `exiftool -@ -`.",
    ),
]
RelativeToOption = Annotated[
    str,
    typer.Option(
        "--relative-to", metavar="FOLDER", help="With --format rsync: rsync's source folder; / if none is named."
    ),
]
_LISTS = (PlanFormat.RSYNC, PlanFormat.EXIFTOOL)


def apply_command(
    only_plan: Annotated[bool, typer.Option("--plan", help="Show what would be done, and do nothing.")] = False,
    how: HowOption = ApplyMethod.QUARANTINE,
    to: ToOption = "",
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Don't ask.")] = False,
    null: Annotated[
        bool, typer.Option("--null", "-0", help="With --how list: end each path with NUL, for xargs -0.")
    ] = False,
    output_format: PlanFormatOption = PlanFormat.TABLE,
    relative_to: RelativeToOption = "",
    config: ConfigOption = None,
) -> None:
    """Put your decisions into practice: shows what would go where first, and can be undone."""
    line_of = _line_of(how, output_format, relative_to, null=null)
    settings = settings_of(config)
    library = library_folder(settings)
    acts = not only_plan and how is not ApplyMethod.LIST
    finished = _finish_interrupted(library, acts=acts, yes=yes)
    complete = not any(outcome.refused for outcome in finished)
    plan = plan_of(settings, library, how, to)
    if how is ApplyMethod.LIST and output_format is not PlanFormat.JSON:
        raise typer.Exit(0 if print_paths(plan, line_of) else EXIT_LEFT_ALONE)
    if output_format is PlanFormat.TABLE:
        print_plan(plan, Console(soft_wrap=False), finished=bool(finished))
    elif not (acts and plan.items and not plan.problem):  # a plan that is carried out is followed by its outcome
        print_json(plan_body(plan))
    if not plan.items:
        done = finished and complete and not plan.refused
        raise typer.Exit(0 if done or (only_plan and output_format is PlanFormat.JSON) else EXIT_LEFT_ALONE)
    if plan.problem and how is not ApplyMethod.LIST:
        raise BatchError(plan.problem, "Name another folder with --to, or mend that")
    if acts:
        outcome = _apply(plan, library, output_format, yes=yes)
        if outcome.refused or not complete:
            raise typer.Exit(EXIT_LEFT_ALONE)


def _line_of(how: ApplyMethod, output_format: PlanFormat, relative_to: str, *, null: bool) -> PathLine:
    """Return the lines of a list of paths; raise ConfigError for options that do not go together."""
    named = f"--format {output_format}" if output_format in _LISTS else "--null" if null else ""
    if named and how is not ApplyMethod.LIST:
        raise ConfigError(f"{named} goes with --how list", "Leave it out, or add --how list")
    if relative_to and output_format is not PlanFormat.RSYNC:
        raise ConfigError("--relative-to goes with --format rsync", "Leave it out, or add --how list --format rsync")
    if output_format is PlanFormat.EXIFTOOL:
        return exiftool_line
    if output_format is PlanFormat.RSYNC:
        return rsync_lines(source_folder(relative_to or "/"))
    return ended_lines(b"\0" if null else b"\n")


def _finish_interrupted(library: Path, *, acts: bool, yes: bool) -> list[BatchOutcome]:
    """Finish the batches that were stopped in the middle and return their outcomes; only mention them unless `acts`."""
    if not any(batch.state == UNFINISHED for batch in interrupted(library)):
        return []
    if not acts:
        print_message(
            "A batch was stopped in the middle: `dejashot apply` finishes it first, `dejashot undo` takes it back"
        )
        return []
    _confirm_finishing(yes=yes)
    with batch_progress("Finishing what was stopped") as progress:
        outcomes = finish_batch(library, progress)
    for outcome in outcomes:
        print_outcome(outcome, f"The batch {outcome.batch} had been stopped; it is finished now")
    return outcomes


def _apply(plan: Plan, library: Path, output_format: PlanFormat, *, yes: bool) -> BatchOutcome:
    """Ask, carry the plan out, and print and return the outcome."""
    _confirm(plan, yes=yes)
    with batch_progress("Working") as progress:
        outcome = apply_plan(plan, library, progress)
    if output_format is PlanFormat.JSON:
        print_json(outcome_body(outcome))
    else:
        print_outcome(outcome, format_done(outcome))
    return outcome


def _confirm(plan: Plan, *, yes: bool) -> None:
    """Ask on a terminal; without one only --yes will do."""
    if yes:
        return
    if not sys.stdin.isatty():
        raise ConfigError("there is nobody to ask", "Look at `dejashot apply --plan`, then add --yes")
    task = describe_task(plan)
    if not typer.confirm(f"{task[0].upper()}{task[1:]}?", default=False, err=True):
        raise typer.Exit(EXIT_LEFT_ALONE)


def _confirm_finishing(*, yes: bool) -> None:
    """Ask whether a batch that was stopped is to be finished: it may have been stopped on purpose."""
    if yes:
        return
    if not sys.stdin.isatty():
        raise ConfigError(
            "a batch was stopped in the middle, and there is nobody to ask",
            "`dejashot apply --yes` finishes it, `dejashot undo` takes it back",
        )
    if not typer.confirm("A batch was stopped in the middle. Finish it first?", default=False, err=True):
        print_message("`dejashot undo` takes it back")
        raise typer.Exit(EXIT_LEFT_ALONE)
