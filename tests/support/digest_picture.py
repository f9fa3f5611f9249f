"""Make the picture in the README: a real digest of photos that were drawn for it.

Run as `python tests/support/digest_picture.py FILE.png`. Needs Chromium.
"""

import io
import os
import subprocess
import sys
import tempfile
from datetime import datetime, timedelta
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

from browsers import CHROMIUM
from scenes import blurred, exposed, moved, save_photo, scene

SIZE = (1120, 1110)
PHOTO = (1600, 1200)
DAY = datetime(2026, 7, 1, 10, 11, 12)
SEA, FRUIT, CITY, PAGE = 11, 14, 9, 10
SHOWN_FOLDER = "/home/anna/Pictures"  # stands in the picture for the temporary folder that was scanned


def draw_photos(folder: Path) -> None:
    """Draw a burst, an under-exposed retake and two pages, as a phone names them."""
    sea, fruit = scene(SEA, PHOTO), scene(FRUIT, PHOTO)
    takes = [
        (0.0, blurred(sea, 4)),
        (1.4, sea),
        (2.9, blurred(moved(sea, 0.01, 0.0), 2)),
        (3600.0, exposed(fruit, -1.6)),
        (3609.0, fruit),
        (7200.0, scene(CITY, PHOTO)),
        (7212.0, scene(PAGE, PHOTO)),
    ]
    for after_s, picture in takes:
        taken = DAY + timedelta(seconds=after_s)
        save_photo(folder / f"IMG_{taken:%Y%m%d_%H%M%S}.jpg", picture, taken)


def photograph_digest(page_file: Path) -> Image.Image:
    """Return what a browser shows of a digest, of SIZE pixels."""
    with sync_playwright() as player:
        browser = player.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport={"width": SIZE[0], "height": SIZE[1]}, color_scheme="light")
        page.goto(page_file.as_uri(), wait_until="networkidle")
        page.evaluate(f"document.querySelector('.title').textContent = 'Scan of {SHOWN_FOLDER}'")
        picture = Image.open(io.BytesIO(page.screenshot()))
        browser.close()
    return picture


def make_picture(target: Path) -> None:
    """Draw the photos, have them scanned, and write the picture of the page."""
    with tempfile.TemporaryDirectory() as place:
        home = Path(place)
        photos, page = home / "Pictures", home / "digest.html"
        photos.mkdir()
        draw_photos(photos)
        environment = {"PATH": os.environ["PATH"], "HOME": place, "TZ": "Europe/Berlin"}
        environment |= {name: value for name, value in os.environ.items() if name == "PYTHONPATH"}
        subprocess.run(
            [sys.executable, "-m", "dejashot", "scan", photos, "--format", "html", "--output", page],
            env=environment,
            check=True,
        )
        photograph_digest(page).quantize(256).save(target, optimize=True)


if __name__ == "__main__":
    make_picture(Path(sys.argv[1]))
