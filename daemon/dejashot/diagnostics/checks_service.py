"""The checks of the running parts: the installed service, the port of the review page, the delivery of digests."""

import socket
import sys
from collections.abc import Iterator
from contextlib import suppress

from dejashot.config.locations import library_folder
from dejashot.config.settings import ReviewSettings, Settings
from dejashot.diagnostics.finding import Finding, advice, ok, wrong
from dejashot.digests.delivery_queue import check_delivery
from dejashot.errors import DejashotError
from dejashot.servicemanager.base import ServiceError
from dejashot.servicemanager.select import manager
from dejashot.servicemanager.systemd import Systemd, lingering, program_of
from dejashot.web.server_state import running_page


def check_service(platform: str = sys.platform) -> Iterator[Finding]:
    """Check the installed service."""
    try:
        service_manager = manager(platform)
        state = service_manager.state()
    except ServiceError as error:
        yield advice("service", error.title, error.hint)
        return
    if state.word == "not installed":
        yield advice("service", "not installed: the daemon ends with your terminal", "dejashot service install")
        return
    if state.word in ("running", "starting"):
        yield ok("service", state.word)
    else:
        detail = "".join(f"; {line}" for line in state.lines[:1])
        fix = "`dejashot service logs` says why; then `dejashot service install` again"
        yield wrong("service", state.word + detail, fix)
    if isinstance(service_manager, Systemd):
        yield from _unit_findings(service_manager)


def _unit_findings(systemd: Systemd) -> Iterator[Finding]:
    program = program_of(systemd.unit)
    if program is not None and not program.exists():
        yield wrong("service program", "the unit starts a program that is no longer there", "dejashot service install")
    if lingering() is False:
        yield advice("service at boot", "it runs while you are logged in", "loginctl enable-linger")


def check_addresses(settings: Settings) -> Iterator[Finding]:
    """Check whether the addresses are understood that digests are sent to, where there are any; nothing is sent."""
    if not settings.deliver.urls:
        return
    try:
        addresses = check_delivery(settings.deliver)
    except DejashotError as error:
        yield wrong("delivery", error.title, error.hint)
    else:
        yield ok("delivery", f"{settings.deliver.content} to {', '.join(addresses)}")


def check_review(settings: Settings, platform: str = sys.platform) -> Iterator[Finding]:
    """Check whether the daemon can serve the review page, where that is wanted."""
    if not settings.review.enabled:
        return
    served = running_page(library_folder(settings))
    if served is not None:
        yield ok("review page", f"served at {served.origin}{', to your network' if served.lan else ''}")
    else:
        yield _port_finding(settings.review)
    with suppress(ServiceError):
        systemd = manager(platform)
        if isinstance(systemd, Systemd) and systemd.unit.exists() and not systemd.allows_listening:
            yield wrong("review unit", "the service's unit lets nothing listen", "dejashot service install")


def _port_finding(review: ReviewSettings) -> Finding:
    """Listen for a moment at the port of the review page, as the daemon would."""
    with socket.socket() as probe:
        try:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("0.0.0.0" if review.lan else "127.0.0.1", review.port))  # noqa: S104 - as the page would
            probe.listen()
        except PermissionError:
            why, fix = f"port {review.port} is not for ordinary accounts", "Set review.port to one above 1023"
            return wrong("review page", why, fix)
        except OSError:
            why = f"port {review.port} is in use by another program"
            fix = "Set review.port to another, for example 8424, and restart the daemon"
            return wrong("review page", why, fix)
    audience = "to your network" if review.lan else "to you alone"
    return ok("review page", f"port {review.port} is free; the daemon serves it {audience}")
