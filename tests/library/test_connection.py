"""Queries and transactions of the library's connection."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from dejashot.errors import LibraryDamagedError, LibraryError
from dejashot.library import database
from dejashot.library.connection import LibraryConnection, invalid_rows_are_damage

ADD = "INSERT INTO counter VALUES (?, ?)"
NAMES = [f"n{n:04}" for n in range(1200)]


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[LibraryConnection]:
    opened = LibraryConnection(database.open_for_writing(tmp_path), tmp_path, owner=True)
    yield opened
    opened.close()


def test_a_list_goes_where_the_statement_says_so_and_nowhere_else(connection: LibraryConnection) -> None:
    with connection.transaction():
        connection.execute_many(ADD, [(name, n) for n, name in enumerate(NAMES)])
    counted = "SELECT count(*) FROM counter WHERE value >= ? AND name IN (*)"
    assert connection.select(counted, (10,), in_=NAMES[:20])[0][0] == 10
    assert connection.select(counted, (10,), in_=[])[0][0] == 0
    asked = "SELECT name FROM counter WHERE value >= ? AND name IN (*)"
    assert [row[0] for row in connection.select_each(asked, (1,), NAMES)] == NAMES[1:]
    assert list(connection.select_each(asked, (1,), [])) == []


def test_a_transaction_inside_another_is_part_of_it(connection: LibraryConnection) -> None:
    with pytest.raises(RuntimeError), connection.transaction():
        with connection.transaction():
            connection.execute(ADD, ("inner", 1))
        raise RuntimeError
    assert connection.value("SELECT value FROM counter WHERE name = 'inner'") is None


def test_what_can_not_be_written_leaves_nothing_and_is_an_error_of_the_library(connection: LibraryConnection) -> None:
    with pytest.raises(LibraryError, match="can't be written"), connection.transaction():
        connection.execute(ADD, ("one", 1))
        connection.execute(ADD, ("one", 2))
    assert connection.value("SELECT value FROM counter WHERE name = 'one'") is None
    with connection.transaction():
        assert connection.execute(ADD, ("one", 1)) == 1


def test_changes_are_numbered_one_after_another(connection: LibraryConnection) -> None:
    with connection.transaction():
        assert [connection.next_seq() for _ in range(3)] == [1, 2, 3]
    assert connection.newest_seq() == 3


def test_a_reader_does_not_write(connection: LibraryConnection, tmp_path: Path) -> None:
    reader = LibraryConnection(database.open_for_reading(tmp_path), tmp_path, owner=False)
    with closing(reader), pytest.raises(LibraryError, match="can't be written"), reader.transaction():
        reader.execute(ADD, ("one", 1))


@pytest.mark.parametrize("error", [ValueError, KeyError, TypeError, OverflowError])
def test_rows_that_no_value_can_be_made_of_are_damage(error: type[Exception]) -> None:
    @invalid_rows_are_damage
    def reading() -> None:
        raise error

    with pytest.raises(LibraryDamagedError):
        reading()
