"""Make the picture in the README: the digest that `dejashot demo --output` writes.

Run as `python tests/support/digest_picture.py FILE.png`. Needs Chromium.
"""

import io
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

from browsers import CHROMIUM

SIZE = (1120, 1072)


def photograph_digest(page_file: Path) -> Image.Image:
    """Return what a browser shows of a digest, of SIZE pixels."""
    with sync_playwright() as player:
        browser = player.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport={"width": SIZE[0], "height": SIZE[1]}, color_scheme="light")
        page.goto(page_file.as_uri(), wait_until="networkidle")
        picture = Image.open(io.BytesIO(page.screenshot()))
        browser.close()
    return picture


def make_picture(target: Path) -> None:
    """Have the demo written, and write the picture of its digest."""
    with tempfile.TemporaryDirectory() as place:
        output = Path(place) / "demo"
        environment = {"PATH": os.environ["PATH"], "HOME": place, "TZ": "Europe/Berlin"}
        environment |= {name: value for name, value in os.environ.items() if name == "PYTHONPATH"}
        subprocess.run([sys.executable, "-m", "dejashot", "demo", "--output", output], env=environment, check=True)
        (digest,) = (output / "digests").glob("2*.html")
        photograph_digest(digest).convert("RGB").save(target, optimize=True)


if __name__ == "__main__":
    make_picture(Path(sys.argv[1]))
