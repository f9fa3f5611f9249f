"""The pages on which choices are applied, undone and added up. Nothing is touched before a plan that was shown is confirmed."""

import os
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from dejashot.actions.batch import NOTHING_DONE, UNDONE, UNDONE_IN_PART, UNFINISHED, Summary
from dejashot.actions.executor import BatchOutcome, BatchProgress
from dejashot.actions.plan import WARNING, Item, Method, Plan
from dejashot.errors import DejashotError
from dejashot.models.capture import instant
from dejashot.models.decisions import Verdict
from dejashot.paths import shown
from dejashot.reports.wording import format_bytes, plural
from dejashot.web.responses import album_of, body_of, capital
from dejashot.web.views.savings import COLUMNS, savings
from dejashot.web.views.state import ReviewState

PLANS_KEPT = 8
FILES_SHOWN = 300
_NAMES = {
    Method.QUARANTINE: "Set aside",
    Method.TRASH: "To the trash",
    Method.XMP: "Rate",
    Method.ALBUM: "Album",
    Method.LIST: "List",
}
_WAYS = (
    (Method.QUARANTINE, "rejected shots move to a folder that you name, outside the ones that are watched"),
    (Method.TRASH, "rejected shots go to the trash of this computer"),
    (
        Method.XMP,
        "nothing moves: sidecar files say 5 stars for what you keep and rejected for the rest, for Lightroom, digiKam, darktable, Immich",
    ),
    (Method.ALBUM, "nothing moves: a folder of your own gets links to what you keep, which take no space"),
    (Method.LIST, "nothing is done: the rejected files are listed"),
)

PlainText = Annotated[str, StringConstraints(max_length=200)]


class _Confirmed(BaseModel):
    model_config = ConfigDict(extra="forbid")

    plan: PlainText


class _Named(BaseModel):
    model_config = ConfigDict(extra="forbid")

    batch: PlainText


@dataclass(frozen=True, slots=True)
class Actions:
    """What the pages have done about choices.

    `plan` takes how and where to (empty: where the configuration says); `carry_out`, `finish` (a batch that was stopped) and `undo`
    report progress; `batches` are newest first, `interrupted` those that were stopped; `moved` gives bytes by column (`set_aside`,
    `freed`), month and camera. All raise DejashotError or OSError.
    """

    plan: Callable[[Method, str], Plan]
    carry_out: Callable[[Plan, BatchProgress], BatchOutcome]
    finish: Callable[[str, BatchProgress], BatchOutcome]
    undo: Callable[[str, BatchProgress], BatchOutcome]
    batches: Callable[[], Sequence[Summary]]
    interrupted: Callable[[], Sequence[Summary]]
    moved: Callable[[], Mapping[str, Mapping[tuple[str, str], int]]]
    default_to: Mapping[Method, str]


class ApplyingPages:
    """Answer what is asked about applying."""

    def __init__(self, room: ReviewState, actions: Actions, page: Callable[..., Response]) -> None:
        self._room, self._actions, self._page = room, actions, page
        self._plans: OrderedDict[str, Plan] = OrderedDict()
        self._progress = (0, 0)

    def routes(self) -> list[Route]:
        """Return what is answered where."""
        return [
            Route("/apply", self.show),
            Route("/apply", self.confirm, methods=["POST"]),
            Route("/apply/finish", self.finish, methods=["POST"]),
            Route("/apply/undo", self.take_back, methods=["POST"]),
            Route("/apply/progress", self.progress),
            Route("/savings", self.savings),
        ]

    def show(self, request: Request) -> Response:
        """Show the ways, and the plan of the one that was asked for."""
        asked = request.query_params.get("how")
        how = Method(asked) if asked in set(Method) else Method.QUARANTINE
        to = request.query_params.get("to", "").strip() or self._actions.default_to.get(how, "")
        plan, trouble = None, ""
        if asked in set(Method):
            try:
                plan = self._actions.plan(how, to)
                self._plans[plan.id] = plan
                while len(self._plans) > PLANS_KEPT:
                    self._plans.popitem(last=False)
            except DejashotError as error:
                trouble = f"{capital(error.title)}. {error.page_hint}"
        values = {
            "ways": [(value.value, _NAMES[value], words) for value, words in _WAYS],
            "names": _NAMES,
            "how": how.value,
            "to": to,
            "plan": plan,
            "trouble": trouble,
            "warning": WARNING,
            "shown_most": FILES_SHOWN,
            "batches": self._actions.batches(),
            "stopped": self._actions.interrupted(),
            "take_back": take_back_words,
            "on_its_way": UNFINISHED,
            "undone": UNDONE,
            "nothing_done": NOTHING_DONE,
            "base": os.path.basename,
            "moment": _moment,
            "doing": "" if plan is None else doing_words(plan),
            "button": "" if plan is None else button_words(plan),
        }
        return self._page("apply.html.j2", here="apply", **values)

    async def confirm(self, request: Request) -> Response:
        """Carry out a plan that was shown."""
        asked = _Confirmed.model_validate(body_of(await request.body()))
        plan = self._plans.pop(asked.plan, None)
        if plan is None:
            raise DejashotError("This plan is not known any more", "Have it shown again")
        with self._room.decisions() as (words, _):
            if any(not _still_meant(item, words) for item in plan.items):
                raise DejashotError("Your choices have changed since this plan was made", "Have it shown again")
        outcome = await run_in_threadpool(self._actions.carry_out, plan, self._moved_on)
        return JSONResponse({"said": said_words(outcome), "refused": _refused(outcome)})

    async def finish(self, request: Request) -> Response:
        """Go on with a batch that was stopped in the middle."""
        asked = _Named.model_validate(body_of(await request.body()))
        outcome = await run_in_threadpool(self._actions.finish, asked.batch, self._moved_on)
        return JSONResponse({"said": said_words(outcome), "refused": _refused(outcome)})

    async def take_back(self, request: Request) -> Response:
        """Undo a batch."""
        asked = _Named.model_validate(body_of(await request.body()))
        outcome = await run_in_threadpool(self._actions.undo, asked.batch, self._moved_on)
        return JSONResponse(
            {"said": f"Undone: {plural(outcome.files, 'file')}{_left(outcome)}", "refused": _refused(outcome)}
        )

    def progress(self, _request: Request) -> Response:
        """Return how far the batch in hand is."""
        done, of = self._progress
        return JSONResponse({"done": done, "of": of})

    def savings(self, _request: Request) -> Response:
        """Show what choosing brings, by month and by device."""
        album = album_of(self._room)
        moved = self._actions.moved()
        root = album.report.head.root
        with self._room.decisions() as (words, apart):
            table = savings(album, words, apart, moved, lambda shot: os.path.lexists(os.path.join(root, shot.path)))
        return self._page("savings.html.j2", here="savings", table=table, columns=COLUMNS)

    def _moved_on(self, done: int, of: int) -> None:
        self._progress = done, of


