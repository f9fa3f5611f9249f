"""The sentences that say why a shot is suggested to stay.

They are stored in English, each made of a whole message, by which it is recognized where it is shown in another
language.
"""

from collections.abc import Collection, Sequence

from dejashot.grouping.keepers.blur import describe_blur
from dejashot.grouping.keepers.scores import Merit, ScoredShot, has_raw, is_edited
from dejashot.grouping.people import Eyes, People
from dejashot.language.texts import english_plural, noted, noted_plural
from dejashot.models.shot import Shot

Reasons = dict[int, tuple[str, ...]]  # by member

NOTICEABLE_CLIPPING = 0.02
NOTICEABLE_SHARPNESS, VISIBLE_SHARPNESS = 0.05, 0.15  # ahead of the next: measured, and seen by a person
BLURRED = 0.75  # of the keeper's sharpness
FEWER_PIXELS = 0.8  # of the keeper's: what has fewer is less sharp for that alone
DARK, BRIGHT = 35.0, 225.0
LITTLE = 0.01  # of the score: less decides, but is no reason

# Translators: why a photo is suggested to stay, of several of the same shot
A_LITTLE_SHARPER = noted("a little sharper")
CAMERA_PICK = noted("the camera's own pick")
WITH_RAW = noted("its raw file is there too")
EDITED = noted("you have edited it")
# Translators: of a photo that stays beside another one that stays
VERSION = noted("another version of one that stays: an edit, or another rendering of it")
# Translators: of a photo that stays: a copy of it, with another date, is in the group
ORIGINAL_OF_COPY = noted("the original of a copy from another time")
MAY_BE_ANOTHER = noted("perhaps not the same shot as the one that stays")
# Translators: of a photo that stays beside another one
OTHER_MOMENT = noted("another moment, as good: the subject has moved")
OTHER_FOCUS = noted("the focus lies elsewhere in the picture")
NOT_SEEN = noted("the most pixels; none of the group could be looked at closely")
ONLY_SEEN = noted("the only one that could be looked at closely")
MAY_BE_BETTER = noted("it could not be looked at closely: it may be the better one")
NOT_ALL_SEEN = noted("the best of those that could be looked at closely")
# Translators: of a photo whose horizon is straighter than in the others
STRAIGHTER = noted("less tilted")
FACES_FREE = noted("faces turned to the camera, with nothing before them")
# Translators: of several photos of the same shot: it is not clear which is the best
HARD_TO_TELL = noted("hard to tell apart")
_EDGES = {
    Merit.SHARPNESS: A_LITTLE_SHARPER,
    Merit.PIXELS: noted("a few more pixels"),
    Merit.TONES: noted("a little less burnt out or black"),
    Merit.EXPOSURE: noted("a little better exposed"),
    Merit.LITTLE_NOISE: noted("a little less noise"),
}

# by whether people are in the picture: nobody, one, several
_LITTLE_SHARPER = (
    A_LITTLE_SHARPER,
    noted("a little sharper on the face"),
    noted("a little sharper on the faces"),
)
_SHARPER = (
    # Translators: of a photo, compared with another take of the same scene: {share} is such as 34 %
    noted("{share} sharper"),
    noted("{share} sharper on the face"),
    noted("{share} sharper on the faces"),
)
_SHARPER_THAN_OTHER = (
    noted("{share} sharper than the other"),
    noted("{share} sharper on the face than the other"),
    noted("{share} sharper on the faces than the other"),
)
_SHARPER_THAN_NEXT = (
    noted("{share} sharper than the next best"),
    noted("{share} sharper on the face than the next best"),
    noted("{share} sharper on the faces than the next best"),
)
_OTHER_IS = {
    # Translators: {sharper} is such as: 34 % sharper on the face
    "blurred": noted("{sharper}: the other is blurred"),
    "out of focus": noted("{sharper}: the other is out of focus"),
    "shaken": noted("{sharper}: the other is shaken"),
}
_OTHERS_ARE = {
    "blurred": noted("{sharper}: the others are blurred"),
    "out of focus": noted("{sharper}: the others are out of focus"),
    "shaken": noted("{sharper}: the others are shaken"),
    "out of focus or shaken": noted("{sharper}: the others are out of focus or shaken"),
}
_BURNT_OUT = (
    noted("less of it is burnt out: {own} against {least}"),
    noted("less of it is burnt out: {own} against {least} or more"),
)
_BLACK = (
    noted("less of it is black: {own} against {least}"),
    noted("less of it is black: {own} against {least} or more"),
)
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
    # Translators: {edge} is such as: a little sharper
    return noted("hard to tell apart: {edge}").format(edge=edge) if edge else HARD_TO_TELL


