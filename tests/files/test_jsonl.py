"""Journals of JSON lines: a torn last line harms no other, and an append that fails leaves nothing."""

import errno
import json
import os
import resource
import signal
from pathlib import Path

import pytest

from dejashot.files import jsonl


def test_records_are_read_back_in_order(tmp_path: Path) -> None:
    journal = tmp_path / "journal.jsonl"
    assert jsonl.read_lines(journal) == []
    jsonl.append(journal, [{"n": 1}, {"n": 2, "name": "ä"}])
    jsonl.append(journal, [{"n": 3}], durable=False)
    assert [json.loads(line)["n"] for line in jsonl.read_lines(journal)] == [1, 2, 3]
    assert journal.read_bytes().isascii()
    assert journal.stat().st_mode & 0o777 == 0o600


def test_behind_a_torn_line_a_new_one_is_begun(tmp_path: Path) -> None:
    journal = tmp_path / "journal.jsonl"
    jsonl.append(journal, [{"n": 1}, {"n": 2}])
    journal.write_bytes(journal.read_bytes()[:-4])
    assert jsonl.complete_part(journal.read_bytes()) == b'{"n": 1}\n'
    jsonl.append(journal, [{"n": 3}])
    assert jsonl.read_lines(journal) == [b'{"n": 1}', b'{"n":', b'{"n": 3}']


def test_an_append_that_fails_leaves_the_journal_as_it_was(tmp_path: Path) -> None:
    journal = tmp_path / "journal.jsonl"
    jsonl.append(journal, [{"n": 1}])
    before, limits = journal.read_bytes(), resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(before) + 5, limits[1]))
    try:
        with pytest.raises(OSError, match=os.strerror(errno.EFBIG)):
            jsonl.append(journal, [{"n": 2}])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, ignored)
    assert journal.read_bytes() == before
