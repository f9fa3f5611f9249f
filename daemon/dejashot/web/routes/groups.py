"""The groups to choose from: a page of them, one alone, and the clear cases at a glance."""

from enum import StrEnum
from typing import TypeVar

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from dejashot.library.kept.group_queries import GroupOrder, Show, Totals
from dejashot.models.groups import Kind
from dejashot.web.responses import group_view_of
from dejashot.web.routes.actions import Actions
from dejashot.web.templating import PageRenderer
from dejashot.web.views.state import ReviewState
from dejashot.web.views.states import Looked, PageState, state_without_groups

GROUPS_A_PAGE = 24
MOST_GROUPS = 240  # that a page begins with, where it leads back to one of them
CASES_A_PAGE = 200
_Choice = TypeVar("_Choice", bound=StrEnum)


class GroupRoutes:
    """Reply with groups, and with what the owner's actions have come to where there are none."""

    def __init__(self, state: ReviewState, pages: PageRenderer, actions: Actions) -> None:
        self._state, self._pages, self._actions = state, pages, actions

    def routes(self) -> list[Route]:
        """Return which address is answered by what."""
        return [Route("/", self.groups), Route("/group/{group}", self.group), Route("/accept", self.clear_cases)]

    def groups(self, request: Request) -> Response:
        """Show the groups, a page at a time."""
        show = _one_of(Show, request.query_params.get("show"), Show.OPEN)
        order = _one_of(GroupOrder, request.query_params.get("order"), GroupOrder.NEWEST)
        after, until = (request.query_params.get(key, "") for key in ("after", "until"))
        with self._state.groups() as groups_view:
            before = groups_view.until(show, order, until, MOST_GROUPS) if until else ()
            names, more = groups_view.page(show, order, until if before else after, GROUPS_A_PAGE)
            names = [*before, *names]
            cut = bool(names) and groups_view.before(show, order, names[0]) != ""
            group_views, totals = groups_view.group_views(names), groups_view.totals()
            looked = Looked(0 if group_views else groups_view.photos, groups_view.interval_s)
        return self._pages.page(
            "groups.html.j2",
            here="choose",
            show=show,
            order=order,
            group_views=group_views,
            more=more,
            cut=cut,
            totals=totals,
            stopped=self._actions.interrupted(),
            empty=None if group_views else self._empty(looked, show, totals),
        )

    def _empty(self, looked: Looked, show: Show, totals: Totals) -> PageState:
        """Return what is said where no group is shown."""
        return state_without_groups(show, totals, looked, self._pages.standing(), self._actions.moved())

    def group(self, request: Request) -> Response:
        """Show one group, its shots large."""
        group_view = group_view_of(self._state, request.path_params["group"])
        wanted = request.query_params.get("shot", "")
        shot = wanted if wanted in {v.id for v in group_view.shot_views} else group_view.first_undecided.id
        order = _one_of(GroupOrder, request.query_params.get("order"), GroupOrder.NEWEST)
        show = Show.SERIES if group_view.report_group.group.kind is Kind.SERIES else Show.OPEN
        with self._state.groups() as groups_view:
            after, _ = groups_view.page(show, order, group_view.id, 1)
            before = groups_view.before(show, order, group_view.id)
            totals = groups_view.totals()
        return self._pages.page(
            "group.html.j2",
            here="choose",
            group_view=group_view,
            shot=shot,
            totals=totals,
            before=before,
            after=after[0] if after else "",
        )

    def clear_cases(self, _request: Request) -> Response:
        """Show the clear cases, all at a glance, before they are accepted."""
        with self._state.groups() as groups_view:
            names, more = groups_view.page(Show.SURE, GroupOrder.SAVING, "", CASES_A_PAGE)
            group_views, totals = groups_view.group_views(names), groups_view.totals()
        return self._pages.page("accept.html.j2", here="choose", group_views=group_views, totals=totals, more=more)


def _one_of(kind: type[_Choice], text: str | None, default: _Choice) -> _Choice:
    return kind(text) if text in set(kind) else default
