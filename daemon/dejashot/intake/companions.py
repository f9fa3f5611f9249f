"""Which files of a folder belong to a photo and go where it goes: the moving half of a Live Photo, the raw file, sidecars."""

import os
from collections.abc import Iterable, Mapping

from dejashot.intake.names import RAW, SUPPORTED, UNSUPPORTED

MOVING = frozenset(("mov", "mp4"))
NEAR_NS = 5_000_000_000
_PICTURES = SUPPORTED | UNSUPPORTED
_BESIDE = frozenset(("xmp", "aae"))  # sidecars named after the stem, or after the whole name
_WHOLE = b"supplemental-metadata"  # Takeout's, which cuts it where the name grows too long


def companions(names: Mapping[bytes, int], going: Mapping[bytes, Iterable[int]]) -> dict[bytes, tuple[bytes, ...]]:
    """Return what goes along with the photos that go, by photo, each file once.

    `names` holds the regular files of one folder with their mtime (ns), `going` the photos of it that go, each with the moments (ns
    since 1970) that speak for it: its mtime, and its capture time where that is known. Spelling counts without regard to case.

    - A name alone never swallows: a file goes only if every photo that it could belong to goes. Where one of them is spelled exactly
      alike, the others do not count.
    - A raw file, MOV or MP4 of the same stem goes only when its mtime lies within 5 s of one of the photo's moments: numbers start
      again at 0001, and a film of that number is not half of a Live Photo.
    - `name.xmp` and `name.aae` could also belong to a raw file, or another picture, of that stem; `name.ext.xmp`, `name.ext.json` and
      Takeout's `name.ext.supplemental-metadata.json` belong to `name.ext` alone, which may itself be a companion.
    """
    folder = _Folder(names)
    owner = {photo: photo for photo in going}
    for name in sorted(names):
        if name not in going and (_suffix(name) in RAW or _suffix(name) in MOVING):
            photos = folder.photos_of(name)
            near = [p for p in photos if p in going and any(abs(names[name] - at) <= NEAR_NS for at in going[p])]
            if near and all(p in going for p in photos):
                owner[name] = near[0]
    for name in sorted(names):
        owners = folder.owners_of(name)
        if owners and all(o in owner for o in owners):
            owner[name] = owner[owners[0]]
    found: dict[bytes, list[bytes]] = {photo: [] for photo in going}
    for name, photo in owner.items():
        if name not in going:
            found[photo].append(name)
    return {photo: tuple(sorted(along)) for photo, along in found.items()}


class _Folder:
    """The names of a folder, by stem and as a whole, in any spelling."""

    def __init__(self, names: Iterable[bytes]) -> None:
        self._by_stem: dict[str, list[bytes]] = {}
        self._by_name: dict[str, list[bytes]] = {}
        for name in sorted(names):
            suffix = _suffix(name)
            if suffix in _PICTURES:
                self._by_stem.setdefault(_folded(_stem(name)), []).append(name)
            if suffix in _PICTURES or suffix in MOVING:
                self._by_name.setdefault(_folded(name), []).append(name)

    def photos_of(self, name: bytes) -> list[bytes]:
        """Return the photos that a raw file or a film could belong to."""
        return [p for p in self._with_stem(_stem(name)) if _suffix(p) in SUPPORTED - RAW]

    def owners_of(self, name: bytes) -> list[bytes]:
        """Return the pictures and films that a sidecar could belong to, nothing for what is no sidecar."""
        suffix, stem = _suffix(name), _stem(name)
        if suffix == "json":
            return self._with_name(stem) + (self._with_name(whole) if (whole := _without_takeout(stem)) != stem else [])
        return self._with_stem(stem) + self._with_name(stem) if suffix in _BESIDE else []

    def _with_stem(self, stem: bytes) -> list[bytes]:
        found = self._by_stem.get(_folded(stem), [])
        return [name for name in found if _stem(name) == stem] or found

    def _with_name(self, name: bytes) -> list[bytes]:
        found = self._by_name.get(_folded(name), [])
        return [name] if name in found else found


def _without_takeout(stem: bytes) -> bytes:
    """Return `name.ext` of `name.ext.supplemental-metadata`, also where Takeout cut that short."""
    before, _, last = stem.rpartition(b".")
    return before if last and _WHOLE.startswith(last.lower()) else stem


def _stem(name: bytes) -> bytes:
    return name.rpartition(b".")[0]


def _suffix(name: bytes) -> str:
    return os.fsdecode(name.rpartition(b".")[2]).lower() if b"." in name else ""


def _folded(name: bytes) -> str:
    return os.fsdecode(name).casefold()
