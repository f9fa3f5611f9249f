"""How far the camera was tilted in takes of one scene, where what stands upright or lies level in it tells."""

from collections.abc import Mapping

import numpy as np

from dejashot.models.photo import Quality

# share of all straight edges that lean alike: where both kinds of lines are there, and where only one is
MIN_UPRIGHT, MIN_LEVEL, UPRIGHT_ALONE, LEVEL_ALONE = 0.05, 0.1, 0.12, 0.25
UPRIGHT_WEIGHT = 2.0
AGREED_DEGREES = 1.5  # by which the turn from take to take may differ by upright and by level lines


def tilts_of(qualities: Mapping[int, Quality]) -> dict[int, float]:
    """Return the tilt of each take in degrees, always positive; empty where the evidence is weak.

    Level lines recede in perspective, so upright ones count more; both must have turned alike.
    """
    upright, level = ({m: getattr(q, name) for m, q in qualities.items()} for name in ("upright", "level"))
    least_upright, least_level = (min((share for _, share in lean.values()), default=0.0) for lean in (upright, level))
    if least_upright >= MIN_UPRIGHT and least_level >= MIN_LEVEL:
        turns = [upright[m][0] - level[m][0] for m in qualities]
        weights = UPRIGHT_WEIGHT * least_upright, least_level
        if max(turns) - min(turns) > AGREED_DEGREES:
            return {}
        return {m: float(np.average(np.abs((upright[m][0], level[m][0])), weights=weights)) for m in qualities}
    if least_upright < UPRIGHT_ALONE and least_level < LEVEL_ALONE:
        return {}
    chosen = upright if least_upright >= UPRIGHT_ALONE else level
    return {m: abs(degrees) for m, (degrees, _) in chosen.items()}
