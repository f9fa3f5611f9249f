"""Pair verification: have the photos of uncertain pairs mapped by the model, match the maps, keep the matches."""

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby

from dejashot.grouping.feature_match import FeatureCells, feature_cells, match_features
from dejashot.models.groups import Matches
from dejashot.models.shot import Shot
from dejashot.reading.job import ReadJob
from dejashot.reading.pool import ReaderPool
from dejashot.reading.vision.model import load_model, model_file
from dejashot.reports.collect import CollectedShots
from dejashot.reports.context import ReportContext
from dejashot.reports.preempt import PreemptibleJobs

MAX_PHOTOS_AT_ONCE = 256  # their maps are held in memory: 90 KB each


def matches_of(
    context: ReportContext, collected: CollectedShots, pairs: Sequence[tuple[int, int]], *, known_only: bool
) -> Matches:
    """Return the matches of uncertain pairs of shots (indices), verifying those that were not verified yet.

    Pairs are verified only by who can keep the result: the daemon, or a scan. Raises PreemptedError.
    """
    shots = collected.shots
    known = context.library.measurements.matches(context.row.id, sorted({shots[a].key for a, _ in pairs}))
    missing = unverified(shots, pairs, known)
    if not missing or known_only or not context.results.keeps_results:
        return known
    if load_model(model_file(context.settings.model.path)).fingerprint != context.row.fingerprint:
        return known  # the readers have another model by now: its maps must not be mixed in
    for fresh in verify_pairs(context.pool, shots, collected.paths, missing, context.should_stop):
        context.results.add_matches(fresh)
        known |= fresh
    return known


def verify_pairs(
    pool: ReaderPool,
    shots: Sequence[Shot],
    paths: Sequence[bytes],
    pairs: Sequence[tuple[int, int]],
    should_stop: Callable[[], bool] = lambda: False,
) -> Iterator[dict[tuple[int, int], float]]:
    """Yield the matches of pairs of shots by their keys, some hundred photos at a time.

    Pairs are indices, ordered by the later one; `paths` holds the path of each shot. A pair of which a photo can't be
    read, or has changed, is left out. Raises PreemptedError, having yielded what there was time for.
    """
    maps: dict[int, FeatureCells] = {}
    for _, some in groupby(pairs, key=lambda pair: pair[1] // MAX_PHOTOS_AT_ONCE):
        batch = list(some)
        needed = list(dict.fromkeys(member for pair in batch for member in pair))  # pair by pair: some become complete
        maps = {m: c for m, c in maps.items() if m >= min(needed)}
        jobs = PreemptibleJobs([ReadJob(paths[m], m) for m in needed if m not in maps], should_stop)
        for job, result in pool.map(jobs):
            picture_map = result.value_for(shots[job.ticket].content)
            if picture_map is not None:
                maps[job.ticket] = feature_cells(picture_map)
        complete = [(a, b) for a, b in batch if a in maps and b in maps]
        yield {(shots[a].key, shots[b].key): match_features(maps[a], maps[b]) for a, b in complete}
        jobs.raise_if_preempted()


def unverified(shots: Sequence[Shot], pairs: Sequence[tuple[int, int]], known: Matches) -> list[tuple[int, int]]:
    """Return the pairs that were not verified yet."""
    return [(a, b) for a, b in pairs if (shots[a].key, shots[b].key) not in known]