def _still_meant(item: Item, words: Mapping[bytes, Verdict]) -> bool:
    """Tell whether the owner's words still ask for what a plan does with a photo."""
    if item.companion:
        return True
    word = words.get(item.content)
    if item.rating > 0 or (item.guards < 0 and not item.rating):  # a keeper's rating, or its link in the album
        return word in (Verdict.KEEP, Verdict.KEEP_ONE)
    return word in (Verdict.REJECT, Verdict.KEEP_ONE)


def doing_words(plan: Plan) -> str:
    """Return what a plan does, in words."""
    photos, others = plan.photos, len(plan.items) - plan.photos
    along = (
        f" with {plural(others, 'file')} that belong{'s' if others == 1 else ''} to {'it' if photos == 1 else 'them'}"
        if others
        else ""
    )
    verb = {
        Method.QUARANTINE: "goes" if photos == 1 else "go",
        Method.TRASH: "goes to the trash" if photos == 1 else "go to the trash",
        Method.XMP: "gets a rating" if photos == 1 else "get a rating",
        Method.ALBUM: "is linked" if photos == 1 else "are linked",
        Method.LIST: "is rejected" if photos == 1 else "are rejected",
    }[plan.how]
    return f"{plural(photos, 'photo')}{along} {verb}"


def button_words(plan: Plan) -> str:
    """Return what the button under a plan says."""
    size = f" ({format_bytes(plan.size_bytes)})" if plan.size_bytes else ""
    verb = {
        Method.QUARANTINE: "Set aside",
        Method.TRASH: "Put into the trash",
        Method.XMP: "Write ratings for",
        Method.ALBUM: "Link",
        Method.LIST: "List",
    }[plan.how]
    return f"{verb} {plural(len(plan.items), 'file')}{size}"


def take_back_words(batch: Summary) -> str:
    """Return what the button says that takes a batch back; of one that was stopped nobody has counted yet what is done."""
    if batch.stopped:
        return "Take it all back" if batch.state == UNFINISHED else "Bring back the rest"
    if batch.state == UNDONE_IN_PART:
        return "Try the rest again"
    return {
        Method.QUARANTINE: f"Bring back {plural(batch.files, 'file')}",
        Method.TRASH: f"Bring back {plural(batch.files, 'file')}",
        Method.XMP: f"Take back {plural(batch.files, 'rating')}",
        Method.ALBUM: f"Remove {plural(batch.files, 'link')}",
    }[batch.how]


def said_words(outcome: BatchOutcome) -> str:
    """Return what came of a batch."""
    return f"Done: {plural(outcome.files, 'file')}{_left(outcome)}"


def _refused(outcome: BatchOutcome) -> list[str]:
    """Return what was left alone, each with its reason."""
    return [f"{shown(r.path)}: {r.why}" for r in outcome.refused[:FILES_SHOWN]]


def _left(outcome: BatchOutcome) -> str:
    return f"; {plural(len(outcome.refused), 'file')} left alone" if outcome.refused else ""


def _moment(made_us: int) -> str:
    at: datetime = instant(made_us).astimezone()
    return f"{at.day} {at:%B %Y, %H:%M}"
