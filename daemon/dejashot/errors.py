"""The typed errors: each has a title for a status line, and a hint what to do next."""

from enum import StrEnum

from dejashot.language.texts import noted

EXIT_NOTHING_READ = 1
EXIT_NOT_SENT = 1
EXIT_LEFT_ALONE = 1
EXIT_USAGE = 2
EXIT_CONFIG = 78  # EX_CONFIG of sysexits.h: systemd is told not to try again


class DejashotError(Exception):
    """What went wrong (`title`), and what the owner can do about it (`hint`).

    `page_hint` replaces the hint on the review page, where options of the command line are of no use.
    """

    exit_status = EXIT_USAGE

    def __init__(self, title: str, hint: str = "", page_hint: str = "") -> None:
        super().__init__(title if not hint else f"{title}. {hint}")
        self.title = title
        self.hint = hint
        self.page_hint = page_hint or hint


class ConfigError(DejashotError):
    """The configuration, or a value given on the command line, can't be used."""


class FolderError(DejashotError):
    """A folder named by the owner is not there or can't be listed."""


class JournalError(DejashotError):
    """The journal of the owner's decisions can't be read; until it can, the decisions are unknown."""


class StorageError(DejashotError):
    """A folder or file of Dejashot's own can't be made or must not be used."""


class ModelError(DejashotError):
    """The embedding model or its description can't be used."""


class LabelsError(DejashotError):
    """The owner's labels can't be read, contradict each other, or are too few."""


class LibraryError(DejashotError):
    """The library on disk can't be opened or is of another version."""


class LibraryDamagedError(LibraryError):
    """The library on disk is damaged; the next process that opens it for writing restores it."""


class LibraryReplacedError(LibraryDamagedError):
    """Another file replaced the library while it was open, such as a backup; it is opened anew."""


class GroupsFileError(LibraryError):
    """The file of kept groups can't be used; it is made anew from the library."""


class LibraryBusyError(LibraryError):
    """Another Dejashot process owns the library."""


class DeliveryError(DejashotError):
    """The process that sends digests does not work; a single message that is refused is no error."""


class SkippedFileError(DejashotError):
    """One file is left alone, for the reason in the title; the rest of the batch goes on."""


class BatchError(DejashotError):
    """A batch can't be begun, found or undone."""


class DiskFullError(DejashotError):
    """A disk is full in the middle of a batch: nothing is lost, and the batch can go on or be undone."""


class Reason(StrEnum):
    """Why a photo could not be read."""

    EMPTY = "empty"
    TRUNCATED = "truncated"
    CORRUPT = "corrupt"
    DAMAGED = "damaged"
    NOT_AN_IMAGE = "not_an_image"
    UNSUPPORTED_FORMAT = "unsupported_format"
    NEEDS_EXTRA = "needs_extra"
    TOO_MANY_PIXELS = "too_many_pixels"
    FILE_TOO_LARGE = "file_too_large"
    OUT_OF_MEMORY = "out_of_memory"
    TIMED_OUT = "timed_out"
    READER_CRASHED = "reader_crashed"
    NETWORK_FAILED = "network_failed"
    PERMISSION_DENIED = "permission_denied"
    NOT_A_REGULAR_FILE = "not_a_regular_file"
    VANISHED = "vanished"
    CHANGED_WHILE_READING = "changed_while_reading"
    IO_ERROR = "io_error"

    @property
    def description(self) -> str:
        """Return the reason in a sentence, in English."""
        return _WORDS[self]

    @property
    def final(self) -> bool:
        """Return whether trying the same bytes again is of no use, even while the file is new."""
        return self in _FINAL

    @property
    def passing(self) -> bool:
        """Return whether the same bytes may be readable later."""
        return self in _PASSING


_WORDS = {
    Reason.EMPTY: noted("the file is empty"),
    Reason.TRUNCATED: noted("the end of the file is missing"),
    Reason.CORRUPT: noted("no picture can be made of its data"),
    Reason.DAMAGED: noted("a part of the picture is damaged"),
    Reason.NOT_AN_IMAGE: noted("this is not a picture, whatever its name says"),
    Reason.UNSUPPORTED_FORMAT: noted("this picture format is not supported"),
    Reason.NEEDS_EXTRA: noted("reading this format takes an extra that is not installed"),
    Reason.TOO_MANY_PIXELS: noted("more pixels than the limit allows"),
    Reason.FILE_TOO_LARGE: noted("the file is larger than the limit allows"),
    Reason.OUT_OF_MEMORY: noted("reading it needs more memory than the reader may use"),
    Reason.TIMED_OUT: noted("reading it took longer than the time limit"),
    Reason.READER_CRASHED: noted("the reader crashed on it"),
    Reason.NETWORK_FAILED: noted("a model of Dejashot failed on it"),
    Reason.PERMISSION_DENIED: noted("no permission to read it"),
    Reason.NOT_A_REGULAR_FILE: noted("it is a link, a pipe or a device, not a regular file"),
    Reason.VANISHED: noted("it went away before it could be read"),
    Reason.CHANGED_WHILE_READING: noted("it was still changing while it was read"),
    Reason.IO_ERROR: noted("the disk or the network could not deliver it"),
}
_PASSING = {
    Reason.PERMISSION_DENIED,
    Reason.VANISHED,
    Reason.CHANGED_WHILE_READING,
    Reason.IO_ERROR,
}
_FINAL = {
    Reason.UNSUPPORTED_FORMAT,
    Reason.NEEDS_EXTRA,
    Reason.TOO_MANY_PIXELS,
    Reason.FILE_TOO_LARGE,
    Reason.NOT_A_REGULAR_FILE,
    Reason.READER_CRASHED,
}


class UnreadablePhotoError(DejashotError):
    """One photo can't be read, for a typed reason and with the message of the decoder.

    `content` is the hash of its bytes where they crashed the reader.
    """

    def __init__(self, reason: Reason, detail: str = "", *, content: bytes = b"") -> None:
        super().__init__(reason.description, detail)
        self.reason = reason
        self.detail = detail
        self.content = content
