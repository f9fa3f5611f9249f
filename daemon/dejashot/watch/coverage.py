"""Is every folder of a tree really watched? What a walk entered, against what the kernel says it watches."""

import os
from collections.abc import Mapping

from dejashot.language.texts import english_plural, noted, noted_plural
from dejashot.watch.inotify_watches import describe_limit, watched_inodes

MAX_CHEAP_WATCHES = 5_000  # watches of this process up to which the kernel's list is read at every check
LIST_EVERY_S = 60.0  # and how often above that


class WatchCoverage:
    """Compare the folders of one tree with the kernel's list of watches; without such a list, believe the watcher.

    A folder counts as not watched when two checks in a row found it there and not on the list: one just created is
    not on it yet.
    """

    def __init__(self, root: bytes) -> None:
        self.short = False
        self._root = root
        self._countable = False
        self._entered: Mapping[bytes, tuple[int, int]] | None = None
        self._suspects: frozenset[bytes] = frozenset()
        self._listed: frozenset[int] | None = None
        self._listed_s = 0.0
        self._missing = 0

    @property
    def in_doubt(self) -> bool:
        """Return whether another comparison, soon, would show whether all is watched."""
        return bool(self._suspects) and not self.short

    def begin(self) -> None:
        """Forget the kernel's list, as watching begins anew; what was short stays so until the next comparison."""
        self._countable, self._listed, self._suspects = False, None, frozenset()

    def watched(self, root_inode: int) -> None:
        """Note that the tree is watched now.

        Where not even its root is on the list, inode numbers tell nothing there.
        """
        self._listed = watched_inodes()
        self._countable = self._listed is not None and root_inode in self._listed

    def walked(self, entered: Mapping[bytes, tuple[int, int]]) -> None:
        """Take in what a walk entered; may come from another thread."""
        self._entered = entered

    def is_root_unwatched(self, root_inode: int, now_s: float) -> bool:
        """Return whether the root is no longer watched, as when its disk came back between two checks."""
        if not self._countable:
            return False
        if self._listed is None or len(self._listed) <= MAX_CHEAP_WATCHES or now_s - self._listed_s >= LIST_EVERY_S:
            self._listed, self._listed_s = watched_inodes(), now_s
        return self._listed is not None and root_inode not in self._listed

    def problem(self, poll_s: float) -> str:
        """Return how much of the tree is not watched, empty when all is; sets `short`."""
        entered = self._entered
        if not self._countable or self._listed is None or entered is None:
            self.short = self.short and self._countable
            return ""
        if self._unlisted(self._listed, entered):
            self._listed = watched_inodes() or self._listed  # the list may be older than the walk
        missing = self._unlisted(self._listed, entered)
        confirmed, self._suspects = missing & self._suspects, missing
        if confirmed or not missing:
            self._missing, self.short = len(confirmed), bool(confirmed)
        return self._describe(len(entered), poll_s) if self.short else ""

    def _unlisted(self, listed: frozenset[int], entered: Mapping[bytes, tuple[int, int]]) -> frozenset[bytes]:
        return frozenset(
            path for path, (_, inode) in entered.items() if inode not in listed and self._is_there(path, inode)
        )

    def _is_there(self, path: bytes, inode: int) -> bool:
        try:
            return os.lstat(os.path.join(self._root, path)).st_ino == inode
        except OSError:
            return False

    def _describe(self, folders: int, poll_s: float) -> str:
        poll, limit = f"{poll_s:g}", describe_limit(28)
        if self._missing == 1:
            words = noted("one folder is not watched, so all are walked every {poll} s: {limit}")
            return words.format(poll=poll, limit=limit)
        forms = noted_plural(
            "{count} of {folders} folders are not watched, so all are walked every {poll} s: {limit}",
            "{count} of {folders} folders are not watched, so all are walked every {poll} s: {limit}",
        )
        return english_plural(forms, self._missing, folders=f"{folders:,}", poll=poll, limit=limit)
