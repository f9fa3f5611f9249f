"""Photos that landed are looked at closely when nothing else is to do; it gives way, goes on and comes to an end."""

import shutil
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from queue import SimpleQueue

import pytest

from clocks import FakeClock
from dejashot.config.settings import Settings
from dejashot.daemon.events import LoopEvent, Tick
from dejashot.daemon.jobs.closer_looks import CloserLookQueue
from dejashot.daemon.jobs.embedding_queue import EmbeddingQueue
from dejashot.daemon.jobs.ingest_queue import IngestQueue
from dejashot.daemon.jobs.loop_state import QUIET_S, WORK_RETRY_S, LoopState
from dejashot.daemon.jobs.sidecar_queue import SidecarQueue
from dejashot.daemon.jobs.watched_folder import WatchedFolder
from dejashot.daemon.jobs.workload import Workload
from dejashot.digests.runner import DigestRunner
from dejashot.ingest.catch_up import bring_up_to_date
from dejashot.ingest.pipeline import Pipeline
from dejashot.reports.context import open_context
from dejashot.reports.library_report import known_report
from dejashot.reports.report import Report
from scenes import moved, save_photo, scene

NOON = datetime(2026, 7, 1, 12)


@pytest.fixture
def events() -> SimpleQueue[LoopEvent]:
    return SimpleQueue()


@pytest.fixture
def looks(
    pipeline: Pipeline,
    folders: dict[int, WatchedFolder],
    queue: IngestQueue,
    state: LoopState,
    clock: FakeClock,
    events: SimpleQueue[LoopEvent],
) -> CloserLookQueue:
    """Give the test a queue over a folder whose photos have been read and not been looked at."""
    land(pipeline, folders[1])
    sidecars, embeddings = SidecarQueue(pipeline, folders, queue, state), EmbeddingQueue(pipeline, queue, state)
    return CloserLookQueue(
        pipeline, Workload(events, folders, pipeline.library, queue, sidecars, embeddings), state, clock
    )


def land(pipeline: Pipeline, folder: WatchedFolder) -> None:
    bring_up_to_date(pipeline, [folder.path], lambda _: None, lambda _: None)


@pytest.fixture
def look(looks: CloserLookQueue, state: LoopState, clock: FakeClock) -> Callable[[], None]:
    """Give the test a look once it was quiet for a while, and what was done is published."""

    def after_quiet() -> None:
        clock.pass_s(QUIET_S)
        state.note_published()
        looks.run()
        state.note_published()

    return after_quiet


def page(library: Path) -> Report:
    """Return what the review page shows."""
    with open_context(Settings(), library) as context:
        return known_report(context)


def test_until_it_is_done_nothing_is_suggested_and_afterwards_what_a_scan_suggests(
    looks: CloserLookQueue, pipeline: Pipeline, library: Path, state: LoopState, look: Callable[[], None]
) -> None:
    (before,) = page(library).groups
    assert before.pending and not before.clear
    assert before.choice.keepers == before.group.members
    assert (before.choice.reclaimable_bytes, before.choice.reasons) == (0, {})
    assert len(looks) == 5
    state.note_published()
    assert looks.due_in_s() == QUIET_S
    version = pipeline.library.version()
    look()
    assert pipeline.library.version() != version, "an open page notices"
    assert (len(looks), looks.due_in_s()) == (0, None)
    (after,) = page(library).groups
    assert not after.pending
    assert after.choice.reclaimable_bytes > 0
    assert 0 < len(after.choice.keepers) < len(after.group.members)


def test_what_lands_later_is_pending_and_no_other_group(
    pipeline: Pipeline,
    watched: WatchedFolder,
    library: Path,
    look: Callable[[], None],
) -> None:
    look()
    sea = scene(3)
    for n in range(2):
        save_photo(watched.path / f"IMG_9{n}.jpg", moved(sea, 0.03 * n, 0), NOON + timedelta(days=9, seconds=4 * n))
    land(pipeline, watched)
    assert [g.pending for g in page(library).groups] == [False, True]
    read = pipeline.pool.photos_read
    look()
    assert [g.pending for g in page(library).groups] == [False, False]
    assert pipeline.pool.photos_read == read, "it reads pictures, not photos anew"


@pytest.mark.parametrize("why", ["event", "stopping"])
def test_it_gives_way_and_goes_on(
    looks: CloserLookQueue,
    pipeline: Pipeline,
    watched: WatchedFolder,
    library: Path,
    look: Callable[[], None],
    events: SimpleQueue[LoopEvent],
    stopping: threading.Event,
    why: str,
) -> None:
    for n in range(6):
        save_photo(watched.path / f"IMG_9{n}.jpg", moved(scene(3), 0.01 * n, 0), NOON + timedelta(days=9, seconds=n))
    land(pipeline, watched)
    if why == "event":
        events.put(Tick())
    else:
        stopping.set()
    look()
    assert len(looks) > 0, "it was stopped before the end"
    if why == "event":
        events.get()
    stopping.clear()
    for _ in range(9):
        look()
    assert len(looks) == 0
    assert not any(g.pending for g in page(library).groups)


