"""Batches that were begun: finishing one that was stopped, taking one back, and how far the one under way is."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

from pydantic import BaseModel, ConfigDict
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from dejashot.actions.executor import BatchOutcome
from dejashot.actions.plan import Plan, RefusedFile
from dejashot.errors import DejashotError
from dejashot.language.texts import tn
from dejashot.web.responses import PlainText, body_of
from dejashot.web.routes.actions import Actions, RunProgress
from dejashot.web.templating import PageRenderer
from dejashot.web.views.plan import LeftAlone, left_alone
from dejashot.web.views.state import ReviewState

FILES_SHOWN = 300


class _BatchName(BaseModel):
    model_config = ConfigDict(extra="forbid")

    batch: PlainText


class BatchRoutes:
    """Carry out, finish and undo, and reply with what came of it."""

    def __init__(self, state: ReviewState, pages: PageRenderer, actions: Actions) -> None:
        self._state, self._pages, self._actions = state, pages, actions
        self._progress = RunProgress()

    def routes(self) -> list[Route]:
        """Return which address is answered by what."""
        return [
            Route("/apply/finish", self.finish, methods=["POST"]),
            Route("/apply/undo", self.undo, methods=["POST"]),
            Route("/apply/progress", self.progress),
        ]

    async def carry_out(self, plan: Plan) -> Response:
        """Carry a plan out."""
        outcome = await run_in_threadpool(self._actions.apply, plan, self._progress.note)
        return await run_in_threadpool(self._result, _done, outcome, plan)

    async def finish(self, request: Request) -> Response:
        """Go on with a batch that was stopped in the middle."""
        asked = _BatchName.model_validate(body_of(await request.body()))
        outcome = await run_in_threadpool(self._actions.finish, asked.batch, self._progress.note)
        return await run_in_threadpool(self._result, _done, outcome)

    async def undo(self, request: Request) -> Response:
        """Undo a batch."""
        asked = _BatchName.model_validate(body_of(await request.body()))
        outcome = await run_in_threadpool(self._actions.undo, asked.batch, self._progress.note)
        return await run_in_threadpool(self._result, _undone, outcome)

    def progress(self, _request: Request) -> Response:
        """Return how far the batch is that is carried out now."""
        return JSONResponse({"done": self._progress.done, "of": self._progress.of})

    def _result(self, said: Callable[[int], str], outcome: BatchOutcome, plan: Plan | None = None) -> Response:
        """Return what came of a batch; `html` shows each file that was left alone with its picture and the reason."""
        with suppress(DejashotError):  # a batch that is long over may be gone
            self._state.note_moved(self._actions.contents(outcome.batch))
        left = len(outcome.refused)
        texts = [
            said(outcome.files),
            *([tn("{count} file left alone", "{count} files left alone", left)] if left else []),
        ]
        body: dict[str, Any] = {"said": "; ".join(texts), "refused": []}
        if outcome.refused:
            files = self._left_alone(outcome.refused[:FILES_SHOWN], plan)
            body["refused"] = [f"{file.path}: {file.why}" for file in files]
            body["html"] = self._pages.text("left_alone.html.j2", files=files)
        return JSONResponse(body)

    def _left_alone(self, refused: Sequence[RefusedFile], plan: Plan | None) -> Sequence[LeftAlone]:
        """Return files that were left alone, without pictures where no groups can be read now."""
        try:
            with self._state.groups() as groups_view:
                return left_alone(refused, groups_view, plan)
        except DejashotError:
            return left_alone(refused, None, plan)


def _done(files: int) -> str:
    return tn("Done: {count} file", "Done: {count} files", files)


def _undone(files: int) -> str:
    return tn("Undone: {count} file", "Undone: {count} files", files)
