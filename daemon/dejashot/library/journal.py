"""The owner's decisions: a journal that any process of the owner's may write to, and that outlives a damaged or deleted library."""

import errno
import json
import logging
import os
import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

from dejashot.errors import JournalError, StorageError
from dejashot.library.lock import OwnLock
from dejashot.models.decisions import Decision, Verdict
from dejashot.paths import MAX_OWN_FILE_BYTES, make_private, open_own, read_own, shown, write_atomically

log = logging.getLogger(__name__)

JOURNAL_NAME = "decisions.jsonl"
JOURNAL_LOCK_NAME = "decisions.lock"
ACTS_KEPT = 500  # that can be undone after the journal was shortened
_LOCK_PATIENCE_S = 10.0


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """What the owner did in one go, with what held before, by what it was about."""

    id: str
    before: dict[tuple[bytes, bytes], Decision | None]


class DecisionJournal:
    """The decisions in force, as the journal in a folder tells them; not thread-safe.

    Several processes may each have one: what others write is seen at `refresh`, and nothing is written over.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = OwnLock(folder / JOURNAL_LOCK_NAME, _LOCK_PATIENCE_S)
        self._clear()
        self.refresh()

    def _clear(self) -> None:
        self._file, self._read_to = 0, 0
        self._held: dict[tuple[bytes, bytes], Decision] = {}
        self._acts: list[JournalEntry] = []
        self._spoken: set[tuple[bytes, bytes]] = set()
        self.damaged = False
        self.words: dict[bytes, Verdict] = {}
        self.apart: set[tuple[bytes, bytes]] = set()

    @property
    def exists(self) -> bool:
        """Tell whether there is a journal."""
        return (self._folder / JOURNAL_NAME).exists()

    @property
    def decisions(self) -> list[Decision]:
        """Return the decisions in force, oldest first."""
        return sorted(self._held.values(), key=lambda d: (d.decided_us, d.content, d.other))

    @property
    def acts(self) -> Sequence[JournalEntry]:
        """Return what can be undone, newest last."""
        return self._acts

    def refresh(self) -> bool:
        """Take in what was written since; tell whether anything was. Raises JournalError."""
        try:
            with readable(self._folder) as journal:
                status = os.fstat(journal.fileno())
                if status.st_size > MAX_OWN_FILE_BYTES:
                    raise OSError(errno.EFBIG, os.strerror(errno.EFBIG))
                if status.st_ino != self._file or status.st_size < self._read_to:
                    self._clear()
                    self._file = status.st_ino
                journal.seek(self._read_to)
                text = journal.read()
        except FileNotFoundError:
            changed = bool(self._held)
            self._clear()
            return changed
        whole = text[: text.rfind(b"\n") + 1]
        self._read_to += len(whole)
        for line in whole.split(b"\n"):
            self._take_line(line)
        return bool(whole)

    def decide(self, decisions: Iterable[Decision]) -> str:
        """Write down what the owner did in one go, on the disk when this returns; return the name of the act. Raises JournalError, OSError."""
        act = secrets.token_hex(8)
        with self._locked():
            self._append([replace(d, act=act) for d in decisions])
        return act

    def undo(self, now_us: int, act: str = "") -> list[Decision]:
        """Take the last act back, or the last only if it is `act`; return what that changed, nothing when there is nothing to undo.

        Raises JournalError, OSError.
        """
        with self._locked():
            self.refresh()
            if not self._acts or (act and self._acts[-1].id != act):
                return []
            last, name = self._acts[-1], secrets.token_hex(8)
            back = [
                Decision(content, before.word if before else None, now_us, other, name, last.id)
                for (content, other), before in last.before.items()
            ]
            self._append(back)
            return back

    def adopt(self, decisions: Iterable[Decision]) -> None:
        """Add decisions known from elsewhere about which the journal says nothing, not even that they were taken back. Raises JournalError, OSError."""
        with self._locked():
            self.refresh()
            missing = [d for d in decisions if d.key not in self._spoken]
            if missing:
                self._append(missing)

    def shorten(self, acts_kept: int = ACTS_KEPT) -> None:
        """Write the journal anew, without what was taken back; the newest acts can still be undone. Raises JournalError, OSError."""
        with self._locked():
            self.refresh()
            kept = self._acts[-acts_kept:] if acts_kept else []
            base = dict(self._held)
            after: list[dict[tuple[bytes, bytes], Decision | None]] = []
            for act in reversed(kept):
                after.append({key: base.get(key) for key in act.before})
                _set(base, act.before)
            lines = list(base.values())
            for act, held in zip(kept, reversed(after), strict=True):
                for key, decision in held.items():
                    lines.append(replace(decision or Decision(key[0], None, 0, key[1]), act=act.id))
            self._write(lines)

    def export(self, folder: Path) -> None:
        """Copy the journal into another folder, beside a backup for instance; raise JournalError, OSError."""
        with self._locked():
            if self.exists:
                write_atomically(folder / JOURNAL_NAME, read_own(self._folder / JOURNAL_NAME))

    @contextmanager
    def _locked(self) -> Iterator[None]:
        try:
            make_private(self._folder)
            self._lock.acquire()
        except StorageError as error:
            raise JournalError(f"your decisions can't be written: {error.title}", error.hint) from error
        try:
            yield
        finally:
            self._lock.release()

    def _write(self, decisions: Iterable[Decision]) -> None:
        write_atomically(self._folder / JOURNAL_NAME, "".join(_line(d) for d in decisions).encode("ascii"))
        self._clear()
        self.refresh()

    def _append(self, decisions: Sequence[Decision]) -> None:
        """Add decisions to the end of the journal, and take them in."""
        lines = "".join(_line(d) for d in decisions).encode("ascii")
        handle = open_own(self._folder / JOURNAL_NAME, os.O_RDWR | os.O_CREAT | os.O_APPEND)
        with os.fdopen(handle, "rb+") as journal:
            size = journal.seek(0, os.SEEK_END)
            if size and os.pread(handle, 1, size - 1) != b"\n":  # a line that a power cut tore
                lines = b"\n" + lines
            try:
                journal.write(lines)
                journal.flush()
                os.fsync(handle)
            except OSError:
                os.ftruncate(handle, size)
                raise
        self.refresh()

    def _take_line(self, line: bytes) -> None:
        if not line:
            return
        try:
            decision = _decision(line)
        except (ValueError, KeyError, TypeError, OverflowError, RecursionError):
            log.warning("a line of the journal of decisions is damaged; it is passed over")
            self.damaged = True
            return
        before = self._held.get(decision.key)
        self._spoken.add(decision.key)
        _set(self._held, {decision.key: replace(decision, act="", undoes="") if decision.word else None})
        if decision.other:
            (self.apart.add if decision.word else self.apart.discard)(decision.key)
        elif decision.word:
            self.words[decision.content] = decision.word
        else:
            self.words.pop(decision.content, None)
        if decision.undoes:
            self._acts = [a for a in self._acts if a.id != decision.undoes]
        elif decision.act:
            if not self._acts or self._acts[-1].id != decision.act:
                self._acts.append(JournalEntry(decision.act, {}))
            self._acts[-1].before.setdefault(decision.key, before)


@contextmanager
def readable(folder: Path) -> Iterator[BinaryIO]:
    """Hold the journal in a folder open for reading; raise JournalError when it can't be read, FileNotFoundError when there is none."""
    file = folder / JOURNAL_NAME
    try:
        with os.fdopen(open_own(file), "rb") as journal:
            yield journal
    except FileNotFoundError:
        raise
    except OSError as error:
        raise JournalError(
            f"your decisions can't be read: {JOURNAL_NAME}: {error.strerror}",
            f"Make {shown(file)} a file that you may read, or put back its copy from backups/ beside it: nothing is applied meanwhile",
        ) from error


def _set(held: dict[tuple[bytes, bytes], Decision], values: Mapping[tuple[bytes, bytes], Decision | None]) -> None:
    for key, decision in values.items():
        if decision is None:
            held.pop(key, None)
        else:
            held[key] = decision


def _line(decision: Decision) -> str:
    body = {
        "content": decision.content.hex(),
        "other": decision.other.hex(),
        "word": decision.word,
        "decided_us": decision.decided_us,
    }
    body |= {name: value for name, value in (("act", decision.act), ("undoes", decision.undoes)) if value}
    return json.dumps(body) + "\n"


def _decision(line: bytes) -> Decision:
    body = json.loads(line)
    content, other = bytes.fromhex(body["content"]), bytes.fromhex(body["other"])
    word = None if body["word"] is None else Verdict(body["word"])
    decided_us = int(body["decided_us"])
    if (
        len(content) != 32
        or len(other) not in (0, 32)
        or (word is not None and (word is Verdict.DIFFERENT) != bool(other))
    ):
        raise ValueError("not a decision")
    if (other and content >= other) or not -(2**63) <= decided_us < 2**63:
        raise ValueError("not a decision that the library could hold")
    return Decision(content, word, decided_us, other, str(body.get("act", "")), str(body.get("undoes", "")))