def test_the_first_walk_comes_first(looks: CloserLookQueue, watched: WatchedFolder, look: Callable[[], None]) -> None:
    watched.request_walk(QUIET_S)
    look()
    assert len(looks) == 5
    assert watched.take_walk()
    with watched.timed_walk():
        watched.request_walk(60.0)  # a later one is not waited for
    look()
    assert len(looks) == 0


def test_a_photo_that_is_gone_or_broken_by_then_holds_nothing_up(
    looks: CloserLookQueue, watched: WatchedFolder, library: Path, look: Callable[[], None]
) -> None:
    (watched.path / "IMG_0002.jpg").write_bytes(b"not a photo any more")
    (watched.path / "IMG_0003.jpg").unlink()
    look()
    assert len(looks) == 0
    assert not any(g.pending for g in page(library).groups)


def test_after_other_settings_all_is_looked_at_again(library: Path, look: Callable[[], None]) -> None:
    look()
    with open_context(Settings.model_validate({"sifting": {"interval_s": 90}}), library) as context:
        rules = known_report(context)
        assert not any(g.pending for g in rules.groups), "all that it needs is known"
        waiting = context.library.closer_looks
        assert waiting.done_until(12345) == 0, "by other rules nothing was looked at"


def test_a_pair_that_is_open_makes_the_group_of_its_older_photo_wait_too(
    pipeline: Pipeline,
    watched: WatchedFolder,
    library: Path,
    look: Callable[[], None],
) -> None:
    look()
    (known,) = page(library).groups
    older = {page(library).shots[m].content for m in known.group.members}
    save_photo(watched.path / "IMG_0099.jpg", moved(scene(1), 0.35, 0.25), NOON + timedelta(seconds=2))
    land(pipeline, watched)
    shown = page(library)
    groups = [g for g in shown.groups if older & {shown.shots[m].content for m in g.group.members}]
    assert groups and all(g.pending for g in groups)


def test_a_digest_after_it_reads_no_photo(
    looks: CloserLookQueue,
    pipeline: Pipeline,
    watched: WatchedFolder,
    tmp_path: Path,
    look: Callable[[], None],
) -> None:
    copied = watched.path / "IMG_0005 (1).jpg"  # in a group of copies nothing is measured, and its pictures are shown
    shutil.copy2(watched.path / "IMG_0005.jpg", copied)
    land(pipeline, watched)
    look()
    assert len(looks) == 0
    pipeline.pool.close()
    started = datetime(2026, 7, 1, 12, tzinfo=UTC)
    runner = DigestRunner(pipeline, UTC, tmp_path / "digests", started)
    made = runner.make(started + timedelta(hours=8), pipeline.library.folders.all(), [])
    assert (made.state, made.photos) == ("done", 6)
    assert pipeline.pool.running == 0, "no reader was started"


def test_a_journal_that_can_not_be_read_is_waited_for(
    looks: CloserLookQueue, library: Path, clock: FakeClock, look: Callable[[], None]
) -> None:
    journal = library / "decisions.jsonl"
    journal.mkdir()
    look()
    assert looks.due_in_s() == WORK_RETRY_S
    shutil.rmtree(journal)
    clock.pass_s(WORK_RETRY_S)
    look()
    assert len(looks) == 0


def test_what_was_passed_over_while_its_folder_was_away_is_looked_at_when_it_is_back(
    looks: CloserLookQueue,
    pipeline: Pipeline,
    watched: WatchedFolder,
    library: Path,
    look: Callable[[], None],
) -> None:
    away = watched.path.rename(watched.path.with_name("away"))
    look()
    assert len(looks) == 0, "nothing that is away holds it up"
    pipeline.library.files.mark_unmounted(watched.id)
    away.rename(watched.path)
    land(pipeline, watched)
    assert len(looks) == 5
    assert [g.pending for g in page(library).groups] == [True]
    look()
    assert (len(looks), [g.pending for g in page(library).groups]) == (0, [False])


def test_what_was_read_is_published_before(
    looks: CloserLookQueue, state: LoopState, clock: FakeClock, look: Callable[[], None]
) -> None:
    clock.pass_s(QUIET_S)
    state.note_change()
    assert looks.due_in_s() is None
    looks.run()
    assert len(looks) == 5
    look()
    assert len(looks) == 0


@pytest.mark.parametrize("name", ["IMG_0002.jpg", "renamed.jpg"])
def test_a_photo_that_was_passed_over_while_it_was_not_there_is_looked_at_when_it_is_back(
    looks: CloserLookQueue,
    pipeline: Pipeline,
    watched: WatchedFolder,
    look: Callable[[], None],
    tmp_path: Path,
    name: str,
) -> None:
    away = (watched.path / "IMG_0002.jpg").rename(tmp_path / "away.jpg")
    land(pipeline, watched)
    look()
    away.rename(watched.path / name)
    land(pipeline, watched)
    assert len(looks) > 0
    look()
    assert len(looks) == 0
    (watched.path / name).rename(watched.path / "IMG_0007.jpg")
    land(pipeline, watched)
    assert len(looks) == 0, "what was looked at, and only has another name, is not looked at again"
