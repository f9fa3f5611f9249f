"""Files that have the name of a photo that goes, and stay: the plan names them."""

import os
from collections.abc import Collection, Iterable, Mapping

from dejashot.actions.planning.disk import DiskEntry
from dejashot.files.companions import VIRTUAL_COPY
from dejashot.files.folder_names import folded_name, stem_of
from dejashot.files.names import RAW, SUPPORTED, suffix_of


def left_behind(folder: bytes, there: Mapping[bytes, DiskEntry], going: Collection[bytes]) -> list[bytes]:
    """Return the files of a folder that stay and have the name of one that goes, but for their endings.

    `going` holds paths of the folder. Pictures are decided by themselves, and what is named after a file that stays is
    that file's.
    """
    moving = {os.path.basename(path) for path in going}
    names = {folded_name(name): name for name in there}
    stems = {folded_name(stem_of(name)) for name in moving}
    found: list[bytes] = []
    for name in sorted(there):
        if name in moving or suffix_of(name) in SUPPORTED - RAW:
            continue
        named_after = next((names[whole] for whole in _beginnings(name) if whole in names), None)
        if named_after in moving or (named_after is None and stems.intersection(_beginnings(name))):
            found.append(os.path.join(folder, name))
    return found


def _beginnings(name: bytes) -> Iterable[str]:
    """Yield what a file may be named after, the longest first: its name without endings and darktable's number."""
    stem = stem_of(name)
    version = VIRTUAL_COPY.fullmatch(stem)
    for whole in (stem, version[1] + version[2] if version else b""):
        parts = whole.split(b".")
        yield from (folded_name(b".".join(parts[:count])) for count in range(len(parts), 0, -1) if whole)
