"""The journal of the owner's decisions: any process of the owner's may write to it, and it outlives the library."""

import errno
import json
import logging
import os
import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO

from dejashot.errors import JournalError, StorageError
from dejashot.files import jsonl
from dejashot.language.texts import noted
from dejashot.library.lock import OwnLock
from dejashot.models.decisions import Decision, Verdict
from dejashot.paths import MAX_OWN_FILE_BYTES, make_private, open_own, read_own, shown, write_atomically

log = logging.getLogger(__name__)

JOURNAL_NAME = "decisions.jsonl"
JOURNAL_LOCK_NAME = "decisions.lock"
ACTS_KEPT = 500  # that can be undone after the journal was shortened
_LOCK_TIMEOUT_S = 10.0

Key = tuple[bytes, bytes]  # of a decision: what it is about


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """What the owner did in one go, with what held before, by what it was about."""

    id: str
    before: dict[Key, Decision | None]


class DecisionJournal:
    """The decisions in force, as the journal in a folder tells them; not thread-safe.

    Several processes may each have one: what others write is seen at `refresh`, and nothing is written over.
    `on_decision` is called with each decision as it is read.
    """

    def __init__(self, folder: Path, on_decision: Callable[[Decision], None] = lambda _: None) -> None:
        self._folder, self._on_decision = folder, on_decision
        self._lock = OwnLock(folder / JOURNAL_LOCK_NAME, _LOCK_TIMEOUT_S)
        self._clear()
        self.refresh()

    def _clear(self) -> None:
        self._inode, self._read_to = 0, 0
        self._in_force: dict[Key, Decision] = {}
        self._acts: list[JournalEntry] = []
        self._seen: set[Key] = set()
        self.damaged = False
        self.verdicts: dict[bytes, Verdict] = {}
        self.separated_pairs: set[Key] = set()

    @property
    def exists(self) -> bool:
        """Return whether there is a journal."""
        return (self._folder / JOURNAL_NAME).exists()

    @property
    def read_to(self) -> tuple[int, int]:
        """Return up to where the journal was read: its inode, and the bytes."""
        return self._inode, self._read_to

    @property
    def decisions(self) -> list[Decision]:
        """Return the decisions in force, oldest first."""
        return sorted(self._in_force.values(), key=lambda d: (d.decided_us, d.content, d.other))

    @property
    def acts(self) -> Sequence[JournalEntry]:
        """Return what can be undone, newest last."""
        return self._acts

    def refresh(self) -> bool:
        """Read what was written since; return whether anything was. Raises JournalError."""
        try:
            with readable(self._folder) as journal:
                status = os.fstat(journal.fileno())
                if status.st_size > MAX_OWN_FILE_BYTES:
                    raise OSError(errno.EFBIG, os.strerror(errno.EFBIG))
                if status.st_ino != self._inode or status.st_size < self._read_to:
                    self._clear()
                    self._inode = status.st_ino
                journal.seek(self._read_to)
                text = journal.read()
        except FileNotFoundError:
            changed = bool(self._in_force)
            self._clear()
            return changed
        complete = jsonl.complete_part(text)
        self._read_to += len(complete)
        for line in complete.split(b"\n"):
            self._take_line(line)
        return bool(complete)

    def decide(self, decisions: Iterable[Decision]) -> str:
        """Write what the owner did in one go, on the disk when this returns; return the id of the act.

        Raises JournalError, OSError.
        """
        act = secrets.token_hex(8)
        with self._locked():
            self._append([replace(d, act=act) for d in decisions])
        return act

    def undo(self, now_us: int, act: str = "") -> list[Decision]:
        """Take the last act back, or the last only if it is `act`; return what that changed, nothing without an act.

        Raises JournalError, OSError.
        """
        with self._locked():
            self.refresh()
            if not self._acts or (act and self._acts[-1].id != act):
                return []
            last, undoing = self._acts[-1], secrets.token_hex(8)
            back = [
                Decision(content, before.verdict if before else None, now_us, other, undoing, last.id)
                for (content, other), before in last.before.items()
            ]
            self._append(back)
            return back

    def adopt(self, decisions: Iterable[Decision]) -> None:
        """Add decisions known from elsewhere of which the journal says nothing, not even that they were taken back.

        Raises JournalError, OSError.
        """
        with self._locked():
            self.refresh()
            missing = [d for d in decisions if d.key not in self._seen]
            if missing:
                self._append(missing)

    def shorten(self, acts_kept: int = ACTS_KEPT) -> None:
        """Write the journal anew, without what was taken back; the newest acts can still be undone.

        Raises JournalError, OSError.
        """
        with self._locked():
            self.refresh()
            kept = self._acts[-acts_kept:] if acts_kept else []
            base = dict(self._in_force)
            after: list[dict[Key, Decision | None]] = []
            for act in reversed(kept):
                after.append({key: base.get(key) for key in act.before})
                _apply(base, act.before)
            lines = list(base.values())
            for act, changes in zip(kept, reversed(after), strict=True):
                for key, decision in changes.items():
                    lines.append(replace(decision or Decision(key[0], None, 0, key[1]), act=act.id))
            write_atomically(self._folder / JOURNAL_NAME, jsonl.encode(map(_record, lines)))
            self._clear()
            self.refresh()

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
            raise JournalError(
                noted("your decisions can't be written: {why}").format(why=error.title), error.hint
            ) from error
        try:
            yield
        finally:
            self._lock.release()

    def _append(self, decisions: Sequence[Decision]) -> None:
        """Add decisions to the end of the journal, and to those in force."""
        jsonl.append(self._folder / JOURNAL_NAME, map(_record, decisions))
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
        before = self._in_force.get(decision.key)
        self._put_in_force(decision)
        if decision.undoes:
            self._acts = [a for a in self._acts if a.id != decision.undoes]
        elif decision.act:
            if not self._acts or self._acts[-1].id != decision.act:
                self._acts.append(JournalEntry(decision.act, {}))
            self._acts[-1].before.setdefault(decision.key, before)

    def _put_in_force(self, decision: Decision) -> None:
        self._seen.add(decision.key)
        plain = replace(decision, act="", undoes="") if decision.verdict else None
        _apply(self._in_force, {decision.key: plain})
        if decision.other:
            (self.separated_pairs.add if decision.verdict else self.separated_pairs.discard)(decision.key)
        elif decision.verdict:
            self.verdicts[decision.content] = decision.verdict
        else:
            self.verdicts.pop(decision.content, None)
        self._on_decision(decision)


