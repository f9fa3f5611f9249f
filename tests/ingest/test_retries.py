"""When failures are tried again."""

from hypothesis import given
from hypothesis import strategies as st

from dejashot.ingest.retries import RETRY_DELAYS_S, Retries
from dejashot.models.files import FileRef, FileStamp

STAMP = FileStamp(1, 2, 3, 4)
A, B = FileRef(1, b"a.jpg"), FileRef(1, b"b.jpg")


class Clock:
    now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


def test_a_failure_is_tried_four_times_more_at_growing_distances() -> None:
    clock = Clock()
    retries = Retries(clock)
    for n, wait_s in enumerate(RETRY_DELAYS_S):
        retries.failed(A, STAMP)
        assert retries.has_recent == (n < 2)
        assert retries.is_waiting(A)
        assert retries.due_in_s() == wait_s
        clock.now_s += wait_s - 0.1
        assert retries.take_due(10) == []
        clock.now_s += 0.1
        assert retries.take_due(10) == [(A, STAMP)]
        assert (len(retries), A in retries, retries.take_due(10)) == (0, True, [])
    retries.failed(A, STAMP)
    assert (A in retries, retries.due_in_s()) == (False, None)
    retries.failed(A, STAMP)  # it changed since, and fails again: a new story
    assert retries.due_in_s() == RETRY_DELAYS_S[0]


def test_what_was_read_or_changed_is_forgotten() -> None:
    retries = Retries(Clock())
    retries.failed(A, STAMP)
    retries.failed(B, STAMP)
    retries.forget(A)
    retries.forget(A)
    assert (A in retries, B in retries, len(retries)) == (False, True, 1)


def test_a_try_that_was_broken_off_is_made_up_for_and_no_more_than_asked_for_come_at_once() -> None:
    clock = Clock()
    retries = Retries(clock)
    retries.failed(A, STAMP)
    retries.failed(B, STAMP)
    clock.now_s += RETRY_DELAYS_S[0]
    assert [file for file, _ in retries.take_due(1)] == [A]
    assert len(retries) == 1
    retries.retry_interrupted()
    assert (len(retries), retries.is_waiting(A)) == (2, True)
    clock.now_s += RETRY_DELAYS_S[0]
    assert [file for file, _ in retries.take_due(10)] == [A, B]


@given(
    st.lists(
        st.tuples(st.sampled_from([A, B]), st.sampled_from(["failed", "forget", "due"]), st.floats(0, 700)), max_size=60
    )
)
def test_no_file_is_tried_more_often_than_there_are_waits(story: list[tuple[FileRef, str, float]]) -> None:
    clock = Clock()
    retries = Retries(clock)
    tried = {A: 0, B: 0}
    for file, what, later_s in story:
        clock.now_s += later_s
        if what == "failed":
            known = file in retries
            retries.failed(file, STAMP)
            tried[file] = tried[file] if known else 0
        elif what == "forget":
            retries.forget(file)
            tried[file] = 0
        else:
            for found, _ in retries.take_due(10):
                tried[found] += 1
        assert all(count <= len(RETRY_DELAYS_S) for count in tried.values())
        assert len(retries) == sum(retries.is_waiting(f) for f in (A, B))
        assert (retries.due_in_s() is None) == (len(retries) == 0)
