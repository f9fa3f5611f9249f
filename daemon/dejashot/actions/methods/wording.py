"""What each method is called, and how a plan and a batch of it are put into words, on the page and on a terminal."""

from collections.abc import Callable
from dataclasses import dataclass

from dejashot.actions.batch import UNDONE_IN_PART, UNFINISHED, Summary
from dejashot.actions.plan import Plan
from dejashot.language.formats import format_bytes
from dejashot.language.texts import noted, t, tn
from dejashot.models.decisions import ApplyMethod
from dejashot.paths import shown
from dejashot.reports.wording import (
    plural,
)


@dataclass(frozen=True, slots=True)
class Wording:
    """The texts of one method, of which `name` and `summary`, in English, present it.

    `does` says what happens to so many photos (in a folder), `button` what pressing does with so many files. `undo`
    takes so many things back. `task` is for a terminal, with `{files}`, `{ratings}`, `{photos}`, `{size}` and `{to}`.
    """

    name: str
    summary: str
    does: Callable[[int, str], str]
    button: Callable[[int], str]
    task: str
    undo: Callable[[int], str] | None = None


def _bring_back(count: int) -> str:
    return tn("Bring back {count} file", "Bring back {count} files", count)


WORDING: dict[ApplyMethod, Wording] = {
    ApplyMethod.QUARANTINE: Wording(
        # Translators: a way to apply what was chosen: the files move to a folder of the owner's
        name=noted("Set aside"),
        summary=noted("rejected shots move to a folder that you name, outside the ones that are watched"),
        does=lambda count, folder: tn(
            "{count} photo goes to {folder}.", "{count} photos go to {folder}.", count, folder=folder
        ),
        button=lambda count: tn("Set aside {count} file", "Set aside {count} files", count),
        task="move {files} ({size}) to {to}",
        undo=_bring_back,
    ),
    ApplyMethod.TRASH: Wording(
        # Translators: a way to apply what was chosen
        name=noted("To the trash"),
        summary=noted("rejected shots go to the trash of this computer"),
        does=lambda count, _: tn("{count} photo goes to the trash.", "{count} photos go to the trash.", count),
        button=lambda count: tn("Put {count} file into the trash", "Put {count} files into the trash", count),
        task="put {files} ({size}) into the trash",
        undo=_bring_back,
    ),
    ApplyMethod.XMP: Wording(
        # Translators: a way to apply what was chosen: photos get stars
        name=noted("Rate"),
        summary=noted(
            "nothing moves: sidecar files say 5 stars for what you keep and rejected for the rest, "
            "for Lightroom, digiKam, darktable, Immich"
        ),
        does=lambda count, _: tn("{count} photo gets a rating.", "{count} photos get a rating.", count),
        button=lambda count: tn("Write ratings for {count} file", "Write ratings for {count} files", count),
        task="write {ratings} into sidecars",
        undo=lambda count: tn("Take back {count} rating", "Take back {count} ratings", count),
    ),
    ApplyMethod.ALBUM: Wording(
        # Translators: a way to apply what was chosen: a folder with links to the photos that are kept
        name=noted("Album"),
        summary=noted("nothing moves: a folder of your own gets links to what you keep, which take no space"),
        does=lambda count, folder: tn(
            "{count} photo is linked to {folder}.", "{count} photos are linked to {folder}.", count, folder=folder
        ),
        button=lambda count: tn("Link {count} file", "Link {count} files", count),
        task="link {photos} into {to}",
        undo=lambda count: tn("Remove {count} link", "Remove {count} links", count),
    ),
    ApplyMethod.LIST: Wording(
        # Translators: a way to apply what was chosen: nothing but a list is made
        name=noted("List"),
        summary=noted("nothing is done: the rejected files are listed"),
        does=lambda count, _: tn("{count} photo is rejected.", "{count} photos are rejected.", count),
        button=lambda count: tn("List {count} file", "List {count} files", count),
        task="list {files}",
    ),
}


def describe_plan(plan: Plan) -> str:
    """Return what a plan does: `2 photos go to /q. 3 files that belong to them go along.`"""
    photos, others = plan.photos, len(plan.items) - plan.photos
    does = WORDING[plan.how].does(photos, shown(plan.to))
    if not others:
        return does
    along = (
        tn("{count} file that belongs to it goes along.", "{count} files that belong to it go along.", others)
        if photos == 1
        else tn("{count} file that belongs to them goes along.", "{count} files that belong to them go along.", others)
    )
    return f"{does} {along}"


def plan_button(plan: Plan) -> str:
    """Return the label of the button that carries a plan out."""
    size = f" ({format_bytes(plan.size_bytes)})" if plan.size_bytes else ""
    return f"{WORDING[plan.how].button(len(plan.items))}{size}"


def undo_button(batch: Summary) -> str:
    """Return the label of the button that takes a batch back."""
    if batch.stopped:
        return t("Take it all back") if batch.state == UNFINISHED else t("Bring back the rest")
    if batch.state == UNDONE_IN_PART:
        return t("Try the rest again")
    undo = WORDING[batch.how].undo or _bring_back
    return undo(batch.files)


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
