"""Contents that end their readers are remembered in the library, and are not read again and again."""

from dejashot.errors import Reason, UnreadablePhotoError
from dejashot.library.store import Store

MAX_READER_CRASHES = 2  # times a content may end its reader; then it is left alone, whatever the file is called


class CrashPolicy:
    """The policy of the reader pool that feeds a library."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def check(self, content: bytes) -> None:
        """Raise UnreadablePhotoError for a content that has ended its reader too often."""
        crashes = self._store.strikes(content)
        if crashes is not None and crashes[1] >= MAX_READER_CRASHES:
            raise UnreadablePhotoError(crashes[0], f"{crashes[1]} times; it is not tried again", content=content)

    def add_crash(self, content: bytes, reason: Reason) -> None:
        """Remember that a content ended its reader."""
        self._store.add_strike(content, reason)

    def may_retry(self, content: bytes) -> bool:
        """Return whether a content (empty where it is not known) may be read once more."""
        crashes = self._store.strikes(content) if content else None
        return crashes is None or crashes[1] < MAX_READER_CRASHES
