"""Applying choices: the plan is shown first, and nothing is touched before that plan is confirmed."""

import os
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, StringConstraints
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from dejashot.actions.batch import NOTHING_DONE, UNDONE, UNFINISHED, Summary
from dejashot.actions.executor import BatchOutcome, BatchProgress
from dejashot.actions.history import MovedBytes
from dejashot.actions.methods.wording import WORDING, describe_plan, plan_button, undo_button
from dejashot.actions.plan import WARNING, Item, Plan
from dejashot.errors import DejashotError
from dejashot.models.capture import instant
from dejashot.models.decisions import ApplyMethod, Verdict
from dejashot.paths import shown
from dejashot.reports.wording import plural
from dejashot.web.responses import body_of, capital, groups_view_of
from dejashot.web.templating import PageRenderer
from dejashot.web.views.savings import COLUMNS, savings
from dejashot.web.views.state import ReviewState

PLANS_KEPT = 8
FILES_SHOWN = 300

PlainText = Annotated[str, StringConstraints(max_length=200)]


class _PlanName(BaseModel):
    model_config = ConfigDict(extra="forbid")

    plan: PlainText


class _BatchName(BaseModel):
    model_config = ConfigDict(extra="forbid")

    batch: PlainText


@dataclass(frozen=True, slots=True)
class Actions:
    """What the pages can have done about choices; each raises DejashotError or OSError.

    `plan` takes the method and the folder (empty: the configured one). `apply`, `finish` (a batch that was stopped) and
    `undo` report progress. `batches` are newest first, `interrupted` were stopped.
    """

    plan: Callable[[ApplyMethod, str], Plan]
    apply: Callable[[Plan, BatchProgress], BatchOutcome]
    finish: Callable[[str, BatchProgress], BatchOutcome]
    undo: Callable[[str, BatchProgress], BatchOutcome]
    batches: Callable[[], Sequence[Summary]]
    interrupted: Callable[[], Sequence[Summary]]
    moved: Callable[[], MovedBytes]
    default_to: Mapping[ApplyMethod, str]


class ApplyRoutes:
    """Reply about applying, undoing and what that saves."""

    def __init__(self, state: ReviewState, pages: PageRenderer, actions: Actions) -> None:
        self._state, self._pages, self._actions = state, pages, actions
        self._plans: OrderedDict[str, Plan] = OrderedDict()
        self._progress = (0, 0)

    def routes(self) -> list[Route]:
        """Return which address is answered by what."""
        return [
            Route("/apply", self.show),
            Route("/apply", self.confirm, methods=["POST"]),
            Route("/apply/finish", self.finish, methods=["POST"]),
            Route("/apply/undo", self.undo, methods=["POST"]),
            Route("/apply/progress", self.progress),
            Route("/savings", self.savings),
        ]

    def show(self, request: Request) -> Response:
        """Show the methods, and the plan for the one that was asked for."""
        asked = request.query_params.get("how")
        how = ApplyMethod(asked) if asked in set(ApplyMethod) else ApplyMethod.QUARANTINE
        to = request.query_params.get("to", "").strip() or self._actions.default_to.get(how, "")
        plan, problem = None, ""
        if asked in set(ApplyMethod):
            try:
                plan = self._plan(how, to)
            except DejashotError as error:
                problem = f"{capital(error.title)}. {error.page_hint}"
        values = {
            "wording": WORDING,
            "how": how.value,
            "to": to,
            "plan": plan,
            "problem": problem,
            "description": describe_plan(plan) if plan else "",
            "button": plan_button(plan) if plan else "",
            "batches": self._actions.batches(),
            "stopped": self._actions.interrupted(),
        }
        return self._pages.page("apply.html.j2", here="apply", **values, **_HELPERS)

    def _plan(self, how: ApplyMethod, to: str) -> Plan:
        """Make a plan, and keep it with the last ones that were shown."""
        plan = self._actions.plan(how, to)
        self._plans[plan.id] = plan
        while len(self._plans) > PLANS_KEPT:
            self._plans.popitem(last=False)
        return plan

    async def confirm(self, request: Request) -> Response:
        """Carry out a plan that was shown."""
        asked = _PlanName.model_validate(body_of(await request.body()))
        plan = self._plans.pop(asked.plan, None)
        if plan is None:
            raise DejashotError("This plan is not known any more", "Have it shown again")
        with self._state.decisions() as decisions:
            if any(not _still_meant(item, decisions.verdicts) for item in plan.items):
                raise DejashotError("Your choices have changed since this plan was made", "Have it shown again")
        outcome = await run_in_threadpool(self._actions.apply, plan, self._on_progress)
        return _result("Done", outcome)

    async def finish(self, request: Request) -> Response:
        """Go on with a batch that was stopped in the middle."""
        asked = _BatchName.model_validate(body_of(await request.body()))
        outcome = await run_in_threadpool(self._actions.finish, asked.batch, self._on_progress)
        return _result("Done", outcome)

    async def undo(self, request: Request) -> Response:
        """Undo a batch."""
        asked = _BatchName.model_validate(body_of(await request.body()))
        outcome = await run_in_threadpool(self._actions.undo, asked.batch, self._on_progress)
        return _result("Undone", outcome)

    def progress(self, _request: Request) -> Response:
        """Return how far the batch is that is carried out now."""
        done, of = self._progress
        return JSONResponse({"done": done, "of": of})

    def savings(self, _request: Request) -> Response:
        """Show what choosing brings, by month and by device."""
        groups_view = groups_view_of(self._state)
        moved = self._actions.moved()
        root = groups_view.report.head.root
        with self._state.decisions() as decisions:
            table = savings(groups_view, decisions, moved, lambda s: os.path.lexists(os.path.join(root, s.path)))
        return self._pages.page("savings.html.j2", here="savings", table=table, columns=COLUMNS)

    def _on_progress(self, done: int, of: int) -> None:
        self._progress = done, of


def _still_meant(item: Item, verdicts: Mapping[bytes, Verdict]) -> bool:
    """Return whether the owner's verdicts still ask for what a plan does with a photo."""
    if item.companion:
        return True
    verdict = verdicts.get(item.content)
    if item.rating > 0 or (item.guards < 0 and not item.rating):  # a keeper's rating, or its link in the album
        return verdict in (Verdict.KEEP, Verdict.KEEP_ONE)
    return verdict in (Verdict.REJECT, Verdict.KEEP_ONE)


def _result(done: str, outcome: BatchOutcome) -> Response:
    """Return what came of a batch, with the reason for each file that was left alone."""
    left = f"; {plural(len(outcome.refused), 'file')} left alone" if outcome.refused else ""
    refused = [f"{shown(r.path)}: {r.why}" for r in outcome.refused[:FILES_SHOWN]]
    return JSONResponse({"said": f"{done}: {plural(outcome.files, 'file')}{left}", "refused": refused})


def _moment(made_us: int) -> str:
    at = instant(made_us).astimezone()
    return f"{at.day} {at:%B %Y, %H:%M}"


_HELPERS: Mapping[str, Any] = {
    "base": os.path.basename,
    "files_shown": FILES_SHOWN,
    "moment": _moment,
    "nothing_done": NOTHING_DONE,
    "undo_button": undo_button,
    "undone": UNDONE,
    "unfinished": UNFINISHED,
    "warning": WARNING,
}
