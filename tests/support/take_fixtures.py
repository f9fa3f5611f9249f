"""Fixtures of the tests of actions: a folder of takes, and a trash of the test's own."""

import os
from pathlib import Path

import pytest

from takes import jpeg, put, take

ODD = "IMG\udcff \u202e\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give the test a folder of four takes, the second with companions."""
    folder = tmp_path / "Pictures"
    first = take(folder, jpeg(tmp_path / "seeds"), 4)[1]
    put(first.with_suffix(".MOV"), b"moving half", 1)
    put(first.with_suffix(".AAE"), b"edits", 900)
    put(Path(f"{first}.xmp"), b"<x/>", 900, mode=0o600)
    put(folder / f"{ODD}.jpg", b"odd", 4)
    return folder


@pytest.fixture
def trash(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give the test a trash of its own in a home folder."""
    import send2trash.plat_other as module  # it reads the environment once

    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("XDG_DATA_HOME", str(home / "data"))
    monkeypatch.setattr(module, "XDG_DATA_HOME", os.fsencode(home / "data"))
    monkeypatch.setattr(module, "HOMETRASH_B", os.fsencode(home / "data" / "Trash"))
    return home / "data" / "Trash"
