"""Bursts in file names: pure. A name only adds to the evidence of times and pictures."""

import hashlib
import os
import re
from dataclasses import dataclass

_TAIL = r"(?P<tail>(?:[._-](?:COVER|TOP|MP|NIGHT|PORTRAIT))*)"
_SHAPES = (
    # Nexus, with a number of the shot: 00001IMG_00001_BURST20240102030405123_COVER;
    # Xperia: DSC_0012_BURST20240102030405123
    re.compile(rf"(?:^|[^A-Z])BURST(?P<base>\d{{14,17}}){_TAIL}$", re.IGNORECASE),
    # Huawei, HONOR, Oppo, Motorola, HTC, Xiaomi, LG: IMG_20240102_030405_BURST001_COVER;
    # Pixel: PXL_20240102_030405123.BURST-01.COVER
    re.compile(rf"^(?P<base>.*\d.*?)[ ._-]?BURST[ _-]?\d{{1,4}}{_TAIL}$", re.IGNORECASE),
    # Samsung: 20240102_030405_001
    re.compile(r"^(?P<base>20\d{6}_\d{6})_\d{3}(?P<tail>)$"),
)


@dataclass(frozen=True, slots=True)
class NamedBurst:
    """The burst in a file name: an id, equal for its shots in this folder alone; `cover` is the camera's pick."""

    id: str
    cover: bool = False


NO_BURST = NamedBurst("")


def named_burst(path: bytes) -> NamedBurst:
    """Return the burst in the name of a file (absolute path, bytes); the id is a hash, and hides the folder."""
    folder, _, name = path.rpartition(b"/")
    stem = os.fsdecode(name).rpartition(".")[0]
    for shape in _SHAPES:
        if match := shape.search(stem):
            base = folder + b"/" + os.fsencode(match["base"].upper())
            digest = hashlib.blake2b(base, digest_size=12).hexdigest()
            return NamedBurst(f"name-{digest}", "COVER" in match["tail"].upper())
    return NO_BURST
