"""What a walk leaves out on purpose: why, how often, and some examples."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from enum import StrEnum

from dejashot.language.texts import english_plural, noted_plural

EXAMPLES = 20  # paths kept of each reason; a library of another program's may hold a hundred thousand


class ExclusionReason(StrEnum):
    """Why something in a watched folder is not looked at, in the order in which reports list it."""

    FOLDER_LINK = "folder_link"
    LINK = "link"
    BROKEN_LINK = "broken_link"
    PACKAGE = "package"
    CLOUD = "cloud"
    UNKNOWN_KIND = "unknown_kind"
    SPECIAL = "special"
    HIDDEN = "hidden"
    HIDDEN_FOLDER = "hidden_folder"
    IGNORED = "ignored"
    SYSTEM = "system"
    OWN = "own"

    @property
    def is_reported(self) -> bool:
        """Return whether an owner wants to know: not of what systems, sync tools and Dejashot itself put there."""
        return self in _LABELS

    @property
    def forms(self) -> tuple[str, str]:
        """Return what was left out in words with a `{count}`, for one and for many; raise KeyError if not reported."""
        return _LABELS[self]


_LABELS = {
    ExclusionReason.FOLDER_LINK: noted_plural(
        "{count} link to a folder, not followed", "{count} links to folders, not followed"
    ),
    ExclusionReason.LINK: noted_plural("{count} link to a file, not followed", "{count} links to files, not followed"),
    ExclusionReason.BROKEN_LINK: noted_plural("{count} link that leads nowhere", "{count} links that lead nowhere"),
    ExclusionReason.PACKAGE: noted_plural(
        "{count} package of another program, not entered", "{count} packages of other programs, not entered"
    ),
    ExclusionReason.CLOUD: noted_plural(
        "{count} photo that is only in the cloud", "{count} photos that are only in the cloud"
    ),
    ExclusionReason.UNKNOWN_KIND: noted_plural("{count} file of an unknown kind", "{count} files of an unknown kind"),
    ExclusionReason.SPECIAL: noted_plural("{count} pipe, socket or device", "{count} pipes, sockets or devices"),
    ExclusionReason.HIDDEN: noted_plural(
        "{count} hidden photo ([watch] hidden)", "{count} hidden photos ([watch] hidden)"
    ),
    ExclusionReason.HIDDEN_FOLDER: noted_plural(
        "{count} hidden folder ([watch] hidden)", "{count} hidden folders ([watch] hidden)"
    ),
    ExclusionReason.IGNORED: noted_plural(
        "{count} photo or folder as you asked ([watch] ignore)",
        "{count} photos or folders as you asked ([watch] ignore)",
    ),
}


@dataclass(frozen=True, slots=True)
class Exclusion:
    """How much was left out for one reason, and some of it.

    Paths (bytes) are below the watched folder, in the order of the walk.
    """

    why: ExclusionReason
    count: int
    paths: tuple[bytes, ...] = ()

    @property
    def counted(self) -> str:
        """Return what was left out in words, in English: `2 links to files, not followed`."""
        return english_plural(self.why.forms, self.count)


@dataclass(slots=True)
class ExclusionCounts:
    """Count what a walk leaves out."""

    _counts: Counter[ExclusionReason] = field(default_factory=Counter)
    _paths: dict[ExclusionReason, list[bytes]] = field(default_factory=dict)

    def add(self, why: ExclusionReason, path: bytes) -> None:
        """Count one path (bytes), unless it is of no interest to the owner."""
        if why.is_reported:
            self._counts[why] += 1
            if self._counts[why] <= EXAMPLES:
                self._paths.setdefault(why, []).append(path)

    def all(self) -> list[Exclusion]:
        """Return what was counted, in the order of the reasons."""
        return [
            Exclusion(why, self._counts[why], tuple(self._paths[why])) for why in ExclusionReason if why in self._paths
        ]


def merged(parts: Iterable[Exclusion]) -> list[Exclusion]:
    """Return what was left out in several folders as one, in the order of the reasons."""
    found: dict[ExclusionReason, Exclusion] = {}
    for part in parts:
        before = found.get(part.why, Exclusion(part.why, 0))
        found[part.why] = replace(
            before, count=before.count + part.count, paths=(*before.paths, *part.paths)[:EXAMPLES]
        )
    return [found[why] for why in ExclusionReason if why in found]
