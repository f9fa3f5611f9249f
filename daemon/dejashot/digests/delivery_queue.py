"""Digests on their way out, where the owner asked for that: a queue in the library, and one short-lived process at a time."""

import hashlib
import json
import logging
import os
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from importlib.util import find_spec
from pathlib import Path

from dejashot.config.settings import DeliverSettings
from dejashot.config.values import masked
from dejashot.digests.desktop import digest_words
from dejashot.errors import ConfigError, DeliveryError
from dejashot.library.library import Library
from dejashot.library.tables.digest_runs import Delivery, DigestRun

log = logging.getLogger(__name__)

RETRY_S = (60, 300, 1800, 7200, 28800, 86400)
DELIVERY_TIMEOUT_S = 120.0
LOOK_EVERY_S = 10.0
_MAX_DETAIL_AT = 500


@dataclass(frozen=True, slots=True)
class DeliveryResult:
    """What became of a message at one address: whether Apprise understood it, whether it was sent, and if not why."""

    understood: bool
    sent: bool
    why: str


@dataclass(frozen=True, slots=True)
class DigestMessage:
    """What is sent: a title and a body of counts; the file of the text form instead of the body, the page beside it, where wanted."""

    title: str
    body: str
    text: str = ""
    page: str = ""


@dataclass(frozen=True, slots=True)
class _Trip:
    delivery: Delivery
    urls: tuple[str, ...]
    process: "subprocess.Popen[bytes]"
    deadline_s: float


def check_delivery(settings: DeliverSettings) -> list[str]:
    """Return the addresses as they may be shown; raise ConfigError when one is not understood, or nothing can be sent at all."""
    if not settings.urls:
        return []
    if find_spec("apprise") is None:
        raise ConfigError(
            "deliver.urls: what sends digests is not installed",
            "Run pip install apprise in the environment of Dejashot, or set urls = []",
        )
    for number, (url, answer) in enumerate(zip(settings.urls, _ask(settings.urls, None), strict=True), start=1):
        if not answer.understood:
            raise ConfigError(
                f"deliver.urls: Apprise does not understand address {number} ({masked(url)})",
                "See https://github.com/caronc/apprise for how the address of your service is written",
            )
    return [masked(url) for url in settings.urls]


def send_test(settings: DeliverSettings) -> list[tuple[str, DeliveryResult]]:
    """Send a test message to every address; return each, as it may be shown, with what became of it. Raise ConfigError, DeliveryError."""
    if not settings.urls:
        raise ConfigError("there is no address to deliver to", "Set `urls` below [deliver] in the configuration")
    shown = check_delivery(settings)
    message = DigestMessage(
        "Dejashot: a test", "This is where your digests will arrive. Nothing is wrong, and nothing was found."
    )
    return list(zip(shown, _ask(settings.urls, message), strict=True))


