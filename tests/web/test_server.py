"""The server of the page in this very process: how it begins, who may run it, and that it leaves nothing behind."""

import json
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.types import ASGIApp, Receive, Scope, Send

from dejashot.errors import LibraryError
from dejashot.web.server import serve
from dejashot.web.server_state import ReviewError, Served, running_page


def page() -> AbstractContextManager[ASGIApp]:
    return nullcontext(Starlette())


async def at_once(end: Callable[[], None]) -> None:
    end()


def test_it_says_where_it_is_while_it_runs_and_not_after(tmp_path: Path) -> None:
    seen: list[Served] = []

    def announced(served: Served) -> None:
        assert json.loads((tmp_path / "review" / "server.json").read_bytes())["origin"] == served.origin
        assert running_page(tmp_path) == served
        with pytest.raises(ReviewError, match="served already"):
            serve(tmp_path, page, port=0)
        with pytest.raises(ReviewError, match="in use"):
            serve(tmp_path / "another", page, port=served.port)
        seen.append(served)

    serve(tmp_path, page, port=0, announce=announced, watch=at_once)
    assert len(seen) == 1
    assert running_page(tmp_path) is None
    assert not (tmp_path / "review" / "server.json").exists()
    serve(tmp_path, page, port=seen[0].port, watch=at_once)  # at the same port again, at once


def test_what_goes_wrong_at_the_beginning_leaves_nothing_behind(tmp_path: Path) -> None:
    def refused(_served: Served) -> None:
        raise ReviewError("this machine is in no network")

    def no_library() -> AbstractContextManager[ASGIApp]:
        raise LibraryError("there is no library")

    async def never_begins(_scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "lifespan.startup.failed", "message": "no"})

    with pytest.raises(ReviewError, match="no network"):
        serve(tmp_path, page, port=0, announce=refused)
    with pytest.raises(LibraryError):
        serve(tmp_path, no_library, port=0)
    with pytest.raises(ReviewError, match="could not be started"):
        serve(tmp_path, lambda: nullcontext(never_begins), port=0)
    assert not (tmp_path / "review" / "server.json").exists()
    serve(tmp_path, page, port=0, watch=at_once)


def test_in_a_network_it_has_a_certificate(tmp_path: Path) -> None:
    seen: list[Served] = []
    serve(tmp_path, page, port=0, lan=True, announce=seen.append, watch=at_once)
    serve(tmp_path, page, port=0, lan=True, announce=seen.append, watch=at_once)
    assert seen[0].origin.startswith("https://127.0.0.1:")
    assert seen[0].fingerprint == seen[1].fingerprint != ""
