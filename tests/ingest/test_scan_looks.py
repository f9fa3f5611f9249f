"""A scan looks closely at all that it reports on; what waits elsewhere goes on waiting, and what was read is kept."""

import shutil
from pathlib import Path

import pytest

from dejashot.config.settings import Settings
from dejashot.ingest.catch_up import bring_up_to_date
from dejashot.ingest.pipeline import open_pipeline
from dejashot.ingest.scan import ScanProgress, scan
from dejashot.ingest.tasks import IngestOutcome
from dejashot.reports.context import open_context
from dejashot.reports.library_report import known_report

SILENT = ScanProgress(lambda _: None, lambda _: None, lambda _: None)


def pending(library: Path) -> list[bool]:
    """Return of each group that the page shows whether a closer look is still to come."""
    with open_context(Settings(), library) as context:
        return [g.pending for g in known_report(context).groups]


@pytest.mark.parametrize("elsewhere", [False, True])
def test_nothing_is_pending_after_a_scan_but_what_waits_elsewhere(
    library: Path, busy_minute: Path, tmp_path: Path, *, elsewhere: bool
) -> None:
    if elsewhere:
        other = Path(shutil.copytree(busy_minute, tmp_path / "other"))
        for photo in other.iterdir():
            photo.write_bytes(photo.read_bytes() + b"other bytes")
        with open_pipeline(Settings(), library, workers=1) as pipeline:
            bring_up_to_date(pipeline, [other], lambda _: None, lambda _: None)
        assert pending(library) == [True]
    scan(Settings(), [busy_minute], library, SILENT)
    assert any(pending(library)) is elsewhere


def test_who_stops_a_scan_is_told_what_is_kept(library: Path, busy_minute: Path) -> None:
    notices: list[str] = []

    def stop(_: IngestOutcome) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        scan(Settings(), [busy_minute], library, ScanProgress(lambda _: None, stop, notices.append))
    assert notices == ["Stopped. What was read so far is kept: the next scan goes on from there."]
    left: list[int] = []
    scan(Settings(), [busy_minute], library, ScanProgress(left.append, lambda _: None, notices.append))
    assert left == [0]
