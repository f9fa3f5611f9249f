"""The owner's decisions come before suggestions."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from dejashot.grouping.keepers.choose import suggest_keepers
from dejashot.grouping.keepers.copies import originality
from dejashot.grouping.keepers.reducible import reducible_bytes
from dejashot.language.texts import noted
from dejashot.models.capture import Certainty
from dejashot.models.decisions import Verdict
from dejashot.models.groups import Group, KeeperSuggestion, Kind
from dejashot.models.photo import Quality
from dejashot.models.shot import Shot

Verdicts = Mapping[bytes, Verdict]
CHOSEN = noted("you chose to keep it")
ONE_OF = noted("you chose to keep one of its files")
ALL_REJECTED = noted("you rejected all of these: the last one always stays")


def verdicts_in(shots: Sequence[Shot], group: Group, verdicts: Verdicts) -> dict[int, Verdict]:
    """Return the owner's verdicts on members of a group, by member."""
    return {m: verdicts[shots[m].content] for m in group.members if shots[m].content in verdicts}


def undecided(shots: Sequence[Shot], group: Group, verdicts: Verdicts) -> bool:
    """Return whether the owner has still to choose in a group; in a series there is nothing to choose."""
    return group.kind is not Kind.SERIES and any(shots[m].content not in verdicts for m in group.members)


def last_ones(shots: Sequence[Shot], group: Group, choice: KeeperSuggestion, verdicts: Verdicts) -> tuple[int, ...]:
    """Return the members that stay although the owner rejected all of a group: the suggested ones; otherwise none."""
    if group.kind is Kind.SERIES or any(verdicts.get(shots[m].content) is not Verdict.REJECT for m in group.members):
        return ()
    return choice.keepers


def with_decisions(
    shots: Sequence[Shot],
    group: Group,
    choice: KeeperSuggestion,
    qualities: Mapping[bytes, Quality],
    verdicts: Verdicts,
) -> KeeperSuggestion:
    """Return what is to stay of a group by the owner's decisions; undecided members stay only where suggested.

    With keepers of the owner's nothing else is suggested. If suggested keepers are rejected, the best of the others
    takes their place. If all are rejected, the suggested ones stay: the last one always does.
    """
    decided = verdicts_in(shots, group, verdicts)
    if group.kind is Kind.SERIES or not decided:
        return choice
    kept = _kept(shots, group, decided)
    rejected = {m for m, verdict in decided.items() if verdict is Verdict.REJECT}
    left = tuple(m for m in group.members if m not in rejected)
    reasons: dict[int, tuple[str, ...]]
    if kept:
        reasons = {m: (ONE_OF if decided[m] is Verdict.KEEP_ONE else CHOSEN,) for m in kept}
    elif not left:
        reasons = {m: (ALL_REJECTED, *choice.reasons.get(m, ())) for m in last_ones(shots, group, choice, verdicts)}
    elif rejected.isdisjoint(choice.keepers):
        return choice
    elif len(left) == 1:
        reasons = {left[0]: (noted("the only one that you did not reject"),)}
    else:
        pairs = tuple(p for p in group.pairs if p.a in left and p.b in left)
        again = suggest_keepers(shots, replace(group, members=left, pairs=pairs), qualities)
        return replace(again, reclaimable_bytes=reducible_bytes(shots, group, again.keepers))
    keepers = tuple(sorted(reasons))
    return KeeperSuggestion(
        keepers, reasons, Certainty.HIGH if kept else choice.confidence, reducible_bytes(shots, group, keepers)
    )


def keep_all(shots: Sequence[Shot], group: Group, verdicts: Verdicts) -> KeeperSuggestion:
    """Return that all of a group is to stay but what the owner rejected: nothing can be suggested yet."""
    left = tuple(m for m in group.members if verdicts.get(shots[m].content) is not Verdict.REJECT)
    keepers = left or group.members
    return KeeperSuggestion(keepers, {}, Certainty.LOW, reducible_bytes(shots, group, keepers))


def _kept(shots: Sequence[Shot], group: Group, decided: Mapping[int, Verdict]) -> list[int]:
    """Return the members that the owner keeps: of equal files, of which one is enough, only the original."""
    kept = [m for m in group.members if decided.get(m) is Verdict.KEEP]
    one: dict[bytes, list[int]] = {}
    for m in group.members:
        if decided.get(m) is Verdict.KEEP_ONE:
            one.setdefault(shots[m].content, []).append(m)
    return kept + [min(files, key=lambda m: originality(shots[m])) for files in one.values()]
