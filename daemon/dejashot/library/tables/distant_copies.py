"""Copies of photos from another time: which photos were looked for in the library, and what was found."""

from collections.abc import Sequence

from dejashot.library.connection import LibraryConnection
from dejashot.models.groups import COPY_METHOD, DistantCopies

_UNSEARCHED = """
SELECT key FROM copy_search s JOIN photo ON photo.id = s.photo_id WHERE s.model_id = ? AND s.method < ?
    AND EXISTS (SELECT 1 FROM file WHERE file.photo_id = photo.id AND file.state = 'present')
ORDER BY key
"""
_SEARCHED_UNTAGGED = """
SELECT 1 FROM photo CROSS JOIN copy_search s ON s.photo_id = photo.id
WHERE make = '' AND model = '' AND s.model_id = ? AND s.method = ? LIMIT 1
"""
_FOUND = """
SELECT d.difference, o.content, c.content FROM photo c JOIN distant_copy d ON d.copy_id = c.id
JOIN photo o ON o.id = d.original_id WHERE d.method = ? AND c.content IN (*)
"""
_FILES_OF_PARTNERS = """
WITH new (photo) AS (SELECT photo_id FROM arrival WHERE seq > ? AND seq <= ?),
pair (copy, original) AS (
    SELECT copy_id, original_id FROM new CROSS JOIN distant_copy ON copy_id = photo WHERE method = ?
    UNION SELECT copy_id, original_id FROM new CROSS JOIN distant_copy ON original_id = photo WHERE method = ?
),
one (photo) AS (SELECT copy FROM pair UNION SELECT original FROM pair)
SELECT file.id FROM one CROSS JOIN file ON file.photo_id = one.photo AND file.state = 'present'
WHERE file.folder_id IN (*)
"""


class DistantCopyTable:
    """The copies of photos that lie elsewhere in time, by content."""

    def __init__(self, connection: LibraryConnection) -> None:
        self._connection = connection

    def unsearched(self, model: int) -> list[int]:
        """Return the index keys of the present photos that were not looked for by the vectors of a model yet."""
        return [r[0] for r in self._connection.select(_UNSEARCHED, (model, COPY_METHOD))]

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

    def found(self, contents: Sequence[bytes]) -> DistantCopies:
        """Return the originals of each copy among some contents, the most alike first."""
        originals: dict[bytes, list[bytes]] = {}
        rows = self._connection.select_each(_FOUND, (COPY_METHOD,), sorted({*contents}))
        for _, original, copy in sorted(map(tuple, rows)):
            originals.setdefault(copy, []).append(original)
        return originals

    def pairs(self) -> list[tuple[int, int]]:
        """Return all copies with their originals, by the numbers of the photos."""
        rows = self._connection.select("SELECT copy_id, original_id FROM distant_copy WHERE method = ?", (COPY_METHOD,))
        return [(r[0], r[1]) for r in rows]

    def pairs_with(self, photos: Sequence[int]) -> list[tuple[int, int]]:
        """Return the copies of which one of some photos is copy or original, by the numbers of both."""
        copies = "SELECT copy_id, original_id FROM distant_copy WHERE method = ? AND copy_id IN (*)"
        originals = "SELECT copy_id, original_id FROM distant_copy WHERE method = ? AND original_id IN (*)"
        found = (r for sql in (copies, originals) for r in self._connection.select_each(sql, (COPY_METHOD,), photos))
        return sorted({(r[0], r[1]) for r in found})

    def files_of_partners(self, folders: Sequence[int], after_seq: int, until_seq: int) -> list[int]:
        """Return the numbers of the present files, in some folders, of copies and originals one of which arrived.

        It arrived in a range of numbers, which begins behind `after_seq` and ends with `until_seq`.
        """
        values = (after_seq, until_seq, COPY_METHOD, COPY_METHOD)
        return [r[0] for r in self._connection.select(_FILES_OF_PARTNERS, values, folders)]
