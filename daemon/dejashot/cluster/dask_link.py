"""The link to the scheduler of a Dask cluster: the only module that needs `distributed`."""

import logging
import warnings
from collections.abc import Callable, Mapping
from contextlib import suppress
from itertools import count
from typing import Any

import dask
import numpy as np
from distributed import Client, Security

from dejashot.cluster import on_worker
from dejashot.cluster.access import SchedulerAccess

ANSWER_TIMEOUT_S = 10.0  # for what is there already: the state of the cluster, the bytes of a reply
_CLOSE_TIMEOUT_S = 5.0
_CONFIG = {"distributed.admin.large-graph-warning-threshold": "1GiB", "distributed.comm.timeouts.connect": "10s"}

Take = Callable[[object], None]  # takes what a worker returned, or the exception in its place


class DaskLink:
    """Have workers of a Dask cluster do something. Raises OSError where there is no scheduler."""

    def __init__(self, access: SchedulerAccess, timeout_s: float) -> None:
        """Connect to a scheduler; raise OSError where none answers in time."""
        for name in ("distributed", "distributed.client", "distributed.core", "distributed.comm"):
            logging.getLogger(name).setLevel(logging.CRITICAL)  # what matters is said in a sentence
        dask.config.set(_CONFIG)
        warnings.filterwarnings("ignore", module="distributed")
        self._client = Client(access.address, security=_security(access), timeout=timeout_s, set_as_default=False)
        self._count = count()

    @property
    def is_up(self) -> bool:
        """Return whether the scheduler is there."""
        return bool(self._client.status == "running")

    def workers(self) -> Mapping[str, int]:
        """Return the addresses of the workers, each with its number of threads; raise OSError for no scheduler."""
        try:
            found = self._client.scheduler_info()["workers"]
        except Exception as error:
            raise OSError("the scheduler does not answer") from error
        return {address: int(worker["nthreads"]) for address, worker in found.items()}

    def greet(self, worker: str, model: str, network: str, take: Take) -> Any:
        """Have a worker say what it is; return what stands for the answer as long as it is awaited."""
        return self._submit(worker, take, on_worker.greet, model, network)

    def read(self, worker: str, request: bytes, data: bytes | None, take: Take) -> Any:
        """Have a worker read a photo; return what stands for the answer as long as it is awaited."""
        sent = None if data is None else np.frombuffer(data, dtype=np.uint8)  # Dask does not copy an array
        return self._submit(worker, take, on_worker.read, request, sent)

    @staticmethod
    def drop(awaited: Any) -> None:
        """Await an answer no longer: nothing is done for it any more where that has not begun."""
        with suppress(Exception):  # the scheduler went away
            awaited.release()

    def close(self) -> None:
        """Leave the cluster."""
        self._client.close(timeout=_CLOSE_TIMEOUT_S)

    def _submit(self, worker: str, take: Take, function: Callable[..., bytes], *arguments: object) -> Any:
        """Run a function on one worker and no other; `take` is called in a thread of its own."""
        key = f"dejashot-{self._client.id}-{next(self._count)}"
        try:
            future = self._client.submit(function, *arguments, key=key, workers=[worker], pure=False)
        except Exception as error:  # noqa: BLE001 - the scheduler goes away, in whatever way Dask says it
            take(error)
            return None
        future.add_done_callback(lambda done: take(_outcome(done)))
        return future


def _outcome(future: Any) -> object:
    """Return what a function returned, or the exception that is in its place."""
    try:
        return future.result(timeout=ANSWER_TIMEOUT_S)
    except BaseException as error:  # noqa: BLE001 - whatever another machine sends; cancelling is a BaseException
        return error


def _security(access: SchedulerAccess) -> Security | None:
    if not access.ca_file:
        return None
    return Security(
        require_encryption=True,
        tls_ca_file=access.ca_file,
        tls_client_cert=access.cert_file,
        tls_client_key=access.key_file or None,
    )
