"""Pages rendered from templates, and photos of them: documents, receipts, slides, screens, cards, all from seeds."""

import io
import random
from collections.abc import Callable
from typing import NamedTuple

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

SYLLABLES = "ba ce di fo gu ha je ki lo mu na pe ri so tu va we xi yo zu ran ton mel ster ing ver al un or ent".split()
DARK, MIDDLE = 25, 120


class Page(NamedTuple):
    """A page: its template, and the seed of what is written on it."""

    kind: str
    template: int
    text: int


class Sheet:
    """A sheet of paper to write on, with what is printed on every page of its template and what is written on one."""

    def __init__(self, page: Page, size: tuple[int, int]) -> None:
        self.printed = random.Random(f"{page.kind} {page.template}")
        self.written = random.Random(f"{page.kind} {page.text}")
        self.paper = self.printed.randint(228, 252)
        self.image = Image.new("L", size, self.paper)
        self.pen = ImageDraw.Draw(self.image)

    def words(self, source: random.Random, count: int) -> str:
        return " ".join("".join(source.choices(SYLLABLES, k=source.randint(1, 4))) for _ in range(count))

    def text(self, at: tuple[float, float], text: str, size_px: int, level: int = DARK) -> None:
        self.pen.text(at, text, font=ImageFont.load_default(size_px), fill=level)

    def lines(self, top: int, left: int, width: int, size_px: int, bottom: int) -> None:
        """Write lines of text down to a height, of different lengths."""
        letters = int(width / size_px * 1.9)
        for y in range(top, bottom, size_px * 3 // 2):
            if self.written.random() > 0.12:
                shown = letters if self.written.random() > 0.2 else self.written.randint(10, letters)
                self.text((left, y), self.words(self.written, letters // 4)[:shown], size_px)


def _document(page: Page) -> Image.Image:
    sheet = Sheet(page, (1200, 1700))
    left = sheet.printed.randint(90, 140)
    sheet.text((left, 60), sheet.words(sheet.printed, 2).title(), 48)
    sheet.pen.ellipse((1000, 50, 1090, 140), fill=MIDDLE)
    sheet.pen.line((left, 170, 1200 - left, 170), fill=DARK, width=3)
    sheet.text((left, 1620), f"{sheet.words(sheet.printed, 4)}   {sheet.written.randint(1, 30)}", 20)
    sheet.lines(210, left, 1200 - 2 * left, sheet.printed.choice([22, 24, 28]), 1560)
    return sheet.image


def _receipt(page: Page) -> Image.Image:
    sheet = Sheet(page, (620, 1300))
    for y, size_px in ((30, 44), (90, 26), (125, 26), (160, 26)):
        sheet.text((120, y), sheet.words(sheet.printed, 2).upper(), size_px)
    sheet.pen.line((30, 250, 590, 250), fill=DARK, width=2)
    rows = sheet.written.randint(12, 22)
    for y in range(270, 270 + 38 * rows, 38):
        sheet.text((30, y), sheet.words(sheet.written, 2)[:22], 28)
        sheet.text((490, y), f"{sheet.written.randint(100, 9999) / 100:.2f}", 28)
    sheet.text((30, 285 + 38 * rows), f"TOTAL   {sheet.written.randint(1000, 99999) / 100:.2f}", 40)
    sheet.text((120, 1240), sheet.words(sheet.printed, 3), 28)
    return sheet.image


def _slide(page: Page) -> Image.Image:
    sheet = Sheet(page, (1600, 900))
    sheet.pen.rectangle((0, 0, 1600, 130), fill=MIDDLE)
    sheet.pen.rectangle((0, 850, 1600, 900), fill=MIDDLE)
    sheet.pen.ellipse((1470, 20, 1560, 110), fill=250)
    sheet.text((60, 35), sheet.words(sheet.written, 3).title(), 60, 250)
    sheet.text((60, 858), sheet.words(sheet.printed, 3), 26, 250)
    sheet.lines(200, 110, 1200, 46, 780)
    return sheet.image


def _screen(page: Page) -> Image.Image:
    sheet = Sheet(page, (1080, 1920))
    sheet.pen.rectangle((0, 70, 1080, 190), fill=MIDDLE)
    sheet.text((60, 100), sheet.words(sheet.printed, 2).title(), 50, 250)
    for left in range(120, 1000, 240):
        sheet.pen.ellipse((left, 1800, left + 60, 1860), outline=DARK, width=6)
    y = 230
    while y < 1560:
        lines, left = sheet.written.randint(1, 4), sheet.written.choice([40, 320])
        sheet.pen.rounded_rectangle((left, y, left + 720, y + 40 + 51 * lines), 20, fill=190)
        sheet.lines(y + 16, left + 24, 640, 34, y + 16 + 51 * lines)
        y += 80 + 51 * lines
    return sheet.image


def _card(page: Page) -> Image.Image:
    """Return a banknote or a ticket: a rich design, on which only a number differs, twice."""
    sheet = Sheet(page, (1400, 800))
    for _ in range(24):
        x, y, radius = (sheet.printed.randint(*span) for span in ((0, 1400), (0, 800), (20, 300)))
        sheet.pen.ellipse(
            (x - radius, y - radius, x + radius, y + radius), outline=sheet.printed.randint(40, 150), width=3
        )
    sheet.text((80, 70), sheet.words(sheet.printed, 2).upper(), 70)
    sheet.text((80, 600), str(sheet.printed.choice([5, 10, 20, 50])), 140)
    number = "".join(sheet.written.choices("0123456789ABCDEFGH", k=10))
    for left, top in ((560, 688), (80, 290)):
        sheet.pen.rectangle((left, top, left + 330, top + 54), fill=sheet.paper)
        sheet.text((left + 5, top), number, 48)
    return sheet.image


_KINDS: dict[str, Callable[[Page], Image.Image]] = {
    "document": _document,
    "receipt": _receipt,
    "slide": _slide,
    "screen": _screen,
    "card": _card,
}
KINDS = tuple(_KINDS)


def rendered(page: Page) -> Image.Image:
    """Return a page as it is printed."""
    return _KINDS[page.kind](page)


def photographed(page: Image.Image, seed: int, side: int = 1000) -> Image.Image:
    """Return a photo of a page on a dark table: a little turned, in perspective, unevenly lit, soft, noisy, a JPEG."""
    rng = np.random.default_rng(seed)
    width, height = page.size
    frame = np.array((side * 3 // 4, side) if height >= width else (side, side * 3 // 4), np.float32)
    scale = float((frame / (width, height)).min()) * rng.uniform(0.85, 0.95)
    angle = np.deg2rad(rng.uniform(-4, 4))
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    laid = (corners - (width / 2, height / 2)) * scale @ turn + frame / 2
    laid += rng.uniform(-0.02, 0.02, (4, 2)) * (width * scale, height * scale)
    transform = cv2.getPerspectiveTransform(corners, laid.astype(np.float32))
    size = (int(frame[0]), int(frame[1]))
    seen = cv2.warpPerspective(np.asarray(page, np.float32), transform, size, flags=cv2.INTER_AREA, borderValue=70)
    light = (
        np.linspace(1, rng.uniform(0.8, 1.1), size[0])[None] * np.linspace(1, rng.uniform(0.8, 1.1), size[1])[:, None]
    )
    soft = cv2.GaussianBlur(seen * light * rng.uniform(0.7, 1.05), (0, 0), rng.uniform(0.3, 0.9))
    grainy = (soft + rng.normal(0, rng.uniform(1, 4), soft.shape)).clip(0, 255).astype(np.uint8)
    out = io.BytesIO()
    Image.fromarray(grainy).save(out, "JPEG", quality=int(rng.integers(75, 93)))
    return Image.open(io.BytesIO(out.getvalue())).convert("RGB")
