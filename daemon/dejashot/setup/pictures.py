"""The folders that systems and cameras name: the account's folder for pictures, and DCIM on cards and phones."""

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from dejashot.setup.found_folder import FoundFolder, is_folder, named_folder, read_foreign

_LINE = re.compile(r'^XDG_PICTURES_DIR="((?:[^"\\\n]|\\.)*)"', re.MULTILINE)
_CARD_PLACES = ("/media/", "/run/media/", "/mnt/", "/Volumes/")
_CARD = ("it is on a card, a stick or a phone", "It comes and goes: copy what is on it first.")
_PHONES = "gvfs"  # where desktops show phones: a folder for each, with one for each of its memories


def account_pictures(home: Path, environment: Mapping[str, str]) -> Path | None:
    """Return the account's folder for pictures where there is one: as xdg-user-dirs says, else `Pictures`."""
    config = environment.get("XDG_CONFIG_HOME") or home / ".config"
    found = _LINE.search(read_foreign(Path(config, "user-dirs.dirs")))
    named = re.sub(r"\\(.)", r"\1", found[1]).replace("$HOME", "~", 1) if found else ""
    for folder in (named_folder(named.rstrip("/"), home), home / "Pictures"):
        if folder is not None and folder != home and is_folder(folder):
            return folder
    return None


def picture_folders(home: Path, environment: Mapping[str, str]) -> Iterator[FoundFolder]:
    """Yield the account's folder for pictures, and a copy of a phone's folder beside it."""
    folder = account_pictures(home, environment)
    if folder is not None:
        yield FoundFolder(folder, "it is your folder for pictures")
    yield FoundFolder(home / "DCIM", "it is called as cameras call theirs")


def card_folders(mounted: Iterable[bytes]) -> Iterator[FoundFolder]:
    """Yield the folder DCIM of each card, stick and phone, given where file systems are mounted (bytes)."""
    for point in map(_decoded, sorted(set(mounted))):
        if point.name == _PHONES:
            phones = [*point.glob("*/DCIM"), *point.glob("*/*/DCIM")]
            yield from (FoundFolder(folder, *_CARD, proposed=False) for folder in sorted(phones))
        elif str(point).startswith(_CARD_PLACES) and is_folder(point / "DCIM"):
            yield FoundFolder(point / "DCIM", *_CARD, proposed=False)


def _decoded(path: bytes) -> Path:
    return Path(path.decode("utf-8", "surrogateescape"))
