"""What the owner's decisions mean for files: which are removed, which are kept, and which are refused and why."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from types import MappingProxyType

from dejashot.actions.plan import LAST, NO_GROUP, SAME_FILE, RefusedFile, RequiredCopy
from dejashot.language.texts import noted
from dejashot.models.decisions import Verdict
from dejashot.models.files import FileStamp


@dataclass(frozen=True, slots=True)
class LocatedFile:
    """One file that may hold a photo: its watched folder and absolute path (bytes), and content.

    `there` is whether it is on the disk today, a regular file of the size known; `stamp` and `links` (names it has)
    are today's. `problem` says why it may not be touched, empty when it may.
    """

    folder: bytes
    path: bytes
    content: bytes
    there: bool
    stamp: FileStamp
    problem: str = ""
    links: int = 1


@dataclass(frozen=True, slots=True)
class Resolution:
    """What the decisions mean for files, by path.

    `remove` maps files that go to the copies of which one must stay. `keep` are files that the owner keeps.
    """

    remove: dict[bytes, tuple[RequiredCopy, ...]] = field(default_factory=dict)
    keep: list[bytes] = field(default_factory=list)
    refused: list[RefusedFile] = field(default_factory=list)

    def without(self, files: Set[bytes], why: str) -> "Resolution":
        """Return the same with some files refused: they are neither removed nor kept, nor do they let others go."""
        lost = {p for p, copies in self.remove.items() if copies and all(c.path in files for c in copies)} - files
        refused = [RefusedFile(p, why) for p in (*self.remove, *self.keep) if p in files]
        refused += [RefusedFile(p, LAST) for p in lost]
        remove = {
            path: tuple(c for c in copies if c.path not in files)
            for path, copies in self.remove.items()
            if path not in files and path not in lost
        }
        keep = [p for p in self.keep if p not in files]
        return Resolution(remove, keep, sorted((*self.refused, *refused), key=lambda r: r.path))


def resolve(
    files: Mapping[bytes, LocatedFile],
    groups: Iterable[Sequence[bytes]],
    verdicts: Mapping[bytes, Verdict],
    ranks: Mapping[bytes, int] = MappingProxyType({}),
    last: Set[bytes] = frozenset(),
) -> Resolution:
    """Decide which files go: every file of a rejected photo, and all but one of a photo of which one is enough.

    `groups` holds the paths of each group's files: a rejected photo goes only where another file stays. `last` stay of
    groups rejected as a whole. Of equal files the first by `ranks` stays, then the one with the shortest path.
    """
    resolution = Resolution()
    group_of = {path: members for members in groups for path in members}
    decided = _decided(files, verdicts, ranks)
    spare: set[bytes] = set()
    for verdict, equal in decided:
        if verdict is Verdict.KEEP_ONE:
            spare |= _keep_one(equal, resolution)
        elif verdict is Verdict.KEEP:
            resolution.keep.extend(f.path for f in equal if f.there)
    for verdict, equal in decided:
        for file in equal if verdict is Verdict.REJECT else ():
            stays = [m for m in group_of.get(file.path, ()) if _stays(files.get(m), verdicts, last) and m not in spare]
            why = _refusal(file, grouped=file.path in group_of, survived=bool(stays) and file.path not in last)
            if why:
                resolution.refused.append(RefusedFile(file.path, why))
            else:
                resolution.remove[file.path] = tuple(RequiredCopy(m, files[m].content) for m in stays)
    resolution.refused.sort(key=lambda r: r.path)
    return resolution


def _decided(
    files: Mapping[bytes, LocatedFile], verdicts: Mapping[bytes, Verdict], ranks: Mapping[bytes, int]
) -> list[tuple[Verdict, list[LocatedFile]]]:
    """Return each verdict with the equal files it is about, the one to be preferred first."""
    by_content: dict[bytes, list[LocatedFile]] = {}
    for file in files.values():
        by_content.setdefault(file.content, []).append(file)
    return [
        (verdicts[content], sorted(equal, key=lambda f: (ranks.get(f.path, len(ranks)), *_shortest(f))))
        for content, equal in sorted(by_content.items())
        if content in verdicts
    ]


def _shortest(file: LocatedFile) -> tuple[int, str]:
    name = file.path.decode("utf-8", "surrogateescape")  # its length in characters, as reports count
    return len(name), name


def _keep_one(equal: Sequence[LocatedFile], resolution: Resolution) -> set[bytes]:
    """Let one of several equal files stay; return those that are one too many, whether or not they can go."""
    there = [f for f in equal if f.there]
    if not there:
        return set()
    original, *others = there
    resolution.keep.append(original.path)
    names = Counter((f.stamp.device, f.stamp.inode) for f in there)
    own = original.stamp.device, original.stamp.inode
    for other in others:
        if (other.stamp.device, other.stamp.inode) == own and other.links < names[own]:
            resolution.refused.append(RefusedFile(other.path, SAME_FILE))
        elif other.problem:
            resolution.refused.append(RefusedFile(other.path, other.problem))
        else:
            resolution.remove[other.path] = (RequiredCopy(original.path, original.content),)
    return {o.path for o in others}


def _stays(member: LocatedFile | None, verdicts: Mapping[bytes, Verdict], last: Set[bytes]) -> bool:
    """Return whether a member of a group is there, and is not rejected or stays as the last one."""
    return (
        member is not None
        and member.there
        and (verdicts.get(member.content) is not Verdict.REJECT or member.path in last)
    )


def _refusal(file: LocatedFile, *, grouped: bool, survived: bool) -> str:
    if file.problem:
        return file.problem
    if not file.there:
        return noted("it is no longer there as it was read")
    return "" if survived else LAST if grouped else NO_GROUP
