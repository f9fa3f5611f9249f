"""The pages on which the owner chooses: what is asked for, and what is answered. Who gets in is decided before (`guard`)."""

import os
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal, Protocol

from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from dejashot.actions.batch import Summary
from dejashot.errors import DejashotError, UnreadablePhotoError
from dejashot.grouping.keepers.scores import sharpness_by_content
from dejashot.grouping.people import CLOSED, OPEN
from dejashot.models.decisions import Verdict
from dejashot.models.files import content_hash
from dejashot.models.photo import Face, Quality
from dejashot.models.shot import Shot
from dejashot.reports.wording import plural
from dejashot.web.image_renderer import ImageRenderer
from dejashot.web.responses import NotThereError, album_of, body_of, content_in, error_response, looking
from dejashot.web.routes.apply import Actions, ApplyingPages
from dejashot.web.routes.images import PicturePages
from dejashot.web.routes.static_files import Assets
from dejashot.web.templating import confidence, environment, heading, name_of
from dejashot.web.views.groups import GroupOrder, GroupView, ShotView, Show
from dejashot.web.views.state import ReviewState
from dejashot.web.views.timeline import Days

GROUPS_A_PAGE = 24
CASES_A_PAGE = 200
MONTHS_A_PAGE = 12
RUNS_A_PAGE = 60
MATCHES = 24
PANES = 4
FACES_SHOWN = 6
UPLOAD_PATH = "/similar"  # the one that takes a whole photo
_SAID = {Verdict.KEEP: "kept", Verdict.KEEP_ONE: "one file kept", Verdict.REJECT: "rejected", None: "open again"}

ContentParameter = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
GroupMark = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{0,16}$")]
GroupId = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{1,64}$")]


class Alike(Protocol):
    """A photo that is like the one asked about."""

    @property
    def shot(self) -> Shot: ...  # noqa: D102
    @property
    def path(self) -> Path: ...  # noqa: D102
    @property
    def similarity_percent(self) -> float: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class Tools:
    """What the pages have others do: find photos like one, and the time in microseconds since 1970.

    `alike` takes the path of a photo and the most to return; `upload` is a private folder that an example is put into for a moment.
    """

    alike: Callable[[Path, int], Sequence[Alike]]
    upload: Path
    now_us: Callable[[], int]


class _Asked(BaseModel):
    model_config = ConfigDict(extra="forbid")

    what: Literal["words", "accept", "keep_all", "different", "clear"]
    group: GroupId
    content: ContentParameter = "0" * 64
    word: Literal["keep", "keep_one", "reject"] | None = None
    mark: GroupMark = ""


class _Cases(BaseModel):
    model_config = ConfigDict(extra="forbid")

    groups: dict[GroupId, GroupMark]


@dataclass(frozen=True, slots=True)
class _Pane:
    number: int
    tile: ShotView
    sharpness: int | None
    faces: tuple[dict[str, Any], ...]


