"""The slots of the schedule, and how digests are delivered."""

from dataclasses import replace

from dejashot.library.library import Library
from dejashot.library.tables.digest_runs import Delivery, DigestRun
from shots import START_US

NOW_US = START_US


def test_a_slot_counts_once_its_digest_is_made(library: Library) -> None:
    run = DigestRun(5, "running", 0, 7, NOW_US)
    library.digest_runs.put(run)
    assert library.digest_runs.last_slot_us(9) is None
    assert library.digest_runs.digested_seq() == 7
    library.digest_runs.put(replace(run, state="done", photos=3))
    assert (
        library.digest_runs.last_slot_us(9),
        library.digest_runs.last_slot_us(5),
        library.digest_runs.last_slot_us(4),
    ) == (5, 5, None)
    assert [r.photos for r in library.digest_runs.in_states("done")] == [3]


def test_a_slot_that_is_written_again_keeps_its_delivery(library: Library) -> None:
    run = DigestRun(5, "done", 0, 7, NOW_US)
    library.digest_runs.put(run)
    waiting = Delivery(5, "waiting", 0, NOW_US)
    library.digest_runs.put_delivery(waiting)
    library.digest_runs.put(replace(run, file=b"/digests/one.html"))
    assert library.digest_runs.deliveries("waiting") == [waiting]
    library.digest_runs.put_delivery(replace(waiting, state="sent", tries=1))
    assert library.digest_runs.deliveries("waiting") == []
    assert [d.tries for d in library.digest_runs.deliveries("sent")] == [1]


def test_the_schedule_starts_once_and_is_set_back_by_a_clock(library: Library) -> None:
    assert library.digest_runs.schedule_since_us() == 0
    library.digest_runs.start_schedule(NOW_US)
    library.digest_runs.start_schedule(NOW_US + 1)
    assert library.digest_runs.schedule_since_us() == NOW_US
    library.digest_runs.restart_schedule(NOW_US - 1)
    assert library.digest_runs.schedule_since_us() == NOW_US - 1
