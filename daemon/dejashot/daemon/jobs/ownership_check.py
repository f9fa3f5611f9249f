"""The library is still ours: looked at before each turn's work."""

from dejashot.ingest.owned_library import OwnedLibrary


class OwnershipCheck:
    """Make sure that the library that was opened is still in its place, and still this process's."""

    def __init__(self, owned: OwnedLibrary) -> None:
        self._owned = owned

    def due_in_s(self) -> None:
        """Return None: it is looked at whenever there is something else to do."""

    def run(self) -> None:
        """Raise LibraryReplacedError or LibraryBusyError when it is not."""
        self._owned.check_owned()
