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
from dejashot.diagnostics import checks as doctor_places
from dejashot.diagnostics import doctor
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


def marks(findings: Iterable[Finding]) -> dict[str, Severity]:
    found = {}
    for finding in findings:
        assert finding.words
        assert bool(finding.fix) == (finding.mark is not Severity.OK), finding
        found[finding.name] = finding.mark
    return found


def test_folders_that_are_missing_empty_nested_or_ours(tmp_path: Path, busy_minute: Path) -> None:
    (tmp_path / "empty").mkdir()
    (busy_minute / "below").mkdir()
    names = [str(busy_minute), str(busy_minute / "below"), str(tmp_path / "empty"), str(tmp_path / "gone")]
    found = marks(doctor_places.folders(settings(folders=names, library={"folder": str(tmp_path / "state")})))
    assert found[f"folder {busy_minute}"] is Severity.OK
    assert found["folders"] is Severity.ADVICE
    assert found[f"folder {tmp_path / 'empty'}"] is Severity.ADVICE
    assert found[f"folder {tmp_path / 'gone'}"] is Severity.WRONG
    assert marks(doctor_places.folders(settings()))["folders"] is Severity.WRONG
    among = settings(folders=[str(busy_minute / "below")], library={"folder": str(busy_minute)})
    assert marks(doctor_places.folders(among))["folders"] is Severity.WRONG


