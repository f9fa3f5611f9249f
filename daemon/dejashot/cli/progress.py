"""Progress bars on standard error, shown only where someone watches."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from dejashot.cli.messages import print_message
from dejashot.ingest.scan import ScanProgress


@contextmanager
def scan_progress() -> Iterator[ScanProgress]:
    """Show how a scan proceeds, and print its remarks."""
    with progress_bar("Reading photos") as bar:
        task = bar.add_task("", total=None)
        yield ScanProgress(lambda total: bar.update(task, total=total), lambda _: bar.advance(task), print_message)


def progress_bar(label: str) -> Progress:
    """Return a progress bar with a label."""
    return Progress(
        TextColumn(label),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
        disable=not sys.stderr.isatty(),
    )
