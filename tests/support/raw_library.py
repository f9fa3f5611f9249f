"""The library's database itself, past Dejashot: to see and change what no method of the library does."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from dejashot.library.database import LIBRARY_FILE_NAME


@contextmanager
def raw_library(folder: Path) -> Iterator[sqlite3.Connection]:
    """Open the database of the library in a folder; changes are committed at the end."""
    with closing(sqlite3.connect(folder / LIBRARY_FILE_NAME)) as connection, connection:
        yield connection
