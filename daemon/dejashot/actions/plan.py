"""What would be done about the owner's decisions, file by file and with reasons for what is left alone: nothing is touched here."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from dejashot.actions import checked_values
from dejashot.models.decisions import Verdict
from dejashot.models.files import FileStamp

NO_GROUP = "it is in no group of the same shot today: nothing shows that another take of it stays"
LAST = "nothing of its group would stay: the last one always does"
SAME_FILE = "it is the same file as the one that stays, seen through another folder"
IN_PACKAGE = "it lies in another program's package, in which only that program may change anything"
WARNING = (
    "If a sync tool keeps these folders and your phone alike, what leaves them here is deleted on the phone too. "
    "Look at the settings of your sync tool first if that is not what you want."
)


class Method(StrEnum):
    """What is done about decisions: move, trash, rate, link, or list."""

    QUARANTINE = "quarantine"
    TRASH = "trash"
    XMP = "xmp"
    ALBUM = "album"
    LIST = "list"

    @property
    def moves(self) -> bool:
        """Tell whether photos leave their folders."""
        return self in (Method.QUARANTINE, Method.TRASH)


@dataclass(frozen=True, slots=True)
class LocatedFile:
    """One file that may hold a photo: its watched folder and absolute path (bytes), content, and what stands in the way of touching it.

    `there` tells whether it is on the disk today, a regular file of the size known. `stamp` and `links` (names it has) are today's.
    """

    folder: bytes
    path: bytes
    content: bytes
    there: bool
    stamp: FileStamp
    trouble: str = ""
    links: int = 1


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
class Item:
    """One file that something is done with.

    `photo` is the number of the item whose companion this is, or its own. `target` is the new path, the album's name, or the sidecar.
    `content` is the BLAKE2b-256 of the bytes, empty for a companion until the plan is carried out. One of `guards` must stay.
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
        """Tell whether this only goes along with a photo."""
        return self.photo != self.number


@dataclass(frozen=True, slots=True)
class Plan:
    """All that one batch would do.

    `guards` holds sets of files that items point to, `roots` the watched folders with device and inode, by which they are known again;
    `made_us` is microseconds since 1970. `trouble` says why none of it can be carried out as things are,
    `notice` what is better waited for, `left_behind` which files have the name of one that goes, and stay.
    """

    id: str
    how: Method
    to: bytes
    made_us: int
    items: tuple[Item, ...]
    guards: tuple[tuple[RequiredCopy, ...], ...] = ()
    refused: tuple[RefusedFile, ...] = ()
    roots: tuple[tuple[bytes, int, int], ...] = ()
    trouble: str = ""
    notice: str = ""
    left_behind: tuple[bytes, ...] = ()

    @property
    def photos(self) -> int:
        """Return how many photos it is about."""
        return sum(not item.companion for item in self.items)

    @property
    def size_bytes(self) -> int:
        """Return how many bytes leave their folders, or are listed: companions included, each file once, and none that has other names."""
        return 0 if self.how in (Method.XMP, Method.ALBUM) else planned_bytes(self.items)


def planned_bytes(items: Iterable[Item]) -> int:
    """Return the bytes of some files, counted once for all names of one file and not at all while one of its names is not among them."""
    names: dict[tuple[int, int], list[Item]] = {}
    for item in items:
        names.setdefault((item.stamp.device, item.stamp.inode), []).append(item)
    return sum(
        group[0].stamp.size_bytes for group in names.values() if len({i.source for i in group}) >= group[0].links
    )


@dataclass(frozen=True, slots=True)
class Resolution:
    """What the decisions mean for files: `going` with the sets of files of which one must stay, `staying` what the owner keeps."""

    going: dict[bytes, tuple[RequiredCopy, ...]] = field(default_factory=dict)
    staying: list[bytes] = field(default_factory=list)
    refused: list[RefusedFile] = field(default_factory=list)

    def but(self, spared: Set[bytes], why: str) -> "Resolution":
        """Return the same without some files: they neither go nor stay, they are refused, and nothing goes because they are there."""
        lost = {p for p, held in self.going.items() if held and all(g.path in spared for g in held)} - spared
        refused = [RefusedFile(p, why) for p in (*self.going, *self.staying) if p in spared] + [
            RefusedFile(p, LAST) for p in lost
        ]
        left = {
            p: tuple(g for g in held if g.path not in spared)
            for p, held in self.going.items()
            if p not in spared and p not in lost
        }
        staying = [p for p in self.staying if p not in spared]
        return Resolution(left, staying, sorted((*self.refused, *refused), key=lambda r: r.path))


def resolve(
    spots: Mapping[bytes, LocatedFile],
    groups: Iterable[Sequence[bytes]],
    words: Mapping[bytes, Verdict],
    ranks: Mapping[bytes, int] = MappingProxyType({}),
) -> Resolution:
    """Decide which files go, by path: every file of a rejected photo, and all but one of a photo of which one is enough.

    `groups` holds the paths of each group's files. A rejected photo goes only where a file of its group that is not rejected is there
    and does not go; of files that are one too many the first by `ranks` stays (by path: the order in which reports prefer them), then
    the one with the shortest path.
    """
    found = Resolution()
    group_of = {path: members for members in groups for path in members}
    by_content: dict[bytes, list[LocatedFile]] = {}
    for spot in spots.values():
        by_content.setdefault(spot.content, []).append(spot)
    decided = [
        (words[content], sorted(files, key=lambda f: (ranks.get(f.path, len(ranks)), *_shortest(f))))
        for content, files in sorted(by_content.items())
        if content in words
    ]
    spare: set[bytes] = set()
    for word, files in decided:
        if word is Verdict.KEEP_ONE:
            spare |= _keep_one(files, found)
        elif word is Verdict.KEEP:
            found.staying.extend(f.path for f in files if f.there)
    for word, files in decided:
        for spot in files if word is Verdict.REJECT else ():
            stays = [m for m in group_of.get(spot.path, ()) if _stays(spots, m, words, spare)]
            why = _refusal(spot, spot.path in group_of, bool(stays))
            if why:
                found.refused.append(RefusedFile(spot.path, why))
            else:
                found.going[spot.path] = tuple(RequiredCopy(m, spots[m].content) for m in stays)
    found.refused.sort(key=lambda r: r.path)
    return found


