"""Libraries as earlier versions of Dejashot made them."""

import sqlite3
from pathlib import Path

from dejashot.library import database, migrate


def make_old_library(folder: Path, version: int) -> sqlite3.Connection:
    """Make an empty library of a version in a folder; the caller fills and closes it."""
    old = sqlite3.connect(folder / database.LIBRARY_FILE_NAME)
    old.executescript("\n".join(migrate.migrations()[:version]))
    old.executescript(f"PRAGMA application_id = {migrate.APPLICATION_ID};\nPRAGMA user_version = {version};")
    return old