class Pages:
    """Answer requests; every handler but those that read a body runs in a thread of its own."""

    def __init__(self, room: ReviewState, tools: Tools, interrupted: Callable[[], Sequence[Summary]]) -> None:
        self._room = room
        self._tools = tools
        self._interrupted = interrupted
        self._templates = environment()

    def routes(self) -> list[Route]:
        """Return what is answered where."""
        return [
            Route("/", self.groups),
            Route("/group/{group}", self.group),
            Route("/group/{group}/compare", self.compare),
            Route("/accept", self.cases),
            Route("/accept", self.accept, methods=["POST"]),
            Route("/decide", self.decide, methods=["POST"]),
            Route("/undo", self.undo, methods=["POST"]),
            Route("/timeline", self.timeline),
            Route("/timeline/{day}", self.day),
            Route("/similar", self.find),
            Route(UPLOAD_PATH, self.find_upload, methods=["POST"]),
            Route("/similar/{content}", self.find_known),
        ]

    # choosing

    def groups(self, request: Request) -> Response:
        """Show the groups, a page at a time."""
        album = album_of(self._room)
        show = _one_of(Show, request.query_params.get("show"), Show.OPEN)
        order = _one_of(GroupOrder, request.query_params.get("order"), GroupOrder.NEWEST)
        with self._room.decisions() as (words, apart):
            names, more = album.page(show, order, words, apart, request.query_params.get("after", ""), GROUPS_A_PAGE)
            cards = [card for name in names if (card := album.card(name, words, apart))]
            totals = album.totals(words, apart)
        stopped = self._interrupted()
        return self.page(
            "groups.html.j2",
            here="choose",
            show=show,
            order=order,
            cards=cards,
            more=more,
            totals=totals,
            stopped=stopped,
        )

    def group(self, request: Request) -> Response:
        """Show one group, its shots large."""
        card = self._card(request.path_params["group"])
        album = album_of(self._room)
        wanted = request.query_params.get("shot", "")
        shot = wanted if wanted in {t.id for t in card.tiles} else card.tiles[0].id
        show = Show.SERIES if card.chosen.group.kind == "series" else Show.OPEN
        with self._room.decisions() as (words, apart):
            after, _ = album.page(show, GroupOrder.NEWEST, words, apart, card.id, 1)
            before = album.before(show, GroupOrder.NEWEST, words, apart, card.id)
        return self.page(
            "group.html.j2", here="choose", card=card, shot=shot, before=before, after=after[0] if after else ""
        )

    def compare(self, request: Request) -> Response:
        """Show two to four shots of a group side by side."""
        card = self._card(request.path_params["group"])
        wanted = request.query_params.getlist("shot")
        tiles = [(n, t) for n, t in enumerate(card.tiles, 1) if t.id in wanted]
        tiles = (tiles if len(tiles) > 1 else list(enumerate(card.tiles, 1)))[:PANES]
        qualities = self._room.qualities([t.shot.content for t in card.tiles])
        sharp = sharpness_by_content([t.shot for t in card.tiles], qualities)
        panes = [_Pane(n, t, _share(t.shot.content, sharp), _faces(qualities.get(t.shot.content))) for n, t in tiles]
        return self.page("compare.html.j2", here="choose", card=card, panes=panes, chosen={p.tile.id for p in panes})

    def cases(self, _request: Request) -> Response:
        """Show the clear cases, all at a glance, before they are accepted."""
        album = album_of(self._room)
        with self._room.decisions() as (words, apart):
            names, more = album.page(Show.SURE, GroupOrder.SAVING, words, apart, "", CASES_A_PAGE)
            cards = [card for name in names if (card := album.card(name, words, apart))]
            totals = album.totals(words, apart)
        return self.page("accept.html.j2", here="choose", cards=cards, totals=totals, more=more)

    async def accept(self, request: Request) -> Response:
        """Accept the suggestions for some groups in one go."""
        asked = _Cases.model_validate(body_of(await request.body()))
        return await run_in_threadpool(self._accept, asked.groups)

    def _accept(self, groups: Mapping[str, str]) -> Response:
        album = album_of(self._room)
        count = self._room.accept(groups, self._tools.now_us())
        with self._room.decisions() as (words, apart):
            left = album.totals(words, apart).sure
        return JSONResponse(
            {"said": f"Accepted for {plural(count, 'group')}", "cards": {}, "next": "/accept" if left else "/"}
        )

    async def decide(self, request: Request) -> Response:
        """Note what the owner says of a group or a shot in it."""
        asked = _Asked.model_validate(body_of(await request.body()))
        return await run_in_threadpool(self._decide, asked)

    def _decide(self, asked: _Asked) -> Response:
        before = self._card(asked.group)
        content = bytes.fromhex(asked.content)
        tile = next((t for t in before.tiles if t.shot.content == content), None)
        if asked.what in ("words", "different") and tile is None:
            raise NotThereError("This shot is not in the group any more", "Load the page again")
        now_us = self._tools.now_us()
        if asked.what == "words" and tile is not None:
            word = None if asked.word is None else Verdict(asked.word)
            self._room.say(asked.group, {content: word}, now_us)
            said = f"{name_of(tile.shot)}: {_SAID[word]}"
        elif asked.what == "different" and tile is not None:
            self._room.part(asked.group, content, now_us)
            said = f"{name_of(tile.shot)} is a shot of its own"
        elif asked.what == "accept":
            agreed = self._room.accept({asked.group: asked.mark}, now_us)
            said = "Accepted" if agreed or not before.open else "This group has changed: look again, then accept"
        else:
            word = Verdict.KEEP if asked.what == "keep_all" else None
            self._room.say(asked.group, {t.shot.content: word for t in before.tiles}, now_us)
            said = "All kept" if word else "Open again"
        return self._as_it_stands(said, [asked.group])

    async def undo(self, _request: Request) -> Response:
        """Take back what the owner did last."""
        return await run_in_threadpool(self._undo)

    def _undo(self) -> Response:
        groups = self._room.undo(self._tools.now_us())
        if groups is None:
            return JSONResponse({"said": "There is nothing to undo", "cards": {}})
        return self._as_it_stands("Undone", groups)

    def _as_it_stands(self, said: str, groups: Sequence[str]) -> Response:
        """Answer with some groups as they stand now, and with the totals."""
        album = album_of(self._room)
        with self._room.decisions() as (words, apart):
            cards = {name: album.card(name, words, apart) for name in groups[:GROUPS_A_PAGE]}
            totals = album.totals(words, apart)
        tiles = [t for card in cards.values() if card for t in card.tiles]
        body = {
            "said": said,
            "cards": {name: self.text("card.html.j2", card=card) if card else "" for name, card in cards.items()},
            "marks": {name: card.mark for name, card in cards.items() if card},
            "states": {t.id: t.state for t in tiles},
            "totals": self.text("bar.html.j2", totals=totals),
        }
        return JSONResponse(body)

    # the timeline

    def timeline(self, request: Request) -> Response:
        """Show the days with photos, by month."""
        months = self._days().months()
        until = _day(request.query_params.get("until"))
        left = [(month, days) for month, days in months if until is None or month <= until]
        older = left[MONTHS_A_PAGE][0] if len(left) > MONTHS_A_PAGE else None
        return self.page("timeline.html.j2", here="timeline", months=left[:MONTHS_A_PAGE], older=older)

    def day(self, request: Request) -> Response:
        """Show the runs of one day, with how alike neighbours are."""
        day, days = _day(request.path_params["day"]), self._days()
        if day is None:
            raise NotThereError("There is no such day", "Go back to the timeline")
        start = _whole(request.query_params.get("start"))
        runs, count = days.day(day, start, RUNS_A_PAGE)
        before, after = days.around(day)
        more = start + RUNS_A_PAGE if start + RUNS_A_PAGE < count else None
        values = {"day": day, "runs": runs, "count": count, "more": more, "before": before, "after": after}
        return self.page("day.html.j2", here="timeline", interval_s=days.report.head.interval_s, **values)

    # finding

    def find(self, _request: Request) -> Response:
        """Show where a photo can be given to search by."""
        return self.page("similar.html.j2", here="find", matches=None, example=None, known=False)

    def find_known(self, request: Request) -> Response:
        """Show the photos most like one that is known."""
        content = content_in(request.path_params["content"])
        shot = album_of(self._room).by_content.get(content)
        places = self._room.places(content)
        if shot is None or not places:
            raise NotThereError("This photo is not there any more", "Load the page again")
        matches = self._tools.alike(Path(os.fsdecode(places[0])), MATCHES)
        return self.page("similar.html.j2", here="find", matches=matches, example=shot, known=False)

    async def find_upload(self, request: Request) -> Response:
        """Find the photos most like one that is sent."""
        return await run_in_threadpool(self._find_upload, await request.body())

    def _find_upload(self, data: bytes) -> Response:
        known = album_of(self._room).by_content.get(content_hash(data).digest())
        with tempfile.NamedTemporaryFile(dir=self._tools.upload, prefix="example-") as file:
            file.write(data)
            file.flush()
            matches = self._tools.alike(Path(file.name), MATCHES)
        return JSONResponse(
            {"html": self.text("matches.html.j2", matches=matches, example=known, known=known is not None)}
        )

    # shared

    def _card(self, name: str) -> GroupView:
        album_of(self._room)
        card = self._room.card(name)
        if card is None:
            raise NotThereError(
                "This group is not there any more", "Its shots were told apart, or have gone: go back to the groups"
            )
        return card

    def page(self, name: str, **values: Any) -> HTMLResponse:
        """Return a page made of a template."""
        return HTMLResponse(self.text(name, **values).encode("utf-8", "backslashreplace"))

    def text(self, name: str, **values: Any) -> str:
        """Return a text made of a template."""
        album = self._room.made
        helpers: Mapping[str, Any] = {
            "heading": lambda card: heading(album.report, card) if album else "",
            "confidence": confidence,
        }
        return self._templates.get_template(name).render(**helpers, **values)

    def _days(self) -> Days:
        days = self._room.days()
        if days is None:
            raise looking()
        return days

    async def explain(self, request: Request, error: Exception) -> Response:
        """Answer with what went wrong, in words."""
        title, hint, status = error_response(error)
        if request.method == "POST":
            return JSONResponse({"title": title, "hint": hint}, status)
        if request.url.path.startswith(("/photo/", "/static/")):
            return Response(title, 404 if isinstance(error, UnreadablePhotoError) else status, media_type="text/plain")
        answer = self.page(
            "notice.html.j2",
            here="",
            title=title,
            hint=hint,
            again=str(request.url.path) if status in (409, 503) else "",
        )
        answer.status_code = status
        if status == 503:
            answer.headers["Refresh"] = "2"
        return answer


