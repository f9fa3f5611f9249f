"""Whether the values of a library can be what they stand for: what SQLite's own check of its pages does not look at."""

import json
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from dejashot.errors import Reason
from dejashot.files.exclusions import ExclusionReason
from dejashot.files.first_bytes import FileContent
from dejashot.models.arrays import SIGNATURE_SIDE
from dejashot.models.capture import KEYS_PER_MICROSECOND, Certainty, TimeSource
from dejashot.models.decisions import Verdict
from dejashot.models.photo import QUALITY_METHOD

Columns = dict[str, dict[str, str]]  # the types of the columns of each table, by their names

_ROWS_PER_FETCH = 4096
_UNIT_WITHIN = 0.05  # of the square of a vector's length: float16 takes some of it
OFFSET_LIMIT_S = 86400
MAX_TAKEN_US = 2**63 // KEYS_PER_MICROSECOND - 1  # farther from 1970 there is no index key
_MOMENT = f"BETWEEN -{MAX_TAKEN_US} AND {MAX_TAKEN_US}"
_NO_ZERO = "instr({0}, x'00') = 0"
_BELOW = (  # a path below its folder
    "length({0}) > 0 AND substr({0}, 1, 1) != x'2f' AND instr(x'2f' || {0} || x'2f', x'2f2e2e2f') = 0 AND " + _NO_ZERO
)


@dataclass(frozen=True, slots=True)
class _Rule:
    """What holds for a column of every row of a table, as an SQL expression in which `{0}` is the column."""

    table: str
    column: str
    holds: str


def _one_of(values: type[StrEnum]) -> str:
    return "{0} IN (" + ", ".join(f"'{value.value}'" for value in values) + ")"


_RULES = (  # what a schema's CHECK says is here too: SQLite does not look at it through a connection that only reads
    _Rule("folder", "path", "substr({0}, 1, 1) = x'2f' AND " + _NO_ZERO),
    _Rule("photo", "content", "length({0}) = 32"),
    _Rule("photo", "source", _one_of(TimeSource)),
    _Rule("photo", "certainty", _one_of(Certainty)),
    _Rule("photo", "taken_us", f"{{0}} {_MOMENT}"),
    _Rule("photo", "offset_s", f"abs({{0}}) < {OFFSET_LIMIT_S}"),
    _Rule("photo", "signature", f"length({{0}}) = {SIGNATURE_SIDE**2}"),
    _Rule("photo", "size_bytes", "{0} >= 0"),
    _Rule("photo", "width", "{0} BETWEEN 1 AND 2147483647"),
    _Rule("photo", "height", "{0} BETWEEN 1 AND 2147483647"),
    _Rule("photo", "contrast", "abs({0}) < 1e9"),
    _Rule("photo", "latitude", "({0} IS NULL) = (longitude IS NULL) AND ({0} IS NULL OR abs({0}) <= 90)"),
    _Rule("photo", "longitude", "{0} IS NULL OR abs({0}) <= 180"),
    _Rule("photo", "altitude_m", "{0} IS NULL OR abs({0}) < 1e9"),
    _Rule("file", "path", _BELOW),
    _Rule("file", "size_bytes", "{0} >= 0"),
    _Rule("file", "state", "{0} IN ('present', 'missing', 'skipped') AND ({0} = 'skipped') = (photo_id IS NULL)"),
    _Rule("file", "unmounted", "{0} IN (0, 1)"),
    _Rule("file", "reason", f"state != 'skipped' OR {_one_of(Reason)}"),
    _Rule("companion", "path", _BELOW),
    _Rule("companion", "made_us", f"{{0}} IS NULL OR {{0}} {_MOMENT}"),
    _Rule("sidecar_time", "taken_us", f"{{0}} {_MOMENT}"),
    _Rule("first_bytes", "path", _BELOW),
    _Rule("first_bytes", "content", _one_of(FileContent)),
    _Rule("exclusion", "why", _one_of(ExclusionReason)),
    _Rule("reader_crash", "reason", _one_of(Reason)),
    _Rule("thumbnail_vector", "thumbnail_px", "{0} > 0"),
    _Rule("verified_pair", "match", "abs({0}) <= 1000"),
    _Rule("registered_pair", "inliers", "{0} >= 0"),
    _Rule("registered_pair", "overlap", "abs({0}) <= 2"),
    _Rule("registered_pair", "keypoints", "{0} >= 0"),
    _Rule("registered_pair", "page_agreement", "abs({0}) <= 2"),
    _Rule("registered_pair", "content_agreement", "abs({0}) <= 2"),
    _Rule("registered_pair", "tone_free", "abs({0}) <= 2"),
    _Rule("registered_pair", "light_step", "abs({0}) < 1e9"),
    _Rule("distant_copy", "difference", "{0} BETWEEN 0 AND 1"),
    _Rule("decision", "content", "length({0}) = 32 AND length(other) IN (0, 32)"),
    _Rule("decision", "word", _one_of(Verdict) + " AND ({0} = 'different') = (length(other) = 32 AND content < other)"),
    _Rule("digest_run", "state", "{0} IN ('running', 'done', 'empty', 'missed')"),
    _Rule("digest_run", "slot_us", f"{{0}} {_MOMENT}"),
    _Rule("digest_run", "made_us", f"{{0}} {_MOMENT}"),
    _Rule("digest_run", "file", _NO_ZERO),
    _Rule("delivery", "state", "{0} IN ('waiting', 'sent', 'given_up')"),
    _Rule("delivery", "next_us", f"{{0}} {_MOMENT}"),
    _Rule("counter", "value", "{0} >= 0"),
)
_JSON = (("quality", "look", f"method = {QUALITY_METHOD}"), ("model", "description", "1"))
_FORMER_NAMES = {  # of tables, before version 11
    "asked": "first_bytes",
    "beside": "companion",
    "left_out": "exclusion",
    "network": "model",
    "said": "sidecar_time",
    "second_look": "verified_pair",
    "strike": "reader_crash",
}


