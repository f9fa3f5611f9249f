"""Photos read on a real cluster: the library is the same as after reading them here, whatever happens on the way."""

import shutil
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("distributed")

from distributed import Client, LocalCluster

from clusters import bring, dask_processes, kill, rows
from dejashot.config.settings import ClusterSettings
from scenes import moved, save_photo, scene

READ_ALONG = "The cluster's workers read photos too."
START = datetime(2026, 7, 1, 12, 0, 0)


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    with LocalCluster(
        n_workers=2,
        threads_per_worker=1,
        processes=True,
        protocol="tcp://",
        host="127.0.0.1",
        dashboard_address="127.0.0.1:0",
    ) as started:
        yield started


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder of some takes, a copy, a photo dated by its file alone, and two that can't be read."""
    folder = tmp_path_factory.mktemp("photos")
    for n in range(4):
        save_photo(folder / f"IMG_{n}.jpg", moved(scene(1), 0.02 * n, 0.01), START + timedelta(seconds=3 * n))
    shutil.copy(folder / "IMG_0.jpg", folder / "IMG_0 (copy).jpg")
    scene(6).save(folder / "undated.png")
    (folder / "half.jpg").write_bytes((folder / "IMG_1.jpg").read_bytes()[:3000])
    (folder / "empty.jpg").touch()
    return folder


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder of forty photos, none within minutes of another."""
    folder = tmp_path_factory.mktemp("many")
    for n in range(40):
        save_photo(folder / f"IMG_{n}.jpg", scene(n, (640, 480)), START + timedelta(minutes=10 * n))
    return folder


def settings(address: str, **more: Any) -> ClusterSettings:
    return ClusterSettings(scheduler=address, **more)


def rows_at_home(folder: Path, library: Path) -> dict[str, list[tuple[Any, ...]]]:
    bring(folder, library)
    return rows(library)


@pytest.mark.parametrize("how", ["sent", "from its own path"])
def test_the_library_is_the_same_row_by_row(cluster: Any, photos: Path, tmp_path: Path, how: str) -> None:
    share = tmp_path / "share"
    shutil.copytree(photos, share, copy_function=shutil.copyfile)  # with other times than at home
    paths = {} if how == "sent" else {str(photos): str(share)}
    found = bring(photos, tmp_path / "there", settings(cluster.scheduler_address, paths=paths))
    assert found.notices == [READ_ALONG]
    assert len(found.results) == 8
    expected = rows_at_home(photos, tmp_path / "here")
    assert expected["quality"]
    assert rows(tmp_path / "there") == expected


def test_what_workers_can_read_no_reader_at_home_does(cluster: Any, many: Path, tmp_path: Path) -> None:
    found = bring(many, tmp_path, settings(cluster.scheduler_address))
    assert (found.results, found.readers) == (["ADDED"] * 40, 0)


def test_a_share_that_shows_another_file_is_not_believed(cluster: Any, photos: Path, tmp_path: Path) -> None:
    share = Path(shutil.copytree(photos, tmp_path / "share"))
    data = bytearray((share / "IMG_1.jpg").read_bytes())
    data[-3] ^= 1
    (share / "IMG_1.jpg").write_bytes(data)  # of the same size
    (share / "IMG_2.jpg").write_bytes((share / "IMG_3.jpg").read_bytes())
    (share / "undated.png").unlink()
    found = bring(photos, tmp_path / "there", settings(cluster.scheduler_address, paths={str(photos): str(share)}))
    assert found.notices[0] == READ_ALONG
    assert len(found.notices) == 2
    assert "sees another file, or none, at" in found.notices[1]
    assert rows(tmp_path / "there") == rows_at_home(photos, tmp_path / "here")


@pytest.mark.parametrize("workers_it_may_lose", [3, 0])
def test_a_worker_that_is_killed_half_way_loses_nothing(
    cluster: Any, many: Path, tmp_path: Path, workers_it_may_lose: int
) -> None:
    cluster.scheduler.allowed_failures = workers_it_may_lose  # of a photo, before the cluster gives up on it
    with Client(cluster) as client:
        pids = [*client.run(lambda: __import__("os").getpid()).values()]
    found = bring(
        many,
        tmp_path / "there",
        settings(cluster.scheduler_address),
        lambda _: kill(pids.pop()) if len(pids) > 1 else 0,
    )
    assert found.results == ["ADDED"] * 40
    assert any("went away: what it had is read elsewhere" in said for said in found.notices)
    assert (found.readers > 0) is (workers_it_may_lose == 0)
    assert rows(tmp_path / "there") == rows_at_home(many, tmp_path / "here")


def test_another_version_is_left_out_and_a_scheduler_that_goes_loses_nothing(many: Path, tmp_path: Path) -> None:
    older = tmp_path / "older.py"
    older.write_text("import dejashot\n\ndejashot.__version__ = '0.0.1'\n")
    with dask_processes(tmp_path) as started:
        scheduler = started.start_scheduler()
        started.start_worker("--preload", older)
        found = bring(many, tmp_path / "none", settings(started.address, wait_s=20))
        assert "is left out: it runs Dejashot 0.0.1, and this is " in found.notices[0]
        assert found.notices[1:] == ["The cluster has no worker that can be used: photos are read here."]
        started.start_worker()
        found = bring(many, tmp_path / "there", settings(started.address, wait_s=20), lambda _: scheduler.kill())
    assert "The cluster's scheduler went away: the other photos are read here." in found.notices
    assert found.results == ["ADDED"] * 40
    assert rows(tmp_path / "there") == rows(tmp_path / "none") == rows_at_home(many, tmp_path / "here")
    found = bring(many, tmp_path / "there", settings(started.address, wait_s=1))
    assert found.notices[0].startswith(f"No scheduler of a cluster answers at {started.address}: all photos are read")
