"""A library that was found sound is not checked again until something writes it, or a day has gone."""

import time
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from dejashot.errors import LibraryDamagedError
from dejashot.library import database
from dejashot.library.checked_file import CHECKED_NAME, CheckedFile

LATER_S = 60.0
DAY_S = 86_400.0


@pytest.fixture
def state(tmp_path: Path) -> CheckedFile:
    """Return the state of a library's file a minute after it was written."""
    database.open_for_writing(tmp_path).close()
    found = CheckedFile.of(tmp_path / database.LIBRARY_FILE_NAME, time.time() + LATER_S)
    assert found is not None
    return found


def test_a_state_is_known_for_a_day(state: CheckedFile, tmp_path: Path) -> None:
    assert not state.is_known(tmp_path)
    state.note(tmp_path)
    assert state.is_known(tmp_path)
    for changed in ({"size_bytes": 1}, {"inode": 1}, {"mtime_ns": 1}, {"ctime_ns": 1}):
        assert not replace(state, **changed).is_known(tmp_path)
    for apart_s, known in ((DAY_S - 1, True), (DAY_S, False), (-1.0, False)):
        assert replace(state, checked_s=state.checked_s + apart_s).is_known(tmp_path) is known


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"checked_s": "soon"}', '{"checked_s": null}'])
def test_what_is_no_state_is_not_known(state: CheckedFile, tmp_path: Path, text: str) -> None:
    (tmp_path / CHECKED_NAME).write_text(text)
    assert not state.is_known(tmp_path)


def test_what_was_just_written_or_has_a_log_has_no_state(state: CheckedFile, tmp_path: Path) -> None:
    file = tmp_path / database.LIBRARY_FILE_NAME
    assert CheckedFile.of(file, state.ctime_ns / 1e9) is None
    with closing(database.open_for_writing(tmp_path)) as connection:
        connection.execute("UPDATE counter SET value = 7 WHERE name = 'change_seq'")
        assert CheckedFile.of(file, state.checked_s) is None


def test_a_library_that_was_damaged_after_its_check_is_found_out(state: CheckedFile, tmp_path: Path) -> None:
    state.note(tmp_path)
    file = tmp_path / database.LIBRARY_FILE_NAME
    data = bytearray(file.read_bytes())
    data[4096:8192] = b"\xff" * 4096
    file.write_bytes(data)
    with pytest.raises(LibraryDamagedError):
        database.open_for_writing(tmp_path)
