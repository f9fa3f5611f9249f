"""One template, another page each time: rendered, scanned, or photographed on a table, in a binder or in a hand."""

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np

from families import papers, screens
from families.common import (
    CONTENTS,
    SIDE,
    SQUARE,
    Camera,
    Floats,
    Rng,
    View,
    any_camera,
    compressed,
    photo_background,
    pick,
    ramp,
    surface,
    through_optics,
)
from families.pen import Contents, Pen
from families.stock import Stock
from families.templates import Template, any_template
from views import Picture, sent

_LAYOUTS: dict[str, Callable[[Pen], Picture]] = {
    "document": papers.document,
    "receipt": papers.receipt,
    "slide": screens.slide,
    "chat": screens.chat,
    "list": screens.listing,
    "form": papers.form,
    "card": papers.card,
    "ticket": papers.card,
    "code": screens.program,
    "board": screens.board,
    "book": papers.book,
    "table": papers.table,
}
ON_SCREEN = ("slide", "chat", "list", "code")
NEAR_SHARE, SAME_LAYOUT_SHARE = 0.25, 0.2
TABLE = 340  # pixels of a side, on which a page is laid
# a page differs from another where so many levels lie between them, on such a share of a small copy
COMPARED_PX, LEVELS, LEAST_SHARE = 80, 20, 0.03
TRIES = 6


def _drawn(stock: Stock, template: Template, layout_seed: int, contents: Contents) -> tuple[Picture, int]:
    """Return a page, and how many atoms stand on it."""
    pen = Pen(stock, template, layout_seed, contents)
    return _LAYOUTS[template.kind](pen), pen.atoms


def _seed(rng: Rng) -> int:
    return int(rng.integers(1 << 31))


def _told_apart(a: Picture, b: Picture) -> bool:
    """Return whether a person who looks at both pages sees that they differ."""
    small = [cv2.resize(p, (COMPARED_PX, COMPARED_PX), interpolation=cv2.INTER_AREA).astype(np.float32) for p in (a, b)]
    return bool((np.abs(small[0] - small[1]).max(2) > LEVELS).mean() > LEAST_SHARE)


def _some_atoms(atoms: int, rng: Rng) -> Callable[[int, str], bool]:
    """Return which atoms of a page change: all amounts, all pictures, or some lines in a row."""
    kind = rng.random()
    if kind < 0.3:
        return lambda _number, sort: sort == "amount"
    if kind < 0.5:
        return lambda _number, sort: sort == "picture"
    count = max(2, int(atoms * rng.uniform(0.25, 0.7)))
    first = int(rng.integers(0, max(1, atoms - count + 1)))
    return lambda number, _sort: first <= number <= first + count


