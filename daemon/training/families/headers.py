"""What stands at the top of a page: a bar, a title with or without a logo, a stripe at the side."""

from families.pen import Pen

WHITE = (255, 255, 255)
SOFT = 200  # levels: letters on a bar that light are dark


def draw_header(pen: Pen) -> None:
    """Draw the header of the template; the words are the template's, or the page's own."""
    header, width = pen.template.header, pen.template.size[0]
    title = header.title or pen.phrase(4, width * 0.6).title()
    if header.style == "none":
        return
    if header.style == "bar":
        accent = pen.template.inks.accent
        pen.draw.rectangle((0, 0, width, header.height_px), fill=accent)
        ink = WHITE if sum(accent) < 3 * SOFT else (20, 20, 20)
        pen.write((pen.left, header.height_px * 0.25), title, ink, large=True)
        pen.y = header.height_px + pen.template.text_px // 2
        return
    if header.style == "stripe":
        wide = max(4, pen.left // 2)
        pen.draw.rectangle((0, 0, wide, pen.template.size[1]), fill=pen.template.inks.accent)
        pen.left += wide
    _titled(pen, title)


def _titled(pen: Pen, title: str) -> None:
    """Write the title, beside, below or without the logo."""
    header, x = pen.template.header, pen.left
    if header.logo is not None:
        at_right = header.style == "logo_right"
        pen.image.paste(header.logo, (pen.right - header.logo.width if at_right else pen.left, pen.y))
        if header.style == "logo_left":
            x += header.logo.width + 6
        elif not at_right:
            pen.y += header.logo.height + 4
    fill = pen.template.inks.accent if pen.template.habit < 0.5 else None
    if header.style == "centred":
        x = max(pen.left, int((pen.template.size[0] - pen.draw.textlength(title, font=pen.template.heading)) / 2))
    pen.write((x, pen.y), title, fill, large=True)
    pen.y += int(pen.template.text_px * 2.2)
    if header.style in ("centred", "logo_right"):
        pen.draw.line((pen.left, pen.y - 3, pen.right, pen.y - 3), fill=pen.template.inks.ink)
    if header.logo is not None and header.style.startswith("logo"):
        pen.y = max(pen.y, pen.template.margin + header.logo.height + 6)
