"""The doctor: every finding on real folders, real databases, a real reader; nothing is changed."""

import json
import os
import shutil
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from importlib.util import find_spec
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from commands import Programs
from dejashot.config.settings import Settings, settings_from
from dejashot.diagnostics.checks_reading import check_formats, check_model, check_reader
from dejashot.diagnostics.checks_service import check_review, check_service
from dejashot.diagnostics.checks_storage import check_library, check_library_folder
from dejashot.diagnostics.checks_system import (
    check_clock,
    check_desktop,
    check_gazetteer,
    check_schedule,
    check_time_zone,
)
from dejashot.diagnostics.checks_watching import check_folders, check_watch_limits, file_system
from dejashot.diagnostics.checks_writing import check_written_folders
from dejashot.diagnostics.config_check import examine_settings
from dejashot.diagnostics.finding import Finding, Severity
from dejashot.files.mounts import misses_events
from dejashot.paths import make_private
from dejashot.reading.decode.codecs import readable_formats
from dejashot.servicemanager.base import Service
from dejashot.servicemanager.systemd import Systemd
from dejashot.web.server_state import Served, publish_page
from homes import Home, tree_hash

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")


def settings(**sections: object) -> Settings:
    return settings_from(dict(sections), "test")


def severities(findings: Iterable[Finding]) -> dict[str, Severity]:
    found = {}
    for finding in findings:
        assert finding.text
        assert bool(finding.fix) == (finding.severity is not Severity.OK), finding
        found[finding.name] = finding.severity
    return found


def test_missing_empty_nested_and_own_folders_are_found(tmp_path: Path, busy_minute: Path) -> None:
    (tmp_path / "empty").mkdir()
    (busy_minute / "below").mkdir()
    names = [str(busy_minute), str(busy_minute / "below"), str(tmp_path / "empty"), str(tmp_path / "gone")]
    found = severities(check_folders(settings(folders=names, library={"folder": str(tmp_path / "state")})))
    assert found[f"folder {busy_minute}"] is Severity.OK
    assert found["folders"] is Severity.ADVICE
    assert found[f"folder {tmp_path / 'empty'}"] is Severity.ADVICE
    assert found[f"folder {tmp_path / 'gone'}"] is Severity.WRONG
    assert severities(check_folders(settings()))["folders"] is Severity.ADVICE
    among = settings(folders=[str(busy_minute / "below")], library={"folder": str(busy_minute)})
    assert severities(check_folders(among))["folders"] is Severity.WRONG


@pytest.mark.skipif(sys.platform != "linux", reason="inotify is Linux's")
def test_the_folders_are_compared_with_the_limits_of_inotify(tmp_path: Path, busy_minute: Path) -> None:
    for name in range(9):
        (busy_minute / f"day{name}").mkdir()
    for limit, severity in ((9, Severity.WRONG), (15, Severity.ADVICE), (1000, Severity.OK)):
        (tmp_path / "max_user_watches").write_text(f"{limit}\n")
        (tmp_path / "max_user_instances").write_text("0\n" if limit == 9 else "100000\n")
        found = list(check_watch_limits(settings(folders=[str(busy_minute)]), tmp_path))
        assert severities(found)["watches"] is severity
        assert severities(found)["watchers"] is (Severity.WRONG if limit == 9 else Severity.OK)
        assert any("10 folders to watch" in f.text for f in found)
        assert any("sysctl" in f.fix for f in found) == (severity is not Severity.OK)


def test_the_library_is_checked(home: Home, busy_minute: Path) -> None:
    mine = settings(library={"folder": str(home.library)})
    assert severities(check_library_folder(mine)) == {"library": Severity.OK}
    assert severities(check_library(mine)) == {}
    home.run("scan", busy_minute)
    database = home.library / "library.db"
    whole = database.read_bytes()
    assert severities(check_library_folder(mine))["library"] is Severity.OK
    assert severities(check_library(mine)) == {"database": Severity.OK, "in use by": Severity.OK}
    assert database.read_bytes() == whole
    home.library.chmod(0o755)
    assert severities(check_library_folder(mine))["library"] is Severity.WRONG
    home.library.chmod(0o700)
    database.write_bytes(whole[:8192] + b"\xa5" * 8192 + whole[16384:])
    assert severities(check_library(mine))["database"] is Severity.WRONG
    database.unlink()
    with sqlite3.connect(database) as other:
        other.execute("PRAGMA application_id = 7")
    other.close()
    assert severities(check_library(mine))["database"] is Severity.WRONG


def test_file_systems_that_miss_events_are_known(tmp_path: Path) -> None:
    if sys.platform == "linux":
        assert file_system(Path("/proc")) == "proc"
        assert file_system(tmp_path)
    assert file_system(tmp_path / "none") == ""
    assert [misses_events(kind) for kind in ("nfs4", "cifs", "fuse.sshfs", "9p", "ext4", "btrfs", "tmpfs", "")] == [
        True
    ] * 4 + [False] * 4


@pytest.mark.parametrize(
    ("line", "severity"),
    [
        ("0 20 * * *", Severity.OK),
        ("30 2 * * *", Severity.ADVICE),
        ("0 8 31 2 *", Severity.WRONG),
        ("never", Severity.ADVICE),
        ("0 3 * * sun", Severity.OK),
    ],
)
def test_a_schedule_that_never_comes_or_falls_into_a_clock_change_is_found(line: str, severity: Severity) -> None:
    assert severities(check_schedule(settings(digest={"schedule": line}), NOW, BERLIN)) == {"digests": severity}


@pytest.mark.parametrize(
    ("zone", "severity"), [("Europe/Berlin", Severity.ADVICE), ("UTC", Severity.OK), ("Asia/Kolkata", Severity.OK)]
)
def test_without_clock_changes_any_hour_is_fine(zone: str, severity: Severity) -> None:
    assert severities(check_schedule(settings(digest={"schedule": "30 2 * * *"}), NOW, ZoneInfo(zone))) == {
        "digests": severity
    }


def test_clock_and_time_zone_are_checked(tmp_path: Path) -> None:
    database = tmp_path / "library.db"
    assert check_clock(database, NOW).severity is Severity.OK
    assert check_clock(database, NOW.replace(year=1970)).severity is Severity.WRONG
    database.touch()
    os.utime(database, (NOW.timestamp(), NOW.timestamp()))
    assert check_clock(database, NOW - timedelta(hours=3)).severity is Severity.OK
    assert check_clock(database, NOW - timedelta(days=3)).severity is Severity.WRONG
    assert check_time_zone(settings(), "Europe/Berlin").severity is Severity.OK
    assert check_time_zone(settings(), "Etc/UTC").severity is Severity.ADVICE
    home_zone = settings(capture={"home_timezone": "Europe/Berlin"})
    assert check_time_zone(home_zone, "Etc/UTC").severity is Severity.OK
    assert check_time_zone(home_zone, "").severity is Severity.WRONG


def test_reader_model_and_formats_are_tried(tmp_path: Path) -> None:
    assert check_reader(settings()).severity is Severity.OK
    assert check_model(settings()).severity is Severity.OK
    assert check_formats().severity is Severity.OK
    assert all(readable_formats().values())
    (tmp_path / "net.onnx").write_bytes(b"no network")
    broken = settings(model={"path": str(tmp_path / "net.onnx")})
    assert check_model(broken).severity is Severity.WRONG
    assert check_reader(broken).severity is Severity.WRONG
    assert check_reader(settings(reading={"memory_mib": 512, "timeout_s": 0.001})).severity is Severity.WRONG


def test_the_service_is_checked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    programs = Programs(tmp_path / "bin")
    monkeypatch.setenv("PATH", str(programs.folder) + os.pathsep + os.environ["PATH"])
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    programs.add("loginctl", "echo no")
    programs.add("systemctl", "echo LoadState=not-found")
    assert severities(check_service("linux")) == {"service": Severity.ADVICE}
    Systemd(tmp_path / "config").install(
        Service((str(tmp_path / "gone" / "dejashot"), "run")), start=False, hardened=False
    )
    programs.add("systemctl", "echo LoadState=loaded; echo ActiveState=active")
    assert severities(check_service("linux")) == {
        "service": Severity.OK,
        "service program": Severity.WRONG,
        "service at boot": Severity.ADVICE,
    }
    programs.add("systemctl", "echo LoadState=loaded; echo ActiveState=failed")
    assert severities(check_service("linux"))["service"] is Severity.WRONG
    programs.add("systemctl", "exit 1")
    assert severities(check_service("linux")) == {"service": Severity.ADVICE}


