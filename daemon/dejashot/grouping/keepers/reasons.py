"""The sentences that say why a shot is suggested to stay."""

from collections.abc import Sequence

from dejashot.grouping.keepers.blur import describe_blur
from dejashot.grouping.keepers.scores import Merit, ScoredShot, has_raw, is_edited
from dejashot.grouping.people import Eyes, People
from dejashot.grouping.series.page_runs import is_page_series
from dejashot.models.groups import Group
from dejashot.models.shot import Shot

Reasons = dict[int, tuple[str, ...]]  # by member

NOTICEABLE_CLIPPING = 0.02
NOTICEABLE_SHARPNESS = 0.05
BLURRED = 0.75  # of the keeper's sharpness
DARK, BRIGHT = 35.0, 225.0

# of duplicates
PERHAPS_ENLARGED = "the camera's own file; a larger one lacks its tags and may be enlarged: have a look yourself"
WITH_TAGS = "the camera's tags are still in it"
SAME_DATA = "the same picture to the bit; the files differ in their tags alone"
LOSSLESS_SCREEN = "the screen itself, without loss; a JPEG of it was made from that"
LEAST_COMPRESSED = "the least compressed of the same picture"
LARGEST_FILE = "the largest file of the same picture"
NO_DIFFERENCE = "nothing tells the same pictures apart: can't tell for sure which is the original"
# of takes
AS_SHARP, A_LITTLE_SHARPER = "as sharp as", "a little sharper"
CAMERA_PICK, WITH_RAW, EDITED = "the camera's own pick", "its raw file is there too", "you have edited it"
VERSION = "another version of one that stays: an edit, or another rendering of it"
MAY_BE_ANOTHER = "not surely the same shot as the one that stays: have a look yourself"
OTHER_MOMENT = "another moment, as good: the subject has moved"
PAGES_KEPT = "pages, kept whole"
OTHER_FOCUS = "the focus lies elsewhere in the picture: have a look yourself"
NOT_SEEN = "the most pixels; none of the group could be looked at more closely"
ONLY_SEEN = "the only one that could be looked at closely"
LEVEL, LARGER, WHOLE = "the horizon is level", "the subject is larger", "the subject is whole in the frame"
FACES_FREE = "faces turned to the camera, with nothing before them"
CLOSE_CALL = "can't tell for sure: a close call, have a look yourself"
_MERITS = {
    Merit.SHARPNESS: A_LITTLE_SHARPER,
    Merit.PIXELS: "more pixels",
    Merit.TONES: "less of it burnt out or black",
    Merit.EXPOSURE: "better exposed",
    Merit.LITTLE_NOISE: "less noise",
    Merit.CAMERA_PICK: CAMERA_PICK,
    Merit.EDITED: EDITED,
    Merit.WITH_RAW: WITH_RAW,
    Merit.OPEN_EYES: "fewer eyes closed",
    Merit.LEVEL: LEVEL,
    Merit.LARGE_SUBJECT: LARGER,
    Merit.WHOLE_SUBJECT: WHOLE,
    Merit.FREE_FACES: FACES_FREE,
}

# by how much of the score anybody sees it
_NOTICEABLE = {Merit.FREE_FACES: 0.15, Merit.WHOLE_SUBJECT: 0.1, Merit.LARGE_SUBJECT: 0.1, Merit.LEVEL: 0.05}


def describe_series(group: Group) -> str:
    """Return why a series stays whole."""
    return PAGES_KEPT if is_page_series(group) else f"part of a series ({group.series}): alike on purpose"


def describe_takes(best: ScoredShot, rivals: Sequence[ScoredShot], people: People) -> list[str]:
    """Return what the best of several takes has over the others, strongest first."""
    reasons = [*_eyes(best, rivals, people), *_moment(best, rivals)]
    reasons += [*_sharpness(best, rivals, people), *_exposure(best, rivals)]
    reasons += _extras(best.shot, [s.shot for s in rivals])
    if any(not r.startswith(AS_SHARP) for r in reasons):
        return reasons
    edge = _edge(best, rivals[0])
    return edge if edge == [A_LITTLE_SHARPER] else [*reasons, *edge]


def _eyes(best: ScoredShot, rivals: Sequence[ScoredShot], people: People) -> list[str]:
    """Return how many eyes are open, where the shots differ in that."""
    is_open, closed = people.having(best.member, Eyes.OPEN), people.having(best.member, Eyes.CLOSED)
    if not is_open or (not closed and not any(people.having(s.member, Eyes.CLOSED) for s in rivals)):
        return []
    return [f"eyes open {is_open} of {is_open + closed}"]


def _moment(best: ScoredShot, rivals: Sequence[ScoredShot]) -> list[str]:
    """Return what of the moment is better than in all others."""
    return [
        _MERITS[merit]
        for merit, least in _NOTICEABLE.items()
        if all(best.merits[merit] - s.merits[merit] >= least for s in rivals)
    ]


