"""A pool of readers that has most photos read on a cluster, and by its own readers what can't be read there."""

from collections import deque
from collections.abc import Callable, Collection, Generator, Sequence
from dataclasses import replace
from typing import Generic, Protocol

import tzlocal

from dejashot.cluster.access import scheduler_access
from dejashot.cluster.cluster import Cluster, ClusterJob, link_to
from dejashot.cluster.reading import OPERATIONS, ClusterReading
from dejashot.cluster.trial import make_trial
from dejashot.config.settings import ClusterSettings
from dejashot.errors import ConfigError
from dejashot.models.photo import Wanted
from dejashot.reading.job import READ, ContentPolicy, InTurn, Order, OrderSource, Ticket
from dejashot.reading.pool import ReaderPool
from dejashot.reading.protocol.exchange import ReaderAnswer
from dejashot.reading.protocol.payloads import WorkerOptions


class PoolMaker(Protocol):
    """What makes the pool of a pipeline."""

    def __call__(
        self,
        options: WorkerOptions,
        size: int,
        policy: ContentPolicy | None = None,
        *,
        on_progress: Callable[[], None],
        on_unsealed: Callable[[str], None],
    ) -> ReaderPool:
        """Return a pool."""


def pool_maker(settings: ClusterSettings, on_notice: Callable[[str], None]) -> PoolMaker:
    """Return what makes pools: on a cluster where the settings name one.

    `on_notice` takes sentences for people. Raises ConfigError for a cluster that can't be used safely.
    """
    if not settings.scheduler:
        return ReaderPool
    access = scheduler_access(settings)

    def make(
        options: WorkerOptions,
        size: int,
        policy: ContentPolicy | None = None,
        *,
        on_progress: Callable[[], None],
        on_unsealed: Callable[[str], None],
    ) -> ReaderPool:
        pool = ClusterPool(options, size, policy, on_progress=on_progress, on_unsealed=on_unsealed)
        there = _with_zone(options)
        link = link_to(access, settings.wait_s, on_notice)
        if link is not None:
            job = ClusterJob(there, pool.network.fingerprint, pool.bounds, settings.paths, make_trial(pool))
            pool.cluster = Cluster(link, job, settings.wait_s, on_notice)
        return pool

    return make


class ClusterPool(ReaderPool):
    """Have photos read and looked at on a cluster, as long as there is one; what is left is read here."""

    cluster: Cluster | None = None

    def run(
        self, source: OrderSource[Ticket], wanted: Callable[[bytes], Wanted] = lambda _: Wanted.ALL
    ) -> Generator[tuple[Order[Ticket], ReaderAnswer], None, None]:
        """Give the orders of a source to workers and yield each with its answer. Raises ModelError."""
        cluster = self.cluster
        if cluster is None or not cluster.is_up or (isinstance(source, InTurn) and source.op not in OPERATIONS):
            yield from super().run(source, wanted)
            return
        reading = ClusterReading(cluster, source, self._policy, wanted)
        try:
            while True:
                for order, answer in reading.answers():
                    self.photos_read += order.op == READ
                    self._note_missing(reading.missing)
                    yield order, answer
                left, reading.left = reading.left, []
                if cluster.is_up and not left:
                    return
                yield from super().run(_Left(left, None if cluster.is_up else source), wanted)
                if not cluster.is_up:
                    return
        finally:
            reading.close()

    def warm_up(self) -> None:
        """Start one more reader, unless a cluster reads the job that will come. Raises ModelError."""
        if self.cluster is None or not self.cluster.is_up:
            super().warm_up()

    def close(self) -> None:
        """End all readers, and leave the cluster."""
        super().close()
        if self.cluster is not None:
            self.cluster.close()


class _Left(Generic[Ticket]):
    """Orders that were left, and those of a source behind them."""

    def __init__(self, left: Sequence[Order[Ticket]], source: OrderSource[Ticket] | None) -> None:
        self._left, self._source = deque(left), source

    def take(self, held: Collection[bytes]) -> Order[Ticket] | None:
        """Return the next order, None where there is none now."""
        if self._left:
            return self._left.popleft()
        return self._source.take(held) if self._source is not None else None


def _with_zone(options: WorkerOptions) -> WorkerOptions:
    """Return options with the zone of this machine where they name none; raise ConfigError where it has no name."""
    if options.home_timezone:
        return options
    try:
        name = tzlocal.get_localzone_name()
    except (KeyError, ValueError, OSError):
        name = ""
    if not name:
        raise ConfigError("the time zone of this machine has no name", "Set capture.home_timezone for the cluster")
    return replace(options, home_timezone=name)
