"""When the desktop is notified of digests: not in quiet hours, not while snoozed.

What waits is shown once, in one notification.
"""

import json
import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

from dejashot.config.settings import NotifySettings
from dejashot.config.values import parse_duration, parse_quiet_hours
from dejashot.digests.desktop import describe_digest, notify, session_bus_present
from dejashot.errors import ConfigError
from dejashot.language.languages import ENGLISH, Language
from dejashot.language.texts import in_language, tn
from dejashot.library.tables.digest_runs import DigestRun
from dejashot.paths import make_private, read_own, write_atomically
from dejashot.reports.saving import Saving

log = logging.getLogger(__name__)

SNOOZE_NAME = "snooze.json"  # written by the command line only
PENDING_NAME = "notices.json"  # written by the daemon only
MAX_SNOOZE = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class PendingDigests:
    """Digests that the desktop was not notified of yet, added up."""

    digests: int = 0
    photos: int = 0
    groups: int = 0
    reclaimable_bytes: int = 0
    removable_photos: int = 0

    def plus(self, run: DigestRun) -> "PendingDigests":
        """Return the same with one digest more."""
        return PendingDigests(
            self.digests + 1,
            self.photos + run.photos,
            self.groups + run.groups,
            self.reclaimable_bytes + run.reclaimable_bytes,
            self.removable_photos + run.removable_photos,
        )

    def title_and_body(self, address: str = "") -> tuple[str, str]:
        """Return title and body of the notification: counts only, and where the page is."""
        saving = Saving(self.groups, self.removable_photos, self.reclaimable_bytes)
        title, body = describe_digest(self.photos, saving, address)
        if self.digests == 1:
            return title, body
        # Translators: {title} is such as: 5 photos could go: 9.0 MB
        return tn("{count} digest: {title}", "{count} digests: {title}", self.digests, title=title), body


def is_held_back(now: datetime, quiet: tuple[time, time] | None, snoozed_until: datetime | None) -> bool:
    """Return whether notifications are held back at an aware moment.

    Quiet hours (start, end) are read on its own wall clock.
    """
    if snoozed_until is not None and now < snoozed_until:
        return True
    if quiet is None:
        return False
    start, end = quiet
    wall = now.time()
    return start <= wall < end if start < end else wall >= start or wall < end


def snooze_end(text: str, now: datetime) -> datetime | None:
    """Return until when `8h`, `08:00` (the next one) or `off` (None) snoozes, seen from an aware local moment.

    Raise ConfigError.
    """
    if text == "off":
        return None
    try:
        wall = time.fromisoformat(text.rjust(5, "0")) if ":" in text else None
        end = (
            now + timedelta(seconds=parse_duration(text))
            if wall is None
            else datetime.combine(now.date(), wall, now.tzinfo)
        )
    except (ConfigError, ValueError, OverflowError) as error:
        raise ConfigError(
            f"{text!r} says neither how long nor until when", "Write for example 8h, 08:00 or off"
        ) from error
    if wall is not None and end <= now:
        end = datetime.combine(now.date() + timedelta(days=1), wall, now.tzinfo)
    if end - now > MAX_SNOOZE:
        raise ConfigError("that is longer than a year", "Set notify.desktop = false to end notifications for good")
    return end


def write_snooze(library: Path, until: datetime | None) -> None:
    """Store until when notifications are held back; None ends it. Raise OSError."""
    if until is None:
        (library / SNOOZE_NAME).unlink(missing_ok=True)
        return
    make_private(library)
    write_atomically(library / SNOOZE_NAME, json.dumps({"until": until.astimezone(UTC).isoformat()}).encode())


def snoozed_until(library: Path, now: datetime) -> datetime | None:
    """Return until when notifications are snoozed; None when they are not, or no longer."""
    try:
        until = datetime.fromisoformat(json.loads(read_own(library / SNOOZE_NAME))["until"]).astimezone(UTC)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError):
        return None
    return until if now < until <= now + MAX_SNOOZE else None


def pending(library: Path) -> PendingDigests:
    """Return the digests that the desktop was not notified of yet."""
    try:
        return PendingDigests(
            **{name: int(value) for name, value in json.loads(read_own(library / PENDING_NAME)).items()}
        )
    except (OSError, ValueError, TypeError, AttributeError, OverflowError, RecursionError):
        return PendingDigests()


class NotificationQueue:
    """Notify the desktop of digests, each once; what can't be shown now waits on the disk.

    What is shown is taken off the disk first: a crash in between leaves one notification out, and never shows one
    twice.
    """

    def __init__(
        self,
        library: Path,
        settings: NotifySettings,
        show: Callable[[str, str], bool] = notify,
        reachable: Callable[[], bool] = session_bus_present,
        address: Callable[[], str] = lambda: "",
        language: Language = ENGLISH,
    ) -> None:
        """Prepare; `address` returns where the page is, empty where no other device can open it."""
        self._library = library
        self._wanted = settings.desktop
        self._quiet = parse_quiet_hours(settings.quiet_hours)
        self._show, self._reachable, self._address, self._language = show, reachable, address, language
        self.waiting = pending(library) if self._wanted else PendingDigests()

    def add(self, run: DigestRun) -> None:
        """Queue a digest that was made; empty ones and unwanted notifications are left out."""
        if self._wanted and run.state == "done":
            self._keep(self.waiting.plus(run))

    def notify(self, now: datetime) -> None:
        """Show what waits, at an aware local moment, unless it is held back or there is no desktop to show it."""
        if (
            not self.waiting.digests
            or is_held_back(now, self._quiet, snoozed_until(self._library, now))
            or not self._reachable()
        ):
            return
        shown = self.waiting
        if self._keep(PendingDigests()):
            with in_language(self._language):
                title, body = shown.title_and_body(self._address())
            self._show(title, body)

    def _keep(self, waiting: PendingDigests) -> bool:
        """Remember what waits; return False when the disk would still say otherwise."""
        file = self._library / PENDING_NAME
        self.waiting = waiting
        with suppress(OSError):
            if waiting.digests:
                write_atomically(file, json.dumps(asdict(waiting)).encode())
            else:
                file.unlink(missing_ok=True)
            return True
        log.warning("the notice of a digest could not be kept")
        return False