@pytest.mark.skipif(sys.platform != "linux", reason="inotify is Linux's")
def test_the_limits_of_watching_are_held_against_the_folders(
    tmp_path: Path, busy_minute: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in range(9):
        (busy_minute / f"day{name}").mkdir()
    monkeypatch.setattr(doctor_places, "_INOTIFY", tmp_path)
    for limit, mark in ((9, Severity.WRONG), (15, Severity.ADVICE), (1000, Severity.OK)):
        (tmp_path / "max_user_watches").write_text(f"{limit}\n")
        (tmp_path / "max_user_instances").write_text("0\n" if limit == 9 else "100000\n")
        found = list(doctor_places.folders(settings(folders=[str(busy_minute)])))
        assert marks(found)["watches"] is mark
        assert marks(found)["watchers"] is (Severity.WRONG if limit == 9 else Severity.OK)
        assert any("10 folders to watch" in f.words for f in found)
        assert any("sysctl" in f.fix for f in found) == (mark is not Severity.OK)


def test_the_library_is_looked_at_from_every_side(home: Home, busy_minute: Path) -> None:
    mine = settings(library={"folder": str(home.library)})
    assert marks(doctor_places.library(mine))["library"] is Severity.OK
    home.run("scan", busy_minute)
    database = home.library / "library.db"
    whole = database.read_bytes()
    found = marks(doctor_places.library(mine))
    assert found == {
        "library": Severity.OK,
        "free space": found["free space"],
        "database": Severity.OK,
        "in use by": Severity.OK,
    }
    assert database.read_bytes() == whole
    home.library.chmod(0o755)
    assert marks(doctor_places.library(mine))["library"] is Severity.WRONG
    home.library.chmod(0o700)
    database.write_bytes(whole[:8192] + b"\xa5" * 8192 + whole[16384:])
    assert marks(doctor_places.library(mine))["database"] is Severity.WRONG
    database.unlink()
    with sqlite3.connect(database) as other:
        other.execute("PRAGMA application_id = 7")
    other.close()
    assert marks(doctor_places.library(mine))["database"] is Severity.WRONG


def test_a_file_system_is_told_and_judged(tmp_path: Path) -> None:
    if sys.platform == "linux":
        assert doctor_places.file_system(Path("/proc")) == "proc"
        assert doctor_places.file_system(tmp_path)
    assert doctor_places.file_system(tmp_path / "none") == ""
    assert [misses_events(kind) for kind in ("nfs4", "cifs", "fuse.sshfs", "9p", "ext4", "btrfs", "tmpfs", "")] == [
        True
    ] * 4 + [False] * 4


@pytest.mark.parametrize(
    ("line", "mark"),
    [
        ("0 20 * * *", Severity.OK),
        ("30 2 * * *", Severity.ADVICE),
        ("0 8 31 2 *", Severity.WRONG),
        ("never", Severity.ADVICE),
        ("0 3 * * sun", Severity.OK),
    ],
)
def test_the_schedule_comes_true_and_not_in_the_hour_of_the_change(line: str, mark: Severity) -> None:
    assert marks(doctor.schedule(settings(digest={"schedule": line}), NOW, BERLIN)) == {"digests": mark}


@pytest.mark.parametrize(
    ("zone", "mark"), [("Europe/Berlin", Severity.ADVICE), ("UTC", Severity.OK), ("Asia/Kolkata", Severity.OK)]
)
def test_where_clocks_are_never_changed_no_hour_is_advised_against(zone: str, mark: Severity) -> None:
    assert marks(doctor.schedule(settings(digest={"schedule": "30 2 * * *"}), NOW, ZoneInfo(zone))) == {"digests": mark}


def test_clock_and_zone(tmp_path: Path) -> None:
    database = tmp_path / "library.db"
    assert doctor.clock(database, NOW).mark is Severity.OK
    assert doctor.clock(database, NOW.replace(year=1970)).mark is Severity.WRONG
    database.touch()
    os.utime(database, (NOW.timestamp(), NOW.timestamp()))
    assert doctor.clock(database, NOW - timedelta(hours=3)).mark is Severity.OK
    assert doctor.clock(database, NOW - timedelta(days=3)).mark is Severity.WRONG
    assert doctor.zone(settings(), "Europe/Berlin").mark is Severity.OK
    assert doctor.zone(settings(), "Etc/UTC").mark is Severity.ADVICE
    assert doctor.zone(settings(capture={"home_timezone": "Europe/Berlin"}), "Etc/UTC").mark is Severity.OK


@pytest.mark.parametrize(
    ("version", "fixed"),
    [
        ((3, 40, 1), False),
        ((3, 44, 5), False),
        ((3, 44, 6), True),
        ((3, 50, 6), False),
        ((3, 50, 9), True),
        ((3, 51, 2), False),
        ((3, 52, 0), True),
    ],
)
def test_which_sqlite_has_the_fix(version: tuple[int, ...], fixed: bool) -> None:
    assert doctor.reset_fixed(version) is fixed


def test_reader_network_and_formats_are_tried_for_real(tmp_path: Path) -> None:
    assert doctor.reader(settings()).mark is Severity.OK
    assert doctor.network(settings()).mark is Severity.OK
    assert doctor.check_formats().mark is Severity.OK
    assert all(readable_formats().values())
    (tmp_path / "net.onnx").write_bytes(b"no network")
    broken = settings(model={"path": str(tmp_path / "net.onnx")})
    assert doctor.network(broken).mark is Severity.WRONG
    assert doctor.reader(broken).mark is Severity.WRONG
    assert doctor.reader(settings(reading={"memory_mib": 512, "timeout_s": 0.001})).mark is Severity.WRONG


def test_the_service_is_looked_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    programs = Programs(tmp_path / "bin")
    monkeypatch.setenv("PATH", str(programs.folder) + os.pathsep + os.environ["PATH"])
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    programs.add("loginctl", "echo no")
    programs.add("systemctl", "echo LoadState=not-found")
    assert marks(doctor.service("linux")) == {"service": Severity.ADVICE}
    Systemd(tmp_path / "config").install(
        Service((str(tmp_path / "gone" / "dejashot"), "run")), start=False, hardened=False
    )
    programs.add("systemctl", "echo LoadState=loaded; echo ActiveState=active")
    assert marks(doctor.service("linux")) == {
        "service": Severity.OK,
        "service program": Severity.WRONG,
        "service at boot": Severity.ADVICE,
    }
    programs.add("systemctl", "echo LoadState=loaded; echo ActiveState=failed")
    assert marks(doctor.service("linux"))["service"] is Severity.WRONG
    programs.add("systemctl", "exit 1")
    assert marks(doctor.service("linux")) == {"service": Severity.ADVICE}


def test_the_review_page_is_looked_at_where_it_is_wanted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    library = {"folder": str(tmp_path / "library")}
    assert marks(doctor.check_review(settings(library=library), "linux")) == {}
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        port = other.getsockname()[1]
        wanted = settings(library=library, review={"enabled": True, "port": port})
        other.listen()
        assert marks(doctor.check_review(wanted, "linux")) == {"review page": Severity.WRONG}
        publish_page(make_private(tmp_path / "library" / "review"), Served(os.getpid(), port))
        assert marks(doctor.check_review(wanted, "linux")) == {"review page": Severity.OK}
    assert marks(doctor.check_review(wanted, "linux")) == {"review page": Severity.OK}, "what is stale is not asked"
    systemd = Systemd(tmp_path / "config")
    systemd.install(Service(("/bin/true",)), start=False, hardened=False)
    assert marks(doctor.check_review(wanted, "linux"))["review unit"] is Severity.WRONG
    systemd.install(Service(("/bin/true",), review="local"), start=False, hardened=False)
    assert "review unit" not in marks(doctor.check_review(wanted, "linux"))


def test_desktop_and_metrics_are_looked_at_where_they_are_wanted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DBUS_SESSION_BUS_ADDRESS", raising=False)
    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
    assert marks(doctor.desktop(settings())) == {}
    if sys.platform == "linux":
        assert marks(doctor.desktop(settings(notify={"desktop": True}))) == {"desktop": Severity.ADVICE}
    assert marks(doctor_places.metrics(settings())) == {}
    assert marks(doctor_places.metrics(settings(metrics={"file": str(tmp_path / "a.prom")}))) == {
        "metrics": Severity.OK
    }
    assert marks(doctor_places.metrics(settings(metrics={"file": str(tmp_path / "none" / "a.prom")}))) == {
        "metrics": Severity.WRONG
    }


def test_the_command_says_the_fix_and_changes_nothing(home: Home, busy_minute: Path) -> None:
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
    assert done.returncode == 1
    assert json.loads(done.stdout)["findings"][0]["mark"] == "wrong"
    home.configure(f'folders = ["{busy_minute}"]\n')
    assert "it is not there\n    Check the spelling" in home.run("doctor").stdout


def test_formats_are_listed_by_a_process_of_its_own() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "dejashot.reading.decode.codecs"], capture_output=True, text=True, check=True
    )
    assert json.loads(done.stdout) == readable_formats()


def test_places_that_are_to_be_named_need_the_gazetteer(monkeypatch: pytest.MonkeyPatch) -> None:
    assert marks(doctor.gazetteer(settings())) == {}
    named = settings(places={"name": True})
    there = find_spec("reverse_geocode") is not None
    assert marks(doctor.gazetteer(named)) == {"places": Severity.OK if there else Severity.WRONG}
    monkeypatch.setattr("dejashot.reports.geocoding.find_spec", lambda _: None)
    assert marks(doctor.gazetteer(named)) == {"places": Severity.WRONG}
