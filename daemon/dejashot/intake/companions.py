"""Which files of a folder belong to a photo and go where it goes: the moving half of a Live Photo, the raw file, sidecars."""

import os
import re
from bisect import bisect_left
from collections.abc import Container, Iterable, Mapping
from types import MappingProxyType

from dejashot.intake.names import RAW, SUPPORTED, UNSUPPORTED
from dejashot.models import Told

MOVING = frozenset(("mov", "mp4", "mp"))
_SPLIT_OFF = "mp"  # what Takeout calls the film that it takes out of a motion photo: a.MP, beside a.MP.jpg
NEAR_NS = 5_000_000_000
QUARTER_HOUR_NS = 900_000_000_000
FURTHEST_ZONES_NS = 14 * 4 * QUARTER_HOUR_NS
_PICTURES = SUPPORTED | UNSUPPORTED
_BESIDE = frozenset(("xmp", "aae"))  # sidecars named after the stem, or after the whole name
_WHOLE = b"supplemental-metadata"  # Takeout's, which cuts it where the name grows too long
_CUT = 46  # letters that Takeout leaves of a longer name before `.json`
_BEFORE_EDIT = re.compile(rb"(IMG_)O(\d{4})", re.IGNORECASE)  # of two edits in a row, Apple calls the first one's sidecar IMG_O1234.AAE
_MOST_OF_ONE = 50  # photos with one id; more are no copies of one
_NUMBERED = re.compile(rb"(.+)(\(\d+\))")


def speaks(path: bytes) -> bool:
    """Tell whether a file beside photos is of a kind that is asked what it says: a film, Takeout's sidecar, iCloud's list."""
    return _suffix(path) in MOVING | {"json", "csv"}


def companions(
    names: Mapping[bytes, int],
    going: Mapping[bytes, Iterable[int]],
    told: Mapping[bytes, Told] = MappingProxyType({}),
    photos: Container[bytes] = frozenset(),
) -> dict[bytes, tuple[bytes, ...]]:
    """Return what goes along with the photos that go, by photo, each file once.

    `names` holds the regular files of one folder with their mtime (ns), `going` the photos of it that go, each with the moments (ns
    since 1970) that speak for it: its mtime, then its capture time where that is known. `told` holds what files of it tell of
    themselves, `photos` those that are known as photos: none of them goes along by its name. Spelling counts without regard to case.

    - A name alone never swallows: a file goes only if every photo that it could belong to goes. Where one of them is spelled exactly
      alike, the others do not count.
    - A film (MOV, MP4) with the id of a Live Photo belongs to the photo that has it too, whatever it is called, and to none with another.
      A photo of its name that has no id, and may never have been asked for it, could own it too.
    - A raw file or film of the same stem goes only when it was made within 5 s of the photo's capture time, by its own word or, where
      it says nothing, by its mtime; whole quarter hours between them are taken for zones. Only of a photo without a capture time the
      mtime counts. Numbers start again at 0001, and files that were copied together have one date.
    - `name.xmp` and `name.aae` could also belong to a raw file, or another picture, of that stem; `name.ext.xmp`, `name.ext.json` and
      Takeout's `name.ext.supplemental-metadata.json` belong to `name.ext` alone, which may itself be a companion.
    """
    folder = _Folder(names, told)
    owner = {photo: photo for photo in going}
    for name in sorted(names):
        if name in going or name in photos or _suffix(name) not in RAW | MOVING:
            continue
        same, named, made_ns = folder.with_id_of(name), folder.photos_of(name), folder.made_ns(name)
        near = [p for p in same or named if p in same or (p in going and _at_once(made_ns, *going[p]))]
        if near and all(p in going for p in (*same, *named)):
            owner[name] = near[0]
    for name in sorted(names):
        owners = folder.owners_of(name)
        if owners and all(o in owner for o in owners):
            owner[name] = owner[owners[0]]
    found: dict[bytes, list[bytes]] = {photo: [] for photo in going}
    for name, photo in owner.items():
        if name not in going and name not in photos:
            found[photo].append(name)
    return {photo: tuple(sorted(along)) for photo, along in found.items()}


def subjects(sidecars: Iterable[bytes], names: Iterable[bytes]) -> dict[bytes, list[bytes]]:
    """Return, for sidecars, the pictures and films among the names of their folder that their own names say they are about."""
    folder = _Folder(dict.fromkeys(names, 0), {})
    return {sidecar: folder.owners_of(sidecar) for sidecar in sidecars}


