"""Make the library forget a folder; the photos in it, digests, backups and the owner's decisions stay."""

import os
from dataclasses import dataclass
from pathlib import Path

from dejashot.config.locations import top_folders
from dejashot.config.settings import Settings
from dejashot.errors import ConfigError, FolderError, LibraryBusyError
from dejashot.ingest.owned_library import own_library
from dejashot.library.daemon_status import is_locked
from dejashot.library.library import Library
from dejashot.library.previews import drop_previews
from dejashot.library.tables.folders import Folder
from dejashot.paths import shown

MAX_NAMED = 10  # folders that are known, in the message about one that is not
_BUSY = (
    "another Dejashot is using the library",
    "If that is the daemon, stop it, and start it again afterwards: Ctrl-C where it runs in a terminal,"
    " `dejashot service uninstall` and `dejashot service install` where it is a service",
)


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What went with a folder: its files, and the photos that no other folder holds."""

    files: int
    photos: int


def find_folder(settings: Settings, library: Library, named: Path) -> Folder:
    """Return the folder of a library that a path names; the folder itself may be gone.

    Raises FolderError for one that the library does not know, ConfigError for one of the configuration.
    """
    known = library.folders.all()
    (resolved,) = top_folders([named])
    absolute = Path(os.path.normpath(named.expanduser().absolute()))  # of a link that is gone
    found = next((f for path in (absolute, resolved) for f in known if f.path == path), None)
    if found is None:
        names = [shown(f.path) for f in known[:MAX_NAMED]]
        rest = f" and {len(known) - MAX_NAMED:,} more" if len(known) > MAX_NAMED else ""
        raise FolderError(
            f"the library does not know the folder {shown(absolute)}",
            f"It knows {', '.join(names)}{rest}" if known else "It knows no folder yet",
        )
    if found.path in top_folders(Path(f) for f in settings.folders):
        raise ConfigError(
            f"{shown(found.path)} is a folder of the configuration",
            "Take it out of `folders` first, in the file that `dejashot config path` names",
        )
    return found


def check_free(library: Path) -> None:
    """Raise LibraryBusyError while another process owns the library in a folder."""
    if is_locked(library):
        raise LibraryBusyError(*_BUSY)


def forget_folder(settings: Settings, library: Path, folder: Path) -> Forgotten:
    """Forget a folder of the library in a folder: all of it or, when that fails, nothing.

    Raises what `find_folder` raises, LibraryBusyError while another process owns the library, LibraryError, ModelError.
    """
    try:
        with own_library(settings, library) as owned:
            row, index = find_folder(settings, owned.library, folder), owned.index
            with owned.library.batch():
                files = sum(owned.library.files.counts([row.id]).values())
                owned.library.folders.remove(row.id)
                removed = owned.library.photos.remove_unheld()
            index.drop(removed.values())
            drop_previews(removed)
    except LibraryBusyError as error:
        raise LibraryBusyError(*_BUSY) from error
    return Forgotten(files, len(removed))
