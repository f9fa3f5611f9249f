"""The demo as a person runs it: what it shows is right, what is the owner's is not touched, and nothing is left."""

import fcntl
import json
import os
import signal
import subprocess
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from dejashot.reading.metadata.video import video_metadata
from homes import Home, environment, tree_hash

BURST = [f"20260621_114108_00{n}.jpg" for n in (1, 2, 3, 4)]
STREET = ["IMG_20260620_215831.jpg", "IMG_20260620_215840.jpg"]
FRUIT = ["IMG_20260621_091520.jpg", "IMG_20260621_091527.jpg"]
HILLS = ["IMG_20260516_071238(1).jpg", "IMG_20260516_071238.jpg"]
LAKE = [f"IMG_20260516_071204_{n}.jpg" for n in (1, 2, 3)]
PAGES = [f"IMG_20260621_0940{second}.jpg" for second in (10, 22, 37)]
BOAT = ["IMG_0412.HEIC", "IMG_0413.HEIC"]


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Home]:
    """Return what `dejashot demo --output` wrote, and the home that it ran in."""
    place = tmp_path_factory.mktemp("demo")
    home = Home(place / "home", {**environment(place / "home"), "TMPDIR": str(place / "temporary")})
    home.configure("[sifting\n")  # no demo reads it
    (place / "temporary").mkdir()
    done = home.run("demo", "--output", place / "output", timeout_s=300)
    assert done.returncode == 0, done.stderr
    return place, home


def digest_of(output: Path) -> dict[str, Any]:
    (file,) = (output / "digests").glob("2*.json")
    found: dict[str, Any] = json.loads(file.read_bytes())
    return found


def named(paths: list[str]) -> list[str]:
    return [Path(path).name for path in paths]


def test_it_shows_what_it_was_drawn_to_show(written: tuple[Path, Home]) -> None:
    digest = digest_of(written[0] / "output")
    groups = {tuple(named(group["photos"])): group for group in digest["groups"]}
    assert set(groups) == set(map(tuple, (BURST, STREET, FRUIT, HILLS, LAKE, PAGES, BOAT)))
    for names, keeper in ((BURST, 2), (STREET, 1), (FRUIT, 1), (HILLS, 1), (BOAT, 1)):
        assert named(groups[tuple(names)]["keepers"]) == [names[keeper]]
    assert groups[tuple(LAKE)]["series"] == "exposure bracket"
    assert groups[tuple(PAGES)]["series"] == "pages"
    assert groups[tuple(BURST)]["kind"] == "burst"
    assert {names for names, group in groups.items() if group["reclaimable_bytes"] == 0} == {tuple(LAKE), tuple(PAGES)}
    assert named([damaged["path"] for damaged in digest["damaged"]]) == HILLS[:1]
    assert not digest["skipped"]


def test_its_films_belong_to_its_live_photos_and_are_playable_ones(written: tuple[Path, Home]) -> None:
    digest = digest_of(written[0] / "output")
    photos = {Path(photo["path"]).name: photo for photo in digest["photos"]}
    for name in BOAT:
        film = written[0] / "output" / "Photos" / Path(name).with_suffix(".MOV")
        assert photos[name]["whole_bytes"] == film.stat().st_size + film.with_suffix(".HEIC").stat().st_size
        with film.open("rb", buffering=0) as opened:
            assert video_metadata(opened).live_id.endswith(f"{int(name[4:8]):012X}")
        assert b"vp09" in film.read_bytes()


def test_it_leaves_the_forms_of_a_digest_and_nothing_else(written: tuple[Path, Home]) -> None:
    place, home = written
    forms = sorted(file.suffix for file in (place / "output" / "digests").glob("2*"))
    assert forms == [".html", ".json", ".txt"]
    assert [file for file in home.path.rglob("*") if file.is_file()] == [home.path / "config/dejashot/dejashot.toml"]
    assert not list((place / "temporary").iterdir())


def test_it_refuses_a_folder_in_which_something_lies(written: tuple[Path, Home]) -> None:
    place, home = written
    before = tree_hash(place / "output")
    done = home.run("demo", "--output", place / "output")
    assert done.returncode == 2
    assert "is not empty" in done.stderr
    assert "Name a folder that is empty" in done.stderr
    assert tree_hash(place / "output") == before


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[Path, subprocess.Popen[str], list[str]]]:
    """Give the temporary folder of a demo that serves its page, its process, and the addresses that it printed.

    Another demo was killed before it, and a third one runs. The browser is a program that writes down what it is given.
    """
    browser = tmp_path / "browser"
    browser.write_text(f"#!/bin/sh\necho \"$1\" >> '{tmp_path}/opened'\n")
    browser.chmod(0o700)
    (tmp_path / "dejashot-demo-killed" / "Photos").mkdir(parents=True)
    (tmp_path / "dejashot-demo-runs").mkdir()
    home = Home(tmp_path / "home", {**environment(tmp_path / "home"), "TMPDIR": str(tmp_path)})
    with (tmp_path / "dejashot-demo-runs" / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        screen = {"DISPLAY": ":0", "SSH_CONNECTION": "", "BROWSER": str(browser)}
        hangup = signal.signal(signal.SIGHUP, signal.SIG_DFL)  # tests that run under nohup ignore it, and pass that on
        try:
            process = subprocess.Popen(
                home.command("demo"), env={**home.environment, **screen}, stdout=subprocess.PIPE, text=True
            )
        finally:
            signal.signal(signal.SIGHUP, hangup)
        try:
            assert process.stdout is not None
            yield tmp_path, process, [process.stdout.readline().strip() for _ in range(2)]
        finally:
            process.kill()
            process.communicate()


def test_it_serves_its_page_and_removes_everything_however_it_is_ended(
    served: tuple[Path, subprocess.Popen[str], list[str]],
) -> None:
    temporary, process, (digest, link) = served
    (place,) = (folder for folder in temporary.glob("dejashot-demo-*") if folder.name != "dejashot-demo-runs")
    assert Path(urlsplit(digest).path).is_relative_to(place)
    page = urlsplit(link)
    connection = HTTPConnection(page.hostname or "", page.port, timeout=60)
    connection.request("GET", f"{page.path}?{page.query}")
    reply = connection.getresponse()
    cookie = reply.headers["Set-Cookie"].partition(";")[0]
    connection.close()
    slot = Path(urlsplit(digest).path).read_text().partition(f"{page.netloc}/digests/")[2].partition("/")[0]
    connection.request("GET", f"/digests/{slot}", headers={"Cookie": cookie})
    assert connection.getresponse().status == 200, "its digest links to the page that is served"
    connection.close()
    os.kill(process.pid, signal.SIGHUP)
    assert process.wait(60) == 0
    opened = (temporary / "opened").read_text().splitlines()
    assert [address.partition("=")[0] for address in opened] == [digest, link.partition("=")[0]]
    assert [folder.name for folder in temporary.glob("dejashot-demo-*")] == ["dejashot-demo-runs"]
    assert not [file for file in (temporary / "home").rglob("*") if file.is_file()]
