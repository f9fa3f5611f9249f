"""Groups chosen in a real browser by keys, mouse and touch: what is written down is what was pressed."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from albums import Served, pages_over
from dejashot.library.journal import JOURNAL_NAME
from made_groups import SHOTS, add_groups

pytestmark = pytest.mark.browser

GROUPS = 30
TOUCHED = 10  # a swipe takes its time
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


@pytest.fixture
def groups(library: Path) -> Path:
    library.mkdir()
    add_groups(library, range(GROUPS))
    return library


@pytest.fixture
def served(groups: Path) -> Iterator[Served]:
    with pages_over(groups) as served:
        yield served


def open_page(browser: Any, url: str, **more: Any) -> Any:
    context = browser.new_context(**({"viewport": {"width": 1440, "height": 900}} | more))
    page = context.new_page()
    page.goto(url)
    page.wait_for_load_state("networkidle")
    return page


def journal(library: Path) -> list[tuple[str, str | None]]:
    """Return what was written down, in order: contents with their verdicts."""
    file = library / JOURNAL_NAME
    lines = file.read_text().splitlines() if file.exists() else []
    return [(record["content"], record["word"]) for record in map(json.loads, lines)]


def contents(page: Any) -> list[str]:
    """Return the shots in the order in which the page shows them."""
    return list(page.evaluate("[...document.querySelectorAll('.cards .tile')].map(tile => tile.dataset.content)"))


def settle(page: Any) -> None:
    """Wait until what was pressed is done and painted."""
    page.evaluate(
        "page.waiting.then(() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done))))"
    )


def test_by_keys(browser: Any, served: Served, groups: Path) -> None:
    page = open_page(browser, served.url)
    page.keyboard.press("ArrowRight")
    pressed = []
    for n in range(GROUPS * SHOTS):
        key = "kr"[n % SHOTS > 0]
        page.keyboard.press(key)
        pressed.append({"k": "keep", "r": "reject"}[key])
    page.locator("#end").wait_for()
    assert page.locator("#end a").first.evaluate("link => link === document.activeElement")
    page.keyboard.press("r")  # shows where keys work, and decides nothing
    settle(page)
    assert journal(groups) == list(zip(contents(page), pressed, strict=True))
    page.context.close()


def test_held_and_doubled_presses_decide_once(browser: Any, served: Served, groups: Path) -> None:
    page = open_page(browser, served.url)
    page.keyboard.press("ArrowRight")
    for _ in range(5):
        page.keyboard.down("k")  # held down: it repeats
    page.keyboard.up("k")
    settle(page)
    assert journal(groups) == [(contents(page)[0], "keep")]
    page.locator(".card").nth(1).locator("[data-do=accept]").dblclick()
    settle(page)
    assert {content for content, _ in journal(groups)[1:]} == set(contents(page)[SHOTS : 2 * SHOTS])
    page.context.close()


def test_by_mouse_without_moving_it(browser: Any, served: Served, groups: Path) -> None:
    page = open_page(browser, served.url)
    box = page.locator("[data-do=accept]").first.bounding_box()
    at = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    for n in range(GROUPS):
        page.mouse.click(*at)
        settle(page)
        assert len(journal(groups)) == SHOTS * (n + 1), "one group a click"
    page.locator("#end").wait_for()
    assert [content for content, _ in journal(groups)] == contents(page)
    assert {word for _, word in journal(groups)} == {"keep", "reject"}
    page.context.close()


def test_no_other_button_comes_under_the_pointer(browser: Any, served: Served) -> None:
    page = open_page(browser, served.url, viewport={"width": 700, "height": 500})
    under = "([x, y]) => document.elementFromPoint(x, y)?.closest('.card [data-do]')?.dataset.do ?? 'keep_all'"
    for height in range(440, 700, 20):
        page.set_viewport_size({"width": 700, "height": height})
        button = page.locator(".card.open [data-do=keep_all]").first
        button.scroll_into_view_if_needed()
        box = button.bounding_box()
        at = [box["x"] + box["width"] / 2, box["y"] + box["height"] / 2]
        page.mouse.click(*at)
        settle(page)
        assert page.evaluate(under, at) == "keep_all", height
    page.context.close()


def swipe(page: Any, touch: Any, distance: int) -> None:
    """Draw a finger across the large picture."""
    box = page.locator("#stage").bounding_box()  # the picture may still be on its way back
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    touch.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [{"x": x, "y": y}]})
    for step in (1, 2):
        touch.send(
            "Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [{"x": x + distance * step / 2, "y": y}]}
        )
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


@pytest.fixture
def served_few(library: Path) -> Iterator[Served]:
    library.mkdir()
    add_groups(library, range(TOUCHED))
    with pages_over(library) as served:
        yield served


def test_by_touch(browser: Any, served_few: Served, library: Path) -> None:
    page = open_page(browser, served_few.url, **PHONE)
    page.locator(".picture").first.tap()
    page.wait_for_url("**/group/*")
    touch = page.context.new_cdp_session(page)
    expected = []
    for n in range(TOUCHED * SHOTS):
        page.wait_for_function(f"document.querySelector('#big-name')?.textContent.startsWith('{n % SHOTS + 1} of')")
        shown = page.evaluate("page.tile.dataset.content")
        keeps = n % SHOTS == 1
        swipe(page, touch, 150 if keeps else -150)
        expected.append((shown, "keep" if keeps else "reject"))
    page.locator("#end").wait_for()
    assert journal(library) == expected
    assert page.locator("#said").bounding_box()["height"] < 100, "what is said is as high as its text"
    page.context.close()


@pytest.fixture
def served_empty(library: Path) -> Iterator[Served]:
    library.mkdir()
    add_groups(library, ())
    with pages_over(library) as served:
        yield served


def test_what_lands_appears_without_moving_what_one_looks_at(browser: Any, served_empty: Served, library: Path) -> None:
    page = open_page(browser, served_empty.url)
    page.locator(".state").wait_for()
    add_groups(library, range(GROUPS))
    page.locator(".card").nth(5).wait_for()
    assert page.locator(".state").count() == 0
    page.wait_for_load_state("networkidle")
    page.locator(".card").nth(5).locator(".tile").first.focus()
    page.evaluate("document.querySelectorAll('.card')[5].scrollIntoView()")
    top = page.locator(".card").nth(5).bounding_box()["y"]
    name = page.locator(".card").nth(5).get_attribute("id")
    add_groups(library, (GROUPS, GROUPS + 1))
    page.get_by_role("button", name="2 new groups: show").wait_for()
    assert page.locator(f"#{name}").bounding_box()["y"] == pytest.approx(top, abs=2)
    assert page.locator("#totals dd").first.inner_text() == str(GROUPS + 2)
    assert page.locator("[data-count=open]").inner_text() == str(GROUPS + 2)
    page.get_by_role("button", name="2 new groups: show").click()
    settle(page)
    assert "IMG_00031_0.jpg" in page.locator(".card").first.inner_text()
    assert page.locator(".card").count() == len({card.get_attribute("id") for card in page.locator(".card").all()})
    other = open_page(browser, served_empty.url)
    other.keyboard.press("ArrowRight")
    other.keyboard.press("a")
    page.mouse.move(0, 0)
    page.locator(".card.done").wait_for()  # chosen elsewhere, seen here
    other.context.close()
    page.context.close()


def test_the_way_back_leads_to_the_very_shot(browser: Any, served: Served) -> None:
    page = open_page(browser, served.url)
    page.evaluate("scrollTo(0, document.body.scrollHeight)")
    page.wait_for_function(f"document.querySelectorAll('.card').length === {GROUPS}")
    for back in (lambda: page.keyboard.press("Escape"), page.go_back):
        tile = page.locator(".tile", has=page.locator(".name", has_text="IMG_00001_1.jpg"))
        tile.locator(".picture").click()
        page.wait_for_url("**/group/*")
        page.wait_for_load_state()
        page.keyboard.press("ArrowRight")
        page.wait_for_function("document.querySelector('#big-name').textContent.includes('IMG_00001_2')")
        back()
        page.wait_for_function(
            "document.activeElement.closest('.card .tile')?.textContent.includes('IMG_00001_2.jpg') && page.list"
        )
        box = page.locator(".tile:focus").bounding_box()
        assert 0 <= box["y"] < 900
    page.keyboard.press("r")
    settle(page)
    page.goto(served.url)
    page.keyboard.press("u")  # its group is not on this page
    page.wait_for_function(
        "document.activeElement.closest('.card .tile')?.textContent.includes('IMG_00001_2.jpg') && page.list"
    )
    assert page.locator("#said").inner_text() == "Undone: IMG_00001_2.jpg is undecided again"
    page.goto(f"{page.evaluate('location.origin')}/timeline")
    page.locator(".days a").last.click()
    frame = page.locator(".frame.grouped a").last
    shot = frame.get_attribute("href").split("shot=")[1]
    frame.click()
    page.wait_for_url("**/group/*")
    page.wait_for_load_state()
    page.keyboard.press("Escape")
    page.wait_for_function(f"document.activeElement.matches('.frame a[href$=\"{shot}\"]')")
    page.context.close()
