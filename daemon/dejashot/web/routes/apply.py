"""Applying choices: the plan is shown first, and nothing is touched before that plan is confirmed."""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from dejashot.actions.batch import NOTHING_DONE, UNDONE, UNFINISHED
from dejashot.actions.methods.wording import WORDING, describe_plan, plan_button, undo_button
from dejashot.actions.plan import WARNING, Item, Plan
from dejashot.errors import DejashotError
from dejashot.language.formats import format_moment
from dejashot.language.stored_texts import translate_stored
from dejashot.language.texts import noted, t
from dejashot.library.kept.group_queries import Totals
from dejashot.models.capture import instant
from dejashot.models.decisions import ApplyMethod, Verdict
from dejashot.web.errors import NotReadyError
from dejashot.web.responses import PlainText, body_of, shown_title
from dejashot.web.routes.actions import Actions
from dejashot.web.routes.batches import FILES_SHOWN, BatchRoutes
from dejashot.web.templating import PageRenderer
from dejashot.web.views.plan import LeftAlone, left_alone, planned_groups
from dejashot.web.views.state import ReviewState

PLANS_KEPT = 8
GROUPS_SHOWN = 24
MAX_LEFT_OUT = 100_000


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid")

    plan: PlainText
    leave_out: Annotated[list[int], Field(max_length=MAX_LEFT_OUT)] = []
    files: int | None = None  # that the page showed


class _MoreGroups(BaseModel):
    model_config = ConfigDict(extra="forbid")

    plan: PlainText
    start: Annotated[int, Field(ge=0)]


