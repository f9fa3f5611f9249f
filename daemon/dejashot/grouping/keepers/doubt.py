"""Who stays because it is not beyond doubt the same shot as one that is kept: a suggestion must never cost a scene."""

from collections.abc import Collection, Mapping, Sequence

from dejashot.models.groups import Group
from dejashot.models.photo import Quality
from dejashot.models.shot import Shot


def doubtful_members(
    shots: Sequence[Shot],
    group: Group,
    kept: Collection[int],
    sound: Collection[int],
    qualities: Mapping[bytes, Quality],
) -> list[int]:
    """Return the sound members that are not beyond doubt the same shot as one that stays; these stay too.

    Of several that are the same as each other the sharpest stays. `qualities` is by content and may lack some.
    """
    sure = {frozenset((p.a, p.b)) for p in group.pairs if not p.doubtful}
    staying, found = set(kept), []

    def sharpness(member: int) -> float:
        quality = qualities.get(shots[member].content)
        return 0.0 if quality is None else quality.sharpness

    for m in sorted((m for m in sound if m not in staying), key=lambda m: (-sharpness(m), m)):
        if not any(frozenset((m, k)) in sure for k in staying):
            staying.add(m)
            found.append(m)
    return found
