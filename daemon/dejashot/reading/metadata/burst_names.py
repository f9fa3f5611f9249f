"""Which burst a file's name tells of: pure. A name only ever adds to what times and pictures say."""

import hashlib
import os
import re
from dataclasses import dataclass

_TAIL = r"(?P<tail>(?:[._-](?:COVER|TOP|MP|NIGHT|PORTRAIT))*)"
_SHAPES = (
    # Nexus, Xperia: 00001IMG_00001_BURST20240102030405123_COVER, DSC_0012_BURST20240102030405123: the number before it counts the shots
    re.compile(rf"(?:^|[^A-Z])BURST(?P<base>\d{{14,17}}){_TAIL}$", re.IGNORECASE),
    # Huawei, HONOR, Oppo, Motorola, HTC, Xiaomi, LG, Pixel: IMG_20240102_030405_BURST001_COVER, PXL_20240102_030405123.BURST-01.COVER
    re.compile(rf"^(?P<base>.*\d.*?)[ ._-]?BURST[ _-]?\d{{1,4}}{_TAIL}$", re.IGNORECASE),
    # Samsung: 20240102_030405_001
    re.compile(r"^(?P<base>20\d{6}_\d{6})_\d{3}(?P<tail>)$"),
)


@dataclass(frozen=True, slots=True)
class NamedBurst:
    """What a name tells of a burst: an id that is the same for its shots in this folder alone, and whether this is the camera's pick."""

    id: str
    cover: bool = False


NO_BURST = NamedBurst("")


def named_burst(path: bytes) -> NamedBurst:
    """Return the burst that the name of a file (absolute path, bytes) tells of; the id is hashed, and says nothing of the folder."""
    folder, _, name = path.rpartition(b"/")
    stem = os.fsdecode(name).rpartition(".")[0]
    for shape in _SHAPES:
        if match := shape.search(stem):
            told = folder + b"/" + os.fsencode(match["base"].upper())
            return NamedBurst(
                f"name-{hashlib.blake2b(told, digest_size=12).hexdigest()}", "COVER" in match["tail"].upper()
            )
    return NO_BURST
