"""Second looks: have the photos of uncertain pairs mapped, match the maps, and remember what came of it."""

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby

from dejashot.grouping.feature_match import FeatureCells, feature_cells, match_features
from dejashot.models.groups import Matches
from dejashot.models.shot import Shot
from dejashot.reading.job import Job
from dejashot.reading.pool import ReaderPool
from dejashot.reports.preempt import PreemptedError, preemptible

PHOTOS_AT_ONCE = 256  # their maps are held in memory: 90 KB each


def verify_pairs(
    pool: ReaderPool,
    shots: Sequence[Shot],
    where: Sequence[bytes],
    questions: Sequence[tuple[int, int]],
    stopping: Callable[[], bool] = lambda: False,
) -> Iterator[dict[tuple[int, int], float]]:
    """Yield the matches of pairs of shots (indices, ordered by the later one), by their index keys, some hundred photos at a time.

    `where` says where each shot lies. A pair of which one photo can't be read now, or holds other bytes by now, is left out. Raises
    StoppedError when there is no time for all of them, having yielded what there was time for.
    """
    maps: dict[int, FeatureCells] = {}
    for _, batch in groupby(questions, key=lambda pair: pair[1] // PHOTOS_AT_ONCE):
        pairs = list(batch)
        needed = list(
            dict.fromkeys(member for pair in pairs for member in pair)
        )  # pair by pair: cut short, some are complete
        maps = {m: c for m, c in maps.items() if m >= min(needed)}
        jobs = [Job(where[m], m) for m in needed if m not in maps]
        stopped = False
        try:
            for job, result in preemptible(pool.map, jobs, stopping):
                picture_map = result.value_for(shots[job.ticket].content)
                if picture_map is not None:
                    maps[job.ticket] = feature_cells(picture_map)
        except PreemptedError:
            stopped = True
        yield {
            (shots[a].key, shots[b].key): match_features(maps[a], maps[b]) for a, b in pairs if a in maps and b in maps
        }
        if stopped:
            raise PreemptedError


def unanswered(shots: Sequence[Shot], questions: Sequence[tuple[int, int]], known: Matches) -> list[tuple[int, int]]:
    """Return the pairs that were not looked at yet."""
    return [(a, b) for a, b in questions if (shots[a].key, shots[b].key) not in known]
