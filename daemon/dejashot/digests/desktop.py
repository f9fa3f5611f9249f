"""Desktop notifications of digests: counts only, never a name, and nothing where there is no desktop."""

import asyncio
import logging
import os
import sys
from pathlib import Path

from dejashot.language.texts import tn
from dejashot.library.tables.digest_runs import DigestRun
from dejashot.reports.saving import Saving
from dejashot.reports.wording import describe_saving

log = logging.getLogger(__name__)

DESKTOP_TIMEOUT_S = 10.0


def session_bus_present() -> bool:
    """Return whether there is a desktop session to notify (always on macOS)."""
    if sys.platform == "darwin":
        return True
    address = os.environ.get("DBUS_SESSION_BUS_ADDRESS", "")
    runtime = os.environ.get("XDG_RUNTIME_DIR", "")
    return bool(address) or (bool(runtime) and (Path(runtime) / "bus").is_socket())


def describe_digest(photos: int, saving: Saving, address: str = "") -> tuple[str, str]:
    """Return title and body of a message about a digest of some new photos: counts only.

    `address` is where the page is, empty where nobody who reads this can open it.
    """
    if not saving.groups:
        return describe_saving(saving), tn(
            "{count} new photo, 0 groups of the same shot.", "{count} new photos, 0 groups of the same shot.", photos
        )
    new = tn("{count} new photo", "{count} new photos", photos)
    body = tn(
        # Translators: {photos} is such as: 5 new photos
        "{photos}, {count} group of the same shot. Nothing is deleted without you.",
        "{photos}, {count} groups of the same shot. Nothing is deleted without you.",
        saving.groups,
        photos=new,
    )
    return describe_saving(saving), f"{body}\n{address}" if address else body


def saving_of_run(run: DigestRun) -> Saving:
    """Return what could go by the suggestions of a digest."""
    return Saving(run.groups, run.removable_photos, run.reclaimable_bytes)


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