def _shortest(spot: LocatedFile) -> tuple[int, str]:
    name = _text(spot.path)  # as reports count
    return len(name), name


def _keep_one(files: Sequence[LocatedFile], found: Resolution) -> set[bytes]:
    """Let one of several equal files stay; return those that are one too many, whether or not they can go."""
    there = [f for f in files if f.there]
    if not there:
        return set()
    original, *others = there
    found.staying.append(original.path)
    names = Counter((f.stamp.device, f.stamp.inode) for f in there)
    own = original.stamp.device, original.stamp.inode
    for other in others:
        if (other.stamp.device, other.stamp.inode) == own and other.links < names[own]:
            found.refused.append(RefusedFile(other.path, SAME_FILE))
        elif other.trouble:
            found.refused.append(RefusedFile(other.path, other.trouble))
        else:
            found.going[other.path] = (RequiredCopy(original.path, original.content),)
    return {o.path for o in others}


def _stays(
    spots: Mapping[bytes, LocatedFile], member: bytes, words: Mapping[bytes, Verdict], spare: set[bytes]
) -> bool:
    """Tell whether a member of a group is there, is not rejected and is not one too many."""
    spot = spots.get(member)
    return spot is not None and spot.there and words.get(spot.content) is not Verdict.REJECT and member not in spare


def _refusal(spot: LocatedFile, grouped: bool, survived: bool) -> str:
    if spot.trouble:
        return spot.trouble
    if not spot.there:
        return "it is no longer there as it was read"
    return "" if survived else LAST if grouped else NO_GROUP


def item_body(item: Item) -> dict[str, Any]:
    """Return an item as values that JSON can hold."""
    body = asdict(item)
    body |= {name: _text(body[name]) for name in ("folder", "source", "target")}
    return body | {"content": item.content.hex(), "stamp": asdict(item.stamp)}


def plan_body(plan: Plan) -> dict[str, Any]:
    """Return a plan as values that JSON can hold; bytes of a path that are no text become lone surrogates."""
    return {
        "schema": "dejashot.plan/1",
        "id": plan.id,
        "how": plan.how.value,
        "to": _text(plan.to),
        "made_us": plan.made_us,
        "photos": plan.photos,
        "files": len(plan.items),
        "bytes": plan.size_bytes,
        "warning": WARNING if plan.how.moves else "",
        "items": [item_body(i) for i in plan.items],
        "guards": [[[_text(g.path), g.content.hex()] for g in guards] for guards in plan.guards],
        "refused": [{"path": _text(r.path), "why": r.why} for r in plan.refused],
        "roots": [[_text(path), device, inode] for path, device, inode in plan.roots],
        "trouble": plan.trouble,
        "notice": plan.notice,
        "left_behind": [_text(path) for path in plan.left_behind],
    }


def plan_from(body: Mapping[str, Any]) -> Plan:
    """Return the plan that a body was made of; raise what `checked.NONSENSE` holds when it does not hold together."""
    guards = tuple(
        tuple(RequiredCopy(checked_values.absolute(path), checked_values.content(c)) for path, c in held)
        for held in checked_values.listed(body["guards"])
    )
    items = tuple(_item(i, len(guards)) for i in checked_values.listed(body["items"]))
    numbers = {i.number for i in items}
    if len(numbers) != len(items) or not all(i.photo in numbers for i in items):
        raise ValueError("items that do not belong together")
    return Plan(
        id=checked_values.text(body["id"]),
        how=Method(body["how"]),
        to=checked_values.raw(body["to"]),
        made_us=checked_values.moment_us(body["made_us"]),
        items=items,
        guards=guards,
        refused=tuple(
            RefusedFile(checked_values.raw(r["path"]), checked_values.text(r["why"]))
            for r in checked_values.listed(body["refused"])
        ),
        roots=tuple(
            (checked_values.absolute(path), checked_values.whole_number(device), checked_values.whole_number(inode))
            for path, device, inode in checked_values.listed(body["roots"])
        ),
        left_behind=tuple(
            checked_values.raw(path) for path in checked_values.listed(body.get("left_behind", []))
        ),  # batches of before have none
    )


def _item(body: Mapping[str, Any], guards: int) -> Item:
    """Return an item of a plan with so many sets of guards."""
    stamp = {name: checked_values.whole_number(value) for name, value in body["stamp"].items()}
    return Item(
        number=checked_values.whole_number(body["number"], 0),
        photo=checked_values.whole_number(body["photo"], 0),
        folder=checked_values.absolute(body["folder"]),
        source=checked_values.absolute(body["source"]),
        target=checked_values.raw(body["target"]),
        content=checked_values.content(body["content"], may_lack=True),
        stamp=FileStamp(**stamp),
        links=checked_values.whole_number(body["links"], 0),
        rating=checked_values.whole_number(body["rating"]),
        guards=checked_values.whole_number(body["guards"], -1, guards - 1),
        month=checked_values.text(body["month"]),
        camera=checked_values.text(body["camera"]),
    )


def _text(path: bytes) -> str:
    return path.decode("utf-8", "surrogateescape")
