"""What the takes of a group show of one scene, compared with each other: people, the subject, the camera's tilt."""

from collections.abc import Mapping
from dataclasses import dataclass

from dejashot.grouping.keepers.subject import Subject, subjects_of
from dejashot.grouping.keepers.tilt import tilts_of
from dejashot.grouping.people import People, people_of
from dejashot.models.photo import Quality

MUCH_SMALLER = 0.6  # of the largest area of the subject
NOTICEABLE_TILT = 1.5  # degrees between the most level take and a tilted one


@dataclass(frozen=True, slots=True)
class ComparedTakes:
    """The people in some takes, and by member the subject and the tilt in degrees where they are known.

    `is_moving` is whether the takes show different moments, or different parts of the scene.
    """

    people: People
    is_moving: bool
    subjects: Mapping[int, Subject]
    tilts: Mapping[int, float]

    def excess_tilt(self, member: int) -> float:
        """Return by how many degrees a take is tilted more than the most level one, 0 where nobody sees it."""
        more = self.tilts.get(member, 0.0) - min(self.tilts.values(), default=0.0)
        return more if more > NOTICEABLE_TILT else 0.0

    def relative_area(self, member: int) -> float:
        """Return how large the subject is against the largest, 1 where that is not known or hardly differs."""
        largest = max((subject.area for subject in self.subjects.values()), default=0.0)
        area = self.subjects[member].area / largest if largest else 1.0
        return area if area < MUCH_SMALLER else 1.0

    def cuts_off(self, member: int) -> bool:
        """Return whether the frame cuts off the subject of a take, and not that of every take."""
        if all(subject.is_cut_off for subject in self.subjects.values()):
            return False
        return member in self.subjects and self.subjects[member].is_cut_off

    def is_other_moment(self, a: int, b: int) -> bool:
        """Return whether the subject is elsewhere, or much of it has moved, from one take to another."""
        first, second = self.subjects.get(a), self.subjects.get(b)
        return first is not None and second is not None and first.has_moved(second)

    def is_other_focus(self, a: int, b: int) -> bool:
        """Return whether each of two takes of a still scene without faces is sharp where another one is not."""
        both = [self.subjects[m] for m in (a, b) if m in self.subjects]
        return len(both) == 2 and not self.people.count and all(subject.has_own_focus for subject in both)


def compare_takes(qualities: Mapping[int, Quality]) -> ComparedTakes:
    """Return what some takes show; `qualities` is by member, in time order."""
    subjects = subjects_of(qualities)
    complete = all(quality.sketch is not None for quality in qualities.values())
    is_moving = any(s.moves for s in subjects.values()) or (complete and len(qualities) > 1 and not subjects)
    return ComparedTakes(people_of(qualities), is_moving, subjects, tilts_of(qualities))
