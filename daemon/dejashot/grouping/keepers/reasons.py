"""The sentences that say why a shot is suggested to stay."""

from collections.abc import Collection, Sequence

from dejashot.grouping.keepers.blur import describe_blur
from dejashot.grouping.keepers.scores import Merit, ScoredShot, has_raw, is_edited
from dejashot.grouping.people import Eyes, People
from dejashot.models.shot import Shot

Reasons = dict[int, tuple[str, ...]]  # by member

NOTICEABLE_CLIPPING = 0.02
NOTICEABLE_SHARPNESS, VISIBLE_SHARPNESS = 0.05, 0.15  # ahead of the next: measured, and seen by a person
BLURRED = 0.75  # of the keeper's sharpness
FEWER_PIXELS = 0.8  # of the keeper's: what has fewer is less sharp for that alone
DARK, BRIGHT = 35.0, 225.0
LITTLE = 0.01  # of the score: less decides, but is no reason

# of duplicates
PERHAPS_ENLARGED = "the camera's own file; a larger one lacks its tags and may be enlarged"
WITH_TAGS = "the camera's tags are still in it"
SAME_DATA = "the same picture to the bit; the files differ in their tags alone"
LOSSLESS_SCREEN = "the screen itself, without loss; a JPEG of it was made from that"
LEAST_COMPRESSED = "the least compressed of the same picture"
LARGEST_FILE = "the largest file of the same picture"
NO_DIFFERENCE = "nothing tells these files apart: which is the original is not known"
# of takes
A_LITTLE_SHARPER = "a little sharper"
CAMERA_PICK, WITH_RAW, EDITED = "the camera's own pick", "its raw file is there too", "you have edited it"
VERSION = "another version of one that stays: an edit, or another rendering of it"
ORIGINAL_OF_COPY = "the original of a copy from another time"
MAY_BE_ANOTHER = "perhaps not the same shot as the one that stays"
OTHER_MOMENT = "another moment, as good: the subject has moved"
OTHER_FOCUS = "the focus lies elsewhere in the picture"
NOT_SEEN = "the most pixels; none of the group could be looked at closely"
ONLY_SEEN = "the only one that could be looked at closely"
MAY_BE_BETTER = "it could not be looked at closely: it may be the better one"
NOT_ALL_SEEN = "the best of those that could be looked at closely"
STRAIGHTER, FACES_FREE = "less tilted", "faces turned to the camera, with nothing before them"
HARD_TO_TELL = "hard to tell apart"
_EDGES = {
    Merit.SHARPNESS: A_LITTLE_SHARPER,
    Merit.PIXELS: "a few more pixels",
    Merit.TONES: "a little less burnt out or black",
    Merit.EXPOSURE: "a little better exposed",
    Merit.LITTLE_NOISE: "a little less noise",
}

# By how much of the score anybody sees it. Of how large and how whole the subject is nothing is said: what moves may
# not be what the picture is of.
_MOMENTS = {Merit.FREE_FACES: (FACES_FREE, 0.12), Merit.LEVEL: (STRAIGHTER, 0.05)}


def describe_takes(best: ScoredShot, rivals: Sequence[ScoredShot], people: People, kept: Collection[int]) -> list[str]:
    """Return what the best of several takes has over the others, strongest first; empty for nothing that is seen.

    `kept` are members that stay as well: of these no fault is said.
    """
    reasons = [*_eyes(best, rivals, people), *_moment(best, rivals), *_sharpness(best, rivals, people, kept)]
    return [*reasons, *_exposure(best, rivals), *_extras(best.shot, [s.shot for s in rivals])]


def describe_edge(best: ScoredShot, rival: ScoredShot) -> str:
    """Return what little the best has over the next one, empty for nothing worth a word."""
    ahead = {merit: best.merits[merit] - rival.merits[merit] for merit in _EDGES}
    most = max(ahead, key=lambda merit: ahead[merit])
    return _EDGES[most] if ahead[most] >= LITTLE else ""


def describe_close_call(edge: str) -> str:
    """Return that nothing that is seen decides, and the little that did."""
    return f"{HARD_TO_TELL}: {edge}" if edge else HARD_TO_TELL


def _eyes(best: ScoredShot, rivals: Sequence[ScoredShot], people: People) -> list[str]:
    """Return how many eyes are open, where the shots differ in that."""
    is_open, closed = people.having(best.member, Eyes.OPEN), people.having(best.member, Eyes.CLOSED)
    if not is_open or (not closed and not any(people.having(s.member, Eyes.CLOSED) for s in rivals)):
        return []
    return [f"eyes open {is_open} of {is_open + closed}"] if is_open + closed > 1 else ["open eyes"]


