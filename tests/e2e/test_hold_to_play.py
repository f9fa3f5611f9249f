"""Live Photos and motion photos play while they are held, on every page with their pictures, and decide nothing."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from albums import DAY, QUIET, Served, Trip, pages_over, scan
from dejashot.config.settings import Settings
from dejashot.web.films import PART_BYTES
from films import save_motion_photo, write_film
from scenes import blurred, moved, save_photo, scene

DESKTOP, PHONE = (1440, 900), (390, 844)


@pytest.fixture(scope="module")
def album(tmp_path_factory: pytest.TempPathFactory) -> Trip:
    """Give the tests a group of a Live Photo, a still, a motion photo, and a photo with a film for another player."""
    folder = tmp_path_factory.mktemp("films")
    photos = folder / "photos"
    film = write_film(folder / "film.mp4")
    city = scene(1, (800, 600))
    save_photo(photos / "IMG_1.jpg", city, DAY)
    shutil.copy(film, photos / "IMG_1.MOV")
    save_photo(photos / "IMG_2.jpg", blurred(city, 2), DAY + timedelta(seconds=1))
    third = moved(city, 0.02, 0.01)
    save_motion_photo(photos / "IMG_3.jpg", third, DAY + timedelta(seconds=2), film.read_bytes(), b"MotionPhoto_Data")
    save_photo(photos / "IMG_4.jpg", moved(city, 0.01, 0.02), DAY + timedelta(seconds=3))
    other = write_film(folder / "other.mp4", codec="mp4v").read_bytes()
    (photos / "IMG_4.MOV").write_bytes(other + bytes(3 * PART_BYTES))
    for n in (1, 4):
        os.utime(photos / f"IMG_{n}.MOV", (DAY.timestamp() + n - 1,) * 2)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(folder / "cache"))
        scan(Settings(), [photos], folder / "library", QUIET, previews=False, include_place=False)
    return Trip(photos, folder / "library", folder / "cache")


@pytest.fixture
def served(album: Trip, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    """Give the test the pages over the album, with decisions of its own."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(album.cache))
    with pages_over(album.with_own_library(tmp_path).library) as served:
        yield served


@pytest.fixture
def opened(browser: Any, served: Served) -> Callable[..., Any]:
    """Return a function that opens the page of groups, and tells that and the address of the group."""

    @contextmanager
    def opened(size: tuple[int, int] = DESKTOP, **more: Any) -> Iterator[tuple[Any, str]]:
        touch = size == PHONE
        context = browser.new_context(
            viewport={"width": size[0], "height": size[1]}, has_touch=touch, is_mobile=touch, **more
        )
        page = context.new_page()
        wrong: list[str] = []
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.goto(served.url)
        page.wait_for_load_state("networkidle")
        yield page, served.url + page.locator(".card h2 a").get_attribute("href")
        assert wrong == []
        context.close()

    return opened


def film_of(served: Served, album: Trip, name: str) -> str:
    """Return the address of the film of a photo."""
    group = served.ask("/").text.partition('data-group="')[2].partition('"')[0]
    return f"/group/{group}/film/{album.content(name)}"


def press(page: Any, selector: str) -> Callable[[], None]:
    """Press the mouse down in the middle of something; return a function that lets go."""
    box = page.locator(selector).first.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    return page.mouse.up  # type: ignore[no-any-return]


def wait_for_film(page: Any) -> None:
    page.wait_for_selector("video.seen")


def assert_still(page: Any) -> None:
    page.wait_for_function("!document.querySelector('video') && !document.querySelector('.plays.on')")


def test_a_film_is_sent_part_by_part_and_nothing_else_is(served: Served, album: Trip, tmp_path: Path) -> None:
    whole = (album.photos / "IMG_1.MOV").read_bytes()
    length = len(whole)
    for name in ("IMG_1.jpg", "IMG_3.jpg"):  # beside the photo, and in it, where more follows
        address = film_of(served, album, name)
        for asked, part in {
            "bytes=0-": whole,
            "bytes=10-19": whole[10:20],
            "bytes=-7": whole[-7:],
            f"bytes={length - 3}-{length + 9}": whole[-3:],
        }.items():
            reply = served.ask(address, headers={"Range": asked})
            assert (reply.status, reply.body, reply.headers["content-type"]) == (206, part, "video/mp4")
            assert reply.headers["content-range"].endswith(f"/{length}")
        for asked in (f"bytes={length}-", "bytes=9-3", "bytes=-", "bytes=-0", "pages=1-2", "bytes=0-1,3-4"):
            assert served.ask(address, headers={"Range": asked}).status == 416
        reply = served.ask(address)
        assert (reply.status, reply.body, reply.headers["accept-ranges"]) == (200, whole, "bytes")
    large = served.ask(film_of(served, album, "IMG_4.jpg"), headers={"Range": "bytes=0-"})
    assert len(large.body) == PART_BYTES
    still, known = film_of(served, album, "IMG_2.jpg"), film_of(served, album, "IMG_4.jpg")
    assert served.ask(still).status == served.ask(known.replace("/group/", "/group/no")).status == 404
    assert served.ask(known[:-2] + "zz").status == 404


