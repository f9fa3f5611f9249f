"""`dejashot demo`: a library of drawn photos, with its digest and its review page, for as long as one looks at it."""

import os
import signal
import socket
import webbrowser
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Annotated

import typer

from dejashot.cli.messages import print_message
from dejashot.cli.progress import scan_progress
from dejashot.cli.remote_access import has_screen, way_by_ssh
from dejashot.config.settings import Settings
from dejashot.demo.digest import draw_photos, make_digest
from dejashot.demo.place import DemoPlace, demo_place, empty_folder
from dejashot.paths import shown
from dejashot.web.access.auth import make_link, review_folder
from dejashot.web.access.boot_clock import since_boot_s
from dejashot.web.server_state import Served

_SIGNALED = 128  # and the number of the signal: the exit status of what a signal ended


def demo_command(
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", metavar="FOLDER", help="Only write the photos and their digest to this folder, and end."
        ),
    ] = None,
    no_open: Annotated[
        bool, typer.Option("--no-open", help="Print where digest and page are, without opening the browser.")
    ] = False,
    port: Annotated[
        int, typer.Option("--port", "-p", min=0, max=65535, help="Serve the page at this port; 0: any that is free.")
    ] = 0,
) -> None:
    """Show what Dejashot does with photos that it draws itself, and remove everything at the end."""
    kept = None if output is None else empty_folder(output)
    with _ended_by_signals(), demo_place(kept) as place:
        settings = place.settings()
        print_message("Drawing photos: this takes some seconds.")
        draw_photos(place.photos)
        if kept is not None:
            digest = _make(settings, place, "")
            print_message(f"Written to {shown(digest)}")
            return
        port = port or _free_port()
        digest = _make(settings, place, Served(os.getpid(), port).origin)
        _serve(settings, place, digest, port, show=not no_open and has_screen(os.environ))


def _make(settings: Settings, place: DemoPlace, page: str) -> Path:
    with scan_progress() as progress:
        return make_digest(settings, place.photos, page, progress)


def _serve(settings: Settings, place: DemoPlace, digest: Path, port: int, *, show: bool) -> None:
    """Serve the page until Ctrl-C, and say where everything is."""
    from dejashot.cli.page_server import serve_page  # noqa: PLC0415 - not needed with --output

    def announce(served: Served) -> None:
        if not has_screen(os.environ):
            for line in way_by_ssh(served, os.environ):
                print_message(line)
        typer.echo(digest.as_uri())
        typer.echo(_link(place, served))
        print_message(
            "The first is the digest, the second the page to choose on: that link works once, for ten minutes."
        )
        print_message(f"For another, and for any other command: --config {shown(place.config)}")
        print_message("Choose, apply, undo: these photos are only drawn. Ctrl-C ends the demo and removes all of it.")
        if show:
            webbrowser.open(digest.as_uri())
            webbrowser.open(_link(place, served))

    serve_page(settings, place.library, port, lan=False, announce=announce)


def _link(place: DemoPlace, served: Served) -> str:
    return make_link(review_folder(place.library), served.origin, since_boot_s())


def _free_port() -> int:
    """Return a port that is free now: digests name it before the page is served."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


@contextmanager
def _ended_by_signals() -> Iterator[None]:
    """Let SIGTERM and SIGHUP end the block as an error does, so that all is removed; one that is ignored stays so."""

    def end(number: int, _: FrameType | None) -> None:
        raise SystemExit(_SIGNALED + number)

    def terminate(*_: object) -> None:
        os.kill(os.getpid(), signal.SIGTERM)  # which the server handles too, as long as it serves

    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGHUP)}
    for number, handler in ((signal.SIGTERM, end), (signal.SIGHUP, terminate)):
        if before[number] is not signal.SIG_IGN:
            signal.signal(number, handler)
    try:
        yield
    finally:
        for number, earlier in before.items():
            signal.signal(number, earlier)
