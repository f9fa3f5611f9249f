"""What each method is called, and how a plan and a batch of it are put into words, on the page and on a terminal."""

from dataclasses import dataclass

from dejashot.actions.batch import UNDONE_IN_PART, UNFINISHED, Summary
from dejashot.actions.plan import Plan
from dejashot.language.formats import format_bytes
from dejashot.models.decisions import ApplyMethod
from dejashot.paths import shown
from dejashot.reports.wording import (
    plural,
)


@dataclass(frozen=True, slots=True)
class Wording:
    """The texts of one method.

    `name` and `summary` present it. `one` and `many` say what happens to photos, `button` what pressing does with
    files. `undo` takes a number of things (`undone`) back. `task` is for a terminal, with `{files}`, `{ratings}`,
    `{photos}`, `{size}` and `{to}`.
    """

    name: str
    summary: str
    one: str
    many: str
    button: str
    task: str
    undo: str = ""
    undone: str = "file"


WORDING: dict[ApplyMethod, Wording] = {
    ApplyMethod.QUARANTINE: Wording(
        name="Set aside",
        summary="rejected shots move to a folder that you name, outside the ones that are watched",
        one="goes",
        many="go",
        button="Set aside",
        task="move {files} ({size}) to {to}",
        undo="Bring back",
    ),
    ApplyMethod.TRASH: Wording(
        name="To the trash",
        summary="rejected shots go to the trash of this computer",
        one="goes to the trash",
        many="go to the trash",
        button="Put into the trash",
        task="put {files} ({size}) into the trash",
        undo="Bring back",
    ),
    ApplyMethod.XMP: Wording(
        name="Rate",
        summary="nothing moves: sidecar files say 5 stars for what you keep and rejected for the rest, "
        "for Lightroom, digiKam, darktable, Immich",
        one="gets a rating",
        many="get a rating",
        button="Write ratings for",
        task="write {ratings} into sidecars",
        undo="Take back",
        undone="rating",
    ),
    ApplyMethod.ALBUM: Wording(
        name="Album",
        summary="nothing moves: a folder of your own gets links to what you keep, which take no space",
        one="is linked",
        many="are linked",
        button="Link",
        task="link {photos} into {to}",
        undo="Remove",
        undone="link",
    ),
    ApplyMethod.LIST: Wording(
        name="List",
        summary="nothing is done: the rejected files are listed",
        one="is rejected",
        many="are rejected",
        button="List",
        task="list {files}",
    ),
}


def describe_plan(plan: Plan) -> str:
    """Return what a plan does: `2 photos with 3 files that belong to them go`."""
    photos, others, wording = plan.photos, len(plan.items) - plan.photos, WORDING[plan.how]
    along = (
        f" with {plural(others, 'file')} that belong{'s' if others == 1 else ''} to {'it' if photos == 1 else 'them'}"
        if others
        else ""
    )
    return f"{plural(photos, 'photo')}{along} {wording.one if photos == 1 else wording.many}"


def plan_button(plan: Plan) -> str:
    """Return the label of the button that carries a plan out."""
    size = f" ({format_bytes(plan.size_bytes)})" if plan.size_bytes else ""
    return f"{WORDING[plan.how].button} {plural(len(plan.items), 'file')}{size}"


def undo_button(batch: Summary) -> str:
    """Return the label of the button that takes a batch back."""
    if batch.stopped:
        return "Take it all back" if batch.state == UNFINISHED else "Bring back the rest"
    if batch.state == UNDONE_IN_PART:
        return "Try the rest again"
    wording = WORDING[batch.how]
    return f"{wording.undo} {plural(batch.files, wording.undone)}"


def describe_task(plan: Plan) -> str:
    """Return what is to be done, as a command says it: `move 5 files (8.1 MB, 3 companions among them) to /q`."""
    count, along = len(plan.items), len(plan.items) - plan.photos
    more = f", {plural(along, 'companion')} among them" if along else ""
    return WORDING[plan.how].task.format(
        files=plural(count, "file"),
        ratings=plural(count, "rating"),
        photos=plural(count, "photo"),
        size=f"{format_bytes(plan.size_bytes)}{more}",
        to=shown(plan.to),
    )
