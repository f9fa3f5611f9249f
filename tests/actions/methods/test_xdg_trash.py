"""What lies in the trash is found by where it came from, the last put there first."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from dejashot.actions.methods import xdg_trash

pytestmark = pytest.mark.skipif(sys.platform == "darwin", reason="this system does not say what lies in its trash")


@pytest.fixture
def origin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a file that is yet to be, in a home with a trash of its own."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    (tmp_path / "photos").mkdir()
    return tmp_path / "photos" / "a.jpg"


def thrown_away(origin: Path, *texts: str) -> None:
    """Throw files of one path away, one after the other, each by a process that sees this trash."""
    for text in texts:
        origin.write_text(text)
        code = (
            "import os, sys; from dejashot.actions.methods import xdg_trash; xdg_trash.send(os.fsencode(sys.argv[1]))"
        )
        subprocess.run([sys.executable, "-c", code, origin], check=True)


def found(origin: Path) -> list[str]:
    return [Path(os.fsdecode(t.file)).read_text() for t in xdg_trash.find(os.fsencode(origin))]


def test_all_of_one_path_are_found_the_last_first(origin: Path) -> None:
    assert found(origin) == []
    thrown_away(origin, "first", "second", "third")
    thrown_away(origin.with_name("a 1.jpg"), "another")
    assert found(origin) == ["third", "second", "first"]
    assert xdg_trash.is_in_trash(os.fsencode(origin), {})


def test_where_one_was_taken_out_the_others_are_found_all_the_same(origin: Path) -> None:
    thrown_away(origin, "first", "second", "third")
    second = next(t for t in xdg_trash.find(os.fsencode(origin)) if Path(os.fsdecode(t.file)).read_text() == "second")
    Path(os.fsdecode(second.file)).unlink()
    xdg_trash.forget(second)
    assert sorted(found(origin)) == ["first", "third"]
    thrown_away(origin, "fourth")
    assert found(origin) == ["fourth", "third", "first"]


def test_a_trash_by_another_program_is_read_too(origin: Path) -> None:
    trashed = origin.parents[1] / "data" / "Trash"
    for folder in ("info", "files"):
        (trashed / folder).mkdir(parents=True)
    (trashed / "files" / "a.jpg.2").write_text("elsewhere named")
    (trashed / "info" / "a.jpg.2.trashinfo").write_text(
        f"[Trash Info]\nPath={origin}\nDeletionDate=2026-07-01T12:00:00\n"
    )
    assert found(origin) == ["elsewhere named"]
