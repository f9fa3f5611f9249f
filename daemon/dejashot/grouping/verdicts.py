"""What the owner has decided comes before what is suggested."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from dejashot.grouping.keepers.choose import choose, freed_bytes, originality
from dejashot.models.capture import Certainty
from dejashot.models.decisions import Word
from dejashot.models.groups import Choice, Group, Kind
from dejashot.models.photo import Quality
from dejashot.models.shot import Shot

Words = Mapping[bytes, Word]
CHOSEN = "you chose to keep it"
ONE_OF = "you chose to keep one of its files"
ALL_REJECTED = "you rejected all of these: the last one always stays"


def undecided(shots: Sequence[Shot], group: Group, words: Words) -> bool:
    """Tell whether the owner is still to choose in a group: a series is never waste, so there is nothing to choose."""
    return group.kind is not Kind.SERIES and any(shots[m].content not in words for m in group.members)


def with_decisions(
    shots: Sequence[Shot], group: Group, choice: Choice, qualities: Mapping[bytes, Quality], words: Words
) -> Choice:
    """Return what is to stay of a group when the owner's decisions are heeded; undecided members stay only where they are suggested.

    With keepers of the owner's nothing else is suggested; when suggested keepers are rejected the best of the others takes their
    place; a group of which all are rejected keeps what was suggested: the last one always stays.
    """
    said = {m: words[shots[m].content] for m in group.members if shots[m].content in words}
    if group.kind is Kind.SERIES or not said:
        return choice
    kept = _kept(shots, group, said)
    rejected = {m for m, word in said.items() if word is Word.REJECT}
    left = tuple(m for m in group.members if m not in rejected)
    reasons: dict[int, tuple[str, ...]]
    if kept:
        reasons = {m: (ONE_OF if said[m] is Word.KEEP_ONE else CHOSEN,) for m in kept}
    elif not left:
        reasons = {m: (ALL_REJECTED, *why) for m, why in choice.reasons.items()}
    elif rejected.isdisjoint(choice.keepers):
        return choice
    elif len(left) == 1:
        reasons = {left[0]: ("the only one that you did not reject",)}
    else:
        pairs = tuple(p for p in group.pairs if p.a in left and p.b in left)
        again = choose(shots, replace(group, members=left, pairs=pairs), qualities)
        return replace(again, reclaimable_bytes=freed_bytes(shots, group, again.keepers))
    keepers = tuple(sorted(reasons))
    return Choice(keepers, reasons, Certainty.HIGH if kept else choice.confidence, freed_bytes(shots, group, keepers))


def _kept(shots: Sequence[Shot], group: Group, said: Mapping[int, Word]) -> list[int]:
    """Return the members that the owner keeps: of files with one content, of which one is enough, the original alone."""
    kept = [m for m in group.members if said.get(m) is Word.KEEP]
    one: dict[bytes, list[int]] = {}
    for m in group.members:
        if said.get(m) is Word.KEEP_ONE:
            one.setdefault(shots[m].content, []).append(m)
    return kept + [min(files, key=lambda m: originality(shots[m])) for files in one.values()]
