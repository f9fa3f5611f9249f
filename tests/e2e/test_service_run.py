"""The daemon as a service manager sees it: exit status, late disks, the status and the metrics file."""

import signal
import subprocess
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest

from daemons import wait_until
from homes import Home
from scenes import save_photo, scene


@pytest.fixture
def start(home: Home) -> Iterator[Callable[[str], subprocess.Popen[str]]]:
    running: list[subprocess.Popen[str]] = []

    def begin(config: str) -> subprocess.Popen[str]:
        home.configure(config)
        running.append(home.start("run"))
        return running[-1]

    yield begin
    for process in running:
        process.kill()
        process.communicate()


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ("folders = 3", "folders"),
        ("", "no folder to watch"),
        ('folders = ["{photos}"]\n[model]\npath = "/nonexistent/net.onnx"', "net.json"),
        ('folders = ["{photos}"]\n[library]\nfolder = "{photos}"', "where Dejashot itself writes"),
        ('folders = ["{photos}"]\n[digest]\nschedule = "99 0 * * *"', "digest.schedule"),
        ('folders = ["{photos}/IMG_0001.jpg"]', "not a folder"),
    ],
)
def test_errors_that_a_restart_can_not_fix_exit_with_78(
    home: Home, busy_minute: Path, config: str, message: str
) -> None:
    home.configure(config.replace("{photos}", str(busy_minute)))
    done = home.run("run")
    assert (done.returncode, message in done.stderr) == (78, True), done.stderr
    assert "Traceback" not in done.stderr
    if "folders = 3" in config:
        assert home.run("config", "check").returncode == 2


def test_a_folder_typed_wrongly_is_refused(home: Home, tmp_path: Path) -> None:
    done = home.run("run", tmp_path / "Pitcures")
    assert (done.returncode, "there is no folder" in done.stderr) == (78, True)


def test_a_disk_that_comes_late_is_waited_for(
    home: Home, busy_minute: Path, tmp_path: Path, start: Callable[[str], subprocess.Popen[str]]
) -> None:
    late, metrics = tmp_path / "late", tmp_path / "dejashot.prom"
    config = f'folders = ["{busy_minute}", "{late}"]\n[watch]\nquiet_s = 0.2\n[metrics]\nfile = "{metrics}"\n'
    process = start(config)
    wait_until(lambda: process.poll() is not None or home.status()["photos"] == 5, "the folder that is there is read")
    wait_until(lambda: home.json("status")["reader"]["photos_read"] == 5, "that is published")
    body = home.json("status")
    assert {f["path"]: f["state"] for f in body["folders"]} == {str(busy_minute): "watching", str(late): "paused"}
    assert len(body["next_digests"]) == 3
    assert body["next_digest"] == body["next_digests"][0]
    assert body["reader"]["restarts"] == 0
    assert body["index"]["vectors"] == 5
    assert body["memory_bytes"] is None or 20e6 < body["memory_bytes"] < 400e6
    assert "not there yet" in body["problems"][0]["words"]
    assert str(late) not in body["problems"][0]["words"]
    aside = tmp_path / "aside"
    aside.mkdir()
    save_photo(aside / "IMG_9.jpg", scene(2), datetime(2026, 7, 1, 12))
    aside.rename(late)
    wait_until(lambda: home.status()["photos"] == 6, "the late one is read")
    wait_until(lambda: home.json("status")["reader"]["photos_read"] == 6, "that is published too")
    assert home.json("status")["folders"][1]["state"] == "watching"
    printed = home.run("status").stdout
    assert all(len(line) <= 80 for line in printed.splitlines())
    assert "6 photos read" in printed
    process.send_signal(signal.SIGTERM)
    output, _ = process.communicate(timeout=30)
    assert process.returncode == 0, output
    assert "dejashot_up 0\n" in metrics.read_text()
    assert len(home.json("status")["next_digests"]) == 3
    assert home.json("status")["next_digest"] is None
    assert "(when the daemon runs)" in " ".join(home.run("status").stdout.split())
