"""What pool and readers exchange, as typed values."""

import json
from dataclasses import asdict, dataclass

from dejashot.models.photo import Quality
from dejashot.reading.network import NetworkOutput

# raised with every change to what readers send: a running daemon may start readers of a newer installation
WIRE_VERSION = 8


@dataclass(frozen=True, slots=True)
class WorkerOptions:
    """What a reader needs to know at its start: MiB, megapixels, niceness 0 to 19, seconds a photo may take."""

    model: str
    threads: int
    max_megapixels: float
    max_file_mib: float
    memory_mib: int
    nice: int
    home_timezone: str
    timeout_s: float

    def encode(self) -> str:
        """Return the options as one command-line argument."""
        return json.dumps(asdict(self))


@dataclass(frozen=True, slots=True)
class Look:
    """The measured quality of a photo, and a preview (JPEG)."""

    quality: Quality
    preview: bytes


@dataclass(frozen=True, slots=True)
class Frame:
    """What to render of a photo: the long side in pixels (0: all there are), and the part.

    The part is given in shares: left, top, width, height.
    """

    side: int
    box: tuple[float, float, float, float] = (0.0, 0.0, 1.0, 1.0)


@dataclass(frozen=True, slots=True)
class Bounds:
    """What bounds a reader's answers besides their form: the model's vector and map, and the largest file to read."""

    dimensions: int
    map_shape: tuple[int, int, int] | None
    max_bytes: int

    @classmethod
    def of(cls, output: NetworkOutput, options: WorkerOptions) -> "Bounds":
        """Return the bounds of answers of readers with these options and a model with this output."""
        shape = None if output.map is None else (output.map.channels, output.map.height, output.map.width)
        return cls(output.dimensions, shape, int(options.max_file_mib * 1024 * 1024))
