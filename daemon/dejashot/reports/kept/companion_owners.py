"""Which photo each companion of a directory goes along with, told from all that lies in the directory."""

import os
from collections.abc import Iterator, Mapping
from functools import lru_cache

from dejashot.files.companions import companions_by_path
from dejashot.files.names import RAW, suffix_of
from dejashot.library.library import Library
from dejashot.library.tables.rows import Directory
from dejashot.models.files import FileRef, FileStamp
from dejashot.models.photo import LinkMetadata

_DIRECTORIES = 64  # held at once
_Owned = Mapping[bytes, list[tuple[bytes, FileStamp]]]


class CompanionOwners:
    """The companions of photos by their paths; a directory is read once, and none is read anew later."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._owned = lru_cache(maxsize=_DIRECTORIES)(self._read)

    def of(self, photo: FileRef) -> list[tuple[FileRef, FileStamp]]:
        """Return the companions of a photo with their stamps, by path."""
        owned = self._owned(directory_of(photo))
        return [(FileRef(photo.folder, path), stamp) for path, stamp in owned.get(photo.path, ())]

    def in_directory(self, directory: Directory) -> Iterator[tuple[FileRef, FileRef]]:
        """Yield the companions in a directory, each with its photo."""
        for photo, companions in self._owned(directory).items():
            for path, _ in companions:
                yield FileRef(directory.folder, path), FileRef(directory.folder, photo)

    def _read(self, directory: Directory) -> _Owned:
        companions = self._library.companions
        found = companions.in_directory(directory)
        # raw files that can't be read still belong to their photos
        raws = {p: stamp for p, stamp in companions.unread_in(directory).items() if suffix_of(p) in RAW}
        stamps = {path: stamp for path, (stamp, _) in found.items()} | raws
        if not stamps:
            return {}
        photos = companions.photos_in(directory)
        linked = {path: link for path, (_, link) in found.items() if link.live_id or link.made_us is not None}
        linked |= {path: LinkMetadata(live_id) for path, (_, live_id) in photos.items() if live_id}
        moments_ns = {path: moments for path, (moments, _) in photos.items()}
        going = companions_by_path({p: stamp.mtime_ns for p, stamp in stamps.items()}, moments_ns, linked)
        return {
            photo: [(path, stamps[path]) for path in along if path in stamps] for photo, along in going.items() if along
        }


def directory_of(file: FileRef) -> Directory:
    """Return the directory that a file lies right in."""
    return Directory(file.folder, os.path.split(file.path)[0])
