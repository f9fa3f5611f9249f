"""The real command and daemon with readers that a photo takes over: they stay up, report it, and read the rest."""

import base64
import json
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import dejashot
from daemons import running, wait_until
from dejashot.library.library import Library
from dejashot.models.capture import microseconds
from dejashot.models.files import content_hash
from homes import Home
from readers import READY, frame, put_at, sound
from scenes import save_photo, scene

pytestmark = pytest.mark.alone
NOON = datetime(2026, 7, 1, 12)
TAKEN_OVER = '''
"""The real reader in its sandbox, but a photo that begins with orders makes it send what they contain."""

import base64
import json
import os
import time

from dejashot.reading import real_worker as real

held = {}


def noted(data=b""):
    held["data"] = bytes(data)
    return hashed(data)


class TakenOver(real.Worker):
    def send(self, message):
        data, held["data"] = held.get("data", b""), b""
        if not data.startswith(b"ORDERS:"):
            return super().send(message)
        orders = json.loads(data[7:])
        os.write(self.link.fileno(), base64.b64decode(orders["data"]))
        if orders["then"] == "hang up":
            os.close(self.link.fileno())
        while orders["then"] != "end":
            time.sleep(1)
        os._exit(0)


hashed, real.content_hash, real.Worker = real.content_hash, noted, TakenOver
if __name__ == "__main__":
    real.worker_main()
'''


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of the package with readers that can be taken over."""
    folder = tmp_path_factory.mktemp("taken over")
    there = Path(
        shutil.copytree(
            Path(dejashot.__file__).parent, folder / "dejashot", ignore=shutil.ignore_patterns("__pycache__")
        )
    )
    (there / "reading" / "worker.py").rename(there / "reading" / "real_worker.py")
    (there / "reading" / "worker.py").write_text(TAKEN_OVER)
    shutil.copytree(Path(dejashot.__file__).parents[2] / "config", folder.parent / "config", dirs_exist_ok=True)
    return folder


def ordered(file: Path, messages: list[Any], then: str = "stay") -> None:
    """Write a photo that makes its reader send something: bytes as they are, the rest as messages."""
    raw = b"".join(m if isinstance(m, bytes) else frame(json.dumps(m).encode()) for m in messages)
    file.write_bytes(b"ORDERS:" + json.dumps({"data": base64.b64encode(raw).decode(), "then": then}).encode())


def lies(**changes: Any) -> list[Any]:
    """Return the messages of a reader with false values in its reading."""
    _, hashed, reading = sound("read")
    for where, value in changes.items():
        reading = put_at(reading, ("reading", *where.split("__")), value)
    return [hashed, reading]


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "Pictures"
    for number in range(3):
        save_photo(folder / f"good_{number}.jpg", scene(number, (320, 240)), NOON + timedelta(seconds=20 * number))
    short = np.zeros(255, dtype="<f4")
    short[0] = 1
    ordered(folder / "a_hash_without_content.jpg", [{"op": "hashed"}])
    ordered(folder / "deep.jpg", [frame(b'{"op":' + b"[" * 100_000)])
    ordered(folder / "fatal.jpg", [{"op": "fatal", "title": "the network is broken", "hint": "y"}], "end")
    ordered(folder / "half_a_message.jpg", [frame(json.dumps(READY).encode())[:20]])
    ordered(folder / "hung_up.jpg", [], "hang up")
    ordered(folder / "offset.jpg", lies(taken__offset_s=10**9))
    ordered(folder / "vector.jpg", lies(vector=base64.b64encode(short.tobytes()).decode()))
    yield folder


EVIL = 7


def test_a_daemon_goes_on_reading_and_digesting_whatever_its_readers_send(
    home: Home, folder: Path, package: Path
) -> None:
    config = (
        '[watch]\nquiet_s = 0.2\n[reading]\ntimeout_s = 2\n[digest]\nschedule = "0 * * * *"\nquiet_s = 1\nwait_s = 5\n'
    )
    home.library.mkdir(parents=True, mode=0o700)
    with closing(Library.open(home.library)) as library:
        library.digest_runs.start_schedule(microseconds(datetime.now(UTC) - timedelta(hours=3)))
    with running(home, folder, config=config, PYTHONPATH=str(package)) as daemon:
        wait_until(
            lambda: home.status()["photos"] == 3 and home.status()["skipped"] == EVIL, "all is read or listed", 240
        )
        wait_until(lambda: home.status()["last_digest"], "the digest is made", 120)
        save_photo(folder / "late.jpg", scene(5, (320, 240)), NOON + timedelta(hours=1))
        wait_until(lambda: home.status()["photos"] == 4, "it still reads", 120)
        assert daemon.poll() is None
    log = (home.path / "daemon.log").read_text()
    assert "Traceback" not in log
    assert "the network is broken" not in log
    body = home.json("report")
    reasons = {s["path"]: s["reason"] for s in body["skipped"]}
    assert len(reasons) == EVIL
    assert reasons.pop("half_a_message.jpg") == "timed_out"
    assert set(reasons.values()) == {"reader_crashed"}
    with closing(sqlite3.connect(home.library / "library.db")) as raw:
        struck = {row[0] for row in raw.execute("SELECT content FROM reader_crash")}
    assert {content_hash((folder / name).read_bytes()).digest() for name in reasons} <= struck
    assert not struck & {content_hash(file.read_bytes()).digest() for file in folder.glob("good*")}


def test_a_scan_lists_photos_whose_readers_send_nonsense(home: Home, folder: Path, package: Path) -> None:
    for name in ("half_a_message.jpg", "hung_up.jpg", "deep.jpg"):
        (folder / name).unlink()
    done = home.run("scan", folder, "--format", "json", PYTHONPATH=str(package))
    assert done.returncode == 0, done.stderr
    body = json.loads(done.stdout)
    assert body["totals"]["photos"] == 3
    assert {s["reason"] for s in body["skipped"]} == {"reader_crashed"}
    assert len(body["skipped"]) == EVIL - 3
    for form in ("json", "table", "html"):
        assert home.run("report", "--format", form).returncode == 0


def test_a_digest_that_can_not_be_made_is_reported_and_made_later(home: Home, tmp_path: Path) -> None:
    pictures, fixed = tmp_path / "Pictures", tmp_path / "mended"
    save_photo(pictures / "IMG_0000.jpg", scene(0, (320, 240)), NOON)
    home.library.mkdir(parents=True, mode=0o700)
    with closing(Library.open(home.library)) as library:
        library.digest_runs.start_schedule(microseconds(datetime.now(UTC) - timedelta(hours=3)))
    config = '[watch]\nquiet_s = 0.2\n[digest]\nschedule = "0 * * * *"\nquiet_s = 1\n'
    broken = f"""
import os
import dejashot.digests.runner as digests
whole = digests.build_report
def build_report(*given):
    if not os.path.exists({str(fixed)!r}):
        raise ValueError("IMG_0000.jpg has a value that nobody thought of")
    return whole(*given)
digests.build_report = build_report
"""
    with running(home, pictures, config=config, prelude=broken) as daemon:
        wait_until(lambda: "the digest can't be made" in home.status()["trouble"], "it is reported")
        assert home.status()["trouble"].startswith("the digest can't be made: ValueError in ")
        save_photo(pictures / "IMG_0001.jpg", scene(1, (320, 240)), NOON + timedelta(hours=1))
        wait_until(lambda: home.status()["photos"] == 2, "what lands is read all the same")
        fixed.touch()
        wait_until(lambda: home.status()["last_digest"], "the digest is made")
        wait_until(lambda: home.status()["trouble"] == "", "the problem is over")
        assert daemon.poll() is None
    log = (home.path / "daemon.log").read_text()
    assert "the digest can't be made: ValueError in <string>, line" in log
    assert "IMG_0000" not in log
    assert home.status()["last_digest"]["photos"] == 2
