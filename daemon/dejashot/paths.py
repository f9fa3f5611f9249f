"""Where things of ours lie, and the one way in which they are written."""

import contextlib
import os
import secrets
import unicodedata
from pathlib import Path

import platformdirs

from dejashot.errors import StorageError

APP = "dejashot"
PRIVATE_FILE = 0o600
PRIVATE_FOLDER = 0o700


def default_config_file() -> Path:
    """Return where the configuration is looked for when none is named."""
    return platformdirs.user_config_path(APP) / "dejashot.toml"


def default_library_folder() -> Path:
    """Return where the library lies unless the configuration says otherwise."""
    return platformdirs.user_state_path(APP)


def preview_folder() -> Path:
    """Return where the re-creatable previews lie."""
    return platformdirs.user_cache_path(APP) / "previews"


def example_config() -> Path:
    """Return the documented configuration: beside the package when installed, in `config/` in a checkout."""
    installed = Path(__file__).parent / "dejashot.toml"
    return installed if installed.exists() else Path(__file__).parents[2] / "config" / "dejashot.toml"


def make_private(folder: Path) -> Path:
    """Create a folder that only its owner can enter; raise StorageError when that can't be done."""
    try:
        folder.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
    except OSError as error:
        raise StorageError(f"can't create {shown(folder)}: {error.strerror}", "Check the permissions and the free space") from error
    return folder


def close_to_others(folder: Path) -> None:
    """Take from everybody but its owner the way into a folder of ours that was there before; leave one with other things in it."""
    status = folder.stat()
    foreign = status.st_uid != os.geteuid() or not status.st_mode & 0o077
    if not foreign and ((folder / "library.db").exists() or not any(folder.iterdir())):
        folder.chmod(PRIVATE_FOLDER)


def write_atomically(target: Path, data: bytes, *, durable: bool = True, mode: int = PRIVATE_FILE) -> None:
    """Replace a file with `data` so that readers see the old or the new bytes, never a mix (mode 0600 unless said otherwise).

    Temp file beside the target, fsync, rename, fsync of the folder; `durable=False` leaves out both fsyncs.
    Raises OSError, with the temp file removed.
    """
    temp = target.with_name(f".{target.name}.{secrets.token_hex(4)}.tmp")
    try:
        handle = os.open(temp, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, PRIVATE_FILE)
        with os.fdopen(handle, "wb") as out:
            if mode != PRIVATE_FILE:
                os.fchmod(handle, mode)  # the umask has no say in it
            out.write(data)
            if durable:
                out.flush()
                os.fsync(out.fileno())
        temp.replace(target)
    except BaseException:
        with contextlib.suppress(OSError):
            temp.unlink()
        raise
    if durable:
        sync_folder(target.parent)


def sync_folder(folder: Path) -> None:
    """Have the names in a folder on the disk when this returns; raise OSError."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def shown(path: bytes | str | os.PathLike[str]) -> str:
    """Return a path, or any untrusted text, fit for a terminal, a log or a page.

    Undecodable bytes become `\\xNN`; control characters, bidirectional overrides and the like become `\\uNNNN`.
    """
    try:
        raw = path if isinstance(path, bytes) else os.fsencode(path)
    except UnicodeEncodeError:  # a lone surrogate that stands for no byte
        raw = str(path).encode("utf-8", "backslashreplace")
    text = raw.decode("utf-8", "backslashreplace")
    return "".join(c if c.isprintable() or unicodedata.category(c) == "Zs" else f"\\u{ord(c):04x}" for c in text)
