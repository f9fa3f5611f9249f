"""The pair head: from the maps of two photos, how much speaks for one shot.

One shift of the whole picture is voted for, and each cell of a map looks for its partner within two cells of it. What
differs between partners goes through two convolutions into one logit, averaged over both directions.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from model import BLOCKS, DIMENSIONS, FINE_BLOCK, LOW_BLOCK, SiameseModel

GRID, CELLS = 14, 14 * 14
REACH, NEAR = 5, 2  # cells: the largest shift, and how far from it a partner may lie
PADDED = GRID + 2 * REACH
SHIFTS = 2 * REACH + 1
COARSE_CHANNELS, FINE_CHANNELS = BLOCKS[LOW_BLOCK][-1], 16
MAP_CHANNELS = COARSE_CHANNELS + FINE_CHANNELS
FEW_CELLS = 30.0  # added to the cells that a shift leaves in the picture: the vote of few counts less
TINY = 1e-6


class FineProjection(nn.Module):
    """Turn the maps of block 4, [N, 40, 28, 28], into 16 channels of cells of length 2, [N, 16, 14, 14]."""

    def __init__(self) -> None:
        super().__init__()
        self.narrow = nn.Conv2d(BLOCKS[FINE_BLOCK][-1], FINE_CHANNELS, 2, stride=2, bias=False)

    def forward(self, fine: Tensor) -> Tensor:
        """Return the projected maps."""
        cells = self.narrow(fine - fine.mean((2, 3), keepdim=True))
        return cells / (cells.norm(dim=1, keepdim=True) + TINY) * 2


class PairHead(nn.Module):
    """Turn two maps [N, 128, 14, 14] and the cosine of the vectors [N] into a logit [N], above 0 for one shot.

    A map is block 10's (112 channels) and, behind it, the fine projection (16 channels).
    """

    base: Tensor
    steps: Tensor
    inside: Tensor
    left_over: Tensor

    def __init__(self, narrow: int = 32, wide: int = 48) -> None:
        super().__init__()
        self.project = nn.Conv1d(COARSE_CHANNELS, narrow, 1, bias=False)
        self.first = nn.Conv2d(2 * narrow + 2 * FINE_CHANNELS + 5, wide, 3, padding=1)
        self.second = nn.Conv2d(wide, wide, 3, padding=1)
        self.judge = nn.Sequential(nn.Linear(3 * wide + 5, 32), nn.ReLU(), nn.Linear(32, 1))
        cell = torch.arange(GRID)
        shift = torch.arange(-REACH, REACH + 1)
        plane = F.pad(torch.ones(GRID, GRID), (REACH,) * 4).flatten()
        base = ((cell[:, None] + REACH) * PADDED + cell[None] + REACH).flatten()
        steps = (shift[:, None] * PADDED + shift[None]).flatten()
        self.register_buffer("base", base, persistent=False)
        self.register_buffer("steps", steps, persistent=False)
        self.register_buffer("inside", plane, persistent=False)
        self.register_buffer("left_over", plane[base[:, None] + steps].sum(0) + FEW_CELLS, persistent=False)

    def forward(self, a: Tensor, b: Tensor, cosine: Tensor) -> Tensor:
        """Return the logits."""
        (cells_a, energy_a), (cells_b, energy_b) = (unit_cells(m[:, :COARSE_CHANNELS]) for m in (a, b))
        cosines = cells_a.transpose(1, 2) @ cells_b
        match = (cosines.amax(2).mean(1) + cosines.amax(1).mean(1)) / 2
        shown_a, shown_b = (
            torch.cat([self.project(c) * 3, m[:, COARSE_CHANNELS:].flatten(2), e], 1)
            for c, m, e in ((cells_a, a, energy_a), (cells_b, b, energy_b))
        )
        scalars = torch.stack([cosine, match], 1)
        there = self._one_way(shown_a, shown_b, cosines, scalars)
        return (there + self._one_way(shown_b, shown_a, cosines.transpose(1, 2), scalars)) / 2

    def _one_way(self, shown: Tensor, other: Tensor, cosines: Tensor, scalars: Tensor) -> Tensor:
        """Return the logits with each cell of the first picture held against its partner in the other."""
        partner, vote = self._partners(cosines.detach())
        valid = self.inside[partner]
        own, own_energy = shown[:, :-1], shown[:, -1]
        there = _padded(other).gather(2, partner[:, None].expand(-1, other.shape[1], -1))
        cosine_there = _padded(cosines).gather(2, partner[:, :, None])[:, :, 0]
        numbers = torch.stack([cosine_there, cosines.amax(2), valid, own_energy, there[:, -1]], 1)
        compared = torch.cat([(own - there[:, :-1]).abs(), own * there[:, :-1], numbers], 1)
        x = F.relu(self.first(compared.reshape(-1, compared.shape[1], GRID, GRID)))
        x = F.relu(self.second(x)).flatten(2)
        weight = (own_energy.clamp(max=3) * valid)[:, None]
        seen = torch.stack([valid.mean(1), vote, cosine_there.mean(1)], 1)
        return self.judge(torch.cat([x.mean(2), x.amax(2), (x * weight).mean(2), scalars, seen], 1))[:, 0]

    def _partners(self, cosines: Tensor) -> tuple[Tensor, Tensor]:
        """Return the partner of each cell, as an index into the padded grid [N, 196], and the vote for the shift."""
        plane, count = _padded(cosines, outside=-1.0), cosines.shape[0]
        everywhere = (self.base[:, None] + self.steps)[None].expand(count, -1, -1)
        votes = plane.gather(2, everywhere).clamp(min=0).square().sum(1) / self.left_over
        shift = votes.argmax(1)
        near = torch.arange(-NEAR, NEAR + 1, device=shift.device)
        down = (shift[:, None] // SHIFTS - REACH + near).clamp(-REACH, REACH)
        right = (shift[:, None] % SHIFTS - REACH + near).clamp(-REACH, REACH)
        steps = (down[:, :, None] * PADDED + right[:, None]).flatten(1)
        candidates = self.base[None, :, None] + steps[:, None]
        best = plane.gather(2, candidates).argmax(2, keepdim=True)
        return candidates.gather(2, best)[:, :, 0], votes.amax(1)


def unit_cells(maps: Tensor) -> tuple[Tensor, Tensor]:
    """Return the cells [N, C, 196] without the picture's mean, at length 1, and their length against the usual."""
    cells = maps.flatten(2)
    cells = cells - cells.mean(2, keepdim=True)
    length = cells.norm(dim=1, keepdim=True)
    return cells / (length + TINY), length / (length.mean(2, keepdim=True) + TINY)


def _padded(cells: Tensor, outside: float = 0.0) -> Tensor:
    """Return cells [N, C, 196] on the grid with a border as wide as the largest shift, flat again."""
    grid = cells.reshape(cells.shape[0], cells.shape[1], GRID, GRID)
    return F.pad(grid, (REACH,) * 4, value=outside).flatten(2)


class PairModel(nn.Module):
    """The whole that decides about a pair: the Siamese model, the fine projection, and the pair head.

    `page` says of a vector whether its picture is a page. It only teaches the vector to tell: what ships is fitted to
    the vectors of the network that ships.
    """

    def __init__(self, siamese: SiameseModel) -> None:
        super().__init__()
        self.siamese = siamese
        self.fine = FineProjection()
        self.head = PairHead()
        self.page = nn.Linear(DIMENSIONS, 1)

    def map_of(self, coarse: Tensor, fine: Tensor) -> Tensor:
        """Return the maps that ship, [N, 128, 14, 14], from the maps of block 10 and of block 4."""
        return torch.cat([coarse, self.fine(fine)], 1)
