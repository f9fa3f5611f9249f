"""A shot: one press of the shutter, as reports and groups know it."""

from dataclasses import dataclass, field

from dejashot.models.arrays import Signature, Vector
from dejashot.models.capture import Camera, CaptureTime, Place, TimeSource
from dejashot.models.photo import Companion


@dataclass(slots=True, eq=False)
class Shot:
    """One press of the shutter, never changed; not frozen only because there are a hundred thousand of them.

    `path` is its name in a report, `content` its identity, `node` the file on the disk.
    """

    path: str
    content: bytes
    key: int
    node: tuple[int, int]
    taken: CaptureTime
    format: str
    size_bytes: int
    width: int
    height: int
    camera: Camera
    place: Place | None
    contrast: float
    vector: Vector | None = field(repr=False)
    signature: Signature = field(repr=False)
    new: bool = True
    clock_offset_s: float = 0.0  # what was added to the time that the file says, as the owner wished for this camera
    mtime_ns: int = 0
    companions: tuple[Companion, ...] = ()
    has_new_companions: bool = False  # known before, but one of its companions is new
    motion: bool = False  # a motion photo: the file holds a film besides
    damage: str = ""  # what of the picture is damaged, in words; empty for a sound one

    @property
    def recorded_ns(self) -> list[int]:
        """Return the capture time as the photo records it (ns since 1970), nothing where only a file date is known."""
        return (
            []
            if self.taken.source is TimeSource.MTIME
            else [round(self.taken.taken_us * 1000 - self.clock_offset_s * 1e9)]
        )

    @property
    def whole_bytes(self) -> int:
        """Return the size of the photo and its companions."""
        return self.size_bytes + sum(c.size_bytes for c in self.companions)

    @property
    def nodes(self) -> dict[tuple[int, int], int]:
        """Return the size of each file of the shot, by the file on the disk."""
        return {c.node: c.size_bytes for c in self.companions} | {self.node: self.size_bytes}

    @property
    def megapixels(self) -> float:
        """Return the resolution in megapixels."""
        return self.width * self.height / 1e6
