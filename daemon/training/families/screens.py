"""Contents of screens and boards: slides, chats, lists, programs, and writing on a whiteboard."""

import numpy as np

from families.common import colour, pick
from families.headers import draw_header
from families.pen import Pen
from views import Picture

MARKERS = ((20, 20, 25), (20, 40, 160), (180, 30, 30), (20, 120, 60))


def slide(pen: Pen) -> Picture:
    """Return a slide: points, a picture, a chart, or points beside a picture."""
    draw_header(pen)
    kind = pen.layout.random()
    if kind < 0.5:
        _points(pen)
    elif kind < 0.68:
        wide = int(pen.template.size[0] * pen.layout.uniform(0.3, 0.8))
        high = int((pen.bottom - pen.y) * pen.layout.uniform(0.5, 0.95))
        if high > 8:
            left = int(pen.layout.uniform(0, max(1, pen.template.size[0] - wide)))
            pen.picture((left, pen.y, wide, high))
    elif kind < 0.84:
        _chart(pen)
    else:
        half = (pen.right - pen.left) // 2
        if pen.bottom - pen.y > 8:
            pen.picture((pen.left + half, pen.y, half, pen.bottom - pen.y))
        pen.right = pen.left + half - 8
        _points(pen)
    if pen.chance(0.3):
        pen.write((pen.left, pen.bottom), pen.phrase(4))
    return pen.page()


def _points(pen: Pen) -> None:
    """Write the points of a slide, some indented, some with a second line."""
    for _ in range(pen.count(1, 7)):
        if not pen.fits():
            return
        x = pen.left + (pen.template.line_px if pen.chance(0.25) else 0)
        pen.write((x, pen.y), pen.template.bullet + pen.phrase(9, pen.right - x - 10))
        pen.y += int(pen.template.line_px * 1.3)
        if pen.chance(0.3) and pen.fits():
            pen.write((x + 10, pen.y), pen.phrase(8, pen.right - x - 20))
            pen.y += int(pen.template.line_px * 1.3)


def _chart(pen: Pen) -> None:
    """Draw bars or a line."""
    count, high = pen.count(3, 9), pen.bottom - pen.y
    heights = [high * (1 - pen.atom("amount").uniform(0.05, 0.95)) + pen.y for _ in range(count)]
    step = (pen.right - pen.left) / count
    if pen.chance(0.6):
        for number, top in enumerate(heights):
            x = pen.left + number * step
            fill = colour(pen.layout) if pen.template.habit < 0.3 else pen.template.inks.accent
            pen.draw.rectangle((x + 3, top, x + step - 3, max(top, pen.bottom)), fill=fill)
        return
    points = [(pen.left + (number + 0.5) * step, top) for number, top in enumerate(heights)]
    pen.draw.line(points, fill=pen.template.inks.accent, width=3)
    pen.draw.line((pen.left, pen.bottom, pen.right, pen.bottom), fill=pen.template.inks.ink)


def chat(pen: Pen) -> Picture:
    """Return a conversation: bubbles on two sides, and pictures."""
    draw_header(pen)
    inks, line = pen.template.inks, pen.template.line_px
    other = tuple(abs(v - 25) for v in inks.paper)
    pen.y += pen.count(0, 20)
    while pen.y < pen.bottom - 20:
        mine, lines = pen.chance(0.5), pen.count(1, 4)
        wide = int((pen.right - pen.left) * pen.layout.uniform(0.3, 0.75))
        left = pen.right - wide if mine else pen.left
        if pen.chance(0.12):
            high = pen.count(60, 130)
            pen.picture((left, pen.y, wide, high))
            pen.y += high + 8
            continue
        box = (left, pen.y, left + wide, pen.y + lines * line + 10)
        pen.draw.rounded_rectangle(box, 8, fill=inks.accent if mine else other)
        for number in range(lines):
            pen.write((left + 6, pen.y + 5 + number * line), pen.phrase(6, wide - 12))
        pen.y += lines * line + 10 + pen.count(4, 14)
    return pen.page()


