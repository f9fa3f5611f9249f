"""All folders that are likely to hold photos, each once, with how many photos are in it."""

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

from dejashot.errors import FolderError
from dejashot.files.mounts import read_mounts
from dejashot.files.names import NameKind, NameRules
from dejashot.setup.found_folder import FoundFolder
from dejashot.setup.nextcloud import nextcloud_folders
from dejashot.setup.photo_servers import server_folders
from dejashot.setup.pictures import card_folders, picture_folders
from dejashot.setup.syncthing import syncthing_folders
from dejashot.watch.walk import FolderWalk, check_folder

MAX_COUNTED = 50_000  # that are counted in a folder
COUNTING_S = 3.0  # that counting in a folder may take


@dataclass(frozen=True, slots=True)
class CountedFolder:
    """A folder that was found, with how many photos were counted in it; `more`: it was not gone through to its end."""

    found: FoundFolder
    photos: int
    more: bool = False


class _EnoughError(Exception):
    """A folder has taken long enough."""


def find_folders(home: Path, environment: Mapping[str, str]) -> list[CountedFolder]:
    """Return the folders that are likely to hold photos, those with photos first; proposed ones hold some.

    What is no folder, can't be listed or is another program's package is left out. A folder inside one that is
    proposed is not proposed itself.
    """
    candidates = [
        *syncthing_folders(home, environment),
        *nextcloud_folders(home, environment),
        *server_folders(home, environment),
        *picture_folders(home, environment),
        *card_folders(mount.point for mount in read_mounts()),
    ]
    counted = [counted_folder(folder) for folder in _usable(candidates, home)]
    return sorted(counted, key=lambda folder: (not folder.photos, not folder.found.proposed))


def proposed_folders(counted: Iterable[CountedFolder]) -> list[Path]:
    """Return the folders to watch unless the owner says otherwise: with photos, and none inside another."""
    wanted = [folder.found.path for folder in counted if folder.found.proposed and folder.photos]
    return [path for path in wanted if not any(other != path and path.is_relative_to(other) for other in wanted)]


def counted_folder(found: FoundFolder, max_photos: int = MAX_COUNTED) -> CountedFolder:
    """Return a folder with the number of photos in it, by their names; no photo is read."""
    until_s = monotonic() + COUNTING_S

    def check() -> None:
        if monotonic() > until_s:
            raise _EnoughError

    photos = 0
    try:
        for file in FolderWalk(found.path, NameRules(), on_progress=check):
            photos += file.kind is NameKind.PHOTO
            if photos >= max_photos:
                raise _EnoughError
    except _EnoughError:
        return CountedFolder(found, photos, more=True)
    return CountedFolder(found, photos)


def _usable(candidates: Iterable[FoundFolder], home: Path) -> list[FoundFolder]:
    """Return the folders that can be watched, each once, with all that was said of it; never the whole home."""
    places: dict[str, list[FoundFolder]] = {}
    for found in candidates:
        places.setdefault(os.path.realpath(found.path), []).append(found)
    for place in (os.path.realpath(home), "/"):
        places.pop(place, None)
    return [_joined(said) for said in places.values() if _can_be_watched(said[0].path)]


def _joined(said: Sequence[FoundFolder]) -> FoundFolder:
    why, minds = (list(dict.fromkeys(filter(None, texts))) for texts in ([f.why for f in said], [f.mind for f in said]))
    return FoundFolder(said[0].path, "; ".join(why), " ".join(minds), all(f.proposed for f in said))


def _can_be_watched(folder: Path) -> bool:
    try:
        check_folder(folder)
    except FolderError:
        return False
    return True
