"""Folders that no photo may be put into: they are emptied unasked, are on no disk, or belong to a program."""

import os
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from dejashot.files.mounts import Mount, kind_of
from dejashot.files.names import is_kept_by_system
from dejashot.files.packages import package_of
from dejashot.language.texts import noted
from dejashot.paths import shown

_KERNEL_KINDS = frozenset(  # file systems that show what a kernel knows and keep no files
    "proc sysfs devtmpfs devfs devpts cgroup cgroup2 debugfs tracefs securityfs configfs bpf pstore efivarfs mqueue "
    "hugetlbfs fusectl binfmt_misc selinuxfs smackfs nsfs pipefs sockfs rpc_pipefs nfsd fdescfs linprocfs linsysfs "
    "procfs kernfs resctrl".split()
)
_MEMORY = frozenset(("tmpfs", "ramfs", "mfs"))
_SYSTEMS = (b"/proc", b"/sys", b"/dev")
_RUNNING = b"/run"  # in memory, but for what is mounted there
_CACHES = (b"/.cache/", b"/library/caches/")


def unfitness_of(place: bytes, own: Mapping[str, Path], mounts: list[Mount]) -> str:
    """Return why no photo may be put into a folder (absolute, resolved), empty when it may.

    `own` holds our own folders by what they are for.
    """
    for name, folder in own.items():
        if _lies_in(place, os.fsencode(folder)):
            return noted(
                "{folder} lies where Dejashot keeps its own things ({name}): nothing of yours belongs there"
            ).format(folder=shown(place), name=name)
    if package_of(place):
        return noted("{folder} belongs to another program: it lies in its package").format(folder=shown(place))
    if _is_systems(place, kind_of(place, mounts)):
        return noted("{folder} belongs to the system: no files are kept there").format(folder=shown(place))
    emptied = next((f for f in _with_those_above(place) if _is_emptied(f)), b"")
    return (
        noted("{path} is emptied by the system or by another program: what lies there is deleted unasked").format(
            path=shown(emptied)
        )
        if emptied
        else ""
    )


def _is_systems(place: bytes, kind: str) -> bool:
    """Return whether a folder shows what the kernel knows, or lies in memory where the next start removes it."""
    if any(_is_below(place, folder) for folder in _SYSTEMS) or kind in _KERNEL_KINDS:
        return True
    return _is_below(place, _RUNNING) and kind in _MEMORY


def _is_emptied(folder: bytes) -> bool:
    """Return whether a folder is a trash, a cache, or one of a sync tool, by its name or by what lies in it."""
    name = os.path.basename(folder).lower()
    if is_kept_by_system(name) or (folder.lower() + b"/").endswith(_CACHES):
        return True
    return name == b"trash" and all(os.path.isdir(os.path.join(folder, part)) for part in (b"info", b"files"))  # noqa: PTH112 - bytes


def _lies_in(place: bytes, folder: bytes) -> bool:
    """Return whether a folder is another or lies in it, under whatever name that is mounted or spelled."""
    if _is_below(place, folder):
        return True
    with suppress(OSError):
        looked_for = os.stat(folder)  # noqa: PTH116 - bytes
        return any(_is_there_as(above, looked_for) for above in _with_those_above(place))
    return False


def _is_there_as(folder: bytes, status: os.stat_result) -> bool:
    try:
        return os.path.samestat(os.stat(folder), status)  # noqa: PTH116 - bytes
    except OSError:
        return False


def _is_below(place: bytes, folder: bytes) -> bool:
    return (place + b"/").startswith(folder.rstrip(b"/") + b"/")


def _with_those_above(place: bytes) -> Iterator[bytes]:
    """Yield a folder and those above it, from the top down, without the root."""
    parts = place.split(b"/")
    yield from (b"/".join(parts[:count]) for count in range(2, len(parts) + 1))
