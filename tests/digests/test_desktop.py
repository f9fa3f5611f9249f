"""Desktop notifications over a real, private session bus; silence without one."""

import os
import shutil
import subprocess
import sys
import textwrap

import pytest

from dejashot.digests.desktop import describe_digest, notify
from dejashot.reports.saving import Saving

SERVER = textwrap.dedent("""
    import asyncio, sys
    from dbus_fast.aio import MessageBus
    from dbus_fast.service import ServiceInterface, method
    from dejashot.digests.desktop import notify

    class Server(ServiceInterface):
        def __init__(self):
            super().__init__("org.freedesktop.Notifications")
            self.seen = asyncio.Event()
        @method()
        def Notify(
            self, app: "s", old: "u", icon: "s", title: "s", body: "s", actions: "as", hints: "a{sv}", expires: "i"
        ) -> "u":
            print(app, "|", title, "|", body, flush=True)
            self.seen.set()
            return 1
        @method()
        def GetCapabilities(self) -> "as":
            return ["body", "actions"]
        @method()
        def GetServerInformation(self) -> "ssss":
            return ["test", "test", "1", "1.2"]

    async def main():
        bus = await MessageBus().connect()
        server = Server()
        bus.export("/org/freedesktop/Notifications", server)
        await bus.request_name("org.freedesktop.Notifications")
        sent = await asyncio.to_thread(notify, "3 new photos", "9.0 MB could be freed.")
        await asyncio.wait_for(server.seen.wait(), 10)
        print("sent", sent, flush=True)

    asyncio.run(main())
""")


def test_it_is_quiet_where_there_is_no_session_bus(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("DBUS_SESSION_BUS_ADDRESS", raising=False)
    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
    assert notify("title", "body") is False
    assert capfd.readouterr() == ("", "")


def test_a_bus_that_does_not_answer_is_no_error(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent/bus")
    notify("title", "body")
    assert "Traceback" not in capfd.readouterr().err


@pytest.mark.skipif(shutil.which("dbus-run-session") is None, reason="dbus-run-session is not installed")
def test_the_desktop_gets_title_and_counts() -> None:
    done = subprocess.run(
        ["dbus-run-session", "--", sys.executable, "-c", SERVER],
        capture_output=True,
        text=True,
        timeout=60,
        env=dict(os.environ),
    )
    assert "Dejashot | 3 new photos | 9.0 MB could be freed." in done.stdout, done.stderr
    assert "sent True" in done.stdout


def test_the_words_are_counts_only() -> None:
    found = Saving(groups=3, photos=5, bytes=9_000_000)
    words = "12 new photos, 3 groups of the same shot. Nothing is deleted without you."
    assert describe_digest(12, found) == ("5 photos could go: 9.0 MB", words)
    assert describe_digest(12, found, "https://192.0.2.7:8423")[1] == f"{words}\nhttps://192.0.2.7:8423"
    nothing = ("Nothing to choose", "1 new photo, 0 groups of the same shot.")
    assert describe_digest(1, Saving(), "https://192.0.2.7:8423") == nothing
