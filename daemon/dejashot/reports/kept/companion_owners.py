"""Which photo each companion of a directory goes along with, told from all that lies in the directory."""

import os
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from dejashot.files.companions import companions_by_path
from dejashot.files.names import RAW, suffix_of
from dejashot.library.library import Library
from dejashot.library.tables.folders import Folder
from dejashot.library.tables.rows import Directory
from dejashot.models.files import FileRef, FileStamp
from dejashot.models.photo import LinkMetadata
from dejashot.reports.companion_files import directories_of

_DIRECTORIES = 64  # held at once


class OwnedFile(NamedTuple):
    """A companion: the file as a folder knows it, and its stamp."""

    file: FileRef
    stamp: FileStamp


_Owned = Mapping[bytes, list[OwnedFile]]


class CompanionOwners:
    """The companions of photos by absolute paths (bytes); a directory is read once, and none is read anew later."""

    def __init__(self, library: Library, folders: Sequence[Folder]) -> None:
        self._library, self._folders = library, folders
        self._roots = {f.id: os.path.join(os.fsencode(f.path), b"") for f in folders}
        self._owned = lru_cache(maxsize=_DIRECTORIES)(self._read)

    def of(self, photo: bytes) -> list[OwnedFile]:
        """Return the companions of a photo, by path."""
        return self._owned(os.path.split(photo)[0]).get(photo, [])

    def in_directory(self, directory: bytes) -> Iterator[tuple[FileRef, bytes]]:
        """Yield the companions in a directory, each with its photo."""
        for photo, companions in self._owned(directory).items():
            for owned in companions:
                yield owned.file, photo

    def known_as(self, directory: bytes) -> list[Directory]:
        """Return a directory as each folder that it is in, or is, knows it."""
        return [place for _, place in directories_of(self._folders, [os.path.join(directory, b"")])]

    def _read(self, directory: bytes) -> _Owned:
        places = self.known_as(directory)
        files, linked = self._companions(places)
        if not files:
            return {}
        moments_ns: dict[bytes, list[int]] = {}
        for place in places:
            for path, (moments, live_id) in self._library.companions.photos_in(place).items():
                full = self._roots[place.folder] + path
                moments_ns[full] = moments
                if live_id:
                    linked[full] = LinkMetadata(live_id)
        going = companions_by_path({path: owned.stamp.mtime_ns for path, owned in files.items()}, moments_ns, linked)
        return {photo: [files[path] for path in along if path in files] for photo, along in going.items() if along}

    def _companions(self, places: Sequence[Directory]) -> tuple[dict[bytes, OwnedFile], dict[bytes, LinkMetadata]]:
        """Return what may be a companion in a directory, and what films say of themselves, both by absolute path."""
        files: dict[bytes, OwnedFile] = {}
        linked: dict[bytes, LinkMetadata] = {}
        for place in places:
            for path, (stamp, link) in self._library.companions.in_directory(place).items():
                full = self._roots[place.folder] + path
                files[full] = OwnedFile(FileRef(place.folder, path), stamp)
                if link.live_id or link.made_us is not None:
                    linked[full] = link
        for place in places:  # raw files that can't be read still belong to their photos
            for path, stamp in self._library.companions.unread_in(place).items():
                if suffix_of(path) in RAW:
                    files[self._roots[place.folder] + path] = OwnedFile(FileRef(place.folder, path), stamp)
        return files, linked
