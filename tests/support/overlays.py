"""What is put over or around a photo after it was taken: date stamps, captions, watermarks, frames, grey areas."""

import math
from collections.abc import Callable

from PIL import Image, ImageDraw, ImageFont

Picture = Image.Image
Colour = tuple[int, int, int]

WHITE, BLACK, ORANGE, YELLOW = (255, 255, 255), (0, 0, 0), (255, 140, 20), (255, 230, 60)


def _font(picture: Picture, share: float) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size=max(6, round(share * min(picture.size))))


def stamped(
    picture: Picture,
    at: tuple[float, float] = (0.97, 0.96),
    colour: Colour = ORANGE,
    share: float = 0.045,
    rim: Colour | None = None,
) -> Picture:
    """Return a picture with a date stamp; `at` are shares of width and height, `share` is its height."""
    made = picture.copy()
    text, font = "2024-05-01  14:15", _font(picture, share)
    draw = ImageDraw.Draw(made)
    left, top, right, bottom = draw.textbbox((0, 0), text, font=font)
    place = (at[0] * (picture.width - right - left), at[1] * (picture.height - bottom - top))
    draw.text(place, text, fill=colour, font=font, stroke_width=2 if rim else 0, stroke_fill=rim)
    return made


def captioned(picture: Picture, colour: Colour = WHITE, bar: Colour | None = None, share: float = 0.06) -> Picture:
    """Return a picture with two lines of text near its lower edge, on a bar or on the picture itself."""
    made = picture.copy()
    draw = ImageDraw.Draw(made)
    high = share * min(picture.size)
    top = picture.height - 2.8 * high
    if bar is not None:
        draw.rectangle((0, top, picture.width, picture.height), fill=bar)
    for n, line in enumerate(("Harbour of Heligoland, a day in May", "Lung Wharf 12, 54.1797 N 7.8926 E")):
        draw.text((0.06 * picture.width, top + (0.2 + 1.25 * n) * high), line, fill=colour, font=_font(picture, share))
    return made


def watermarked(
    picture: Picture, colour: Colour = WHITE, opacity: float = 0.5, share: float = 0.12, tiled: bool = False
) -> Picture:
    """Return a picture with a slanted, half transparent text in its middle, or all over it."""
    mask = Image.new("L", picture.size, 0)
    step = 0.42 * picture.width if tiled else math.inf
    x = 0.1 * picture.width
    while x < picture.width:
        word = Image.new("L", picture.size, 0)
        ImageDraw.Draw(word).text(
            (x, 0.45 * picture.height), "preview", fill=round(255 * opacity), font=_font(picture, share)
        )
        turned = word.rotate(18, resample=Image.Resampling.BICUBIC)
        mask.paste(turned, (0, 0), turned)
        x += step
    made = picture.copy()
    made.paste(colour, (0, 0), mask)
    return made


