"""The companions of photos, which go where these go: the film of a Live Photo, the raw file, sidecars."""

import os
import re
from collections.abc import Container, Iterable, Mapping, Sequence
from types import MappingProxyType

from dejashot.files.folder_names import MOVING, PICTURE_SUFFIXES, FolderNames, shot_name_of, stem_of
from dejashot.files.names import RAW, SIDECARS, SUPPORTED, suffix_of
from dejashot.files.takeout import Takeout
from dejashot.models.photo import LinkMetadata

_SPLIT_OFF = "mp"  # what Takeout calls the film that it takes out of a motion photo: a.MP, next to a.MP.jpg
NEAR_NS = 5_000_000_000
QUARTER_HOUR_NS = 900_000_000_000
FURTHEST_ZONES_NS = 14 * 4 * QUARTER_HOUR_NS
_OF_FILMS = frozenset(("thm", "lrv", "wav"))  # a small picture, a small film, a sound: a film has them as well
_NAMED_AFTER_PHOTO = SIDECARS - {"json"} | _OF_FILMS  # named after the stem, or after the whole name
# of two edits in a row, Apple calls the first one's sidecar IMG_O1234.AAE
_BEFORE_EDIT = re.compile(rb"(IMG_)O(\d{4})", re.IGNORECASE)
# darktable's sidecar of a second version: IMG_1234_01.JPG.xmp
VIRTUAL_COPY = re.compile(rb"(.+)_\d\d(\.[^.]+)", re.DOTALL)
_MAX_OF_ONE = 50  # photos with one id; more are no copies of one


def carries_metadata(path: bytes) -> bool:
    """Return whether a file next to photos is of a kind that is read: a film, Takeout's sidecar, iCloud's list."""
    return suffix_of(path) in MOVING | {"json", "csv"}


# The rules of companions; spelling counts without regard to case:
# - A name alone is not enough: a file goes only if every photo that it could belong to goes. Where one of them is
#   spelled exactly alike, the others do not count. Known photos never go along by their name.
# - A film (MOV, MP4) with the id of a Live Photo belongs to the photo that has it too, whatever it is called, and
#   to none with another id. A photo of its name without an id could own it too: it may never have been asked for one.
# - A raw file or film of the same stem goes only if it was made within 5 s of the photo's capture time, by what it
#   says itself or else by its mtime; whole quarter hours between them are taken for time zones. The mtime of a
#   photo counts only if its capture time is not known. Numbers start again at 0001, and copied files have one date.
# - A raw file also belongs to what the phone calls a rendering of its shot, if there is no photo of its very stem.
# - `name.xmp` and other sidecars could also belong to a raw file, or another picture, of that stem; `name.ext.xmp`
#   and darktable's `name_01.ext.xmp` belong to `name.ext` alone, which may itself be a companion. A small film or a
#   sound could be a film's too.
# - Takeout's `name.ext.supplemental-metadata.json` and `name.ext.json` belong to `name.ext` and to the edits of it
#   that have none of their own.


def companions_by_path(
    files: Mapping[bytes, int],
    going: Mapping[bytes, Sequence[int]],
    linked: Mapping[bytes, LinkMetadata] = MappingProxyType({}),
    photos: Container[bytes] = frozenset(),
) -> dict[bytes, list[bytes]]:
    """Return what goes along with photos that go, of many folders; as `companions`, but all by path (bytes).

    `files` need not hold the photos that go. Photos in folders without another file are left out.
    """
    folders: dict[bytes, dict[bytes, int]] = {}
    for path, mtime_ns in files.items():
        folder, name = os.path.split(path)
        folders.setdefault(folder, {})[name] = mtime_ns
    going_in: dict[bytes, dict[bytes, Sequence[int]]] = {}
    for path, moments_ns in going.items():
        folder, name = os.path.split(path)
        if folder in folders:
            folders[folder][name] = moments_ns[0]
            going_in.setdefault(folder, {})[name] = moments_ns
    found: dict[bytes, list[bytes]] = {}
    for folder, own in going_in.items():
        paths = {name: os.path.join(folder, name) for name in folders[folder]}
        own_linked = {name: linked[path] for name, path in paths.items() if path in linked}
        own_photos = {name for name, path in paths.items() if path in photos}
        for photo, along in companions(folders[folder], own, own_linked, own_photos).items():
            found[paths[photo]] = [paths[name] for name in along]
    return found