def make_routes(room: ReviewState, pictures: ImageRenderer, tools: Tools, actions: Actions) -> Starlette:
    """Return the pages as an ASGI application; it answers whoever asks."""
    pages = Pages(room, tools, actions.interrupted)
    parts = (
        pages,
        PicturePages(room, pictures),
        ApplyingPages(room, actions, pages.page),
        Assets(pages.text, pages.page),
    )
    errors = (DejashotError, ValidationError, OSError, HTTPException)
    return Starlette(
        routes=[route for part in parts for route in part.routes()],
        exception_handlers=dict.fromkeys(errors, pages.explain),
    )


def _one_of(kind: Any, text: str | None, otherwise: Any) -> Any:
    return kind(text) if text in set(kind) else otherwise


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return None


def _whole(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 9 else 0


def _share(content: bytes, sharp: Mapping[bytes, float]) -> int | None:
    """Return the sharpness of one shot as a share of the sharpest in percent."""
    return round(100 * sharp[content] / max(sharp.values())) if content in sharp else None


def eyes_words(face: Face) -> str:
    """Return what can be said of the eyes of a face; nothing where they can't be judged."""
    openness = [eye for eye in face.eyes if eye is not None]
    if not openness:
        return ""
    return "eyes open" if min(openness) >= OPEN else "eyes closed" if max(openness) <= CLOSED else ""


def _faces(quality: Quality | None) -> tuple[dict[str, Any], ...]:
    """Return the faces to be shown close up, the largest first, with what can be said of their eyes."""
    faces = list(enumerate(quality.faces)) if quality else []
    largest = sorted(faces, key=lambda item: -item[1].box[2] * item[1].box[3])[:FACES_SHOWN]
    return tuple({"number": n, "words": eyes_words(face)} for n, face in largest)
