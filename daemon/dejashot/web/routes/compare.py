"""Two to four shots of a group side by side, with what was measured of them."""

from collections.abc import Mapping
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from dejashot.grouping.keepers.scores import sharpness_by_content
from dejashot.grouping.people import CLOSED, OPEN
from dejashot.language.texts import t
from dejashot.models.photo import Face, Quality
from dejashot.web.responses import group_view_of
from dejashot.web.templating import PageRenderer
from dejashot.web.views.group import ShotView
from dejashot.web.views.state import ReviewState

MAX_PANES = 4
FACES_SHOWN = 6


@dataclass(frozen=True, slots=True)
class FaceView:
    """A face that is shown close up: its number in the photo, and what can be said of its eyes."""

    number: int
    eyes: str


@dataclass(frozen=True, slots=True)
class _Pane:
    number: int
    shot_view: ShotView
    sharpness_percent: int | None
    faces: tuple[FaceView, ...]


class CompareRoutes:
    """Reply with the comparison."""

    def __init__(self, state: ReviewState, pages: PageRenderer) -> None:
        self._state, self._pages = state, pages

    def routes(self) -> list[Route]:
        """Return which address is answered by what."""
        return [Route("/group/{group}/compare", self.compare)]

    def compare(self, request: Request) -> Response:
        """Show the shots that were asked for, or the first ones of the group."""
        group_view = group_view_of(self._state, request.path_params["group"])
        wanted = request.query_params.getlist("shot")
        numbered = list(enumerate(group_view.shot_views, 1))
        picked = [(number, view) for number, view in numbered if view.id in wanted]
        picked = (picked if len(picked) > 1 else numbered)[:MAX_PANES]
        qualities = self._state.qualities([v.shot.content for v in group_view.shot_views])
        sharp = sharpness_by_content([v.shot for v in group_view.shot_views], qualities)
        panes = [
            _Pane(number, view, _percent(view.shot.content, sharp), _faces(qualities.get(view.shot.content)))
            for number, view in picked
        ]
        with self._state.groups() as groups_view:
            totals = groups_view.totals()
        return self._pages.page(
            "compare.html.j2",
            here="choose",
            totals=totals,
            group_view=group_view,
            panes=panes,
            picked={pane.shot_view.id for pane in panes},
        )


def describe_eyes(face: Face) -> str:
    """Return what can be said of the eyes of a face; nothing where they can't be judged."""
    openness = [eye for eye in face.eyes if eye is not None]
    if not openness:
        return ""
    return t("eyes open") if min(openness) >= OPEN else t("eyes closed") if max(openness) <= CLOSED else ""


def _percent(content: bytes, sharp: Mapping[bytes, float]) -> int | None:
    """Return the sharpness of one shot in percent of the sharpest."""
    return round(100 * sharp[content] / max(sharp.values())) if content in sharp else None


def _faces(quality: Quality | None) -> tuple[FaceView, ...]:
    """Return the largest faces of a shot, the largest first."""
    faces = list(enumerate(quality.faces)) if quality else []
    largest = sorted(faces, key=lambda item: -item[1].box[2] * item[1].box[3])[:FACES_SHOWN]
    return tuple(FaceView(number, describe_eyes(face)) for number, face in largest)
