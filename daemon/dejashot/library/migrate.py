"""The migrations of the library, in order, and the schema that they make."""

import re
import sqlite3
import sys
from contextlib import closing
from functools import cache
from importlib import resources

from dejashot.errors import LibraryDamagedError
from dejashot.language.texts import noted

APPLICATION_ID = 0x44656A61  # "Deja"
RESTORING = noted(
    "`dejashot run` and `dejashot scan` put the last backup in its place; the photos themselves are untouched"
)
_COMMENT_COLUMN = 70
_COMMENT = re.compile(r"^(.*?\S) *-- ", re.MULTILINE)
_COLUMN = re.compile(r"^    ([a-z_]+) +(?=[A-Z])", re.MULTILINE)
_HEAD = """\
-- The library as it is today, generated from migrations/. To change it add a migration, then run in daemon/:
--     python -m dejashot.library.migrate > dejashot/library/schema.sql
"""


@cache
def migrations() -> tuple[str, ...]:
    """Return the migrations: entry N takes the library from version N to N + 1."""
    scripts = resources.files("dejashot.library").joinpath("migrations").iterdir()
    return tuple(
        s.read_text(encoding="utf-8") for s in sorted(scripts, key=lambda s: s.name) if s.name.endswith(".sql")
    )


def newest_version() -> int:
    """Return the version of the library that this Dejashot writes."""
    return len(migrations())


def migrate(connection: sqlite3.Connection, version: int) -> None:
    """Bring the library to the newest version in one transaction: no reader ever meets one between two versions.

    Raises LibraryDamagedError, and what SQLite raises.
    """
    steps = migrations()[version:]
    if not steps:
        return
    newest = f"PRAGMA application_id = {APPLICATION_ID};\nPRAGMA user_version = {version + len(steps)};"
    connection.execute("PRAGMA foreign_keys = OFF")  # a table that is made anew must not take along what refers to it
    try:
        connection.executescript("\n".join(["BEGIN IMMEDIATE;", *steps, newest]))
    except sqlite3.IntegrityError as error:  # every value of an older version is still valid: this one never was
        raise LibraryDamagedError(
            noted("the library does not hold together: {why}").format(why=error), RESTORING
        ) from error
    if connection.execute("PRAGMA foreign_key_check").fetchone():
        connection.execute("ROLLBACK")
        raise LibraryDamagedError(noted("the library does not hold together"), RESTORING)
    connection.execute("COMMIT")
    connection.execute("PRAGMA foreign_keys = ON")


def schema_at(version: int) -> sqlite3.Connection:
    """Return an empty library of a version, in memory; the caller closes it."""
    empty = sqlite3.connect(":memory:")
    empty.executescript("\n".join(migrations()[:version]))
    return empty


def schema_statements(connection: sqlite3.Connection) -> list[str]:
    """Return the statements that make a library: tables by their names, then indexes, then triggers."""
    rows = connection.execute(
        "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%'"
        " ORDER BY type = 'trigger', type = 'index', tbl_name, name"
    )
    return [re.sub(r'"(\w+)"', r"\1", sql) for (sql,) in rows]  # a table that was renamed is quoted


def current_schema() -> str:
    """Return the text of schema.sql."""
    with closing(schema_at(newest_version())) as empty:
        counters = empty.execute("SELECT quote(name), value FROM counter ORDER BY name").fetchall()
        rows = ", ".join(f"({name}, {value})" for name, value in counters)
        statements = [*schema_statements(empty), " ".join(("INSERT INTO counter VALUES", rows))]
    return _HEAD + "".join(f"\n{_aligned(statement)};\n" for statement in statements)


def _aligned(statement: str) -> str:
    """Return a statement with its types, and its comments, one below the other."""
    width = max((len(name) for name in _COLUMN.findall(statement)), default=0)
    aligned = _COLUMN.sub(lambda column: f"    {column[1]:{width}}  ", statement)
    return _COMMENT.sub(lambda line: f"{line[1]} ".ljust(_COMMENT_COLUMN) + "-- ", aligned)


if __name__ == "__main__":
    sys.stdout.write(current_schema())
