"""What kept groups depend on besides the library's own rows: what differs from that is worked out anew."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable

from dejashot.config.settings import Settings
from dejashot.library.kept.groups_file import GROUPS_SCHEMA
from dejashot.library.library import Library
from dejashot.library.tables.folders import Folder
from dejashot.library.tables.vectors import ModelRow
from dejashot.reports.collect import ReportPaths
from dejashot.reports.context import ReportContext
from dejashot.reports.parameters import clocks_of, closer_look_rules

CONDITIONS, ABSENT, LOOKED = "conditions", "absent", "looked"  # what kept groups say of their basis
_CODE = ("grouping", "reports", "models", "files")  # whose every change may make other groups


@dataclass(frozen=True, slots=True)
class Basis:
    """The folders that are known and those that are there, how files are named, and a hash of all other conditions.

    `rules` is the number of those by which photos are looked at closely.
    """

    known: tuple[Folder, ...]
    there: tuple[Folder, ...]
    paths: ReportPaths
    conditions: str
    rules: int

    @classmethod
    def of(cls, context: ReportContext) -> "Basis":
        """Return the basis of the groups of a library as it is now."""
        return cls.of_library(context.settings, context.library, context.row)

    @classmethod
    def of_library(cls, settings: Settings, library: Library, row: ModelRow) -> "Basis":
        """Return the basis of the groups of a library as it is now, by its model."""
        known = tuple(library.folders.all())
        there = tuple(folder for folder in known if folder.path.is_dir())
        paths = ReportPaths(known)
        clocks = clocks_of(settings)
        rules = closer_look_rules(settings, row.fingerprint)
        values = (
            *(GROUPS_SCHEMA, _code(), str(paths.root), row.fingerprint, row.description, str(clocks.home)),
            *(rules, settings.sifting.model_dump_json()),
        )
        return cls(known, there, paths, hashlib.blake2b(repr(values).encode(), digest_size=16).hexdigest(), rules)

    def is_of(self, known: Mapping[str, str]) -> bool:
        """Return whether kept groups were made under these conditions, given their basis."""
        return known.get(CONDITIONS) == self.conditions

    def folders_moved(self, known: Mapping[str, str]) -> list[int]:
        """Return the folders that went or came since groups were kept, by their numbers, given their basis."""
        moved = set(known.get(ABSENT, "").split(",")) ^ set(self.absent.split(","))
        return [int(number) for number in moved if number]

    @property
    def absent(self) -> str:
        """Return which folders are not there, by their numbers."""
        return ",".join(str(folder.id) for folder in self.known if folder not in self.there)


@cache
def _code() -> str:
    """Return a hash of the code that works groups out: another version may work out others."""
    found = hashlib.blake2b(digest_size=16)
    for room in _CODE:
        for name, module in sorted(_modules(resources.files("dejashot").joinpath(room))):
            found.update(name.encode() + module.read_bytes())
    return found.hexdigest()


def _modules(folder: Traversable) -> Iterator[tuple[str, Traversable]]:
    for entry in folder.iterdir():
        if entry.is_dir():
            yield from ((f"{entry.name}/{name}", module) for name, module in _modules(entry))
        elif entry.name.endswith(".py"):
            yield entry.name, entry