class _Folder:
    """The names of a folder, by stem and as a whole, in any spelling."""

    def __init__(self, names: Mapping[bytes, int], told: Mapping[bytes, Told]) -> None:
        self._names, self._told = names, told
        self._by_stem: dict[str, list[bytes]] = {}
        self._by_name: dict[str, list[bytes]] = {}
        self._by_id: dict[str, list[bytes]] = {}
        for name in sorted(names):
            suffix = _suffix(name)
            if suffix in _PICTURES:
                self._by_stem.setdefault(_folded(_stem(name)), []).append(name)
                if name in told and told[name].live_id:
                    self._by_id.setdefault(told[name].live_id, []).append(name)
            if suffix in _PICTURES or suffix in MOVING:
                self._by_name.setdefault(_folded(name), []).append(name)
        self._sorted = sorted(self._by_name)

    def with_id_of(self, name: bytes) -> list[bytes]:
        """Return the photos that are of the same Live Photo as a film, those of its own name alone where there are some; nothing without an id."""
        if _suffix(name) not in MOVING or name not in self._told:
            return []
        found = self._by_id.get(self._told[name].live_id, [])
        return [p for p in self._with_stem(_stem(name)) if p in found] or found if len(found) <= _MOST_OF_ONE else []

    def photos_of(self, name: bytes) -> list[bytes]:
        """Return the photos that a raw file or a film could belong to by its name: none that is of another Live Photo."""
        found = [p for p in self._with_stem(name if _suffix(name) == _SPLIT_OFF else _stem(name)) if _suffix(p) in SUPPORTED - RAW]
        live_id = self._told[name].live_id if name in self._told else ""
        return [p for p in found if not live_id or p not in self._told or not self._told[p].live_id]

    def made_ns(self, name: bytes) -> int:
        """Return when a file says that it was made (ns since 1970), its mtime where it says nothing."""
        made_us = self._told[name].made_us if name in self._told else None
        return self._names[name] if made_us is None else made_us * 1000

    def owners_of(self, name: bytes) -> list[bytes]:
        """Return the pictures and films that a sidecar could belong to, nothing for what is no sidecar."""
        suffix, stem = _suffix(name), _stem(name)
        if suffix == "json":
            return self._of_takeout(stem)
        if suffix not in _BESIDE:
            return []
        before = _BEFORE_EDIT.fullmatch(stem) if suffix == "aae" else None
        return self._with_stem(before[1] + before[2] if before else stem) + self._with_name(stem)

    def _of_takeout(self, stem: bytes) -> list[bytes]:
        """Return what Takeout's sidecar is about: it numbers equal names in another place, and cuts long ones."""
        written = dict.fromkeys((stem, _without_takeout(stem), _numbered(stem)))
        found = [name for whole in written for name in self._with_name(whole)]
        if found or len(os.fsdecode(stem)) != _CUT:
            return found
        cut = _folded(stem)
        at = bisect_left(self._sorted, cut)
        begun = [name for name in self._sorted[at : at + 2] if name.startswith(cut)]
        return self._by_name[begun[0]] if len(begun) == 1 else []

    def _with_stem(self, stem: bytes) -> list[bytes]:
        found = self._by_stem.get(_folded(stem), [])
        return [name for name in found if _stem(name) == stem] or found

    def _with_name(self, name: bytes) -> list[bytes]:
        found = self._by_name.get(_folded(name), [])
        return [name] if name in found else found


def _at_once(made_ns: int, mtime_ns: int, *taken_ns: int) -> bool:
    """Tell whether a file was made when a photo was taken, or, where that is not known, last changed."""
    if not taken_ns:
        return abs(made_ns - mtime_ns) <= NEAR_NS
    apart = [abs(made_ns - at) for at in taken_ns]
    return any(min(a % QUARTER_HOUR_NS, -a % QUARTER_HOUR_NS) <= NEAR_NS and a <= FURTHEST_ZONES_NS + NEAR_NS for a in apart)


def _without_takeout(stem: bytes) -> bytes:
    """Return `name.ext` of `name.ext.supplemental-metadata`, also where Takeout cut that short."""
    before, _, last = stem.rpartition(b".")
    return before if _WHOLE.startswith(last.lower()) else stem


def _numbered(stem: bytes) -> bytes:
    """Return `name(1).ext` of `name.ext(1)` and `name.ext.supplemental-metadata(1)`: it is what the photo is called."""
    match = _NUMBERED.fullmatch(stem)
    if not match:
        return stem
    before, dot, suffix = _without_takeout(match[1]).rpartition(b".")
    return before + match[2] + dot + suffix


def _stem(name: bytes) -> bytes:
    return name.rpartition(b".")[0]


def _suffix(name: bytes) -> str:
    return os.fsdecode(name.rpartition(b".")[2]).lower() if b"." in name else ""


def _folded(name: bytes) -> str:
    return os.fsdecode(name).casefold()
