"""The timeline: the days with photos, and the runs of each day."""

from datetime import date

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from dejashot.web.errors import NotReadyError, NotThereError
from dejashot.web.templating import PageRenderer
from dejashot.web.views.state import ReviewState
from dejashot.web.views.timeline import TimelineView

MONTHS_A_PAGE = 12
RUNS_A_PAGE = 60


class TimelineRoutes:
    """Reply with the timeline."""

    def __init__(self, state: ReviewState, pages: PageRenderer) -> None:
        self._state, self._pages = state, pages

    def routes(self) -> list[Route]:
        """Return which address is answered by what."""
        return [Route("/timeline", self.timeline), Route("/timeline/{day}", self.day)]

    def timeline(self, request: Request) -> Response:
        """Show the days with photos, by month."""
        months = self._view().months()
        until = _day(request.query_params.get("until"))
        left = [(month, days) for month, days in months if until is None or month <= until]
        older = left[MONTHS_A_PAGE][0] if len(left) > MONTHS_A_PAGE else None
        return self._pages.page("timeline.html.j2", here="timeline", months=left[:MONTHS_A_PAGE], older=older)

    def day(self, request: Request) -> Response:
        """Show the runs of one day, with how alike neighbours are."""
        day, view = _day(request.path_params["day"]), self._view()
        if day is None:
            raise NotThereError("There is no such day", "Go back to the timeline")
        start = _whole_number(request.query_params.get("start"))
        runs, count = view.day(day, start, RUNS_A_PAGE)
        before, after = view.around(day)
        more = start + RUNS_A_PAGE if start + RUNS_A_PAGE < count else None
        values = {"day": day, "runs": runs, "count": count, "more": more, "before": before, "after": after}
        return self._pages.page("day.html.j2", here="timeline", interval_s=view.report.head.interval_s, **values)

    def _view(self) -> TimelineView:
        view = self._state.timeline_view()
        if view is None:
            raise NotReadyError
        return view


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return None


def _whole_number(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 9 else 0
