"""Who stays because it is not beyond doubt the same shot as one that is kept: a suggestion must never cost a scene."""

from collections.abc import Collection, Mapping, Sequence

from dejashot.models.groups import Group, Pair
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

    Nor are those between which the same camera took something else: coming back is another moment. Of several that are
    the same as each other the sharpest stays. `qualities` is by content and may lack some.
    """
    sure = {frozenset((p.a, p.b)) for p in group.pairs if not p.doubtful and not _came_back(shots, group, p)}
    staying, found = set(kept), []

    def sharpness(member: int) -> float:
        quality = qualities.get(shots[member].content)
        return 0.0 if quality is None else quality.sharpness

    for m in sorted((m for m in sound if m not in staying), key=lambda m: (-sharpness(m), m)):
        if not any(frozenset((m, k)) in sure for k in staying):
            staying.add(m)
            found.append(m)
    return found


def _came_back(shots: Sequence[Shot], group: Group, pair: Pair) -> bool:
    """Return whether the camera of both shots of a pair took something else between them."""
    camera = shots[pair.a].camera.name
    if camera != shots[pair.b].camera.name:
        return False
    between = range(min(pair.a, pair.b) + 1, max(pair.a, pair.b))
    return any(shots[n].camera.name == camera for n in between if n not in group.members)
