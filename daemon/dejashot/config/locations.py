"""Where the library, the digests and the watched folders lie, by the configuration."""

import os
import stat
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path

from dejashot.config.settings import Settings
from dejashot.errors import FolderError
from dejashot.paths import default_config_file, default_library_folder, preview_folder


def library_folder(settings: Settings) -> Path:
    """Return the folder of the library, through a link that the owner or the system made.

    The link of another account is returned as it is: whoever uses the folder refuses it.
    """
    configured = settings.library.folder
    folder = Path(configured).expanduser().absolute() if configured else default_library_folder()
    with suppress(OSError):
        status = folder.lstat()
        if stat.S_ISLNK(status.st_mode) and status.st_uid in (0, os.geteuid()):
            return Path(os.path.realpath(folder))
    return folder


def digest_folder(settings: Settings) -> Path:
    """Return the folder that digests are written to."""
    configured = settings.digest.folder
    return Path(configured).expanduser().absolute() if configured else library_folder(settings) / "digests"


def own_folders(settings: Settings) -> dict[str, Path]:
    """Return the folders that Dejashot itself writes in, resolved, by what they are for."""
    folders = {"library.folder": library_folder(settings), "digest.folder": digest_folder(settings)}
    folders |= {"the previews": preview_folder(), "the configuration": default_config_file().parent}
    return {name: Path(os.path.realpath(folder)) for name, folder in folders.items()}


def own_below(own: Mapping[str, Path], folder: Path) -> tuple[bytes, ...]:
    """Return the folders of `own` that lie below a folder, as paths relative to it (bytes)."""
    root = Path(os.path.realpath(folder))
    return tuple({os.fsencode(o.relative_to(root)) for o in own.values() if o != root and o.is_relative_to(root)})


def top_folders(folders: Iterable[Path]) -> list[Path]:
    """Return the folders resolved, each once, none inside another; raise FolderError for an unknown `~user`."""
    try:
        resolved = sorted({Path(os.path.realpath(f.expanduser())) for f in folders})
    except RuntimeError as error:
        raise FolderError(str(error), "Write the folder out in full") from error
    return [f for f in resolved if not any(f != other and f.is_relative_to(other) for other in resolved)]
