"""A disk that does not respond, like a share whose server is gone."""

import threading

from dejashot.reading.opener import open_regular


class StuckDisk:
    """A disk whose files named `stuck` do not open before `lets_go` is set."""

    def __init__(self) -> None:
        self.lets_go = threading.Event()
        self.opened: list[int] = []

    def open(self, path: bytes) -> int:
        if path.endswith(b"stuck"):
            self.lets_go.wait()
        self.opened.append(open_regular(path))
        return self.opened[-1]
