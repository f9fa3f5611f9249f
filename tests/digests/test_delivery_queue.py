"""Delivery: every digest reaches every address once, through failures and restarts, and no secret is ever shown."""

import json
import signal
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from daemons import wait_until
from dejashot.config.settings import DeliverSettings, Settings
from dejashot.config.values import masked
from dejashot.digests.delivery_queue import POLL_EVERY_S, RETRY_S, DeliveryQueue, check_delivery, send_test
from dejashot.errors import ConfigError
from dejashot.library.library import Library
from dejashot.library.tables.digest_runs import Delivery, DigestRun
from dejashot.models.capture import microseconds
from dotted_language import dotted_language, words_left
from homes import Home
from scenes import save_photo, scene

pytest.importorskip("apprise")

SLOT_US = microseconds(datetime(2026, 7, 1, 20, tzinfo=UTC))
SECRET = "hunter2secret"  # noqa: S105 - nobody's


class Clock:
    """The clocks of the queues: a monotonic one, and the wall's."""

    def __init__(self) -> None:
        self.now_s = 1000.0
        self.now_us = SLOT_US


CLOCK = Clock()


class Receiver(ThreadingHTTPServer):
    """A server of somebody's own that takes messages, or refuses them by path."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.got: list[tuple[str, dict[str, Any]]] = []
        self.refusing: set[str] = set()

    def url(self, path: str) -> str:
        return f"json://anna:{SECRET}@127.0.0.1:{self.server_port}{path}"


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        assert isinstance(self.server, Receiver)
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        refused = self.path.rstrip("/") in self.server.refusing
        if not refused:
            self.server.got.append((self.path.rstrip("/"), body))
        self.send_response(503 if refused else 200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    opened = Library.open(tmp_path)
    page = tmp_path / "2026-07-01_2000.html"
    page.write_text("<p>the page</p>")
    page.with_suffix(".txt").write_text("IMG_0001.jpg is the one to keep")
    opened.digest_runs.put(DigestRun(SLOT_US, "done", 0, 9, 1, 5, 1, 8_200_000, str(page).encode(), 2))
    yield opened
    opened.close()


def deliver(deliveries: DeliveryQueue, now_us: int) -> None:
    """Let what is due be sent, and wait until it is."""
    CLOCK.now_s, CLOCK.now_us = CLOCK.now_s + 1000, now_us
    deliveries.run()

    def is_sent() -> bool:
        if deliveries.is_sending:
            assert deliveries.due_in_s() == POLL_EVERY_S
            deliveries.run()
        return not deliveries.is_sending

    wait_until(is_sent, "it is sent", poll_s=0.02)
    assert deliveries.due_in_s() is None


def reopened(library: Library, *urls: str, content: Any = "counts") -> DeliveryQueue:
    settings = DeliverSettings(urls=urls, content=content)
    return DeliveryQueue(library, settings, lambda: CLOCK.now_s, lambda: CLOCK.now_us)


def queued(library: Library, *urls: str, content: Any = "counts") -> DeliveryQueue:
    CLOCK.now_us = SLOT_US
    deliveries = reopened(library, *urls, content=content)
    deliveries.add(SLOT_US)
    return deliveries


def test_a_digest_is_delivered_once_in_numbers_alone(library: Library, receiver: Receiver) -> None:
    deliveries = queued(library, receiver.url("/a"))
    deliver(deliveries, SLOT_US)
    deliver(deliveries, SLOT_US + 10**12)
    ((path, body),) = receiver.got
    assert path == "/a"
    assert body["title"] == "Dejashot: 2 photos could go: 8.2 MB"
    assert "5 new photos" in body["message"]
    assert "http" not in body["message"]
    assert "IMG_" not in json.dumps(body)
    assert body["attachments"] == []
    assert [d.state for d in library.digest_runs.deliveries("sent")] == ["sent"]
    assert SECRET not in repr(library.digest_runs.deliveries("sent"))


def test_a_message_is_in_the_language_of_the_owner(library: Library, receiver: Receiver) -> None:
    settings = DeliverSettings(urls=(receiver.url("/a"),))
    deliveries = DeliveryQueue(library, settings, lambda: CLOCK.now_s, lambda: CLOCK.now_us, language=dotted_language())
    deliveries.add(SLOT_US)
    deliver(deliveries, SLOT_US)
    ((_, body),) = receiver.got
    assert words_left(body["title"] + body["message"]) == {"Dejashot", "MB"}


def test_the_text_and_the_page_go_out_where_they_are_asked_for(library: Library, receiver: Receiver) -> None:
    deliver(queued(library, receiver.url("/text"), content="text"), SLOT_US)
    deliver(queued(library, receiver.url("/page"), content="page"), SLOT_US)
    (_, text), (_, page) = receiver.got
    assert text["message"] == "IMG_0001.jpg is the one to keep"
    assert "IMG_" not in page["message"]
    assert [a["filename"] for a in page["attachments"]] == ["2026-07-01_2000.html"]


def test_a_refused_digest_is_tried_again_later_and_later_also_after_a_restart(
    library: Library, receiver: Receiver, caplog: pytest.LogCaptureFixture
) -> None:
    receiver.refusing.add("/b")
    urls = (receiver.url("/a"), receiver.url("/b"))
    queued(library, *urls)
    now_us = SLOT_US
    for wait_s in RETRY_S:
        deliver(reopened(library, *urls), now_us)
        (waiting,) = library.digest_runs.deliveries("waiting")
        assert waiting.next_us == now_us + wait_s * 1_000_000
        assert waiting.detail == "json://…: the server refused it (status 503)"
        deliver(reopened(library, *urls), waiting.next_us - 1)
        assert library.digest_runs.deliveries("waiting") == [waiting]
        now_us = waiting.next_us
    deliver(reopened(library, *urls), now_us)
    assert library.digest_runs.deliveries("waiting") == []
    assert [d.tries for d in library.digest_runs.deliveries("given_up")] == [len(RETRY_S) + 1]
    assert [path for path, _ in receiver.got] == ["/a"]
    assert "given up" in caplog.text
    assert SECRET not in caplog.text


def test_an_address_that_comes_back_gets_it_and_the_others_do_not_get_it_twice(
    library: Library, receiver: Receiver
) -> None:
    receiver.refusing.add("/b")
    deliveries = queued(library, receiver.url("/a"), receiver.url("/b"))
    deliver(deliveries, SLOT_US)
    receiver.refusing.clear()
    deliver(deliveries, SLOT_US + RETRY_S[0] * 1_000_000)
    assert [path for path, _ in receiver.got] == ["/a", "/b"]
    assert [d.tries for d in library.digest_runs.deliveries("sent")] == [2]


def test_a_wait_set_by_a_clock_that_ran_ahead_does_not_hold_for_years(library: Library, receiver: Receiver) -> None:
    library.digest_runs.put_delivery(Delivery(SLOT_US, "waiting", 1, SLOT_US + 12 * 365 * 86400 * 1_000_000))
    deliver(reopened(library, receiver.url("/a")), SLOT_US)
    assert len(receiver.got) == 1


def test_what_waits_when_delivery_is_turned_off_is_not_sent_years_later(library: Library, receiver: Receiver) -> None:
    queued(library, receiver.url("/a"))
    DeliveryQueue(library, DeliverSettings())
    deliver(reopened(library, receiver.url("/a")), SLOT_US)
    assert receiver.got == []
    assert [d.detail for d in library.digest_runs.deliveries("given_up")] == ["delivery was turned off"]


def test_a_digest_written_again_keeps_how_its_delivery_stands(library: Library, receiver: Receiver) -> None:
    queued(library, receiver.url("/a"))
    (run,) = library.digest_runs.in_states("done")
    library.digest_runs.put(replace(run, file=b""))
    assert len(library.digest_runs.deliveries("waiting")) == 1


def test_nothing_is_queued_without_an_address(library: Library) -> None:
    deliveries = queued(library)
    deliver(deliveries, SLOT_US)
    assert library.digest_runs.deliveries("waiting") == []


def test_a_test_message_says_what_became_of_it(receiver: Receiver) -> None:
    closed = f"json://anna:{SECRET}@127.0.0.1:1/"
    receiver.refusing.add("/b")
    answers = send_test(DeliverSettings(urls=(receiver.url("/a"), receiver.url("/b"), closed)))
    assert [(address, a.sent, a.why) for address, a in answers] == [
        ("json://…", True, ""),
        ("json://…", False, "the server refused it (status 503)"),
        ("json://…", False, "the server could not be reached"),
    ]


def test_an_address_nobody_understands_and_a_missing_extra_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ConfigError, match=r"address 2 \(…\)") as caught:
        check_delivery(DeliverSettings(urls=("json://127.0.0.1", SECRET)))
    assert SECRET not in str(caught.value)
    monkeypatch.setitem(sys.modules, "apprise", None)
    with pytest.raises(ConfigError, match=r"pip install apprise"):
        check_delivery(DeliverSettings(urls=("json://127.0.0.1",)))


def test_addresses_are_masked_wherever_settings_are_shown() -> None:
    settings = Settings(deliver=DeliverSettings(urls=(f"mailtos://anna:{SECRET}@example.org", SECRET)))
    assert SECRET not in repr(settings)
    assert settings.model_dump(mode="json")["deliver"]["urls"] == ["mailtos://…", "…"]
    assert masked("https://hooks.example.org/T/B/" + SECRET) == "https://…"


def test_the_daemon_delivers_its_digest_and_shows_no_secret(home: Home, tmp_path: Path, receiver: Receiver) -> None:
    folder = tmp_path / "Pictures"
    save_photo(folder / "IMG_0001.jpg", scene(1, (320, 240)))
    quick = '[watch]\nquiet_s = 0.2\n[digest]\nschedule = "0 * * * *"\nquiet_s = 0\n'
    home.configure(f'{quick}[deliver]\nurls = ["{receiver.url("/a")}"]\n')
    assert SECRET not in home.run("config", "show").stdout
    checked = home.run("config", "check").stdout
    assert "✓ delivery: counts to json://…" in checked
    assert home.run("deliver", "test").stdout == "json://…  sent\n"
    home.library.mkdir(parents=True, mode=0o700)
    seeded = Library.open(home.library)
    seeded.digest_runs.start_schedule(
        microseconds(datetime.now(UTC) - timedelta(hours=3))
    )  # a slot has passed: it is due at once
    seeded.close()
    process = home.start("run", folder)
    try:
        wait_until(lambda: len(receiver.got) >= 2 or process.poll() is not None, "the digest is delivered", 90)
        assert process.poll() is None
        shown = home.run("status", "--format", "json").stdout
    finally:
        process.send_signal(signal.SIGTERM)
        said, _ = process.communicate(timeout=30)
    assert receiver.got[1][1]["message"].startswith("1 new photo,")
    assert "the only thing that uses the network" in said
    assert SECRET not in said + shown
    home.configure('[deliver]\nurls = ["nonsense"]\n')
    for command, status in ((["config", "check"], 1), (["run", folder], 78)):
        done = home.run(*command)
        assert done.returncode == status
        assert "does not understand address 1" in done.stdout + done.stderr
