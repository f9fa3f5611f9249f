"""A plan: what one batch would do, file by file, with the reasons for every file that is left alone."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace

from dejashot.language.texts import noted
from dejashot.models.decisions import ApplyMethod
from dejashot.models.files import FileStamp

NO_GROUP = noted("it is in no group of the same shot today: nothing shows that another take of it stays")
LAST = noted("nothing of its group would stay: the last one always does")
SAME_FILE = noted("it is the same file as the one that stays, seen through another folder")
IN_PACKAGE = noted("it lies in another program's package, in which only that program may change anything")
OTHER_DISK = noted("the album lies on another disk: a hard link can't reach it; name a folder on the same disk")
WARNING = noted(
    "If a sync tool keeps these folders and your phone alike, what leaves them here is deleted "
    "on the phone too. Look at the settings of your sync tool first if that is not what you "
    "want."
)


@dataclass(frozen=True, slots=True)
class RefusedFile:
    """A file that is left alone, and why in words."""

    path: bytes
    why: str


@dataclass(frozen=True, slots=True)
class RequiredCopy:
    """A file that must be there, with these bytes, for another to go."""

    path: bytes
    content: bytes


@dataclass(frozen=True, slots=True)
class WatchedRoot:
    """A watched folder that files are taken from; device and inode identify it later, both 0 where it is missing."""

    path: bytes
    device: int
    inode: int


@dataclass(frozen=True, slots=True)
class Item:
    """One file that something is done with.

    `photo` is the number of the item whose companion this is, or its own. `target` is the new path, the album's name,
    or the sidecar. `content` is the BLAKE2b-256 of the bytes, empty for a companion until the plan is carried out.
    One of the copies in set `guards` must stay.
    """

    number: int
    photo: int
    folder: bytes
    source: bytes
    target: bytes
    content: bytes
    stamp: FileStamp
    links: int = 1
    rating: int = 0
    guards: int = -1
    month: str = ""
    camera: str = ""

    @property
    def companion(self) -> bool:
        """Return whether this only goes along with a photo."""
        return self.photo != self.number


@dataclass(frozen=True, slots=True)
class Plan:
    """All that one batch would do; `made_us` is microseconds since 1970.

    `guards` holds the sets of required copies that items point to, `roots` the watched folders concerned. `problem`
    says why none of it can be carried out now, `notice` what is better waited for. `left_behind` are files that have
    the name of one that goes, and stay.
    """

    id: str
    how: ApplyMethod
    to: bytes
    made_us: int
    items: tuple[Item, ...]
    guards: tuple[tuple[RequiredCopy, ...], ...] = ()
    refused: tuple[RefusedFile, ...] = ()
    roots: tuple[WatchedRoot, ...] = ()
    problem: str = ""
    notice: str = ""
    left_behind: tuple[bytes, ...] = ()

    @property
    def photos(self) -> int:
        """Return how many photos it is about."""
        return sum(not item.companion for item in self.items)

    @property
    def size_bytes(self) -> int:
        """Return the bytes that leave their folders or are listed, companions included, as `planned_bytes` counts."""
        return 0 if self.how in (ApplyMethod.XMP, ApplyMethod.ALBUM) else planned_bytes(self.items)

    def without(self, photos: Collection[int]) -> "Plan":
        """Return the plan without some photos, by number, and what goes along with them: these stay as they are."""
        items = tuple(item for item in self.items if item.photo not in photos)
        folders = {item.folder for item in items}
        return replace(self, items=items, roots=tuple(root for root in self.roots if root.path in folders))


def planned_bytes(items: Iterable[Item]) -> int:
    """Return the bytes of some files: hard links count once, and not at all while one of them is missing here."""
    names: dict[tuple[int, int], list[Item]] = {}
    for item in items:
        names.setdefault((item.stamp.device, item.stamp.inode), []).append(item)
    return sum(
        group[0].stamp.size_bytes for group in names.values() if len({i.source for i in group}) >= group[0].links
    )
