"""Which shots belong together: groups that hold together as a whole, never chains."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from dejashot.models import Group, Pair, Shot
from dejashot.sifting.kinds import Naming, kind_of
from dejashot.sifting.similarity import Rules, compare
from dejashot.sifting.timeline import runs

LOOK_BACK = 256  # a shot is held against the groups of this many shots before it: keeps the work linear
FLOOR = 0.02  # no two members may be as unlike as this probability, whatever the others say


@dataclass(slots=True)
class _Forming:
    """A group that may still grow."""

    members: list[int]
    pairs: list[Pair] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Limits:
    """Interval and longest span of a group, in seconds."""

    interval_s: float
    max_span_s: float


def group(shots: Sequence[Shot], rules: Rules, limits: Limits, naming: Naming) -> list[Group]:
    """Group a timeline; a shot joins the group it fits best as a whole.

    It fits when the mean probability over all members reaches the operating point, no member is below the floor, the newest
    member is at most the interval away and the first at most the longest span. Linear in the number of shots.
    """
    times_us = np.array([s.taken.taken_us for s in shots], dtype=np.int64)
    found: list[_Forming] = []
    for start, end in runs(times_us, limits.interval_s):
        found += _group_run(shots, start, end, rules, limits)
    return [Group(tuple(f.members), *kind_of(shots, f.members, f.pairs, naming), tuple(f.pairs)) for f in found if len(f.members) > 1]


def _group_run(shots: Sequence[Shot], start: int, end: int, rules: Rules, limits: Limits) -> list[_Forming]:
    """Group one run [start, end)."""
    done: list[_Forming] = []
    forming: list[_Forming] = []
    for n in range(start, end):
        now_us = shots[n].taken.taken_us
        still = [
            f
            for f in forming
            if now_us - shots[f.members[-1]].taken.taken_us <= limits.interval_s * 1e6
            and now_us - shots[f.members[0]].taken.taken_us <= limits.max_span_s * 1e6
            and n - f.members[-1] <= LOOK_BACK
        ]
        done += [f for f in forming if f not in still]
        forming = still
        best: tuple[float, _Forming, list[Pair]] | None = None
        for candidate in forming:
            pairs = _pairs_with(shots, candidate.members, n, rules)
            fit = _fit(pairs, rules)
            if fit is not None and (best is None or fit > best[0]):
                best = (fit, candidate, pairs)
        if best is None:
            forming.append(_Forming([n]))
        else:
            best[1].members.append(n)
            best[1].pairs += best[2]
    return sorted(done + forming, key=lambda f: f.members[0])


def _pairs_with(shots: Sequence[Shot], members: list[int], n: int, rules: Rules) -> list[Pair]:
    """Return the pairs of a shot with the members of a group; cut short at the first that rules it out."""
    pairs: list[Pair] = []
    for member in reversed(members):
        pair = compare(rules, shots, member, n)
        pairs.append(pair)
        if pair.similarity_percent is None or pair.similarity_percent < 100 * FLOOR:
            break
    return pairs


def _fit(pairs: list[Pair], rules: Rules) -> float | None:
    """Return the mean probability over a group's members, None when the shot does not fit."""
    percents = [p.similarity_percent for p in pairs]
    known = [p for p in percents if p is not None]
    if len(known) < len(percents) or min(known) < 100 * FLOOR:
        return None
    mean = sum(known) / len(known) / 100
    return mean if mean >= rules.threshold else None
