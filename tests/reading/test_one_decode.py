"""A photo is decoded once for everything that a reader is asked of it, and a reader is asked that holds its picture."""

import os
import socket
import subprocess
import threading
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import simplejpeg

from dejashot.models.arrays import PictureMapArray
from dejashot.models.photo import Reading, Wanted
from dejashot.reading.decode import decoder
from dejashot.reading.job import InTurn, Order, ReadJob
from dejashot.reading.photo_picture import decode_picture
from dejashot.reading.pool import ReaderPool
from dejashot.reading.protocol.payloads import WorkerOptions
from dejashot.reading.worker import Worker
from dejashot.reading.worker_process import WorkerProcess
from scenes import save_photo, scene


class ThreadPool(ReaderPool):
    """A pool whose reader is a thread of this process, so that a test sees what it does."""

    def start_worker(self, _op: str, _job: ReadJob[Any]) -> WorkerProcess:
        """Return a reader behind a real socket; the process beside it only ends."""
        ours, theirs = socket.socketpair()
        link = Connection(theirs.detach())
        worker = Worker(link, self._options, self.network, ZoneInfo("UTC"))
        threading.Thread(target=worker.serve, args=((),), daemon=True).start()
        return WorkerProcess.connected(subprocess.Popen(["true"]), Connection(ours.detach()), self.bounds)


def test_a_photo_is_decoded_once_for_all_that_is_asked_of_it(
    tmp_path: Path, options: WorkerOptions, monkeypatch: pytest.MonkeyPatch
) -> None:
    decoded = []
    decode = simplejpeg.decode_jpeg
    monkeypatch.setattr(simplejpeg, "decode_jpeg", lambda *args, **more: decoded.append(1) or decode(*args, **more))
    path = os.fsencode(save_photo(tmp_path / "IMG_1.jpg", scene(3, (3000, 2000))))
    pool = ThreadPool(options, 1)
    ((_, read),) = pool.read([ReadJob(path, None)], lambda _: Wanted.ALL)
    assert isinstance(read, Reading)
    assert (read.width, read.height) == (3000, 2000)  # of the photo, not of what was decoded of it
    for op in ("look", "map", "features"):
        ((_, result),) = pool.results(InTurn(op, [ReadJob(path, None)]))
        assert result.value_for(read.content) is not None
    pool.close()
    assert len(decoded) == 1


def test_the_map_that_comes_with_a_reading_is_that_which_is_asked_for(tmp_path: Path, options: WorkerOptions) -> None:
    path = os.fsencode(save_photo(tmp_path / "IMG_1.jpg", scene(3)))
    pool = ReaderPool(options, 1)
    ((_, read),) = pool.read([ReadJob(path, None)], lambda _: Wanted.ALL)
    ((_, facts),) = pool.read([ReadJob(path, None)], lambda _: Wanted.FACTS)
    ((_, asked),) = pool.results(InTurn("map", [ReadJob(path, None)]))
    pool.close()
    assert isinstance(read, Reading)
    assert isinstance(facts, Reading)
    maps: list[PictureMapArray] = [value for value in (read.map, asked.value) if value is not None]
    assert (maps[0] == maps[1]).all()
    assert facts.map is None


class Watched:
    """A source of one order after another that notes what the reader held each time."""

    def __init__(self, paths: list[bytes]) -> None:
        self.left = [Order("look", ReadJob(path, path)) for path in paths]
        self.held: list[tuple[bytes, ...]] = []

    def take(self, held: Any) -> Order[bytes] | None:
        """Return the next order."""
        if not self.left:
            return None
        self.held.append(tuple(held))
        return self.left.pop(0)


def test_a_source_is_told_which_pictures_the_reader_holds(tmp_path: Path, options: WorkerOptions) -> None:
    paths = [os.fsencode(save_photo(tmp_path / f"IMG_{n}.jpg", scene(n))) for n in (3, 4, 6)]
    pool, source = ReaderPool(options, 1), Watched(paths)
    contents = [result.content for _, result in pool.results(source)]
    pool.close()
    assert [list(held) for held in source.held] == [[], contents[:1], contents[:2]]


@pytest.mark.parametrize(
    ("size", "decoded"),
    [((4080, 3060), (1020, 765)), ((3024, 4032), (756, 1008)), ((3000, 2000), (1500, 1000)), ((640, 480), (640, 480))],
)
def test_a_jpeg_is_decoded_at_the_smallest_scale_that_serves(
    tmp_path: Path, size: tuple[int, int], decoded: tuple[int, int]
) -> None:
    data = save_photo(tmp_path / "IMG.jpg", scene(3, size)).read_bytes()
    assert decode_picture(decoder.open_image(data, "IMG.jpg", 220)).pixels.size == decoded
