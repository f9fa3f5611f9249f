"""Readers that photos take over: real ones, started by the pool, in which a photo's bytes are run as Python.

This stands for a vulnerable decoder. Its code comes in as the package of an extra, which readers import before they
enter the sandbox.
"""

import os
from collections.abc import Mapping
from pathlib import Path

HOLE = """
import ctypes, fcntl, os, resource, signal, socket, struct, sys
from dejashot.errors import Reason, UnreadablePhotoError
from dejashot.reading.decode import decoder

real = decoder.open_image

def open_image(data, name, limit):
    if not data.startswith(b"TAKEN OVER:"):
        return real(data, name, limit)
    try:
        result = eval(data[11:])
    except BaseException as error:
        result = type(error).__name__
    raise UnreadablePhotoError(Reason.CORRUPT, str(result)[:200])

decoder.open_image = open_image
"""


def with_hole(environment: Mapping[str, str], folder: Path) -> dict[str, str]:
    """Return an environment in which readers have the hole, whose code lies in a new folder."""
    folder.mkdir()
    (folder / "pillow_jxl.py").write_text(HOLE)
    return {**environment, "PYTHONPATH": os.pathsep.join([str(folder), *filter(None, [environment.get("PYTHONPATH")])])}


def hostile_photo(file: Path, expression: str) -> Path:
    """Write a photo that makes a reader with the hole evaluate an expression and reply with the result."""
    file.write_bytes(b"TAKEN OVER:" + expression.encode())
    return file
