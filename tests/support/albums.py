"""A library to choose from, and the review pages over it served on loopback."""

import http.client
import json
import os
import shutil
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import uvicorn
from starlette.types import ASGIApp

from dejashot.actions import apply
from dejashot.config.settings import Settings
from dejashot.errors import BatchError
from dejashot.ingest.scan import ScanProgress, scan
from dejashot.models.capture import instant
from dejashot.models.decisions import ApplyMethod, Verdict
from dejashot.models.files import content_hash
from dejashot.web.compose import make_app
from scenes import blurred, exposed, moved, portrait, save_photo, scene
from takes import decide

QUIET = ScanProgress(lambda _: None, lambda _: None, lambda _: None)
DAY = datetime(2026, 7, 1, 12, 0, 0)
HOSTILE = 'x"><img src=x onerror=alert(1)>\x1b[31m\u202e.jpg'
LONG = "A very long name that somebody gave to a photo of a tree in the garden behind the house, first try (edited).jpg"
GONE = "Gone/IMG_0602.jpg"


def take_photos(folder: Path) -> Path:
    """Save a folder with a group of every kind: few and many shots, equal files, a bracket, faces, odd names."""
    city = scene(1, (2400, 1800))
    save_photo(folder / "IMG_0001.jpg", city, DAY)
    save_photo(folder / "IMG_0002.jpg", blurred(city, 6), DAY + timedelta(seconds=1))
    save_photo(folder / "IMG_0003.jpg", moved(city, 0.03, 0.02), DAY + timedelta(seconds=3))
    fruit = scene(6)
    at = DAY + timedelta(minutes=10)
    save_photo(folder / "IMG_0101.jpg", fruit, at)
    (folder / "Copies").mkdir()
    shutil.copy(folder / "IMG_0101.jpg", folder / "Copies" / "IMG_0101 (copy).jpg")
    save_photo(folder / "IMG_0102.jpg", moved(fruit, 0.02, 0.01), at + timedelta(seconds=4))
    for n in range(12):
        picture = moved(scene(3), 0.004 * n, 0.003 * (n % 3))
        save_photo(folder / f"IMG_02{n:02}.jpg", picture, DAY + timedelta(minutes=20, seconds=n))
    tree = scene(5, (768, 1024))
    at = DAY + timedelta(minutes=30)
    save_photo(folder / LONG, tree, at)
    save_photo(folder / "IMG_0302.jpg", moved(tree, 0.02, 0.02), at + timedelta(seconds=5))
    for n, stops in enumerate((0, -2, 2)):
        at = DAY + timedelta(minutes=40, milliseconds=400 * n)
        save_photo(folder / f"AEB_{n}.jpg", exposed(scene(0), stops), at, bias=stops)
    page, at = scene(2), DAY + timedelta(minutes=50)
    save_photo(folder / HOSTILE, page, at)
    save_photo(folder / "IMG_0502.jpg", moved(page, 0.02, 0.0), at + timedelta(seconds=5))
    cloth, at = scene(7), DAY + timedelta(minutes=60)
    save_photo(folder / "IMG_0601.jpg", cloth, at)
    save_photo(folder / GONE, moved(cloth, 0.03, 0.03), at + timedelta(seconds=3))
    at = DAY + timedelta(minutes=70)
    save_photo(folder / "IMG_0701.jpg", portrait(0.0), at)
    save_photo(folder / "IMG_0702.jpg", portrait(1.0), at + timedelta(seconds=2))
    other, at = scene(8, (1600, 1200)), DAY - timedelta(days=12)
    save_photo(folder / "IMG_0801.jpg", other, at)
    save_photo(folder / "IMG_0802.jpg", blurred(other, 4), at + timedelta(seconds=2))
    save_photo(folder / "IMG_0901.jpg", scene(9), DAY - timedelta(days=40), gps=(54.18, 7.88))
    return folder


@dataclass(frozen=True)
class Trip:
    """A folder of photos that was scanned into a library; the photo `GONE` was deleted afterwards."""

    photos: Path
    library: Path
    cache: Path

    def content(self, name: str) -> str:
        """Return the content of a photo, in hex."""
        return content_hash((self.photos / name).read_bytes()).hexdigest()

    def with_own_library(self, folder: Path) -> "Trip":
        """Return the same trip with a copy of its library, for a test that decides."""
        return Trip(self.photos, Path(shutil.copytree(self.library, folder / "library")), self.cache)


