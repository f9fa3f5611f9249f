"""Templates of pages: size, colours, fonts, header and habits that the pages of one family share."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from PIL import Image, ImageFont

from families.common import Colour, Rng, colour, pick, resized
from families.stock import Stock

PAGE_KINDS = (
    "document", "document", "receipt", "receipt", "slide", "slide", "chat", "list", "form", "card", "code", "ticket",
    "board", "book", "table",
)  # fmt: skip
SMALL_PRINT = ("document", "form", "receipt", "code", "book", "table")
HEADERS = ("title", "title", "bar", "centred", "logo_left", "logo_right", "stripe", "none")
SYLLABLES = (
    "ba re ti mo lu sen der kal ing tion pro vi ex an con st ra le ma no be ch ge ur is ha en fo wer gen at me"
).split()
VOCABULARY = 3000


@lru_cache(maxsize=1)
def vocabulary() -> tuple[str, ...]:
    """Return words that mean nothing, the same on every call."""
    rng = np.random.default_rng(7)
    return tuple("".join(pick(SYLLABLES, rng) for _ in range(int(rng.integers(1, 4)))) for _ in range(VOCABULARY))


def words(count: int, rng: Rng) -> str:
    """Return some words with a space between two."""
    known = vocabulary()
    return " ".join(known[n] for n in rng.integers(0, len(known), count))


@lru_cache(maxsize=400)
def font(file: Path, size_px: int) -> ImageFont.FreeTypeFont:
    """Return a font at a size."""
    return ImageFont.truetype(str(file), size_px)


@dataclass(frozen=True, slots=True)
class Inks:
    """The colours of a template."""

    paper: Colour
    ink: Colour
    accent: Colour


@dataclass(frozen=True, slots=True)
class Header:
    """What stands above the contents: its style, words that stay (empty: other words on each page), logo, height."""

    style: str
    title: str
    logo: Image.Image | None
    height_px: int


@dataclass(frozen=True, slots=True)
class Template:
    """What the pages of one family share; `habit`, from 0 to 1, and `bullet` are choices of the layouts."""

    kind: str
    size: tuple[int, int]
    inks: Inks
    text: ImageFont.FreeTypeFont
    heading: ImageFont.FreeTypeFont
    text_px: int
    line_px: int
    margin: int
    header: Header
    habit: float
    bullet: str


def _size(kind: str, rng: Rng) -> tuple[int, int]:
    """Return width and height of a kind of page, in pixels."""
    sizes = {
        "receipt": (int(rng.integers(150, 230)), int(rng.integers(420, 620))),
        "slide": (560, pick((315, 420), rng)),
        "board": (560, pick((340, 420), rng)),
        "chat": (330, 640),
        "list": (330, 640),
        "card": (440, 280),
        "ticket": (480, int(rng.integers(180, 300))),
        "code": (520, 380),
        "book": (640, 460) if rng.random() < 0.5 else (400, 580),
        "table": pick(((420, 594), (594, 420)), rng),
    }
    return sizes.get(kind, (420, 594))


def _inks(kind: str, rng: Rng) -> Inks:
    """Return dark letters on light paper, or the other way round, which screens like."""
    if rng.random() < (0.5 if kind in ("chat", "code", "list") else 0.3 if kind == "slide" else 0.05):
        return Inks(colour(rng, 0, 60), colour(rng, 190, 255), colour(rng))
    paper = colour(rng, 225, 255) if rng.random() < 0.7 else colour(rng, 150, 255)
    return Inks(paper, colour(rng, 0, 80), colour(rng))


def any_template(stock: Stock, rng: Rng) -> Template:
    """Return a template."""
    kind = pick(PAGE_KINDS, rng)
    width, height = _size(kind, rng)
    mono = kind == "code" or (kind == "receipt" and rng.random() < 0.6)
    text_px = int(rng.integers(8, 14)) if kind in SMALL_PRINT else int(rng.integers(11, 22))
    style = "bar" if kind in ("chat", "list") and rng.random() < 0.8 else pick(HEADERS, rng)
    logo = None
    if style.startswith("logo") or rng.random() < 0.25:
        logo = Image.fromarray(resized(stock.photo(rng), int(rng.integers(30, 80)), int(rng.integers(24, 50))))
    stays = rng.random() < (0.9 if kind in ("receipt", "form", "card", "ticket", "chat", "list") else 0.4)
    title = words(int(rng.integers(1, 4)), rng).title() if stays else ""
    return Template(
        kind,
        (width, height),
        _inks(kind, rng),
        font(pick(stock.mono_fonts if mono else stock.fonts, rng), text_px),
        font(pick(stock.fonts, rng), int(text_px * 1.5)),
        text_px,
        int(text_px * rng.uniform(1.15, 1.8)),
        int(width * rng.uniform(0.04, 0.13)),
        Header(style, title, logo, int(height * rng.uniform(0.05, 0.14))),
        rng.random(),
        pick(("• ", "- ", "> ", "", ""), rng),
    )
