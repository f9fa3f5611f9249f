"""The delivery of digests, where the owner asked for it: a queue in the library, one short process at a time."""

import hashlib
import logging
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from dejashot.config.settings import DeliverSettings
from dejashot.config.values import masked
from dejashot.digests.desktop import describe_digest, saving_of_run
from dejashot.errors import ConfigError, DeliveryError
from dejashot.files.child_process import ChildProcess, ChildReplyError
from dejashot.language.languages import ENGLISH, Language
from dejashot.language.texts import in_language, t
from dejashot.library.library import Library
from dejashot.library.tables.digest_runs import Delivery, DigestRun
from dejashot.models.capture import now_us

log = logging.getLogger(__name__)

RETRY_S = (60, 300, 1800, 7200, 28800, 86400)
DELIVERY_TIMEOUT_S = 120.0
LOOK_EVERY_S = 10.0
POLL_EVERY_S = 1.0  # while a message is being sent
_MAX_DETAIL_LENGTH = 500


@dataclass(frozen=True, slots=True)
class DeliveryResult:
    """What became of a message at one address: whether Apprise understood it, whether it was sent, and if not why."""

    understood: bool
    sent: bool
    why: str


@dataclass(frozen=True, slots=True)
class DigestMessage:
    """What is sent: a title and a body of counts.

    The file of the text form instead of the body, the page beside it, where wanted; `address` stands below the text.
    """

    title: str
    body: str
    text: str = ""
    page: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True)
class _Sending:
    """A message on its way: to which addresses, by which process, and until when that may take."""

    delivery: Delivery
    urls: tuple[str, ...]
    process: ChildProcess
    deadline_s: float


def check_delivery(settings: DeliverSettings) -> list[str]:
    """Return the addresses as they may be shown.

    Raise ConfigError when one is not understood, or nothing can be sent at all.
    """
    if not settings.urls:
        return []
    if find_spec("apprise") is None:
        raise ConfigError(
            "deliver.urls: what sends digests is not installed",
            "Run pip install apprise in the environment of Dejashot, or set urls = []",
        )
    for number, (url, result) in enumerate(zip(settings.urls, _ask(settings.urls, None), strict=True), start=1):
        if not result.understood:
            raise ConfigError(
                f"deliver.urls: Apprise does not understand address {number} ({masked(url)})",
                "See https://github.com/caronc/apprise for how the address of your service is written",
            )
    return [masked(url) for url in settings.urls]


def send_test(settings: DeliverSettings, language: Language = ENGLISH) -> list[tuple[str, DeliveryResult]]:
    """Send a test message in a language to every address; return each, as it may be shown, with what became of it.

    Raise ConfigError, DeliveryError.
    """
    if not settings.urls:
        raise ConfigError("there is no address to deliver to", "Set `urls` below [deliver] in the configuration")
    shown = check_delivery(settings)
    with in_language(language):
        message = DigestMessage(
            t("Dejashot: a test"),
            t("This is where your digests will arrive. Nothing is wrong, and nothing was found."),
        )
    return list(zip(shown, _ask(settings.urls, message), strict=True))


