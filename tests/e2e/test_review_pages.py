"""The review pages in a real browser: by keyboard, by touch, at several widths, and for screen readers."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from albums import GONE, LONG, Served, Trip, make_clear_cases, pages_over, stopped_batch
from contrast import CONTRAST
from dejashot.language.languages import LANGUAGES
from dejashot.models.decisions import Verdict
from homes import tree_hash
from takes import decide

pytestmark = pytest.mark.browser

DESKTOP, PHONE = (1440, 900), (390, 844)


@pytest.fixture
def served(request: pytest.FixtureRequest, trip: Trip, tmp_path: Path) -> Iterator[Served]:
    """Give the test the pages over a trip, or over the library that its parameter makes, without access control."""
    library = request.param(tmp_path / "made") if hasattr(request, "param") else trip.library
    with pages_over(library) as served:
        yield served


@pytest.fixture
def opened(browser: Any, served: Served) -> Callable[..., Any]:
    """Return a function that opens a page; it must log nothing to the console and request no other host."""

    @contextmanager
    def opened(path: str = "/", size: tuple[int, int] = DESKTOP, **more: Any) -> Iterator[Any]:
        options = {"service_workers": "allow", "has_touch": size == PHONE, "is_mobile": size == PHONE} | more
        context = browser.new_context(viewport={"width": size[0], "height": size[1]}, **options)
        page = context.new_page()
        messages: list[str] = []
        requested: list[str] = []
        page.on("console", lambda message: messages.append(f"{message.text} {message.location.get('url', '')}"))
        page.on("pageerror", lambda error: messages.append(str(error)))
        page.on("request", lambda request: requested.append(request.url))
        page.goto(served.url + path)
        page.wait_for_load_state("networkidle")
        yield page
        assert [message for message in messages if "/photo/" not in message] == []
        assert [url for url in requested if not url.startswith((served.url + "/", "data:", "blob:"))] == []
        context.close()

    return opened


def group_of(page: Any, name: str) -> str:
    """Return the id of the group with a photo of some name, from the page of all groups."""
    return str(page.locator(".card", has=page.locator(".name", has_text=name)).first.get_attribute("data-group"))


def wait_for_replies(page: Any) -> None:
    """Wait until the server has replied to all key presses."""
    page.evaluate("page.waiting")


def focused(page: Any) -> str:
    """Return the name of the shot that has the focus, empty when none has."""
    return str(
        page.evaluate("document.activeElement.closest('.tile')?.querySelector('.name').textContent.trim() ?? ''")
    )


def states(page: Any) -> list[str]:
    return list(page.evaluate("[...document.querySelectorAll('.card .tile')].map(stateOf)"))


PAGES = (
    "/",
    "/?show=series",
    "/?show=decided",
    "/accept",
    "/timeline",
    "/timeline/2026-07-01",
    "/similar",
    "/digests",
    "/savings",
    "/apply",
    "/apply?how=quarantine&to=/mnt/no disk of ours/q",
    "/apply?how=list",
    "/offline",
    "{three}",
    "{three}/compare",
    "{tall}",
    "{many}",
    "{many}/compare",
    "{series}",
    "{faces}/compare",
    "/similar/{content}",
)


@pytest.mark.parametrize(("size", "scheme"), [(DESKTOP, "light"), (PHONE, "dark")])
def test_every_page_reads_well(
    opened: Callable[..., Any], served: Served, trip: Trip, size: tuple[int, int], scheme: str
) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    with stopped_batch(trip), opened("/", size, color_scheme=scheme) as page:
        groups = {"three": "IMG_0001.jpg", "tall": "IMG_0302.jpg", "many": "IMG_0200.jpg", "faces": "IMG_0701.jpg"}
        names = {key: f"/group/{group_of(page, name)}" for key, name in groups.items()}
        page.goto(served.url + "/?show=series")
        names |= {"series": f"/group/{group_of(page, 'AEB_0.jpg')}", "content": trip.content("IMG_0101.jpg")}
        page.add_init_script(SHIFTS)
        wrong: list[tuple[str, str, str]] = []
        for path in (pattern.format(**names) for pattern in PAGES):
            page.goto(served.url + path)
            page.wait_for_load_state("networkidle")
            assert page.evaluate("document.documentElement.scrollWidth") <= size[0], path
            assert page.evaluate(WIDE_TABLES) == 0, path
            if size == PHONE:
                assert page.evaluate(LOWEST_LINK_PX) >= 44, path
            assert page.evaluate("window.shifted") < 0.05, path
            assert page.evaluate(CUT) == [], path
            assert page.evaluate(ALTERED) == [], path
            assert [c for c in page.evaluate(CONTRAST) if c["ratio"] < 4.5] == [], path
            assert page.evaluate(
                "[...document.querySelectorAll('.tile')].every(tile => tile.ariaLabel.startsWith('Shot '))"
            ), path
            found = [v for v in axe.run(page).response["violations"] if v["impact"] in ("serious", "critical")]
            wrong += [(path, v["id"], v["nodes"][0]["html"][:200]) for v in found]
        assert wrong == []


ALTERED = """[...document.querySelectorAll('img')].filter(img => {
  const within = [];
  for (let e = img; e; e = e.parentElement) within.push(getComputedStyle(e));
  return within.some(style => style.opacity !== '1' || style.filter !== 'none' || style.mixBlendMode !== 'normal');
}).map(img => img.src)"""
FOCUS_OUTLINE = """() => {
  const style = getComputedStyle(document.activeElement);
  return [style.outlineStyle, style.outlineWidth];
}"""
WIDE_TABLES = """[...document.querySelectorAll('.table')]
  .filter(table => table.scrollWidth > table.clientWidth).length"""
LOWEST_LINK_PX = """Math.min(...[...document.querySelectorAll('nav a')]
  .filter(a => a.checkVisibility()).map(a => a.getBoundingClientRect().height))"""
CUT = """[...document.querySelectorAll('button, .button')]
  .filter(b => b.checkVisibility() && b.scrollWidth > b.clientWidth + 1)
  .map(b => b.textContent.trim())"""
SHIFTS = """window.shifted = 0;
new PerformanceObserver(list => {
  for (const e of list.getEntries()) if (!e.hadRecentInput) window.shifted += e.value;
}).observe({ type: 'layout-shift', buffered: true });"""


def test_the_large_view_fits_the_screen(opened: Callable[..., Any], served: Served) -> None:
    for size in (DESKTOP, PHONE):
        with opened("/", size) as page:
            for name in ("IMG_0001.jpg", "IMG_0200.jpg", LONG[:20]):
                group = group_of(page, name)
                page.goto(f"{served.url}/group/{group}")
                boxes = [
                    page.locator(s).bounding_box() for s in ("#big", ".about [data-do=keep]", ".about [data-do=reject]")
                ]
                strip = page.locator(".tile .picture").first.bounding_box()
                assert all(b["y"] + b["height"] <= size[1] for b in boxes)
                assert strip["y"] + strip["height"] <= size[1] - (60 if size == PHONE else 0)
                assert boxes[0]["height"] > (0.4 if size == PHONE else 0.9) * size[1]
                assert boxes[0]["width"] >= (size[0] if size == PHONE else 0.75 * size[0])
                assert boxes[1]["height"] >= 44
                page.goto(served.url + "/")


SHAPES = """[...document.querySelectorAll('.card')].map(card => [...card.querySelectorAll('.shape')].map(shape => {
  const box = shape.getBoundingClientRect(), img = shape.querySelector('img');
  return [box.width, box.height, img.getAttribute('width') / img.getAttribute('height')];
}))"""


def test_photos_stand_in_their_own_shape_large_enough_to_choose_by(opened: Callable[..., Any]) -> None:
    for size in (DESKTOP, PHONE):
        with opened("/", size) as page:
            rows = page.evaluate(SHAPES)
            assert all(wide / high == pytest.approx(shape, rel=0.02) for row in rows for wide, high, shape in row)
            few = [row for row in rows if 2 <= len(row) <= 3]
            least = 400 if size == DESKTOP else 300
            assert few
            assert all(wide >= least for row in few for wide, _, shape in row if shape >= 1)
            fine = page.locator(".fine").first
            page.wait_for_function("document.querySelector('.fine').complete")
            shown = fine.bounding_box()["width"]
            assert fine.evaluate("img => img.currentSrc")
            assert fine.evaluate("img => img.sizes && img.naturalWidth") >= shown - 1


def test_by_keyboard_alone(opened: Callable[..., Any]) -> None:
    with opened() as page:
        names = page.locator(".tile .name").all_inner_texts()
        page.keyboard.press("ArrowRight")
        assert focused(page) == names[0]  # the first key shows where one is
        style = page.evaluate(FOCUS_OUTLINE)
        assert style == ["solid", "3px"]
        page.keyboard.press("ArrowRight")
        assert focused(page) == names[1]
        page.keyboard.press("ArrowLeft")
        page.keyboard.press("ArrowDown")
        assert focused(page) == "IMG_0601.jpg"
        page.keyboard.press("ArrowUp")
        page.keyboard.press("2")
        assert focused(page) == names[1]
        page.keyboard.press("k")
        wait_for_replies(page)
        assert states(page)[:2] == ["other", "keep"]
        assert focused(page) == names[0]  # goes on with the one that waits
        page.keyboard.press("2")
        page.keyboard.press("k")  # takes it back
        wait_for_replies(page)
        assert states(page)[:2] == ["other", "suggested"]
        assert focused(page) == names[1]
        page.keyboard.press(" ")
        wait_for_replies(page)
        page.keyboard.press(" ")
        wait_for_replies(page)
        assert states(page)[1] == "reject"
        assert focused(page) == names[1]
        page.keyboard.press("1")
        page.keyboard.press("r")
        wait_for_replies(page)
        assert states(page)[:2] == ["reject", "reject"]
        assert focused(page) == "IMG_0601.jpg"  # the group is done
        stays = f"You rejected every shot: {names[1]} stays all the same"
        assert page.locator("#said").inner_text() == f"{names[0]}: rejected. {stays}"
        assert f"You rejected every shot. {names[1]} stays all the same" in page.locator(".card").first.inner_text()
        page.keyboard.press("u")
        wait_for_replies(page)
        assert states(page)[:2] == ["suggested", "reject"]
        assert focused(page) == names[0]
        assert page.locator("#said").inner_text() == f"Undone: {names[0]} is undecided again"
        page.keyboard.press("a")
        wait_for_replies(page)
        assert states(page)[:2] == ["keep", "reject"]
        assert page.locator("#totals dd").first.inner_text() == "7"
        assert focused(page) == "IMG_0601.jpg"  # goes on with the next group
        page.keyboard.press("l")
        wait_for_replies(page)
        assert states(page)[2:4] == ["keep", "keep"]
        page.keyboard.press("?")
        assert page.locator("#help").is_visible()
        page.keyboard.press("k")  # says nothing of photos while the help is open
        page.keyboard.press("Escape")
        assert not page.locator("#help").is_visible()


def test_not_the_same_keeps_the_focus_in_the_group(opened: Callable[..., Any]) -> None:
    with opened() as page:
        card = page.locator(".card", has=page.locator(".name", has_text="IMG_0002.jpg"))
        card.locator(".tile").nth(1).focus()
        page.keyboard.press("n")
        wait_for_replies(page)
        assert card.count() == 0
        assert focused(page) == "IMG_0003.jpg"
        page.keyboard.press("n")  # of two nothing is left
        wait_for_replies(page)
        assert focused(page)
        assert page.locator(".name", has_text="IMG_0001.jpg").count() == 0
        page.keyboard.press("u")
        page.wait_for_load_state()
        page.locator(".name", has_text="IMG_0003.jpg").wait_for()
        assert page.locator(".name", has_text="IMG_0002.jpg").count() == 0
        page.keyboard.press("u")
        wait_for_replies(page)
        page.locator(".name", has_text="IMG_0002.jpg").wait_for()


def test_buttons_by_keyboard_keep_the_focus(opened: Callable[..., Any]) -> None:
    with opened() as page:
        rejects = page.locator(".card").nth(2).locator("[data-do=reject]")
        rejects.nth(1).focus()
        page.keyboard.press("Enter")
        wait_for_replies(page)
        assert rejects.nth(1).get_attribute("aria-pressed") == "true"
        assert rejects.nth(0).evaluate("button => button === document.activeElement")  # the next one that waits
        rejects.nth(1).focus()
        page.keyboard.press("Enter")  # taken back: the focus stays
        wait_for_replies(page)
        assert rejects.nth(1).evaluate("button => button === document.activeElement && button.ariaPressed") == "false"
        page.locator(".card").nth(2).locator("[data-do=keep_all]").focus()
        page.keyboard.press("Enter")
        wait_for_replies(page)
        next_button = page.locator(".card").nth(3).locator("[data-do=keep_all]")
        assert next_button.evaluate("button => button === document.activeElement")
        page.locator(".card").nth(2).locator("[data-do=clear]").focus()
        page.keyboard.press("Enter")
        wait_for_replies(page)
        assert page.evaluate("document.activeElement.closest('.card').dataset.group") == page.locator(".card").nth(
            2
        ).get_attribute("data-group")


def test_from_the_groups_to_one_and_to_comparing_by_keys(opened: Callable[..., Any]) -> None:
    with opened() as page:
        page.keyboard.press("ArrowRight")
        page.keyboard.press("2")
        page.keyboard.press("Enter")
        page.wait_for_url("**/group/*?shot=*")
        assert page.locator("#big-name").inner_text() == "2 of 2 · IMG_0702.jpg"
        page.keyboard.press("ArrowLeft")
        assert page.locator("#big-name").inner_text() == "1 of 2 · IMG_0701.jpg"
        first = page.url
        page.keyboard.press("ArrowDown")
        page.wait_for_function("url => location.href !== url && document.readyState === 'complete'", arg=first)
        assert "IMG_0601.jpg" in page.locator("#big-name").inner_text()
        page.keyboard.press("ArrowUp")
        page.wait_for_function("document.getElementById('big-name')?.textContent.includes('IMG_0701')")
        page.keyboard.press("c")
        page.wait_for_url("**/compare")
        page.wait_for_load_state()
        page.keyboard.press("2")
        page.keyboard.press("r")
        wait_for_replies(page)
        assert page.locator(".pane").nth(1).get_attribute("class").split()[-1] == "reject"
        page.keyboard.press("u")
        wait_for_replies(page)
        assert page.locator(".pane").nth(1).get_attribute("class").split()[-1] == "suggested"
        page.keyboard.press("c")
        page.wait_for_url(re.compile(r"/group/[0-9a-f]+$"))


def test_escape_leads_back_to_where_one_was(opened: Callable[..., Any], served: Served) -> None:
    def escape(to: str) -> None:
        page.keyboard.press("Escape")
        page.wait_for_url(to)
        page.wait_for_function("document.readyState === 'complete' && document.activeElement.closest('.tile')")

    with opened("/?show=open&order=saving") as page:
        home, group = page.url, f"{served.url}/group/{group_of(page, 'IMG_0001.jpg')}"
        page.locator(".tile", has=page.locator(".name", has_text="IMG_0001.jpg")).focus()
        page.keyboard.press("c")
        page.wait_for_url("**/compare")
        page.wait_for_load_state()
        page.keyboard.press("3")
        escape(home)
        assert focused(page) == "IMG_0003.jpg"
        page.keyboard.press("Enter")
        page.wait_for_url("**/group/*?shot=*")
        page.wait_for_load_state()
        page.keyboard.press("c")
        page.wait_for_url("**/compare")
        page.wait_for_load_state()
        page.keyboard.press("?")
        page.keyboard.press("Escape")  # closes the help alone
        assert page.url == f"{group}/compare"
        page.keyboard.press("2")
        escape(f"{group}?order=saving")
        assert focused(page) == "IMG_0002.jpg"
        assert "IMG_0002.jpg" in page.locator("#big-name").inner_text()
        escape(home)
        assert focused(page) == "IMG_0002.jpg"
        page.goto(f"{group}/compare")
        page.locator("[data-go=close]").click()
        page.wait_for_url(home)


def test_applying_is_resumed_and_impossible_plans_are_explained_before_the_click(
    opened: Callable[..., Any], trip: Trip, served: Served
) -> None:
    before = tree_hash(trip.photos)
    with stopped_batch(trip) as batch, opened() as page:
        assert "stopped in the middle" in page.locator("main .warning").inner_text()
        page.get_by_role("link", name="Finish it, or take it back").click()
        page.wait_for_url("**/apply")
        assert "with 1 of 2 files done" in page.locator(".stopped").inner_text()
        page.get_by_role("textbox", name="Folder").fill(str(trip.photos / "inside"))
        page.get_by_role("button", name="Show the plan").click()
        assert "which is watched" in page.get_by_role("alert").inner_text()
        page.goto(served.url + "/apply?how=xmp")
        assert "Finish the batch that was stopped" in page.locator(".cannot").inner_text()
        assert page.locator("#go").count() == 0
        page.get_by_role("button", name="Finish it").click()
        page.wait_for_function("document.getElementById('said').textContent === 'Done: 2 files'")
        assert page.locator(".stopped").count() == 0
        buttons = page.get_by_role("button").all()
        names = [b.inner_text().strip() for b in buttons]
        assert names == ["Undo choice", "?\nHelp", "Show the plan", "Bring back 2 files"]
        assert page.get_by_role("button", name=f"Bring back 2 files, Set aside, {batch.when}", exact=True).count() == 1
        buttons[-1].click()
        page.wait_for_function("document.getElementById('said').textContent === 'Undone: 2 files'")
        assert page.locator(".batches td").all_inner_texts()[-2:] == ["undone", ""]
        page.goto(f"{served.url}/apply?how=quarantine&to=/mnt/no disk of ours/q")
        assert "there is no disk at /mnt/no disk of ours" in page.get_by_role("alert").inner_text()
        assert page.locator("#go").count() == 0
    assert tree_hash(trip.photos) == before


def test_a_plan_follows_its_ticks(opened: Callable[..., Any], trip: Trip, served: Served, tmp_path: Path) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    before = tree_hash(trip.photos)
    decide(trip.library, Verdict.REJECT, [trip.photos / f"IMG_{n}.jpg" for n in ("0002", "0003", "0802")])
    with opened("/", PHONE) as page:
        page.locator(".card footer").last.evaluate("footer => footer.scrollIntoView({ block: 'end' })")
        bar, nav = page.locator(".chosen-bar").bounding_box(), page.locator(".bar nav").bounding_box()
        last = page.locator(".card footer").last.bounding_box()
        assert last["y"] + last["height"] <= bar["y"] and bar["y"] + bar["height"] <= nav["y"] + 1
        page.goto(f"{served.url}/apply?how=quarantine&to={tmp_path / 'aside'}")
        go, groups = page.locator("#go"), page.locator(".plan-group")
        assert go.inner_text().startswith("Set aside 3 files")
        groups.nth(1).locator("[data-whole]").uncheck()
        groups.nth(0).locator(".goes input").first.uncheck()
        page.evaluate("asked")
        assert go.inner_text().startswith("Set aside 1 file (")
        assert groups.nth(0).locator("[data-whole]").evaluate("box => box.indeterminate")
        assert page.locator("#left-out").inner_text() == "2 photos left out"
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]
        assert page.evaluate(CUT) == [] and [c for c in page.evaluate(CONTRAST) if c["ratio"] < 4.5] == []
        assert [v["id"] for v in axe.run(page).response["violations"] if v["impact"] in ("serious", "critical")] == []
        groups.nth(0).locator("[data-whole]").check()
        groups.nth(0).locator("[data-whole]").uncheck()
        page.evaluate("asked")
        assert go.is_disabled(), "nothing is ticked"
        groups.nth(1).locator("[data-whole]").check()
        page.evaluate("asked")
        go.click()
        page.wait_for_function("document.getElementById('said').textContent === 'Done: 1 file'")
        assert not (trip.photos / "IMG_0802.jpg").exists() and (trip.photos / "IMG_0002.jpg").exists()
        page.get_by_role("button", name="Bring back 1 file").click()
        page.wait_for_function("document.getElementById('said').textContent === 'Undone: 1 file'")
    assert tree_hash(trip.photos) == before


def test_a_long_message_is_shown_whole_on_a_phone(opened: Callable[..., Any]) -> None:
    with opened("/apply", PHONE) as page:
        page.evaluate("text => showMessage(text, true)", f"{LONG * 3}: it could not be written down. {'x' * 120}")
        shown = page.locator("#said").evaluate("""e => ({
          ...e.getBoundingClientRect().toJSON(),
          cut: e.scrollWidth > e.clientWidth || e.scrollHeight > e.clientHeight,
        })""")
        assert not shown["cut"]
        assert shown["left"] >= 8 and shown["right"] <= PHONE[0] - 8
        assert shown["top"] >= page.locator(".bar").bounding_box()["height"] and shown["bottom"] < PHONE[1] - 60


def swipe(page: Any, distance: int) -> None:
    """Draw a finger across the large picture."""
    box = page.locator("#big").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    touch = page.context.new_cdp_session(page)
    touch.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [{"x": x, "y": y}]})
    for step in range(1, 9):
        touch.send(
            "Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [{"x": x + distance * step / 8, "y": y}]}
        )
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    touch.detach()
    wait_for_replies(page)


def test_by_swiping(opened: Callable[..., Any], served: Served) -> None:
    with opened("/", PHONE) as page:
        page.goto(f"{served.url}/group/{group_of(page, 'IMG_0001.jpg')}")
        swipe(page, 150)
        assert states(page)[0] == "keep"
        assert "IMG_0002" in page.locator("#big-name").inner_text()
        swipe(page, -150)
        assert states(page)[:2] == ["keep", "reject"]
        assert "IMG_0003" in page.locator("#big-name").inner_text()
        swipe(page, 30)  # too little to mean anything
        assert states(page)[2] in ("other", "suggested")
        page.locator(".about [data-do=reject]").click()  # a tap so soon may still be taken for the end of the swipe
        page.wait_for_function("!document.querySelector('#big-name').textContent.includes('IMG_0003')")
        assert "1 of " in page.locator("#big-name").inner_text()  # the next group has opened by itself
        assert set(states(page)) <= {"other", "suggested"}
        page.locator("[data-do=undo]").tap()
        page.wait_for_function("document.querySelector('#big-name').textContent.includes('IMG_0003')")
        assert page.locator("#said").inner_text() == "Undone: IMG_0003.jpg is undecided again"
        assert states(page)[:2] == ["keep", "reject"] and states(page)[2] in ("other", "suggested")
        page.keyboard.press("1")
        swipe(page, -150)  # a shot that is chosen already is only passed
        assert states(page)[:2] == ["keep", "reject"] and states(page)[2] in ("other", "suggested")
        assert "IMG_0003" in page.locator("#big-name").inner_text()
        page.locator("[data-go=after]").tap()
        page.wait_for_url("**/group/*")


PLACE_OF_PICTURE = """view => {
  const box = view.getBoundingClientRect(), img = view.querySelector('img').getBoundingClientRect();
  return { left: img.left - box.left, top: img.top - box.top, width: img.width * devicePixelRatio };
}"""


def view(page: Any, number: int) -> dict[str, float]:
    """Return where in a pane the picture lies and how large it is shown, in pixels of the screen."""
    return dict(page.locator(".view").nth(number).evaluate(PLACE_OF_PICTURE))


def alike(page: Any) -> bool:
    first, *others = [view(page, n) for n in range(page.locator(".view").count())]
    return all(abs(first[key] - other[key]) < 1 for other in others for key in ("left", "top", "width"))


@pytest.mark.parametrize("density", [1, 2])
def test_comparing_at_one_pixel_to_one(opened: Callable[..., Any], served: Served, density: int) -> None:
    with opened("/", device_scale_factor=density) as page:
        page.goto(f"{served.url}/group/{group_of(page, 'IMG_0001.jpg')}/compare")
        page.wait_for_load_state("networkidle")
        whole = view(page, 0)
        assert whole["width"] < 2400
        assert alike(page)
        page.get_by_role("button", name="100 %").click()
        page.wait_for_function("[...document.querySelectorAll('.view img')].every(img => img.naturalWidth === 2400)")
        assert view(page, 0)["width"] == pytest.approx(2400, abs=0.5)
        assert page.locator("#zoom").inner_text() == "100 %"
        assert alike(page)
        box = page.locator(".view").nth(1).bounding_box()
        before = view(page, 0)
        page.mouse.move(box["x"] + 200, box["y"] + 200)
        page.mouse.down()
        page.mouse.move(box["x"] + 140, box["y"] + 170, steps=4)
        page.mouse.up()
        assert view(page, 0)["left"] == pytest.approx(before["left"] - 60, abs=1)
        assert view(page, 0)["top"] == pytest.approx(before["top"] - 30, abs=1)
        assert alike(page)
        page.mouse.wheel(0, -120)
        assert view(page, 2)["width"] > 2500
        assert alike(page)
        page.keyboard.press("0")
        assert view(page, 1)["width"] == pytest.approx(whole["width"], abs=1)
        point = (box["x"] + box["width"] * 0.75, box["y"] + box["height"] * 0.6)
        page.mouse.dblclick(*point)
        assert view(page, 0)["width"] == pytest.approx(2400, abs=0.5)
        assert alike(page)
        page.mouse.dblclick(*point)
        assert view(page, 0)["width"] == pytest.approx(whole["width"], abs=1)
        for key, larger in (("+", True), ("-", False), ("f", True)):
            page.keyboard.press(key)
            assert (view(page, 0)["width"] > whole["width"] + 1) is larger
        before = view(page, 0)
        page.keyboard.press("Shift+ArrowRight")
        assert view(page, 0)["left"] < before["left"]
        assert alike(page)


def test_pinching_zooms_all_panes(opened: Callable[..., Any], served: Served) -> None:
    with opened("/", PHONE) as page:
        page.goto(f"{served.url}/group/{group_of(page, 'IMG_0302.jpg')}/compare")
        page.wait_for_load_state("networkidle")
        before = view(page, 1)["width"]
        box = page.locator(".view").first.bounding_box()
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        touch = page.context.new_cdp_session(page)

        def fingers(kind: str, distance: float) -> None:
            points = [{"x": x - distance / 2, "y": y, "id": 0}, {"x": x + distance / 2, "y": y, "id": 1}]
            touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points if kind != "touchEnd" else []})

        fingers("touchStart", 40)
        for distance in range(45, 125, 5):
            fingers("touchMove", distance)
        fingers("touchEnd", 0)
        page.wait_for_function("state.scale > 2")
        assert view(page, 1)["width"] == pytest.approx(before * 3, rel=0.1)
        assert alike(page)


@pytest.mark.parametrize("served", [make_clear_cases], indirect=True)
def test_clear_cases_go_at_once_and_come_back_at_once(opened: Callable[..., Any], served: Served) -> None:
    with opened() as page:
        page.get_by_role("link", name="Accept 2 clear cases").click()
        page.wait_for_url("**/accept")
        boxes = page.locator(".overview input")
        assert boxes.count() == 2
        sizes = [text.rpartition("frees ")[2] for text in page.locator(".overview label .small").all_inner_texts()]
        before = page.locator(".note").inner_text()
        boxes.nth(0).uncheck()
        assert page.locator(".overview .main").inner_text() == "Accept the 1 ticked"
        assert f"In 1 ticked group that would free {sizes[1]}." in page.locator(".note").inner_text()
        boxes.nth(1).uncheck()
        assert page.locator(".overview .main").is_disabled()
        assert "In 0 ticked groups that would free 0 bytes." in page.locator(".note").inner_text()
        for box in boxes.all():
            box.check()
        assert page.locator(".note").inner_text() == before
        page.locator(".overview .main").click()
        page.wait_for_url(served.url + "/")
        assert page.locator("#said").inner_text() == "Accepted for 2 groups"
        assert page.locator("#totals dd").all_inner_texts()[::2] == ["1", "2"]
        with page.expect_navigation():  # what came back is not on this page: it is loaded again
            page.keyboard.press("u")
        page.wait_for_function("document.querySelector('#totals dd').textContent === '3'")
        page.goto(served.url + "/accept")
        assert boxes.count() == 2


TOO_WIDE = """[document.documentElement, ...document.querySelectorAll("button, .button, nav a")]
  .filter((e) => e.checkVisibility())
  .filter((e) => e.scrollWidth > e.clientWidth + 1 || e.getBoundingClientRect().right > innerWidth + 1)
  .map((e) => e.innerText.slice(0, 40))"""


def test_words_fit_a_phone_in_every_language(opened: Callable[..., Any], served: Served) -> None:
    for language in LANGUAGES[1:]:
        with opened("/", PHONE, locale=language) as page:
            group = page.locator(".card").first.get_attribute("data-group")
            for path in ("/savings", f"/group/{group}", f"/group/{group}/compare"):
                page.goto(served.url + path)
                assert page.locator("html").get_attribute("lang") == language
                assert page.evaluate(TOO_WIDE) == [], (language, path)


@pytest.mark.parametrize("language", ["de-CH", "ja"])
@pytest.mark.parametrize("served", [make_clear_cases], indirect=True)
def test_scripts_write_as_the_server_does(opened: Callable[..., Any], language: str) -> None:
    with opened("/accept", locale=language) as page:
        assert page.locator("html").get_attribute("lang") == language
        note, button = page.locator("#would-free").inner_text(), page.locator("#accept").inner_text()
        first = page.locator(".overview input").first
        first.uncheck()
        assert page.locator("#would-free").inner_text() != note
        first.check()
        assert (page.locator("#would-free").inner_text(), page.locator("#accept").inner_text()) == (note, button)


def test_equal_files_of_which_one_is_enough(opened: Callable[..., Any]) -> None:
    with opened() as page:
        tile = page.locator(".tile", has=page.locator(".name", has_text="IMG_0101"))
        assert "+1 copy" in tile.text_content()
        assert sorted(tile.locator(".name").get_attribute("title").split(" = ")) == [
            "Copies/IMG_0101 (copy).jpg",
            "IMG_0101.jpg",
        ]
        one = tile.get_by_role("button", name="Keep one")
        hint = page.locator(f"[id='{one.get_attribute('aria-describedby')}']").text_content()
        assert hint == "“Keep one” keeps one of the 2 equal files, “Keep” all of them."
        one.click()
        wait_for_replies(page)
        assert tile.get_attribute("aria-label").endswith("one file kept")
        tile.locator(".picture").click()
        page.wait_for_url("**/group/*?shot=*")
        assert page.locator("#big-one").inner_text() == hint
        assert (
            page.locator("#big-places").inner_text() == "Equal byte for byte: IMG_0101.jpg = Copies/IMG_0101 (copy).jpg"
        )
        page.keyboard.press("2")
        assert not page.locator("#big-one").is_visible() and not page.locator("#big-places").is_visible()


def test_finding_a_photo_by_example(opened: Callable[..., Any], trip: Trip, served: Served) -> None:
    with opened("/similar") as page:
        page.set_input_files("#file", trip.photos / "IMG_0101.jpg")
        page.locator(".known").wait_for()
        assert page.locator(".matches .name").first.inner_text() == "IMG_0102.jpg"
        assert page.locator(".example").inner_text().startswith(("IMG_0101.jpg", "Copies/"))
        page.set_input_files("#file", {"name": "note.txt", "mimeType": "text/plain", "buffer": b"no photo"})
        page.wait_for_function("!document.querySelector('.matches')")
        assert page.locator("#found").inner_text()
        page.goto(f"{served.url}/similar/{trip.content('IMG_0102.jpg')}")
        assert page.locator(".matches .name").first.inner_text().startswith("IMG_0101")


def test_a_photo_that_can_not_be_shown_says_so(opened: Callable[..., Any], served: Served) -> None:
    with opened() as page:
        group = group_of(page, "IMG_0601.jpg")
        page.goto(f"{served.url}/group/{group}")
        page.keyboard.press("2")
        page.wait_for_function("document.getElementById('big').classList.contains('lost')")
        assert page.locator("#big").get_attribute("alt") == f"{GONE.rpartition('/')[2]} can't be shown"
        page.wait_for_function(
            "(big => big.naturalWidth && big.currentSrc.endsWith('/static/lost.svg'))(document.getElementById('big'))"
        )
        page.keyboard.press("1")
        page.wait_for_function(
            "(big => !big.classList.contains('lost') && big.naturalWidth > 500)(document.getElementById('big'))"
        )


def test_hostile_names_stay_text(opened: Callable[..., Any], served: Served) -> None:
    with opened() as page:
        tile = page.locator(".tile", has=page.locator("[title*=onerror]"))
        assert tile.count() == 1
        assert "\x1b" not in tile.inner_text()
        page.goto(f"{served.url}/group/{group_of(page, 'IMG_0502.jpg')}")
        assert page.locator("#big-name").inner_text() == r'1 of 2 · x"><img src=x onerror=alert(1)>\u001b[31m\u202e.jpg'
        assert page.locator("img[onerror]").count() == 0


CACHED_URLS = """async () => {
  const caches_ = await Promise.all((await caches.keys()).map(name => caches.open(name)));
  const requests = await Promise.all(caches_.map(cache => cache.keys()));
  return requests.flat().map(request => request.url);
}"""
SIZE_OF_ICON = """src => new Promise(done => {
  const icon = new Image();
  icon.onload = () => done(`${icon.width}x${icon.height}`);
  icon.onerror = () => done('');
  icon.src = src;
})"""


def test_the_strip_of_days_is_one_stop_of_the_tab_key(opened: Callable[..., Any]) -> None:
    with opened("/timeline") as page:
        assert page.locator(".strip svg a[tabindex='0']").count() == 1
        days = page.locator(".strip svg a")
        page.locator(".strip li > a").first.focus()
        page.keyboard.press("Tab")
        said = "document.activeElement.getAttribute('aria-label')"
        assert page.evaluate(said) == "Wednesday, 1 July 2026: 29 shots, 90 % alike"
        page.keyboard.press("ArrowRight")  # there is no later day
        page.keyboard.press("ArrowLeft")
        assert page.evaluate(said) == "Friday, 19 June 2026: 2 shots, 100 % alike"
        page.keyboard.press("ArrowDown")
        assert "22 May 2026" in page.evaluate(said)
        page.keyboard.press("Shift+Tab")
        page.keyboard.press("Tab")
        assert "22 May 2026" in page.evaluate(said)
        assert days.count() == 3
        page.keyboard.press("Enter")
        page.wait_for_url("**/timeline/2026-05-22")


def test_while_it_is_out_of_reach(opened: Callable[..., Any], served: Served) -> None:
    with opened() as page:
        page.evaluate("navigator.serviceWorker.ready.then(() => true)")
        page.wait_for_function("navigator.serviceWorker.controller !== null")
        kept = page.evaluate(CACHED_URLS)
        assert [url for url in kept if "/photo/" in url or "/group/" in url] == []
        page.context.set_offline(True)
        page.goto(served.url + "/timeline")
        assert page.get_by_role("heading", level=1).inner_text() == "Dejashot is out of reach"
        assert page.evaluate("getComputedStyle(document.querySelector('.bar')).position") == "sticky"  # it is styled
        page.context.set_offline(False)
        page.get_by_role("link", name="Try again").click()
        page.locator(".card").first.wait_for()


def test_a_phone_can_install_it(opened: Callable[..., Any], served: Served) -> None:
    with opened() as page:
        manifest = page.evaluate("fetch(document.querySelector('link[rel=manifest]').href).then(r => r.json())")
        for icon in manifest["icons"]:
            assert page.evaluate(SIZE_OF_ICON, icon["src"]) == icon["sizes"]
        errors = page.context.new_cdp_session(page).send("Page.getAppManifest")["errors"]
        assert errors == []


def test_who_wants_less_motion_gets_none(opened: Callable[..., Any], served: Served) -> None:
    for wish, moves in (("reduce", False), ("no-preference", True)):
        with opened("/", PHONE, reduced_motion=wish) as page:
            page.goto(f"{served.url}/group/{group_of(page, 'IMG_0001.jpg')}")
            page.evaluate("document.querySelector('.stage figure').classList.add('returns')")
            assert (
                page.evaluate("getComputedStyle(document.querySelector('.stage figure')).transitionDuration") != "0s"
            ) is moves


def test_nothing_to_choose(browser: Any, library: Any, tmp_path: Any) -> None:
    from albums import QUIET
    from dejashot.config.settings import Settings
    from dejashot.ingest.scan import scan
    from scenes import save_photo, scene

    save_photo(tmp_path / "photos" / "IMG_1.jpg", scene(1))
    scan(Settings(), [tmp_path / "photos"], library, QUIET)
    with pages_over(library) as served:
        page = browser.new_page()
        page.goto(served.url + "/")
        assert page.locator(".state h2").inner_text() == "Nothing waits to be chosen"
        assert "1 photo was looked at" in page.locator(".state").inner_text()
        for key in "krnalc":
            page.keyboard.press(key)
        page.keyboard.press("Enter")
        page.keyboard.press("u")
        page.wait_for_function("document.getElementById('said').textContent === 'There is nothing to undo'")
        page.close()


def test_looking_and_choosing_touches_no_photo(opened: Callable[..., Any], trip: Trip) -> None:
    before = tree_hash(trip.photos)
    with opened() as page:
        page.keyboard.press("k")
        page.keyboard.press("a")
        page.keyboard.press("n")
        page.keyboard.press("u")
        wait_for_replies(page)
    assert tree_hash(trip.photos) == before
