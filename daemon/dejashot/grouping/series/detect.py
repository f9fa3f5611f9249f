"""Series that are alike on purpose, and the order in which their detectors are asked.

To add a series, write a `SeriesDetector` in a module of its own and add it to the list below. Focus stacks and
screenshots need a closer look: `grouping.group_kinds` asks for them.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from dejashot.grouping.series.brackets import BracketDetector
from dejashot.grouping.series.panorama import PanoramaDetector
from dejashot.grouping.series.takes import (
    MIN_SHOTS,
    FoundSeries,
    SeriesDetector,
    Takes,
    is_trusted,
    shots_around,
    take_by_content,
)
from dejashot.grouping.series.timelapse import TimeLapseDetector
from dejashot.models.shot import Shot


@dataclass(frozen=True, slots=True)
class Series:
    """Some members of a group that are alike on purpose: which series they are of, and why that is thought.

    Members that are one take (a shot and copies of it) stand together.
    """

    takes: tuple[tuple[int, ...], ...]
    name: str
    because: str


class SeriesDetectors:
    """All detectors that work by times, tags and signatures; `burst_gap_s` is the longest gap inside a burst."""

    def __init__(self, burst_gap_s: float) -> None:
        self._panorama = PanoramaDetector()
        self._detectors: tuple[SeriesDetector, ...] = (
            BracketDetector(burst_gap_s),
            self._panorama,
            TimeLapseDetector(),
        )

    def prepare(self, shots: Sequence[Shot], members: Iterable[int]) -> None:
        """Compare at once what the detectors will compare for members (indices into shots) of any group."""
        self._panorama.prepare(shots, members)

    def series_among(self, shots: Sequence[Shot], members: Sequence[int]) -> list[Series]:
        """Return the series that members of a group belong to, no member in two.

        The timeline around the group is looked at too: of a wide bracket or a sweep only some shots may look alike.
        """
        series: list[Series] = []
        left = list(members)
        for camera in dict.fromkeys(shots[m].camera.name for m in members):
            own = [shots[m] for m in members if is_trusted(shots[m], camera)]
            max_gap_s = max(detector.max_gap_s(own) for detector in self._detectors)
            take_of = take_by_content(shots_around(shots, members, camera, max_gap_s))
            takes = [take for content, take in take_of.items() if take.content == content]
            wanted = {take_of[s.content].content for s in own}
            if len(takes) < MIN_SHOTS or not wanted:
                continue
            for detector in self._detectors:
                for found in detector.detect(Takes(takes, wanted, own)):
                    parts = _members_of(found, shots, left, take_of)
                    left = [m for m in left if not any(m in part for part in parts)]
                    if parts:
                        series.append(Series(parts, found.name, found.because))
        return series


def _members_of(
    found: FoundSeries, shots: Sequence[Shot], members: Sequence[int], take_of: dict[bytes, Shot]
) -> tuple[tuple[int, ...], ...]:
    """Return which members are in a series, those of one take together."""
    by_take: dict[bytes, list[int]] = {s.content: [] for s in found.takes}
    for m in members:
        take = take_of.get(shots[m].content)
        if take is not None and take.content in by_take:
            by_take[take.content].append(m)
    return tuple(tuple(part) for part in by_take.values() if part)
