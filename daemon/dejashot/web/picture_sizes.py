"""The sizes that a photo can be had in, and what a browser needs to pick one: addresses with widths, and a share."""

from collections.abc import Sequence

from dejashot.models.shot import Shot
from dejashot.reading.protocol.payloads import Frame

SMALL, LARGE, FULL = Frame(360), Frame(1600), Frame(0)
FRAMES = {"small": SMALL, "800": Frame(800), "1200": Frame(1200), "large": LARGE, "2560": Frame(2560), "full": FULL}
FEW = 4  # as many shots stand in one row
_LEAST, _MOST = 0.4, 3.99  # a longer picture has bars at its sides
_ROW = 18  # rem: the height of a row of many, at most


def ratio(shot: Shot) -> float:
    """Return the width of a picture by its height, in hundredths, within what a page lays out."""
    return round(min(_MOST, max(_LEAST, max(1, shot.width) / max(1, shot.height))), 2)


def srcset(shot: Shot) -> str:
    """Return the addresses of a photo's pictures with their widths in pixels; none is larger than the photo."""
    long_side = max(1, shot.width, shot.height)
    found: dict[int, str] = {}
    for name, frame in FRAMES.items():
        width = max(1, round(min(1.0, frame.side / long_side) * shot.width))
        if frame.side and width not in found:
            found[width] = f"/photo/{shot.content.hex()}/{name} {width}w"
    return ", ".join(found.values())


def sizes_in_row(shot: Shot, shots: Sequence[Shot]) -> str:
    """Return how wide a photo is shown in the row, or the rows, of the shots of its group: a list for `sizes`."""
    own, every = ratio(shot), sum(map(ratio, shots))
    on_phone = "92vw" if len(shots) < FEW and own >= 1 else "46vw"
    high = f"{_ROW * own:.4g}rem" if len(shots) > FEW else f"min({70 * own:.4g}vh, {96 * own / every:.4g}vw)"
    return f"(max-width: 40rem) {on_phone}, {high}"


def sizes_alone(shot: Shot) -> str:
    """Return how wide a photo is shown where it has the window, but for a bar at the side, to itself."""
    own = ratio(shot)
    return f"(max-width: 60rem) min(100vw, {80 * own:.4g}vh), min(80vw, {94 * own:.4g}vh)"
