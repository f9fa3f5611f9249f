"""The digest as one safe, self-contained page, seen in a real browser."""

import re
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from contrast import CONTRAST
from dejashot.reports.formats.arrivals import Arrivals
from dejashot.reports.formats.html_format import as_html
from dejashot.reports.report import Report


def test_nothing_is_loaded_and_nothing_runs(report: Report) -> None:
    weeks = [Arrivals(date(2026, 7, 6) + timedelta(weeks=n), 5, 1) for n in range(2)]
    page = as_html(report, weeks=weeks).decode()
    assert "The last weeks" in page
    assert "<script" not in page
    assert "javascript:" not in page
    assert re.findall(r'(?:src|href)="(?!data:image/jpeg;base64,|file:///)', page) == []
    assert "default-src 'none'" in page
    assert "'unsafe-inline'" not in page
    assert re.findall(r"\sstyle=|\son\w+=\"", page) == []


def test_hostile_names_stay_text(report: Report) -> None:
    page = as_html(report).decode()
    assert "<img src=x" not in page
    assert "\x1b" not in page
    assert "\u202e" not in page
    assert "IMG\\xff.jpg" in page
    assert 'href="file:///home/anna/Pictures/IMG%FF.jpg"' in page


def test_series_stand_apart_and_offer_nothing(report: Report) -> None:
    waste, apart = as_html(report).decode().split('<h2 id="series">Kept whole</h2>')
    apart = apart.split("</section>")[0]
    assert "AEB_" not in waste
    assert "exposure bracket of 3</span> · 3 exposures about 2.0 EV apart" in apart
    assert 'class="badge' not in apart
    assert "frees" not in apart


def test_the_place_of_a_photo_is_not_in_the_page(report: Report) -> None:
    assert b"54.18" not in as_html(report)


@pytest.mark.browser
@pytest.mark.parametrize("width", [1440, 390, 320])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_reads_well_at_every_width(
    report: Report, browser: Any, tmp_path: Path, width: int, scheme: str
) -> None:
    file = tmp_path / "digest.html"
    weeks = [Arrivals(date(2026, 4, 13) + timedelta(weeks=n), 40 * n * n, 3 * n) for n in range(12)]
    file.write_bytes(as_html(report, weeks=weeks))
    long = tmp_path / "long.html"
    long.write_bytes(
        as_html(replace(report, head=replace(report.head, title="Scan of /home/anna/" + "averylongfoldername" * 6)))
    )
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    page = context.new_page()
    said: list[str] = []
    asked: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("request", lambda request: asked.append(request.url))
    page.goto(file.as_uri())
    assert said == []
    assert [url for url in asked if not url.startswith(("data:", "file:"))] == []
    assert page.get_by_role("heading", level=1).inner_text() == "3 photos could go: 9.0 MB"
    assert page.locator(".when .title").inner_text() == "Your photos since 30 June, 20:00"
    assert page.locator("article:visible").count() == 2
    assert page.locator(".badge").all_inner_texts().count("Keep") == 2
    page.locator(".about > summary").click()
    assert page.locator("article:visible").count() == 3
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate("[...document.images].every(i => i.complete && i.naturalWidth > 0)")
    assert page.evaluate("[...document.images].every(i => i.alt)")
    contrasts = page.evaluate(CONTRAST)
    assert [c for c in contrasts if c["ratio"] < 4.5] == []
    page.goto(long.as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    context.close()