def companions(
    names: Mapping[bytes, int],
    going: Mapping[bytes, Iterable[int]],
    linked: Mapping[bytes, LinkMetadata] = MappingProxyType({}),
    photos: Container[bytes] = frozenset(),
) -> dict[bytes, tuple[bytes, ...]]:
    """Return what goes along with the photos of one folder that go, by photo, each file once.

    `names` holds the regular files with their mtime (ns), `going` the moments of each photo that goes (ns since 1970):
    its mtime, then its capture time if known. `linked` holds what files say of themselves, `photos` the known photos.
    """
    folder = _Folder(names, linked)
    owner = {photo: photo for photo in going}
    for name in sorted(names):
        if name in going or name in photos or suffix_of(name) not in RAW | MOVING:
            continue
        same, named, made_ns = folder.with_id_of(name), folder.photos_of(name), folder.made_ns(name)
        near = [p for p in same or named if p in same or (p in going and _made_together(made_ns, *going[p]))]
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
    """Return the pictures and films of a folder that sidecars are about by their names, by sidecar."""
    folder = _Folder(dict.fromkeys(names, 0), {})
    return {sidecar: folder.owners_of(sidecar) for sidecar in sidecars}


class _Folder:
    """The names of a folder, and what some of its files say of themselves."""

    def __init__(self, names: Mapping[bytes, int], linked: Mapping[bytes, LinkMetadata]) -> None:
        self._mtimes_ns, self._linked = names, linked
        self._names = FolderNames(names)
        self._takeout = Takeout(self._names)
        self._by_id: dict[str, list[bytes]] = {}
        for name in sorted(linked):
            if linked[name].live_id and name in names and suffix_of(name) in PICTURE_SUFFIXES:
                self._by_id.setdefault(linked[name].live_id, []).append(name)

    def with_id_of(self, name: bytes) -> list[bytes]:
        """Return the photos of the same Live Photo as a film, by its id.

        Where some of them have the film's name, the others do not count.
        """
        if suffix_of(name) not in MOVING or name not in self._linked:
            return []
        found = self._by_id.get(self._linked[name].live_id, [])
        if len(found) > _MAX_OF_ONE:
            return []
        return [p for p in self._names.with_stem(stem_of(name)) if p in found] or found

    def photos_of(self, name: bytes) -> list[bytes]:
        """Return the photos that a raw file or a film could belong to by its name, none of another Live Photo."""
        suffix = suffix_of(name)
        found = self._developed(self._names.with_stem(name if suffix == _SPLIT_OFF else stem_of(name)))
        if not found and suffix in RAW:
            found = self._developed(p for p, own in self._names.of_press(shot_name_of(name).base) if not own.edit)
        live_id = self._linked[name].live_id if name in self._linked else ""
        return [p for p in found if not live_id or p not in self._linked or not self._linked[p].live_id]

    def made_ns(self, name: bytes) -> int:
        """Return when a file says that it was made (ns since 1970), or else its mtime."""
        made_us = self._linked[name].made_us if name in self._linked else None
        return self._mtimes_ns[name] if made_us is None else made_us * 1000

    def owners_of(self, name: bytes) -> list[bytes]:
        """Return the pictures and films that a sidecar could belong to, nothing for what is no sidecar."""
        suffix, stem = suffix_of(name), stem_of(name)
        if suffix == "json":
            return self._takeout.owners_of(stem)
        if suffix not in _NAMED_AFTER_PHOTO:
            return []
        before = _BEFORE_EDIT.fullmatch(stem) if suffix == "aae" else None
        films = self._names.films_with_stem(stem) if suffix in _OF_FILMS else []
        found = self._names.with_stem(before[1] + before[2] if before else stem) + films + self._names.with_name(stem)
        version = VIRTUAL_COPY.fullmatch(stem) if suffix == "xmp" and not found else None
        return self._names.with_name(version[1] + version[2]) if version else found

    @staticmethod
    def _developed(names: Iterable[bytes]) -> list[bytes]:
        """Return the pictures among some names that are read and no raw files."""
        return [name for name in names if suffix_of(name) in SUPPORTED - RAW]


def _made_together(made_ns: int, mtime_ns: int, *taken_ns: int) -> bool:
    """Return whether a file was made when a photo was taken, or, where that is not known, last changed."""
    if not taken_ns:
        return abs(made_ns - mtime_ns) <= NEAR_NS
    differences = [abs(made_ns - at) for at in taken_ns]
    return any(
        min(d % QUARTER_HOUR_NS, -d % QUARTER_HOUR_NS) <= NEAR_NS and d <= FURTHEST_ZONES_NS + NEAR_NS
        for d in differences
    )
