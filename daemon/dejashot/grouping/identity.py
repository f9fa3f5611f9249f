"""Group ids: a group keeps its id whatever joins it, earlier or later, and no two groups share one."""

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence, Set

from dejashot.models.groups import Group, Kind
from dejashot.models.shot import Shot

# the ids remembered, by content and whether of a series: a series and the copies of its shots are two groups
Remembered = Mapping[tuple[bytes, bool], str]


def identities(
    shots: Sequence[Shot], groups: Sequence[Group], remembered: Remembered, elsewhere: Set[str] = frozenset()
) -> list[str]:
    """Return an id for each group: the one remembered for most of its members, else a new one made from its first shot.

    Where several groups have a claim to an id the one with more members that had it keeps it, of equals the earlier
    one. An id that more contents outside of these groups share belongs there.
    """
    keys = [[member_key(shots, group, m) for m in group.members] for group in groups]
    reported = {key for members in keys for key in members}
    outside = Counter(name for key, name in remembered.items() if key not in reported)
    claims: list[tuple[int, int, int, str]] = []
    for number, members in enumerate(keys):
        votes = Counter(remembered[key] for key in members if key in remembered)
        first = {
            name: next(m for m, key in zip(groups[number].members, members, strict=True) if remembered.get(key) == name)
            for name in votes
        }
        open_to = ((name, count) for name, count in votes.items() if count >= outside[name] and name not in elsewhere)
        claims += [(-count, first[name], number, name) for name, count in open_to]
    chosen: dict[int, str] = {}
    taken: set[str] = set()
    for _, _, number, name in sorted(claims):
        if number not in chosen and name not in taken:
            chosen[number] = name
            taken.add(name)
    taken.update(remembered.values(), elsewhere)
    for number, members in enumerate(keys):
        if number not in chosen:
            chosen[number] = _fresh(members[0], taken)
            taken.add(chosen[number])
    return [chosen[number] for number in range(len(groups))]


def inherited(remembered: Remembered, unit_members: Mapping[bytes, bytes]) -> dict[tuple[bytes, bool], str]:
    """Return the ids remembered, with those of contents that have become part of another unit moved to that.

    `unit_members` gives the content that stands for each by now.
    """
    found = {key: name for key, name in remembered.items() if key[0] not in unit_members}
    for (content, series), name in remembered.items():
        if content in unit_members:
            found.setdefault((unit_members[content], series), name)
    return found


def member_key(shots: Sequence[Shot], group: Group, member: int) -> tuple[bytes, bool]:
    """Return under what a member of a group is remembered."""
    return shots[member].content, group.kind is Kind.SERIES


def _fresh(first: tuple[bytes, bool], taken: set[str]) -> str:
    """Return an id made from a group's first shot that no other group has."""
    content, series = first
    turn = 0
    while True:
        salt = (b"series" if series else b"") + (turn.to_bytes(2) if turn else b"")
        name = hashlib.blake2s(content, digest_size=8, salt=salt, person=b"dejashot").hexdigest()
        if name not in taken:
            return name
        turn += 1
