"""A plan while it is made: items are added one by one, with what they have in common whatever is done with them."""

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from dejashot.actions.plan import Item, RequiredCopy
from dejashot.actions.planning.candidates import Candidates
from dejashot.actions.planning.disk import DiskEntry
from dejashot.actions.planning.resolution import Resolution
from dejashot.files.companions import companions_by_path
from dejashot.files.nofollow import folder_of
from dejashot.models.decisions import ApplyMethod
from dejashot.models.files import FileStamp
from dejashot.models.photo import LinkMetadata


@dataclass(frozen=True, slots=True)
class PlanRequest:
    """What is asked for: the method, its folder (absolute, resolved, empty for none), the batch's id, and the time."""

    how: ApplyMethod
    to: bytes
    id: str
    now_us: int


class Draft:
    """The items of a plan so far, with the copies they require and the files that are refused or left behind."""

    def __init__(self, request: PlanRequest, candidates: Candidates, resolution: Resolution) -> None:
        self.request, self.candidates, self.resolution = request, candidates, resolution
        self.kept = {*resolution.keep, *(copy.path for copies in resolution.remove.values() for copy in copies)}
        self.items: list[Item] = []
        self.refused = list(resolution.refused)
        self.left_behind: list[bytes] = []
        self._guards: dict[tuple[RequiredCopy, ...], int] = {}

    @property
    def guards(self) -> tuple[tuple[RequiredCopy, ...], ...]:
        """Return the sets of required copies that items point to."""
        return tuple(self._guards)

    def add(self, path: bytes, target: bytes, *, required: tuple[RequiredCopy, ...] = (), rating: int = 0) -> Item:
        """Add and return the item of one photo; one of the `required` copies must stay for it to go."""
        file, number = self.candidates.files[path], len(self.items)
        shot = self.candidates.shots.get(file.content)
        item = Item(
            number=number,
            photo=number,
            folder=file.folder,
            source=path,
            target=target,
            content=file.content,
            stamp=file.stamp,
            links=file.links,
            rating=rating,
            guards=self._guards.setdefault(required, len(self._guards)) if required else -1,
            month=shot.taken.iso[:7] if shot else "",
            camera=shot.camera.name if shot else "",
        )
        self.items.append(item)
        return item

    def add_companion(self, photo: Item, path: bytes, target: bytes) -> None:
        """Add the item of a file that goes along with a photo's."""
        entry = self.candidates.disk.files(folder_of(path))[os.path.basename(path)]
        content = self.candidates.unit_members.get(photo.source, {}).get(path, b"")
        item = replace(photo, number=len(self.items), source=path, target=target, content=content)
        self.items.append(replace(item, stamp=entry.stamp, links=entry.links))

    def unit_members_there(self, path: bytes) -> list[bytes]:
        """Return the other photos of a shot that lie in its folder and are not kept by themselves."""
        files = self.candidates.files
        members = [
            m
            for m in self.candidates.unit_members.get(path, {})
            if m not in self.kept and m in files and folder_of(m) == folder_of(path)
        ]
        return [m for m in members if files[m].there and not files[m].problem]

    def companions_of(
        self, folder: bytes, photos: Iterable[bytes], there: Mapping[bytes, DiskEntry]
    ) -> dict[bytes, list[bytes]]:
        """Return by photo what goes along with it, of the files of a folder (by name) that are `there` today."""
        stamps = {os.path.join(folder, name): entry.stamp for name, entry in there.items()}
        metadata = self.candidates.metadata
        return companions_by_path(
            {path: stamp.mtime_ns for path, stamp in stamps.items()},
            {path: self._moments_ns(path) for path in photos},
            {p: metadata[p] for p, stamp in stamps.items() if p in metadata and _is_unchanged(metadata[p], stamp)},
            self.candidates.photos,
        )

    def _moments_ns(self, path: bytes) -> list[int]:
        """Return the times (ns since 1970) at which a photo may have been taken: its mtime, and what it says itself."""
        file = self.candidates.files[path]
        shot = self.candidates.shots.get(file.content)
        return [file.stamp.mtime_ns, *(shot.recorded_ns if shot else ())]


def _is_unchanged(metadata: LinkMetadata, now: FileStamp) -> bool:
    """Return whether a film is the one that metadata was read from; its disk may be numbered anew."""
    return metadata.stamp is None or metadata.stamp == replace(now, device=metadata.stamp.device)
