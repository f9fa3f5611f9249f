"""The owner's decisions, twice: in the library, and in a journal beside it that outlives a damaged or deleted one."""

import json
import logging
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from dejashot.paths import PRIVATE_FILE, write_atomically

log = logging.getLogger(__name__)

JOURNAL_NAME = "decisions.jsonl"


class Word(StrEnum):
    """What an owner can decide: to keep a photo, to reject it, or that two photos are not the same shot."""

    KEEP = "keep"
    REJECT = "reject"
    DIFFERENT = "different"


@dataclass(frozen=True, slots=True)
class Decision:
    """One decision about a content, or about two in order (`different`); `word` None takes an earlier one back."""

    content: bytes
    word: Word | None
    decided_us: int
    other: bytes = b""


def append(folder: Path, decisions: Iterable[Decision]) -> None:
    """Add decisions to the end of the journal, on the disk when this returns; raise OSError."""
    lines = "".join(_line(d) for d in decisions).encode("ascii")
    handle = os.open(folder / JOURNAL_NAME, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC, PRIVATE_FILE)
    with os.fdopen(handle, "rb+") as journal:
        size = journal.seek(0, os.SEEK_END)
        if size and os.pread(journal.fileno(), 1, size - 1) != b"\n":  # a line that a power cut tore
            lines = b"\n" + lines
        try:
            journal.write(lines)
            journal.flush()
            os.fsync(journal.fileno())
        except OSError:
            os.ftruncate(journal.fileno(), size)
            raise


def replace(folder: Path, decisions: Iterable[Decision]) -> None:
    """Write the journal anew, as short as it can be; raise OSError."""
    write_atomically(folder / JOURNAL_NAME, "".join(_line(d) for d in decisions).encode("ascii"))


def journal(folder: Path) -> Iterator[Decision]:
    """Yield what the journal says, oldest first; a line that does not hold together is passed over."""
    try:
        lines = (folder / JOURNAL_NAME).read_bytes().split(b"\n")
    except FileNotFoundError:
        return
    for line in lines:
        if line:
            try:
                yield _decision(line)
            except (ValueError, KeyError, TypeError):
                log.warning("a line of the journal of decisions is damaged; it is passed over")


def _line(decision: Decision) -> str:
    body = {"content": decision.content.hex(), "other": decision.other.hex(), "word": decision.word, "decided_us": decision.decided_us}
    return json.dumps(body) + "\n"


def _decision(line: bytes) -> Decision:
    body = json.loads(line)
    content, other = bytes.fromhex(body["content"]), bytes.fromhex(body["other"])
    word = None if body["word"] is None else Word(body["word"])
    if len(content) != 32 or len(other) not in (0, 32) or (word is not None and (word is Word.DIFFERENT) != bool(other)):
        raise ValueError("not a decision")
    return Decision(content, word, int(body["decided_us"]), other)