class DeliveryQueue:
    """Deliver each digest to every address once; called from the owner thread of the library, which never waits for it.

    An address that has a digest is not tried again for it. A crash between sending and noting that may send it twice.
    """

    def __init__(
        self,
        library: Library,
        settings: DeliverSettings,
        clock: Callable[[], float] = time.monotonic,
        wall_us: Callable[[], int] = now_us,
        address: Callable[[], str] = lambda: "",
        language: Language = ENGLISH,
    ) -> None:
        """Prepare; `clock` gives monotonic seconds, `wall_us` the moment in microseconds since 1970.

        `address` returns where the page is, empty where no other device can open it. Messages are in a `language`.
        """
        self._library = library
        self._settings = settings
        self._clock = clock
        self._wall_us = wall_us
        self._address = address
        self._language = language
        self._sending: _Sending | None = None
        self._look_s = 0.0
        if not settings.urls:
            for delivery in library.digest_runs.deliveries("waiting"):
                library.digest_runs.put_delivery(replace(delivery, state="given_up", detail="delivery was turned off"))

    @property
    def is_sending(self) -> bool:
        """Return whether something is being sent right now."""
        return self._sending is not None

    def add(self, slot_us: int) -> None:
        """Queue a digest, in the transaction in which it is done; nothing happens without addresses."""
        if self._settings.urls:
            self._library.digest_runs.put_delivery(Delivery(slot_us, "waiting", 0, self._wall_us()))
            self._look_s = 0.0

    def due_in_s(self) -> float | None:
        """Return the seconds until the message that is being sent is looked at, None when there is none."""
        return POLL_EVERY_S if self._sending is not None else None

    def run(self) -> None:
        """See how the message that is being sent is doing, and send the next that is due."""
        now_us, now_s = self._wall_us(), self._clock()
        if self._sending is not None:
            if self._sending.process.running and now_s < self._sending.deadline_s:
                return
            sent, self._sending = self._sending, None
            self._note_results(sent, now_us)
            self._look_s = 0.0
        if self._settings.urls and now_s >= self._look_s:
            self._look_s = now_s + LOOK_EVERY_S
            due = next((d for d in self._library.digest_runs.deliveries("waiting") if _is_due(d, now_us)), None)
            if due is not None:
                self._send(due, now_us, now_s)

    def close(self) -> None:
        """End the process that sends; what it was sending is sent again later."""
        if self._sending is not None:
            self._sending.process.close()
            self._sending = None

    def _send(self, delivery: Delivery, now_us: int, now_s: float) -> None:
        run = next((r for r in self._library.digest_runs.in_states("done") if r.slot_us == delivery.slot_us), None)
        if run is None:
            self._library.digest_runs.put_delivery(
                replace(delivery, state="given_up", detail="there is no such digest")
            )
            return
        urls = tuple(url for url in self._settings.urls if _fingerprint(url) not in delivery.reached.split())
        try:
            process = _start(urls, self._message(run))
        except OSError:
            self._note_failure(delivery, "the sending process could not be started", now_us)
            return
        self._sending = _Sending(delivery, urls, process, now_s + DELIVERY_TIMEOUT_S)

    def _message(self, run: DigestRun) -> DigestMessage:
        """Return the message about a digest; what is no longer there is left out."""
        address = self._address()
        with in_language(self._language):
            title, body = describe_digest(run.photos, saving_of_run(run), address)
        page = Path(os.fsdecode(run.file))
        text, wanted = page.with_suffix(".txt"), self._settings.content
        return DigestMessage(
            f"Dejashot: {title}",
            body,
            text=str(text) if wanted == "text" and run.file and text.is_file() else "",
            page=str(page) if wanted == "page" and run.file and page.is_file() else "",
            address=address,
        )

    def _note_results(self, sent: _Sending, now_us: int) -> None:
        """Note what became of a message."""
        try:
            results = _results(sent.process.reply(), len(sent.urls))
        except ChildReplyError:
            self._note_failure(sent.delivery, "sending took too long, or broke off", now_us)
            return
        by_url = list(zip(sent.urls, results, strict=True))
        reached = [_fingerprint(url) for url, result in by_url if result.sent]
        failed = [f"{masked(url)}: {result.why}" for url, result in by_url if not result.sent]
        delivery = replace(sent.delivery, reached=" ".join([*sent.delivery.reached.split(), *reached]))
        if failed:
            self._note_failure(delivery, "; ".join(failed)[:_MAX_DETAIL_LENGTH], now_us)
        else:
            self._library.digest_runs.put_delivery(replace(delivery, state="sent", tries=delivery.tries + 1, detail=""))
            log.info("the digest was delivered")

    def _note_failure(self, delivery: Delivery, detail: str, now_us: int) -> None:
        """Note that a try failed, and when the next one is due."""
        tries = delivery.tries + 1
        given_up = tries > len(RETRY_S)
        next_us = now_us if given_up else now_us + RETRY_S[tries - 1] * 1_000_000
        state = "given_up" if given_up else "waiting"
        self._library.digest_runs.put_delivery(
            replace(delivery, state=state, tries=tries, next_us=next_us, detail=detail)
        )
        log.warning(
            "the digest could not be delivered, %s: %s", "given up" if given_up else "it is tried again", detail
        )


def _is_due(delivery: Delivery, now_us: int) -> bool:
    """Return whether a try is due; one further off than any wait was set by a clock that ran ahead."""
    return not now_us < delivery.next_us <= now_us + RETRY_S[-1] * 1_000_000


def _fingerprint(url: str) -> str:
    return hashlib.blake2s(url.encode(), digest_size=8, person=b"deliver").hexdigest()


def _ask(urls: Sequence[str], message: DigestMessage | None) -> list[DeliveryResult]:
    """Send a message, or only see which addresses are understood; wait for the results. Raise DeliveryError."""
    try:
        process = _start(urls, message)
    except OSError as error:
        raise DeliveryError(
            f"what sends digests can't be started: {error.strerror}", "Check the memory that is free"
        ) from error
    try:
        return _results(process.reply(DELIVERY_TIMEOUT_S), len(urls))
    except ChildReplyError as error:
        raise DeliveryError(
            "what sends digests took too long, or broke off", "Try again, and check what `pip show apprise` says"
        ) from error


def _start(urls: Sequence[str], message: DigestMessage | None) -> ChildProcess:
    """Start the process that sends; its request is small, because the texts are files. Raise OSError."""
    request = {"urls": list(urls), "send": message is not None, **asdict(message or DigestMessage("", ""))}
    return ChildProcess("dejashot.digests.apprise_child", request)


def _results(reply: Any, count: int) -> list[DeliveryResult]:
    """Return the results in a reply of the process, one for each address; raise ChildReplyError."""
    try:
        results = [DeliveryResult(bool(r["understood"]), bool(r["sent"]), str(r["why"])) for r in reply]
    except (TypeError, KeyError) as error:
        raise ChildReplyError("its reply is not a list of results") from error
    if len(results) != count:
        raise ChildReplyError("its reply does not fit the addresses")
    return results