@pytest.mark.parametrize("becomes", ["text", "link", "folder", "picture", "gone"])
def test_what_is_no_film_any_more_is_not_sent(served: Served, album: Trip, tmp_path: Path, becomes: str) -> None:
    address, film = film_of(served, album, "IMG_4.jpg"), album.photos / "IMG_4.MOV"
    aside = film.rename(tmp_path / "aside")
    try:
        if becomes == "text":
            film.write_bytes(b"root:x:0:0:root:/root:/bin/sh\n")
        elif becomes == "link":
            film.symlink_to(aside)
        elif becomes == "folder":
            film.mkdir()
        elif becomes == "picture":
            shutil.copy(album.photos / "IMG_2.jpg", film)
        assert served.ask(address, headers={"Range": "bytes=0-"}).status == 404
    finally:
        if becomes == "folder":
            film.rmdir()
        aside.replace(film)


@pytest.mark.browser
def test_by_mouse_on_each_page(opened: Callable[..., Any]) -> None:
    with opened() as (page, group):
        assert page.locator(".plays").all_inner_texts()[0].startswith("▶\ufe0e Live")
        assert page.locator(".plays").count() == 3
        for selector in (".tile:nth-child(1) .shape", ".tile:nth-child(3) .plays", ".tile:nth-child(3) .shape"):
            let_go = press(page, selector)
            wait_for_film(page)
            assert page.evaluate("document.querySelector('video').muted")
            let_go()
            assert_still(page)
        assert page.url.count("/") == 3  # the press of a link that was held is no click
        page.locator(".tile:nth-child(1) .plays").click()  # a short press plays to the end, or until the next one
        wait_for_film(page)
        page.locator(".tile:nth-child(1) .plays").click()
        assert_still(page)
        page.goto(group + "/compare")
        let_go = press(page, ".pane:nth-child(1) .view")
        wait_for_film(page)
        let_go()
        assert_still(page)
        page.goto(group)
        page.wait_for_load_state("networkidle")
        let_go = press(page, ".stage figure")
        wait_for_film(page)
        page.keyboard.press("ArrowRight")
        assert_still(page)
        let_go()
        assert page.locator(".stage > .plays").is_hidden()
        page.keyboard.press("ArrowRight")
        assert page.locator(".stage > .plays").inner_text().startswith("▶\ufe0e Motion")
        page.keyboard.down("p")
        wait_for_film(page)
        page.keyboard.up("p")
        assert_still(page)


@pytest.mark.browser
def test_what_can_not_be_played_says_so_and_stays_a_still(opened: Callable[..., Any]) -> None:
    with opened() as (page, _):
        press(page, ".tile:nth-child(4) .plays")
        page.wait_for_function("document.querySelector('#said').textContent === 'This browser can’t play this film'")
        assert_still(page)


@pytest.mark.browser
def test_a_finger_that_holds_decides_nothing_wherever_it_goes(opened: Callable[..., Any]) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    with opened(PHONE, color_scheme="dark") as (page, group):
        found = [axe.run(page)]
        page.goto(group)
        page.wait_for_load_state("networkidle")
        found.append(axe.run(page))
        assert [
            v["id"] for f in found for v in f.response["violations"] if v["impact"] in ("serious", "critical")
        ] == []
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]
        touch = page.context.new_cdp_session(page)

        def send(kind: str, *at: dict[str, float]) -> None:
            touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": list(at)})

        send("touchStart", {"x": 190, "y": 200})
        wait_for_film(page)
        for x in range(190, 380, 20):
            send("touchMove", {"x": x, "y": 200})
        send("touchEnd")
        page.evaluate("page.waiting")
        assert_still(page)
        assert "1 of 4" in page.locator("#big-name").inner_text()
        assert page.locator(".tile:is(.keep, .reject)").count() == 0
        send("touchStart", {"x": 190, "y": 200})  # without holding first, it is a swipe
        for x in range(190, 380, 20):
            send("touchMove", {"x": x, "y": 200})
        send("touchEnd")
        page.wait_for_function("document.querySelectorAll('.tile.keep').length === 1")
        assert page.locator("video").count() == 0


@pytest.mark.browser
def test_who_wants_less_motion_is_played_nothing_but_what_the_button_is_pressed_for(opened: Callable[..., Any]) -> None:
    with opened(reduced_motion="reduce") as (page, group):
        page.goto(group)
        page.wait_for_load_state("networkidle")
        let_go = press(page, ".stage figure")
        page.evaluate("new Promise(done => setTimeout(done, 2 * HOLD_MS))")
        assert page.locator("video").count() == 0
        let_go()
        let_go = press(page, ".stage > .plays")
        wait_for_film(page)
        let_go()
        assert_still(page)
