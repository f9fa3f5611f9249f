"""`dejashot review`: a link to the page on which you choose, and the page itself where it is not served yet."""

import os
import sys
import webbrowser
from pathlib import Path
from typing import Annotated

import segno
import typer
from rich.console import Console
from rich.text import Text

from dejashot.cli.messages import print_message
from dejashot.cli.options import ConfigOption, settings_of
from dejashot.cli.remote_access import has_screen, ways_to
from dejashot.config.locations import library_folder
from dejashot.config.settings import Settings
from dejashot.paths import shown
from dejashot.reports.wording import plural
from dejashot.web.access.auth import forget_all, make_link, review_folder
from dejashot.web.access.boot_clock import since_boot_s
from dejashot.web.access.network import host_names, lan_addresses
from dejashot.web.server_state import ReviewError, Served, running_page


def review_command(
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
    """Print a link to the review page, and serve the page until Ctrl-C unless it is served already."""
    if serve_only:
        _serve_as_child()
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
    from dejashot.cli.page_server import serve_page  # noqa: PLC0415 - takes 0.2 s, and a link to a served page needs none

    def announce(served: Served) -> None:
        _announce(library, served, lan=lan, show=show, until=" Ctrl-C ends the page.")

    serve_page(settings, library, port, lan=lan, announce=announce)


def _serve_as_child() -> None:
    from dejashot.cli.page_server import serve_as_child  # noqa: PLC0415 - the same

    serve_as_child()


def _announce(library: Path, served: Served, *, lan: bool, show: bool, until: str = "") -> None:
    """Print a link, and say who can use it."""
    folder = review_folder(library)
    if lan:
        _print_lan_link(served, make_link(folder, _lan_origin(served), since_boot_s()))
    else:
        if not has_screen(os.environ):
            for line in ways_to(served, os.environ, ends_here=bool(until)):
                print_message(line)
        typer.echo(make_link(folder, served.origin, since_boot_s()))
    again = f"`dejashot review{' --lan' if lan else ''}` makes another."
    print_message(f"The link works once, for ten minutes; {again}{until}")
    if show:
        webbrowser.open(make_link(folder, served.origin, since_boot_s()))


def _print_lan_link(served: Served, link: str) -> None:
    """Print a link for another device, the fingerprint to compare, and a warning about who can reach the page."""
    console = Console(stderr=True, highlight=False)
    console.print(
        Text.assemble(
            ("Served to your network: ", "bold red"),
            "every device in it can reach this page, and whoever has a link or a session can look at your photos"
            " and decide about them. `dejashot review --forget` ends all sessions.",
        )
    )
    if sys.stdout.isatty():
        segno.make(link, micro=False, error="l").terminal(compact=True, border=2)
    typer.echo(link)
    print_message("Your browser will warn of the certificate. Go on if its SHA-256 fingerprint is this:")
    typer.echo(served.fingerprint[:47] + "\n" + served.fingerprint[48:])


def _lan_origin(served: Served) -> str:
    """Return where other devices reach the page; raise ReviewError when this machine is in no network."""
    hosts = [*lan_addresses(), *host_names()]
    if not hosts:
        raise ReviewError("this machine is in no network", "Leave out --lan, or connect it first")
    return served.origin_at(hosts[0])


def _forget(library: Path) -> None:
    """End all sessions, whether the page is served or not."""
    count = forget_all(review_folder(library)) if library.is_dir() else 0
    typer.echo(f"Ended {plural(count, 'session')} of {shown(library)}; every device needs a new link")