@contextmanager
def readable(folder: Path) -> Iterator[BinaryIO]:
    """Hold the journal in a folder open for reading; raise FileNotFoundError when there is none.

    Raises JournalError when it can't be read.
    """
    file = folder / JOURNAL_NAME
    try:
        with os.fdopen(open_own(file), "rb") as journal:
            yield journal
    except FileNotFoundError:
        raise
    except OSError as error:
        raise JournalError(
            noted("your decisions can't be read: {name}: {why}").format(name=JOURNAL_NAME, why=error.strerror),
            noted(
                "Make {file} a file that you may read, or put back its copy from backups/ beside it: "
                "nothing is applied meanwhile"
            ).format(file=shown(file)),
        ) from error


def _apply(decisions: dict[Key, Decision], changes: Mapping[Key, Decision | None]) -> None:
    """Change decisions by their keys: None removes one."""
    for key, decision in changes.items():
        if decision is None:
            decisions.pop(key, None)
        else:
            decisions[key] = decision


def _record(decision: Decision) -> dict[str, Any]:
    """Return a decision as the values of a line."""
    record: dict[str, Any] = {
        "content": decision.content.hex(),
        "other": decision.other.hex(),
        "word": decision.verdict,
        "decided_us": decision.decided_us,
    }
    return record | {name: value for name, value in (("act", decision.act), ("undoes", decision.undoes)) if value}


def _decision(line: bytes) -> Decision:
    """Return the decision in a line; raise ValueError, KeyError or TypeError for anything else."""
    record = json.loads(line)
    content, other = bytes.fromhex(record["content"]), bytes.fromhex(record["other"])
    verdict = None if record["word"] is None else Verdict(record["word"])
    decided_us = int(record["decided_us"])
    if (
        len(content) != 32
        or len(other) not in (0, 32)
        or (verdict is not None and (verdict is Verdict.DIFFERENT) != bool(other))
    ):
        raise ValueError("not a decision")
    if (other and content >= other) or not -(2**63) <= decided_us < 2**63:
        raise ValueError("not a decision that the library could hold")
    return Decision(content, verdict, decided_us, other, str(record.get("act", "")), str(record.get("undoes", "")))
