"""Printed pages on a table, each with other words, as one photographs them to keep them."""

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from dejashot.demo.drawing.fields import (
    Field,
    Size,
    layered_noise,
    light,
    mixed,
    paint_line,
    smooth_step,
    softened,
)

_SHEET = (1050, 1485)
_TITLES = ("The small boat handbook", "Knots, and what holds what", "Reading the weather")
_PARTS = (
    (
        "Before you leave, walk around the boat once. Look at the lines, at every shackle, and at the plug in the"
        " stern: more boats have gone down in the harbour than at sea.",
        "Tell somebody on land where you want to go, and when you mean to be back. A note at the jetty will do.",
        "The sail goes up with the bow in the wind. Let the sheet run free until all hands sit where they belong.",
        "Whoever steers says what comes next, early and aloud. A crew that knows the plan needs no shouting.",
        "Coming home, take the sail down where there is room, and use the oars for the last few lengths.",
    ),
    (
        "A good knot is quickly tied, holds under load, and opens again with cold fingers. Four are enough for a"
        " season; learn them until you can tie them behind your back.",
        "The figures of the table are for new rope of eight millimetres, dry, and pulled slowly. Wet rope holds a"
        " tenth less, and old rope holds what it likes.",
        "Never trust a knot that you did not see being tied. Look at it, pull at it, then lean on it.",
    ),
    (
        "High clouds like feathers tell of wind tomorrow. When they thicken from the west and the sun gets a ring,"
        " rain is half a day away.",
        "A falling glass is a reason to stay. One that falls fast is a reason to be ashore already.",
        "On warm days the wind comes from the sea by noon and dies with the evening. Plan the way home for it.",
        "Thunder counts: three seconds from flash to bang are one kilometre. At nine you are late.",
    ),
)
_TABLES: tuple[tuple[tuple[str, str, str], ...], ...] = (
    (),
    (
        ("Knot", "Holds", "Opens"),
        ("Bowline", "62 %", "always"),
        ("Figure eight", "75 %", "with patience"),
        ("Clove hitch", "58 %", "always"),
        ("Sheet bend", "49 %", "easily"),
        ("Round turn", "70 %", "always"),
    ),
    (
        ("Glass", "Wind", "What to do"),
        ("1020 hPa", "2 to 3", "go"),
        ("1008 hPa", "4 to 5", "reef"),
        ("995 hPa", "7", "stay"),
    ),
)


def draw_page(size: Size, number: int) -> Field:
    """Return one of three pages, printed on paper and lying on a table."""
    rng = np.random.default_rng(900)  # the table and its light are the same for all
    table = _table(size, rng)
    place_rng = np.random.default_rng(40 + number)
    width, height = size
    jitter = place_rng.uniform(-0.008, 0.008, (4, 2))
    corners = (np.array([(0.235, 0.055), (0.765, 0.045), (0.815, 0.965), (0.185, 0.975)]) + jitter) * (width, height)
    sheet = np.array([(0, 0), (_SHEET[0], 0), _SHEET, (0, _SHEET[1])], np.float32)
    lay = cv2.getPerspectiveTransform(sheet, corners.astype(np.float32))
    paper = np.asarray(cv2.warpPerspective(_printed(number, place_rng), lay, size), np.float32)
    covered = np.asarray(cv2.warpPerspective(np.ones(_SHEET[::-1], np.float32), lay, size), np.float32)
    shadow = np.roll(softened(covered, 9), (7, 9), axis=(0, 1))
    picture = mixed(table * (1 - 0.62 * shadow)[..., None], paper, covered)
    return np.asarray(picture * _lamp(size)[..., None] * light(255, 240, 216), np.float32)


