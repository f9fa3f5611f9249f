"""Where Dejashot's own files lie, and how they are read and written safely."""

import contextlib
import errno
import os
import secrets
import stat
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import platformdirs

from dejashot.errors import StorageError
from dejashot.language.texts import noted

APP = "dejashot"
PREVIEWS_VARIABLE = "DEJASHOT_PREVIEWS"
PRIVATE_FILE = 0o600
PRIVATE_FOLDER = 0o700
MAX_OWN_FILE_BYTES = 256 * 1024 * 1024  # no file of Dejashot's own but the library comes near it
_OTHERS_WRITE = 0o022


def default_config_file() -> Path:
    """Return where the configuration is looked for when none is named."""
    return platformdirs.user_config_path(APP) / "dejashot.toml"


def default_library_folder() -> Path:
    """Return where the library lies unless the configuration says otherwise."""
    return platformdirs.user_state_path(APP)


def preview_folder() -> Path:
    """Return where the re-creatable previews lie: in the account's cache, or where PREVIEWS_VARIABLE says."""
    named = os.environ.get(PREVIEWS_VARIABLE)
    return Path(named) if named else platformdirs.user_cache_path(APP) / "previews"


def example_config() -> Path:
    """Return the documented configuration: beside the package when installed, in `config/` in a checkout."""
    installed = Path(__file__).parent / "dejashot.toml"
    return installed if installed.exists() else Path(__file__).parents[2] / "config" / "dejashot.toml"


def make_folder(folder: Path) -> Path:
    """Create a folder and its missing parents for its owner only, whatever the umask is; raise StorageError."""
    missing = [f for f in (folder, *folder.parents) if not os.path.lexists(f)]
    try:
        for part in reversed(missing):
            with contextlib.suppress(FileExistsError):  # another process was quicker
                part.mkdir(mode=PRIVATE_FOLDER)
                part.chmod(PRIVATE_FOLDER)  # whatever the umask is
        if not folder.is_dir():
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR))
    except OSError as error:
        raise StorageError(
            noted("can't create {folder}: {why}").format(folder=shown(folder), why=error.strerror),
            noted("Check the permissions and the free space"),
        ) from error
    return folder


def make_private(folder: Path) -> Path:
    """Create a folder of Dejashot's own that only its owner can enter.

    Raises StorageError when that can't be done, or when others may use the folder.
    """
    refuse_others(make_folder(folder))
    return folder


def refuse_others(folder: Path) -> None:
    """Raise StorageError for a folder that is a link, belongs to another account, or that others may write to."""
    try:
        status = folder.lstat()
    except OSError as error:
        raise StorageError(
            noted("can't look at {folder}: {why}").format(folder=shown(folder), why=error.strerror),
            noted("Check the permissions"),
        ) from error
    if not stat.S_ISDIR(status.st_mode):
        raise StorageError(
            noted("{folder} is a link, or no folder").format(folder=shown(folder)),
            noted("Nothing of Dejashot's own is followed elsewhere: make it a folder"),
        )
    if status.st_uid != os.geteuid():
        raise StorageError(
            noted("{folder} belongs to another account").format(folder=shown(folder)),
            noted("Run Dejashot as that account, or set library.folder to a folder of your own"),
        )
    if status.st_mode & _OTHERS_WRITE:
        raise StorageError(
            noted("others may write to {folder}").format(folder=shown(folder)),
            noted(
                "Look at what is in it, then take that from them: chmod go-w {folder}; or set "
                "library.folder to a folder of its own"
            ).format(folder=shown(folder)),
        )


def file_problem(file: Path) -> str:
    """Return why a file of Dejashot's own must not be used, empty when it may be, or is not there.

    It is not opened: a file that SQLite has open loses its locks when another descriptor of it is closed.
    """
    try:
        status = file.lstat()
    except FileNotFoundError:
        return ""
    except OSError as error:
        return f"can't look at {shown(file)}: {error.strerror}"
    if not stat.S_ISREG(status.st_mode):
        return f"{shown(file)} is a link, a folder or a pipe, no file"
    return "" if status.st_uid == os.geteuid() else f"{shown(file)} belongs to another account"


def open_own(file: Path, flags: int = os.O_RDONLY) -> int:
    """Open a file of Dejashot's own and return its descriptor; raise OSError.

    It follows no link and waits for no pipe. A new file gets mode 0600, whatever the umask is.
    """
    handle = os.open(file, flags | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, PRIVATE_FILE)
    try:
        status = os.fstat(handle)
        if stat.S_ISDIR(status.st_mode):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        if not stat.S_ISREG(status.st_mode):
            raise OSError(errno.EINVAL, "it is no file")
        if status.st_uid != os.geteuid():
            raise PermissionError(errno.EACCES, "it belongs to another account")
        if flags & os.O_CREAT and stat.S_IMODE(status.st_mode) != PRIVATE_FILE:
            os.fchmod(handle, PRIVATE_FILE)
    except BaseException:
        os.close(handle)
        raise
    return handle


def read_own(file: Path, max_bytes: int = MAX_OWN_FILE_BYTES) -> bytes:
    """Return the bytes of a file of Dejashot's own; raise OSError, also when it is no regular file or too large."""
    with os.fdopen(open_own(file), "rb") as opened:
        size_bytes = os.fstat(opened.fileno()).st_size
        if size_bytes > max_bytes:
            raise OSError(errno.EFBIG, os.strerror(errno.EFBIG))
        return opened.read(size_bytes)


def close_to_others(folder: Path) -> None:
    """Make an existing folder private, unless it holds other things than a library.

    Raises StorageError where others could write to it and have left something.
    """
    status = folder.lstat()
    if not stat.S_ISDIR(status.st_mode) or status.st_uid != os.geteuid() or not status.st_mode & 0o077:
        return
    if os.path.lexists(folder / "library.db") or not any(folder.iterdir()):
        folder.chmod(PRIVATE_FOLDER)
        theirs = [entry for entry in folder.iterdir() if entry.lstat().st_uid != os.geteuid()]
        if theirs and status.st_mode & _OTHERS_WRITE:
            raise StorageError(
                noted("{folder} belongs to another account").format(folder=shown(theirs[0])),
                noted("Look at what it is, and remove it"),
            )


def write_atomically(target: Path, data: bytes, *, durable: bool = True, mode: int = PRIVATE_FILE) -> None:
    """Replace a file so that readers see the old or the new bytes, never a mix; as `atomic_file` does it."""
    with atomic_file(target, durable=durable, mode=mode) as out:
        out.write(data)


@contextlib.contextmanager
def atomic_file(target: Path, *, durable: bool = True, mode: int = PRIVATE_FILE) -> Iterator[BinaryIO]:
    """Replace a file by what is written inside the block, once that ends without an error.

    It writes a temp file in the same folder, syncs, renames, and syncs the folder; `durable=False` leaves out both
    syncs. Raises OSError, with the temp file removed.
    """
    temp = target.with_name(f".{target.name}.{secrets.token_hex(4)}.tmp")
    try:
        handle = os.open(temp, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, PRIVATE_FILE)
        with os.fdopen(handle, "wb") as out:
            os.fchmod(handle, mode)  # whatever the umask is
            yield out
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
    """Flush the names in a folder to the disk; raise OSError."""
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
