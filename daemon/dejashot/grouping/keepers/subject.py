"""What takes of one scene are of: what moves between them, else what lies in the middle; how sharp, large and whole.

Takes are laid on each other and compared cell by cell, by their sketches.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from dejashot.grouping.keepers.focus import (
    LEAST_FOCUSED,
    SOFT_FLOOR,
    central_sharpness,
    clean_takes,
    focused_parts,
    less_grain,
    may_be_subject,
)
from dejashot.models.arrays import Booleans, Floats32, Integers
from dejashot.models.photo import Quality
from dejashot.models.sketch import LUMA_SIDE, SHARP_SIDE, Sketch

MAX_SHIFT = 7  # cells by which the frame may have moved from one take to another
STEADY = 2  # cells: as far moves the frame from take to take where nobody took a step
MAX_CONTRAST_RATIO = 1.35  # of the luma: beyond that the exposure differs too much to see what moves
# by which the better half of the cells with detail differ, laid on each other, in standard deviations of the luma: more
# is another part of the scene
MAX_MISFIT = 0.6
STILL_LEVELS = 0.05  # for each cell: of shifts that fit alike the least is meant
CHANGED_LEVELS = 14.0  # of a cell, beyond what the cells around it reach in the other take
MIN_NEIGHBOURS = 3  # of eight: fewer changed cells around one are noise
MOVED = 0.003  # of the picture: as much of it changes where something moves
# of the picture: what changes is one subject, if most of it hangs together
LEAST, MOST, IN_ONE_PIECE = 0.01, 0.35, 0.6
# of the picture, and of what two takes cover together: a large enough subject in another place is another moment
OTHER_MOMENT_AREA, MOVED_OVERLAP = 0.02, 0.3
EDGE_DEPTH, EDGE_CELLS = 2, 2  # from an edge of the frame, and along it: a subject that covers these is cut off
OTHER_POSE = 0.25  # of the logarithm: how much the sharpness of what moves counts, as its poses differ in detail

_SHIFTS = np.arange(-MAX_SHIFT, MAX_SHIFT + 1)
_SHIFTS_DOWN, _SHIFTS_RIGHT = (shifts.ravel() for shifts in np.meshgrid(_SHIFTS, _SHIFTS, indexing="ij"))


@dataclass(frozen=True, slots=True)
class Subject:
    """What is known of the subject in one take: its log sharpness, whether it moves, and the cells that it covers.

    `cells` (32 x 32) is None where nothing moves, or where it can't be told what does. `changed` is the share of the
    picture that differs from most other takes in one piece, and `has_own_focus` is whether a part of a still scene is
    sharp in this take that is not in another one: both only where the camera stood nearly still.
    """

    log_sharpness: float
    moves: bool
    changed: float
    has_own_focus: bool
    cells: Booleans | None = None

    @property
    def area(self) -> float:
        """Return the share of the picture that is covered, 0 where that is not known."""
        return 0.0 if self.cells is None else float(self.cells.mean())

    def has_moved(self, other: "Subject") -> bool:
        """Return whether the subject, or what may be it, is elsewhere in another take of the same scene."""
        if self.cells is None or other.cells is None:
            return max(self.changed, other.changed) >= LEAST
        if min(self.area, other.area) < OTHER_MOMENT_AREA:
            return False
        common = np.count_nonzero(self.cells & other.cells)
        return bool(common < MOVED_OVERLAP * np.count_nonzero(self.cells | other.cells))

    @property
    def is_cut_off(self) -> bool:
        """Return whether the left, right or upper edge of the frame cuts off what moves."""
        if self.cells is None:
            return False
        turned = (self.cells.T, self.cells.T[::-1], self.cells)
        return any(np.count_nonzero(cells[:EDGE_DEPTH].any(axis=0)) >= EDGE_CELLS for cells in turned)


@dataclass(frozen=True, slots=True)
class _Take:
    """A take: its luma in the light of the others and its sharpness (32 x 32), and where it lies, in cells."""

    luma: Floats32
    sharpness: Floats32
    down: int
    right: int


def subjects_of(qualities: Mapping[int, Quality]) -> dict[int, Subject]:
    """Return the subject in each of the takes of a scene; empty where they can't be laid on each other."""
    sketches = {m: quality.sketch for m, quality in qualities.items() if quality.sketch is not None}
    takes = _laid(sketches) if len(sketches) == len(qualities) else {}
    if len(takes) < 2:
        return {}
    changed = {m: _changed(m, takes) for m in takes}
    moves = any(mask.mean() >= MOVED for mask in changed.values())
    planes = _common_sharpness(takes)
    detailed, parts = focused_parts(planes)
    clean = clean_takes(qualities)
    own = {} if moves else {m: part for m, part in zip(takes, parts, strict=True) if m in clean}
    large = [part for part in own.values() if part.mean() >= LEAST_FOCUSED]
    central = dict(zip(takes, central_sharpness(planes, detailed, large), strict=True))
    log_sharpness = less_grain(central, qualities, clean)
    pieces = {m: _largest_piece(mask) for m, mask in changed.items()}
    cells = changed if _is_one_subject(changed, pieces) else {}
    if cells and all(piece.mean() >= LEAST for piece in pieces.values()):
        of_it = {m: _sharpest_half(take.sharpness[pieces[m]]) for m, take in takes.items()}
        usual = float(np.median([*of_it.values()]))
        log_sharpness = {m: log_sharpness[m] + float(np.clip(of_it[m] - usual, -OTHER_POSE, OTHER_POSE)) for m in takes}
    steady = all(max(abs(take.down), abs(take.right)) <= STEADY for take in takes.values())
    focused = {m for m, part in own.items() if steady and may_be_subject(part)}
    moved = {m: float(piece.mean()) for m, piece in pieces.items() if steady and _is_in_one_piece(changed[m], piece)}
    return {m: Subject(log_sharpness[m], moves, moved.get(m, 0.0), m in focused, cells.get(m)) for m in takes}


