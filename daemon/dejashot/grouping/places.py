"""Where a shot was taken: recorded positions, and what a photo without one may borrow from its neighbour.

Nothing is ever guessed from a picture.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from dejashot.models.capture import Certainty, Place
from dejashot.models.shot import Shot


@dataclass(frozen=True, slots=True)
class LocatedShot:
    """A shot's place: recorded in its file, or that of another shot, `source` (an index).

    The other shot was taken `apart_s` seconds before (after: below zero). `name` is what people call the place, empty
    where that is not known or was not asked for.
    """

    place: Place
    source: int | None = None
    apart_s: float = 0.0
    name: str = ""


def borrowed(shots: Sequence[Shot], within_s: float) -> dict[int, LocatedShot]:
    """Return the place of each shot that has one or may borrow one, by its index; shots come in time order.

    A shot without a place has that of the nearest shot of its camera that has one, at most `within_s` away. A camera
    without a name, and a time that is not to be trusted, neither lend nor borrow.
    """
    found = {n: LocatedShot(shot.place) for n, shot in enumerate(shots) if shot.place is not None}
    if not within_s:
        return found
    cameras: dict[tuple[str, bool], list[int]] = {}
    for n, shot in enumerate(shots):
        if shot.camera.name and shot.taken.certainty is not Certainty.LOW:
            cameras.setdefault((shot.camera.name, shot.taken.zone_known), []).append(n)
    for members in cameras.values():
        lenders = [n for n in members if shots[n].place is not None]
        lent_us = np.array([shots[n].taken.taken_us for n in lenders], dtype=np.int64)
        for n in members:
            place = (
                _lent(shots, n, lenders, int(np.searchsorted(lent_us, shots[n].taken.taken_us)), within_s)
                if n not in found
                else None
            )
            if place is not None:
                found[n] = place
    return found


def _lent(shots: Sequence[Shot], n: int, lenders: Sequence[int], after: int, within_s: float) -> LocatedShot | None:
    """Return what a shot borrows from the nearest of the lenders before and after it.

    `after` is the first lender that is not before the shot.
    """
    best: LocatedShot | None = None
    for lender in lenders[max(0, after - 1) : after + 1]:
        place = shots[lender].place
        apart_s = (shots[n].taken.taken_us - shots[lender].taken.taken_us) / 1e6
        if place is not None and abs(apart_s) <= within_s and (best is None or abs(apart_s) < abs(best.apart_s)):
            best = LocatedShot(place, lender, apart_s)
    return best


def names_among(located: Iterable[LocatedShot]) -> list[str]:
    """Return the names of places, each once, in the order they come in."""
    return list(dict.fromkeys(place.name for place in located if place.name))
