"""Contents of papers: documents, books, tables, forms, receipts, cards and tickets."""

from families.headers import draw_header
from families.pen import Pen
from views import Picture

PEN_BLUE = (20, 30, 120)


def document(pen: Pen) -> Picture:
    """Return a letter or report: paragraphs, headings, small tables, pictures, numbered lines."""
    draw_header(pen)
    end = pen.template.size[1] * pen.layout.uniform(0.45, 1.0)
    while pen.y < end and pen.fits(2):
        kind = pen.layout.random()
        if kind < 0.6:
            pen.paragraph(pen.count(2, 8))
        elif kind < 0.72:
            pen.heading()
        elif kind < 0.82:
            _grid(pen, pen.count(2, 6), pen.count(2, 4))
        elif kind < 0.92:
            _figure(pen, (0.08, 0.22))
        else:
            for number in range(pen.count(2, 5)):
                pen.write((pen.left, pen.y), f"{number + 1}. {pen.phrase(4)}")
                pen.y += pen.template.line_px
        pen.y += pen.template.line_px // 2
    if pen.chance(0.3):
        pen.write((pen.template.size[0] / 2, pen.bottom), str(pen.count(1, 300)))
    return pen.page()


def _figure(pen: Pen, shares: tuple[float, float]) -> None:
    """Show a picture of a share of the page's height."""
    height = int(min(pen.template.size[1] * pen.layout.uniform(*shares), pen.bottom - pen.y))
    width = int((pen.right - pen.left) * pen.layout.uniform(0.4, 1))
    if height > 8:
        pen.picture((pen.left, pen.y, width, height))
        pen.y += height


def _grid(pen: Pen, rows: int, columns: int) -> None:
    """Draw a table with a phrase or an amount in each cell."""
    wide, high = (pen.right - pen.left) / columns, pen.template.line_px + 3
    lined = pen.chance(0.6)
    for row in range(rows):
        if pen.y + high > pen.bottom:
            return
        for column in range(columns):
            x = pen.left + column * wide
            if lined or row == 0:
                fill = pen.template.inks.accent if row == 0 and pen.template.habit < 0.4 else None
                pen.draw.rectangle((x, pen.y, x + wide, pen.y + high), outline=pen.template.inks.ink, fill=fill)
            if column and row and pen.template.habit > 0.3:
                text = f"{pen.atom('amount').uniform(0, 2000):.{1 if wide < 60 else 2}f}"
            else:
                text = pen.phrase(2, wide - 6)
            pen.write((x + 3, pen.y + 1), text)
        pen.y += high


def table(pen: Pen) -> Picture:
    """Return a page that is mostly one table."""
    draw_header(pen)
    if pen.chance(0.4):
        pen.paragraph(pen.count(1, 3))
    _grid(pen, pen.count(8, 40), pen.count(3, 7))
    if pen.fits(4) and pen.chance(0.5):
        pen.y += pen.template.line_px
        pen.paragraph(pen.count(1, 4))
    return pen.page()