def pages_of(stock: Stock, template: Template, rng: Rng) -> list[Picture]:
    """Return pages of one template that a person tells apart: with other contents, or with some of them changed."""
    kind = rng.random()
    layout, seed = _seed(rng), _seed(rng)
    first, atoms = _drawn(stock, template, layout, Contents(seed))
    pages = [first]
    for _ in range(CONTENTS - 1):
        for attempt in range(TRIES):
            near = kind < NEAR_SHARE and attempt < TRIES // 2
            contents = Contents(seed, _some_atoms(atoms, rng), _seed(rng)) if near else Contents(_seed(rng))
            same_layout = near or (kind < NEAR_SHARE + SAME_LAYOUT_SHARE and attempt < TRIES // 2)
            page, _atoms = _drawn(stock, template, layout if same_layout else _seed(rng), contents)
            if all(_told_apart(page, known) for known in pages):
                break
        pages.append(page)
    return pages


def _captured(page: Picture, rng: Rng) -> Picture:
    """Return a page as a screenshot or render: exact, or cut a little, or sent."""
    if rng.random() < 0.4:
        height, width = page.shape[:2]
        top, bottom, left, right = rng.uniform(0, 0.06, 4) * [height, height, width, width]
        page = page[int(top) : height - int(bottom), int(left) : width - int(right)]
    out = np.asarray(cv2.resize(page, (SIDE, SIDE), interpolation=cv2.INTER_AREA), np.uint8)
    kind = rng.random()
    if kind < 0.35:
        return through_optics(out, 0.3, 0.25, rng)
    return sent(out, rng) if kind < 0.7 else out


def _scanned(page: Picture, rng: Rng) -> Picture:
    """Return a page from a scanner: nearly straight, on white, in grey or in two tones, with its edges cut."""
    height, width = page.shape[:2]
    size = np.array([width, height], np.float32)
    corners = (SQUARE + rng.normal(0, 0.012, (4, 2)) + rng.normal(0, 0.01, 2)) * size
    warp = cv2.getPerspectiveTransform(corners.astype(np.float32), SQUARE * SIDE)
    soft = cv2.GaussianBlur(page, (0, 0), max(0.1, 0.4 * min(width, height) / SIDE))
    out = cv2.warpPerspective(soft, warp, (SIDE, SIDE), borderValue=(250, 250, 250)).astype(np.float32)
    kind = rng.random()
    if kind < 0.4:
        out = np.repeat(out.mean(2, keepdims=True), 3, 2)
    out = (out - 128) * (rng.uniform(1.5, 3) if kind < 0.2 else rng.uniform(0.9, 1.3)) + 128 + rng.uniform(-10, 25)
    return compressed(np.clip(out, 0, 255).astype(np.uint8), int(rng.integers(40, 95)))


@dataclass(frozen=True, slots=True)
class _Place:
    """Where pages of a family are laid: the ground, middle, size, turn, how loosely, and whose hand holds them."""

    ground: Picture
    middle: Floats
    fill: float
    turn_degrees: float
    loose: float
    hand: tuple[int, int, int] | None
    camera: Camera


def _binder(rng: Rng) -> Picture:
    """Return a sheet in a ring binder or a plastic sleeve on a table."""
    ground = surface(rng, TABLE, TABLE)
    tone, left = int(rng.integers(150, 256)), int(TABLE * rng.uniform(0.02, 0.15))
    cv2.rectangle(ground, (left, 8), (TABLE - int(rng.integers(4, 40)), TABLE - 8), (tone, tone, tone - 5), -1)
    holes = int(rng.integers(2, 5))
    for number in range(holes):
        at = (left + 14, int(TABLE * (number + 1) / (holes + 1)))
        cv2.circle(ground, at, 6, (60, 60, 65), -1, cv2.LINE_AA)
    if rng.random() < 0.5:
        ground = np.clip(ground * (1 + 0.25 * ramp(TABLE, TABLE, rng)), 0, 255).astype(np.uint8)
    return ground


def _place(stock: Stock, template: Template, rng: Rng) -> _Place:
    """Return where and how the pages of a family are photographed."""
    kind = rng.random()
    bound = 0.3 if template.kind in ("receipt", "ticket", "card") else 0.08
    if kind < bound:
        ground = _binder(rng)
    elif kind < 0.7:
        ground = surface(rng, TABLE, TABLE)
    else:
        ground = photo_background(stock, rng, TABLE)
    skin = rng.uniform(90, 240)
    hand = (int(skin), int(skin * 0.78), int(skin * 0.62)) if rng.random() < 0.15 else None
    return _Place(
        ground,
        rng.uniform(0.42, 0.58, 2).astype(np.float32) * TABLE,
        rng.uniform(0.6, 1.15),
        rng.normal(0, 5) if rng.random() < 0.8 else rng.uniform(-90, 90),
        pick((0.0, 0.02, 0.06), rng),
        hand,
        any_camera(rng),
    )


def _laid(page: Picture, template: Template, place: _Place, rng: Rng) -> Picture:
    """Return a scene with the page on its ground; a receipt's upper edge stays where it is, however long it is."""
    height, width = page.shape[:2]
    whole = template.size[1] if template.kind == "receipt" else max(height, width)
    scale = place.fill * TABLE * 0.84 / whole
    turn = np.deg2rad(place.turn_degrees + rng.normal(0, 20 * place.loose))
    turned = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    upper_left = np.array([-width / 2, -(template.size[1] if template.kind == "receipt" else height) / 2])
    corners = SQUARE * np.array([width, height], np.float32)
    onto = ((corners + upper_left) * scale) @ turned.T + place.middle + rng.normal(0, place.loose, 2) * TABLE
    warp = cv2.getPerspectiveTransform(corners, onto.astype(np.float32))
    source = cv2.GaussianBlur(page, (0, 0), 0.45 / scale) if scale < 0.8 else page
    laid = cv2.warpPerspective(source, warp, (TABLE, TABLE), flags=cv2.INTER_LINEAR)
    mask = cv2.warpPerspective(np.full((height, width), 255, np.uint8), warp, (TABLE, TABLE))
    alpha = mask.astype(np.float32)[:, :, None] / 255
    shadow = cv2.GaussianBlur(alpha[:, :, 0], (0, 0), 5)[:, :, None]
    creases = cv2.resize(rng.normal(1, 0.025, (5, 5)).astype(np.float32), (TABLE, TABLE), interpolation=cv2.INTER_CUBIC)
    scene = place.ground * (1 - 0.3 * shadow) * (1 - alpha) + laid * creases[:, :, None] * alpha
    out = np.clip(scene, 0, 255).astype(np.uint8)
    return out if place.hand is None else _held(out, onto, place.hand, rng)


def _held(scene: Picture, corners: Floats, skin: tuple[int, int, int], rng: Rng) -> Picture:
    """Return the scene with fingers over the page's lower or right edge."""
    out, start = scene.copy(), corners[int(rng.integers(1, 3))] * 0.5 + corners[2] * 0.5
    for finger in range(int(rng.integers(1, 4))):
        tip = start - rng.uniform(10, 28, 2) + [0, finger * 24]
        base = tip + rng.uniform(60, 140, 2)
        shade = rng.uniform(0.85, 1.05)
        ends = [(int(p[0]), int(p[1])) for p in (tip, base)]
        cv2.line(out, ends[0], ends[1], [min(255.0, v * shade) for v in skin], int(rng.integers(18, 26)), cv2.LINE_AA)
    return out


def page_family(stock: Stock, rng: Rng) -> list[View]:
    """Return a family of pages of one template, all captured in one way."""
    template = any_template(stock, rng)
    pages, kind = pages_of(stock, template, rng), rng.random()
    place = _place(stock, template, rng)
    on_screen = template.kind in ON_SCREEN

    def capture(page: Picture) -> Picture:
        if kind < (0.75 if on_screen else 0.1):
            return _captured(page, rng)
        if not on_screen and kind < 0.3:
            return _scanned(page, rng)
        return place.camera.take(_laid(page, template, place, rng), rng)

    return [View(capture(page), number) for number, page in enumerate(pages) for _ in range(2)]
