"""The copies that must stay for others to go: each is read once, and then followed by its stamp."""

import os

from dejashot.actions.plan import Item, Plan, RequiredCopy
from dejashot.files.nofollow import fingerprint, open_unfollowed

_Stamp = tuple[int, ...]


class RequiredCopies:
    """The required copies of a plan, as they are on the disk whenever it is asked."""

    def __init__(self, plan: Plan) -> None:
        self._guards = plan.guards
        self._verified: dict[RequiredCopy, _Stamp] = {}

    def allow(self, item: Item) -> bool:
        """Return whether a file may go, as far as the copies that must stay are concerned."""
        return item.guards < 0 or any(self._is_there(copy) for copy in self._guards[item.guards])

    def _is_there(self, copy: RequiredCopy) -> bool:
        if copy in self._verified and _stamp_at(copy.path) == self._verified[copy]:
            return True
        self._verified.pop(copy, None)
        try:
            content, status = fingerprint(copy.path)
        except (OSError, ValueError):
            return False
        if content == copy.content:
            self._verified[copy] = _stamp(status)
        return content == copy.content


def _stamp_at(path: bytes) -> _Stamp:
    try:
        handle = open_unfollowed(path)
    except OSError:
        return ()
    try:
        return _stamp(os.fstat(handle))
    finally:
        os.close(handle)


def _stamp(status: os.stat_result) -> _Stamp:
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns
