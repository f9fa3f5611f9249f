"""Contents that end their readers are remembered in the library, and are not read again and again."""

from dejashot.errors import Reason, UnreadablePhotoError
from dejashot.library.library import Library

MAX_READER_CRASHES = 2  # times a content may end its reader; then it is left alone, whatever the file is called


class CrashPolicy:
    """The policy of the reader pool that feeds a library."""

    def __init__(self, library: Library) -> None:
        self._library = library

    def check(self, content: bytes) -> None:
        """Raise UnreadablePhotoError for a content that has ended its reader too often."""
        crashes = self._library.photos.reader_crashes(content)
        if crashes is not None and crashes.count >= MAX_READER_CRASHES:
            raise UnreadablePhotoError(crashes.reason, f"{crashes.count} times; it is not tried again", content=content)

    def add_crash(self, content: bytes, reason: Reason) -> None:
        """Remember that a content ended its reader."""
        self._library.photos.add_reader_crash(content, reason)

    def may_retry(self, content: bytes) -> bool:
        """Return whether a content (empty where it is not known) may be read once more."""
        crashes = self._library.photos.reader_crashes(content) if content else None
        return crashes is None or crashes.count < MAX_READER_CRASHES
