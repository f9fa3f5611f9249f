"""The daemon in the foreground, on real files: whatever lands is found, digested once, and survives restarts."""

import json
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from daemons import QUICK, TIMEOUT_S, photos, wait_until
from homes import Home, tree_hash
from networks import tiny_network
from scenes import save_photo, scene

NOON = datetime(2026, 7, 1, 12)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "Pictures"
    made.mkdir()
    return made


@pytest.fixture
def start(home: Home, folder: Path) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    running: list[subprocess.Popen[str]] = []

    def begin(config: str = QUICK, model: Path | None = None, **changes: str) -> subprocess.Popen[str]:
        home.configure(config)
        process = home.start("run", folder, *(["--model", model] if model else []), **changes)
        running.append(process)
        wait_until(lambda: process.poll() is not None or home.status()["running"], "the daemon runs")
        return process

    yield begin
    for process in running:
        if process.poll() is None:
            process.kill()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()


def land(folder: Path, aside: Path, count: int) -> None:
    """Let photos land in every way: written in pieces, renamed as by Syncthing, moved, in new folders, hard-linked."""
    aside.mkdir(exist_ok=True)
    for n in range(count):
        made = save_photo(aside / f"IMG_{n:04d}.jpg", scene(n, (320, 240)), NOON + timedelta(seconds=20 * n))
        target = folder / made.name
        way = n % 5
        if way == 0:
            data = made.read_bytes()
            with target.open("wb") as out:
                for start_at in range(0, len(data), 4096):
                    out.write(data[start_at : start_at + 4096])
                    out.flush()
        elif way == 1:
            temp = folder / f".syncthing.{made.name}.tmp"
            shutil.copy(made, temp)
            temp.rename(target)
        elif way == 2:
            shutil.move(made, target)
        elif way == 3:
            (folder / f"day{n}").mkdir()
            shutil.copy(made, folder / f"day{n}" / made.name)
        else:
            target.hardlink_to(made)


def test_whatever_way_photos_land_they_are_found(
    home: Home, folder: Path, tmp_path: Path, start: Callable[..., Any]
) -> None:
    save_photo(folder / "before.jpg", scene(3, (320, 240)), NOON - timedelta(days=1))
    process = start()
    land(folder, tmp_path / "aside", 20)
    shutil.copytree(folder / "day3", tmp_path / "tree" / "deep")
    save_photo(tmp_path / "tree" / "deep" / "other.jpg", scene(7, (300, 200)))
    shutil.move(tmp_path / "tree", folder / "tree")
    (folder / "broken.jpg").write_bytes(b"not a photo")
    (folder / "notes.txt").write_text("not a photo either")
    wait_until(lambda: photos(home) == 23, "all are found")
    body = home.json("status")
    assert body["skipped"] == 1
    assert body["folders"][0]["state"] == "watching"
    (folder / "before.jpg").rename(folder / "renamed.jpg")
    (folder / "IMG_0000.jpg").unlink()
    shutil.rmtree(folder / "day8")
    wait_until(lambda: photos(home) == 21, "losses are noticed")
    process.send_signal(signal.SIGTERM)
    output, _ = process.communicate(timeout=30)
    assert process.returncode == 0, output
    assert "Traceback" not in output
    assert "faiss" not in output  # what libraries say of themselves
    assert str(folder) not in output
    assert home.json("status")["running"] is False


def test_one_digest_with_all_of_them_and_a_restart_adds_nothing(
    home: Home, folder: Path, tmp_path: Path, start: Callable[..., Any]
) -> None:
    config = '[watch]\nquiet_s = 0.2\n[digest]\nschedule = "* * * * *"\nquiet_s = 2\n'
    process = start(config)
    land(folder, tmp_path / "aside", 15)
    before = tree_hash(folder)
    wait_until(lambda: (home.status()["last_digest"] or {}).get("photos"), "the digest is made")
    last = home.json("status")["last_digest"]
    assert last["photos"] == 15
    body = json.loads(Path(last["file"]).with_suffix(".json").read_text())
    assert body["totals"]["new_photos"] == 15
    assert len({p["path"] for p in body["photos"]}) == 15
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=30)
    start(config)
    wait_until(lambda: photos(home) == 15, "the restarted daemon has read")
    assert home.json("status")["last_digest"] == last
    assert len(list((home.library / "digests").glob("*.json"))) == 1
    assert tree_hash(folder) == before


def test_a_kill_at_any_moment_loses_and_doubles_nothing(
    home: Home, folder: Path, tmp_path: Path, start: Callable[..., Any]
) -> None:
    land(folder, tmp_path / "aside", 40)
    seen = 0
    for _ in range(4):
        process = start()
        wait_until(lambda: process.poll() is not None or home.status()["photos"] > min(seen, 39), "more is stored")  # noqa: B023
        process.kill()
        process.wait()
        now = home.json("status")["photos"]
        assert now >= seen
        seen = now
    start()
    wait_until(lambda: photos(home) == 40, "everything is there")
    body = home.json("report")
    assert len({p["path"] for p in body["photos"]}) == len(body["photos"]) == 40