class DeliveryQueue:
    """Bring each digest to every address once; called from the owner thread of the library, which never waits for it.

    An address that has a digest is not tried again for it. A crash between sending and noting that may send it twice.
    """

    def __init__(self, library: Library, settings: DeliverSettings) -> None:
        self._library = library
        self._settings = settings
        self._trip: _Trip | None = None
        self._look_s = 0.0
        if not settings.urls:
            for delivery in library.digest_runs.deliveries("waiting"):
                library.digest_runs.put_delivery(replace(delivery, state="given_up", detail="delivery was turned off"))

    @property
    def under_way(self) -> bool:
        """Tell whether something is being sent right now."""
        return self._trip is not None

    def queue(self, slot_us: int, now_us: int) -> None:
        """Note that a digest is to be delivered, in the transaction that it is done in; nothing happens without addresses."""
        if self._settings.urls:
            self._library.digest_runs.put_delivery(Delivery(slot_us, "waiting", 0, now_us))
            self._look_s = 0.0

    def attend(self, now_us: int, now_s: float) -> None:
        """See how the message under way is doing and send the next that is due; `now_s` is monotonic."""
        if self._trip is not None:
            if self._trip.process.poll() is None and now_s < self._trip.deadline_s:
                return
            trip, self._trip = self._trip, None
            self._settle(trip, _answers(trip.process), now_us)
            self._look_s = 0.0
        if self._settings.urls and now_s >= self._look_s:
            self._look_s = now_s + LOOK_EVERY_S
            due = next((d for d in self._library.digest_runs.deliveries("waiting") if _is_due(d, now_us)), None)
            if due is not None:
                self._send(due, now_us, now_s)

    def close(self) -> None:
        """End the process that sends; what it was sending is sent again later."""
        if self._trip is not None:
            _end(self._trip.process)
            self._trip = None

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
            self._note(delivery, "the sending process could not be started", now_us)
            return
        self._trip = _Trip(delivery, urls, process, now_s + DELIVERY_TIMEOUT_S)

    def _message(self, run: DigestRun) -> DigestMessage:
        """Return the message about a digest; what is no longer there is left out."""
        title, body = digest_words(run.photos, run.groups, run.reclaimable_bytes)
        page = Path(os.fsdecode(run.file))
        text, wanted = page.with_suffix(".txt"), self._settings.content
        return DigestMessage(
            f"Dejashot: {title}",
            body,
            text=str(text) if wanted == "text" and run.file and text.is_file() else "",
            page=str(page) if wanted == "page" and run.file and page.is_file() else "",
        )

    def _settle(self, trip: _Trip, answers: Sequence[DeliveryResult] | None, now_us: int) -> None:
        """Note what became of a message."""
        if answers is None or len(answers) != len(trip.urls):
            self._note(trip.delivery, "sending took too long, or broke off", now_us)
            return
        reached = [_fingerprint(url) for url, answer in zip(trip.urls, answers, strict=True) if answer.sent]
        failed = [
            f"{masked(url)}: {answer.why}" for url, answer in zip(trip.urls, answers, strict=True) if not answer.sent
        ]
        delivery = replace(trip.delivery, reached=" ".join([*trip.delivery.reached.split(), *reached]))
        if failed:
            self._note(delivery, "; ".join(failed)[:_MAX_DETAIL_AT], now_us)
        else:
            self._library.digest_runs.put_delivery(replace(delivery, state="sent", tries=delivery.tries + 1, detail=""))
            log.info("the digest was delivered")

    def _note(self, delivery: Delivery, detail: str, now_us: int) -> None:
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
    """Tell whether a try is due; one further off than any wait was set by a clock that ran ahead."""
    return not now_us < delivery.next_us <= now_us + RETRY_S[-1] * 1_000_000


def _fingerprint(url: str) -> str:
    return hashlib.blake2s(url.encode(), digest_size=8, person=b"deliver").hexdigest()


def _ask(urls: Sequence[str], message: DigestMessage | None) -> list[DeliveryResult]:
    """Send a message, or only see which addresses are understood; wait for the answers. Raise DeliveryError."""
    try:
        process = _start(urls, message)
    except OSError as error:
        raise DeliveryError(
            f"what sends digests can't be started: {error.strerror}", "Check the memory that is free"
        ) from error
    with suppress(subprocess.TimeoutExpired):
        process.wait(DELIVERY_TIMEOUT_S)
    answers = _answers(process)
    if answers is None or len(answers) != len(urls):
        raise DeliveryError(
            "what sends digests took too long, or broke off", "Try again, and check what `pip show apprise` says"
        )
    return answers


def _start(urls: Sequence[str], message: DigestMessage | None) -> "subprocess.Popen[bytes]":
    """Start the process and hand it the request, which fits into the pipe's buffer: the texts are files. Raise OSError."""
    request = {"urls": list(urls), "send": message is not None, **asdict(message or DigestMessage("", ""))}
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "dejashot.digests.apprise_child"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    if process.stdin is not None:
        with suppress(BrokenPipeError), process.stdin:  # it ended early: its answer is missing then
            process.stdin.write(json.dumps(request).encode())
    return process


def _answers(process: "subprocess.Popen[bytes]") -> list[DeliveryResult] | None:
    """Return what the process answered, ended if it still runs; None when that can't be read."""
    ended = process.poll() is not None
    said = process.stdout.read() if ended and process.stdout is not None else b""
    _end(process)
    try:
        return [DeliveryResult(bool(a["understood"]), bool(a["sent"]), str(a["why"])) for a in json.loads(said)]
    except (ValueError, TypeError, KeyError):
        return None


def _end(process: "subprocess.Popen[bytes]") -> None:
    process.kill()
    process.wait()
    if process.stdout is not None:
        process.stdout.close()
