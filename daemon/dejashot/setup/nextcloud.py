"""The folders that the desktop client of Nextcloud syncs, from its nextcloud.cfg, an INI file as Qt writes it."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from dejashot.setup.found_folder import FoundFolder, is_folder, lines_of, named_folder, read_foreign

_MIND = "What leaves it is deleted on the server too."
_MIND_CLOUD = f"{_MIND} Photos that are only in the cloud are not looked at."
_ESCAPE = re.compile(r"\\(?:x([0-9a-fA-F]{1,4})|(.))")
# where apps for phones put photos, and where the server's example puts them
_PHOTO_FOLDERS = ("InstantUpload", "Photos", "Camera", "Pictures", "DCIM")


def nextcloud_folders(home: Path, environment: Mapping[str, str]) -> Iterator[FoundFolder]:
    """Yield the photo folders in what the client syncs, or all that it syncs where it has none of their names."""
    config = environment.get("XDG_CONFIG_HOME") or home / ".config"
    for folder in (Path(config, "Nextcloud"), home / "Library" / "Preferences" / "Nextcloud"):
        for root, mind in parse_nextcloud(read_foreign(folder / "nextcloud.cfg"), home):
            inside = [root / name for name in _PHOTO_FOLDERS if is_folder(root / name)]
            yield from (FoundFolder(path, "Nextcloud syncs it", mind) for path in inside or [root])


def parse_nextcloud(text: str, home: Path) -> Iterator[tuple[Path, str]]:
    """Yield the synced folders that a nextcloud.cfg names, each with what is to be minded."""
    folders: dict[str, dict[str, str]] = {}
    for line in lines_of(text):
        name, _, value = line.partition("=")
        folder, _, key = name.rpartition("\\")
        if "olders" in folder:  # Folders, FoldersWithPlaceholders, Multifolders
            folders.setdefault(folder, {})[key.strip()] = _value(value.strip())
    for keys in folders.values():
        path = named_folder(keys.get("localPath", "").rstrip("/"), home)
        if path is not None:
            yield path, _MIND if keys.get("virtualFilesMode", "off") == "off" else _MIND_CLOUD


def _value(text: str) -> str:
    """Return a value without the quotes and escapes that Qt puts around and into it."""
    if len(text) > 1 and text.startswith('"') and text.endswith('"'):
        text = text[1:-1]
    return _ESCAPE.sub(lambda found: chr(int(found[1], 16)) if found[1] else found[2], text)
