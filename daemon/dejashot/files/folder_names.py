"""The names of a folder, found in any spelling: by stem, as a whole, by their beginning and by their shot."""

import os
from bisect import bisect_left
from collections.abc import Iterable
from functools import cached_property

from dejashot.files.names import SUPPORTED, UNSUPPORTED, VIDEO, suffix_of
from dejashot.files.shot_names import ShotName, folded, shot_name

MOVING = frozenset(("mov", "mp4", "mp"))
PICTURE_SUFFIXES = SUPPORTED | UNSUPPORTED
_FILMS = VIDEO - {"lrv"}  # which is the small one next to another
_MAX_BEGUN = 64  # names with one beginning; more tell nothing


class FolderNames:
    """The names of a folder. Where one of several is spelled exactly as asked for, the others do not count."""

    def __init__(self, names: Iterable[bytes]) -> None:
        self._by_stem: dict[str, list[bytes]] = {}
        self._by_name: dict[str, list[bytes]] = {}
        self._films: dict[str, list[bytes]] = {}
        self.all = sorted(names)
        for name in self.all:
            suffix = suffix_of(name)
            if suffix in PICTURE_SUFFIXES:
                self._by_stem.setdefault(folded_name(stem_of(name)), []).append(name)
            elif suffix in _FILMS:
                self._films.setdefault(folded_name(stem_of(name)), []).append(name)
            if suffix in PICTURE_SUFFIXES or suffix in MOVING:
                self._by_name.setdefault(folded_name(name), []).append(name)

    def with_stem(self, stem: bytes) -> list[bytes]:
        """Return the pictures of a stem."""
        found = self._by_stem.get(folded_name(stem), [])
        return [name for name in found if stem_of(name) == stem] or found

    def films_with_stem(self, stem: bytes) -> list[bytes]:
        """Return the films of a stem, also those that can be no film of a Live Photo."""
        return self._films.get(folded_name(stem), [])

    def with_name(self, name: bytes) -> list[bytes]:
        """Return the pictures and films of a name, its ending included."""
        found = self._by_name.get(folded_name(name), [])
        return [name] if name in found else found

    def beginning_with(self, text: str) -> list[bytes]:
        """Return the pictures and films whose names begin with a text (as `folded` returns it).

        Nothing where they are very many.
        """
        at = bisect_left(self._sorted, text)
        begun = [name for name in self._sorted[at : at + _MAX_BEGUN + 1] if name.startswith(text)]
        return [name for whole in begun for name in self._by_name[whole]] if len(begun) <= _MAX_BEGUN else []

    def of_press(self, base: str) -> list[tuple[bytes, ShotName]]:
        """Return the pictures of one press of the shutter, by the `base` of their names, with what each name says."""
        return self._by_press.get(base, [])

    @cached_property
    def _sorted(self) -> list[str]:
        return sorted(self._by_name)

    @cached_property
    def _by_press(self) -> dict[str, list[tuple[bytes, ShotName]]]:
        found: dict[str, list[tuple[bytes, ShotName]]] = {}
        for names in self._by_stem.values():
            for name in names:
                shot = shot_name_of(name)
                found.setdefault(shot.base, []).append((name, shot))
        return found


def shot_name_of(name: bytes) -> ShotName:
    """Return what a file's name says of the press of the shutter that it is from."""
    return shot_name(os.fsdecode(name))


def stem_of(name: bytes) -> bytes:
    """Return a file's name without its ending, nothing where it has none."""
    return name.rpartition(b".")[0]


def folded_name(name: bytes) -> str:
    """Return a file's name as it is compared: without regard to case, and to how accents are put together."""
    return folded(os.fsdecode(name))