def _eyes(best: ScoredShot, rivals: Sequence[ScoredShot], people: People) -> list[str]:
    """Return how many eyes are open, where the shots differ in that."""
    is_open, closed = people.having(best.member, Eyes.OPEN), people.having(best.member, Eyes.CLOSED)
    if not is_open or (not closed and not any(people.having(s.member, Eyes.CLOSED) for s in rivals)):
        return []
    if is_open + closed == 1:
        return [noted("open eyes")]
    # Translators: how many people of all in the photo have their eyes open
    return [noted("eyes open {open} of {people}").format(open=is_open, people=is_open + closed)]


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
    where = min(people.count, 2)
    if ahead < VISIBLE_SHARPNESS:
        return [_LITTLE_SHARPER[where]]
    if all(s.sharpness < BLURRED * best.sharpness and s.member not in kept for s in rivals):
        return [_fault(best, rivals).format(sharper=_SHARPER[where].format(share=_percent(ahead)))]
    than = _SHARPER_THAN_OTHER if len(rivals) == 1 else _SHARPER_THAN_NEXT
    return [than[where].format(share=_percent(ahead))]


def _fault(best: ScoredShot, rivals: Sequence[ScoredShot]) -> str:
    """Return what is wrong with shots that are all blurred, with a place for how much `{sharper}` the best is."""
    faults = {describe_blur(s.quality, best.quality) for s in rivals}
    fault = "blurred" if "blurred" in faults else " or ".join(sorted(faults))
    return _OTHER_IS[fault] if len(rivals) == 1 else _OTHERS_ARE[fault]


def _exposure(best: ScoredShot, rivals: Sequence[ScoredShot]) -> list[str]:
    """Return how the best is exposed better than the others."""
    light = best.quality.clipped_light, min(s.quality.clipped_light for s in rivals)
    dark = best.quality.clipped_dark, min(s.quality.clipped_dark for s in rivals)
    if _is_well_exposed(best) and not any(map(_is_well_exposed, rivals)):
        return [noted("the only one well exposed")]
    return [
        words[len(rivals) > 1].format(own=_percent(own), least=_percent(least))
        for words, (own, least) in ((_BURNT_OUT, light), (_BLACK, dark))
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
        reasons.append(_describe_more_pixels(best, next_best))
    return reasons


def describe_only_sound(damaged: int) -> str:
    """Return that one member is sound and the others are damaged."""
    if damaged == 1:
        return noted("the only sound one: the other is damaged")
    return noted("the only sound one: the others are damaged")


def describe_sound(damaged: int) -> str:
    """Return that some others are damaged."""
    return english_plural(
        # Translators: of a photo that is not damaged
        noted_plural("sound: {count} of the others is damaged", "sound: {count} of the others are damaged"),
        damaged,
    )


def describe_open_eyes(gained: int, people: int) -> str:
    """Return that a shot shows people with open eyes who have them closed in the first choice."""
    # Translators: how many people of all in the photo
    words = noted("eyes open that are closed in the first choice: {gained} of {people}")
    return words.format(gained=gained, people=people)


def describe_other_picture(percent: float) -> str:
    """Return that a retake shows another picture than what is kept already."""
    return noted("another picture of the same: only {share} alike").format(share=f"{percent:.0f} %")


def _percent(share: float) -> str:
    return f"{share:.0%}".replace("%", " %")


def _describe_more_pixels(more: Shot, fewer: Shot) -> str:
    """Return the pixels of two shots, in one unit."""
    a, b = f"{more.megapixels:.1f}", f"{fewer.megapixels:.1f}"
    if a != b and fewer.megapixels >= 0.1:
        return noted("more pixels: {more} against {fewer} megapixels").format(more=a, fewer=b)
    a, b = f"{more.width} x {more.height}", f"{fewer.width} x {fewer.height}"
    return noted("more pixels: {more} against {fewer}").format(more=a, fewer=b)
