"""Where the configuration says that things lie: the library, the digests, the folders that are watched."""

import os
import stat
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path

from dejashot.config.settings import Settings
from dejashot.errors import FolderError
from dejashot.paths import default_config_file, default_library_folder, preview_folder


def library_folder(settings: Settings) -> Path:
    """Return the folder of the library; a link to it that the owner or the system made leads there, another's is left to be refused."""
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
    """Return those of our folders that lie below a folder, as paths below it (bytes)."""
    place = Path(os.path.realpath(folder))
    return tuple({os.fsencode(o.relative_to(place)) for o in own.values() if o != place and o.is_relative_to(place)})


def top_folders(folders: Iterable[Path]) -> list[Path]:
    """Return the folders resolved, each once, and none that lies inside another; raise FolderError for a home of nobody."""
    try:
        resolved = sorted({Path(os.path.realpath(f.expanduser())) for f in folders})
    except RuntimeError as error:
        raise FolderError(str(error), "Write the folder out in full") from error
    return [f for f in resolved if not any(f != other and f.is_relative_to(other) for other in resolved)]
