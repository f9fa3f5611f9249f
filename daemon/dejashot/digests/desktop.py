"""Desktop notifications of digests: counts only, never a name, and nothing where there is no desktop."""

import asyncio
import logging
import os
import sys
from pathlib import Path

from dejashot.reports.wording import format_bytes, plural

log = logging.getLogger(__name__)

DESKTOP_TIMEOUT_S = 10.0


def session_bus_present() -> bool:
    """Return whether there is a desktop session to notify (always on macOS)."""
    if sys.platform == "darwin":
        return True
    address = os.environ.get("DBUS_SESSION_BUS_ADDRESS", "")
    runtime = os.environ.get("XDG_RUNTIME_DIR", "")
    return bool(address) or (bool(runtime) and (Path(runtime) / "bus").is_socket())


def describe_digest(photos: int, groups: int, reclaimable_bytes: int) -> tuple[str, str]:
    """Return the notification's title and body: counts only."""
    title = f"{plural(photos, 'new photo')}, {plural(groups, 'group')} of the same shot"
    return (
        title,
        f"{format_bytes(reclaimable_bytes)} could be freed. Nothing is deleted without you."
        if groups
        else "No two of them are the same shot.",
    )


def notify(title: str, body: str) -> bool:
    """Show a desktop notification; return False, never raise, where that is not possible."""
    if not session_bus_present():
        log.debug("no session bus, no notification")
        return False
    try:
        asyncio.run(asyncio.wait_for(_send(title, body), DESKTOP_TIMEOUT_S))
    except Exception as error:  # noqa: BLE001 - desktop-notifier passes on whatever the bus or the system raises
        log.info("the desktop could not be notified: %s", type(error).__name__)
        return False
    return True


async def _send(title: str, body: str) -> None:
    from desktop_notifier import DesktopNotifier  # noqa: PLC0415 - looks for a session bus when imported

    logging.getLogger("desktop_notifier").setLevel(logging.ERROR)
    await DesktopNotifier(app_name="Dejashot").send(title=title, message=body)