def _table(size: Size, rng: np.random.Generator) -> Field:
    width, height = size
    grain = layered_noise(size, (5, 150), 5, rng, gain=0.6)
    knots = layered_noise(size, (3, 12), 3, rng)
    wave = 0.5 + 0.5 * np.sin(knots * 60)
    picture = mixed(light(58, 40, 30), light(112, 78, 54), grain * 0.65 + wave * 0.35)
    for row in (0.31, 0.69):
        paint_line(picture, [(0, row * height), (width, row * height + 3)], 3.5, light(20, 14, 10))
    shade = [(0.865 * width, 0.24 * height), (0.945 * width, 0.72 * height)]
    paint_line(picture, [(x + 10, y + 12) for x, y in shade], 18, light(20, 14, 10), 0.7)
    paint_line(picture, shade, 20, light(28, 62, 120))
    paint_line(picture, [(x - 4, y + 1) for x, y in shade], 5, light(150, 190, 240), 0.8)
    paint_line(picture, [shade[1], (0.9515 * width, 0.755 * height)], 11, light(196, 196, 200))
    return picture


def _lamp(size: Size) -> Field:
    x = np.linspace(0, 1, size[0], dtype=np.float32)[None]
    y = np.linspace(0, 1, size[1], dtype=np.float32)[:, None]
    return np.asarray(1.5 - 0.72 * np.hypot(x - 0.3, (y - 0.2) * 0.8), np.float32)


def _printed(number: int, rng: np.random.Generator) -> Field:
    """Return a sheet with its print, as light that it sends back."""
    sheet = Image.new("L", _SHEET, 255)
    draw = ImageDraw.Draw(sheet)
    title, body, small = (ImageFont.load_default(points) for points in (58, 37, 26))
    draw.text((110, 96), _TITLES[number], 24, font=title)
    draw.line((110, 172, 940, 172), 60, 3)
    y = 222
    for part in _PARTS[number]:
        y = _paragraph(draw, part, y, body) + 30
    if _TABLES[number]:
        y = _ruled(draw, _TABLES[number], y + 14, body) + 24
    if number == 2:
        _chart(draw, y + 20)
    draw.text((110, 1410), "Harbour library", 90, font=small)
    draw.text((900, 1410), str(12 + number), 60, font=small)
    ink = np.asarray(sheet, np.float32) / 255
    fibre = layered_noise(_SHEET, (180, 240), 3, rng)
    x = np.linspace(0, 1, _SHEET[0], dtype=np.float32)[None]
    curl = 0.93 + 0.1 * smooth_step(0, 0.22, x) - 0.05 * smooth_step(0.8, 1, x)
    return mixed(light(30, 28, 34), light(244, 240, 230) * ((0.95 + 0.08 * fibre) * curl)[..., None], ink)


def _paragraph(draw: ImageDraw.ImageDraw, text: str, y: int, font: ImageFont.FreeTypeFont | ImageFont.ImageFont) -> int:
    """Write a paragraph in lines, and return where the next thing may begin."""
    line = ""
    for word in [*text.split(), ""]:
        longer = f"{line} {word}".strip()
        if word and draw.textlength(longer, font=font) < 830:
            line = longer
            continue
        draw.text((110, y), line, 40, font=font)
        line, y = word, y + 53
    return y


def _ruled(
    draw: ImageDraw.ImageDraw,
    rows: tuple[tuple[str, str, str], ...],
    y: int,
    font: ImageFont.FreeTypeFont | ImageFont.ImageFont,
) -> int:
    """Draw a table with lines, and return where the next thing may begin."""
    draw.rectangle((110, y, 940, y + 66), 214)
    for n, row in enumerate(rows):
        for x, text in zip((128, 456, 640), row, strict=True):
            draw.text((x, y + 66 * n + 13), text, 36, font=font)
        draw.line((110, y + 66 * n, 940, y + 66 * n), 90, 2)
    bottom = y + 66 * len(rows)
    draw.line((110, bottom, 940, bottom), 90, 2)
    for x in (110, 438, 622, 940):
        draw.line((x, y, x, bottom), 90, 2)
    return bottom


def _chart(draw: ImageDraw.ImageDraw, y: int) -> None:
    """Draw how a barometer falls."""
    draw.rectangle((110, y, 940, y + 140), outline=90, width=2)
    for n in range(1, 4):
        draw.line((110, y + 35 * n, 940, y + 35 * n), 200, 1)
    points = [(110 + 8.3 * n, y + 30 + 0.7 * n + 12 * float(np.sin(n / 9))) for n in range(101)]
    draw.line(points, 30, 5)
