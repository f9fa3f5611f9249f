"""Values in the files of a batch: each is checked before anything is done with it."""

from collections.abc import Callable, Container, Mapping, Sequence
from typing import Any

from dejashot.library.validation import MAX_TAKEN_US

# what reading a file of JSON that does not hold together may raise
NONSENSE = (ValueError, LookupError, TypeError, AttributeError, OverflowError, RecursionError)
_WHOLE = 2**63
_MODES = 0o7777


def whole_number(value: object, least: int = -_WHOLE, most: int = _WHOLE - 1) -> int:
    """Return a whole number within limits; raise ValueError for anything else."""
    if type(value) is not int or not least <= value <= most:
        raise ValueError("not a whole number that it could be")
    return value


def moment_us(value: object) -> int:
    """Return microseconds since 1970 within the calendar; raise ValueError for anything else."""
    return whole_number(value, -MAX_TAKEN_US, MAX_TAKEN_US)


def text(value: object) -> str:
    """Return text without zeros; raise ValueError for anything else."""
    if not isinstance(value, str) or "\0" in value:
        raise ValueError("not text")
    return value


def raw(value: object) -> bytes:
    """Return the bytes of a path that text stands for, lone surrogates for bytes that are no text; raise ValueError."""
    return text(value).encode("utf-8", "surrogateescape")


def absolute(value: object) -> bytes:
    """Return an absolute path that climbs nowhere (bytes); raise ValueError for anything else."""
    path = raw(value)
    if not path.startswith(b"/") or b".." in path.split(b"/"):
        raise ValueError("not a path from the root")
    return path


def content(value: object, *, may_lack: bool = False) -> bytes:
    """Return the hash of a file's bytes, or nothing where it `may_lack`; raise ValueError for anything else."""
    found = bytes.fromhex(text(value))
    if len(found) != 32 and (found or not may_lack):
        raise ValueError("not a hash")
    return found


def listed(value: object) -> Sequence[Any]:
    """Return a list; raise ValueError for anything else."""
    if not isinstance(value, list):
        raise ValueError("not a list")
    return value


def event_of(body: object, numbers: Container[int]) -> dict[str, Any]:
    """Return what was noted of a batch whose items have these numbers, if it can be; raise what `NONSENSE` holds."""
    if not isinstance(body, dict):
        raise ValueError("not an event")
    what = text(body["is"])
    if what in _OF_ITEMS:
        if whole_number(body["item"]) not in numbers:
            raise ValueError("no item of the batch")
        _OF_ITEMS[what](body)
    elif what == "made":
        for folder in listed(body["folders"]):
            absolute(folder)
    return body


def _why(body: Mapping[str, Any]) -> None:
    text(body["why"])


def _done(body: Mapping[str, Any]) -> None:
    if "inode" in body:
        whole_number(body["inode"])


def _ready(body: Mapping[str, Any]) -> None:
    text(body["after"])
    if text(body["before"]):
        was = body["was"]
        whole_number(was["mode"], 0, _MODES)
        for name in ("owner", "group", "mtime_ns"):
            whole_number(was[name])
        if len(was) != len(("mode", "owner", "group", "mtime_ns")):
            raise ValueError("not the attributes of a file")


_OF_ITEMS: dict[str, Callable[[Mapping[str, Any]], None]] = {
    "done": _done,
    "back": lambda _: None,
    "ready": _ready,
    "refused": _why,
    "left": _why,
}
