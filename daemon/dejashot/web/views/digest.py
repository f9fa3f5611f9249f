"""A digest as the page shows it: its groups as they stood in it, and where each is chosen now."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from dejashot.digests.stored import StoredDigest, StoredGroup, StoredPhoto
from dejashot.language.texts import noted
from dejashot.models.groups import Kind
from dejashot.reports.formats.selection import mark_of, shown_first
from dejashot.web.views.groups import GroupsView


@dataclass(frozen=True, slots=True)
class GroupPlace:
    """Where a group of a digest is chosen now: the link to it, empty where its photos are gone, and what it is."""

    link: str
    words: str


@dataclass(frozen=True, slots=True)
class DigestPhotoView:
    """A photo of a digest: whether it is still there to be shown, and what was said of it (`keep`, `go` or nothing)."""

    photo: StoredPhoto
    there: bool
    mark: str
    words: str
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DigestGroupView:
    """A group of a digest: when it was taken, the photos that are shown of it and how many are not, and its place."""

    group: StoredGroup
    taken: datetime
    photos: tuple[DigestPhotoView, ...]
    more: int
    place: GroupPlace


def digest_groups(digest: StoredDigest) -> list[StoredGroup]:
    """Return the groups of a digest in which there was something to choose, newest first."""
    return [g for g in digest.groups if g.kind is not Kind.SERIES][::-1]


def digest_group_views(
    digest: StoredDigest, groups: Sequence[StoredGroup], groups_view: GroupsView
) -> list[DigestGroupView]:
    """Return some groups of a digest as the page shows them."""
    photos = {photo.path: photo for photo in digest.photos}
    return [
        _group_view(group, members, groups_view)
        for group in groups
        if (members := [photos[path] for path in group.photos if path in photos])
    ]


def group_place(group_id: str, contents: Sequence[bytes], groups_view: GroupsView) -> GroupPlace:
    """Return where a group is chosen now: under its own id, else where most of its photos are."""
    found = groups_view.group_view(group_id)
    if found is not None:
        return GroupPlace(f"/group/{group_id}", noted("Choose") if found.open else noted("Chosen"))
    group_of = groups_view.groups_of(contents)
    now_in = Counter(group_of[c] for c in contents if c in group_of)
    for other, _ in now_in.most_common():
        if groups_view.group_view(other) is not None:
            return GroupPlace(f"/group/{other}", noted("Its photos are in another group now"))
    shots = groups_view.shots_with(contents)
    left = next((shots[c] for c in contents if c in shots), None)
    if left is not None:
        day = datetime.fromisoformat(left.taken.iso).date()
        return GroupPlace(f"/timeline/{day}", noted("Its photos are in no group any more"))
    return GroupPlace("", noted("Its photos are not there any more"))


def _group_view(group: StoredGroup, members: Sequence[StoredPhoto], groups_view: GroupsView) -> DigestGroupView:
    chosen = shown_first([p.path for p in members], group.keepers)
    shown = [p for p in members if p.path in chosen]
    there = groups_view.there([bytes.fromhex(p.content) for p in shown])
    return DigestGroupView(
        group=group,
        taken=members[0].taken_at,
        photos=tuple(_photo_view(group, p, there) for p in shown),
        more=len(members) - len(shown),
        place=group_place(group.id, [bytes.fromhex(p.content) for p in members], groups_view),
    )


def _photo_view(group: StoredGroup, photo: StoredPhoto, known: Collection[bytes]) -> DigestPhotoView:
    kept = photo.path in group.keepers
    mark, words = mark_of(group.decisions.get(photo.path), kept=kept, pending=group.pending)
    there = bytes.fromhex(photo.content) in known
    reasons = tuple(group.reasons.get(photo.path, ())) if mark == "keep" else ()
    return DigestPhotoView(photo, there, mark, words, reasons)
