"""Which shots of a group to keep."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from dejashot.grouping.keepers import copy_reasons, reasons
from dejashot.grouping.keepers.comparison import ComparedTakes, compare_takes
from dejashot.grouping.keepers.confidence import certainty_of, rivals
from dejashot.grouping.keepers.copies import copies_among, lesser_among, original_and_reasons, originality
from dejashot.grouping.keepers.doubt import doubtful_members
from dejashot.grouping.keepers.reasons import Reasons
from dejashot.grouping.keepers.reducible import reducible_bytes
from dejashot.grouping.keepers.scores import CLEAR_MARGIN, ScoredShot, ranked, scored
from dejashot.grouping.people import Eyes, People
from dejashot.grouping.shot_units import are_versions, unit_versions
from dejashot.grouping.soundness import CHANGED_TWIN, DAMAGED_ALL, changed_twins, sound_members
from dejashot.models.capture import Certainty
from dejashot.models.groups import Group, KeeperSuggestion, Kind
from dejashot.models.photo import Quality
from dejashot.models.shot import Shot

OTHER_PICTURE_PERCENT = 40.0

Qualities = Mapping[bytes, Quality]  # by content


def suggest_keepers(shots: Sequence[Shot], group: Group, qualities: Qualities) -> KeeperSuggestion:
    """Suggest which members of a group to keep; `qualities` is by content and may lack some.

    A series keeps all, for the reason that the group has. A damaged member is never kept while a sound one is there;
    one with bytes changed stays with its twin, one not looked at beside those that were. Of duplicates the original
    stays; of takes the best, what may be another shot, and the original of a copy from another time.
    """
    if group.kind is Kind.SERIES:
        return KeeperSuggestion(group.members, {}, Certainty.HIGH, 0)
    sound = sound_members(shots, group, qualities)
    if sound and len(sound) < len(group.members):
        kept, confidence = _best_of_sound(shots, group, sound, qualities)
    elif not sound and len({shots[m].content for m in group.members}) > 1:
        kept, confidence = _once(DAMAGED_ALL, group.members), Certainty.LOW
    else:
        kept, confidence = _best(shots, group, qualities)
    doubtful: Sequence[int] = ()
    if group.kind is not Kind.DUPLICATE:
        originals = [original for _, original in group.copies if original in sound and original not in kept]
        if originals:
            kept |= dict.fromkeys(originals, (reasons.ORIGINAL_OF_COPY,))
            confidence = Certainty.LOW
        doubtful = doubtful_members(shots, group, kept, sound, qualities)
    if doubtful:
        kept |= dict.fromkeys(doubtful, (reasons.MAY_BE_ANOTHER,))
        confidence = Certainty.LOW
    unseen = _unseen(shots, sound, kept, qualities)
    if unseen:
        kept |= dict.fromkeys(unseen, (reasons.MAY_BE_BETTER,))
        confidence = Certainty.LOW
    twins = changed_twins(shots, sound, tuple(kept), qualities)
    if twins:
        kept |= {m: (*kept.get(m, ()), CHANGED_TWIN) for m in twins}
        confidence = Certainty.LOW
    return KeeperSuggestion(tuple(sorted(kept)), kept, confidence, reducible_bytes(shots, group, kept))


def _unseen(shots: Sequence[Shot], members: Sequence[int], kept: Collection[int], qualities: Qualities) -> list[int]:
    """Return members of which a closer look gave nothing, where it did of others: such a photo may be too large."""
    contents = {shots[m].content for m in kept}
    unknown = [m for m in members if shots[m].content not in qualities and shots[m].content not in contents]
    return unknown if any(shots[m].content in qualities for m in members) else []


def _best(shots: Sequence[Shot], group: Group, qualities: Qualities) -> tuple[Reasons, Certainty]:
    """Return which members of a group to keep, damaged or not, with the reasons."""
    if group.kind is Kind.DUPLICATE:
        return original_and_reasons(shots, group, qualities)
    return _best_takes(shots, group, qualities)


def _best_of_sound(
    shots: Sequence[Shot], group: Group, sound: tuple[int, ...], qualities: Qualities
) -> tuple[Reasons, Certainty]:
    """Return which of the sound members of a group to keep: no damaged one, however sharp, is kept with them."""
    damaged = len(group.members) - len(sound)
    if len(sound) == 1:
        confidence = Certainty.HIGH if group.kind is Kind.DUPLICATE else Certainty.LOW
        return {sound[0]: (reasons.describe_only_sound(damaged),)}, confidence
    pairs = tuple(p for p in group.pairs if p.a in sound and p.b in sound)
    kept, confidence = _best(shots, replace(group, members=sound, pairs=pairs), qualities)
    first = next(iter(kept))
    return kept | {first: (*kept[first], reasons.describe_sound(damaged))}, confidence


def _best_takes(shots: Sequence[Shot], group: Group, qualities: Qualities) -> tuple[Reasons, Certainty]:
    """Return the best of several takes, each with what it has over the rest.

    A copy comes after its original whatever its score, and a shot with closed eyes after one nearly as good with
    everyone's open.
    """
    seen = {m: qualities[shots[m].content] for m in sorted(group.members) if shots[m].content in qualities}
    if not seen:
        largest = max(group.members, key=lambda m: _size(shots[m]))
        return {largest: (reasons.NOT_SEEN,)}, Certainty.LOW
    together = compare_takes(seen)
    people = together.people
    by_score = sorted(
        (scored(m, shots[m], quality, together) for m, quality in seen.items()),
        key=lambda s: (-s.score, originality(s.shot)),
    )
    copies, lesser = copies_among(by_score, group), lesser_among(by_score, group)
    order = ranked(by_score, copies | lesser, people)
    best = order[0]
    copies.discard(best.member)  # where each is a copy of another one, the best passes for the original
    others = _also_kept([s for s in order if s.member not in copies], group, together)
    others |= _versions_kept(order, copies, {best.member, *others})
    of_others = copies & {copy for copy, original in group.copies if original != best.member}
    why = _why_best([s for s in order if s.member not in of_others], copies, lesser, people, others)
    twins = sum(shots[m].content == best.shot.content for m in group.members) - 1
    if twins:
        why.append(copy_reasons.describe_twins(twins))
    if len(seen) < len(group.members) and rivals(order):
        why.append(reasons.NOT_ALL_SEEN)
    is_open = bool(others) or not why or len(seen) < len(group.members)
    if not why:
        edge = reasons.describe_edge(best, rivals(order)[0])
        why.append(edge if edge and others else reasons.describe_close_call(edge))
    return {best.member: tuple(why), **others}, Certainty.LOW if is_open else certainty_of(order, copies, together)


def _once(why: str, members: Sequence[int]) -> Reasons:
    """Return what holds for all of some members, said of the first."""
    return {m: (why,) if m == members[0] else () for m in members}


def _size(shot: Shot) -> tuple[int, int, str]:
    return shot.width * shot.height, shot.size_bytes, shot.path


def _why_best(
    order: Sequence[ScoredShot],
    copies: Collection[int],
    lesser: Collection[int],
    people: People,
    kept: Collection[int],
) -> list[str]:
    """Return what the first of ranked shots has over the others."""
    best, others = order[0], rivals(order)
    if not others:
        return [reasons.ONLY_SEEN]
    takes = [s for s in others if s.member not in copies]
    why = reasons.describe_takes(best, takes, people, kept) if takes else []
    if len(takes) < len(others):
        why.append(copy_reasons.describe_copies(len(others) - len(takes), len(others)))
    lost = [s.shot for s in takes if s.member in lesser]
    if lost and best.shot.camera.name and not any(s.camera.name for s in lost):
        why.append(copy_reasons.WITH_TAGS)
    return why if best.sender else why + copy_reasons.describe_senders([s.sender for s in others])


def _also_kept(order: Sequence[ScoredShot], group: Group, seen: ComparedTakes) -> Reasons:
    """Return who stays with the best: other moments, open eyes, another focus, retakes of another picture.

    `order` holds no copies, the best first. All are few on purpose: but for the focus only shots nearly as sharp as
    the best, and another picture only in a group of retakes, with a similarity below 40 % to every keeper.
    """
    best, kept, people = order[0], Reasons(), seen.people
    good = [s for s in order[1:] if s.is_nearly_as_sharp_as(best)]
    missing = people.who(best.member, Eyes.CLOSED)
    for s in sorted(good, key=lambda s: (-len(missing & people.who(s.member, Eyes.OPEN)), -s.score)):
        gained = missing & people.who(s.member, Eyes.OPEN)
        if gained:
            kept[s.member] = (reasons.describe_open_eyes(len(gained), people.count),)
            missing -= gained
    for s in order[1:]:
        why = _why_other(s, best, seen)
        if not kept and why:
            kept[s.member] = (why,)
    if group.kind is not Kind.SIMILAR:
        return kept
    percent = {frozenset((p.a, p.b)): p.similarity_percent for p in group.pairs}
    for s in good:
        alike = [percent.get(frozenset((s.member, k))) for k in (best.member, *kept)]
        known = [p for p in alike if p is not None]
        if not _is_clearly_worse(s, best) and len(known) == len(alike) and max(known) < OTHER_PICTURE_PERCENT:
            kept[s.member] = (reasons.describe_other_picture(max(known)),)
    return kept


def _why_other(other: ScoredShot, best: ScoredShot, seen: ComparedTakes) -> str:
    """Return in what another take shows something else than the best and may be wanted as much, empty for nothing."""
    if seen.excess_tilt(other.member):
        return ""
    is_as_good = other.is_nearly_as_sharp_as(best) and not _is_clearly_worse(other, best)
    if is_as_good and seen.is_other_moment(best.member, other.member):
        return reasons.OTHER_MOMENT
    return reasons.OTHER_FOCUS if seen.is_other_focus(best.member, other.member) else ""


def _is_clearly_worse(other: ScoredShot, best: ScoredShot) -> bool:
    return best.score - other.score >= CLEAR_MARGIN


def _versions_kept(order: Sequence[ScoredShot], copies: Collection[int], kept: Collection[int]) -> Reasons:
    """Return who stays as an edit of a keeper, as what it was made from, or as another rendering.

    A copy is one only by a mark that is known: `-web` means a copy as well as an edit.
    """
    shots = {s.member: s.shot for s in order}
    versions = unit_versions(
        {m: s for m, s in shots.items() if m not in copies or any(are_versions(s, shots[k]) for k in kept)}
    )
    staying = {versions[m] for m in kept if m in versions}
    more: Reasons = {}
    for m, version in versions.items():
        if version not in staying and any(version[0] == base for base, _ in staying):
            more[m] = (reasons.VERSION,)
            staying.add(version)
    return more
