"""The running daemon and its digest: it waits until the folder is quiet, and lists all that landed meanwhile, once."""

import json
import signal
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from daemons import photos, running, wait_until
from dejashot.library.library import Library
from dejashot.models.capture import microseconds
from homes import Home
from scenes import save_photo, scene

QUIET_S = 4
NOON = datetime(2026, 7, 1, 12)


def test_photos_that_land_while_a_digest_waits_are_in_it(home: Home, tmp_path: Path) -> None:
    folder = tmp_path / "Pictures"
    save_photo(folder / "IMG_0000.jpg", scene(0, (320, 240)), NOON)
    home.configure('[watch]\nquiet_s = 0.2\n[digest]\nschedule = "0 * * * *"\n' + f"quiet_s = {QUIET_S}\n")
    home.library.mkdir(parents=True, mode=0o700)
    library = Library.open(home.library)
    library.digest_runs.start_schedule(
        microseconds(datetime.now(UTC) - timedelta(hours=3))
    )  # a slot has passed: it is due at once
    library.close()
    process = home.start("run", folder)
    try:
        wait_until(lambda: photos(home) == 1, "the first photo is read")
        landed, began_s = 1, time.monotonic()
        while time.monotonic() - began_s < 2 * QUIET_S:  # every photo puts the digest off
            taken = NOON + timedelta(seconds=20 * landed)
            save_photo(folder / f"IMG_{landed:04d}.jpg", scene(landed, (320, 240)), taken)
            landed += 1
            wait_until(lambda count=landed: photos(home) == count, "the next photo is read")
            assert not list((home.library / "digests").glob("2*"))
        wait_until(lambda: process.poll() is not None or home.status()["last_digest"], "the digest is made")
        last = home.json("status")["last_digest"]
    finally:
        process.send_signal(signal.SIGTERM)
        output, _ = process.communicate(timeout=30)
    assert "Traceback" not in output
    assert last["photos"] == landed > 2
    (file,) = (home.library / "digests").glob("2*.json")
    body = json.loads(file.read_text())
    assert sorted(p["path"] for p in body["photos"] if p["new"]) == [f"IMG_{n:04d}.jpg" for n in range(landed)]


def test_an_unreadable_decision_journal_is_reported_and_the_digest_waits(home: Home, tmp_path: Path) -> None:
    folder, journal = tmp_path / "Pictures", home.library / "decisions.jsonl"
    save_photo(folder / "IMG_0000.jpg", scene(0, (320, 240)), NOON)
    config = '[watch]\nquiet_s = 0.2\n[digest]\nschedule = "0 * * * *"\nquiet_s = 3\n'
    home.library.mkdir(parents=True, mode=0o700)
    library = Library.open(home.library)
    library.digest_runs.start_schedule(microseconds(datetime.now(UTC) - timedelta(hours=3)))
    library.close()
    with running(home, folder, config=config):
        wait_until(lambda: photos(home) == 1, "it is read")
        journal.unlink(missing_ok=True)
        journal.mkdir()
        daemon_status = home.library / "daemon.json"
        wait_until(
            lambda: "decisions.jsonl" in json.loads(daemon_status.read_text())["trouble"], "the daemon reports it"
        )
        problem = home.json("status")["trouble"]
        assert problem.startswith("your decisions can't be read: decisions.jsonl: Is a directory. Make ")
        assert not list((home.library / "digests").glob("2*"))
    output = (home.path / "daemon.log").read_text()
    assert f"Make {journal} a file that you may read" in output
    assert "the digest can't be written" not in output and "Traceback" not in output
    found = home.run("doctor").stdout
    assert "✗ decisions: your decisions can't be read: decisions.jsonl: Is a directory" in found
    done = home.run("apply", "--how", "list")
    assert (done.returncode, done.stdout) == (2, "")
    assert "decisions.jsonl" in done.stderr


@pytest.mark.parametrize("line", ["0 8 31 2 *", "0 25 * * *"])
def test_a_schedule_that_never_comes_true_is_refused_at_once(home: Home, tmp_path: Path, line: str) -> None:
    (tmp_path / "Pictures").mkdir()
    home.configure(f'folders = ["{tmp_path / "Pictures"}"]\n[digest]\nschedule = "{line}"\n')
    for command, status in (("config check", 1), ("run", 78)):
        done = home.run(*command.split())
        assert done.returncode == status
        assert line in done.stdout + done.stderr
