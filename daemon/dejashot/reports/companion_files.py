"""The films, sidecars and unread raw files that may belong to photos: of whole folders, or of the directories in
question."""

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from dejashot.files.names import RAW, suffix_of
from dejashot.library.library import Library
from dejashot.library.tables.folders import Folder
from dejashot.library.tables.rows import Directory
from dejashot.models.files import FileRef, FileStamp
from dejashot.models.photo import LinkMetadata


@dataclass(frozen=True, slots=True)
class FoundCompanions:
    """Files that may belong to photos, with their stamps, and what they and photos tell of themselves, both by path.

    Paths are absolute (bytes).
    """

    files: dict[bytes, tuple[FileRef, FileStamp]] = field(default_factory=dict)
    linked: Mapping[bytes, LinkMetadata] = field(default_factory=dict)


def companions_in_folders(library: Library, folders: Sequence[Folder]) -> FoundCompanions:
    """Return what may belong to any photo of some folders."""
    ids = [f.id for f in folders]
    # raw files that can't be read still belong to their photos
    unread = {f: _raws(found) for f, found in library.files.skipped_stamps(ids).items()}
    roots = {f.id: f.path for f in folders}
    files = {
        FileRef(folder, path).under(roots[folder]): (FileRef(folder, path), stamp)
        for some in (library.companions.stamps(ids), unread)
        for folder, found in some.items()
        for path, stamp in found.items()
    }
    return FoundCompanions(files, library.companions.link_metadata(folders) if files else {})


def companions_of_files(
    library: Library, folders: Sequence[Folder], photos: Iterable[bytes], numbers: Sequence[int]
) -> FoundCompanions:
    """Return what may belong to some photos, by their absolute paths (bytes) and the numbers of their files."""
    directories = list(directories_of(folders, photos))
    files: dict[bytes, tuple[FileRef, FileStamp]] = {}
    linked: dict[bytes, LinkMetadata] = {}
    for root, directory in directories:
        for path, (stamp, metadata) in library.companions.in_directory(directory).items():
            file = FileRef(directory.folder, path)
            files[file.under(root)] = file, stamp
            if metadata.live_id or metadata.made_us is not None:
                linked[file.under(root)] = metadata
    for root, directory in directories:
        for path, stamp in _raws(library.companions.unread_in(directory)).items():
            file = FileRef(directory.folder, path)
            files[file.under(root)] = file, stamp
    if files:
        roots = {f.id: f.path for f in folders}
        own = library.companions.live_ids(numbers)
        linked |= {file.under(roots[file.folder]): metadata for file, metadata in own.items() if file.folder in roots}
    return FoundCompanions(files, linked)


def _raws(found: Mapping[bytes, FileStamp]) -> dict[bytes, FileStamp]:
    """Return the raw files among some."""
    return {path: stamp for path, stamp in found.items() if suffix_of(path) in RAW}


def directories_of(folders: Sequence[Folder], photos: Iterable[bytes]) -> Iterator[tuple[Path, Directory]]:
    """Yield the directories that photos lie in, below each folder that they are in, with that folder's path."""
    parents = sorted({os.path.split(path)[0] for path in photos})
    for folder in folders:
        root = os.path.join(os.fsencode(folder.path), b"")
        for parent in parents:
            if os.path.join(parent, b"").startswith(root):
                yield folder.path, Directory(folder.id, parent[len(root) :])
