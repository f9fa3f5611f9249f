"""The sidecars of Google Takeout and what they are about.

It numbers equal names in another place, cuts long ones, and gives edits no sidecar of their own.
"""

import os
import re
import unicodedata
from functools import cached_property

from dejashot.files.folder_names import PICTURE_SUFFIXES, FolderNames, shot_name_of, stem_of
from dejashot.files.names import suffix_of
from dejashot.files.shot_names import folded, utf16_units

_WHOLE = b"supplemental-metadata"  # behind the photo's name; cut where that is long
_CUT = 46  # UTF-16 units that Takeout leaves of a longer name before `.json`, a number behind them not counted
_NUMBERED = re.compile(rb"(.+)(\(\d+\))", re.DOTALL)


class Takeout:
    """The sidecars of a folder and what they are about."""

    def __init__(self, names: FolderNames) -> None:
        self._names = names

    def owners_of(self, stem: bytes) -> list[bytes]:
        """Return the pictures and films that a sidecar (by its name without `.json`) is about, edits included."""
        found = self._named(stem) or self._without_ending(stem)
        return found + [edit for owner in found for edit in self._edits_of(owner)]

    def _named(self, stem: bytes) -> list[bytes]:
        """Return what a sidecar names as a whole, or as far as a cut has left its name."""
        before, number = _without_number(stem)
        written = dict.fromkeys((stem, _without_metadata(stem), _with_number(_without_metadata(before), number)))
        found = [name for whole in written for name in self._names.with_name(whole)]
        return found or self._begun(stem, b"") or (self._begun(before, number) if number else [])

    def _begun(self, cut: bytes, number: bytes) -> list[bytes]:
        """Return the one picture or film that begins with a cut name and has the same number; nothing if there are
        several."""
        text = os.fsdecode(cut)
        units = {utf16_units(text), utf16_units(unicodedata.normalize("NFC", text))}
        begun = self._names.beginning_with(folded(text)) if units & {_CUT, _CUT - 1} else []
        if _CUT not in units:
            begun = [name for name in begun if _has_pair_at(name, text)]
        begun = [name for name in begun if _without_number(stem_of(name))[1] == number] or ([] if number else begun)
        begun = [name for name in begun if suffix_of(name) in PICTURE_SUFFIXES] or begun
        originals = [name for name in begun if not shot_name_of(name).edit] or begun
        return originals if len(originals) == 1 else []

    def _without_ending(self, stem: bytes) -> list[bytes]:
        """Return the one picture, and its film, of which a sidecar names all but the ending.

        It had none when it was uploaded.
        """
        before, number = _without_number(stem)
        for whole in dict.fromkeys((stem, _without_metadata(stem), _without_metadata(before) + number)):
            pictures = self._names.with_stem(whole) if whole else []
            if len(pictures) == 1 and pictures[0] not in self._with_own_sidecar:
                return pictures + self._names.films_with_stem(whole)
        return []

    def _edits_of(self, owner: bytes) -> list[bytes]:
        """Return the edits of a picture without a sidecar of their own, none that may be of another picture of its
        name."""
        shot = shot_name_of(owner)
        if shot.edit or suffix_of(owner) not in PICTURE_SUFFIXES:
            return []
        kin = [(n, s) for n, s in self._names.of_press(shot.base) if s.rendering == shot.rendering]
        others = {suffix_of(n) for n, s in kin if not s.edit and n != owner}
        return [n for n, s in kin if s.edit and n not in self._with_own_sidecar and suffix_of(n) not in others]

    @cached_property
    def _with_own_sidecar(self) -> frozenset[bytes]:
        """Return what sidecars name."""
        sidecars = (name for name in self._names.all if suffix_of(name) == "json")
        return frozenset(name for sidecar in sidecars for name in self._named(stem_of(sidecar)))


def _has_pair_at(name: bytes, cut: str) -> bool:
    """Return whether a cut has fallen into a letter that takes two units, of which it leaves none."""
    return ord(folded(os.fsdecode(name))[len(folded(cut)) :][:1] or "\0") > 0xFFFF


def _without_metadata(stem: bytes) -> bytes:
    """Return `name.ext` of `name.ext.supplemental-metadata`, also where Takeout cut that short."""
    before, _, last = stem.rpartition(b".")
    return before if _WHOLE.startswith(last.lower()) else stem


def _without_number(stem: bytes) -> tuple[bytes, bytes]:
    """Return a stem without the number in brackets behind it, and that."""
    match = _NUMBERED.fullmatch(stem)
    return (match[1], match[2]) if match else (stem, b"")


def _with_number(name: bytes, number: bytes) -> bytes:
    """Return `name(1).ext` of `name.ext` and `(1)`: it is what the photo is called."""
    before, dot, suffix = name.rpartition(b".")
    return before + number + dot + suffix
