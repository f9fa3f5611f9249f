"""Logs: the journal's own protocol over a real socket, lines on stderr elsewhere, and the newest problems."""

import logging
import os
import socket
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dejashot.logs import PROBLEMS_KEPT, JournalHandler, Problems, as_datagram, event, stderr_is_the_journal

NAMES = st.from_regex(r"[A-Z][A-Z0-9_]{0,20}", fullmatch=True)


def parsed(data: bytes) -> dict[str, str]:
    """Read the journal's native protocol as journald does."""
    fields = {}
    while data:
        line, _, rest = data.partition(b"\n")
        name, equals, value = line.partition(b"=")
        if not equals:
            size = int.from_bytes(rest[:8], "little")
            value, data = rest[8 : 8 + size], rest[8 + size + 1 :]
        else:
            data = rest
        fields[name.decode()] = value.decode()
    return fields


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as link:
        link.bind(str(tmp_path / "journal"))
        link.settimeout(5)
        yield link


@pytest.fixture
def log(tmp_path: Path) -> Iterator[logging.Logger]:
    logger, handler = logging.getLogger("dejashot.tested"), JournalHandler(tmp_path / "journal")
    logger.addHandler(handler)
    logger.propagate = False
    yield logger
    logger.removeHandler(handler)
    logger.propagate = True
    handler.close()


@given(st.dictionaries(NAMES, st.text(alphabet=st.characters(blacklist_categories=("Cs",)))))
def test_no_value_can_pose_as_a_field(fields: dict[str, str]) -> None:
    assert parsed(as_datagram(fields)) == fields


@pytest.mark.parametrize("name", ["lower", "_PID", "A B", "A=B", "A\nB", ""])
def test_a_name_that_the_journal_keeps_for_itself_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="no name of a journal field"):
        as_datagram({name: "x"})


def test_a_record_arrives_with_its_fields(journal: socket.socket, log: logging.Logger) -> None:
    log.warning("a digest of %d photos\nPRIORITY=0\x1b[31m", 5, extra=event("digest", photos=5))
    fields = parsed(journal.recv(65536))
    assert fields["MESSAGE"] == "a digest of 5 photos\nPRIORITY=0\\u001b[31m"
    assert (fields["PRIORITY"], fields["SYSLOG_IDENTIFIER"], fields["LOGGER"]) == ("4", "dejashot", "dejashot.tested")
    assert (fields["DEJASHOT_EVENT"], fields["DEJASHOT_PHOTOS"], fields["THREAD"]) == ("digest", "5", "MainThread")
    assert fields["CODE_FILE"] == "test_logs.py"
    assert int(fields["CODE_LINE"]) > 0


def test_a_traceback_arrives_whole(journal: socket.socket, log: logging.Logger) -> None:
    try:
        raise ValueError("for the test")
    except ValueError:
        log.exception("it failed")
    assert parsed(journal.recv(65536))["MESSAGE"].endswith("ValueError: for the test")


def test_what_the_journal_does_not_take_goes_to_stderr(
    journal: socket.socket, log: logging.Logger, capsys: pytest.CaptureFixture[str]
) -> None:
    handler = log.handlers[0]
    assert isinstance(handler, JournalHandler)
    handler.setStream(sys.stderr)
    log.error("x" * 2_000_000)
    assert capsys.readouterr().err.startswith("<3>xxx")
    Path(journal.getsockname()).unlink()
    log.error("nobody\nlistens")
    assert capsys.readouterr().err == "<3>nobody\n<3>listens\n"


def test_the_journal_is_used_only_on_its_own_stream(tmp_path: Path) -> None:
    with (tmp_path / "stream").open("w") as stream:
        status = os.fstat(stream.fileno())
        assert stderr_is_the_journal({"JOURNAL_STREAM": f"{status.st_dev}:{status.st_ino}"}, stream)
        assert not stderr_is_the_journal({"JOURNAL_STREAM": f"{status.st_dev}:{status.st_ino + 1}"}, stream)
        assert not stderr_is_the_journal({}, stream)


PROGRAM = textwrap.dedent("""
    import logging, os, sys
    from pathlib import Path
    from dejashot.logs import event, start_logging
    status = os.fstat(2)
    os.environ["JOURNAL_STREAM"] = f"{status.st_dev}:{status.st_ino}"
    start_logging(verbose=False, journal=Path(sys.argv[1]))
    logging.getLogger("dejashot.x").info("ready", extra=event("ready"))
    logging.getLogger("dejashot.x").debug("/photos/a.jpg")
""")


def test_a_process_whose_stderr_is_the_journal_sends_records(journal: socket.socket) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, journal.getsockname()], capture_output=True, text=True, check=True
    )
    assert done.stderr == ""
    assert parsed(journal.recv(65536))["DEJASHOT_EVENT"] == "ready"
    journal.setblocking(False)
    with pytest.raises(BlockingIOError):
        journal.recv(65536)


def test_the_newest_problems_are_kept_for_status() -> None:
    problems = Problems()
    logger = logging.getLogger("dejashot.problems")
    logger.addHandler(problems)
    logger.propagate = False
    for number in range(PROBLEMS_KEPT + 5):
        logger.warning("problem %d\x07", number)
        logger.info("no problem")
    logger.removeHandler(problems)
    logger.propagate = True
    assert problems.count == PROBLEMS_KEPT + 5
    newest = problems.newest()
    assert len(newest) == PROBLEMS_KEPT
    assert newest[0]["words"] == f"problem {PROBLEMS_KEPT + 4}\\u0007"
    assert newest[0]["level"] == "warning"
