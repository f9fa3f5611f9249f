"""Second looks: have the photos of uncertain pairs mapped, match the maps, and remember what came of it."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import groupby

from dejashot.models import Matches, Shot
from dejashot.reading.pool import Job, ReaderPool
from dejashot.sifting.second_look import Cells, cells, match

PHOTOS_AT_ONCE = 256  # their maps are held in memory: 90 KB each


def take_second_looks(
    pool: ReaderPool,
    shots: Sequence[Shot],
    where: Sequence[bytes],
    questions: Sequence[tuple[int, int]],
    until: Callable[[Sequence[Job[int]]], Iterable[Job[int]]] = lambda jobs: jobs,
) -> Iterator[dict[tuple[int, int], float]]:
    """Yield the matches of pairs of shots (indices, ordered by the later one), by their index keys, some hundred photos at a time.

    `where` says where each shot lies; `until` passes the jobs on while there is time. A pair of which one photo can't be read now,
    or holds other bytes by now, is left out.
    """
    maps: dict[int, Cells] = {}
    for _, batch in groupby(questions, key=lambda pair: pair[1] // PHOTOS_AT_ONCE):
        pairs = list(batch)
        needed = sorted({member for pair in pairs for member in pair})
        maps = {m: c for m, c in maps.items() if m >= needed[0]}
        jobs = [Job(where[m], m) for m in needed if m not in maps]
        for job, answer in pool.map(until(jobs)):
            if isinstance(answer, tuple) and answer[0] == shots[job.ticket].content:
                maps[job.ticket] = cells(answer[1])
        yield {(shots[a].key, shots[b].key): match(maps[a], maps[b]) for a, b in pairs if a in maps and b in maps}


def unanswered(shots: Sequence[Shot], questions: Sequence[tuple[int, int]], known: Matches) -> list[tuple[int, int]]:
    """Return the pairs that were not looked at yet."""
    return [(a, b) for a, b in questions if (shots[a].key, shots[b].key) not in known]
