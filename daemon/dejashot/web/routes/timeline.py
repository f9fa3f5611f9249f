"""The timeline: the days with photos, and the runs of each day."""

from datetime import date

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from dejashot.language.texts import noted
from dejashot.web.errors import NotThereError
from dejashot.web.templating import PageRenderer
from dejashot.web.views.state import ReviewState
from dejashot.web.views.timeline import TimelineView, strip_of

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
        until = _day(request.query_params.get("until"))
        with self._state.groups() as groups_view:
            months, older = TimelineView(groups_view.loader).months(until, MONTHS_A_PAGE)
        strip = strip_of(months)
        return self._pages.page("timeline.html.j2", here="timeline", months=months, older=older, strip=strip)

    def day(self, request: Request) -> Response:
        """Show the runs of one day, with how alike neighbours are."""
        day = _day(request.path_params["day"])
        if day is None:
            raise NotThereError(noted("There is no such day"), noted("Go back to the timeline"))
        start = _whole_number(request.query_params.get("start"))
        with self._state.groups() as groups_view:
            view, interval_s = TimelineView(groups_view.loader), groups_view.interval_s
            runs, count = view.day(day, start, RUNS_A_PAGE)
            before, after = view.around(day)
        more = start + RUNS_A_PAGE if start + RUNS_A_PAGE < count else None
        values = {"day": day, "runs": runs, "count": count, "more": more, "before": before, "after": after}
        return self._pages.page("day.html.j2", here="timeline", interval_s=interval_s, **values)


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return None


def _whole_number(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 9 else 0
