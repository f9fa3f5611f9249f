"""The photos of the demo drawn, and a digest made of them as the daemon makes it."""

import os
from contextlib import ExitStack, closing
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import tzlocal

from dejashot.config.locations import digest_folder, library_folder
from dejashot.config.settings import Settings
from dejashot.digests.page_address import PageAddresses
from dejashot.digests.runner import DigestRunner
from dejashot.errors import DejashotError, StorageError
from dejashot.files.child_process import ChildProcess, ChildReplyError
from dejashot.ingest.catch_up import bring_up_to_date
from dejashot.ingest.pipeline import Pipeline, open_pipeline, report_context
from dejashot.ingest.scan import ScanProgress
from dejashot.paths import shown
from dejashot.reading.options import all_readers
from dejashot.reports.closer_look.alongside import AlongsideLooks
from dejashot.reports.library_report import SCANNED_ONCE
from dejashot.reports.report import Health

DRAWING_TIMEOUT_S = 300.0
_MOST_CHILDREN = 2
_CHILD = "dejashot.demo.drawing_child"


class DemoError(DejashotError):
    """The photos of the demo can't be drawn."""


def draw_photos(folder: Path) -> int:
    """Draw the photos into a folder and return the number of files; raise DemoError or StorageError."""
    try:
        folder.mkdir(exist_ok=True)
        with ExitStack() as stack:
            parts = min(_MOST_CHILDREN, os.cpu_count() or 1)
            asked = [(os.fsencode(folder).hex(), part, parts) for part in range(parts)]
            children = [stack.enter_context(closing(ChildProcess(_CHILD, request))) for request in asked]
            return sum(len(child.reply(DRAWING_TIMEOUT_S)) for child in children)
    except OSError as error:
        raise StorageError(f"can't write to {shown(folder)}: {error.strerror}", "Check the free space") from error
    except ChildReplyError as error:
        raise DemoError(
            f"the photos can't be drawn: {error}", f"Check the free space where {shown(folder)} is, and the memory"
        ) from error


def make_digest(settings: Settings, photos: Path, page: str, progress: ScanProgress) -> Path:
    """Read the photos, make the digest of them and return its page.

    `page` is the address at which choosing will be possible, empty for none. Raises LibraryError or OSError.
    """
    now = datetime.now(UTC)
    told = partial(_tell_unsealed, progress)
    with open_pipeline(settings, library_folder(settings), all_readers(settings), on_unsealed=told) as pipeline:
        health = _read(pipeline, photos, progress)
        addresses = PageAddresses(for_files=lambda: page)
        runner = DigestRunner(pipeline, tzlocal.get_localzone(), digest_folder(settings), now, addresses)
        run = runner.make(now, pipeline.library.folders.all(), health)
        return Path(os.fsdecode(run.file))


def _tell_unsealed(progress: ScanProgress, sentence: str) -> None:
    progress.on_notice(f"{sentence}.")


def _read(pipeline: Pipeline, photos: Path, progress: ScanProgress) -> list[Health]:
    """Read the photos and look closely at them; return how the folder was followed."""
    context = report_context(pipeline, on_asked=progress.on_asked, on_answered=progress.on_answered)
    rows = bring_up_to_date(
        pipeline,
        [photos],
        progress.on_start,
        progress.on_outcome,
        lambda rows: AlongsideLooks(context, lambda: rows, previews=True),
    )
    counts = pipeline.library.files.counts([row.id for row, _ in rows])
    return [Health(shown(row.path), SCANNED_ONCE, problem, counts.get("present", 0)) for row, problem in rows]
