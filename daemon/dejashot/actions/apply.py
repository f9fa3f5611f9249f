"""What the command and the review page call: plan what decisions ask for, carry it out, finish it, take it back."""

import logging
import os
import secrets
from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from dejashot.actions import executor
from dejashot.actions.batch import Summary
from dejashot.actions.batches import all_batches, exclusive, interrupted
from dejashot.actions.destination import destination_problem
from dejashot.actions.executor import BatchOutcome, BatchProgress
from dejashot.actions.history import MovedBytes, is_set_aside, moved_files, prune
from dejashot.actions.plan import Plan
from dejashot.actions.planning.candidates import candidates_of
from dejashot.actions.planning.destination_choice import choose_destination
from dejashot.actions.planning.draft import PlanRequest
from dejashot.actions.planning.planner import make_plan
from dejashot.config.settings import Settings
from dejashot.errors import BatchError, LibraryError
from dejashot.language.texts import noted
from dejashot.library.daemon_status import running_daemon
from dejashot.library.file_state import sync_file_state
from dejashot.models.capture import microseconds, now_us
from dejashot.models.decisions import ApplyMethod
from dejashot.reports.context import open_context

__all__ = [
    "BatchOutcome",
    "Plan",
    "apply_plan",
    "finish_batch",
    "interrupted",
    "library_batches",
    "moved_so_far",
    "plan_of",
    "plan_without",
    "undo_batch",
]

_STILL_COMING = noted(
    "The daemon is still looking at what has come: what belongs to a shot may be missing here for a moment"
)
log = logging.getLogger(__name__)


def plan_of(settings: Settings, library: Path, how: ApplyMethod, to: str = "", now: datetime | None = None) -> Plan:
    """Return what would be done about the decisions in force; nothing is touched.

    `to` names the folder for quarantine or album, the settings' where it is empty. Raises ConfigError when there is no
    such folder or it is watched, LibraryError when the library can't be read, JournalError when the decisions can't.
    """
    made_at = (now or datetime.now()).astimezone()
    name = f"{made_at:%Y%m%d-%H%M%S}-{secrets.token_hex(2)}"
    # what was set aside before is not missed, though the library may not know of it yet
    moved = {i.source for b in all_batches(library) if b.plan.how.moves for i in b.acted if i.number not in b.back}
    with open_context(settings, library) as context:
        place = choose_destination(settings, how, to, [folder.path for folder in context.library.folders.all()])
        candidates = candidates_of(context, dict(context.journal.verdicts))
        plan = make_plan(PlanRequest(how, place, name, microseconds(made_at)), candidates)
    refused = tuple(r for r in plan.refused if r.path not in moved or os.path.lexists(r.path))
    return replace(plan, refused=refused, problem=destination_problem(plan), notice=_notice(library))


def plan_without(plan: Plan, left_out: Collection[int]) -> Plan:
    """Return a plan without some photos, by number; raise BatchError for a number that is no photo of it."""
    if not set(left_out) <= {item.number for item in plan.items if not item.companion}:
        raise BatchError(noted("something was left out that is not part of this plan"), noted("Have it shown again"))
    part = plan.without(frozenset(left_out))
    return replace(part, problem=destination_problem(part))


def apply_plan(plan: Plan, library: Path, progress: BatchProgress = executor.no_progress) -> BatchOutcome:
    """Carry a plan out, and remove batches that are long over; raise what `executor.execute` does."""
    outcome = executor.execute(plan, library, progress)
    _tidy(library, {outcome.batch})
    return outcome


def finish_batch(library: Path, progress: BatchProgress = executor.no_progress, name: str = "") -> list[BatchOutcome]:
    """Finish what was stopped in the middle, or the named batch alone; raise what `executor.resume` does."""
    outcomes = executor.resume(library, progress, name)
    _tidy(library, {outcome.batch for outcome in outcomes})
    return outcomes


def undo_batch(library: Path, name: str = "", progress: BatchProgress = executor.no_progress) -> BatchOutcome:
    """Take a batch back, and remove batches that are long over; raise what `executor.roll_back` does."""
    outcome = executor.roll_back(library, name, progress)
    _tidy(library, {outcome.batch})
    return outcome


def library_batches(library: Path) -> list[Summary]:
    """Return the batches so far in short, oldest first."""
    return [b.summary for b in all_batches(library)]


def moved_so_far(library: Path) -> MovedBytes:
    """Return the bytes that were set aside and freed so far, by month of capture and camera."""
    return moved_files(all_batches(library), is_set_aside())


def _notice(library: Path) -> str:
    """Return the notice that the daemon has not looked at everything yet, empty when it has."""
    daemon = running_daemon(library)
    return _STILL_COMING if daemon is not None and daemon.backlog else ""


def _tidy(library: Path, names: Collection[str]) -> None:
    """Update where the library knows the files of some batches, and remove batches that are long over.

    What was done stands even if this fails: that is only logged.
    """
    try:
        items = [i for b in all_batches(library) if b.summary.id in names and b.plan.how.moves for i in b.plan.items]
        sync_file_state(library, [i.source for i in items])
    except (LibraryError, OSError) as error:
        log.warning("the library is not told of it: %s", error)
    try:
        with exclusive(library):
            prune(library, now_us())
    except (BatchError, OSError) as error:
        log.warning("old batches can't be removed now: %s", error)
