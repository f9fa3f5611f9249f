"""Screenshots in a timeline: a series unless they are one picture."""

from dataclasses import replace

import pytest

from dejashot.grouping.series.panorama import SWEEP
from dejashot.grouping.series.screenshots import SCREENSHOTS, is_screenshot
from dejashot.grouping.series.timelapse import TIME_LAPSE
from dejashot.grouping.timeline import time_order
from dejashot.models.groups import Kind
from series_shots import DUPLICATE, SIMILAR, groups, name, names, page, swept, timed
from shots import shot


@pytest.mark.parametrize(
    ("path", "form", "size", "model", "expected"),
    [
        ("Pictures/Screenshots/Screenshot_20260701-120000_Chrome.jpg", "JPEG", (1080, 2400), "", True),
        ("Screen Shot 2026-07-01 at 12.00.00.png", "PNG", (2880, 1800), "", True),
        ("Bildschirmfoto vom 2026-07-01 12-00-00.png", "PNG", (1920, 1080), "", True),
        ("Captura de pantalla 2026-07-01.png", "PNG", (1920, 1080), "", True),
        ("Capture d\u2019\u00e9cran 2026-07-01.png", "PNG", (1920, 1080), "", True),
        ("Capture d'e\u0301cran.png", "PNG", (1920, 1080), "", True),  # as macOS writes accents
        ("Schermata 2026-07-01.png", "PNG", (1920, 1080), "", True),
        ("IMG_0042.PNG", "PNG", (1170, 2532), "", True),
        ("IMG_0042.webp", "WEBP", (1080, 2400), "", True),
        ("IMG_0042.PNG", "PNG", (4032, 3024), "", False),  # a photo, exported
        ("IMG_0042.PNG", "PNG", (1170, 2532), "T-1", False),
        ("IMG_0042.jpg", "JPEG", (1170, 2532), "", True),  # no camera, and the size of a phone's screen
        ("IMG_0042.jpg", "JPEG", (1170, 2532), "T-1", False),
        ("Screenshots/IMG_0042.jpg", "JPEG", (4032, 3024), "T-1", False),
        ("capture_0042.jpg", "JPEG", (4032, 3024), "T-1", False),
    ],
)
def test_screenshots_by_name_and_form(path: str, form: str, size: tuple[int, int], model: str, expected: bool) -> None:
    assert is_screenshot(shot(0, path=path, form=form, size=size, model=model)) is expected


def test_screenshots_of_one_kind_are_a_series_unless_they_are_one_picture() -> None:
    assert name([page(0, 200), page(1, 210), page(2, 190)]) == SCREENSHOTS
    assert name([page(0, 200), page(1, 201)]) == DUPLICATE
    assert name([page(0, 200, content=b"x" * 32), page(1, 200, content=b"x" * 32)]) == DUPLICATE
    assert name([page(0, 200), shot(4, path="IMG_1.jpg")]) == SIMILAR


def test_a_screenshot_stored_twice_is_a_duplicate_beside_the_others() -> None:
    pages = [page(0, 200, content=b"x" * 32), page(1, 210), page(2, 200, content=b"x" * 32)]
    assert names(pages) == [(SCREENSHOTS, (0, 1)), (DUPLICATE, (0, 2))]


def test_a_sweep_and_a_time_lapse_with_exports_stay_what_they_are() -> None:
    for shots, series in (
        (swept(7, [(4 * n, 0) for n in range(4)]), SWEEP),
        (timed([5.0 * n for n in range(12)]), TIME_LAPSE),
    ):
        exports = [
            replace(s, path=f"a/{s.path}", content=bytes([n + 1]) * 32, width=2000, height=1500)
            for n, s in enumerate(shots)
        ]
        found = groups(sorted([*shots, *exports], key=time_order))
        assert [g.kind for g in found if not g.series] == [Kind.DUPLICATE] * len(shots)
        assert [(g.series, len(g.members)) for g in found if g.series] == [(series, len(shots))]
