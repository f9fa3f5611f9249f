"""Which members of a group are damaged, which are one file with some bytes changed, and which are in it by mistake."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from dejashot.language.texts import noted
from dejashot.models.groups import Group
from dejashot.models.photo import THUMBNAIL_DIFFERS, Quality
from dejashot.models.shot import Shot

_SAME_PARTS = 1 / 8  # of the data of two files of one length; pictures taken one after the other share none
DAMAGED_ALL = noted("all are damaged: no sound one is among them")
CHANGED_TWIN = noted("the same file as one that stays but for a part of it: either may be damaged")


def is_damaged(shot: Shot, qualities: Mapping[bytes, Quality]) -> bool:
    """Return whether a shot is known to be damaged, by its reading or by a closer look (`qualities` is by content)."""
    quality = qualities.get(shot.content)
    return bool(shot.damage or (quality is not None and quality.damage))


def sound_members(shots: Sequence[Shot], group: Group, qualities: Mapping[bytes, Quality]) -> tuple[int, ...]:
    """Return the members of a group that are not known to be damaged."""
    return tuple(m for m in group.members if not is_damaged(shots[m], qualities))


def without_misjudged(shots: Sequence[Shot], groups: Sequence[Group]) -> list[Group]:
    """Return groups without members whose thumbnail shows something else: by it they came in. One left is no group."""
    misjudged = {n for n, shot in enumerate(shots) if shot.damage == THUMBNAIL_DIFFERS}
    left: list[Group] = []
    for group in groups:
        if misjudged.isdisjoint(group.members):
            left.append(group)
            continue
        members = tuple(m for m in group.members if m not in misjudged)
        pairs = tuple(p for p in group.pairs if p.a not in misjudged and p.b not in misjudged)
        copies = tuple(c for c in group.copies if misjudged.isdisjoint(c))
        if len(members) > 1:
            left.append(replace(group, members=members, pairs=pairs, copies=copies))
    return left


def same_data(a: Quality | None, b: Quality | None) -> bool:
    """Return whether two files hold the same picture data, and differ in their tags alone."""
    return a is not None and b is not None and bool(a.parts) and a.parts == b.parts


def are_one_file(shots: Sequence[Shot], members: Sequence[int], qualities: Mapping[bytes, Quality]) -> bool:
    """Return whether members were one file once, of which some bytes or the tags were changed."""
    first = shots[members[0]].content
    others = [qualities.get(shots[m].content) for m in members[1:] if shots[m].content != first]
    own = qualities.get(first)
    return all(same_data(own, other) or _is_changed(own, other) for other in others)


def changed_twins(
    shots: Sequence[Shot], members: Collection[int], keepers: Collection[int], qualities: Mapping[bytes, Quality]
) -> dict[int, int]:
    """Return the members that are a keeper's file with some bytes changed, each with that keeper.

    Where the decoder accepts both, either may be the damaged one.
    """
    found: dict[int, int] = {}
    for keeper in keepers:
        for m in members:
            if m not in keepers and _is_changed(qualities.get(shots[keeper].content), qualities.get(shots[m].content)):
                found.setdefault(m, keeper)
    return found


def _is_changed(a: Quality | None, b: Quality | None) -> bool:
    if a is None or b is None or len(a.parts) != len(b.parts):
        return False
    same = sum(x == y for x, y in zip(a.parts, b.parts, strict=True))
    return max(1, _SAME_PARTS * len(a.parts)) <= same < len(a.parts)
