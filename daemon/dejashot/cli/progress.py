"""Progress bars on standard error, shown only where someone watches."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, Task, TextColumn, TimeRemainingColumn
from rich.table import Column
from rich.text import Text

from dejashot.cli.messages import print_message
from dejashot.ingest.scan import ScanProgress

_LOOKING, _READING, _COMPARING = "Looking for photos", "Reading photos", "Comparing photos"
_MOST_SHOWN = 0.99  # of the bar, until it goes: more may still turn out to be needed


@contextmanager
def scan_progress() -> Iterator[ScanProgress]:
    """Show how a scan proceeds, and print its remarks."""
    with _bar(_ScanColumn(table_column=Column(no_wrap=True))) as bar:
        scan = _ScanBar(bar)
        yield ScanProgress(scan.start, lambda _: scan.note_read(), print_message, scan.ask, scan.note_answer)


def progress_bar() -> Progress:
    """Return a progress bar that says how much of a task is done."""
    return _bar(MofNCompleteColumn(), TimeRemainingColumn())


def _bar(*counts: ProgressColumn) -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        *counts,
        console=Console(stderr=True),
        transient=True,
        disable=not sys.stderr.isatty(),
    )


class _ScanBar:
    """The bar of a scan: the share of the files to read, and of the closer looks that these are likely to need."""

    def __init__(self, bar: Progress) -> None:
        self._bar = bar
        self._task = bar.add_task(_LOOKING, start=False, total=None, photos=0, read=0, elapsed_s=0.0)
        self._photos = self._read = self._asked = self._answered = 0
        self._shown = 0.0

    def start(self, photos: int) -> None:
        """Take in how many files are to be read."""
        self._photos = photos
        self._bar.start_task(self._task)
        self._update()

    def note_read(self) -> None:
        """Take in that one was read."""
        self._read += 1
        self._update()

    def ask(self, looks: int) -> None:
        """Take in how many closer looks more are to come, fewer where it is below 0."""
        self._asked += looks
        self._update()

    def note_answer(self) -> None:
        """Take in that one of them is done."""
        self._answered += 1
        self._update()

    def _update(self) -> None:
        """Show what is done: never less than before, although more closer looks may turn out to be needed."""
        likely = self._asked * max(1.0, self._photos / self._read) if self._read else self._asked
        whole = self._photos + likely
        if whole:
            self._shown = max(self._shown, min(_MOST_SHOWN, (self._read + self._answered) / whole))
        self._bar.update(
            self._task,
            description=_READING if self._read < self._photos else _COMPARING,
            total=1.0 if whole else None,
            completed=self._shown,
            photos=self._photos,
            read=self._read,
            elapsed_s=self._bar.tasks[0].elapsed or 0.0,
        )


class _ScanColumn(ProgressColumn):
    """How many photos were read, how many a second, and the time left at the mean speed so far.

    Photos are stored some at a time, so that a speed over a few seconds says little.
    """

    def render(self, task: Task) -> Text:
        """Return the text for a scan, empty before anything is known."""
        photos, read, elapsed_s = (task.fields[name] for name in ("photos", "read", "elapsed_s"))
        words = []
        if read < photos:
            speed = read / max(elapsed_s, 1e-3)
            words.append(f"{read} of {photos}" + (f", {speed:.{1 if speed < 10 else 0}f}/s" if read else ""))
        if task.completed:
            left_s = round(elapsed_s * (1 - task.completed) / task.completed)
            words.append(f"{left_s // 3600}:{left_s // 60 % 60:02}:{left_s % 60:02} left")
        return Text(" ".join(words))
