"""In which order waiting files are read: lanes by cost, each with the same share of the time."""

from collections import deque
from collections.abc import Iterable, Sequence

from dejashot.files.names import suffix_of

# times of a JPEG, measured at 12 megapixels: PNG, WebP and AVIF 5 to 7; HEIC 15 to 30 where its thumbnail will not do,
# which its name does not say; a RAW costs its JPEG
_COSTS = {**dict.fromkeys(("png", "webp", "avif", "jxl"), 5), **dict.fromkeys(("heic", "heif", "hif"), 15)}


def cost_of(path: bytes) -> int:
    """Return what reading a file costs by its name (bytes), in times of a JPEG; files of one cost are a lane."""
    return _COSTS.get(suffix_of(path.decode("utf-8", "surrogateescape")), 1)


class FairQueue:
    """Say whose turn it is among lanes in which something waits (start-time fair queueing, Goyal et al. 1996).

    Each lane gets a like share of the time while it is in use; one that was idle comes at once, and has saved nothing
    up.
    """

    def __init__(self) -> None:
        self._now = 0
        self._done: dict[int, int] = {}  # when each lane's last turn ends, in times of a JPEG

    def take(self, lanes: Iterable[int]) -> int:
        """Return the lane, by its cost, whose turn it is; `lanes` has at least one."""
        starts = {lane: max(self._now, self._done.get(lane, 0)) for lane in lanes}
        lane = min(starts, key=lambda lane: (starts[lane], lane))
        self._now, self._done[lane] = starts[lane], starts[lane] + lane
        return lane


def fair_order(costs: Sequence[int]) -> list[int]:
    """Return in which order files are read that all wait already, as indices; the order within a lane stays."""
    lanes: dict[int, deque[int]] = {}
    for n, cost in enumerate(costs):
        lanes.setdefault(cost, deque()).append(n)
    turns, order = FairQueue(), list[int]()
    while lanes:
        lane = turns.take(lanes)
        order.append(lanes[lane].popleft())
        if not lanes[lane]:
            del lanes[lane]
    return order


def affordable(costs: Sequence[int], limit: int, budget: int) -> int:
    """Return how many of the first files make up a batch: at most `limit`, and no more once they cost the budget.

    At least one.
    """
    spent = 0
    for n, cost in enumerate(costs[:limit]):
        spent += cost
        if spent >= budget:
            return n + 1
    return min(limit, len(costs))