def _is_in_one_piece(changed: Booleans, piece: Booleans) -> bool:
    """Return whether most of what changed hangs together; what another point of view changes is strewn about."""
    return bool(piece.sum() >= IN_ONE_PIECE * changed.sum())


def _is_one_subject(changed: Mapping[int, Booleans], pieces: Mapping[int, Booleans]) -> bool:
    """Return whether what changes in takes is one subject; `pieces` are the largest parts that hang together.

    Of two takes it can't be told in which one it is that the subject is there.
    """
    largest = max(changed, key=lambda m: np.count_nonzero(pieces[m]))
    is_large = pieces[largest].mean() >= OTHER_MOMENT_AREA and all(mask.mean() <= MOST for mask in changed.values())
    return len(changed) > 2 and _is_in_one_piece(changed[largest], pieces[largest]) and bool(is_large)


def _common_sharpness(takes: Mapping[int, _Take]) -> Floats32:
    """Return the sharpness of each take where the cells of the first one are."""
    first = next(iter(takes.values()))
    return np.stack([_shifted(take.sharpness, first, take) for take in takes.values()])


def _laid(sketches: Mapping[int, Sketch]) -> dict[int, _Take]:
    """Return the takes laid on the first one, empty where one does not lie on it or was exposed otherwise."""
    takes: dict[int, _Take] = {}
    contrasts = [max(float(sketch.luma().std()), 1.0) for sketch in sketches.values()]
    if max(contrasts, default=1.0) > MAX_CONTRAST_RATIO * min(contrasts, default=1.0):
        return {}
    reference: Floats32 | None = None
    for m, sketch in sketches.items():
        luma = sketch.luma()
        if reference is None:
            reference, (down, right, light, misfit) = luma, (0, 0, 0.0, 0.0)
        else:
            down, right, light, misfit = _best_shift(reference, luma)
        if misfit > MAX_MISFIT * float(reference.std()) + 1:
            return {}
        wide = sketch.sharpness().repeat(LUMA_SIDE // SHARP_SIDE, axis=0).repeat(LUMA_SIDE // SHARP_SIDE, axis=1)
        takes[m] = _Take(luma - light, wide, down, right)
    return takes


def _best_shift(first: Floats32, second: Floats32) -> tuple[int, int, float, float]:
    """Return where a second take lies in a first (cells down and right), how much lighter it is, and the misfit.

    Only the half of the cells with detail that fit best count, so that what moves in the scene does not matter.
    """
    slopes = np.hypot(*np.gradient(first))
    detailed = slopes >= np.median(slopes)
    around = np.pad(second, MAX_SHIFT, constant_values=np.inf)  # cells beyond the edge are sorted behind the others
    placed = np.lib.stride_tricks.sliding_window_view(around, first.shape)[::-1, ::-1]
    changes = (placed[:, :, detailed] - first[detailed]).reshape(_SHIFTS_DOWN.size, -1)
    shown = np.count_nonzero(np.isfinite(changes), axis=1)
    lights = _medians(changes, shown)
    misfits = _medians(np.abs(changes - lights[:, None]), shown)
    best = int(np.argmin(misfits + STILL_LEVELS * np.hypot(_SHIFTS_DOWN, _SHIFTS_RIGHT)))
    return int(_SHIFTS_DOWN[best]), int(_SHIFTS_RIGHT[best]), float(lights[best]), float(misfits[best])


def _medians(rows: Floats32, counts: Integers) -> Floats32:
    """Return the median of the `counts[i]` least values of each row."""
    ordered, row = np.sort(rows, axis=1), np.arange(len(rows))
    medians: Floats32 = (ordered[row, (counts - 1) // 2] + ordered[row, counts // 2]) / np.float32(2)
    return medians


def _changed(member: int, takes: Mapping[int, _Take]) -> Booleans:
    """Return the cells of a take that differ from most of the other takes that show them."""
    own = takes[member]
    others = [take for m, take in takes.items() if m != member]
    votes, seen = np.zeros((2, *own.luma.shape), dtype=np.int32)
    for other in others:
        least, most = _range_around(_shifted(other.luma, own, other))
        inside = _shifted(np.ones_like(own.luma), own, other) > 0
        votes += inside & (np.maximum(own.luma - most, least - own.luma) > CHANGED_LEVELS)
        seen += inside
    changed: Booleans = 2 * votes > seen
    cleared: Booleans = changed & (_count_near(changed) > MIN_NEIGHBOURS)
    return cleared


def _count_near(mask: Booleans) -> Integers:
    """Return how many of each cell and its eight neighbours are in a mask."""
    padded = np.zeros((LUMA_SIDE + 2, LUMA_SIDE + 2), dtype=np.int64)
    padded[1:-1, 1:-1] = mask
    rows = padded[:-2] + padded[1:-1] + padded[2:]
    counts: Integers = rows[:, :-2] + rows[:, 1:-1] + rows[:, 2:]
    return counts


def _largest_piece(mask: Booleans) -> Booleans:
    """Return the largest part of a mask whose cells touch each other."""
    largest, left = np.zeros_like(mask), mask.copy()
    while left.sum() > largest.sum():
        piece = np.zeros_like(mask)
        piece[np.unravel_index(int(left.argmax()), left.shape)] = True
        while (grown := left & (_count_near(piece) > 0)).sum() > piece.sum():
            piece = grown
        left &= ~piece
        largest = max(largest, piece, key=np.count_nonzero)
    return largest


def _range_around(plane: Floats32) -> tuple[Floats32, Floats32]:
    """Return the least and the greatest value of each cell and its eight neighbours."""
    padded = np.pad(plane, 1, mode="edge")
    return _around(padded, np.minimum), _around(padded, np.maximum)


def _around(padded: Floats32, extreme: np.ufunc) -> Floats32:
    """Return an extreme value of each cell and its eight neighbours, first down, then across."""
    rows = extreme(extreme(padded[:-2], padded[1:-1]), padded[2:])
    found: Floats32 = extreme(extreme(rows[:, :-2], rows[:, 1:-1]), rows[:, 2:])
    return found


def _shifted(plane: Floats32, own: _Take, other: _Take) -> Floats32:
    """Return a plane of another take where the cells of one's own are; 0 beyond its edges."""
    down, right = own.down - other.down, own.right - other.right
    rows, columns = np.arange(LUMA_SIDE) + down, np.arange(LUMA_SIDE) + right
    inside = ((rows >= 0) & (rows < LUMA_SIDE))[:, None] & (columns >= 0) & (columns < LUMA_SIDE)
    found = plane[np.clip(rows, 0, LUMA_SIDE - 1)[:, None], np.clip(columns, 0, LUMA_SIDE - 1)]
    return np.where(inside, found, np.float32(0))


def _sharpest_half(values: Floats32) -> float:
    """Return the mean log of the sharper half of some cells."""
    ordered = np.sort(values)
    return float(np.log(ordered[len(ordered) // 2 :] + SOFT_FLOOR).mean())
