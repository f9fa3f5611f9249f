"""What closer looks measured: the quality of photos, and of pairs how well they match and how they overlap."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from dejashot.library.connection import LibraryConnection, invalid_rows_are_damage
from dejashot.library.tables.distant_copies import DistantCopyTable
from dejashot.models.groups import Matches, Registrations
from dejashot.models.photo import QUALITY_METHOD, Quality
from dejashot.models.registration import REGISTRATION_METHOD, Registration

_REGISTERED = """
SELECT first_key, second_key, inliers, overlap, keypoints, page_agreement, content_agreement,
    tone_free, light_step FROM registered_pair
WHERE method = ? AND first_key IN (*)
"""
_ADD_REGISTERED = """
INSERT OR REPLACE INTO registered_pair (
    method, inliers, overlap, keypoints, page_agreement, content_agreement, tone_free, light_step, first_key,
    second_key
) SELECT ?, ?, ?, ?, ?, ?, ?, ?, a.key, b.key FROM photo a, photo b WHERE a.key = ? AND b.key = ?
"""


class Measurements:
    """The quality of photos by content; the matches and the registrations of verified pairs by their index keys.

    `distant_copies` holds the copies of photos that lie elsewhere in time.
    """

    def __init__(self, connection: LibraryConnection) -> None:
        self._connection = connection
        self.distant_copies = DistantCopyTable(connection)

    @invalid_rows_are_damage
    def quality(self, contents: Sequence[bytes]) -> dict[bytes, Quality]:
        """Return the quality measured so far, by content; what was measured by another method does not count."""
        sql = (
            "SELECT content, look FROM quality JOIN photo ON photo.id = quality.photo_id"
            " WHERE quality.method = ? AND content IN (*)"
        )
        looks = ((r[0], json.loads(r[1])) for r in self._connection.select_each(sql, (QUALITY_METHOD,), contents))
        return {content: quality for content, look in looks if (quality := _quality(look)) is not None}

    def add_quality(self, content: bytes, quality: Quality) -> None:
        """Keep the quality of a content, and the damage found in it as that of the photo."""
        with self._connection.transaction():
            self._connection.execute(
                "UPDATE photo SET damage = ? WHERE content = ? AND damage != ?",
                (quality.damage, content, quality.damage),
            )
            self._connection.execute(
                "INSERT OR REPLACE INTO quality SELECT id, ?, ? FROM photo WHERE content = ?",
                (QUALITY_METHOD, json.dumps(asdict(quality)), content),
            )

    def matches(self, model: int, keys: Sequence[int]) -> dict[tuple[int, int], float]:
        """Return the matches of verified pairs whose earlier photo has one of these index keys, by both keys."""
        sql = "SELECT first_key, second_key, match FROM verified_pair WHERE model_id = ? AND first_key IN (*)"
        return {(r[0], r[1]): r[2] for r in self._connection.select_each(sql, (model,), keys)}

    def add_matches(self, model: int, matches: Matches) -> None:
        """Keep the matches of verified pairs by their index keys; pairs with an unknown photo are passed over."""
        with self._connection.transaction():
            self._connection.execute_many(
                "INSERT OR REPLACE INTO verified_pair"
                " SELECT ?, a.key, b.key, ? FROM photo a, photo b WHERE a.key = ? AND b.key = ?",
                [(model, match, first, second) for (first, second), match in matches.items()],
            )

    def registrations(self, keys: Sequence[int]) -> dict[tuple[int, int], Registration]:
        """Return the registrations of pairs whose earlier photo has one of these index keys, by both keys.

        What was registered by another method does not count.
        """
        rows = self._connection.select_each(_REGISTERED, (REGISTRATION_METHOD,), keys)
        return {(r[0], r[1]): Registration(*r[2:]) for r in rows}

    def add_registrations(self, registrations: Registrations) -> None:
        """Keep the registrations of pairs by their index keys; pairs with an unknown photo are passed over."""
        with self._connection.transaction():
            self._connection.execute_many(
                _ADD_REGISTERED,
                [
                    (
                        REGISTRATION_METHOD,
                        found.inliers,
                        found.overlap,
                        found.keypoints,
                        found.page_agreement,
                        found.content_agreement,
                        found.tone_free,
                        found.light_step,
                        *keys,
                    )
                    for keys, found in registrations.items()
                ],
            )


def _quality(look: dict[str, Any]) -> Quality | None:
    """Return a quality as it was kept, None for one that does not hold together: the photo is measured again."""
    try:
        return Quality.of(look)
    except (ValueError, KeyError, TypeError):
        return None
