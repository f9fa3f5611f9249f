"""The people in the shots of a group: faces matched by where they are, and whose eyes are open."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from dejashot.models.photo import Face, Quality

OPEN, CLOSED = 0.17, 0.10  # gap between the lids over the width of the eye; what lies between is not sure
HALF_SHUT = 0.6  # of the same person's widest: what lies between counts as closed below that
NEAR, ALIKE_SIZE = 0.7, 1.7  # of a face's own size: how far it may move, and how much it may grow, from shot to shot
MAX_IN = 2 / 3
NOT_FOUND = 0.7  # a face that was not found counts as this much less sharp than the least sharp one that was
# of the detector's score: as surely a face, and as much less as a hand before it makes; from where on it is clear
SAME_LOGIT, COVERED_LOGIT, COVERED = 0.1, 0.6, 0.5
CUT_OFF = 0.05  # of a face that lies beyond the edge
SURE_LOGIT, LARGE_FACE = 1.8, 0.05  # of a face that is seen in one of two shots: score, and share of the width
ONE_PERSON = 2  # shots: who is seen in fewer is no part of the comparison


class Eyes(StrEnum):
    """What is known of somebody's eyes."""

    OPEN = "open"
    CLOSED = "closed"
    UNSURE = "unsure"


@dataclass(frozen=True, slots=True)
class People:
    """The people seen in most shots of a group, each as their face by member."""

    faces: tuple[Mapping[int, Face], ...]

    @property
    def count(self) -> int:
        """Return how many people there are."""
        return len(self.faces)

    def log_sharpness(self, member: int) -> float:
        """Return the mean log sharpness of the people's faces in one shot."""
        logs = []
        for person in self.faces:
            face = person.get(member)
            sharpness = face.sharpness if face else NOT_FOUND * min(f.sharpness for f in person.values())
            logs.append(math.log(max(sharpness, 1e-3)))
        return sum(logs) / len(logs)

    def who(self, member: int, eyes: Eyes) -> set[int]:
        """Return the people (by number) whose eyes are like this in one shot."""
        return {n for n, person in enumerate(self.faces) if member in person and _eyes(person, member) is eyes}

    def coverage(self, member: int) -> float:
        """Return how far the faces are turned away, covered or cut off in one shot against the others, 0 to 1."""
        return sum(_coverage(person, member) for person in self.faces) / max(self.count, 1)

    def covered(self, member: int) -> int:
        """Return how many faces are clearly covered, cut off, or not there in one shot."""
        return sum(_coverage(person, member) >= COVERED for person in self.faces)

    def having(self, member: int, eyes: Eyes) -> int:
        """Return how many people have eyes like this in one shot."""
        return len(self.who(member, eyes))


def _eyes(person: Mapping[int, Face], member: int) -> Eyes:
    """Return whether somebody's eyes are open in one shot.

    That is by the gap between the lids, and by what is usual for this person.
    """
    openness = _openness(person[member])
    if openness is None:
        return Eyes.UNSURE
    if openness >= OPEN:
        return Eyes.OPEN
    widest = max(known for face in person.values() if (known := _openness(face)) is not None)
    return Eyes.CLOSED if openness < CLOSED or (widest >= OPEN and openness < HALF_SHUT * widest) else Eyes.UNSURE


def _coverage(person: Mapping[int, Face], member: int) -> float:
    """Return how far a face is turned away, covered or cut off against the same person's best, 0 to 1."""
    face = person.get(member)
    if face is None or (_is_cut_off(face) and not all(map(_is_cut_off, person.values()))):
        return 1.0
    less = max(f.logit for f in person.values()) - face.logit - SAME_LOGIT
    return min(1.0, max(0.0, less / COVERED_LOGIT))


def _is_cut_off(face: Face) -> bool:
    """Return whether the frame cuts off a face."""
    left, top, width, height = face.box
    beyond = max(-left, left + width - 1) / max(width, 1e-6), max(-top, top + height - 1) / max(height, 1e-6)
    return max(beyond) > CUT_OFF


def _openness(face: Face) -> float | None:
    """Return how far the less open eye is, of those that can be judged: a wink is no open eyes."""
    return min((eye for eye in face.eyes if eye is not None), default=None)


def people_of(qualities: Mapping[int, Quality]) -> People:
    """Return the people in the shots of a group (by member, in time order): faces in at least two thirds of them."""
    seen: list[dict[int, Face]] = []
    for member, quality in qualities.items():
        for face in quality.faces:
            free = [person for person in seen if member not in person]
            near = min(free, key=lambda person: _distance(face, _latest(person)), default=None)
            if near is not None and _distance(face, _latest(near)) < NEAR:
                near[member] = face
            else:
                seen.append({member: face})
    return People(tuple(p for p in seen if _is_compared(p, len(qualities))))


def _is_compared(person: Mapping[int, Face], shots: int) -> bool:
    """Return whether somebody is seen in most shots, or is seen well and large in one of two."""
    if shots == ONE_PERSON == len(person) + 1:
        return all(face.logit >= SURE_LOGIT and face.box[2] >= LARGE_FACE for face in person.values())
    return len(person) >= max(ONE_PERSON, MAX_IN * shots)


def _latest(person: Mapping[int, Face]) -> Face:
    return person[max(person)]


def _distance(a: Face, b: Face) -> float:
    """Return how far two faces are apart in units of the larger one, infinite where their sizes do not match."""
    if max(a.box[2], b.box[2]) > ALIKE_SIZE * min(a.box[2], b.box[2]):
        return math.inf
    across, down = (
        ((a.box[n] + a.box[n + 2] / 2) - (b.box[n] + b.box[n + 2] / 2)) / max(a.box[n + 2], b.box[n + 2], 1e-6)
        for n in (0, 1)
    )
    return math.hypot(across, down)
