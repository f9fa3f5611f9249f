"""The folders that Syncthing keeps in step with other devices, from its config.xml (syncthing-config(5))."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from lxml import etree

from dejashot.setup.found_folder import FoundFolder, named_folder, read_foreign, short_name

_MAX_DEVICES = 2  # that are named
_MIND = {
    "sendreceive": "What leaves it is deleted on the other devices too.",
    "sendonly": "What leaves it is deleted on the other devices too.",
    "receiveonly": "What leaves it stays on the other devices; Syncthing may bring it back.",
}


def syncthing_folders(home: Path, environment: Mapping[str, str]) -> Iterator[FoundFolder]:
    """Yield the folders of every configuration of Syncthing that is found; damaged ones yield nothing."""
    for file in _configurations(home, environment):
        text = read_foreign(file)
        if text:
            yield from parse_syncthing(text, home)


def parse_syncthing(text: str, home: Path) -> Iterator[FoundFolder]:
    """Yield the folders that a config.xml names, but for encrypted ones."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(text.encode("utf-8", "surrogateescape"), parser)
    except (etree.XMLSyntaxError, ValueError):
        return
    names = {device.get("id"): short_name(device.get("name") or "") for device in root.findall("device")}
    for folder in root.findall("folder"):
        path, kind = named_folder(folder.get("path") or "", home), folder.get("type") or "sendreceive"
        if path is None or kind not in _MIND:
            continue
        devices = [names.get(device.get("id")) for device in folder.findall("device")]
        others = sorted({name for name in devices if name})
        paused = folder.get("paused") == "true"
        why = f"Syncthing keeps it in step with {_listed(others)}" if others else "Syncthing keeps it in step"
        yield FoundFolder(path, f"{why}{', but is paused' if paused else ''}", _MIND[kind])


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - _MAX_DEVICES} more" if len(names) > _MAX_DEVICES else ""
    return ", ".join(f'"{name}"' for name in names[:_MAX_DEVICES]) + more


def _configurations(home: Path, environment: Mapping[str, str]) -> Iterator[Path]:
    """Yield where config.xml may lie: where the environment says, since version 1.27, before that, and on macOS."""
    named = environment.get("STCONFDIR") or environment.get("STHOMEDIR")
    state = environment.get("XDG_STATE_HOME") or home / ".local" / "state"
    config = environment.get("XDG_CONFIG_HOME") or home / ".config"
    folders = [Path(named)] if named else []
    folders += [Path(state, "syncthing"), Path(config, "syncthing")]
    folders.append(home / "Library" / "Application Support" / "Syncthing")
    yield from (folder / "config.xml" for folder in folders)
