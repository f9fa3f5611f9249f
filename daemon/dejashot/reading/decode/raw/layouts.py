"""Which RAW files are read, and by which code: a new RAW is a row in the table here.

Our own walk through a RAW only follows offsets, and decodes nothing. Every number in the file may be wrong: offsets
beyond the end, loops and huge counts end the walk, never the reader.
"""

from collections.abc import Callable
from dataclasses import dataclass

from dejashot.reading.decode.containers.jpeg_markers import picture_size
from dejashot.reading.decode.raw.cr3 import is_cr3, read_cr3
from dejashot.reading.decode.raw.raf import is_raf, read_raf
from dejashot.reading.decode.raw.raw_file import RawFile, largest_size
from dejashot.reading.decode.raw.tiff_raw import is_tiff, read_tiff_raw


@dataclass(frozen=True, slots=True)
class RawLayout:
    """A way in which RAWs are laid out: how its files are recognised, and what reads one, given also its suffix.

    The reader returns None for a file of this layout that is no RAW.
    """

    recognises: Callable[[bytes], bool]
    read: Callable[[bytes, str], RawFile | None]


RAW_LAYOUTS = (
    RawLayout(is_raf, read_raf),
    RawLayout(is_cr3, read_cr3),
    RawLayout(is_tiff, read_tiff_raw),
)


def find_raw(data: bytes, name: str) -> RawFile | None:
    """Return what a RAW file holds, None for a file that is none."""
    suffix = name.rpartition(".")[2].upper()
    layout = next((known for known in RAW_LAYOUTS if known.recognises(data)), None)
    raw = layout.read(data, suffix) if layout is not None else None
    return None if raw is None else _with_sorted_previews(data, raw)


def _with_sorted_previews(data: bytes, raw: RawFile) -> RawFile:
    """Keep the previews that are pictures, largest first; the largest gives the size where the tags give less."""
    inside = [span for span in dict.fromkeys(raw.previews) if span[0] < span[1] <= len(data)]
    raw.truncated |= len(inside) < len({span for span in raw.previews if span[0] < span[1]})
    sizes = {span: size for span in inside if (size := picture_size(data, span))}
    raw.previews = sorted(sizes, key=lambda span: (-sizes[span][0] * sizes[span][1], span))
    raw.size = largest_size(raw.size, *(sizes[span] for span in raw.previews[:1]))
    return raw