def test_a_folder_that_goes_away_is_paused_and_nothing_is_forgotten(
    home: Home, folder: Path, tmp_path: Path, start: Callable[..., Any]
) -> None:
    land(folder, tmp_path / "aside", 5)
    start()
    wait_until(lambda: photos(home) == 5, "all are found")
    folder.rename(tmp_path / "unplugged")
    wait_until(lambda: home.status()["folders"][0]["state"] == "paused", "the loss is noticed")
    body = home.json("status")
    assert body["photos"] == 5
    assert body["folders"][0]["trouble"]
    (tmp_path / "unplugged").rename(folder)
    wait_until(lambda: home.status()["folders"][0]["state"] == "watching", "it is back")
    save_photo(folder / "after.jpg", scene(6, (320, 240)))
    wait_until(lambda: photos(home) == 6, "what lands afterwards is found")


def test_an_empty_file_costs_no_work_while_it_waits(home: Home, folder: Path, start: Callable[..., Any]) -> None:
    import psutil

    save_photo(folder / "a.jpg", scene(1, (320, 240)))
    process = start("[watch]\nquiet_s = 0.3\n[reading]\nidle_stop_s = 1\n")
    wait_until(lambda: photos(home) == 1, "it is found")
    (folder / "empty.jpg").touch()
    wait_until(lambda: home.status()["backlog"] == 1, "the empty file is seen")
    daemon = psutil.Process(process.pid)
    wait_until(lambda: not daemon.children(), "the reader ends although something waits")
    before = sum(daemon.cpu_times()[:2])
    wait_until(lambda: home.status()["skipped"] == 1, "it is listed as empty")
    assert sum(daemon.cpu_times()[:2]) - before < 2.0


def test_a_disk_taken_away_from_its_mount_point_is_paused(
    home: Home, folder: Path, tmp_path: Path, start: Callable[..., Any]
) -> None:
    if subprocess.run(["mount", "-t", "tmpfs", "tmpfs", folder], capture_output=True).returncode:
        pytest.skip("mounting needs privileges")
    try:
        land(folder, tmp_path / "aside", 3)
        start()
        wait_until(lambda: photos(home) == 3, "all are found")
    finally:
        subprocess.run(["umount", "-l", folder], check=True)
    wait_until(lambda: home.status()["folders"][0]["state"] == "paused", "the loss is noticed")
    body = home.json("status")
    assert body["photos"] == 3
    assert "disk" in body["folders"][0]["trouble"]


def test_scan_report_and_similar_work_while_the_daemon_runs(
    home: Home, folder: Path, tmp_path: Path, start: Callable[..., Any], busy_minute: Path
) -> None:
    land(folder, tmp_path / "aside", 5)
    start()
    wait_until(lambda: photos(home) == 5, "all are found")
    scanned = home.run("scan", busy_minute, "--format", "json")
    assert len(json.loads(scanned.stdout)["photos"]) == 5
    assert "not kept" in scanned.stderr
    assert home.json("status")["photos"] == 5
    assert len(home.json("report")["photos"]) == 5
    assert home.json("similar", folder / "IMG_0000.jpg")["matches"]
    second = home.run("run", folder)
    assert second.returncode == 2
    assert "another Dejashot" in second.stderr


def test_systemd_is_notified_of_ready_and_stopping(
    home: Home, folder: Path, tmp_path: Path, start: Callable[..., Any]
) -> None:
    import socket

    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as link:
        link.bind(str(tmp_path / "notify"))
        link.settimeout(TIMEOUT_S)
        process = start(NOTIFY_SOCKET=str(tmp_path / "notify"))
        assert link.recv(300).startswith(b"STATUS=Opening the library\nEXTEND_TIMEOUT_USEC=")
        assert any(link.recv(300).startswith(b"READY=1\nSTATUS=Watching 1 of 1 folder") for _ in range(20))
        process.send_signal(signal.SIGTERM)
        assert any(link.recv(300) == b"STOPPING=1" for _ in range(20))
        process.communicate(timeout=30)
        assert process.returncode == 0


def test_run_without_a_folder_prints_what_to_do(home: Home) -> None:
    done = home.run("run")
    assert done.returncode == 78
    assert "no folder to watch" in done.stderr


def test_the_reader_is_gone_when_there_is_nothing_to_read(
    home: Home, folder: Path, tmp_path: Path, start: Callable[..., Any]
) -> None:
    import psutil

    land(folder, tmp_path / "aside", 3)
    process = start(QUICK + "[reading]\nidle_stop_s = 1\n")
    wait_until(lambda: photos(home) == 3, "all are found")
    wait_until(lambda: not psutil.Process(process.pid).children(), "the reader ends")
    save_photo(folder / "later.jpg", scene(2, (320, 240)))
    wait_until(lambda: photos(home) == 4, "it comes back")


def test_another_model_takes_over_in_the_background_and_never_mixes(
    home: Home, folder: Path, busy_minute: Path, tmp_path: Path, start: Callable[..., Any]
) -> None:
    shutil.copytree(busy_minute, folder, dirs_exist_ok=True)
    old = home.json("scan", folder)
    start(model=tiny_network(tmp_path))
    seen: dict[str, Any] = {}

    def taken_over() -> bool:
        body = home.json("report")
        assert seen.setdefault(body["model"], body["pairs"]) == body["pairs"]
        return body["model"].startswith("tiny@")

    wait_until(taken_over, "the other model answers")
    assert seen.pop(old["model"], old["pairs"]) == old["pairs"]
    (pairs,) = seen.values()
    assert all(p["cosine"] is not None for p in pairs)
    assert [p["cosine"] for p in pairs] != [p["cosine"] for p in old["pairs"]]
