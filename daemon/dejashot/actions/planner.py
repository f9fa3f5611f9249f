"""From fates to a plan: where each file goes, which companions go along, which sidecars say the rating."""

import os
from collections.abc import Collection, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from dejashot.actions.disk import Disk, DiskEntry
from dejashot.actions.left_behind import left_behind
from dejashot.actions.methods.xmp import KEPT, REJECTED, with_rating
from dejashot.actions.methods.xmp_bounds import MAX_BYTES
from dejashot.actions.moves.renames import numbered
from dejashot.actions.plan import IN_PACKAGE, Item, LocatedFile, Method, Plan, RefusedFile, RequiredCopy, Resolution
from dejashot.errors import SkippedFileError
from dejashot.files.companions import companions
from dejashot.files.folder_names import folded_name
from dejashot.files.nofollow import folder_of, open_unfollowed
from dejashot.files.packages import package_of
from dejashot.models.files import FileStamp
from dejashot.models.photo import LinkMetadata
from dejashot.models.shot import Shot

ELSEWHERE = "the album lies on another disk: a hard link can't reach it; name a folder on the same disk"


@dataclass(frozen=True, slots=True)
class PlanRequest:
    """What is asked for: how, the folder it goes to (absolute, resolved, empty for none), the batch's id, and the time (us since 1970)."""

    how: Method
    to: bytes
    id: str
    now_us: int


def make_plan(
    order: PlanRequest,
    found: Resolution,
    spots: Mapping[bytes, LocatedFile],
    shots: Mapping[bytes, Shot],
    disk: Disk,
    halves: Mapping[bytes, Mapping[bytes, bytes]] = MappingProxyType({}),
    photos: Container[bytes] = frozenset(),
    told: Mapping[bytes, LinkMetadata] = MappingProxyType({}),
) -> Plan:
    """Return the plan for what was found to go and to stay; `shots` gives by content what was taken when, with which camera.

    `halves` holds the photos (contents by path) that are known to be of the same press of the shutter, by the path of the one that stands
    for it; no other of the `photos` known goes along with one, whatever its name. `told` holds what photos and films tell of themselves.
    """
    found = found.but(
        _in_packages([*found.going, *found.staying, *(g.path for held in found.going.values() for g in held)]),
        IN_PACKAGE,
    )
    draft = _Draft(order, found, spots, shots, disk, halves, photos, told)
    if order.how is Method.XMP:
        draft.rate()
    elif order.how is Method.ALBUM:
        draft.link()
    else:
        draft.take_away()
    items = tuple(draft.items)
    roots = tuple((folder, *target_of(folder)) for folder in sorted({i.folder for i in items}))
    plan = Plan(order.id, order.how, order.to, order.now_us, items, tuple(draft.guards), tuple(draft.refused), roots)
    return replace(plan, left_behind=tuple(sorted(draft.left_behind)))


def _in_packages(paths: Collection[bytes]) -> set[bytes]:
    """Return which files (absolute paths) lie in another program's package; each folder is looked at once."""
    folders: dict[bytes, bool] = {}
    for folder in map(folder_of, paths):
        if folder not in folders:
            folders[folder] = bool(package_of(folder))
    return {path for path in paths if folders[folder_of(path)]}


