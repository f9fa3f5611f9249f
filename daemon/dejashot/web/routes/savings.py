"""What choosing brings: by month and by device."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from dejashot.web.routes.actions import Actions
from dejashot.web.templating import PageRenderer
from dejashot.web.views.savings import COLUMNS, device_bars, savings, time_chart
from dejashot.web.views.state import ReviewState


class SavingsRoutes:
    """Reply with what choosing could bring and has brought."""

    def __init__(self, state: ReviewState, pages: PageRenderer, actions: Actions) -> None:
        self._state, self._pages, self._actions = state, pages, actions

    def routes(self) -> list[Route]:
        """Return which address is answered by what."""
        return [Route("/savings", self.savings)]

    def savings(self, _request: Request) -> Response:
        """Show what choosing brings, by month and by device."""
        moved = self._actions.moved()
        with self._state.groups() as groups_view:
            table = savings(groups_view, moved)
        chart, by_year = time_chart(table)
        charts = {"chart": chart, "by_year": by_year, "bars": device_bars(table.cameras)}
        return self._pages.page("savings.html.j2", here="savings", table=table, columns=COLUMNS, **charts)
