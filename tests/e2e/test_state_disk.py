"""The state on a full or read-only disk: every command and page reports it, nothing is lost, and all goes on after."""

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from albums import pages_over
from daemons import wait_until
from dejashot.models.decisions import Verdict
from homes import Home
from takes import decide, disk, fingerprint, jpeg, take


@pytest.fixture
def decided(home: Home, tmp_path: Path) -> Iterator[Path]:
    """Give the test a scanned folder with choices in it, and a state on a small disk of its own; return that disk."""
    folder = tmp_path / "Pictures"
    takes = take(folder, jpeg(tmp_path / "seeds"), 4)
    with disk(home.path / "state", "16m") as state:
        assert home.run("scan", folder).returncode == 0
        decide(home.library, Verdict.REJECT, takes[1:3])
        decide(home.library, Verdict.KEEP, takes[:1])
        yield state


def stop_writing(state: Path, how: str) -> None:
    """Make a disk refuse writes."""
    if how == "read-only":  # once nobody has a file open there for writing, as the page has while it keeps groups
        wait_until(
            lambda: subprocess.run(["mount", "-o", "remount,ro", state], check=False).returncode == 0, "no writer"
        )
        return
    with (state / "ballast").open("wb", buffering=0) as ballast:
        try:
            while ballast.write(b"\0" * 4096) == 4096:
                pass
        except OSError:
            return


def allow_writing(state: Path, how: str) -> None:
    """Make it accept writes again."""
    if how == "read-only":
        subprocess.run(["mount", "-o", "remount,rw", state], check=True)
    else:
        (state / "ballast").unlink()


@pytest.mark.parametrize("how", ["full", "read-only"])
def test_every_command_reports_it_and_works_afterwards(home: Home, decided: Path, tmp_path: Path, how: str) -> None:
    pictures, to = tmp_path / "Pictures", tmp_path / "Rejected"
    before = fingerprint(pictures)
    stop_writing(decided, how)
    for command in (
        ("status",),
        ("report",),
        ("apply", "--plan", "--to", to),
        ("apply", "--yes", "--to", to),
        ("undo", "--list"),
        ("undo",),
        ("scan", pictures),
        ("run", pictures),
        ("review",),
        ("doctor",),
    ):
        done = home.run(*command, timeout_s=60)
        assert "Traceback" not in done.stderr, (command, done.stderr)
        assert done.returncode in (0, 1, 2), (command, done.stderr)
    assert fingerprint(pictures) == before
    allow_writing(decided, how)
    assert home.run("apply", "--yes", "--to", to).returncode == 0
    stop_writing(decided, how)
    done = home.run("undo")
    assert "Traceback" not in done.stderr, done.stderr
    allow_writing(decided, how)
    home.run("undo")
    assert fingerprint(pictures) == before


@pytest.mark.parametrize("how", ["full", "read-only"])
def test_every_page_reports_it_and_works_afterwards(home: Home, decided: Path, how: str) -> None:
    with pages_over(home.library) as served:
        group = served.ask("/").text.partition('href="/group/')[2].partition('"')[0]
        assert group
        stop_writing(decided, how)
        requests: list[tuple[str, Any]] = [
            (path, None) for path in ("/", f"/group/{group}", "/accept", "/apply", "/savings", "/timeline")
        ]
        requests += [
            ("/decide", {"group": group, "words": {}}),
            ("/undo", {}),
            ("/apply", {"how": "quarantine", "to": str(home.path / "R")}),
        ]
        for path, body in requests:
            response = served.ask(path, body)
            assert response.status != 500, (path, response.status, response.text)
            assert "Traceback" not in response.text
        allow_writing(decided, how)
        assert served.ask(f"/group/{group}").status == 200