class _Draft:
    """A plan in the making."""

    def __init__(
        self,
        order: PlanRequest,
        found: Resolution,
        spots: Mapping[bytes, LocatedFile],
        shots: Mapping[bytes, Shot],
        disk: Disk,
        halves: Mapping[bytes, Mapping[bytes, bytes]],
        photos: Container[bytes],
        told: Mapping[bytes, LinkMetadata],
    ) -> None:
        self._halves, self._photos, self._told = halves, photos, told
        self._kept = {*found.staying, *(guard.path for guards in found.going.values() for guard in guards)}
        self._order, self._found, self._spots, self._shots, self._disk = order, found, spots, shots, disk
        self.items: list[Item] = []
        self.guards: list[tuple[RequiredCopy, ...]] = []
        self.refused = list(found.refused)
        self.left_behind: list[bytes] = []
        self._guard_sets: dict[tuple[RequiredCopy, ...], int] = {}
        self._families: dict[bytes, dict[bytes, dict[bytes, DiskEntry]]] = {}
        self._names = _distinct(sorted({s.folder for s in spots.values()}))

    def take_away(self) -> None:
        """Plan that rejected shots go, photos first and each with its companions."""
        along: dict[bytes, tuple[bytes, ...]] = {}
        for folder, paths in _by_folder(self._found.going):
            halves = {p: self._halves_there(p) for p in paths}
            carried = self._companions(
                folder, {*paths, *(h for found in halves.values() for h in found)}, self._disk.files(folder)
            )
            claimed: set[bytes] = set()
            for p in paths:
                others = dict.fromkeys(o for whole in (p, *halves[p]) for o in (whole, *carried[whole]) if o != p)
                along[p] = tuple(o for o in others if o not in claimed | self._kept | self._found.going.keys())
                claimed.update(along[p])
            self.left_behind += [
                path
                for path in left_behind(folder, self._disk.files(folder), {*paths, *claimed})
                if path not in self._photos and path not in self._spots
            ]
        for path in sorted(self._found.going):
            photo = self._add(path, self._target(path), guards=self._found.going[path])
            for other in along[path]:
                entry = self._disk.files(folder_of(other))[os.path.basename(other)]
                item = replace(
                    photo,
                    number=len(self.items),
                    source=other,
                    target=self._target(other, photo.folder),
                    content=self._halves.get(path, {}).get(other, b""),
                )
                self.items.append(replace(item, stamp=entry.stamp, links=entry.links))

    def _halves_there(self, path: bytes) -> list[bytes]:
        """Return the photos of one press of the shutter with another, beside it and on the disk today, that are not kept by themselves."""
        halves = [
            h
            for h in self._halves.get(path, {})
            if h not in self._kept and h in self._spots and folder_of(h) == folder_of(path)
        ]
        return [h for h in halves if self._spots[h].there and not self._spots[h].trouble]

    def _companions(
        self, folder: bytes, photos: Iterable[bytes], there: Mapping[bytes, DiskEntry]
    ) -> dict[bytes, list[bytes]]:
        """Return what goes along with photos that go, of what lies in their folder today: all of it, or what may matter."""
        paths = {os.path.join(folder, name): name for name in there}
        found = companions(
            {name: entry.stamp.mtime_ns for name, entry in there.items()},
            {os.path.basename(p): self._moments(p) for p in photos},
            {
                name: self._told[p]
                for p, name in paths.items()
                if p in self._told and _is_as_it_was(self._told[p], there[name].stamp)
            },
            {name for p, name in paths.items() if p in self._photos},
        )
        return {
            os.path.join(folder, photo): [os.path.join(folder, name) for name in along]
            for photo, along in found.items()
        }

    def rate(self) -> None:
        """Plan which sidecars get which rating; those that have it already are left out."""
        ratings = dict.fromkeys(self._found.going, REJECTED) | dict.fromkeys(self._found.staying, KEPT)
        rated: set[bytes] = set()
        for path, rating in sorted(ratings.items()):
            if self._spots[path].trouble:
                self.refused.append(RefusedFile(path, self._spots[path].trouble))
                continue
            for photo, sidecar in self._sidecars([path, *(h for h in self._halves_there(path) if h not in ratings)]):
                if sidecar not in rated:
                    rated.add(sidecar)
                    self._rate(photo, sidecar, rating)

    def _rate(self, photo: bytes, sidecar: bytes, rating: int) -> None:
        """Plan the rating of one photo in one sidecar, unless it says so already."""
        try:
            data = read_sidecar(sidecar)
            if data is None or with_rating(data, rating) != data:
                self._add(photo, sidecar, rating=rating)
        except SkippedFileError as error:
            self.refused.append(RefusedFile(sidecar, error.title))

    def link(self) -> None:
        """Plan one link in the album for each photo that the owner keeps."""
        there = self._disk.files(self._order.to)
        taken = {folded_name(n) for n in there}
        linked = {(e.stamp.device, e.stamp.inode) for e in there.values()}
        device = _device(self._order.to)
        kept: dict[bytes, bytes] = {}
        for path in sorted(self._found.staying, key=lambda p: (len(p), p)):
            kept.setdefault(self._spots[path].content, path)
        for path in sorted(kept.values()):
            spot = self._spots[path]
            if (spot.stamp.device, spot.stamp.inode) in linked:
                continue
            if spot.stamp.device != device:
                self.refused.append(RefusedFile(path, ELSEWHERE))
                continue
            name = _free_name(os.path.basename(path), taken)
            taken.add(folded_name(name))
            self._add(path, os.path.join(self._order.to, name))

    def _add(self, path: bytes, target: bytes, guards: tuple[RequiredCopy, ...] = (), rating: int = 0) -> Item:
        spot, number = self._spots[path], len(self.items)
        shot = self._shots.get(spot.content)
        item = Item(
            number=number,
            photo=number,
            folder=spot.folder,
            source=path,
            target=target,
            content=spot.content,
            stamp=spot.stamp,
            links=spot.links,
            rating=rating,
            guards=self._guards(guards) if guards else -1,
            month=shot.taken.iso[:7] if shot else "",
            camera=shot.camera.name if shot else "",
        )
        self.items.append(item)
        return item

    def _guards(self, guards: tuple[RequiredCopy, ...]) -> int:
        if guards not in self._guard_sets:
            self._guard_sets[guards] = len(self.guards)
            self.guards.append(guards)
        return self._guard_sets[guards]

    def _target(self, path: bytes, folder: bytes | None = None) -> bytes:
        """Return where in the quarantine a file goes: the batch, the watched folder's name, the path below it."""
        if self._order.how is not Method.QUARANTINE:
            return b""
        root = self._spots[path].folder if folder is None else folder
        return os.path.join(self._order.to, self._order.id.encode(), self._names[root], os.path.relpath(path, root))

    def _moments(self, path: bytes) -> list[int]:
        """Return the moments (ns since 1970) that speak for a photo: its mtime, and its capture time where it tells that itself."""
        spot, shot = self._spots[path], self._shots.get(self._spots[path].content)
        return [spot.stamp.mtime_ns, *(shot.recorded_ns if shot else ())]

    def _sidecars(self, photos: Sequence[bytes]) -> Iterator[tuple[bytes, bytes]]:
        """Yield the photos of one press of the shutter with the sidecars that their rating belongs in: those there are, or one to be made."""
        folder = folder_of(photos[0])
        if folder not in self._families:
            self._families[folder] = _families(self._disk.files(folder))
        there = {
            name: entry
            for photo in photos
            for name, entry in self._families[folder].get(_family(os.path.basename(photo)), {}).items()
        }
        along = [o for others in self._companions(folder, photos, there).values() for o in others]
        for photo in photos:
            own = {folded_name(n) for n in (photo + b".xmp", photo.rpartition(b".")[0] + b".xmp")}
            for sidecar in [o for o in along if folded_name(o) in own] or [photo + b".xmp"]:
                yield photo, sidecar


