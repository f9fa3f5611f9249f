"""When has a file stopped changing."""

import tracemalloc

from hypothesis import given
from hypothesis import strategies as st

from dejashot.ingest.stability import EMPTY_FILE_FACTOR, StabilityTracker
from dejashot.models.files import FileRef, FileStamp

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
    tracker = StabilityTracker(2.0, clock)
    tracker.track(FILE, stamp(10))
    clock.now_s += 1.9
    assert tracker.take_stable(10) == []
    clock.now_s += 0.1
    assert tracker.take_stable(10) == [(FILE, stamp(10))]
    assert len(tracker) == 0


def test_a_change_restarts_the_wait_and_the_same_sighting_does_not() -> None:
    clock = Clock()
    tracker = StabilityTracker(2.0, clock)
    tracker.track(FILE, stamp(10))
    clock.now_s += 1.5
    tracker.track(FILE, stamp(10))
    assert tracker.due_in_s() == 0.5
    tracker.track(FILE, stamp(20))
    assert tracker.due_in_s() == 2.0


def test_an_old_file_settles_at_once_and_an_empty_one_late() -> None:
    clock = Clock()
    tracker = StabilityTracker(2.0, clock)
    tracker.track(FILE, stamp(10), age_s=3600)
    tracker.track(FileRef(1, b"empty.jpg"), stamp(0))
    assert [f for f, _ in tracker.take_stable(10)] == [FILE]
    assert tracker.due_in_s() == 2.0 * EMPTY_FILE_FACTOR


def test_what_is_gone_is_forgotten() -> None:
    tracker = StabilityTracker(0.0, Clock())
    tracker.track(FILE, stamp(1))
    tracker.forget(FILE)
    assert tracker.take_stable(10) == []
    assert tracker.due_in_s() is None


def test_a_postponed_file_waits_whatever_its_age() -> None:
    clock = Clock()
    tracker = StabilityTracker(2.0, clock)
    tracker.postpone(FILE, stamp(10), 30.0)
    clock.now_s += 29
    assert tracker.take_stable(10) == []
    clock.now_s += 1
    assert len(tracker.take_stable(10)) == 1


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(1, 3), st.floats(0, 5)), max_size=40), st.integers(1, 5))
def test_nothing_settles_while_it_changes_and_everything_settles_once(
    steps: list[tuple[int, int, float]], limit: int
) -> None:
    clock = Clock()
    tracker = StabilityTracker(2.0, clock)
    last: dict[FileRef, tuple[int, float]] = {}
    for name, size, wait_s in steps:
        file = FileRef(1, str(name).encode())
        tracker.track(file, stamp(size))
        if file not in last or last[file][0] != size:
            last[file] = (size, clock.now_s)
        clock.now_s += wait_s
        for settled, found in tracker.take_stable(limit):
            size_then, since_s = last.pop(settled)
            assert found.size_bytes == size_then
            assert clock.now_s - since_s >= 2.0
    clock.now_s += 2.0
    assert {f for f, _ in tracker.take_stable(1000)} == set(last)


class Plain:
    """The tracker as one would write it first: every question looks at every file."""

    def __init__(self, quiet_s: float, clock: Clock) -> None:
        self.quiet_s, self.clock = quiet_s, clock
        self.pending: dict[FileRef, tuple[FileStamp, float]] = {}

    def track(self, file: FileRef, seen: FileStamp, age_s: float, quiet_s: float | None) -> None:
        if file not in self.pending or self.pending[file][0] != seen:
            wait_s = (self.quiet_s if quiet_s is None else quiet_s) * (1 if seen.size_bytes else EMPTY_FILE_FACTOR)
            self.pending[file] = (seen, self.clock() - age_s + wait_s)

    def take_stable(self, limit: int) -> list[tuple[FileRef, FileStamp]]:
        over = sorted(
            (due_s, n, file) for n, (file, (_, due_s)) in enumerate(self.pending.items()) if due_s <= self.clock()
        )
        return [(file, self.pending.pop(file)[0]) for _, _, file in [(d, n, f) for d, n, f in over][:limit]]

    def due_in_s(self) -> float | None:
        return max(0.0, min(due_s for _, due_s in self.pending.values()) - self.clock()) if self.pending else None


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["saw", "saw", "saw", "postpone", "gone", "settled", "wait"]),
        st.integers(0, 5),
        st.integers(0, 2),
        st.sampled_from([0.0, 0.5, 1.0, 2.0, 60.0]),
        st.sampled_from([None, 0.0, 10.0]),
    ),
    max_size=60,
)


@given(STEPS)
def test_the_tracker_does_what_the_plain_one_does(steps: list[tuple[str, int, int, float, float | None]]) -> None:
    clock = Clock()
    quick, plain = StabilityTracker(2.0, clock), Plain(2.0, clock)
    for what, name, size, length_s, quiet_s in steps:
        file = FileRef(1, str(name).encode())
        if what == "saw":
            quick.track(file, stamp(size), length_s, quiet_s)
            plain.track(file, stamp(size), length_s, quiet_s)
        elif what == "postpone":
            quick.postpone(file, stamp(size), length_s)
            plain.pending[file] = (stamp(size), clock() + length_s)
        elif what == "gone":
            quick.forget(file)
            plain.pending.pop(file, None)
        elif what == "settled":
            assert quick.take_stable(size + 1) == plain.take_stable(size + 1)
        else:
            clock.now_s += length_s
        assert quick.due_in_s() == plain.due_in_s()
        assert len(quick) == len(plain.pending)


def test_a_file_written_over_and_over_takes_no_more_room() -> None:
    tracker = StabilityTracker(600.0, Clock())
    tracemalloc.start()
    for size in range(1, 20_000):
        tracker.track(FILE, stamp(size))
    held_bytes, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert held_bytes < 1_500_000  # all 20,000 would take three times as much
    assert tracker.due_in_s() == 600.0
