"""Which file of kept groups a library uses, and how another takes its place."""

import os
from pathlib import Path

from dejashot.errors import GroupsFileError
from dejashot.language.texts import noted
from dejashot.library.kept.changes import Changes
from dejashot.library.kept.groups_file import create_groups_file, groups_file, open_groups_file, remove_groups_files
from dejashot.library.kept.kept_groups import KeptGroups
from dejashot.paths import sync_folder

CHANGE, NEWEST_SEQ = "change", "newest_seq"


def open_kept_groups(folder: Path, changes: Changes, newest_seq: int, *, owner: bool) -> KeptGroups | None:
    """Open the kept groups of the library in a folder, None where it has none that follow on what it notes.

    Raises GroupsFileError where they can't be used.
    """
    number = changes.groups_file
    connection = open_groups_file(folder, number, owner=owner) if number else None
    if connection is None:
        return None
    kept = KeptGroups(connection)
    try:
        basis = kept.basis()
        # the file may be one change ahead: its own came first, then a crash
        follows = int(basis[CHANGE]) - changes.groups_change in (0, 1) and int(basis[NEWEST_SEQ]) <= newest_seq
    except (KeyError, ValueError):
        follows = False
    except GroupsFileError:
        kept.close()
        raise
    if not follows:
        kept.close()
        return None
    return kept


def make_kept_groups(folder: Path, changes: Changes) -> tuple[int, KeptGroups]:
    """Make an empty file for kept groups; return its number and the file; raise GroupsFileError."""
    number = changes.groups_file + 1
    return number, KeptGroups(create_groups_file(folder, number))


def use_kept_groups(folder: Path, changes: Changes, number: int, made: KeptGroups) -> KeptGroups:
    """Take a file that is whole into use, and remove those before it; raise GroupsFileError or LibraryError."""
    change = int(made.basis()[CHANGE])
    made.close()
    try:
        with groups_file(folder, number).open("rb") as file:
            os.fsync(file.fileno())
        sync_folder(folder)
    except OSError as error:
        raise GroupsFileError(
            noted("the kept groups can't be written: {why}").format(why=error.strerror), noted("Check the free space")
        ) from error
    changes.use(number, change)
    remove_groups_files(folder, keep=number)
    connection = open_groups_file(folder, number, owner=True)
    if connection is None:
        raise GroupsFileError(noted("the file of kept groups is gone"), noted("It is made anew"))
    return KeptGroups(connection)
