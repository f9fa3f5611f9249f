"""The vectors of photos, the models that made them, and what the index must hold of them."""

import json
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dejashot.errors import LibraryDamagedError
from dejashot.language.texts import noted
from dejashot.library.connection import LibraryConnection, invalid_rows_are_damage
from dejashot.library.migrate import RESTORING
from dejashot.library.tables.rows import vector_from
from dejashot.models.arrays import Vector
from dejashot.models.capture import instant


@dataclass(frozen=True, slots=True)
class ModelRow:
    """A model whose vectors the library holds."""

    id: int
    fingerprint: str
    description: str

    @property
    def label(self) -> str:
        """Return name and fingerprint; raise LibraryDamagedError where the description is none."""
        try:
            return f"{json.loads(self.description)['name']}@{self.fingerprint}"
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise LibraryDamagedError(
                noted("the library is damaged: it does not say what its network is"), RESTORING
            ) from error


def part_of(taken_us: int) -> int:
    """Return the part of the index that holds a capture time: year * 100 + month, UTC."""
    at = instant(taken_us)
    return at.year * 100 + at.month


class VectorStore:
    """The vectors by content and model. Answers are given from those of the active model."""

    def __init__(self, connection: LibraryConnection) -> None:
        self._connection = connection

    def active_model(self) -> ModelRow | None:
        """Return the model whose vectors answers are given from."""
        rows = self._connection.select("SELECT id, fingerprint, description FROM model WHERE active = 1")
        return ModelRow(*rows[0]) if rows else None

    def add_model(self, fingerprint: str, description: str) -> ModelRow:
        """Return the model's row, made when it is new, with this description; the first one is active at once."""
        with self._connection.transaction():
            self._connection.execute(
                "INSERT INTO model (fingerprint, description, active)"
                " VALUES (?, ?, NOT EXISTS (SELECT 1 FROM model WHERE active = 1))"
                " ON CONFLICT (fingerprint) DO UPDATE SET description = excluded.description"
                " WHERE description != excluded.description",
                (fingerprint, description),
            )
            rows = self._connection.select(
                "SELECT id, fingerprint, description FROM model WHERE fingerprint = ?", (fingerprint,)
            )
        return ModelRow(*rows[0])

    def activate_model(self, model: int) -> None:
        """Answer from this model's vectors from now on and drop those of every other."""
        with self._connection.transaction():
            self._connection.execute("UPDATE model SET active = (id = ?)", (model,))
            self._connection.execute("DELETE FROM model WHERE id != ?", (model,))

    def has(self, content: bytes, model: int) -> bool:
        """Return whether a content is known and has a vector of a model."""
        sql = (
            "SELECT 1 FROM photo JOIN vector ON vector.photo_id = photo.id"
            " WHERE photo.content = ? AND vector.model_id = ?"
        )
        return self._connection.value(sql, (content, model)) is not None

    @invalid_rows_are_damage
    def get(self, content: bytes, model: int) -> Vector | None:
        """Return the vector of a content, None where there is none of this model."""
        sql = "SELECT value FROM vector JOIN photo ON photo.id = vector.photo_id WHERE content = ? AND model_id = ?"
        value = self._connection.value(sql, (content, model))
        return None if value is None else vector_from(value)

    def put(self, content: bytes, model: int, vector: Vector, thumbnail_px: int) -> None:
        """Keep the vector (float32, unit length) of a known content.

        `thumbnail_px` is the long side of the thumbnail that it was made of, 0 for the picture itself.
        """
        with self._connection.transaction():
            self._connection.execute(
                "INSERT INTO vector (photo_id, model_id, part, change_seq, value)"
                " SELECT id, ?, part, ?, ? FROM photo WHERE content = ? ON CONFLICT (photo_id, model_id)"
                " DO UPDATE SET value = excluded.value, change_seq = excluded.change_seq",
                (model, self._connection.next_seq(), vector.astype("<f2").tobytes(), content),
            )
            self._connection.execute(
                "DELETE FROM thumbnail_vector WHERE model_id = ?"
                " AND photo_id = (SELECT id FROM photo WHERE content = ?)",
                (model, content),
            )
            if thumbnail_px:
                self._connection.execute(
                    "INSERT INTO thumbnail_vector SELECT id, ?, ? FROM photo WHERE content = ?",
                    (model, thumbnail_px, content),
                )
            self._connection.execute(
                "INSERT OR IGNORE INTO copy_search (photo_id, model_id, method) SELECT id, ?, 0 FROM photo"
                " WHERE content = ?",
                (model, content),
            )

    def thumbnail_px(self, content: bytes, model: int) -> int:
        """Return the long side of the thumbnail that the vector of a content was made of, 0 for the picture itself."""
        sql = (
            "SELECT thumbnail_px FROM thumbnail_vector JOIN photo ON photo.id = thumbnail_vector.photo_id"
            " WHERE content = ? AND model_id = ?"
        )
        px: int | None = self._connection.value(sql, (content, model))
        return px or 0

    def count(self, model: int) -> int:
        """Return how many photos have a vector of a model."""
        return int(self._connection.value("SELECT count(*) FROM vector WHERE model_id = ?", (model,)))

    def part_stamps(self, model: int) -> dict[int, tuple[int, int]]:
        """Return, for every part of the index, how many vectors it must hold and the newest change among them."""
        rows = self._connection.select(
            "SELECT part, count(*), max(change_seq) FROM vector WHERE model_id = ? GROUP BY part", (model,)
        )
        return {r[0]: (r[1], r[2]) for r in rows}

    def part_stamp(self, model: int, part: int) -> tuple[int, int]:
        """Return how many vectors one part of the index must hold, and the newest change among them."""
        rows = self._connection.select(
            "SELECT count(*), coalesce(max(change_seq), 0) FROM vector WHERE model_id = ? AND part = ?", (model, part)
        )
        return rows[0][0], rows[0][1]

    @invalid_rows_are_damage
    def part_vectors(self, model: int, part: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float32]]:
        """Return the keys [n] and vectors [n, d] of one part, in time order."""
        rows = self._connection.select(
            "SELECT photo.key, vector.value FROM vector JOIN photo ON photo.id = vector.photo_id"
            " WHERE vector.model_id = ? AND vector.part = ? ORDER BY photo.key",
            (model, part),
        )
        keys = np.array([r[0] for r in rows], dtype=np.int64)
        values = vector_from(b"".join(r[1] for r in rows))
        return keys, values.reshape(len(rows), len(values) // max(1, len(rows)))
