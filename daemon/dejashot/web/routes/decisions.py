"""What the owner decides: on one shot, on a group, on many clear cases at once, and taking the last of it back."""

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, StringConstraints
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from dejashot.models.decisions import Verdict
from dejashot.reports.wording import plural
from dejashot.web.errors import NotThereError
from dejashot.web.responses import body_of, group_view_of, groups_view_of
from dejashot.web.templating import PageRenderer, name_of
from dejashot.web.views.group import GroupView, ShotView
from dejashot.web.views.state import ReviewState

MAX_GROUPS_SENT = 24
_RESULTS = {Verdict.KEEP: "kept", Verdict.KEEP_ONE: "one file kept", Verdict.REJECT: "rejected", None: "open again"}

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
        groups_view = groups_view_of(self._state)
        count = self._state.accept(groups, self._now_us())
        with self._state.decisions() as decisions:
            left = groups_view.totals(decisions).sure
        message = f"Accepted for {plural(count, 'group')}"
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
                raise NotThereError("This shot is not in the group any more", "Load the page again")
            message = self._decide_shot(asked, shot_view)
        else:
            message = self._decide_group(asked, before)
        return self._reply(message, [asked.group])

    def _decide_shot(self, asked: _Request, shot_view: ShotView) -> str:
        """Write down a decision about one shot; return what is said of it."""
        name, content = name_of(shot_view.shot), shot_view.shot.content
        if asked.what == "different":
            self._state.separate(asked.group, content, self._now_us())
            return f"{name} is a shot of its own"
        verdict = None if asked.word is None else Verdict(asked.word)
        self._state.decide(asked.group, {content: verdict}, self._now_us())
        return f"{name}: {_RESULTS[verdict]}"

    def _decide_group(self, asked: _Request, group_view: GroupView) -> str:
        """Write down a decision about all shots of a group; return what is said of it."""
        if asked.what == "accept":
            agreed = self._state.accept({asked.group: asked.mark}, self._now_us())
            stale = not agreed and group_view.open
            return "This group has changed: look again, then accept" if stale else "Accepted"
        verdict = Verdict.KEEP if asked.what == "keep_all" else None
        verdicts = {v.shot.content: verdict for v in group_view.shot_views}
        self._state.decide(asked.group, verdicts, self._now_us())
        return "All kept" if verdict else "Open again"

    async def undo(self, _request: Request) -> Response:
        """Take back what the owner did last."""
        return await run_in_threadpool(self._undo)

    def _undo(self) -> Response:
        groups = self._state.undo(self._now_us())
        if groups is None:
            return JSONResponse({"said": "There is nothing to undo", "cards": {}})
        return self._reply("Undone", groups)

    def _reply(self, message: str, groups: Sequence[str]) -> Response:
        """Reply with some groups as they stand now, and with the totals."""
        groups_view, pages = groups_view_of(self._state), self._pages
        with self._state.decisions() as decisions:
            found = {name: groups_view.group_view(name, decisions) for name in groups[:MAX_GROUPS_SENT]}
            totals = groups_view.totals(decisions)
        there = {name: view for name, view in found.items() if view}
        cards = {name: pages.text("group_view.html.j2", group_view=view) for name, view in there.items()}
        body = {
            "said": message,
            "cards": dict.fromkeys(found, "") | cards,
            "marks": {name: view.mark for name, view in there.items()},
            "states": {v.id: v.state for view in there.values() for v in view.shot_views},
            "totals": pages.text("totals.html.j2", totals=totals),
        }
        return JSONResponse(body)
