"""A pool of readers, and what it can be asked for."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from typing import Any, TypeVar

from dejashot.errors import UnreadablePhotoError
from dejashot.models.photo import Reading, SidecarMetadata, Wanted
from dejashot.reading.job import READ, ContentResult, InTurn, OrderSource, ReadJob
from dejashot.reading.protocol.exchange import KnownContent
from dejashot.reading.worker_pool import WorkerPool

Ticket = TypeVar("Ticket")


class ReaderPool(WorkerPool):
    """Have photos read, looked at, mapped and rendered, and films and sidecars read. Not thread-safe."""

    def read(
        self, jobs: Iterable[ReadJob[Ticket]], wanted: Callable[[bytes], Wanted]
    ) -> Iterator[tuple[ReadJob[Ticket], Reading | KnownContent | UnreadablePhotoError]]:
        """Read photos and yield each with what was read, in the order they finish. Raises ModelError.

        `wanted` says, by the hash of the content, how much is read; KnownContent is yielded where nothing is.
        """
        return self._values(InTurn(READ, jobs), wanted)

    def results(self, source: OrderSource[Ticket]) -> Iterator[tuple[ReadJob[Ticket], ContentResult[Any]]]:
        """Have what orders say found out of photos and yield each job with the result. Raises ModelError.

        The value is a Look for `look`, a map [channels, height, width] for `map`, LocalFeatures for `features`.
        """
        with closing(self.run(source, lambda _: Wanted.ALL)) as answers:
            for order, answer in answers:
                yield order.job, ContentResult.of(answer)

    def render(self, jobs: Iterable[ReadJob[Ticket]]) -> Iterator[tuple[ReadJob[Ticket], ContentResult[bytes]]]:
        """Have photos rendered as their frames say and yield each with the JPEG. Raises ModelError."""
        return self.results(InTurn("render", jobs))

    def read_sidecars(
        self, jobs: Iterable[ReadJob[Ticket]]
    ) -> Iterator[tuple[ReadJob[Ticket], SidecarMetadata | UnreadablePhotoError]]:
        """Read films and sidecars for what they say of photos, and yield each with that. Raises ModelError."""
        return self._values(InTurn("sidecar", jobs))

    def _values(
        self, source: OrderSource[Ticket], wanted: Callable[[bytes], Wanted] = lambda _: Wanted.ALL
    ) -> Iterator[tuple[ReadJob[Ticket], Any]]:
        with closing(self.run(source, wanted)) as answers:
            for order, answer in answers:
                yield order.job, answer.value