def make_trip(folder: Path) -> Trip:
    """Save photos and scan them; previews go below XDG_CACHE_HOME."""
    trip = Trip(take_photos(folder / "photos"), folder / "library", folder / "cache")
    scan(Settings(), [trip.photos], trip.library, QUIET, previews=False, include_place=False)
    (trip.photos / GONE).unlink()
    return trip


def make_clear_cases(folder: Path) -> Path:
    """Return a library of two shots stored twice, which are clear cases, and of a group that is none."""
    photos, library = folder / "photos", folder / "library"
    for n in (1, 2):
        one = save_photo(photos / f"IMG_000{n}.jpg", scene(n), DAY + timedelta(minutes=10 * n))
        shutil.copy(one, photos / f"IMG_000{n} (copy).jpg")
    for n in (0, 1):
        save_photo(photos / f"IMG_01{n:02}.jpg", portrait(float(n)), DAY + timedelta(minutes=40, seconds=2 * n))
    scan(Settings(), [photos], library, QUIET, previews=False, include_place=False)
    return library


@dataclass(frozen=True)
class Stopped:
    """A batch that was stopped in the middle: its id, and its time as the page shows it."""

    id: str
    when: str


@contextmanager
def stopped_batch(trip: Trip) -> Iterator[Stopped]:
    """Quarantine two rejected photos of a trip, stopped after the first; undo it in the end for other tests."""
    decide(trip.library, Verdict.REJECT, [trip.photos / "IMG_0002.jpg", trip.photos / "IMG_0802.jpg"])
    plan = apply.plan_of(Settings(), trip.library, ApplyMethod.QUARANTINE, str(trip.library.parent / "Set aside"))

    def stop(done: int, of: int) -> None:
        if done < of:
            raise KeyboardInterrupt

    with suppress(KeyboardInterrupt):
        apply.apply_plan(plan, trip.library, stop)
    at = instant(plan.made_us).astimezone()
    try:
        yield Stopped(plan.id, f"{at.day} {at:%B %Y, %H:%M}")
    finally:
        with suppress(BatchError):  # it is undone already
            apply.undo_batch(trip.library, plan.id)


@dataclass(frozen=True)
class Served:
    """Pages under an address of this machine."""

    port: int

    @property
    def url(self) -> str:
        """Return the address."""
        return f"http://127.0.0.1:{self.port}"

    def ask(
        self, path: str, body: Any = None, *, method: str = "", headers: Mapping[str, str] | None = None
    ) -> "Response":
        """Request a page; a body other than bytes is sent as JSON."""
        data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=90)
        try:
            connection.request(method or ("GET" if data is None else "POST"), path, data, dict(headers or {}))
            response = connection.getresponse()
            return Response(response.status, {k.lower(): v for k, v in response.getheaders()}, response.read())
        finally:
            connection.close()


@dataclass(frozen=True)
class Response:
    """A response: status, headers (names in lower case) and body."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def text(self) -> str:
        """Return the body as text."""
        return self.body.decode()

    @property
    def json(self) -> Any:
        """Return the body as JSON."""
        return json.loads(self.body)


@contextmanager
def serve(app: ASGIApp) -> Iterator[Served]:
    """Serve an application on loopback by a real server, in a thread, until the block ends."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="critical", lifespan="off", timeout_graceful_shutdown=2))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        yield Served(listener.getsockname()[1])
    finally:
        server.should_exit = True
        thread.join()
        listener.close()


@contextmanager
def pages_over(library: Path) -> Iterator[Served]:
    """Serve the real pages over a library."""
    with make_app(Settings(), library) as app, serve(app) as served:
        yield served


if __name__ == "__main__":  # to look at the pages: python tests/support/albums.py FOLDER PORT
    import sys

    folder, port = Path(sys.argv[1]), int(sys.argv[2])
    os.environ["XDG_CACHE_HOME"] = str(folder / "cache")
    trip = Trip(folder / "photos", folder / "library", folder / "cache") if folder.exists() else make_trip(folder)
    with make_app(Settings(), trip.library) as app:
        uvicorn.run(app, host="127.0.0.1", port=port, log_level="warning")
