"""The library's copy of the owner's decisions: it goes into backups, and fills in what their journal lost."""

from collections.abc import Sequence

from dejashot.library.connection import LibraryConnection, invalid_rows_are_damage
from dejashot.library.journal import DecisionJournal
from dejashot.models.decisions import Decision, Verdict


class Decisions:
    """The owner's decisions in force, as the library knows them; the journal is what counts."""

    def __init__(self, connection: LibraryConnection) -> None:
        self._connection = connection

    @invalid_rows_are_damage
    def all(self) -> list[Decision]:
        """Return what the owner has decided, oldest first."""
        rows = self._connection.select(
            "SELECT content, other, word, decided_us FROM decision ORDER BY decided_us, content, other"
        )
        return [Decision(r[0], Verdict(r[2]), r[3], r[1]) for r in rows]

    def known(self, contents: Sequence[bytes]) -> dict[tuple[bytes, bytes], Verdict]:
        """Return the verdicts on some contents, and on pairs that begin with one, by what they are about."""
        sql = "SELECT content, other, word FROM decision WHERE content IN (*)"
        return {(r[0], r[1]): Verdict(r[2]) for r in self._connection.select_each(sql, (), contents)}

    def replace(self, decisions: Sequence[Decision]) -> None:
        """Keep these decisions, and none else; what stays as it is is not written again."""
        known, wanted = set(self.all()), set(decisions)
        if known == wanted:
            return
        with self._connection.transaction():
            self._connection.execute_many(
                "DELETE FROM decision WHERE content = ? AND other = ?", [(d.content, d.other) for d in known - wanted]
            )
            self._connection.execute_many(
                "INSERT INTO decision (content, other, word, decided_us) VALUES (?, ?, ?, ?)",
                [(d.content, d.other, d.verdict, d.decided_us) for d in wanted - known],
            )

    def reconcile(self, journal: DecisionJournal) -> None:
        """Make journal and copy agree: the journal is right, the copy fills in what a lost or damaged one lacks.

        Raises LibraryError, JournalError or OSError.
        """
        if not journal.exists or journal.damaged:
            known = self.all()
            if known:
                journal.adopt(known)
        journal.refresh()
        self.replace(journal.decisions)
