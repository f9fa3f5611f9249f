"""Small pictures of photos, cached by content: made again whenever they are gone."""

from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path

from dejashot.paths import make_folder, preview_folder, write_atomically


def preview_file(content: bytes) -> Path:
    """Return where the preview of a content is cached."""
    name = content.hex()
    return preview_folder() / name[:2] / f"{name[2:]}.jpg"


def keep_preview(content: bytes, jpeg: bytes) -> None:
    """Cache a preview; a full disk only means that it is made again."""
    file = preview_file(content)
    with suppress(OSError):
        make_folder(file.parent)
        write_atomically(file, jpeg, durable=False)


def read_preview(content: bytes) -> bytes | None:
    """Return the cached preview of a content."""
    try:
        return preview_file(content).read_bytes()
    except OSError:
        return None


def drop_previews(contents: Iterable[bytes]) -> None:
    """Remove the previews of some contents, where there are any."""
    for content in contents:
        with suppress(OSError):
            preview_file(content).unlink(missing_ok=True)


def prune_previews(wanted: Callable[[bytes], bool], before_s: float) -> int:
    """Remove previews made before a moment (s since 1970) of contents that are not wanted; return how many.

    Younger ones may belong to another library of the same account.
    """
    removed = 0
    for file in preview_folder().glob("??/*.jpg"):
        try:
            content = bytes.fromhex(file.parent.name + file.stem)
        except ValueError:
            continue  # not one of ours
        with suppress(OSError):
            if file.stat().st_mtime < before_s and not wanted(content):
                file.unlink()
                removed += 1
    return removed
