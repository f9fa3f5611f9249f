"""Planning which sidecars get which rating; those that say so already are left out."""

import os
from collections.abc import Iterator, Mapping, Sequence

from dejashot.actions.methods.xmp import KEPT, REJECTED, read_sidecar, with_rating
from dejashot.actions.plan import RefusedFile
from dejashot.actions.planning.disk import DiskEntry
from dejashot.actions.planning.draft import Draft
from dejashot.errors import SkippedFileError
from dejashot.files.folder_names import folded_name
from dejashot.files.nofollow import folder_of

_Files = Mapping[bytes, DiskEntry]


def plan_ratings(draft: Draft) -> None:
    """Plan the rating of every photo that is kept or rejected, in each of its sidecars."""
    resolution, files = draft.resolution, draft.candidates.files
    ratings = dict.fromkeys(resolution.remove, REJECTED) | dict.fromkeys(resolution.keep, KEPT)
    families: dict[bytes, dict[bytes, _Files]] = {}
    rated: set[bytes] = set()
    for path, rating in sorted(ratings.items()):
        if files[path].problem:
            draft.refused.append(RefusedFile(path, files[path].problem))
            continue
        folder = folder_of(path)
        if folder not in families:
            families[folder] = _families(draft.candidates.disk.files(folder))
        photos = [path, *(m for m in draft.unit_members_there(path) if m not in ratings)]
        for photo, sidecar in _sidecars(draft, photos, families[folder]):
            if sidecar not in rated:
                rated.add(sidecar)
                _plan_rating(draft, photo, sidecar, rating)


def _plan_rating(draft: Draft, photo: bytes, sidecar: bytes, rating: int) -> None:
    try:
        data = read_sidecar(sidecar)
        if data is None or with_rating(data, rating) != data:
            draft.add(photo, sidecar, rating=rating)
    except SkippedFileError as error:
        draft.refused.append(RefusedFile(sidecar, error.title))


def _sidecars(draft: Draft, photos: Sequence[bytes], families: Mapping[bytes, _Files]) -> Iterator[tuple[bytes, bytes]]:
    """Yield the photos of one shot with the sidecars for their rating: those that exist, or else a new one."""
    there = {
        name: entry for photo in photos for name, entry in families.get(_family(os.path.basename(photo)), {}).items()
    }
    found = draft.companions_of(folder_of(photos[0]), photos, there)
    along = [o for others in found.values() for o in others]
    for photo in photos:
        own = {folded_name(n) for n in (photo + b".xmp", photo.rpartition(b".")[0] + b".xmp")}
        for sidecar in [o for o in along if folded_name(o) in own] or [photo + b".xmp"]:
            yield photo, sidecar


def _families(there: _Files) -> dict[bytes, _Files]:
    """Return the files of a folder by the part of the name that a photo shares with its sidecars."""
    found: dict[bytes, dict[bytes, DiskEntry]] = {}
    for name, entry in there.items():
        found.setdefault(_family(name), {})[name] = entry
    return dict(found)


def _family(name: bytes) -> bytes:
    return os.fsencode(folded_name(name.partition(b".")[0]))
