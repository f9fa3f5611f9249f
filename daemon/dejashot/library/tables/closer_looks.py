"""Up to which arrival photos were looked at closely: in what arrived later, suggestions may still change."""

from collections.abc import Sequence

from dejashot.library.connection import LibraryConnection

_SEQ, _RULES, _US = "closer_look_seq", "closer_look_rules", "closer_look_us"


class CloserLooks:
    """The arrivals that were looked at closely; a late companion counts as an arrival."""

    def __init__(self, connection: LibraryConnection) -> None:
        self._connection = connection

    def done_until(self, rules: int) -> int:
        """Return the number of the last arrival that was looked at by these rules, 0 where others were in force."""
        known = self._counter(_RULES)
        return self._counter(_SEQ) if known in (0, rules) else 0

    def newest(self) -> int:
        """Return the number of the last arrival that was looked at by whatever rules."""
        return self._counter(_SEQ)

    def note_done(self, seq: int, rules: int, now_us: int) -> None:
        """Keep that all arrivals up to a number were looked at by these rules, and when."""
        if (self._counter(_SEQ), self._counter(_RULES)) == (seq, rules):
            return
        with self._connection.transaction():
            for name, value in ((_SEQ, seq), (_RULES, rules), (_US, now_us)):
                self._connection.execute("UPDATE counter SET value = ? WHERE name = ?", (value, name))

    def look_again(self, folder: int) -> None:
        """Keep that the files of a folder are to be looked at once more: its disk was away, and is back."""
        with self._connection.transaction():
            self._connection.execute(
                "UPDATE counter SET value = (SELECT min(value, seq - 1) FROM arrival WHERE folder_id = ?"
                " ORDER BY seq LIMIT 1) WHERE name = ? AND EXISTS (SELECT 1 FROM arrival WHERE folder_id = ?)",
                (folder, _SEQ, folder),
            )

    def note_back(self, seq: int, missing_since_us: int) -> None:
        """Keep that an arrival is to be looked at once more: its file is back, and was passed over while it was not."""
        with self._connection.transaction():
            self._connection.execute(
                "UPDATE counter SET value = min(value, ? - 1) WHERE name = ?"
                " AND (SELECT value FROM counter WHERE name = ?) >= ?",
                (seq, _SEQ, _US, missing_since_us),
            )

    def waiting(self, seq: int) -> int:
        """Return how many present files arrived after a number."""
        return int(self._connection.value("SELECT count(DISTINCT file_id) FROM arrival WHERE seq > ?", (seq,)) or 0)

    def files_between(self, after: int, until: int) -> list[int]:
        """Return the present files that arrived after one number, up to another one."""
        sql = "SELECT DISTINCT file_id FROM arrival WHERE seq > ? AND seq <= ?"
        return [row[0] for row in self._connection.select(sql, (after, until))]

    def end_of_next(self, seq: int, count: int) -> int | None:
        """Return the number of the last of the next `count` arrivals after a number, None where there is none."""
        sql = "SELECT max(seq) FROM (SELECT seq FROM arrival WHERE seq > ? ORDER BY seq LIMIT ?)"
        found = self._connection.value(sql, (seq, count))
        return None if found is None else int(found)

    def elsewhere(self, seq: int, folders: Sequence[int]) -> bool:
        """Return whether files outside some folders arrived after a number."""
        sql = "SELECT DISTINCT folder_id FROM arrival WHERE seq > ?"
        return any(row[0] not in folders for row in self._connection.select(sql, (seq,)))

    def arrived_since(self, seq: int, contents: Sequence[bytes]) -> frozenset[bytes]:
        """Return which of some contents are in present files that arrived after a number."""
        sql = (
            "SELECT content FROM photo WHERE EXISTS (SELECT 1 FROM file WHERE file.photo_id = photo.id"
            " AND file.state = 'present' AND max(arrival_seq, amended_seq) > ?) AND content IN (*)"
        )
        return frozenset(row[0] for row in self._connection.select_each(sql, (seq,), contents))

    def _counter(self, name: str) -> int:
        return int(self._connection.value("SELECT value FROM counter WHERE name = ?", (name,)) or 0)
