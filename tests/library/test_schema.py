"""schema.sql shows the library as its migrations make it."""

import re
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

from dejashot.library import migrate

SCHEMA = Path(migrate.__file__).parent / "schema.sql"


def normalised(connection: sqlite3.Connection) -> set[str]:
    """Return the statements of a schema without their comments and white space."""
    texts = (re.sub(r"--[^\n]*", "", sql) for sql in migrate.schema_statements(connection))
    return {re.sub(r"\s", "", text) for text in texts}


def test_the_schema_is_what_the_migrations_make() -> None:
    with closing(sqlite3.connect(":memory:")) as shown, closing(migrate.schema_at(migrate.newest_version())) as made:
        shown.executescript(SCHEMA.read_text(encoding="utf-8"))
        assert normalised(shown) == normalised(made)
        counters = "SELECT name, value FROM counter ORDER BY name"
        assert shown.execute(counters).fetchall() == made.execute(counters).fetchall()


def test_the_command_in_its_head_writes_it() -> None:
    written = subprocess.run(
        [sys.executable, "-m", "dejashot.library.migrate"], capture_output=True, check=True, text=True
    )
    text = SCHEMA.read_text(encoding="utf-8")
    assert written.stdout == text
    assert "python -m dejashot.library.migrate" in text


def test_migrations_are_numbered_without_a_gap() -> None:
    numbers = [int(file.name[:4]) for file in sorted((SCHEMA.parent / "migrations").glob("*.sql"))]
    assert numbers == list(range(1, migrate.newest_version() + 1))
