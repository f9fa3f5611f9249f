"""What concerns few photos is found by indexes: no statement walks through all photos, files or companions."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from dejashot.config.settings import Settings
from dejashot.library.connection import LibraryConnection
from dejashot.library.library import Library
from dejashot.library.migrate import newest_version, schema_at
from dejashot.models.files import FileRef, FileStamp
from dejashot.reading.options import worker_options
from dejashot.reading.pool import ReaderPool
from dejashot.reports.collect import ReportPaths, collect_shots
from dejashot.reports.context import ReportContext, ReportRequest
from shots import START_US, reading

SMALL = ("span", "new", "pair", "one", "known", "arrival", "CONSTANT")  # what statements make of what they are given


@pytest.fixture
def sqlite() -> Iterator[sqlite3.Connection]:
    """Give the test an empty library in memory, as SQLite has it."""
    with closing(schema_at(newest_version())) as connection:
        connection.isolation_level, connection.row_factory = None, sqlite3.Row
        yield connection


def test_nothing_that_concerns_few_photos_walks_through_all(sqlite: sqlite3.Connection, tmp_path: Path) -> None:
    library = Library(LibraryConnection(sqlite, tmp_path, owner=False))
    folder = library.folders.add(Path("/photos"), 1)
    model = library.vectors.add_model("f" * 16, "{}")
    for n in range(3):
        library.photos.add(FileRef(1, b"%d.jpg" % n), reading(n, at_s=n), model.id, START_US)
    sqlite.execute("UPDATE photo SET zone_known = 0 WHERE id = 2")
    library.companions.record(1, {b"1.xmp": FileStamp(1, 1, 1, 1)}, [], ())
    settings = Settings()
    context = ReportContext(settings, library, model, ReaderPool(worker_options(settings), 1), library.journal)
    copies, looks = library.measurements.distant_copies, library.closer_looks
    asked: list[str] = []
    sqlite.set_trace_callback(asked.append)
    collected = collect_shots(context, ReportRequest("", [folder], 2, only_new=True), ReportPaths([folder]))
    copies.unsearched(model.id)
    copies.has_searched_untagged(model.id)
    copies.found([shot.content for shot in collected.shots])
    looks.waiting(2)
    looks.end_of_next(2, 5)
    looks.elsewhere(2, [1])
    looks.arrived_since(2, [shot.content for shot in collected.shots])
    sqlite.set_trace_callback(None)
    assert len(collected.shots) == 3
    steps = [(row["detail"], sql) for sql in asked for row in sqlite.execute(f"EXPLAIN QUERY PLAN {sql}")]
    walks = [(step, sql) for step, sql in steps if step.startswith("SCAN ") and step.split()[1] not in SMALL]
    assert [(step, sql) for step, sql in walks if "photo_untagged" not in step] == []
    assert any("photo_by_offset" in step for step, _ in steps)
