"""The pen that fills a page: the layout comes from one generator, what is written from others.

Pages with one layout seed have their lines, boxes and pictures in the same places. What stands in each of them is an
*atom* with a seed of its own, so that a page can be drawn again with only some atoms changed.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw

from families.common import Colour, Rng, resized
from families.stock import Stock
from families.templates import Template, words
from views import Picture


@dataclass(frozen=True, slots=True)
class Contents:
    """What is written: a seed, and a second one for the atoms that `changed` picks by their number and sort."""

    seed: int
    changed: Callable[[int, str], bool] = lambda _number, _sort: False
    second_seed: int = 0

    def of(self, number: int, sort: str) -> Rng:
        """Return the generator of an atom; sorts are `text`, `amount` and `picture`."""
        return np.random.default_rng((self.seed, number, self.second_seed if self.changed(number, sort) else 0))


class Pen:
    """Fill one page of a template from top to bottom."""

    def __init__(self, stock: Stock, template: Template, layout_seed: int, contents: Contents) -> None:
        self.template, self.layout = template, np.random.default_rng(layout_seed)
        self.image = Image.new("RGB", template.size, template.inks.paper)
        self.draw = ImageDraw.Draw(self.image)
        self.y, self.atoms = template.margin, 0
        self.left, self.right = template.margin, template.size[0] - template.margin
        self.bottom = template.size[1] - template.margin
        self._stock, self._contents = stock, contents

    def atom(self, sort: str = "text") -> Rng:
        """Return the generator of the next atom."""
        self.atoms += 1
        return self._contents.of(self.atoms, sort)

    def chance(self, share: float) -> bool:
        """Return true in a share of layouts."""
        return bool(self.layout.random() < share)

    def count(self, least: int, most: int) -> int:
        """Return a number of things, which is part of the layout."""
        return int(self.layout.integers(least, most + 1))

    def fits(self, lines: float = 1) -> bool:
        """Return whether so many lines fit on the rest of the page."""
        return self.y + lines * self.template.line_px <= self.bottom

    def letters(self, width: float) -> int:
        """Return how many letters a width in pixels holds."""
        return max(3, int(width / (self.template.text_px * 0.52)))

    def write(self, at: tuple[float, float], text: str, fill: Colour | None = None, *, large: bool = False) -> None:
        """Write a text, its upper left corner at a point."""
        used = self.template.heading if large else self.template.text
        self.draw.text(at, text, fill=fill or self.template.inks.ink, font=used)

    def phrase(self, most: int, width: float | None = None) -> str:
        """Return one to `most` words, cut to a width in pixels."""
        rng = self.atom()
        text = words(int(rng.integers(max(1, most // 2), most + 1)), rng)
        return text if width is None else text[: self.letters(width)]

    def paragraph(self, lines: int) -> None:
        """Write full lines between the margins, the last one shorter."""
        letters = self.letters(self.right - self.left)
        for number in range(lines):
            if not self.fits():
                return
            rng = self.atom()
            length = letters if number < lines - 1 else int(rng.integers(3, letters + 1))
            self.write((self.left, self.y), words(max(1, letters // 4), rng)[:length])
            self.y += self.template.line_px

    def heading(self) -> None:
        """Write a heading in large letters."""
        self.write((self.left, self.y), self.phrase(3).title(), large=True)
        self.y += int(self.template.text_px * 2.2)

    def picture(self, box: tuple[int, int, int, int]) -> None:
        """Show a photo in a box (left, top, width, height)."""
        left, top, width, height = box
        self.image.paste(Image.fromarray(resized(self._stock.photo(self.atom("picture")), width, height)), (left, top))

    def amount(self) -> None:
        """Write a sum of money at the right margin."""
        text = f"{self.atom('amount').uniform(0.5, 199):.2f}"
        self.write((self.right - self.template.text_px * 0.6 * len(text), self.y), text)

    def page(self, height: int | None = None) -> Picture:
        """Return the page, cut off below a height."""
        width, whole = self.template.size
        return np.asarray(self.image.crop((0, 0, width, min(whole, height or whole))))
