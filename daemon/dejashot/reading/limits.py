"""The bounds of a reading: readers keep to them, and nothing beyond them is believed.

Within them a report can count and show every value.
"""

from datetime import UTC, datetime

from dejashot.models.capture import microseconds

MAX_TEXT = 1024  # letters of a name or an id, its control characters spelled out
MAX_DETAIL = 500  # letters of the description of a failure
MAX_SIDE = 2**24  # pixels
EXPOSURE_S = (1e-9, 86_400.0)
BIAS_EV = 100.0  # either way
ISO = (1, 10_000_000)
APERTURE = (0.01, 1000.0)
ALTITUDE_M = 100_000.0  # either way
OFFSET_S = 18 * 3600  # either way: every zone that was ever in use lies within
# keys of the index reach further
MOMENT_US = (microseconds(datetime(1800, 1, 1, tzinfo=UTC)), microseconds(datetime(2250, 1, 1, tzinfo=UTC)))
MAX_CONTRAST = 128.0  # half of the levels: the standard deviation of any picture lies within
MAX_PREVIEW_BYTES = 1024 * 1024
MAX_RENDERED_PX = 8192  # of the long side: a browser can show it, and a message can hold it


def within(value: float | None, bounds: tuple[float, float]) -> float | None:
    """Return a number that lies within two bounds, both included; None for any other, and for None."""
    return value if value is not None and bounds[0] <= value <= bounds[1] else None
