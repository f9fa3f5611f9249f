"""The photos of Immich and PhotoPrism on this machine, from the Compose files that their documentation describes."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from dejashot.setup.found_folder import FoundFolder, lines_of, named_folder, read_foreign, with_variables

_PLACES = ("immich-app", "immich", "photoprism", "docker/immich", "docker/photoprism", "docker", ".")
_SYSTEM_PLACES = ("/opt", "/srv")
_FILES = ("compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml")
_PHOTOPRISM_DEFAULTS = Path("/etc/photoprism/defaults.yml")
_ORIGINALS = "OriginalsPath:"

_UPLOADS = ("/data", "/usr/src/app/upload")
_NO_PHOTOS = ("/etc", "/dev", "/run", "/var", "/cache", "/tmp")  # noqa: S108 - places in a container
_IMMICH_UPLOAD = (
    "Immich keeps uploads in it",
    "Only Immich may change what is in it: choose here, then delete there.",
)
_IMMICH_EXTERNAL = (
    "it is an external library of Immich",
    "Have Immich scan the library again after photos were set aside.",
)
_PHOTOPRISM = (
    "it holds the originals of PhotoPrism",
    "Have PhotoPrism index it again after photos were set aside.",
)


def server_folders(
    home: Path, environment: Mapping[str, str], defaults: Path = _PHOTOPRISM_DEFAULTS
) -> Iterator[FoundFolder]:
    """Yield the folders of Immich and PhotoPrism that Compose files, the environment and `defaults` name."""
    above = [home / place for place in _PLACES]
    above += [Path(root, place) for root in _SYSTEM_PLACES for place in _PLACES]
    for folder in above:
        values = _settings(read_foreign(folder / ".env"))
        for name in _FILES:
            yield from parse_compose(read_foreign(folder / name), values, folder, home)
    set_there = [line for line in lines_of(read_foreign(defaults)) if line.startswith(_ORIGINALS)]
    for named in (
        environment.get("PHOTOPRISM_ORIGINALS_PATH", ""),
        *(_unquoted(line.removeprefix(_ORIGINALS)) for line in set_there),
    ):
        path = named_folder(named, home)
        if path is not None:
            yield FoundFolder(path, *_PHOTOPRISM)


def parse_compose(text: str, values: dict[str, str], folder: Path, home: Path) -> Iterator[FoundFolder]:
    """Yield the folders of photos that a Compose file in `folder` maps, with the values of its .env file."""
    immich, photoprism = "immich-server" in text, "photoprism/photoprism" in text
    items = [line.strip() for line in lines_of(text) if immich or photoprism]
    for item in items:
        if not item.startswith("- "):
            continue
        outside, _, inside = with_variables(_unquoted(item[2:]), values).partition(":")
        inside = inside.partition(":")[0].rstrip("/")
        path = named_folder(outside, home, folder)
        if path is None or "/" not in outside or not inside.startswith("/"):
            continue  # a port, a setting, or a volume that Docker keeps
        if photoprism and (inside + "/").startswith("/photoprism/originals/"):
            yield FoundFolder(path, *_PHOTOPRISM)
        elif immich and inside in _UPLOADS:
            yield FoundFolder(path, *_IMMICH_UPLOAD, proposed=False)
        elif immich and not inside.startswith((*_NO_PHOTOS, *_UPLOADS, "/photoprism", "/config")):
            yield FoundFolder(path, *_IMMICH_EXTERNAL)


def _settings(text: str) -> dict[str, str]:
    """Return the settings of a .env file."""
    parts = [line.strip().removeprefix("export ").partition("=") for line in lines_of(text)]
    return {name.strip(): _unquoted(value) for name, mark, value in parts if mark}


def _unquoted(text: str) -> str:
    """Return a value without the quotes around it and the comment behind it."""
    text = text.strip()
    if text[:1] in ("'", '"'):
        return text[1:].partition(text[0])[0]
    return "" if text.startswith("#") else text.partition(" #")[0].strip()
