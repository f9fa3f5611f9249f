"""Planning one link in the album for each photo that the owner keeps; those that are linked already are left out."""

import os

from dejashot.actions.moves.renames import free_name
from dejashot.actions.plan import OTHER_DISK, RefusedFile
from dejashot.actions.planning.draft import Draft
from dejashot.files.folder_names import folded_name
from dejashot.files.nofollow import folder_of
from dejashot.models.files import FileStamp


def plan_links(draft: Draft) -> None:
    """Plan the links: of equal files the one with the shortest path is linked."""
    album, files = draft.request.to, draft.candidates.files
    there = draft.candidates.disk.files(album)
    taken = {folded_name(n) for n in there}
    linked = {(e.stamp.device, e.stamp.inode) for e in there.values()}
    device = _device(album)
    kept: dict[bytes, bytes] = {}
    for path in sorted(draft.resolution.keep, key=lambda p: (len(p), p)):
        kept.setdefault(files[path].content, path)
    for path in sorted(kept.values()):
        stamp = files[path].stamp
        if (stamp.device, stamp.inode) in linked:
            continue
        if stamp.device != device:
            draft.refused.append(RefusedFile(path, OTHER_DISK))
            continue
        name = free_name(os.path.basename(path), taken)
        taken.add(folded_name(name))
        draft.add(path, os.path.join(album, name))


def _device(folder: bytes) -> int:
    """Return the device of a folder, or of the nearest existing one above it."""
    while True:
        try:
            return FileStamp.of(os.stat(folder)).device  # noqa: PTH116 - bytes
        except OSError:
            if folder == b"/":
                raise
            folder = folder_of(folder)
