"""Journals of JSON lines: whole lines are appended, and a last line that a power cut tore harms no other."""

import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from dejashot.paths import open_own, read_own


def encode(records: Iterable[Mapping[str, Any]]) -> bytes:
    """Return records as JSON, one to a line, each line with its end."""
    return b"".join(json.dumps(record).encode("ascii") + b"\n" for record in records)


def append(file: Path, records: Iterable[Mapping[str, Any]], *, durable: bool = True) -> None:
    """Append records to a journal, which is made if it is missing; raise OSError, and leave the journal as it was then.

    A `durable` record is on the disk when this returns. Behind a torn last line a new line is begun first.
    """
    handle = open_own(file, os.O_RDWR | os.O_CREAT | os.O_APPEND)
    try:
        size = os.fstat(handle).st_size
        torn = size > 0 and os.pread(handle, 1, size - 1) != b"\n"
        try:
            _write_all(handle, (b"\n" if torn else b"") + encode(records))
            if durable:
                os.fsync(handle)
        except OSError:
            os.ftruncate(handle, size)
            raise
    finally:
        os.close(handle)


def read_lines(file: Path) -> list[bytes]:
    """Return the lines of a journal, the last one even if it is torn, nothing where there is no journal; raise OSError."""
    if not os.path.lexists(file):
        return []
    return [line for line in read_own(file).split(b"\n") if line]


def complete_part(data: bytes) -> bytes:
    """Return the beginning of a journal's bytes up to its last line end: what follows is torn, or still being written."""
    return data[: data.rfind(b"\n") + 1]


def _write_all(handle: int, data: bytes) -> None:
    left = memoryview(data)
    while left:
        left = left[os.write(handle, left) :]
