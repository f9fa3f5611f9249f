"""How good each shot of a group is: faces, sharpness, exposure and resolution, compared inside the group only."""

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto

from dejashot.files.shot_names import is_edit
from dejashot.grouping.keepers.comparison import ComparedTakes, compare_takes
from dejashot.grouping.messengers import messenger_of
from dejashot.grouping.people import Eyes, People
from dejashot.grouping.shot_units import is_raw
from dejashot.models.photo import Quality
from dejashot.models.shot import Shot

CLEAR_MARGIN = 0.12  # of the score: a better shot is clearly better
RESOLUTION_WORTH = 0.25  # of the logarithm of the pixels
CLIPPED_WORTH = 2.5  # a tenth of the picture burnt out weighs as much as a quarter of the sharpness
HARMLESS_CLIPPING = 0.01  # lamps and glints
EXPOSURE_WORTH, MIDDLE_GREY = 0.25, 125.0
# for each level of grain beyond what is not seen, up to this many
NOISE_WORTH, HARMLESS_NOISE, NOISE_LIMIT = 0.06, 1.0, 8.0
CAMERA_PICK_WORTH = 0.06  # breaks a tie: a clearly sharper shot is worth twice as much
WITH_RAW_WORTH = 0.1  # only where the others have none; a clearly sharper shot is worth more
EDITED_WORTH = 0.4  # nobody edits what is to go: as much as half as sharp again
CLOSED_EYES_WORTH = 0.8  # when all eyes are closed
FACES_SHARE = 0.75  # of the sharpness that counts, where there are people
SUBJECT_TILES = 4  # the sharpest quarter of the picture stands for its subject where that is not known
SUBJECT_SHARE = 0.7  # of the sharpness that counts, where the subject is known and no face is
TILT_WORTH, TILT_LIMIT = 0.05, 8.0  # for each degree, up to this many
AREA_WORTH, AREA_LIMIT = 0.25, 0.25  # of the logarithm of the area against the largest, down to this
CUT_OFF_WORTH = 0.3
COVERED_WORTH = 0.5  # when no face is free


class Merit(Enum):
    """What a shot can have more of than another."""

    SHARPNESS = auto()
    PIXELS = auto()
    TONES = auto()
    EXPOSURE = auto()
    LITTLE_NOISE = auto()
    CAMERA_PICK = auto()
    EDITED = auto()
    WITH_RAW = auto()
    OPEN_EYES = auto()
    LEVEL = auto()
    LARGE_SUBJECT = auto()
    WHOLE_SUBJECT = auto()
    FREE_FACES = auto()


@dataclass(frozen=True, slots=True)
class ScoredShot:
    """A member of a group that was measured: the sharpness that counts, and the score of each merit."""

    member: int
    shot: Shot
    quality: Quality
    sharpness: float
    merits: Mapping[Merit, float]
    sender: str  # the messenger that it came by, empty for none

    @property
    def score(self) -> float:
        """Return the sum over all merits."""
        return sum(self.merits.values())

    def is_nearly_as_sharp_as(self, best: "ScoredShot") -> bool:
        """Return whether another shot is at most a little sharper."""
        return self.sharpness >= best.sharpness * math.exp(-CLEAR_MARGIN)


def scored(member: int, shot: Shot, quality: Quality, seen: ComparedTakes) -> ScoredShot:
    """Return a member with its score.

    That is log sharpness (of the faces where there are people, else of the sharpest quarter of the picture) and log
    resolution, less what is clipped, badly exposed, noisy, coarsely compressed, and closed eyes.
    """
    subject = sorted(quality.tiles)[-SUBJECT_TILES:] or [quality.sharpness]
    sharpness = math.log(max(sum(subject) / len(subject), 1e-3))
    people, subject_seen = seen.people, seen.subjects.get(member)
    if people.count:
        sharpness = FACES_SHARE * people.log_sharpness(member) + (1 - FACES_SHARE) * sharpness
    elif subject_seen is not None:
        sharpness = SUBJECT_SHARE * subject_seen.log_sharpness + (1 - SUBJECT_SHARE) * sharpness
    clipped = max(0.0, quality.clipped_light + quality.clipped_dark - HARMLESS_CLIPPING)
    merits = {
        Merit.SHARPNESS: sharpness,
        Merit.PIXELS: RESOLUTION_WORTH * math.log(max(shot.megapixels, 1e-3)),
        Merit.TONES: -CLIPPED_WORTH * clipped,
        Merit.EXPOSURE: -EXPOSURE_WORTH * (quality.brightness / MIDDLE_GREY - 1) ** 2,
        Merit.LITTLE_NOISE: -NOISE_WORTH * max(0.0, min(quality.noise, NOISE_LIMIT) - HARMLESS_NOISE),
        Merit.CAMERA_PICK: CAMERA_PICK_WORTH * shot.camera.camera_pick,
        Merit.EDITED: EDITED_WORTH * is_edited(shot),
        Merit.WITH_RAW: WITH_RAW_WORTH * has_raw(shot),
        Merit.OPEN_EYES: -CLOSED_EYES_WORTH * people.having(member, Eyes.CLOSED) / max(people.count, 1),
        Merit.LEVEL: -TILT_WORTH * min(seen.excess_tilt(member), TILT_LIMIT),
        Merit.LARGE_SUBJECT: AREA_WORTH * math.log(max(seen.relative_area(member), AREA_LIMIT)),
        Merit.WHOLE_SUBJECT: -CUT_OFF_WORTH * seen.cuts_off(member),
        Merit.FREE_FACES: -COVERED_WORTH * people.coverage(member),
    }
    return ScoredShot(member, shot, quality, math.exp(sharpness), merits, messenger_of(shot))


def is_edited(shot: Shot) -> bool:
    """Return whether an edit of a shot is among its companions."""
    return any(c.content and is_edit(c.path) for c in shot.companions)


def has_raw(shot: Shot) -> bool:
    """Return whether a shot is a raw file, or has one as a companion: there is no making one again."""
    return is_raw(shot) or any(c.is_raw for c in shot.companions)


def sharpness_by_content(shots: Sequence[Shot], qualities: Mapping[bytes, Quality]) -> dict[bytes, float]:
    """Return the sharpness that counts in a choice among the shots of a group, by content; only of those measured."""
    seen = {n: qualities[s.content] for n, s in enumerate(shots) if s.content in qualities}
    together = compare_takes(seen)
    return {shots[n].content: scored(n, shots[n], quality, together).sharpness for n, quality in seen.items()}


def ranked(shots: Sequence[ScoredShot], copies: Collection[int], people: People) -> list[ScoredShot]:
    """Return the members best first (`shots` by score), every copy behind the originals.

    First of all, if any, is one that has all eyes open, is nearly as good, and is no copy.
    """
    order = sorted(shots, key=lambda s: s.member in copies)
    best = order[0]
    closed = people.who(best.member, Eyes.CLOSED)
    all_known = closed | people.who(best.member, Eyes.OPEN)

    def is_awake(other: ScoredShot) -> bool:
        return all_known <= people.who(other.member, Eyes.OPEN) and not people.having(other.member, Eyes.CLOSED)

    for s in order if closed else ():
        nearly_as_good = s.is_nearly_as_sharp_as(best) and best.score - s.score < CLEAR_MARGIN
        if is_awake(s) and s.member not in copies and nearly_as_good:
            return [s, *(other for other in order if other is not s)]
    return order