def invalid_value(
    connection: sqlite3.Connection, expected: Columns, on_progress: Callable[[], None] = lambda: None
) -> str:
    """Return what of a library's values can't be, by table and column, empty where all can.

    `expected` are the columns that a library of its version has; its pages were checked before. `on_progress` is called
    as the work moves on. Raises sqlite3.Error.
    """
    found = columns_of(connection)
    for table, columns in expected.items():
        if not columns.items() <= found.get(table, {}).items():
            return f"{table} lacks what it must have"
    for check in (_broken_rule, _broken_text, _broken_json, _broken_vectors):
        broken = check(connection, expected, on_progress)
        if broken:
            return broken
    lost = connection.execute("PRAGMA foreign_key_check").fetchone()
    return f"{lost[0]} refers to what is not there" if lost else ""


def _rows(columns: str, table: str, condition: str) -> str:
    """Return a statement over a table by its name, which no value could stand for."""
    return " ".join(("SELECT", columns, "FROM", table, "WHERE", condition))


def columns_of(connection: sqlite3.Connection) -> Columns:
    """Return the types of the columns of each table, by their names."""
    rows = connection.execute(
        "SELECT s.name, c.name, c.type FROM sqlite_schema s, pragma_table_info(s.name) c"
        " WHERE s.type = 'table' AND s.name NOT LIKE 'sqlite_%'"
    )
    found: Columns = {}
    for table, column, kind in rows:
        found.setdefault(table, {})[column] = kind
    return found


def _broken_rule(connection: sqlite3.Connection, columns: Columns, on_progress: Callable[[], None]) -> str:
    """Return the first column with a value that it can't have."""
    for table in columns:
        on_progress()
        rules = [r for r in _RULES if r.table == _FORMER_NAMES.get(table, table) and r.column in columns[table]]
        whole = " AND ".join(f"({r.holds.format(r.column)})" for r in rules)
        if rules and connection.execute(_rows("1", table, f"NOT ({whole}) LIMIT 1")).fetchone():
            for rule in rules:
                holds = rule.holds.format(rule.column)
                if connection.execute(_rows("1", table, f"NOT ({holds}) LIMIT 1")).fetchone():
                    return f"{table}.{rule.column} has a value that it can't have"
    return ""


def _broken_text(connection: sqlite3.Connection, columns: Columns, on_progress: Callable[[], None]) -> str:
    """Return the first table with text that is no UTF-8."""
    for table, kinds in columns.items():
        texts = [f'"{name}"' for name, kind in kinds.items() if kind == "TEXT"]
        if not texts:
            continue
        cursor = connection.execute(_rows(", ".join(texts), table, "1"))
        try:
            while cursor.fetchmany(_ROWS_PER_FETCH):
                on_progress()
        except sqlite3.OperationalError as error:
            if not is_undecodable(error):
                raise
            return f"{table} has text that is no UTF-8"
    return ""


def is_undecodable(error: BaseException) -> bool:
    """Return whether an error says that text of the library, or what SQLite quotes of it, is no UTF-8.

    It is Python's own error, which has no code.
    """
    return isinstance(error, UnicodeDecodeError) or str(error).startswith("Could not decode to UTF-8")


def _broken_json(connection: sqlite3.Connection, columns: Columns, on_progress: Callable[[], None]) -> str:
    """Return the first column of JSON with a value that is none, or no object."""
    values = (
        (table, column, where)
        for table in columns
        for name, column, where in _JSON
        if name == _FORMER_NAMES.get(table, table) and column in columns[table]
    )
    for table, column, where in values:
        on_progress()
        odd = _rows(column, table, f"{where} AND NOT (json_valid({column}) AND substr({column}, 1, 1) = '{{')")
        for (text,) in connection.execute(odd):  # SQLite is stricter than what wrote it
            try:
                sound = isinstance(json.loads(text), dict)
            except (ValueError, RecursionError):
                sound = False
            if not sound:
                return f"{table}.{column} is no JSON"
    return ""


def _broken_vectors(connection: sqlite3.Connection, columns: Columns, on_progress: Callable[[], None]) -> str:
    """Return what is wrong with the vectors: those of one model differ in length, or one is not of unit length."""
    if "vector" not in columns:
        return ""
    model_id = "model_id" if "model_id" in columns["vector"] else "network_id"  # before version 11
    spans = _rows(f"{model_id}, min(length(value)), max(length(value))", "vector", f"1 GROUP BY {model_id}")
    for model, shortest, longest in connection.execute(spans).fetchall():
        if shortest != longest or not longest or longest % 2:
            return "vector.value is of another length than the others"
        cursor = connection.execute(_rows("value", "vector", f"{model_id} = ?"), (model,))
        while rows := cursor.fetchmany(_ROWS_PER_FETCH):
            on_progress()
            vectors = np.frombuffer(b"".join(r[0] for r in rows), dtype="<f2").reshape(len(rows), -1).astype(np.float32)
            with np.errstate(over="ignore", invalid="ignore"):
                squares = np.einsum("ij,ij->i", vectors, vectors)
                if not (np.abs(squares - 1) <= _UNIT_WITHIN).all():
                    return "vector.value is not of unit length"
    return ""
