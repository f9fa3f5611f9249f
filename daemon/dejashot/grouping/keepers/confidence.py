"""How sure it is that a person would keep the same take: sure only where anybody sees why.

The margins were set by hand and looked at on the made contests of tests/bench; they are not fitted to people's choices.
A subject blurred before a sharp ground can still pass for the better take.
"""

import math
from collections.abc import Collection, Sequence

from dejashot.grouping.keepers.comparison import ComparedTakes
from dejashot.grouping.keepers.focus import LEAST_SHARPNESS
from dejashot.grouping.keepers.scores import CLEAR_MARGIN, ScoredShot
from dejashot.grouping.people import Eyes
from dejashot.models.capture import Certainty

VISIBLY_SHARPER = 0.25  # of the logarithm of sharpness
VISIBLY_CLIPPED = 0.1  # of the picture more burnt out or black
CENTRAL_TILES = (5, 6, 9, 10)  # of 4 x 4
SOME_TILES = 2  # one differs where the frame has moved
DETAIL_SHARE = 0.4  # of the sharpness of the sharpest tile
BLURRED_ALL_OVER = 0.4  # of the logarithm of the sharpness of the whole picture
AS_SHARP = 0.1  # of the logarithm: nobody sees that it is softer


def certainty_of(order: Sequence[ScoredShot], copies: Collection[int], seen: ComparedTakes) -> Certainty:
    """Return how sure it is that the first of ranked shots is the one to keep: high or low.

    Of takes that show different moments it is never high, unless all others are blurred all over.
    """
    takes = [s for s in rivals(order) if s.member not in copies]
    sure = all(is_visibly_better(order[0], s, seen) for s in takes)
    if seen.is_moving:
        sure = sure and all(_overall_ahead(order[0], s) >= BLURRED_ALL_OVER for s in takes)
    return Certainty.HIGH if sure and _margin(order, copies) >= CLEAR_MARGIN else Certainty.LOW


def is_visibly_better(best: ScoredShot, rival: ScoredShot, seen: ComparedTakes) -> bool:
    """Return whether anybody sees why one take is better than another, and nothing that speaks against it."""
    ahead = math.log(best.sharpness / rival.sharpness)
    if seen.is_other_focus(best.member, rival.member):
        return False
    if not seen.people.count:  # the subject may not be what was taken for it: all of the picture must agree
        ahead = min(ahead, _overall_ahead(best, rival)) if not _is_sharper_somewhere(rival, best) else 0.0
    faults, rivals_faults = (_faults(s.member, seen) for s in (best, rival))
    worse = any(own > other for own, other in zip(faults, rivals_faults, strict=True))
    if worse or ahead < -AS_SHARP or seen.excess_tilt(best.member) > seen.excess_tilt(rival.member):
        return False
    clipped = rival.quality.clipped_light + rival.quality.clipped_dark
    less_clipped = clipped - best.quality.clipped_light - best.quality.clipped_dark
    return ahead >= VISIBLY_SHARPER or faults != rivals_faults or less_clipped >= VISIBLY_CLIPPED


def _is_sharper_somewhere(rival: ScoredShot, best: ScoredShot) -> bool:
    """Return whether a rival is visibly sharper in some tiles that have detail, or as sharp in a central one."""
    detail = DETAIL_SHARE * max(best.quality.tiles, default=0.0)
    tiles = zip(rival.quality.tiles, best.quality.tiles, strict=False)
    central = [
        (rival.quality.tiles[n], best.quality.tiles[n])
        for n in CENTRAL_TILES
        if best.quality.tiles and rival.quality.tiles
    ]
    if any(other > own * math.exp(-AS_SHARP) for other, own in central):
        return True
    return sum(other > max(detail, own * math.exp(VISIBLY_SHARPER)) for other, own in tiles) >= SOME_TILES


def _overall_ahead(best: ScoredShot, rival: ScoredShot) -> float:
    """Return how much sharper all of one picture is than another one, as a logarithm."""
    return math.log(max(best.quality.sharpness, LEAST_SHARPNESS) / max(rival.quality.sharpness, LEAST_SHARPNESS))


def rivals(order: Sequence[ScoredShot]) -> list[ScoredShot]:
    """Return the shots that are not the best one's bytes."""
    return [s for s in order if s.shot.content != order[0].shot.content]


def _faults(member: int, seen: ComparedTakes) -> tuple[int, int, bool]:
    """Return what anybody sees of a take: people with closed eyes, faces covered, the subject cut off."""
    return seen.people.having(member, Eyes.CLOSED), seen.people.covered(member), seen.cuts_off(member)


def _margin(order: Sequence[ScoredShot], copies: Collection[int]) -> float:
    """Return by how much of the score the first of ranked shots is better than the next; negative where it is not."""
    others = rivals(order)
    if not others:
        return 0.0
    margin = order[0].score - others[0].score
    return max(margin, CLEAR_MARGIN) if others[0].member in copies else margin
