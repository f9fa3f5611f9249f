"""The daily work on a library: when it is done, and what it leaves behind."""

from datetime import UTC, datetime

import pytest

from clocks import FakeClock
from dejashot.daemon.maintenance import AFTER_DIGEST_S, FIRST_S, MAX_DAMAGED_KEPT, Maintenance
from dejashot.ingest.pipeline import Pipeline
from dejashot.library.backup import backups
from dejashot.library.database import LIBRARY_FILE_NAME

NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


def made(pipeline: Pipeline, clock: FakeClock, backlog: list[int]) -> Maintenance:
    return Maintenance(pipeline, lambda: backlog[0], clock, lambda: NOW)


def test_the_first_backup_comes_a_while_after_the_start_and_when_nothing_waits(
    pipeline: Pipeline, clock: FakeClock
) -> None:
    backlog = [0]
    maintenance = made(pipeline, clock, backlog)
    assert maintenance.due_in_s() is None
    clock.pass_s(FIRST_S - 1)
    maintenance.run()
    assert backups(pipeline.owned.folder) == []
    clock.pass_s(1)
    backlog[0] = 3
    maintenance.run()
    assert backups(pipeline.owned.folder) == []
    backlog[0] = 0
    maintenance.run()
    assert len(backups(pipeline.owned.folder)) == 1


def test_a_digest_brings_the_next_one_forward(pipeline: Pipeline, clock: FakeClock) -> None:
    marks = [f"{LIBRARY_FILE_NAME}.corrupt-2026070{n}T000000Z" for n in range(1, 5)]
    maintenance = made(pipeline, clock, [0])
    clock.pass_s(FIRST_S)
    maintenance.run()
    for mark in marks:
        (pipeline.owned.folder / mark).touch()
    clock.pass_s(AFTER_DIGEST_S)
    maintenance.run()
    assert _damaged(pipeline) == len(marks)  # it is not a day yet
    maintenance.note_digest()
    maintenance.run()
    assert _damaged(pipeline) == MAX_DAMAGED_KEPT


def _damaged(pipeline: Pipeline) -> int:
    return sum(1 for _ in pipeline.owned.folder.glob("*.corrupt-*Z"))
