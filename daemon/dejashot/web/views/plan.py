"""A plan as the page shows it: by group, what something is done with, and what stays beside it and why."""

import os
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from dejashot.actions.plan import Item, Plan, RefusedFile
from dejashot.language.formats import format_list
from dejashot.language.stored_texts import translate_stored
from dejashot.language.texts import noted, t
from dejashot.models.decisions import ApplyMethod, Verdict
from dejashot.paths import shown
from dejashot.reports.wording import join_detail
from dejashot.web.views.group import GroupView, ShotView
from dejashot.web.views.groups import GroupsView

_DONE = {
    ApplyMethod.QUARANTINE: noted("Set aside"),
    ApplyMethod.TRASH: noted("To the trash"),
    ApplyMethod.LIST: noted("Rejected"),
}
_WHY = {
    Verdict.KEEP: noted("you keep it"),
    Verdict.KEEP_ONE: noted("you keep one of its files"),
    None: noted("you have not chosen yet"),
}


@dataclass(frozen=True, slots=True)
class PlannedPhoto:
    """A photo of a plan: its number, content in hex, path below its folder, what is done, and with how many bytes.

    `gone` tells that it is one of the rejected, `companions` how many files go along.
    """

    number: int
    content: str
    path: str
    done: str
    gone: bool
    size_bytes: int
    companions: int


@dataclass(frozen=True, slots=True)
class StayingPhoto:
    """A photo of the same group that a plan leaves as it is, and why."""

    shot_view: ShotView
    why: str


@dataclass(frozen=True, slots=True)
class PlannedGroup:
    """The photos of one group in a plan; `group_view` is None for those that are in no group now."""

    group_view: GroupView | None
    planned: tuple[PlannedPhoto, ...]
    staying: tuple[StayingPhoto, ...]


@dataclass(frozen=True, slots=True)
class LeftAlone:
    """A file that was left alone, and why; `content` in hex is empty where no picture of it is known."""

    path: str
    why: str
    content: str


def planned_groups(plan: Plan, groups_view: GroupsView, start: int, count: int) -> tuple[list[PlannedGroup], int]:
    """Return some groups of a plan from the one numbered `start` on, and how many there are; those in none come last.

    The work on a group is done for those alone that are returned.
    """
    by_group: dict[str, list[Item]] = {}
    photos = [item for item in plan.items if not item.companion]
    group_of = groups_view.groups_of(sorted({item.content for item in photos}))
    for item in photos:
        by_group.setdefault(group_of.get(item.content, ""), []).append(item)
    no_group = by_group.pop("", [])
    named = [*by_group.items(), *(("", no_group[at : at + count]) for at in range(0, len(no_group), count))]
    wanted = named[start : start + count]
    numbers = {item.number for _, items in wanted for item in items}
    along: dict[int, list[Item]] = {}
    for item in plan.items:
        if item.photo in numbers:
            along.setdefault(item.photo, []).append(item)
    refused = {r.path: r.why for r in plan.refused}
    found: list[PlannedGroup] = []
    for name, items in wanted:
        group_view = groups_view.group_view(name) if name else None
        planned = tuple(_planned(plan.how, item, along[item.number]) for item in items)
        staying = _staying(group_view, items, _Reasons(groups_view.root, refused)) if group_view else ()
        found.append(PlannedGroup(group_view, planned, staying))
    return found, len(named)


def left_alone(refused: Iterable[RefusedFile], groups_view: GroupsView | None, plan: Plan | None) -> list[LeftAlone]:
    """Return the files that were left alone, each with the content that it holds as far as plan or groups know it."""
    contents = {item.source: item.content.hex() for item in plan.items} if plan else {}
    files = list(refused)
    known = groups_view.contents_at([r.path for r in files if r.path not in contents]) if groups_view else {}
    return [
        LeftAlone(shown(r.path), translate_stored(r.why), contents.get(r.path) or known.get(r.path, b"").hex())
        for r in files
    ]


class _Reasons:
    """Why shots of a group stay: `refused` holds why files were refused, by absolute path."""

    def __init__(self, root: str, refused: Mapping[bytes, str]) -> None:
        self._root, self._refused = os.fsencode(root), refused

    def of(self, shot_view: ShotView) -> str:
        """Return why a shot stays, as far as the plan does."""
        verdict = shot_view.verdict
        if verdict in (Verdict.REJECT, Verdict.KEEP_ONE):
            paths = (os.path.join(self._root, os.fsencode(p)) for p in (shot_view.shot.path, *shot_view.copies))
            why = next((self._refused[path] for path in paths if path in self._refused), "")
            if why or verdict is Verdict.REJECT:
                return join_detail(t("left alone"), translate_stored(why))
        return join_detail(t(_WHY[verdict]), format_list([translate_stored(why) for why in shot_view.why_suggested]))


def _planned(how: ApplyMethod, item: Item, files: Sequence[Item]) -> PlannedPhoto:
    rated = noted("5 stars") if item.rating > 0 else noted("Rejected")
    done = _DONE.get(how) or (noted("Linked") if how is ApplyMethod.ALBUM else rated)
    return PlannedPhoto(
        number=item.number,
        content=item.content.hex(),
        path=shown(os.path.relpath(item.source, item.folder)),
        done=t(done),
        gone=how in _DONE or item.rating < 0,
        size_bytes=sum(file.stamp.size_bytes for file in files),
        companions=len(files) - 1,
    )


def _staying(group_view: GroupView, items: Sequence[Item], reasons: _Reasons) -> tuple[StayingPhoto, ...]:
    """Return the shots of a group of which not every file is in the plan, with why they stay."""
    planned = Counter(item.content for item in items)
    return tuple(
        StayingPhoto(view, reasons.of(view))
        for view in group_view.shot_views
        if planned[view.shot.content] < view.files
    )