def _sharpness(best: ScoredShot, rivals: Sequence[ScoredShot], people: People) -> list[str]:
    """Return how much sharper the best is than the next, and what is wrong with the others where all are blurred."""
    ahead = best.sharpness / max(s.sharpness for s in rivals) - 1
    reasons: list[str] = []
    if ahead >= NOTICEABLE_SHARPNESS and people.count:
        reasons.append(_percent(f"{ahead:.0%} sharper on the {'face' if people.count == 1 else 'faces'}"))
    elif ahead >= NOTICEABLE_SHARPNESS:
        reasons.append(_percent(f"sharpest of {len(rivals) + 1} ({ahead:.0%} above the next)"))
    elif ahead > -NOTICEABLE_SHARPNESS:
        reasons.append(f"{AS_SHARP} the other" if len(rivals) == 1 else f"{AS_SHARP} the best of them")
    if all(s.sharpness < BLURRED * best.sharpness for s in rivals):
        faults = {describe_blur(s.quality, best.quality) for s in rivals}
        fault = "blurred" if "blurred" in faults else " or ".join(sorted(faults))
        reasons.append(f"the other is {fault}" if len(rivals) == 1 else f"the others are {fault}")
    return reasons


def _exposure(best: ScoredShot, rivals: Sequence[ScoredShot]) -> list[str]:
    """Return how the best is exposed better than the others."""
    rest, share = ("the other", "") if len(rivals) == 1 else ("the others", " or more")
    reasons: list[str] = []
    light, dark = min(s.quality.clipped_light for s in rivals), min(s.quality.clipped_dark for s in rivals)
    if light - best.quality.clipped_light >= NOTICEABLE_CLIPPING:
        reasons.append(_percent(f"highlights kept: {light:.0%}{share} of {rest} is burnt out"))
    if dark - best.quality.clipped_dark >= NOTICEABLE_CLIPPING:
        reasons.append(_percent(f"shadows kept: {dark:.0%}{share} of {rest} is black"))
    if DARK <= best.quality.brightness <= BRIGHT and not any(DARK <= s.quality.brightness <= BRIGHT for s in rivals):
        reasons.append("the only one well exposed")
    return reasons


def _extras(best: Shot, others: Sequence[Shot]) -> list[str]:
    """Return what belongs to the best, or is known of it, that not all others have."""
    reasons: list[str] = []
    if is_edited(best) and not all(map(is_edited, others)):
        reasons.append(EDITED)
    if has_raw(best) and not all(map(has_raw, others)):
        reasons.append(WITH_RAW)
    if best.camera.camera_pick and not all(o.camera.camera_pick for o in others):
        reasons.append(CAMERA_PICK)
    if best.megapixels > 1.05 * max(o.megapixels for o in others):
        reasons.append(f"most pixels ({_megapixels(best)})")
    return reasons


def _edge(best: ScoredShot, rival: ScoredShot) -> list[str]:
    """Return what little the best has over the next one, nothing when it is nothing."""
    ahead = {merit: score - rival.merits[merit] for merit, score in best.merits.items()}
    most = max(ahead, key=lambda merit: ahead[merit])
    return [_MERITS[most]] if ahead[most] > 0 else []


def describe_copies(copies: int, others: int) -> str:
    """Return that a shot is the original of some of the others, or of all."""
    if copies == others:
        return "the original: the other is a copy of it" if others == 1 else "the original: the others are copies of it"
    return f"an original: {copies} of the others {'is a copy' if copies == 1 else 'are copies'}"


def describe_senders(senders: Sequence[str]) -> list[str]:
    """Return by what messengers the others came, nothing where not all of them did."""
    if not senders or not all(senders):
        return []
    by = " and ".join(sorted(set(senders)))
    return [f"the other came by {by}" if len(senders) == 1 else f"the others came by {by}"]


def describe_twins(count: int) -> str:
    """Return that other files of the group hold the same bytes."""
    return f"byte for byte the same as {'another file' if count == 1 else f'{count} other files'}"


def describe_equal_files(others: int) -> str:
    """Return that all files of the group hold the same bytes."""
    return f"byte for byte the same as {'the other file' if others == 1 else f'the other {others} files'}"


def describe_full_picture(best: Shot, others: int) -> str:
    """Return that the others are smaller."""
    reduced = "the other is a reduced copy" if others == 1 else "the others are reduced copies"
    return f"the full picture ({_megapixels(best)}); {reduced}"


def describe_exports(best: Shot, others: int) -> str:
    """Return that the others were made from the camera's own file."""
    exports = "the other is an export" if others == 1 else "the others are exports"
    return f"the camera's own file ({best.format}); {exports} of it"


def describe_only_sound(damaged: int) -> str:
    """Return that one member is sound and the others are damaged."""
    return f"the only sound one: {'the other is damaged' if damaged == 1 else 'the others are damaged'}"


def describe_sound(damaged: int) -> str:
    """Return that some others are damaged."""
    return f"sound: {damaged} of the others {'is' if damaged == 1 else 'are'} damaged"


def describe_open_eyes(gained: int, people: int) -> str:
    """Return that a shot shows people with open eyes who have them closed in the sharpest."""
    return f"eyes open that are closed in the sharpest: {gained} of {people}"


def describe_other_picture(percent: float) -> str:
    """Return that a retake shows another picture than what is kept already."""
    return f"another picture of the same: only {percent:.0f} % alike"


def _percent(text: str) -> str:
    return text.replace("%", " %")


def _megapixels(shot: Shot) -> str:
    return f"{shot.megapixels:.1f} megapixels" if shot.megapixels >= 0.1 else f"{shot.width} x {shot.height} pixels"
