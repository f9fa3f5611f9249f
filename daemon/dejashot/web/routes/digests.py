"""The digests: a list of them, each as it stood, and from each of its groups the way to where it is chosen now."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from dejashot.digests.desktop import saving_of_run
from dejashot.digests.stored import StoredDigest, StoredDigests
from dejashot.language.texts import noted
from dejashot.library.tables.digest_runs import DigestRun
from dejashot.models.capture import instant
from dejashot.reports.wording import describe_saving
from dejashot.web.errors import NotThereError
from dejashot.web.templating import PageRenderer
from dejashot.web.views.digest import digest_group_views, digest_groups, group_place
from dejashot.web.views.state import ReviewState

DIGESTS_A_PAGE = 60
GROUPS_A_PAGE = 24


class DigestRoutes:
    """Reply with digests."""

    def __init__(self, state: ReviewState, pages: PageRenderer, digests: StoredDigests) -> None:
        self._state, self._pages, self._stored = state, pages, digests

    def routes(self) -> list[Route]:
        """Return which address is answered by what."""
        return [
            Route("/digests", self.digests),
            Route("/digests/{slot}", self.digest),
            Route("/digests/{slot}/group/{group}", self.group),
        ]

    def digests(self, request: Request) -> Response:
        """Show the digests, newest first."""
        runs, start = self._stored.runs(), _whole_number(request.query_params.get("start", ""))
        shown = [(run, instant(run.slot_us).astimezone(), saving_of_run(run)) for run in runs[start:][:DIGESTS_A_PAGE]]
        more = start + DIGESTS_A_PAGE if start + DIGESTS_A_PAGE < len(runs) else None
        return self._pages.page("digests.html.j2", here="digests", digests=shown, more=more, saving=describe_saving)

    def digest(self, request: Request) -> Response:
        """Show one digest, a page of its groups at a time."""
        run = self._run(request)
        start = _whole_number(request.query_params.get("start", ""))
        digest, saving = self._stored.digest(run), saving_of_run(run)
        groups = digest_groups(digest) if digest else []
        shown = groups[start:][:GROUPS_A_PAGE]
        with self._state.groups() as groups_view:
            group_views = digest_group_views(digest, shown, groups_view) if digest else []
        return self._pages.page(
            "digest.html.j2",
            here="digests",
            run=run,
            at=instant(run.slot_us).astimezone(),
            saving=saving,
            sentence=describe_saving(saving),
            lost=[found for found in digest.damaged if found.sound is None] if digest else [],
            gone=digest is None,
            group_views=group_views,
            more=start + GROUPS_A_PAGE if start + GROUPS_A_PAGE < len(groups) else None,
        )

    def group(self, request: Request) -> Response:
        """Lead to where a group of a digest is chosen now; raise NotThereError where its photos are gone."""
        name = request.path_params["group"]
        if self._state.group_view(name) is not None:
            return RedirectResponse(f"/group/{name}", 303)
        contents = _contents(self._stored.digest(self._run(request)), name)
        with self._state.groups() as groups_view:
            place = group_place(name, contents, groups_view)
        if not place.link:
            raise NotThereError(place.words, noted("They were moved or deleted since this digest was made"))
        return RedirectResponse(place.link, 303)

    def _run(self, request: Request) -> DigestRun:
        """Return the digest that an address names; raise NotThereError."""
        run = self._stored.run(_whole_number(request.path_params["slot"]))
        if run is None:
            raise NotThereError(noted("There is no such digest"), noted("Go back to the digests"))
        return run


def _contents(digest: StoredDigest | None, name: str) -> list[bytes]:
    """Return the contents of a group of a digest, none where it is not known any more."""
    group = next((g for g in digest.groups if g.id == name), None) if digest else None
    paths = set(group.photos) if group else set()
    return [bytes.fromhex(photo.content) for photo in digest.photos if photo.path in paths] if digest else []


def _whole_number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0