def book(pen: Pen) -> Picture:
    """Return a book's page or two facing ones: columns of text, a chapter's title, a picture, page numbers."""
    width, height = pen.template.size
    columns = 2 if width > height or pen.template.habit < 0.4 else 1
    margin, gutter = pen.template.margin, int(width * 0.05)
    wide = (width - 2 * margin - (columns - 1) * gutter) // columns
    first = pen.count(1, 400)
    for column in range(columns):
        pen.left, pen.y = margin + column * (wide + gutter), margin
        pen.right = pen.left + wide
        if pen.chance(0.3):
            pen.y += pen.template.line_px * pen.count(1, 4)
            pen.write((pen.left, pen.y), pen.phrase(3, wide * 0.7).title(), large=True)
            pen.y += pen.template.text_px * 3
        while pen.fits(3):
            if pen.chance(0.12):
                _figure(pen, (0.15, 0.4))
            pen.paragraph(pen.count(3, 12))
            if pen.chance(0.06):
                break
        if width > height or column == 0:
            pen.write((pen.left + wide / 2, pen.bottom + 1), str(first + column))
    if width > height and pen.template.habit < 0.8:
        pen.draw.line((width // 2, 0, width // 2, height), fill=(120, 115, 110), width=2)
    return pen.page()


def form(pen: Pen) -> Picture:
    """Return a form: fields that are filled in, in boxes or on lines, with explanations between."""
    draw_header(pen)
    end = pen.template.size[1] * pen.layout.uniform(0.55, 1.0)
    boxed, line, start = pen.template.habit < 0.6, pen.template.line_px, pen.left + (pen.right - pen.left) * 0.35
    while pen.y < end and pen.fits(2):
        kind = pen.layout.random()
        if kind < 0.6:
            pen.write((pen.left, pen.y), pen.phrase(2, start - pen.left))
            if boxed:
                pen.draw.rectangle((start, pen.y, pen.right, pen.y + line), outline=pen.template.inks.ink)
            else:
                pen.draw.line((start, pen.y + line, pen.right, pen.y + line), fill=pen.template.inks.ink)
            filled = pen.phrase(3, pen.right - start)
            if pen.chance(0.75):
                pen.write((start + 3, pen.y), filled, PEN_BLUE)
            pen.y += int(line * 1.4)
        elif kind < 0.75:
            pen.paragraph(pen.count(1, 3))
        elif kind < 0.88:
            pen.draw.rectangle((pen.left, pen.y, pen.right, pen.y + line), fill=pen.template.inks.accent)
            pen.y += int(line * 1.3)
        else:
            _tick_boxes(pen)
    return pen.page()


def _tick_boxes(pen: Pen) -> None:
    """Draw a row of boxes, some of them ticked."""
    step = (pen.right - pen.left) / 3
    for number in range(3):
        x, side = pen.left + number * step, pen.template.text_px
        pen.draw.rectangle((x, pen.y, x + side, pen.y + side), outline=pen.template.inks.ink)
        if pen.atom("amount").random() < 0.5:
            pen.draw.line((x, pen.y, x + side, pen.y + side), fill=PEN_BLUE, width=2)
        pen.write((x + side + 4, pen.y), pen.phrase(1, step - side - 6))
    pen.y += int(pen.template.line_px * 1.3)


def receipt(pen: Pen) -> Picture:
    """Return a receipt: goods with amounts, a total, a bar code or picture, as long as it has to be."""
    draw_header(pen)
    for _ in range(pen.count(0, 2)):
        pen.write((pen.left, pen.y), pen.phrase(2))
        pen.y += pen.template.line_px
    rows = pen.count(2, max(4, int((pen.bottom - pen.y) / pen.template.line_px * 0.8)))
    for _ in range(rows):
        if not pen.fits(4):
            break
        pen.write((pen.left, pen.y), pen.phrase(2, (pen.right - pen.left) * 0.65))
        pen.amount()
        pen.y += pen.template.line_px * (1 if pen.chance(0.85) else 2)
    pen.draw.line((pen.left, pen.y, pen.right, pen.y), fill=pen.template.inks.ink)
    pen.write((pen.left, pen.y + 4), f"TOTAL {pen.atom('amount').uniform(3, 400):.2f}", large=True)
    pen.y += 4 + int(pen.template.line_px * 1.8)
    _receipt_end(pen)
    torn_at = pen.y + pen.template.margin if pen.chance(0.7) else None
    return pen.page(None if torn_at is None else max(60, torn_at))


def _receipt_end(pen: Pen) -> None:
    """Draw what stands below the total: a bar code, a picture, or nothing."""
    kind = pen.layout.random()
    if kind < 0.45 and pen.y < pen.bottom - 40:
        bars, x = pen.atom("picture"), pen.left
        while x < pen.right:
            wide = int(bars.integers(1, 4))
            pen.draw.rectangle((x, pen.y, x + wide, pen.y + 35), fill=pen.template.inks.ink)
            x += wide + int(bars.integers(1, 4))
        pen.y += 40
    elif kind < 0.65 and pen.y < pen.bottom - 50:
        pen.picture((pen.left, pen.y, pen.right - pen.left, 50))
        pen.y += 55


def card(pen: Pen) -> Picture:
    """Return a card or ticket: few words in two sizes, perhaps a picture or a square code."""
    width, height = pen.template.size
    draw_header(pen)
    if pen.template.habit < 0.5:
        wide, high = int(width * 0.28), int(min(height * 0.55, pen.bottom - pen.y))
        if high > 10:
            pen.picture((pen.right - wide, pen.y, wide, high))
        pen.right -= wide + 8
    elif pen.template.habit < 0.75:
        _square_code(pen, int(height * 0.4))
    for _ in range(pen.count(3, 8)):
        if not pen.fits():
            break
        large = pen.chance(0.25)
        pen.write((pen.left, pen.y), pen.phrase(3, pen.right - pen.left), large=large)
        pen.y += int(pen.template.line_px * (1.7 if large else 1.35))
    return pen.page()


def _square_code(pen: Pen, side: int) -> None:
    """Draw a square of black and white cells at the right."""
    cells, count = pen.atom("picture").random((21, 21)) < 0.5, 21
    cell = max(1, side // count)
    left, top = pen.right - cell * count, pen.bottom - cell * count
    for row in range(count):
        for column in range(count):
            if cells[row, column]:
                x, y = left + column * cell, top + row * cell
                pen.draw.rectangle((x, y, x + cell - 1, y + cell - 1), fill=pen.template.inks.ink)
    pen.right = left - 8
