"""Where a demo lies: a temporary folder that goes with it, and settings that name nothing outside of that folder."""

import contextlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from dejashot.config.settings import Settings, load_settings
from dejashot.errors import ConfigError, StorageError
from dejashot.library.lock import LockTimeoutError, OwnLock
from dejashot.paths import PREVIEWS_VARIABLE, shown, write_atomically

_PREFIX = "dejashot-demo-"
_TRIES = 5


@dataclass(frozen=True, slots=True)
class DemoPlace:
    """The folder of a demo, and the one that photos and digests go to: the same, unless they are to stay."""

    folder: Path
    output: Path

    @property
    def photos(self) -> Path:
        """Return the folder of the photos."""
        return self.output / "Photos"

    @property
    def library(self) -> Path:
        """Return the folder of the library."""
        return self.folder / "library"

    @property
    def config(self) -> Path:
        """Return the configuration, with which any command works on the demo."""
        return self.folder / "dejashot.toml"

    def settings(self) -> Settings:
        """Write the configuration and return its settings; raise ConfigError or StorageError."""
        sections = {
            "library": {"folder": self.library},
            "digest": {"folder": self.output / "digests"},
            "review": {"quarantine": self.folder / "Quarantine", "album": self.folder / "Album"},
        }
        lines = [f"folders = [{_quoted(self.photos)}]"]
        for section, values in sections.items():
            lines += ["", f"[{section}]", *(f"{key} = {_quoted(value)}" for key, value in values.items())]
        try:
            write_atomically(self.config, "\n".join([*lines, ""]).encode(), durable=False)
        except OSError as error:
            raise StorageError(f"can't write {shown(self.config)}: {error.strerror}", "Check the free space") from error
        return load_settings(self.config, required=True)


def _quoted(path: Path) -> str:
    return json.dumps(str(path), ensure_ascii=False)  # what JSON escapes, TOML does alike


def empty_folder(folder: Path) -> Path:
    """Return a folder for what is to stay, made if it is not there; raise ConfigError unless it is empty."""
    hint = "Name a folder that is empty, or one that is not there yet"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise ConfigError(f"{shown(folder)} is not empty", hint)
    except OSError as error:
        raise ConfigError(f"can't use {shown(folder)}: {error.strerror}", hint) from error
    return Path(os.path.realpath(folder))


@contextlib.contextmanager
def demo_place(output: Path | None = None) -> Iterator[DemoPlace]:
    """Give a place for a demo, which is removed with all that is in it at the end; raise StorageError.

    What a demo left that was killed is removed first. Previews lie in the place too while the block lasts.
    """
    temporary = Path(os.path.realpath(tempfile.gettempdir()))
    _remove_abandoned(temporary)
    folder, lock = _locked_folder(temporary)
    before = os.environ.get(PREVIEWS_VARIABLE)
    os.environ[PREVIEWS_VARIABLE] = str(folder / "previews")
    try:
        yield DemoPlace(folder, folder if output is None else output)
    finally:
        if before is None:
            del os.environ[PREVIEWS_VARIABLE]
        else:
            os.environ[PREVIEWS_VARIABLE] = before
        _remove(folder)
        lock.release()


def _locked_folder(temporary: Path) -> tuple[Path, OwnLock]:
    """Return a new folder, held by a lock that tells other demos that it is in use."""
    for _ in range(_TRIES):
        try:
            folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=temporary))
            lock = _lock_of(folder)
            lock.acquire()
        except (LockTimeoutError, FileNotFoundError):
            continue  # another demo took it for abandoned
        except OSError as error:
            raise StorageError(
                f"can't make a folder in {shown(temporary)}: {error.strerror}", "Name another one in TMPDIR"
            ) from error
        return folder, lock
    raise StorageError(f"can't make a folder in {shown(temporary)}", "Name another one in TMPDIR")


def _lock_of(folder: Path) -> OwnLock:
    return OwnLock(folder / "lock", 0.0, guarded=folder)


def _remove_abandoned(temporary: Path) -> None:
    """Remove the places of this account's demos that ended without doing so."""
    with contextlib.suppress(OSError):
        for folder in temporary.glob(f"{_PREFIX}*"):
            if folder.is_symlink() or not folder.is_dir() or folder.lstat().st_uid != os.geteuid():
                continue
            with contextlib.suppress(LockTimeoutError, StorageError, OSError), _lock_of(folder):
                _remove(folder)


def _remove(folder: Path) -> None:
    """Remove a folder; what is written into it meanwhile is removed with it."""
    for _ in range(_TRIES):
        shutil.rmtree(folder, ignore_errors=True)
        if not folder.exists():
            return
