"""The ids of groups: a group keeps its id, whatever joins it later."""

from collections.abc import Mapping, Sequence

from dejashot.library.connection import LibraryConnection


class GroupIds:
    """Which group, by its id, a content belongs to: one group, and one series beside it."""

    def __init__(self, connection: LibraryConnection) -> None:
        self._connection = connection

    def of_contents(self, contents: Sequence[bytes]) -> dict[tuple[bytes, bool], str]:
        """Return the ids of contents, and of those that share an id with them, by content and whether of a series.

        Of the latter only contents that are still present somewhere count.
        """
        sql = "SELECT content, series, group_id FROM group_identity WHERE content IN (*)"
        found = {(r[0], bool(r[1])): str(r[2]) for r in self._connection.select_each(sql, (), contents)}
        sharing = (
            "SELECT g.content, g.series, g.group_id FROM group_identity g WHERE EXISTS (SELECT 1 FROM photo"
            " JOIN file ON file.photo_id = photo.id WHERE photo.content = g.content AND file.state = 'present')"
            " AND g.group_id IN (*)"
        )
        ids = sorted(set(found.values()))
        others = {(r[0], bool(r[1])): str(r[2]) for r in self._connection.select_each(sharing, (), ids)}
        return others | found

    def remember(self, ids: Mapping[tuple[bytes, bool], str]) -> None:
        """Remember the ids of groups, by content and whether of a series."""
        with self._connection.transaction():
            self._connection.execute_many(
                "INSERT OR REPLACE INTO group_identity (content, series, group_id) VALUES (?, ?, ?)",
                [(content, series, group_id) for (content, series), group_id in ids.items()],
            )
