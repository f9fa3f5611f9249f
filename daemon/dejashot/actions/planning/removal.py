"""Planning that rejected shots leave their folders: photos first, each with its companions."""

import os
from collections.abc import Iterable, Iterator, Sequence

from dejashot.actions.moves.renames import free_name
from dejashot.actions.planning.draft import Draft
from dejashot.actions.planning.left_behind import left_behind
from dejashot.files.folder_names import folded_name
from dejashot.files.nofollow import folder_of
from dejashot.models.decisions import ApplyMethod


def plan_removal(draft: Draft) -> None:
    """Plan that rejected shots go, to the quarantine, into the trash or onto a list."""
    remove = draft.resolution.remove
    along: dict[bytes, list[bytes]] = {}
    for folder, paths in _by_folder(remove):
        along |= _companions(draft, folder, paths)
    roots = _distinct_names(sorted({f.folder for f in draft.candidates.files.values()}))
    for path in sorted(remove):
        root = draft.candidates.files[path].folder
        photo = draft.add(path, _target(draft, path, root, roots[root]), required=remove[path])
        for other in along[path]:
            draft.add_companion(photo, other, _target(draft, other, root, roots[root]))


def _companions(draft: Draft, folder: bytes, paths: Sequence[bytes]) -> dict[bytes, list[bytes]]:
    """Return what goes along with each photo of one folder, and note what is left behind there."""
    candidates, there = draft.candidates, draft.candidates.disk.files(folder)
    members = {p: draft.unit_members_there(p) for p in paths}
    found = draft.companions_of(folder, {*paths, *(m for each in members.values() for m in each)}, there)
    along: dict[bytes, list[bytes]] = {}
    claimed: set[bytes] = set()
    for path in paths:
        others = dict.fromkeys(o for photo in (path, *members[path]) for o in (photo, *found[photo]) if o != path)
        along[path] = [o for o in others if o not in claimed | draft.kept | draft.resolution.remove.keys()]
        claimed.update(along[path])
    stay = left_behind(folder, there, {*paths, *claimed})
    draft.left_behind += [p for p in stay if p not in candidates.photos and p not in candidates.files]
    return along


def _target(draft: Draft, path: bytes, root: bytes, name: bytes) -> bytes:
    """Return where a file goes: in the quarantine below the batch and its watched folder's name, else nowhere."""
    if draft.request.how is not ApplyMethod.QUARANTINE:
        return b""
    return os.path.join(draft.request.to, draft.request.id.encode(), name, os.path.relpath(path, root))


def _by_folder(paths: Iterable[bytes]) -> Iterator[tuple[bytes, list[bytes]]]:
    found: dict[bytes, list[bytes]] = {}
    for path in sorted(paths):
        found.setdefault(folder_of(path), []).append(path)
    yield from found.items()


def _distinct_names(folders: Sequence[bytes]) -> dict[bytes, bytes]:
    """Return a name for each watched folder, its own unless another has that too."""
    names: dict[bytes, bytes] = {}
    taken: set[str] = set()
    for folder in folders:
        names[folder] = free_name(os.path.basename(folder) or b"root", taken)
        taken.add(folded_name(names[folder]))
    return names
