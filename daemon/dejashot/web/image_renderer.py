"""Pictures for the page, rendered by readers when a browser asks; small ones are kept, large ones for a while."""

import logging
import queue
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass, field

from dejashot.errors import DejashotError, Reason, UnreadablePhotoError
from dejashot.library.previews import keep_preview, read_preview
from dejashot.reading.job import ReadJob
from dejashot.reading.pool import ReaderPool
from dejashot.reading.protocol.payloads import Frame
from dejashot.web.picture_sizes import SMALL

log = logging.getLogger(__name__)

FACE_PX = 360
READER_IDLE_S = 60.0
KEPT_BYTES = 96 * 1024 * 1024
RENDER_TIMEOUT_S = 60.0


@dataclass(frozen=True, slots=True)
class _Request:
    """A picture that is waited for: its content and frame, the files that should hold it, and the result."""

    content: bytes
    frame: Frame
    places: tuple[bytes, ...]
    answer: "Future[bytes]" = field(default_factory=Future, compare=False)


class ImageRenderer:
    """Render pictures in a thread of its own, which owns the reader pool and ends idle readers; ask from any thread."""

    def __init__(self, pool: ReaderPool, places: Callable[[bytes], tuple[bytes, ...]]) -> None:
        self._pool = pool
        self._places = places
        self._requests: queue.SimpleQueue[_Request | None] = queue.SimpleQueue()
        self._kept: OrderedDict[tuple[bytes, Frame], bytes] = OrderedDict()
        self._kept_bytes = 0
        self._lock = threading.Lock()
        self._waiting: dict[tuple[bytes, Frame], _Request] = {}
        self._thread = threading.Thread(target=self._serve, name="pictures", daemon=True)
        self._thread.start()

    def get(self, content: bytes, frame: Frame = SMALL) -> bytes:
        """Return a picture as JPEG; raise UnreadablePhotoError when no file that holds the content can be read."""
        key = content, frame
        found = read_preview(content) if frame == SMALL else self._recall(key)
        if found is not None:
            return found
        with self._lock:
            request = self._waiting.get(key)
            if request is None:
                request = self._waiting[key] = _Request(content, frame, self._places(content))
                self._requests.put(request)
        try:
            return request.answer.result(RENDER_TIMEOUT_S)
        except TimeoutError:
            raise UnreadablePhotoError(Reason.TIMED_OUT) from None

    def close(self) -> None:
        """End the thread and the readers."""
        self._requests.put(None)
        self._thread.join()

    def _serve(self) -> None:
        """Render what is asked for, as many at once as there are readers, until told to end."""
        try:
            while True:
                try:
                    request = self._requests.get(timeout=READER_IDLE_S)
                except queue.Empty:
                    self._pool.close()
                    continue
                if request is None:
                    return
                self._work_from(request)
        finally:
            self._pool.close()
            self._fail_rest()

    def _work_from(self, first: _Request) -> None:
        """Render one picture and all that are asked for meanwhile; a file that fails is followed by the next one."""
        todo = [(first, 0)]
        try:
            while todo:
                for job, result in self._pool.render(self._jobs(todo)):
                    request, place = job.ticket
                    jpeg = result.value_for(request.content)
                    if jpeg is not None:
                        self._answer(request, jpeg)
                    elif place + 1 < len(request.places):
                        todo.append((request, place + 1))
                    elif result.error is not None:
                        self._refuse(request, result.error)
                    else:
                        self._refuse(
                            request, UnreadablePhotoError(Reason.VANISHED, "the file holds another picture by now")
                        )
        except (DejashotError, OSError, ValueError, KeyError, TypeError) as error:  # no readers, or broken ones
            known = error if isinstance(error, DejashotError) else UnreadablePhotoError(Reason.IO_ERROR)
            log.warning("pictures can't be rendered: %s", known.title if known is error else type(error).__name__)
            self._pool.close()
            for request in list(self._waiting.values()):
                self._refuse(request, known)

    def _jobs(self, todo: list[tuple[_Request, int]]) -> Iterator[ReadJob[tuple[_Request, int]]]:
        """Yield what is to be rendered, for as long as something is asked for."""
        while True:
            if not todo:
                try:
                    request = self._requests.get_nowait()
                except queue.Empty:
                    return
                if request is None:
                    self._requests.put(None)  # the end, for the loop that serves
                    return
                todo.append((request, 0))
            request, place = todo.pop()
            if request.places:
                yield ReadJob(request.places[place], (request, place), request.frame)
            else:
                self._refuse(request, UnreadablePhotoError(Reason.VANISHED))

    def _answer(self, request: _Request, jpeg: bytes) -> None:
        if request.frame == SMALL:
            keep_preview(request.content, jpeg)
        else:
            self._keep((request.content, request.frame), jpeg)
        with self._lock:
            self._waiting.pop((request.content, request.frame), None)
        request.answer.set_result(jpeg)

    def _refuse(self, request: _Request, error: Exception) -> None:
        with self._lock:
            self._waiting.pop((request.content, request.frame), None)
        if not request.answer.done():
            request.answer.set_exception(error)

    def _fail_rest(self) -> None:
        for request in list(self._waiting.values()):
            self._refuse(request, UnreadablePhotoError(Reason.VANISHED, "the page is closing"))

    def _keep(self, key: tuple[bytes, Frame], jpeg: bytes) -> None:
        with self._lock:
            self._kept_bytes += len(jpeg) - len(self._kept.get(key, b""))
            self._kept[key] = jpeg
            while self._kept_bytes > KEPT_BYTES:
                _, dropped = self._kept.popitem(last=False)
                self._kept_bytes -= len(dropped)

    def _recall(self, key: tuple[bytes, Frame]) -> bytes | None:
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
            return self._kept.get(key)
