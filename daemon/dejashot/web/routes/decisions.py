"""What the owner decides: on one shot, on a group, on many clear cases at once, and taking the last of it back."""

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, StringConstraints
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from dejashot.language.formats import format_names
from dejashot.language.texts import noted, t, tn
from dejashot.library.kept.group_queries import GroupOrder
from dejashot.models.decisions import Verdict
from dejashot.web.errors import NotThereError, StillLookingError
from dejashot.web.responses import body_of, group_view_of, shown_parts
from dejashot.web.templating import PageRenderer, name_of
from dejashot.web.undo_wording import describe_undo
from dejashot.web.views.group import GroupView, ShotView
from dejashot.web.views.state import ReviewState

MAX_GROUPS_SENT = 24
_RESULTS = {
    Verdict.KEEP: noted("{name}: kept"),
    Verdict.KEEP_ONE: noted("{name}: one file kept"),
    Verdict.REJECT: noted("{name}: rejected"),
    None: noted("{name}: undecided again"),
}

ContentParameter = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
GroupMark = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{0,16}$")]
GroupId = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{1,64}$")]


class _Request(BaseModel):
    model_config = ConfigDict(extra="forbid")

    what: Literal["words", "accept", "keep_all", "different", "clear"]
    group: GroupId
    content: ContentParameter = "0" * 64
    word: Literal["keep", "keep_one", "reject"] | None = None
    mark: GroupMark = ""
    order: GroupOrder = GroupOrder.NEWEST


class _ClearCases(BaseModel):
    model_config = ConfigDict(extra="forbid")

    groups: dict[GroupId, GroupMark]


class DecisionRoutes:
    """Write decisions down, and reply with the groups as they stand then; `now_us` is microseconds since 1970."""

    def __init__(self, state: ReviewState, pages: PageRenderer, now_us: Callable[[], int]) -> None:
        self._state, self._pages, self._now_us = state, pages, now_us

    def routes(self) -> list[Route]:
        """Return which address is answered by what."""
        return [
            Route("/accept", self.accept, methods=["POST"]),
            Route("/decide", self.decide, methods=["POST"]),
            Route("/undo", self.undo, methods=["POST"]),
        ]

    async def accept(self, request: Request) -> Response:
        """Accept the suggestions for some groups in one go."""
        asked = _ClearCases.model_validate(body_of(await request.body()))
        return await run_in_threadpool(self._accept, asked.groups)

    def _accept(self, groups: Mapping[str, str]) -> Response:
        count = self._state.accept(groups, self._now_us())
        with self._state.groups() as groups_view:
            left = groups_view.totals().sure
        message = tn("Accepted for {count} group", "Accepted for {count} groups", count)
        return JSONResponse({"said": message, "cards": {}, "next": "/accept" if left else "/"})

    async def decide(self, request: Request) -> Response:
        """Write down what the owner decides about a group or a shot in it."""
        asked = _Request.model_validate(body_of(await request.body()))
        return await run_in_threadpool(self._decide, asked)

    def _decide(self, asked: _Request) -> Response:
        before = group_view_of(self._state, asked.group)
        if asked.what in ("words", "different"):
            content = bytes.fromhex(asked.content)
            shot_view = next((v for v in before.shot_views if v.shot.content == content), None)
            if shot_view is None:
                raise NotThereError(noted("This shot is not in the group any more"), noted("Load the page again"))
            message, agreed = self._decide_shot(asked, shot_view), True
        else:
            message, agreed = self._decide_group(asked, before)
        return JSONResponse(self._reply(message, [asked.group], asked.order) | {"agreed": agreed})

    def _decide_shot(self, asked: _Request, shot_view: ShotView) -> str:
        """Write down a decision about one shot; return what is said of it."""
        name, content = name_of(shot_view.shot), shot_view.shot.content
        if asked.what == "different":
            self._state.separate(asked.group, content, self._now_us())
            return t("{name} is a shot of its own", name=name)
        verdict = None if asked.word is None else Verdict(asked.word)
        after = self._state.decide(asked.group, {content: verdict}, self._now_us())
        return ". ".join(filter(None, (t(_RESULTS[verdict], name=name), _describe_staying(after))))

    def _decide_group(self, asked: _Request, group_view: GroupView) -> tuple[str, bool]:
        """Write down a decision about all shots of a group; return what is said of it, and whether it was done."""
        if asked.what == "accept":
            if group_view.pending:
                raise StillLookingError
            agreed = self._state.accept({asked.group: asked.mark}, self._now_us())
            stale = not agreed and group_view.open
            return t("This group has changed: look again, then accept") if stale else t("Accepted"), not stale
        verdict = Verdict.KEEP if asked.what == "keep_all" else None
        verdicts = {v.shot.content: verdict for v in group_view.shot_views}
        self._state.decide(asked.group, verdicts, self._now_us())
        return t("All kept") if verdict else t("Undecided again"), True

    async def undo(self, _request: Request) -> Response:
        """Take back what the owner did last."""
        return await run_in_threadpool(self._undo)

    def _undo(self) -> Response:
        taken_back = self._state.undo(self._now_us())
        if taken_back is None:
            return JSONResponse({"said": t("There is nothing to undo"), "cards": {}})
        contents = taken_back.contents or taken_back.rejoined
        with self._state.groups() as groups_view:
            message, grouped = describe_undo(groups_view, taken_back), groups_view.groups_of(contents)
        reply = self._reply(message, taken_back.groups)
        reply["undone"] = {
            "group": next(iter(taken_back.groups), ""),
            "content": next((c.hex() for c in contents if c in grouped), ""),
        }
        return JSONResponse(reply)

    def _reply(self, message: str, groups: Sequence[str], order: GroupOrder = GroupOrder.NEWEST) -> dict[str, Any]:
        """Return some groups as they stand now, the totals, and the group to go on with where these are done."""
        names = groups[:MAX_GROUPS_SENT]
        with self._state.groups() as groups_view:
            there, totals = groups_view.group_views(names), groups_view.totals()
            done = bool(names) and not any(view.open for view in there)
            onwards = groups_view.next_open(order, names[0]) if done else ""
        found = dict.fromkeys(names) | {view.id: view for view in there}
        return {
            **shown_parts(self._pages, found, totals),
            "said": message,
            "marks": {view.id: view.mark for view in there},
            "states": {v.id: v.state for view in there for v in view.shot_views},
            "next": onwards,
            "open": totals.open,
        }


def _describe_staying(group_view: GroupView | None) -> str:
    """Return what stays of a group although the owner rejected every shot of it."""
    if group_view is None or not group_view.staying:
        return ""
    return tn(
        "You rejected every shot: {names} stays all the same",
        "You rejected every shot: {names} stay all the same",
        len(group_view.staying),
        names=format_names([name_of(view.shot) for view in group_view.staying]),
    )
