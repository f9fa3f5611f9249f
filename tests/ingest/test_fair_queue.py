"""Lanes by cost: nobody is starved, nobody is skipped."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from dejashot.ingest.fair_queue import FairQueue, affordable, cost_of, fair_order
from dejashot.ingest.stability import StabilityTracker
from dejashot.models.files import FileRef, FileStamp

COSTS = st.lists(st.sampled_from([1, 5, 15]), max_size=200)


@given(COSTS)
def test_every_file_is_read_once_and_a_lane_keeps_its_order(costs: list[int]) -> None:
    order = fair_order(costs)
    assert sorted(order) == list(range(len(costs)))
    for lane in set(costs):
        own = [n for n in order if costs[n] == lane]
        assert own == sorted(own)


@given(COSTS)
def test_while_two_lanes_wait_neither_gets_more_of_the_time_than_a_file_of_the_other(costs: list[int]) -> None:
    left, spent = Counter(costs), Counter(dict.fromkeys(costs, 0))
    for n in fair_order(costs):
        spent[costs[n]] += costs[n]
        left[costs[n]] -= 1
        waiting = [lane for lane in spent if left[lane]]
        for a in waiting:
            for b in waiting:
                assert abs(spent[a] - spent[b]) <= a + b


@given(st.integers(1, 500), st.integers(1, 40))
def test_a_cheap_file_waits_for_one_dear_one_at_most_and_a_dear_one_for_as_much_time_as_it_takes(
    dear: int, cheap: int
) -> None:
    order = fair_order([15] * dear + [1] * cheap)
    assert sum(n < dear for n in order[: order.index(dear)]) <= 1
    first_dear = order.index(0)
    assert first_dear <= 15


@given(st.lists(st.lists(st.sampled_from([1, 5, 15]), min_size=1, max_size=3, unique=True), max_size=100))
def test_turns_go_to_lanes_that_wait_and_an_idle_lane_saves_nothing_up(asked: list[list[int]]) -> None:
    turns = FairQueue()
    for lanes in asked:
        assert turns.take(lanes) in lanes
    turns, taken = FairQueue(), Counter[int]()
    for _ in range(300):
        turns.take([15])
    for _ in range(32):
        taken[turns.take([1, 15])] += 1
    assert 1 <= taken[15] <= 3


@given(COSTS, st.integers(1, 16), st.integers(1, 60))
def test_a_batch_is_as_large_as_the_budget_allows(costs: list[int], limit: int, budget: int) -> None:
    count = affordable(costs, limit, budget)
    assert count <= min(limit, len(costs))
    assert count >= min(1, len(costs))
    assert sum(costs[: count - 1]) < budget
    assert count == min(limit, len(costs)) or sum(costs[:count]) >= budget


def test_costs_go_by_the_name() -> None:
    assert [cost_of(n) for n in (b"a/x.JPG", b"x.dng", b"x.PNG", b"x.HEIC", b"heic", b"\xff.heif")] == [
        1,
        1,
        5,
        15,
        1,
        15,
    ]


def test_one_folder_of_dear_files_does_not_hold_up_a_cheap_one() -> None:
    tracker = StabilityTracker(2.0, lambda: 100.0)
    for n in range(500):
        tracker.track(FileRef(1, b"heics/%d.heic" % n), FileStamp(10, 0, n, 1), age_s=60)
    assert [f.path for f, _ in tracker.take_stable(16, 30)] == [b"heics/0.heic", b"heics/1.heic"]
    tracker.track(FileRef(2, b"new.jpg"), FileStamp(10, 0, 900, 1), age_s=3)
    assert b"new.jpg" in [f.path for f, _ in tracker.take_stable(16, 30)]
    for n in range(500):
        tracker.track(FileRef(2, b"%d.jpg" % n), FileStamp(10, 0, n, 2), age_s=3)
    taken = [f.path for _ in range(10) for f, _ in tracker.take_stable(16, 30)]
    assert sum(p.endswith(b"heic") for p in taken) >= 4
    assert sum(p.endswith(b"jpg") for p in taken) >= 80
