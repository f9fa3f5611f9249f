"""Pair verification: have the maps of uncertain pairs compared, register what is still open, keep what was found."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from dejashot.grouping.feature_match import feature_cells, match_features
from dejashot.grouping.groups import GroupLimits
from dejashot.grouping.pairs.candidates import pairs_to_register, uncertain_pairs
from dejashot.grouping.pairs.rules import Rules
from dejashot.grouping.registration import register
from dejashot.models.arrays import Floats32, PictureMapArray
from dejashot.models.features import LocalFeatures
from dejashot.models.groups import Matches, Registrations, VerifiedPairs
from dejashot.models.shot import Shot
from dejashot.reading.vision.model import EmbeddingModel, load_model, model_file, pair_head_file
from dejashot.reports.closer_look.questions import Looking, Question
from dejashot.reports.collect import CollectedShots
from dejashot.reports.context import ReportContext

if TYPE_CHECKING:
    from dejashot.reading.vision.pair_head import PairHead

T = TypeVar("T")
IndexPair = tuple[int, int]  # of shots, by their place on the timeline
Scorer = Callable[[Sequence[PictureMapArray], Sequence[PictureMapArray], Floats32], list[float]]

MAPPED_AT_ONCE = 256  # photos whose maps are held in memory, and as many as lie before them: 50 KB each
REGISTERED_AT_ONCE = 16  # photos whose features are held in memory, and as many as lie before them: 1 MB each
PAIRS_AT_ONCE = 16  # that are scored in one go


@dataclass(frozen=True, slots=True)
class Verification:
    """What closer looks found of pairs, and the pairs of which one is `missing`."""

    pairs: VerifiedPairs
    missing: frozenset[IndexPair]


def verify_pairs(
    context: ReportContext, collected: CollectedShots, rules: Rules, limits: GroupLimits, *, known_only: bool
) -> Looking[Verification]:
    """Find out what verification says of the pairs of a timeline, verifying those that were not verified yet.

    Pairs are verified only by who can keep the result: the daemon, or a scan. Raises ModelError.
    """
    shots, span = collected.shots, (limits.interval_s, limits.max_span_s)
    known_only = known_only or not context.results.keeps_results
    uncertain = uncertain_pairs(rules, shots, *span)
    matches = yield from _matches_of(context, collected, uncertain, known_only=known_only)
    undecided = pairs_to_register(rules, shots, *span, VerifiedPairs(matches))
    registrations = yield from _registrations_of(context, collected, undecided, known_only=known_only)
    missing = (*unverified(shots, uncertain, matches), *unverified(shots, undecided, registrations))
    return Verification(VerifiedPairs(matches, registrations), frozenset(missing))


def _matches_of(
    context: ReportContext, collected: CollectedShots, pairs: Sequence[IndexPair], *, known_only: bool
) -> Looking[Matches]:
    """Find out the matches of uncertain pairs, matching the maps of those that were not matched yet."""
    shots = collected.shots
    known = context.library.measurements.matches(context.row.id, _earlier_keys(shots, pairs))
    missing = unverified(shots, pairs, known)
    if not missing or known_only:
        return known
    network = model_file(context.settings.model.path)
    model = load_model(network)
    if model.fingerprint != context.row.fingerprint:
        return known  # the readers have another model by now: its maps must not be mixed in

    def keep(fresh: Matches) -> None:
        context.results.add_matches(fresh)
        known.update(fresh)

    yield from match_pairs(collected, missing, scorer_of(network, model), keep)
    return known


def _registrations_of(
    context: ReportContext, collected: CollectedShots, pairs: Sequence[IndexPair], *, known_only: bool
) -> Looking[Registrations]:
    """Find out the registrations of pairs that are still open, registering those that were not registered yet."""
    shots = collected.shots
    asked = {(shots[a].key, shots[b].key) for a, b in pairs}  # a pair that is settled by now is not judged by more
    kept = context.library.measurements.registrations(_earlier_keys(shots, pairs))
    known = {keys: found for keys, found in kept.items() if keys in asked}
    missing = unverified(shots, pairs, known)
    if not missing or known_only:
        return known

    def keep(fresh: Registrations) -> None:
        context.results.add_registrations(fresh)
        known.update(fresh)

    yield from register_pairs(collected, missing, keep)
    return known


def match_pairs(
    collected: CollectedShots, pairs: Sequence[IndexPair], scorer: Scorer, keep: Callable[[Matches], None]
) -> Looking[None]:
    """Match pairs, some hundred photos at a time; `keep` takes the matches of each time, by their index keys.

    Pairs are ordered by the later one. One of which a photo can't be read, or has changed, is left out.
    """
    shots = collected.shots

    def match(complete: Sequence[IndexPair], maps: Mapping[int, PictureMapArray]) -> None:
        found: dict[tuple[int, int], float] = {}
        for start in range(0, len(complete), PAIRS_AT_ONCE):
            some = complete[start : start + PAIRS_AT_ONCE]
            cosines = np.array([_cosine(shots[a], shots[b]) for a, b in some], dtype=np.float32)
            scores = scorer([maps[a] for a, _ in some], [maps[b] for _, b in some], cosines)
            found |= {(shots[a].key, shots[b].key): score for (a, b), score in zip(some, scores, strict=True)}
        keep(found)

    yield from _read_pairs("map", collected, pairs, MAPPED_AT_ONCE, match)


def register_pairs(
    collected: CollectedShots, pairs: Sequence[IndexPair], keep: Callable[[Registrations], None]
) -> Looking[None]:
    """Register pairs, a few photos at a time; `keep` takes the registrations of each time, by their index keys.

    Pairs are ordered by the later one. One of which a photo can't be read, or has changed, is left out.
    """
    shots = collected.shots

    def lay_over(complete: Sequence[IndexPair], features: Mapping[int, LocalFeatures]) -> None:
        keep({(shots[a].key, shots[b].key): register(features[a], features[b]) for a, b in complete})

    yield from _read_pairs("features", collected, pairs, REGISTERED_AT_ONCE, lay_over)


def _read_pairs(
    op: str,
    collected: CollectedShots,
    pairs: Sequence[IndexPair],
    at_once: int,
    use: Callable[[Sequence[IndexPair], Mapping[int, T]], None],
) -> Looking[None]:
    """Ask for the photos of pairs; `use` takes the pairs of which both photos were read, with what was read of each.

    It does so for the pairs whose later photos lie in one part of the timeline, `at_once` places long. Each photo is
    read once, as long as pairs lie no further apart.
    """
    shots, values = collected.shots, dict[int, T]()
    to_come = len({member for pair in pairs for member in pair})
    for _, some in groupby(pairs, key=lambda pair: pair[1] // at_once):
        batch = list(some)
        needed = list(dict.fromkeys(member for pair in batch for member in pair))  # pair by pair: some become complete
        values = {m: value for m, value in values.items() if m >= min(needed)}
        asked = {shots[m].content: collected.paths[m] for m in needed if m not in values}
        to_come = max(0, to_come - len(asked))
        answers = yield Question(op, asked, to_come)
        values |= {m: answers[shots[m].content] for m in needed if shots[m].content in answers}
        use([(a, b) for a, b in batch if a in values and b in values], values)


def scorer_of(network: Path, model: EmbeddingModel) -> Scorer:
    """Return what scores pairs of maps: the model's pair head, else the match of their parts. Raises ModelError."""
    file = pair_head_file(network, model)
    if file is None:
        return _match_maps
    head = _head(file)
    return lambda a, b, cosines: [float(x) for x in head.logits(np.stack(a), np.stack(b), cosines)]


