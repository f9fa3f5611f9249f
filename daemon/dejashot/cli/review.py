"""`dejashot review`: a link to the page on which you choose, and the page itself where it is not served yet."""

import logging
import sys
import webbrowser
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from dejashot.cli.options import ConfigOption, settings_of
from dejashot.config.locations import library_folder
from dejashot.config.settings import Settings
from dejashot.paths import shown
from dejashot.reports.wording import plural
from dejashot.web.server_state import ReviewError, Served, publish_trouble, running_page

log = logging.getLogger(__name__)


def review(
    show: Annotated[bool, typer.Option("--open", help="Open the page in the browser.")] = False,
    lan: Annotated[
        bool,
        typer.Option(
            "--lan", help="For your phone: serve it, encrypted, to every device of your network that has a link."
        ),
    ] = False,
    port: Annotated[
        int | None, typer.Option("--port", "-p", min=0, max=65535, help="Serve it at this port; 0: any that is free.")
    ] = None,
    forget: Annotated[
        bool, typer.Option("--forget", help="End all sessions and links: every device needs a new link.")
    ] = False,
    serve_only: Annotated[bool, typer.Option("--serve-only", hidden=True)] = False,
    config: ConfigOption = None,
) -> None:
    """Print a link to the page on which you choose what to keep, and serve the page until Ctrl-C unless it is served already."""
    if serve_only:
        _serve_for_the_daemon()
        return
    settings = settings_of(config)
    library = library_folder(settings)
    if forget:
        _forget(library)
        return
    running = running_page(library)
    if running is None:
        _serve(settings, library, settings.review.port if port is None else port, lan=lan, show=show)
        return
    if lan and not running.lan:
        raise ReviewError(
            "the page is being served to this machine alone",
            "End that with Ctrl-C, or set review.lan and restart the daemon",
        )
    if port not in (None, running.port):
        raise ReviewError(f"the page is being served at port {running.port}", "Leave out --port")
    _announce(library, running, lan=lan, show=show)


def _serve(settings: Settings, library: Path, port: int, *, lan: bool, show: bool) -> None:
    """Serve the page until Ctrl-C."""
    from dejashot.logs import start_logging  # noqa: PLC0415 - keeps the other commands quick to start
    from dejashot.web.server import UPLOAD_PATHS, make_app, serve  # noqa: PLC0415 - the same

    start_logging(verbose=False)
    serve(
        library,
        partial(make_app, settings, library, at_once=True),
        port=port,
        lan=lan,
        announce=lambda served: _announce(library, served, lan=lan, show=show, until=" Ctrl-C ends the page."),
        upload_paths=UPLOAD_PATHS,
    )


def _serve_for_the_daemon() -> None:
    """Serve the page as the daemon's child, with its settings, and end with it; no link is printed where it would be logged."""
    from dejashot.daemon.review_process import parent_gone, requested  # noqa: PLC0415
    from dejashot.logs import event, start_logging  # noqa: PLC0415 - keeps the other commands quick to start
    from dejashot.web.server import UPLOAD_PATHS, make_app, serve  # noqa: PLC0415 - the same

    start_logging(verbose=False)
    stream = sys.stdin.buffer
    settings, library = requested(stream)

    def announce(served: Served) -> None:
        log.info("the review page is served at %s", served.origin, extra=event("review", port=served.port))

    def watch(end: Callable[[], None]) -> Awaitable[None]:
        return parent_gone(stream, end)

    wanted = settings.review
    app = partial(make_app, settings, library)
    try:
        serve(library, app, port=wanted.port, lan=wanted.lan, announce=announce, upload_paths=UPLOAD_PATHS, watch=watch)
    except ReviewError as error:
        if running_page(library) is None:  # else another process serves it, and says so itself
            publish_trouble(library / "review", f"{error.title}. {error.hint}")
        raise


def _announce(library: Path, served: Served, *, lan: bool, show: bool, until: str = "") -> None:
    """Print a link, and say who can use it."""
    from dejashot.web.access.auth import make_link, review_folder  # noqa: PLC0415 - keeps the other commands quick to start
    from dejashot.web.access.clocks import since_boot_s  # noqa: PLC0415 - the same

    folder = review_folder(library)
    if lan:
        _print_for_the_network(served, make_link(folder, _lan_origin(served), since_boot_s()))
    else:
        typer.echo(make_link(folder, served.origin, since_boot_s()))
    _say(f"The link works once, for ten minutes; `dejashot review{' --lan' if lan else ''}` makes another." + until)
    if show:
        webbrowser.open(make_link(folder, served.origin, since_boot_s()))


def _print_for_the_network(served: Served, link: str) -> None:
    """Print a link for another device, with what it is to be checked against, and say loudly who else gets as far as the door."""
    console = Console(stderr=True, highlight=False)
    console.print(
        Text.assemble(
            ("Served to your network: ", "bold red"),
            "every device in it reaches this page's door, and whoever has a link or a session can look at your photos and decide about them. "
            "`dejashot review --forget` ends all sessions.",
        )
    )
    if sys.stdout.isatty():
        import segno  # noqa: PLC0415 - only where there is a terminal to show it

        segno.make(link, micro=False, error="l").terminal(compact=True, border=2)
    typer.echo(link)
    _say("Your browser will warn of the certificate. Go on if its SHA-256 fingerprint is this:")
    typer.echo(served.fingerprint[:47] + "\n" + served.fingerprint[48:])


def _lan_origin(served: Served) -> str:
    """Return where other devices reach the page; raise ReviewError when this machine is in no network."""
    from dejashot.web.access.network import host_names, lan_addresses  # noqa: PLC0415 - keeps the other commands quick to start

    hosts = [*lan_addresses(), *host_names()]
    if not hosts:
        raise ReviewError("this machine is in no network", "Leave out --lan, or connect it first")
    return served.origin_at(hosts[0])


def _forget(library: Path) -> None:
    """End all sessions, whether the page is served or not."""
    from dejashot.web.access.auth import forget_all, review_folder  # noqa: PLC0415 - keeps the other commands quick to start

    count = forget_all(review_folder(library)) if library.is_dir() else 0
    typer.echo(f"Ended {plural(count, 'session')} of {shown(library)}; every device needs a new link")


def _say(words: str) -> None:
    typer.echo(words, err=True)
