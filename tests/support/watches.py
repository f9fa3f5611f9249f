"""What a watch reports, as functions that tests give."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Reports:
    """Callbacks of a folder watch: for files, and for folders that have to be walked."""

    on_file: Callable[[bytes], object] = lambda _: None
    on_folder: Callable[[], object] = lambda: None

    def file_changed(self, path: bytes) -> None:
        self.on_file(path)

    def folder_changed(self) -> None:
        self.on_folder()

    def folder_deleted(self) -> None:
        self.on_folder()
