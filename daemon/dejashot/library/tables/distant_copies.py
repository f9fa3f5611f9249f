"""Copies of photos from another time: which photos were looked for in the library, and what was found."""

from collections.abc import Sequence

from dejashot.library.connection import LibraryConnection
from dejashot.models.groups import COPY_METHOD, DistantCopies

_UNSEARCHED = """
SELECT key FROM photo JOIN vector ON vector.photo_id = photo.id AND vector.model_id = ?
WHERE EXISTS (SELECT 1 FROM file WHERE file.photo_id = photo.id AND file.state = 'present')
    AND NOT EXISTS (SELECT 1 FROM copy_search s WHERE s.photo_id = photo.id AND s.model_id = ? AND s.method = ?)
ORDER BY key
"""
_SEARCHED_UNTAGGED = """
SELECT 1 FROM copy_search JOIN photo ON photo.id = copy_search.photo_id
WHERE model_id = ? AND copy_search.method = ? AND make = '' AND model = '' LIMIT 1
"""
_FOUND = """
SELECT c.content, o.content FROM distant_copy d JOIN photo c ON c.id = d.copy_id JOIN photo o ON o.id = d.original_id
WHERE d.method = ? ORDER BY d.difference, o.content
"""
_FILES_OF_PARTNERS = """
SELECT other.id FROM distant_copy d JOIN file new ON new.photo_id IN (d.copy_id, d.original_id)
JOIN file other ON other.photo_id IN (d.copy_id, d.original_id)
WHERE d.method = ? AND new.state = 'present' AND max(new.arrival_seq, new.amended_seq) > ? AND other.state = 'present'
"""


class DistantCopyTable:
    """The copies of photos that lie elsewhere in time, by content."""

    def __init__(self, connection: LibraryConnection) -> None:
        self._connection = connection

    def unsearched(self, model: int) -> list[int]:
        """Return the index keys of the present photos that were not looked for by the vectors of a model yet."""
        return [r[0] for r in self._connection.select(_UNSEARCHED, (model, model, COPY_METHOD))]

    def has_searched_untagged(self, model: int) -> bool:
        """Return whether a photo without a camera's name was looked for before: its original may have come since."""
        return self._connection.value(_SEARCHED_UNTAGGED, (model, COPY_METHOD)) is not None

    def note_searched(self, model: int, keys: Sequence[int]) -> None:
        """Keep that photos were looked for by the vectors of a model."""
        with self._connection.transaction():
            self._connection.execute_many(
                "INSERT OR REPLACE INTO copy_search SELECT id, ?, ? FROM photo WHERE key = ?",
                [(model, COPY_METHOD, key) for key in keys],
            )

    def add(self, copy: bytes, original: bytes, difference: float) -> None:
        """Keep that a content is a copy of another one, and how far they differ."""
        with self._connection.transaction():
            self._connection.execute(
                "INSERT OR REPLACE INTO distant_copy SELECT c.id, o.id, ?, ? FROM photo c, photo o"
                " WHERE c.content = ? AND o.content = ?",
                (COPY_METHOD, difference, copy, original),
            )

    def found(self) -> DistantCopies:
        """Return the originals of each copy, the most alike first."""
        originals: dict[bytes, list[bytes]] = {}
        for copy, original in self._connection.select(_FOUND, (COPY_METHOD,)):
            originals.setdefault(copy, []).append(original)
        return originals

    def files_of_partners(self, after_seq: int) -> list[int]:
        """Return the numbers of the present files of each copy and original one of which arrived after `after_seq`."""
        return [r[0] for r in self._connection.select(_FILES_OF_PARTNERS, (COPY_METHOD, after_seq))]