def framed(picture: Picture, colour: Colour = WHITE, share: float = 0.05, line: Colour | None = None) -> Picture:
    """Return a picture with a frame around it, perhaps with a thin line in it."""
    wide = round(share * min(picture.size))
    made = Image.new("RGB", (picture.width + 2 * wide, picture.height + 2 * wide), colour)
    if line is not None:
        ImageDraw.Draw(made).rectangle(
            (wide // 2, wide // 2, made.width - wide // 2 - 1, made.height - wide // 2 - 1), outline=line, width=3
        )
    made.paste(picture, (wide, wide))
    return made


def instant(picture: Picture, colour: Colour = (245, 243, 238), caption: str = "summer '24") -> Picture:
    """Return a picture as an instant print: a frame, wide below, with a caption in it."""
    wide = round(0.06 * min(picture.size))
    made = Image.new("RGB", (picture.width + 2 * wide, picture.height + 5 * wide), colour)
    made.paste(picture, (wide, wide))
    ImageDraw.Draw(made).text(
        (3 * wide, picture.height + 2 * wide), caption, fill=(40, 40, 60), font=_font(picture, 0.1)
    )
    return made


def letterboxed(picture: Picture, colour: Colour = BLACK, share: float = 0.12, upright: bool = False) -> Picture:
    """Return a picture between two bars, above and below or at its sides."""
    if upright:
        wide = round(share * picture.width)
        made = Image.new("RGB", (picture.width + 2 * wide, picture.height), colour)
        made.paste(picture, (wide, 0))
        return made
    high = round(share * picture.height)
    made = Image.new("RGB", (picture.width, picture.height + 2 * high), colour)
    made.paste(picture, (0, high))
    return made


def rounded(picture: Picture, colour: Colour = WHITE, share: float = 0.08) -> Picture:
    """Return a picture with rounded corners."""
    mask = Image.new("L", picture.size, 0)
    ImageDraw.Draw(mask).rounded_rectangle(
        (0, 0, picture.width - 1, picture.height - 1), share * min(picture.size), fill=255
    )
    made = Image.new("RGB", picture.size, colour)
    made.paste(picture, (0, 0), mask)
    return made


def screenshot(picture: Picture, colour: Colour = (20, 20, 24), ink: Colour = (235, 235, 240)) -> Picture:
    """Return a picture as a phone's viewer shows it: a bar with a clock above, one with buttons below."""
    high = round(0.09 * picture.height)
    made = Image.new("RGB", (picture.width, picture.height + 3 * high), colour)
    made.paste(picture, (0, high))
    draw, font = ImageDraw.Draw(made), _font(picture, 0.045)
    draw.text((0.04 * picture.width, 0.25 * high), "14:15", fill=ink, font=font)
    draw.text((0.86 * picture.width, 0.25 * high), "87 %", fill=ink, font=font)
    for n, word in enumerate(("Share", "Edit", "Like", "Delete")):
        x, y = (0.06 + 0.24 * n) * picture.width, picture.height + 1.3 * high
        draw.ellipse((x, y, x + 0.5 * high, y + 0.5 * high), outline=ink, width=max(1, high // 20))
        draw.text((x, y + 0.7 * high), word, fill=ink, font=font)
    return made


def branded(picture: Picture, colour: Colour = WHITE) -> Picture:
    """Return a picture with a phone's mark in a corner: a ring and two lines of text."""
    made = picture.copy()
    draw, unit = ImageDraw.Draw(made), 0.035 * min(picture.size)
    x, y = 1.5 * unit, picture.height - 4 * unit
    draw.ellipse((x, y, x + 2.4 * unit, y + 2.4 * unit), outline=colour, width=max(1, round(unit / 5)))
    draw.text((x + 3 * unit, y), "SHOT ON ACME 9 PRO", fill=colour, font=_font(picture, 0.035))
    draw.text((x + 3 * unit, y + 1.3 * unit), "ACME QUAD CAMERA", fill=colour, font=_font(picture, 0.03))
    return made


def undecoded(picture: Picture, share: float = 0.45, colour: Colour = (128, 128, 128)) -> Picture:
    """Return a picture whose lower part was not decoded: blocks of 16 pixels of one colour, from inside a row on."""
    made = picture.copy()
    row, column = int((1 - share) * picture.height) // 16 * 16, int(0.4 * picture.width) // 16 * 16
    made.paste(colour, (0, row + 16, picture.width, picture.height))
    made.paste(colour, (column, row, picture.width, row + 16))
    return made


OVERLAYS: dict[str, Callable[[Picture], Picture]] = {
    "stamp, orange": stamped,
    "stamp, yellow, top left": lambda p: stamped(p, (0.03, 0.04), YELLOW),
    "stamp, white, rim": lambda p: stamped(p, (0.03, 0.97), WHITE, 0.05, BLACK),
    "stamp, red, small": lambda p: stamped(p, (0.95, 0.95), (230, 30, 30), 0.03),
    "stamp, black, large": lambda p: stamped(p, (0.5, 0.02), BLACK, 0.07),
    "caption, white": captioned,
    "caption, yellow, large": lambda p: captioned(p, YELLOW, None, 0.08),
    "caption on a white bar": lambda p: captioned(p, (20, 20, 20), WHITE),
    "caption on a black bar": lambda p: captioned(p, WHITE, BLACK, 0.045),
    "brand, white": branded,
    "watermark, white": watermarked,
    "watermark, black, small": lambda p: watermarked(p, BLACK, 0.6, 0.08),
    "watermark, all over": lambda p: watermarked(p, WHITE, 0.4, 0.08, True),
    "frame, white": framed,
    "frame, black, thin": lambda p: framed(p, BLACK, 0.012),
    "frame, red, wide": lambda p: framed(p, (180, 30, 40), 0.12),
    "frame, white with a line": lambda p: framed(p, WHITE, 0.08, BLACK),
    "instant print": instant,
    "instant print, black": lambda p: instant(p, (15, 15, 15), ""),
    "letterbox": letterboxed,
    "letterbox, white": lambda p: letterboxed(p, WHITE, 0.05),
    "pillars": lambda p: letterboxed(p, BLACK, 0.15, True),
    "rounded, white": rounded,
    "rounded, black, large": lambda p: rounded(p, BLACK, 0.2),
    "screenshot, dark": screenshot,
    "screenshot, light": lambda p: screenshot(p, (250, 250, 252), (20, 20, 30)),
    "lower part grey": undecoded,
    "lower part grey, little": lambda p: undecoded(p, 0.15),
    "lower part green": lambda p: undecoded(p, 0.6, (0, 135, 0)),
}
