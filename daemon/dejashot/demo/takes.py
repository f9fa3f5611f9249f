"""The photos of the demo: what each shows, how it was taken, when, and what its file is called."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from functools import cache

import numpy as np

from dejashot.demo.drawing.beach import Kite, draw_beach, with_kite
from dejashot.demo.drawing.camera import ShotSettings
from dejashot.demo.drawing.dusk import draw_street
from dejashot.demo.drawing.fields import Field, Size
from dejashot.demo.drawing.fruit import draw_fruit
from dejashot.demo.drawing.harbour import draw_boat
from dejashot.demo.drawing.hills import draw_hills
from dejashot.demo.drawing.mountains import draw_lake
from dejashot.demo.drawing.pages import draw_page

PHOTO: Size = (1600, 1200)
ZONE = timezone(timedelta(hours=2))
ALPS, COAST = (47.56, 11.32), (54.18, 12.06)  # latitude and longitude in degrees
_MOUNTAINS, _BEACH = datetime(2026, 5, 16, tzinfo=ZONE), datetime(2026, 6, 20, tzinfo=ZONE)
BOAT_SEED = 3
_KITES = (
    Kite((0.56, 0.33), 0.14, 44, motion_px=26),
    Kite((0.585, 0.30), 0.152, 34, motion_px=10),
    Kite((0.615, 0.265), 0.168, 24),
    Kite((0.66, 0.22), 0.15, 8, motion_px=26),
)


@dataclass(frozen=True, slots=True)
class DrawnTake:
    """One press of the shutter: the name of its file, its scene, a number of what moves in it, and how it is taken.

    `torn` is where in a copy of the file (a share of it) some bytes were written over, 0 for no such copy.
    """

    name: str
    scene: str
    taken: datetime
    place: tuple[float, float]
    moment: int = 0
    shot: ShotSettings = field(default_factory=ShotSettings)
    bias: float | None = None
    live_id: str = ""
    torn: float = 0.0


def takes() -> Iterator[DrawnTake]:
    """Yield the takes, those of a scene one after the other."""
    yield from _at_the_lake()
    yield from _kites()
    yield from _boats()
    yield from _in_the_street()
    yield from _at_home()


def scene_of(take: DrawnTake) -> Field:
    """Return what the camera saw, in linear light."""
    return _kite(take.moment) if take.scene == "beach" else _SCENES[take.scene](take.moment)


def _phone_name(taken: datetime, tail: str = "") -> str:
    return f"IMG_{taken:%Y%m%d_%H%M%S}{tail}.jpg"


def _at_the_lake() -> Iterator[DrawnTake]:
    """A bracket in the morning, and half a minute later another view, of which a copy is torn."""
    for n, stops in enumerate((-2.0, 0.0, 2.0)):
        taken = _MOUNTAINS + timedelta(hours=7, minutes=12, seconds=4 + 0.4 * n)
        shot = ShotSettings(stops=stops, shift=(0.0006 * n, -0.0004 * n))
        yield DrawnTake(_phone_name(taken, f"_{n + 1}"), "lake", taken, ALPS, shot=shot, bias=stops)
    taken = _MOUNTAINS + timedelta(hours=7, minutes=12, seconds=38)
    yield DrawnTake(_phone_name(taken), "hills", taken, ALPS, torn=0.55)


def _kites() -> Iterator[DrawnTake]:
    """A burst of four, of which the third is sharp."""
    first = _BEACH + timedelta(days=1, hours=11, minutes=41, seconds=8)
    shots = (
        ShotSettings(shift=(-0.004, 0.002), motion_px=24, motion_turn=35),
        ShotSettings(shift=(0.002, -0.001), blur_px=3.2),
        ShotSettings(),
        ShotSettings(shift=(0.006, 0.004), turn=0.3, motion_px=17, motion_turn=80),
    )
    for n, shot in enumerate(shots):
        taken = first + timedelta(seconds=0.3 * n)
        yield DrawnTake(f"{first:%Y%m%d_%H%M%S}_{n + 1:03}.jpg", "beach", taken, COAST, n, shot)


def _boats() -> Iterator[DrawnTake]:
    """Two Live Photos: the hand moved in the first."""
    first = _BEACH + timedelta(hours=21, minutes=22, seconds=10.3)
    shots = (ShotSettings(motion_px=34, motion_turn=8, shift=(0.004, 0.0)), ShotSettings(turn=-0.2))
    for n, shot in enumerate(shots):
        identity = f"5D7D1B9A-1C4E-4B7A-9E61-{412 + n:012X}"
        taken = first + timedelta(seconds=2.6 * n)
        yield DrawnTake(f"IMG_{412 + n:04}.HEIC", "boat", taken, COAST, n, shot, live_id=identity)


def _in_the_street() -> Iterator[DrawnTake]:
    """A shaken take, and its retake."""
    for second, shot in (
        (31, ShotSettings(motion_px=30, motion_turn=62, shift=(-0.003, 0.0))),
        (40, ShotSettings(turn=0.2)),
    ):
        taken = _BEACH + timedelta(hours=21, minutes=58, seconds=second)
        yield DrawnTake(_phone_name(taken), "street", taken, COAST, shot=shot)


def _at_home() -> Iterator[DrawnTake]:
    """A bowl of fruit, under-exposed and as it should be, and three pages."""
    morning = _BEACH + timedelta(days=1, hours=9)
    for minute, second, shot in (
        (15, 20, ShotSettings(stops=-3.2, shift=(0.002, 0.001), noise=0.01)),
        (15, 27, ShotSettings()),
    ):
        taken = morning + timedelta(minutes=minute, seconds=second)
        yield DrawnTake(_phone_name(taken), "fruit", taken, COAST, shot=shot)
    for n, second in enumerate((10, 22, 37)):
        taken = morning + timedelta(minutes=40, seconds=second)
        yield DrawnTake(
            _phone_name(taken), "page", taken, COAST, n, ShotSettings(shift=(0.003 * n, -0.002 * n), turn=0.25 * n)
        )


def _seeded(draw: Callable[[Size, np.random.Generator], Field], seed: int) -> Callable[[int], Field]:
    """Return what draws a scene in which nothing moves, once."""
    return cache(lambda _: draw(PHOTO, np.random.default_rng(seed)))


@cache
def _beach() -> Field:
    return draw_beach(PHOTO, np.random.default_rng(5))


def _kite(moment: int) -> Field:
    return with_kite(_beach(), _KITES[moment])


_SCENES: dict[str, Callable[[int], Field]] = {
    "lake": _seeded(draw_lake, 7),
    "hills": _seeded(draw_hills, 4),
    "boat": lambda moment: draw_boat(PHOTO, BOAT_SEED, time=2.6 * moment),
    "street": _seeded(draw_street, 7),
    "fruit": _seeded(draw_fruit, 7),
    "page": lambda moment: draw_page(PHOTO, moment),
}
