"""Fixtures of the whole suite: an isolated home, empty and filled libraries, sample photos, and a browser."""

import fcntl
import os
import shutil
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as the command line does, before numpy is loaded

import pytest
from hypothesis import settings

from albums import Trip, make_trip
from browsers import CHROMIUM
from dejashot.config.settings import Settings
from dejashot.ingest.pipeline import Pipeline, open_pipeline
from dejashot.reading.options import worker_options
from homes import Home, environment
from scenes import exposed, moved, save_photo, scene

pytest_plugins = ["measured_examples", "report_fixtures", "take_fixtures"]
SHARED = Path(__file__).parents[2] / "shared"
WAITING = {Path(__file__).parent / name for name in ("e2e", "promises")}
settings.register_profile("untimed", deadline=None)  # how long an example takes says how busy the machine is
settings.load_profile("untimed")
for variable in ("LC_ALL", "LC_MESSAGES", "LANGUAGE"):
    os.environ.pop(variable, None)
os.environ["LANG"] = "C.UTF-8"  # digests are in English, whatever language this machine speaks


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put first what runs alone, then what waits for processes, and last what computes.

    Tests that run alone stop all others once, not again and again, and no long test is left to one process at the end.
    """
    alone = Counter(item.path for item in items if item.get_closest_marker("alone"))

    def order(item: pytest.Item) -> tuple[int, int]:
        if item.get_closest_marker("alone"):
            return 0, -alone[item.path]
        return (1, 0) if item.path.parent in WAITING else (2, 0)

    items.sort(key=order)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """Run a test that is marked `alone` while no other process runs one.

    A process that waits for its turn holds the queue, so that none that comes later overtakes it.
    """
    assert item.config.cache is not None
    locks = item.config.cache.mkdir("alone")
    alone = item.get_closest_marker("alone") is not None
    with (locks / "queue").open("w") as queue, (locks / "running").open("w") as running:
        fcntl.flock(queue, fcntl.LOCK_EX)
        fcntl.flock(running, fcntl.LOCK_EX if alone else fcntl.LOCK_SH)
        fcntl.flock(queue, fcntl.LOCK_UN)
        return (yield)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """Give the test a home folder of its own."""
    path = tmp_path / "home"
    path.mkdir()
    return Home(path, environment(path))


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give the test an empty folder for a library, with the preview cache next to it."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "library"


@pytest.fixture
def pipeline(library: Path) -> Iterator[Pipeline]:
    """Give the test a pipeline of two readers over an empty library."""
    with open_pipeline(Settings(), library, workers=2) as opened:
        yield opened


@pytest.fixture(scope="session")
def options() -> Any:
    """Return the options of a reading worker as the defaults make them."""
    return worker_options(Settings())


NOON = datetime(2026, 7, 1, 12, 0, 0)


@pytest.fixture(scope="session")
def _busy_minute(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("minute")
    city, fruit, sea = scene(1), scene(6), scene(3)
    save_photo(folder / "IMG_0001.jpg", city, NOON)
    save_photo(folder / "IMG_0002.jpg", exposed(city, -2), NOON + timedelta(seconds=4))
    save_photo(folder / "IMG_0003.jpg", moved(city, 0.04, 0.02), NOON + timedelta(seconds=9))
    save_photo(folder / "IMG_0004.jpg", fruit, NOON + timedelta(seconds=21))
    save_photo(folder / "IMG_0005.jpg", sea, NOON + timedelta(hours=2), gps=(54.18, 7.88))
    return folder


@pytest.fixture
def busy_minute(_busy_minute: Path, tmp_path: Path) -> Path:
    """Give the test a folder of five photos.

    Three are takes of one shot, one is another scene of the same minute, one was taken two hours later.
    """
    return Path(shutil.copytree(_busy_minute, tmp_path / "minute"))


@pytest.fixture(scope="session")
def shared() -> Path:
    """Return the evaluation photos, or skip."""
    if not (SHARED / "data" / "originals").is_dir():
        pytest.skip("the evaluation photos are not next to this checkout")
    return SHARED


@pytest.fixture(scope="session")
def _trip(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Trip]:
    folder = tmp_path_factory.mktemp("trip")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(folder / "cache"))
        yield make_trip(folder)


@pytest.fixture
def trip(_trip: Trip, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Trip:
    """Give the test the photos of a trip and a library of its own; previews are shared with the other tests."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(_trip.cache))
    return _trip.with_own_library(tmp_path)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Give the tests a real browser, or skip."""
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed")
    api = pytest.importorskip("playwright.sync_api")
    with api.sync_playwright() as play:
        opened = play.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        )
        yield opened
        opened.close()
