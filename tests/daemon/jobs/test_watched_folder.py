"""When a folder is walked next."""

from clocks import FakeClock
from dejashot.daemon.events import LOSS_DELAY_S, RESCAN_DELAY_S
from dejashot.daemon.jobs.watched_folder import COMPANION_INTERVAL_S, UNAVAILABLE_DELAY_S, WatchedFolder
from dejashot.watch.folder_watch import WatchState


def walk(folder: WatchedFolder, clock: FakeClock, took_s: float = 0.0) -> None:
    """Walk the folder as the job does, for so long."""
    assert folder.take_walk()
    with folder.timed_walk():
        clock.pass_s(took_s)
    folder.mark_walked("")


def test_nothing_is_due_before_somebody_asks(watched: WatchedFolder) -> None:
    assert (watched.due_in_s(), watched.take_walk(), watched.waits_for_walk) == (None, False, False)


def test_the_earliest_of_several_requests_counts_and_is_taken_once(watched: WatchedFolder, clock: FakeClock) -> None:
    watched.walk_for_loss()
    assert watched.due_in_s() == LOSS_DELAY_S
    watched.request_walk(RESCAN_DELAY_S)
    watched.request_walk(5.0)
    assert watched.due_in_s() == RESCAN_DELAY_S
    assert not watched.take_walk()
    clock.pass_s(RESCAN_DELAY_S)
    assert watched.take_walk()
    assert not watched.take_walk()
    assert watched.due_in_s() is None


def test_walking_takes_half_of_the_time_at_most(watched: WatchedFolder, clock: FakeClock) -> None:
    watched.request_walk(0.0)
    walk(watched, clock, took_s=40.0)
    watched.request_walk(0.0)
    assert watched.due_in_s() == 40.0


def test_walks_for_companions_keep_apart(watched: WatchedFolder, clock: FakeClock) -> None:
    watched.walk_for_companion()
    assert watched.due_in_s() == RESCAN_DELAY_S
    clock.pass_s(RESCAN_DELAY_S)
    walk(watched, clock)
    watched.walk_for_companion()
    assert watched.due_in_s() == COMPANION_INTERVAL_S


def test_after_an_error_it_is_walked_soon_but_not_at_once(watched: WatchedFolder, clock: FakeClock) -> None:
    watched.walk_after_error(10.0)
    assert watched.due_in_s() == 10.0
    watched.request_walk(0.0)
    watched.walk_after_error(10.0)
    assert watched.due_in_s() == RESCAN_DELAY_S


def test_one_that_can_not_be_walked_is_paused_until_it_can(watched: WatchedFolder, clock: FakeClock) -> None:
    watched.mark_unavailable("it is empty")
    assert (watched.state, watched.problem, watched.available) == (WatchState.PAUSED, "it is empty", False)
    assert watched.due_in_s() == UNAVAILABLE_DELAY_S
    assert not watched.waits_for_walk  # nothing can be done about it now
    clock.pass_s(UNAVAILABLE_DELAY_S)
    walk(watched, clock)
    assert (watched.state, watched.problem, watched.available) == (WatchState.POLLED, "", True)


def test_what_a_walk_could_not_see_is_its_problem(watched: WatchedFolder) -> None:
    watched.mark_walked("can't look into sub")
    assert watched.problem == "can't look into sub"


def test_new_files_that_a_walk_left_are_waited_for_unless_the_folder_is_paused(watched: WatchedFolder) -> None:
    watched.mark_walked("", 3)
    watched.walk_for_more()
    assert (watched.more, watched.due_in_s(), watched.take_walk()) == (3, 0.0, True)
    watched.watch.stop()
    watched.walk_for_more()
    assert (watched.more, watched.due_in_s()) == (0, None)
