"""How `dejashot apply` and `dejashot undo` show the progress of a batch, and what became of it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from dejashot.actions.executor import BatchOutcome, BatchProgress
from dejashot.cli.messages import print_message
from dejashot.cli.progress import progress_bar
from dejashot.language.formats import format_bytes
from dejashot.paths import shown
from dejashot.reports.wording import (
    plural,
)


@contextmanager
def batch_progress(label: str) -> Iterator[BatchProgress]:
    """Show how many of the files of a batch are done."""
    with progress_bar() as bar:
        task = bar.add_task(label, total=None)
        yield lambda done, of: bar.update(task, completed=done, total=of)


def outcome_body(outcome: BatchOutcome) -> dict[str, Any]:
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


def print_outcome(outcome: BatchOutcome, summary: str) -> None:
    """Print a summary of a batch and the files that were left alone, on standard error."""
    print_message(summary)
    for file in outcome.refused:
        print_message(f"left alone: {shown(file.path)}: {file.why}")


def format_done(outcome: BatchOutcome) -> str:
    """Return the summary of a batch that was carried out."""
    size = f" ({format_bytes(outcome.size_bytes)})" if outcome.size_bytes else ""
    return f"Done: {plural(outcome.files, 'file')}{size}. `dejashot undo {outcome.batch}` takes it back"


def format_undone(outcome: BatchOutcome) -> str:
    """Return the summary of a batch that was undone."""
    return f"Undone: {outcome.batch}, {plural(outcome.files, 'file')} as before"
