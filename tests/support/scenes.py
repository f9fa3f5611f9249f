"""Pictures made for the tests: scenes with structure, retakes of them, and photos with the tags a camera writes."""

import random
from collections.abc import Mapping
from datetime import datetime
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageDraw, ImageFilter
from PIL.TiffImagePlugin import IFDRational

NEUTRAL = (1024, 768)
SAMSUNG_BLOCK = b"\0\0\x30\x0a\x10\0\0\0MotionPhoto_Data"  # announces the film in a motion photo of Samsung's


def scene(seed: int, size: tuple[int, int] = NEUTRAL) -> Image.Image:
    """Draw one scene; neighbouring seeds differ in kind (mountains, city, page, sea, night, tree, fruit, cloth)."""
    rng = random.Random(seed)
    painters = (_mountains, _city, _page, _sea, _night, _tree, _fruit, _cloth)
    picture = painters[seed % len(painters)](rng, size)
    grain = np.random.default_rng(seed).normal(0, 3, (size[1], size[0], 1))
    return Image.fromarray(np.clip(np.asarray(picture, dtype=np.float32) + grain, 0, 255).astype(np.uint8))


def _mountains(rng: random.Random, size: tuple[int, int]) -> Image.Image:
    width, height = size
    picture = _gradient(size, _colour(rng, 150, 255), _colour(rng, 90, 200))
    draw = ImageDraw.Draw(picture)
    for layer in range(4):
        level = height * (0.3 + 0.17 * layer)
        steps = np.cumsum([rng.uniform(-1, 1) for _ in range(width // 8 + 1)])
        ridge = [(8 * n, level - height * 0.02 * float(v)) for n, v in enumerate(steps)]
        shade = 150 - 35 * layer
        draw.polygon([(0, height), *ridge, (width, height)], fill=(shade // 2, shade, shade // 2 + 20 * (3 - layer)))
    return picture


def _city(rng: random.Random, size: tuple[int, int]) -> Image.Image:
    width, height = size
    picture = _gradient(size, (140, 180, 230), (220, 230, 240))
    draw = ImageDraw.Draw(picture)
    x = 0
    while x < width:
        w, h = rng.randint(width // 12, width // 6), rng.randint(height // 3, height * 9 // 10)
        wall = _colour(rng, 60, 200)
        draw.rectangle((x, height - h, x + w, height), fill=wall)
        for wx in range(x + w // 8, x + w - w // 8, max(6, w // 6)):
            for wy in range(height - h + 12, height - 12, max(10, height // 24)):
                draw.rectangle(
                    (wx, wy, wx + w // 12, wy + height // 40),
                    fill=(30, 40, 60) if rng.random() < 0.7 else (240, 230, 160),
                )
        x += w + rng.randint(0, 6)
    return picture


def _page(rng: random.Random, size: tuple[int, int]) -> Image.Image:
    width, height = size
    picture = Image.new("RGB", size, (248, 246, 240))
    draw = ImageDraw.Draw(picture)
    for y in range(height // 12, height * 11 // 12, height // 30):
        x = width // 10
        while x < width * 9 // 10 and rng.random() > 0.04:
            w = rng.randint(width // 80, width // 16)
            draw.rectangle((x, y, x + w, y + height // 80), fill=(40, 40, 45))
            x += w + width // 100
    return picture


def _sea(rng: random.Random, size: tuple[int, int]) -> Image.Image:
    width, height = size
    picture = _gradient(size, (250, 190, 120), (20, 60, 110))
    draw = ImageDraw.Draw(picture)
    sun = rng.randint(width // 5, width * 4 // 5)
    draw.ellipse((sun - 50, height // 4, sun + 50, height // 4 + 100), fill=(255, 240, 200))
    for y in range(height // 2, height, 6):
        for _ in range(width // 40):
            x = rng.randrange(width)
            draw.line(
                (x, y, x + rng.randint(10, 60), y), fill=(20, rng.randint(60, 130), rng.randint(110, 190)), width=3
            )
    return picture


def _night(rng: random.Random, size: tuple[int, int]) -> Image.Image:
    width, height = size
    picture = Image.new("RGB", size, (12, 12, 26))
    draw = ImageDraw.Draw(picture)
    for _ in range(70):
        x, y, r = rng.randrange(width), rng.randrange(height), rng.randint(3, 38)
        draw.ellipse(
            (x - r, y - r, x + r, y + r), fill=(rng.randint(160, 255), rng.randint(90, 230), rng.randint(30, 160))
        )
    return picture.filter(ImageFilter.GaussianBlur(3))


def _tree(rng: random.Random, size: tuple[int, int]) -> Image.Image:
    width, height = size
    picture = _gradient(size, (235, 235, 225), (200, 205, 190))
    draw = ImageDraw.Draw(picture)

    def branch(x: float, y: float, angle: float, length: float, thick: int) -> None:
        if length < height / 60:
            draw.ellipse((x - 9, y - 9, x + 9, y + 9), fill=(rng.randint(60, 130), rng.randint(120, 180), 50))
            return
        tip = (x + length * float(np.cos(angle)), y - length * float(np.sin(angle)))
        draw.line((x, y, *tip), fill=(90, 60, 40), width=thick)
        for turn in (rng.uniform(0.2, 0.6), -rng.uniform(0.2, 0.6)):
            branch(*tip, angle + turn, length * rng.uniform(0.65, 0.8), max(1, thick * 2 // 3))

    branch(width * rng.uniform(0.35, 0.65), height * 0.97, 1.57, height * 0.24, 26)
    return picture


def _fruit(rng: random.Random, size: tuple[int, int]) -> Image.Image:
    width, height = size
    picture = Image.new("RGB", size, (120, 80, 50))
    draw = ImageDraw.Draw(picture)
    draw.ellipse((width // 8, height // 6, width * 7 // 8, height * 9 // 10), fill=(235, 235, 240))
    for _ in range(rng.randint(6, 11)):
        x, y, r = (
            rng.randint(width // 4, width * 3 // 4),
            rng.randint(height // 3, height * 3 // 4),
            rng.randint(60, 120),
        )
        base = rng.choice([(200, 30, 30), (240, 150, 20), (120, 170, 40), (230, 200, 40)])
        for n in range(r, 0, -3):
            light = 0.55 + 0.45 * (1 - n / r)
            draw.ellipse(
                (x - n, y - n - (r - n) // 3, x + n, y + n - (r - n) // 3), fill=tuple(int(c * light) for c in base)
            )
    return picture


def _cloth(rng: random.Random, size: tuple[int, int]) -> Image.Image:
    width, height = size
    picture = Image.new("RGB", size, _colour(rng, 120, 220))
    draw = ImageDraw.Draw(picture, "RGBA")
    for x in range(0, width, rng.randint(60, 120)):
        draw.rectangle((x, 0, x + rng.randint(14, 40), height), fill=(*_colour(rng, 0, 255), 130))
    for y in range(0, height, rng.randint(60, 120)):
        draw.rectangle((0, y, width, y + rng.randint(14, 40)), fill=(*_colour(rng, 0, 255), 130))
    return picture


def _gradient(size: tuple[int, int], top: tuple[int, int, int], bottom: tuple[int, int, int]) -> Image.Image:
    down = np.linspace(0, 1, size[1])[:, None, None]
    column = np.array(top) * (1 - down) + np.array(bottom) * down
    return Image.fromarray(np.repeat(column, size[0], axis=1).astype(np.uint8))


def _colour(rng: random.Random, low: int, high: int) -> tuple[int, int, int]:
    return rng.randint(low, high), rng.randint(low, high), rng.randint(low, high)


def exposed(picture: Image.Image, stops: float) -> Image.Image:
    """Return the picture as taken with the exposure changed by some stops, in linear light."""
    linear = (np.asarray(picture, dtype=np.float32) / 255) ** 2.2 * 2**stops
    return Image.fromarray((np.clip(linear, 0, 1) ** (1 / 2.2) * 255).astype(np.uint8))


def moved(picture: Image.Image, dx: float, dy: float) -> Image.Image:
    """Return the picture reframed by shares of its width and height."""
    width, height = picture.size
    x, y = int(width * dx), int(height * dy)
    return picture.crop((max(0, x), max(0, y), width + min(0, x), height + min(0, y))).resize(picture.size)


def blurred(picture: Image.Image, radius: float) -> Image.Image:
    """Return the picture out of focus."""
    return picture.filter(ImageFilter.GaussianBlur(radius))


def save_photo(
    file: Path,
    picture: Image.Image,
    taken: datetime | None = None,
    *,
    offset: str | None = "+02:00",
    orientation: int | None = None,
    camera: tuple[str, str] = ("Testcam", "T-1"),
    bias: float | None = None,
    gps: tuple[float, float] | None = None,
    gps_time: datetime | None = None,
    extra: Mapping[int, Any] | None = None,
    quality: int = 88,
    **options: Any,
) -> Path:
    """Save a picture with the EXIF a camera writes; `taken` is wall time."""
    exif = Image.Exif()
    exif[0x010F], exif[0x0110] = camera
    if orientation is not None:
        exif[0x0112] = orientation
    sub = exif.get_ifd(0x8769)
    if taken is not None:
        sub[0x9003] = f"{taken:%Y:%m:%d %H:%M:%S}"
        sub[0x9291] = f"{taken.microsecond // 1000:03d}"
        if offset is not None:
            sub[0x9011] = offset
    if bias is not None:
        sub[0x9204] = IFDRational(Fraction(bias).limit_denominator(100))
    sub.update(extra or {})
    if gps is not None:
        place = exif.get_ifd(0x8825)
        latitude, longitude = gps
        place[1], place[2] = ("N" if latitude >= 0 else "S"), _dms(abs(latitude))
        place[3], place[4] = ("E" if longitude >= 0 else "W"), _dms(abs(longitude))
        if gps_time is not None:
            place[7] = (float(gps_time.hour), float(gps_time.minute), float(gps_time.second))
            place[29] = f"{gps_time:%Y:%m:%d}"
    file.parent.mkdir(parents=True, exist_ok=True)
    if file.suffix.lower() in (".jpg", ".jpeg", ".webp", ".avif", ".heic"):
        options["quality"] = quality
    picture.save(file, exif=exif, **options)
    return file


def _dms(degrees: float) -> tuple[float, float, float]:
    minutes, seconds = divmod(degrees * 3600, 60)
    whole, minutes = divmod(minutes, 60)
    return whole, minutes, round(seconds, 3)


def portrait(
    openness: float = 1.0, size: tuple[int, int] = NEUTRAL, at: tuple[float, float] = (0.5, 0.5)
) -> Image.Image:
    """Draw a shaded face before a wall, its middle at shares of the picture; `openness` of the eyes is 0 to 1."""
    width, height = size
    picture = _gradient(size, (120, 140, 150), (90, 100, 110))
    unit = height / 8
    x, y = at[0] * width, at[1] * height

    def oval(draw: ImageDraw.ImageDraw, dx: float, dy: float, w: float, h: float, fill: tuple[int, int, int]) -> None:
        draw.ellipse((x + unit * (dx - w), y + unit * (dy - h), x + unit * (dx + w), y + unit * (dy + h)), fill=fill)

    draw = ImageDraw.Draw(picture)
    oval(draw, 0, -0.35, 1.85, 2.3, (50, 34, 26))
    draw.rectangle((x - 0.7 * unit, y + unit, x + 0.7 * unit, y + 3 * unit), fill=(190, 140, 115))
    for n in range(30):
        light = 0.72 + 0.28 * n / 29
        oval(
            draw,
            0.004 * n,
            0.1 - 0.006 * n,
            1.5 - 0.03 * n,
            2.0 - 0.04 * n,
            tuple(int(c * light) for c in (236, 188, 160)),
        )
    for side in (-1, 1):
        oval(draw, 0.62 * side, -0.22, 0.46, 0.26, (196, 146, 122))
        oval(draw, 0.62 * side, -0.62, 0.44, 0.09, (60, 42, 32))
        if openness > 0.15:
            oval(draw, 0.62 * side, -0.2, 0.36, 0.17 * openness, (245, 243, 240))
            oval(draw, 0.62 * side, -0.2, 0.15 * min(1, openness), 0.16 * openness, (60, 40, 30))
        draw.arc(
            (
                x + unit * (0.62 * side - 0.38),
                y - unit * (0.2 + 0.2 * openness),
                x + unit * (0.62 * side + 0.38),
                y - unit * (0.2 - 0.2 * max(openness, 0.4)),
            ),
            *((180, 360) if openness > 0.15 else (0, 180)),
            fill=(45, 30, 25),
            width=max(2, int(unit / 16)),
        )
    oval(draw, 0, 0.5, 0.26, 0.16, (205, 150, 125))
    for side in (-1, 1):
        oval(draw, 0.12 * side, 0.56, 0.06, 0.04, (110, 70, 60))
    oval(draw, 0, 1.12, 0.55, 0.17, (175, 75, 75))
    oval(draw, 0, 1.1, 0.5, 0.05, (110, 45, 45))
    return picture.filter(ImageFilter.GaussianBlur(unit / 60))
