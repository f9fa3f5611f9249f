"""Where in a picture its scenes are: inside frames, bars with or without text, and the gaps of a collage."""

from typing import NamedTuple

import numpy as np

from dejashot.reading.vision.blocks import Luma

PanelSpan = tuple[int, int]

SAME_COLOUR = 6  # levels: a frame after JPEG
PLAIN_SHARE, TEXT_SHARE, SCENE_SHARE = 0.97, 0.5, 0.75  # of a line's pixels that have the frame's colour
EDGE_PX = 3  # within which a frame ends; a burnt-out sky ends over many rows
# of the change from the frame's colour to what lies three times as far is done by then; a blurred margin is slower
PANEL_EDGE = 0.5
MARGIN_PX = 4  # its edge after resampling, with JPEG's artefacts
# beyond a missing part there is another picture; beyond the margin of a page there is more paper
MISSING_BEYOND, FAR_PX = 0.35, 24
WIDEST_BAR, WIDEST_GAP = 0.8, 0.04  # of the height or width; a wider gap is a missing part
MIN_BAR_PX = 3
MIN_SIDE_PX = 64
MAX_NESTING = 4  # frames in frames, pictures in rows in columns
MIN_AREA = 0.15  # of the picture: where less would be left, nothing was a frame


class Panel(NamedTuple):
    """A rectangle in pixels: rows from `top` to before `bottom`, columns from `left` to before `right`."""

    top: int
    bottom: int
    left: int
    right: int

    @property
    def area(self) -> int:
        """Return its pixels."""
        return (self.bottom - self.top) * (self.right - self.left)

    def part(self, top: int, bottom: int, left: int, right: int) -> "Panel":
        """Return a rectangle that is given relative to this one."""
        return Panel(self.top + top, self.top + bottom, self.left + left, self.left + right)


class Bar(NamedTuple):
    """Rows of one colour at an end: how many, whether without text, and how little of a row beyond has that colour."""

    px: int
    plain: bool
    beyond: float


class PanelLayout(NamedTuple):
    """The rectangles of a picture with scenes, and those whose scene is missing: bars at one end only, without text."""

    scenes: list[Panel]
    missing: list[Panel]


def find_layout(luma: Luma) -> PanelLayout:
    """Return where the scenes of a picture are, all of it where it has neither frame nor bars nor gaps.

    Outside them there is one colour, except for text, and a straight edge, unlike an overexposed sky. A bar at one end
    only is what a decoder leaves of a truncated picture.
    """
    whole, missing = Panel(0, luma.shape[0], 0, luma.shape[1]), list[Panel]()
    scenes = _inside(luma, whole, missing, MAX_NESTING)
    return (
        PanelLayout(scenes, missing)
        if sum(p.area for p in scenes) >= MIN_AREA * whole.area
        else PanelLayout([whole], [])
    )


def _inside(luma: Luma, panel: Panel, missing: list[Panel], depth: int) -> list[Panel]:
    """Return the panels within a panel, itself where nothing is cut off, and add its missing parts to `missing`."""
    if min(panel.bottom - panel.top, panel.right - panel.left) < MIN_SIDE_PX:
        return []
    part = luma[panel.top : panel.bottom, panel.left : panel.right]
    if int(part.max()) - int(part.min()) <= SAME_COLOUR:
        return []
    (rows, missing_rows), (columns, missing_columns) = _pieces(part), _pieces(part.T)
    missing += [Panel(panel.top + a, panel.top + b, panel.left, panel.right) for a, b in missing_rows]
    missing += [Panel(panel.top, panel.bottom, panel.left + a, panel.left + b) for a, b in missing_columns]
    if depth == 0 or (rows == [(0, part.shape[0])] and columns == [(0, part.shape[1])]):
        return [panel]
    return [
        inner
        for top, bottom in rows
        for left, right in columns
        for inner in _inside(luma, panel.part(top, bottom, left, right), missing, depth - 1)
    ]


def _pieces(part: Luma) -> tuple[list[PanelSpan], list[PanelSpan]]:
    """Return the spans of rows between the bars at both ends and the gaps in the middle, and the missing spans."""
    length = len(part)
    above, below = _bar(part), _bar(part[::-1])
    top, bottom = above.px, below.px
    missing: list[PanelSpan] = []
    if bool(top) != bool(bottom) and (above if top else below).plain:
        if (above if top else below).beyond <= MISSING_BEYOND:
            missing = [(0, top) if top else (length - bottom, length)]
        else:
            top = bottom = 0
    spans, start = [], top
    for first, last in _gaps(part[top : length - bottom]):
        spans.append((start, top + first - MARGIN_PX))
        if last - first > WIDEST_GAP * length:
            missing.append((top + first - MARGIN_PX, top + last + MARGIN_PX))
        start = top + last + MARGIN_PX
    spans.append((start, length - bottom))
    return spans, missing


def _bar(part: Luma) -> Bar:
    """Return the bar at the start of rows, with its margin."""
    none = Bar(0, True, 1.0)
    colour = int(np.median(part[0]))
    if np.mean(np.abs(part[0].astype(np.int16) - colour) <= SAME_COLOUR) < PLAIN_SHARE:
        return none
    reach = part[: int(WIDEST_BAR * len(part))]
    shares = ((reach >= max(0, colour - SAME_COLOUR)) & (reach <= min(255, colour + SAME_COLOUR))).mean(axis=1)
    scene = np.flatnonzero(shares < TEXT_SHARE)
    end = int(scene[0]) if len(scene) else len(shares)
    plain = np.flatnonzero(shares[:end] >= PLAIN_SHARE)
    last = int(plain[-1]) if len(plain) else 0
    if last + 1 < MIN_BAR_PX or last + 3 * EDGE_PX >= len(shares) or shares[last + EDGE_PX] > SCENE_SHARE:
        return none
    near, far = (float(np.abs(reach[last + px].astype(np.int16) - reach[last]).mean()) for px in (EDGE_PX, 3 * EDGE_PX))
    if near < max(SAME_COLOUR, PANEL_EDGE * far):
        return none
    beyond = float(shares[last + EDGE_PX :][:FAR_PX].min())
    return Bar(last + 1 + MARGIN_PX, bool((shares[:last] >= PLAIN_SHARE).all()), beyond)


def _gaps(part: Luma) -> list[PanelSpan]:
    """Return the runs of rows of one colour between pictures, with a straight edge on both sides."""
    if len(part) < 2 * MIN_SIDE_PX:
        return []
    plain = part.max(axis=1) - part.min(axis=1) <= SAME_COLOUR
    if not plain.any():
        return []
    edges = np.flatnonzero(np.diff(np.concatenate(([False], plain, [False])).astype(np.int8)))
    return [
        (first, last)
        for first, last in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True)
        if first >= MIN_SIDE_PX and last <= len(part) - MIN_SIDE_PX
        if all(_share(part[row], part[first]) <= SCENE_SHARE for row in (first - EDGE_PX, last - 1 + EDGE_PX))
    ]


def _share(row: Luma, line: Luma) -> float:
    """Return the share of a row that has the colour of a line."""
    return float(np.mean(np.abs(row.astype(np.int16) - int(np.median(line))) <= SAME_COLOUR))
