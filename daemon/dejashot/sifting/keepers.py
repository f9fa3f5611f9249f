"""Which of a group to keep and why: sharpness, exposure and resolution, ranked inside the group only."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dejashot.models import Certainty, Choice, Group, Kind, Quality, Shot

THIN_MARGIN, CLEAR_MARGIN = 0.04, 0.12
CLIPPED_WORTH = 2.5  # a tenth of the picture burnt out weighs as much as a quarter of the sharpness
NOTICEABLE_CLIPPING = 0.02
NOTICEABLE_SHARPNESS = 0.05
CAMERA_FORMAT = "HEIF"  # phones write it; nobody converts to it
DARK, BRIGHT = 35.0, 225.0


@dataclass(frozen=True, slots=True)
class _Judged:
    member: int
    shot: Shot
    quality: Quality | None
    score: float


def choose(shots: Sequence[Shot], group: Group, qualities: Mapping[bytes, Quality]) -> Choice:
    """Suggest which members of a group to keep; `qualities` is by content and may lack some.

    A series keeps all of its shots. Of duplicates the one with most pixels, then most bytes, stays. Otherwise the score is
    log sharpness and log resolution less the clipped share. `reclaimable_bytes` is what would be free if only the keepers stayed.
    """
    if group.kind is Kind.SERIES:
        why = (f"part of a series ({group.series}): alike on purpose",)
        return Choice(group.members, dict.fromkeys(group.members, why), Certainty.HIGH, 0)
    if group.kind is Kind.DUPLICATE:
        keeper, reasons, confidence = _best_copy(shots, group)
    else:
        keeper, reasons, confidence = _best_shot(shots, group, qualities)
    size_of = {shots[m].node: shots[m].size_bytes for m in group.members}  # names of one file on the disk free nothing
    freed = sum(size_of.values()) - shots[keeper].size_bytes
    return Choice((keeper,), {keeper: tuple(reasons)}, confidence, freed)


def _best_copy(shots: Sequence[Shot], group: Group) -> tuple[int, list[str], Certainty]:
    """Return the original among copies: most pixels, the camera's own format and tags, most bytes, shortest name."""
    ranked = sorted(group.members, key=lambda m: _originality(shots[m]))
    best, others = shots[ranked[0]], [shots[m] for m in ranked[1:]]
    if len({shots[m].content for m in group.members}) == 1:
        same = "the other file" if len(others) == 1 else f"the other {len(others)} files"
        return ranked[0], [f"byte for byte the same as {same}"], Certainty.HIGH
    if best.width * best.height > others[0].width * others[0].height:
        return ranked[0], [f"the full picture ({_megapixels(best)}); the others are reduced copies"], Certainty.HIGH
    if best.format == CAMERA_FORMAT and any(o.format != CAMERA_FORMAT for o in others):
        return ranked[0], [f"the camera's own file ({best.format}); the others are exports of it"], Certainty.MEDIUM
    return ranked[0], ["the least compressed of the same picture"], Certainty.MEDIUM


def _originality(shot: Shot) -> tuple[int, bool, bool, int, int, str]:
    """Return the sort key of copies, the original first."""
    pixels = shot.width * shot.height
    return -pixels, shot.format != CAMERA_FORMAT, not shot.camera.name, -shot.size_bytes, len(shot.path), shot.path


def _best_shot(shots: Sequence[Shot], group: Group, qualities: Mapping[bytes, Quality]) -> tuple[int, list[str], Certainty]:
    """Return the best of several takes with the reasons that set it apart from the rest."""
    judged = sorted((_judge(m, shots[m], qualities.get(shots[m].content)) for m in group.members), key=lambda j: (-j.score, j.member))
    best, next_best = judged[0], next((j for j in judged[1:] if j.shot.content != judged[0].shot.content), judged[0])
    if best.quality is None:
        largest = max(group.members, key=lambda m: (shots[m].width * shots[m].height, shots[m].size_bytes, -m))
        return largest, ["the most pixels; none of the group could be looked at more closely"], Certainty.LOW
    margin = best.score - next_best.score
    reasons = _reasons(best, [j for j in judged if j.shot.content != best.shot.content])
    if margin < THIN_MARGIN or next_best.quality is None:
        return best.member, [*reasons, "a close call: have a look yourself"], Certainty.LOW
    return best.member, reasons, Certainty.HIGH if margin >= CLEAR_MARGIN else Certainty.MEDIUM


def _judge(member: int, shot: Shot, quality: Quality | None) -> _Judged:
    if quality is None:
        return _Judged(member, shot, None, -math.inf)
    clipped = quality.clipped_light + quality.clipped_dark
    return _Judged(
        member,
        shot,
        quality,
        math.log(max(quality.sharpness, 1e-3)) + 0.25 * math.log(max(shot.megapixels, 1e-3)) - CLIPPED_WORTH * clipped,
    )


def _reasons(best: _Judged, others: list[_Judged]) -> list[str]:
    """Say what the best has over the others, strongest first."""
    rivals = [j for j in others if j.quality is not None]
    if best.quality is None or not rivals:
        return ["the only one that could be looked at closely"]
    reasons: list[str] = []
    sharpest = max(j.quality.sharpness for j in rivals if j.quality)
    ahead = best.quality.sharpness / max(sharpest, 1e-3) - 1
    rest, share = ("the other", "") if len(rivals) == 1 else ("the others", " or more")
    if ahead >= NOTICEABLE_SHARPNESS:
        reasons.append(f"sharpest of {len(rivals) + 1} ({ahead:.0%} above the next)".replace("%", " %"))
    elif ahead > -NOTICEABLE_SHARPNESS:
        reasons.append("as sharp as the other" if len(rivals) == 1 else "as sharp as the best of them")
    light = [j.quality.clipped_light for j in rivals if j.quality]
    dark = [j.quality.clipped_dark for j in rivals if j.quality]
    if min(light) - best.quality.clipped_light >= NOTICEABLE_CLIPPING:
        reasons.append(f"highlights kept: {min(light):.0%}{share} of {rest} is burnt out".replace("%", " %"))
    if min(dark) - best.quality.clipped_dark >= NOTICEABLE_CLIPPING:
        reasons.append(f"shadows kept: {min(dark):.0%}{share} of {rest} is black".replace("%", " %"))
    if all(not DARK <= j.quality.brightness <= BRIGHT for j in rivals if j.quality) and DARK <= best.quality.brightness <= BRIGHT:
        reasons.append("the only one well exposed")
    if best.shot.megapixels > 1.05 * max(j.shot.megapixels for j in rivals):
        reasons.append(f"most pixels ({_megapixels(best.shot)})")
    return reasons or ["best balance of sharpness and exposure"]


def _megapixels(shot: Shot) -> str:
    return f"{shot.megapixels:.1f} megapixels" if shot.megapixels >= 0.1 else f"{shot.width} x {shot.height} pixels"