def _families(there: Mapping[bytes, DiskEntry]) -> dict[bytes, dict[bytes, DiskEntry]]:
    """Return the files of a folder by what a photo and its sidecars have in common."""
    found: dict[bytes, dict[bytes, DiskEntry]] = {}
    for name, entry in there.items():
        found.setdefault(_family(name), {})[name] = entry
    return found


def _family(name: bytes) -> bytes:
    return os.fsencode(folded_name(name.partition(b".")[0]))


def _is_as_it_was(told: LinkMetadata, now: FileStamp) -> bool:
    """Tell whether a film is the one that told something of itself; the number of its disk may have changed."""
    return told.stamp is None or told.stamp == replace(now, device=told.stamp.device)


def read_sidecar(path: bytes) -> bytes | None:
    """Return the bytes of a sidecar, None where there is none; raise LeftAloneError."""
    try:
        handle = open_unfollowed(path)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise SkippedFileError(f"its sidecar can't be read: {error.strerror}") from error
    try:
        with open(handle, "rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise SkippedFileError(f"its sidecar can't be read: {error.strerror}") from error
    return data


def _by_folder(paths: Iterable[bytes]) -> Iterator[tuple[bytes, list[bytes]]]:
    found: dict[bytes, list[bytes]] = {}
    for path in sorted(paths):
        found.setdefault(folder_of(path), []).append(path)
    yield from found.items()


def _distinct(folders: Sequence[bytes]) -> dict[bytes, bytes]:
    """Return a name for each watched folder, its own unless another has that too."""
    names: dict[bytes, bytes] = {}
    taken: set[str] = set()
    for folder in folders:
        names[folder] = _free_name(os.path.basename(folder) or b"root", taken)
        taken.add(folded_name(names[folder]))
    return names


def _free_name(name: bytes, taken: set[str]) -> bytes:
    """Return a name that is not taken (in any spelling), with a number before its suffix where it is."""
    number, free = 1, name
    while folded_name(free) in taken:
        number += 1
        free = numbered(name, number)
    return free


def target_of(folder: bytes) -> tuple[int, int]:
    """Return device and inode of a folder, 0 for one that is not there."""
    try:
        stamp = FileStamp.of(os.stat(folder))  # noqa: PTH116 - bytes
    except OSError:
        return 0, 0
    return stamp.device, stamp.inode


def _device(folder: bytes) -> int:
    """Return the device of a folder, or of the nearest one above it that is there."""
    while True:
        try:
            return FileStamp.of(os.stat(folder)).device  # noqa: PTH116 - bytes
        except OSError:
            if folder == b"/":
                raise
            folder = folder_of(folder)
