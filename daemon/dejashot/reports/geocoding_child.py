"""The short-lived process that names places: the memory of its gazetteer goes back when it ends.

It reads positions as JSON from its standard input and answers with a name for each, empty where no place is near, on
its standard output. The kernel leaves it only the calls that computing takes.
"""

import json
import math
import sys
from collections.abc import Sequence
from typing import Any

from dejashot.reading.sandbox.call_filter import filter_calls
from dejashot.reading.sandbox.private_memory import keep_memory_private

NEAR_KM = 25.0  # what lies further from a town than this is not in it
EARTH_KM = 6371.0


def names(positions: Sequence[tuple[float, float]]) -> list[str]:
    """Return `town, country` for each position (latitude and longitude in degrees), empty where no town is near."""
    import reverse_geocode  # noqa: PLC0415 - an extra: not there unless it was asked for

    try:
        towns = reverse_geocode.search(positions) if positions else []
    except Exception as error:  # noqa: BLE001 - the gazetteer raises whatever its data provoke
        raise SystemExit(f"reverse_geocode failed ({type(error).__name__})") from None
    return [_name(position, town) for position, town in zip(positions, towns, strict=True)]


def _name(position: tuple[float, float], town: dict[str, Any]) -> str:
    if distance_km(position, (town["latitude"], town["longitude"])) > NEAR_KM:
        return ""
    return ", ".join(part for part in (town["city"], town["country"]) if part)


def distance_km(a: tuple[float, float], b: tuple[float, float]) -> float:
    """Return how far two positions are from each other on the ground (haversine)."""
    (a_lat, a_long), (b_lat, b_long) = ((math.radians(x), math.radians(y)) for x, y in (a, b))
    half = math.sin((b_lat - a_lat) / 2) ** 2 + math.cos(a_lat) * math.cos(b_lat) * math.sin((b_long - a_long) / 2) ** 2
    return 2 * EARTH_KM * math.asin(min(1.0, math.sqrt(half)))


if __name__ == "__main__":
    keep_memory_private()
    filter_calls()
    asked = [(float(latitude), float(longitude)) for latitude, longitude in json.load(sys.stdin)]
    sys.stdout.write(json.dumps(names(asked)))
