"""The page of all digests: what it counts, and how it reads in a real browser."""

import re
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from contrast import CONTRAST
from dejashot.digests.overview import LISTED, OverviewEntry, as_overview
from dejashot.reports.saving import Saving

NEWEST = datetime(2026, 11, 22, 20, tzinfo=timezone(timedelta(hours=1)))


def life(days: int) -> list[OverviewEntry]:
    """Return the entries of a daily schedule: some empty, some missed, the oldest pages gone."""
    entries = []
    for n in range(days):
        slot, kind = NEWEST - timedelta(days=n), "missed" if n % 10 == 9 else "empty" if n % 3 == 2 else "done"
        done = kind == "done"
        link = f"{slot:%Y-%m-%d_%H%M}.html" if done and n < 120 else ""
        entries.append(
            OverviewEntry(slot, kind, 40 * done, Saving(n % 4, n % 4, 9_000_000 * (n % 4)) if done else Saving(), link)
        )
    return entries


def test_nothing_is_loaded_and_nothing_runs() -> None:
    page = as_overview(life(200)).decode()
    assert "<script" not in page
    assert re.findall(r"\sstyle=|\son\w+=\"|src=", page) == []
    assert "default-src 'none'" in page
    assert "'unsafe-inline'" not in page
    assert all(re.fullmatch(r"[0-9_-]+\.html", link) for link in re.findall(r'href="([^"]*)"', page))


def test_months_add_up_and_what_is_gone_is_counted() -> None:
    entries = life(200)
    done = [e for e in entries if e.state == "done"]
    page = as_overview(entries).decode()
    assert f"{len(done)} digests since" in page
    assert page.count("<li><a href=") == sum(bool(e.link) for e in done)
    november = page.split("November 2026</h2>")[1].split("</section>")[0]
    counted = [e for e in done if e.slot.month == 11]
    assert f"{40 * len(counted)} new photos" in november
    assert "nothing new 7 times · 2 missed while Dejashot was not running" in november
    assert "no longer kept" in page
    assert '<span class="freed">3 photos could go: 27.0 MB</span>' in november
    assert f"<li>November 2026, {40 * len(counted)} photos came, " in page
    first = [e for e in done if e.slot.month == done[-1].slot.month][:-1]  # without the first digest of all
    assert f"<li>{first[0].slot:%B %Y}, {40 * len(first)} photos came, " in page
    assert "photos came" not in as_overview(entries[:3]).decode()
    assert "127.0.0.1" not in page
    assert '<a href="http://127.0.0.1:8423">' in as_overview(entries, "http://127.0.0.1:8423").decode()


def test_a_page_of_a_lifetime_stays_readable() -> None:
    many = [OverviewEntry(NEWEST - timedelta(hours=n), "done", 1, Saving(), "x.html") for n in range(LISTED + 500)]
    page = as_overview(many).decode()
    assert page.count("<li><a href=") == LISTED
    assert f"{LISTED + 500:,} digests since" in page


@pytest.mark.browser
@pytest.mark.parametrize("width", [1440, 390, 320])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_overview_reads_well_at_every_width(browser: Any, tmp_path: Path, width: int, scheme: str) -> None:
    (tmp_path / "index.html").write_bytes(as_overview(life(200)))
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.goto((tmp_path / "index.html").as_uri())
    assert said == []
    assert page.get_by_role("heading", level=1).inner_text() == "Your digests"
    page.locator("summary").click()
    assert page.locator("section.month").count() == 7
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert [c for c in page.evaluate(CONTRAST) if c["ratio"] < 4.5] == []
    assert page.evaluate("[...document.querySelectorAll('.slots a')].every(a => a.offsetHeight >= 40)")
    (tmp_path / "2026-11-22_2000.html").write_text("<h1>there</h1>")
    page.locator(".slots a").first.click()
    assert page.get_by_role("heading", level=1).inner_text() == "there"
    context.close()
