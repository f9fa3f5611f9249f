"""Where a file of this machine lies on a worker."""

import os
from collections.abc import Mapping


def path_on_worker(path: bytes, paths: Mapping[str, str]) -> bytes:
    """Return where an absolute path (bytes) lies on a worker: by the longest folder that holds it, empty for none."""
    found, best = b"", -1
    for here, there in paths.items():
        folder = os.fsencode(here).rstrip(b"/") + b"/"
        if path.startswith(folder) and len(folder) > best:
            best, found = len(folder), os.fsencode(there).rstrip(b"/") + b"/" + path[len(folder) :]
    return found
