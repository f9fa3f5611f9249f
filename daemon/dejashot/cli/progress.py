"""Progress bars on standard error, shown only where someone watches."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, Task, TextColumn, TimeRemainingColumn
from rich.text import Text

from dejashot.cli.messages import print_message
from dejashot.ingest.scan import ScanProgress


@contextmanager
def scan_progress() -> Iterator[ScanProgress]:
    """Show how a scan proceeds, and print its remarks."""
    with _bar("Reading photos", _PhotosColumn()) as bar:
        scan = _ScanBar(bar)
        yield ScanProgress(scan.start, lambda _: scan.note_read(), print_message, scan.ask, scan.note_answer)


def progress_bar(label: str) -> Progress:
    """Return a progress bar with a label."""
    return _bar(label, MofNCompleteColumn())


def _bar(label: str, count: ProgressColumn) -> Progress:
    return Progress(
        TextColumn(label),
        BarColumn(),
        count,
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
        disable=not sys.stderr.isatty(),
    )


class _ScanBar:
    """The bar of a scan: as long as the files to read and the closer looks that they turned out to need."""

    def __init__(self, bar: Progress) -> None:
        self._bar = bar
        self._task = bar.add_task("", total=None, photos=0, read=0)
        self._photos = self._read = self._asked = 0

    def start(self, photos: int) -> None:
        """Take in how many files are to be read."""
        self._photos = photos
        self._bar.update(self._task, total=photos + self._asked, photos=photos)

    def note_read(self) -> None:
        """Take in that one was read."""
        self._read += 1
        self._bar.update(self._task, advance=1, read=self._read)

    def ask(self, looks: int) -> None:
        """Take in how many closer looks are to come besides."""
        self._asked += looks
        self._bar.update(self._task, total=self._photos + self._asked)

    def note_answer(self) -> None:
        """Take in that one of them is done."""
        self._bar.update(self._task, advance=1)


class _PhotosColumn(ProgressColumn):
    """How many photos were read, and how many a second; once all were, that they are looked at closely."""

    def render(self, task: Task) -> Text:
        """Return the text for a scan."""
        photos, read = task.fields["photos"], task.fields["read"]
        if task.total is None:
            return Text("looking for photos")
        if read >= photos:
            return Text("looking closely")
        speed = f", {read / task.elapsed:.0f}/s" if read and task.elapsed else ""
        return Text(f"{read} of {photos}{speed}")
