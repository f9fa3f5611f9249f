"""The one writer, and untrusted text made fit to show."""

import os
import stat
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dejashot.paths import make_private, shown, write_atomically


@pytest.mark.parametrize("durable", [True, False])
def test_a_file_is_replaced_as_a_whole_and_is_private(tmp_path: Path, durable: bool) -> None:
    target = tmp_path / "file"
    write_atomically(target, b"old", durable=durable)
    write_atomically(target, b"new", durable=durable)
    assert target.read_bytes() == b"new"
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert os.listdir(tmp_path) == ["file"]


def test_a_failed_write_leaves_the_old_file_and_no_litter(tmp_path: Path) -> None:
    target = tmp_path / "target"
    (target / "in the way").mkdir(parents=True)
    with pytest.raises(OSError):
        write_atomically(target, b"data")
    assert os.listdir(tmp_path) == ["target"]


def test_folders_of_ours_are_for_their_owner_only(tmp_path: Path) -> None:
    folder = make_private(tmp_path / "a" / "b")
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


@given(st.binary(max_size=40))
def test_shown_text_can_be_printed_anywhere(raw: bytes) -> None:
    text = shown(raw)
    assert all(unicodedata.category(c)[0] != "C" for c in text)
    text.encode("utf-8")


def test_ordinary_names_are_shown_as_they_are() -> None:
    assert shown("Ferien/Zürich 2026 – 日本.jpg") == "Ferien/Zürich 2026 – 日本.jpg"
    assert shown(b"IMG\xff.jpg") == "IMG\\xff.jpg"
    assert shown("a\x1b[31mb\u202ec") == "a\\u001b[31mb\\u202ec"