@lru_cache(maxsize=1)
def _head(file: Path) -> "PairHead":
    from dejashot.reading.vision.pair_head import PairHead  # noqa: PLC0415 - loads onnxruntime

    return PairHead(file)


def forget_pair_head() -> None:
    """Give back the memory of the pair head that was used last, some 50 MB."""
    _head.cache_clear()


def _match_maps(a: Sequence[PictureMapArray], b: Sequence[PictureMapArray], _cosines: Floats32) -> list[float]:
    """Return how well the parts of each two maps match, 0 to 1."""
    cells = {id(m): feature_cells(m) for m in {id(m): m for m in (*a, *b)}.values()}
    return [match_features(cells[id(one)], cells[id(other)]) for one, other in zip(a, b, strict=True)]


def _cosine(a: Shot, b: Shot) -> float:
    """Return the cosine of the vectors of two shots, 0 where one has none."""
    return 0.0 if a.vector is None or b.vector is None else float(np.clip(a.vector @ b.vector, -1.0, 1.0))


def _earlier_keys(shots: Sequence[Shot], pairs: Sequence[IndexPair]) -> list[int]:
    """Return the index keys of the earlier photos of pairs."""
    return sorted({shots[a].key for a, _ in pairs})


def unverified(
    shots: Sequence[Shot], pairs: Sequence[IndexPair], known: Collection[tuple[int, int]]
) -> list[IndexPair]:
    """Return the pairs that were not verified yet, given the index keys of those that were."""
    return [(a, b) for a, b in pairs if (shots[a].key, shots[b].key) not in known]