class ApplyRoutes:
    """Reply with plans, and carry out what is ticked of one; `batches` carries it out."""

    def __init__(self, state: ReviewState, pages: PageRenderer, actions: Actions, batches: BatchRoutes) -> None:
        self._state, self._pages, self._actions, self._batches = state, pages, actions, batches
        self._plans: OrderedDict[str, Plan] = OrderedDict()

    def routes(self) -> list[Route]:
        """Return which address is answered by what."""
        return [
            Route("/apply", self.show),
            Route("/apply", self.confirm, methods=["POST"]),
            Route("/apply/part", self.part, methods=["POST"]),
            Route("/apply/groups", self.more_groups, methods=["POST"]),
        ]

    def show(self, request: Request) -> Response:
        """Show the methods, and the plan for the one that was asked for, or for the folder that is configured."""
        asked = request.query_params.get("how")
        how = ApplyMethod(asked) if asked in set(ApplyMethod) else ApplyMethod.QUARANTINE
        to = request.query_params.get("to", "").strip() or self._actions.default_to.get(how, "")
        plan, totals, decided, problem = None, None, True, ""
        try:
            totals, decided = self._chosen()
            if asked in set(ApplyMethod) or (to and totals.chosen_photos):
                plan = self._plan(how, to)
        except NotReadyError:
            raise
        except DejashotError as error:  # what was done can be taken back all the same
            # Translators: what went wrong, then what can be done about it
            problem = t("{problem}. {hint}", problem=shown_title(error), hint=translate_stored(error.page_hint))
        values = {
            "wording": WORDING,
            "how": how.value,
            "to": to,
            "plan": plan,
            "problem": problem,
            "batches": self._actions.batches(),
            "stopped": self._actions.interrupted(),
            "totals": totals,
            "decided": decided,
            "moved": self._actions.moved(),
        }
        shown = self._shown(plan) if plan else {}
        return self._pages.page("apply.html.j2", here="apply", **values, **shown, **_HELPERS)

    def _chosen(self) -> tuple[Totals, bool]:
        """Return what is chosen, and whether anything is."""
        with self._state.groups() as groups_view:
            return groups_view.totals(), bool(groups_view.decisions.verdicts)

    def _plan(self, how: ApplyMethod, to: str) -> Plan:
        """Make a plan, and keep it with the last ones that were shown."""
        plan = self._actions.plan(how, to)
        self._plans[plan.id] = plan
        while len(self._plans) > PLANS_KEPT:
            self._plans.popitem(last=False)
        return plan

    def _shown(self, plan: Plan) -> dict[str, Any]:
        """Return what is shown of a plan: the first groups, and the files that are left alone."""
        refused: Sequence[LeftAlone] = ()
        if plan.refused:
            with self._state.groups() as groups_view:
                refused = left_alone(plan.refused[:FILES_SHOWN], groups_view, plan)
        texts = {"description": describe_plan(plan), "button": plan_button(plan)}
        return {**texts, **self._groups(plan, 0), "refused": refused}

    def _can_be_carried_out(self, plan: Plan) -> bool:
        blocked = any(batch.state == UNFINISHED for batch in self._actions.interrupted())
        return plan.how is not ApplyMethod.LIST and not plan.problem and not blocked

    def _groups(self, plan: Plan, start: int) -> dict[str, Any]:
        """Return the groups of a plan from one on, how many there are, and the number of the next (0: none)."""
        with self._state.groups() as groups_view:
            groups, count = planned_groups(plan, groups_view, start, GROUPS_SHOWN)
        end = start + len(groups)
        return {
            "groups": groups,
            "group_count": count,
            "next_group": end if end < count else 0,
            "ticks": self._can_be_carried_out(plan),
        }

    async def more_groups(self, request: Request) -> Response:
        """Return the next groups of a plan that was shown."""
        asked = _MoreGroups.model_validate(body_of(await request.body()))
        return await run_in_threadpool(self._more_groups, self._known(asked.plan), asked.start)

    def _more_groups(self, plan: Plan, start: int) -> Response:
        found = self._groups(plan, start)
        html = self._pages.text("plan_groups.html.j2", plan=plan, **found)
        return JSONResponse({"html": html, "next": found["next_group"], "of": found["group_count"]})

    async def part(self, request: Request) -> Response:
        """Return what a plan does without the photos that are not ticked."""
        asked = _Part.model_validate(body_of(await request.body()))
        plan = await run_in_threadpool(self._actions.part, self._known(asked.plan), asked.leave_out)
        body = {
            "files": len(plan.items),
            "description": describe_plan(plan),
            "button": plan_button(plan),
            "problem": translate_stored(plan.problem),
        }
        return JSONResponse(body)

    async def confirm(self, request: Request) -> Response:
        """Carry out what is ticked of a plan that was shown."""
        asked = _Part.model_validate(body_of(await request.body()))
        part = await run_in_threadpool(self._actions.part, self._known(asked.plan), asked.leave_out)
        if asked.files not in (None, len(part.items)):
            raise DejashotError(
                noted("The page shows another plan than the one that is known"), noted("Have it shown again")
            )
        if self._plans.pop(asked.plan, None) is None:  # another click was first
            raise _unknown_plan()
        if not await run_in_threadpool(self._is_still_meant, part):
            raise DejashotError(
                noted("Your choices have changed since this plan was made"), noted("Have it shown again")
            )
        return await self._batches.carry_out(part)

    def _is_still_meant(self, plan: Plan) -> bool:
        """Return whether the owner's verdicts still ask for what a plan does."""
        with self._state.groups() as groups_view:
            verdicts = groups_view.verdicts([item.content for item in plan.items if not item.companion])
        return all(_still_meant(item, verdicts) for item in plan.items)

    def _known(self, name: str) -> Plan:
        """Return a plan that was shown; raise DejashotError."""
        plan = self._plans.get(name)
        if plan is None:
            raise _unknown_plan()
        return plan


def _unknown_plan() -> DejashotError:
    return DejashotError(noted("This plan is not known any more"), noted("Have it shown again"))


def _still_meant(item: Item, verdicts: Mapping[bytes, Verdict]) -> bool:
    """Return whether the owner's verdicts still ask for what a plan does with a photo."""
    if item.companion:
        return True
    verdict = verdicts.get(item.content)
    if item.rating > 0 or (item.guards < 0 and not item.rating):  # a keeper's rating, or its link in the album
        return verdict in (Verdict.KEEP, Verdict.KEEP_ONE)
    return verdict in (Verdict.REJECT, Verdict.KEEP_ONE)


def _moment(made_us: int) -> str:
    return format_moment(instant(made_us).astimezone())


def _places(batches: Sequence[Any]) -> list[bytes]:
    """Return the folders that files were set aside in and may still lie, the newest first."""
    return list(dict.fromkeys(b.to for b in batches if b.to and b.how.moves and b.state not in (UNDONE, NOTHING_DONE)))


_HELPERS: Mapping[str, Any] = {
    "files_shown": FILES_SHOWN,
    "moment": _moment,
    "nothing_done": NOTHING_DONE,
    "places_of_batches": _places,
    "undo_button": undo_button,
    "undone": UNDONE,
    "unfinished": UNFINISHED,
    "warning": WARNING,
}