def test_the_review_page_is_checked_where_it_is_enabled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    library = {"folder": str(tmp_path / "library")}
    assert severities(check_review(settings(library=library), "linux")) == {}
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        port = other.getsockname()[1]
        wanted = settings(library=library, review={"enabled": True, "port": port})
        other.listen()
        assert severities(check_review(wanted, "linux")) == {"review page": Severity.WRONG}
        publish_page(make_private(tmp_path / "library" / "review"), Served(os.getpid(), port))
        assert severities(check_review(wanted, "linux")) == {"review page": Severity.OK}
    assert severities(check_review(wanted, "linux")) == {"review page": Severity.OK}, "what is stale is not asked"
    systemd = Systemd(tmp_path / "config")
    systemd.install(Service(("/bin/true",)), start=False, hardened=False)
    assert severities(check_review(wanted, "linux"))["review unit"] is Severity.WRONG
    systemd.install(Service(("/bin/true",), review="local"), start=False, hardened=False)
    assert "review unit" not in severities(check_review(wanted, "linux"))


def test_the_desktop_is_checked_where_it_is_enabled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DBUS_SESSION_BUS_ADDRESS", raising=False)
    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
    assert severities(check_desktop(settings())) == {}
    if sys.platform == "linux":
        assert severities(check_desktop(settings(notify={"desktop": True}))) == {"desktop": Severity.ADVICE}


@pytest.mark.parametrize(
    ("section", "key", "below", "severity"),
    [
        ("digest", "folder", "elsewhere/digests", Severity.OK),
        ("digest", "folder", "minute/digests", Severity.ADVICE),
        ("digest", "folder", "minute/IMG_0001.jpg/digests", Severity.WRONG),
        ("review", "quarantine", "elsewhere", Severity.OK),
        ("review", "quarantine", "minute/rejected", Severity.WRONG),
        ("review", "quarantine", "minute/IMG_0001.jpg", Severity.WRONG),
        ("review", "album", "minute", Severity.WRONG),
        ("metrics", "file", "minute/a.prom", Severity.OK),
        ("metrics", "file", "none/a.prom", Severity.WRONG),
    ],
)
def test_the_folders_that_are_written_to_are_checked(
    tmp_path: Path, busy_minute: Path, section: str, key: str, below: str, severity: Severity
) -> None:
    wanted = settings(folders=[str(busy_minute)], **{section: {key: str(tmp_path / below)}})
    found = severities(check_written_folders(wanted))
    assert found.pop("previews") is Severity.OK
    assert list(found.values()) == [severity]
    assert severities(check_written_folders(settings(folders=[str(busy_minute)]))) == {"previews": Severity.OK}


def test_the_configuration_is_asked_what_the_doctor_asks(busy_minute: Path) -> None:
    asked = severities(examine_settings(settings(folders=[str(busy_minute)], deliver={"urls": ["nonsense"]}), NOW))
    assert asked["delivery"] is Severity.WRONG
    assert {f"folder {busy_minute}", "library", "time zone", "digests", "model", "previews"} < set(asked)
    assert not {"database", "reader", "service"} & set(asked), "these need more than a configuration"


def test_the_command_prints_the_fix_and_changes_nothing(home: Home, busy_minute: Path) -> None:
    home.configure(f'folders = ["{busy_minute}"]\n')
    before = tree_hash(home.path)
    done = home.run("doctor")
    assert done.returncode == 0, done.stdout
    assert "✓ reader: starts and reads" in done.stdout
    body = home.json("doctor")
    assert tree_hash(home.path) == before
    assert (body["schema"], body["wrong"]) == ("dejashot.doctor/1", 0)
    assert {f["mark"] for f in body["findings"]} <= {"ok", "advice", "wrong"}
    shutil.rmtree(busy_minute)
    home.configure(f'folders = ["{busy_minute}"]\n[watch]\nquiet = 3\n')
    done = home.run("doctor", "--format", "json")
    assert done.returncode == 2
    assert json.loads(done.stdout)["findings"][0]["mark"] == "wrong"
    home.configure(f'folders = ["{busy_minute}"]\n')
    for command in (("doctor",), ("config", "check")):
        done = home.run(*command)
        assert (done.returncode, "it is not there\n    Check the spelling" in done.stdout) == (1, True)
        assert done.stdout.splitlines()[-1].startswith("1 thing to mend"), done.stdout


def test_the_codecs_process_lists_the_formats() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "dejashot.reading.decode.codecs"], capture_output=True, text=True, check=True
    )
    assert json.loads(done.stdout) == readable_formats()


def test_named_places_need_the_gazetteer(monkeypatch: pytest.MonkeyPatch) -> None:
    assert severities(check_gazetteer(settings())) == {}
    named = settings(places={"name": True})
    there = find_spec("reverse_geocode") is not None
    assert severities(check_gazetteer(named)) == {"places": Severity.OK if there else Severity.WRONG}
    monkeypatch.setattr("dejashot.reports.geocoding.find_spec", lambda _: None)
    assert severities(check_gazetteer(named)) == {"places": Severity.WRONG}