def listing(pen: Pen) -> Picture:
    """Return a list of an app: rows with round pictures, a large picture on top, or a grid of pictures."""
    draw_header(pen)
    line, kind = pen.template.line_px, pen.layout.random()
    width = pen.right - pen.left
    if kind < 0.2:
        high = int(pen.template.size[1] * pen.layout.uniform(0.15, 0.45))
        pen.picture((pen.left, pen.y, width, high))
        pen.y += high + 10
    elif kind > 0.8:
        columns = pen.count(2, 3)
        cell = width // columns
        for _ in range(pen.count(1, 4)):
            if pen.y + cell > pen.bottom:
                break
            for column in range(columns):
                pen.picture((pen.left + column * cell, pen.y, cell - 6, cell - 6))
            pen.y += cell
    step = int(line * pen.layout.uniform(1.8, 3.2)) if pen.template.habit < 0.5 else line * 3
    _rows(pen, pen.count(2, 13), step)
    return pen.page()


def _rows(pen: Pen, count: int, step: int) -> None:
    """Draw the rows of a list."""
    inks, line = pen.template.inks, pen.template.line_px
    faint = tuple((a + b) // 2 for a, b in zip(inks.ink, inks.paper, strict=True))
    for _ in range(count):
        if pen.y + step > pen.bottom:
            return
        x = pen.left
        if pen.template.habit > 0.4:
            side = int(line * 1.6)
            pen.draw.ellipse((x, pen.y, x + side, pen.y + side), fill=colour(pen.atom("picture")))
            x += side + line // 2
        pen.write((x, pen.y), pen.phrase(2, pen.right - x))
        if pen.chance(0.6) and step > 2 * line:
            pen.draw.text((x, pen.y + line), pen.phrase(4, pen.right - x), fill=faint, font=pen.template.text)
        if pen.template.habit < 0.2:
            pen.draw.line((pen.left, pen.y + step - 3, pen.right, pen.y + step - 3), fill=faint)
        pen.y += step


def program(pen: Pen) -> Picture:
    """Return a program: indented lines, some in another colour."""
    if pen.template.habit < 0.4:
        draw_header(pen)
    indent = 0
    for _ in range(pen.count(6, 40)):
        if not pen.fits():
            break
        indent = int(np.clip(indent + pen.layout.integers(-1, 2), 0, 5))
        x = pen.left + indent * pen.template.text_px * 2
        fill = pen.template.inks.accent if pen.chance(0.3) else None
        if not pen.chance(0.1):
            pen.write((x, pen.y), pen.phrase(6, pen.right - x), fill)
        pen.y += pen.template.line_px
    return pen.page()


def board(pen: Pen) -> Picture:
    """Return a whiteboard: words by hand, boxes, arrows and curves in a few colours."""
    for _ in range(pen.count(4, 12)):
        kind, marker = pen.layout.random(), pick(MARKERS, pen.layout)
        x, y = (pen.layout.uniform(0.03, 0.7) * v for v in pen.template.size)
        wide, high = pen.layout.uniform(40, 180), pen.layout.uniform(25, 100)
        if kind < 0.5:
            pen.write((x, y), pen.phrase(3), marker, large=pen.chance(0.6))
        elif kind < 0.75:
            pen.draw.rounded_rectangle((x, y, x + wide, y + high), 6, outline=marker, width=2)
            pen.write((x + 6, y + high / 3), pen.phrase(2, wide - 8), marker)
        elif kind < 0.88:
            end = pen.atom("picture").uniform(-120, 120, 2)
            pen.draw.line((x, y, x + end[0], y + end[1]), fill=marker, width=2)
        else:
            steps = pen.atom("picture").normal(0, 14, 12).cumsum()
            points = [(x + n * wide / 12, y + step) for n, step in enumerate(steps)]
            pen.draw.line(points, fill=marker, width=2)
    return pen.page()