def _moment(best: ScoredShot, rivals: Sequence[ScoredShot]) -> list[str]:
    """Return what of the moment is better than in all others."""
    return [
        words
        for merit, (words, least) in _MOMENTS.items()
        if all(best.merits[merit] - s.merits[merit] >= least for s in rivals)
    ]


def _sharpness(best: ScoredShot, rivals: Sequence[ScoredShot], people: People, kept: Collection[int]) -> list[str]:
    """Return how much sharper the best is than the next, or what is wrong with the others where all are blurred.

    Nothing is said beside shots of fewer pixels: these are less sharp for that alone.
    """
    if any(s.shot.megapixels < FEWER_PIXELS * best.shot.megapixels for s in rivals):
        return []
    ahead = best.sharpness / max(s.sharpness for s in rivals) - 1
    if ahead < NOTICEABLE_SHARPNESS:
        return []
    where = "" if not people.count else " on the face" if people.count == 1 else " on the faces"
    if ahead < VISIBLE_SHARPNESS:
        return [A_LITTLE_SHARPER + where]
    blurred = all(s.sharpness < BLURRED * best.sharpness and s.member not in kept for s in rivals)
    than = _fault(best, rivals) if blurred else f" than the {'other' if len(rivals) == 1 else 'next best'}"
    return [_percent(f"{ahead:.0%} sharper{where}{than}")]


def _fault(best: ScoredShot, rivals: Sequence[ScoredShot]) -> str:
    """Return what is wrong with shots that are all blurred, as the end of a sentence."""
    faults = {describe_blur(s.quality, best.quality) for s in rivals}
    fault = "blurred" if "blurred" in faults else " or ".join(sorted(faults))
    return f": the other is {fault}" if len(rivals) == 1 else f": the others are {fault}"


def _exposure(best: ScoredShot, rivals: Sequence[ScoredShot]) -> list[str]:
    """Return how the best is exposed better than the others."""
    light = best.quality.clipped_light, min(s.quality.clipped_light for s in rivals)
    dark = best.quality.clipped_dark, min(s.quality.clipped_dark for s in rivals)
    if _is_well_exposed(best) and not any(map(_is_well_exposed, rivals)):
        return ["the only one well exposed"]
    share = "" if len(rivals) == 1 else " or more"
    return [
        _percent(f"less of it is {name}: {own:.0%} against {least:.0%}{share}")
        for name, (own, least) in (("burnt out", light), ("black", dark))
        if least - own >= NOTICEABLE_CLIPPING
    ]


def _is_well_exposed(scored: ScoredShot) -> bool:
    return DARK <= scored.quality.brightness <= BRIGHT


def _extras(best: Shot, others: Sequence[Shot]) -> list[str]:
    """Return what belongs to the best, or is known of it, that not all others have."""
    reasons: list[str] = []
    if is_edited(best) and not all(map(is_edited, others)):
        reasons.append(EDITED)
    if has_raw(best) and not all(map(has_raw, others)):
        reasons.append(WITH_RAW)
    if best.camera.camera_pick and not all(o.camera.camera_pick for o in others):
        reasons.append(CAMERA_PICK)
    next_best = max(others, key=lambda o: o.megapixels)
    if best.megapixels > 1.05 * next_best.megapixels:
        reasons.append(f"more pixels: {_compare_pixels(best, next_best)}")
    return reasons


def describe_copies(copies: int, others: int) -> str:
    """Return that a shot is the original of some of the others, or of all."""
    if copies == others:
        return "the original: the other is a copy of it" if others == 1 else "the original: the others are copies of it"
    return f"the original of {copies} of the others"


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
    """Return that a shot shows people with open eyes who have them closed in the first choice."""
    return f"eyes open that are closed in the first choice: {gained} of {people}"


def describe_other_picture(percent: float) -> str:
    """Return that a retake shows another picture than what is kept already."""
    return f"another picture of the same: only {percent:.0f} % alike"


def _percent(text: str) -> str:
    return text.replace("%", " %")


def _compare_pixels(more: Shot, fewer: Shot) -> str:
    """Return the pixels of two shots in one unit."""
    a, b = f"{more.megapixels:.1f}", f"{fewer.megapixels:.1f}"
    if a != b and fewer.megapixels >= 0.1:
        return f"{a} against {b} megapixels"
    return f"{more.width} x {more.height} against {fewer.width} x {fewer.height}"


def _megapixels(shot: Shot) -> str:
    return f"{shot.megapixels:.1f} megapixels" if shot.megapixels >= 0.1 else f"{shot.width} x {shot.height} pixels"
