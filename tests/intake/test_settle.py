"""When has a file stopped changing."""

from hypothesis import given
from hypothesis import strategies as st

from dejashot.intake.settle import EMPTY_PATIENCE, SettleTracker
from dejashot.models import FileRef, FileStamp

FILE = FileRef(1, b"IMG_0001.jpg")


def stamp(size: int) -> FileStamp:
    return FileStamp(size, 0, 1, 1)


class Clock:
    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


def test_a_file_settles_after_a_quiet_period() -> None:
    clock = Clock()
    tracker = SettleTracker(2.0, clock)
    tracker.saw(FILE, stamp(10))
    clock.now_s += 1.9
    assert tracker.settled(10) == []
    clock.now_s += 0.1
    assert tracker.settled(10) == [(FILE, stamp(10))]
    assert len(tracker) == 0


def test_a_change_restarts_the_wait_and_the_same_sighting_does_not() -> None:
    clock = Clock()
    tracker = SettleTracker(2.0, clock)
    tracker.saw(FILE, stamp(10))
    clock.now_s += 1.5
    tracker.saw(FILE, stamp(10))
    assert tracker.due_in_s() == 0.5
    tracker.saw(FILE, stamp(20))
    assert tracker.due_in_s() == 2.0


def test_an_old_file_settles_at_once_and_an_empty_one_late() -> None:
    clock = Clock()
    tracker = SettleTracker(2.0, clock)
    tracker.saw(FILE, stamp(10), age_s=3600)
    tracker.saw(FileRef(1, b"empty.jpg"), stamp(0))
    assert [f for f, _ in tracker.settled(10)] == [FILE]
    assert tracker.due_in_s() == 2.0 * EMPTY_PATIENCE


def test_what_is_gone_is_forgotten() -> None:
    tracker = SettleTracker(0.0, Clock())
    tracker.saw(FILE, stamp(1))
    tracker.gone(FILE)
    assert tracker.settled(10) == []
    assert tracker.due_in_s() is None


def test_a_postponed_file_waits_whatever_its_age() -> None:
    clock = Clock()
    tracker = SettleTracker(2.0, clock)
    tracker.postpone(FILE, stamp(10), 30.0)
    clock.now_s += 29
    assert tracker.settled(10) == []
    clock.now_s += 1
    assert len(tracker.settled(10)) == 1


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(1, 3), st.floats(0, 5)), max_size=40), st.integers(1, 5))
def test_nothing_settles_while_it_changes_and_everything_settles_once(steps: list[tuple[int, int, float]], limit: int) -> None:
    clock = Clock()
    tracker = SettleTracker(2.0, clock)
    last: dict[FileRef, tuple[int, float]] = {}
    for name, size, wait_s in steps:
        file = FileRef(1, str(name).encode())
        tracker.saw(file, stamp(size))
        if file not in last or last[file][0] != size:
            last[file] = (size, clock.now_s)
        clock.now_s += wait_s
        for settled, found in tracker.settled(limit):
            size_then, since_s = last.pop(settled)
            assert found.size_bytes == size_then
            assert clock.now_s - since_s >= 2.0
    clock.now_s += 2.0
    assert {f for f, _ in tracker.settled(1000)} == set(last)
