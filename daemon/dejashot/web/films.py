"""The film of a shot: beside its photo, or in its file; opened anew for each part that is asked for."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from dejashot.errors import UnreadablePhotoError
from dejashot.files.first_bytes import is_film
from dejashot.files.folder_names import MOVING
from dejashot.files.names import suffix_of
from dejashot.models.photo import Companion
from dejashot.models.shot import Shot
from dejashot.reading.metadata.embedded_film import embedded_film
from dejashot.reading.opener import Opener
from dejashot.web.errors import NotThereError

PART_BYTES = 2 << 20  # the most that one reply holds: a browser asks for the rest
OPEN_TIMEOUT_S = 10.0
_RANGE = re.compile(r"bytes=(\d{0,15})-(\d{0,15})")


@dataclass(frozen=True, slots=True)
class FilmPart:
    """Some bytes of a film, where they begin in it, and how long all of it is."""

    start: int
    data: bytes
    whole_bytes: int


def companion_film(shot: Shot) -> Companion | None:
    """Return the film that lies beside the photo of a shot, None where there is none."""
    return next((c for c in shot.companions if suffix_of(c.path) in MOVING), None)


def film_part(path: bytes, asked: str, *, embedded: bool) -> FilmPart | None:
    """Return a part of the film that is a file, or is embedded in one, as the header Range asks for it.

    None where the part lies outside the film. Raises NotThereError where no film is there, or none can be read.
    """
    with _opened(path) as handle:
        size_bytes = os.fstat(handle).st_size
        film = (
            embedded_film(lambda at, count: os.pread(handle, count, at), size_bytes) if embedded else range(size_bytes)
        )
        if film is None or not is_film(os.pread(handle, 12, film.start)):
            raise NotThereError("There is no such film")
        part = _part(asked, len(film))
        if part is None:
            return None
        return FilmPart(part.start, os.pread(handle, len(part), film.start + part.start), len(film))


@contextmanager
def _opened(path: bytes) -> Iterator[int]:
    opener = Opener(OPEN_TIMEOUT_S)
    try:
        handle = opener.open(path, lambda: None, OPEN_TIMEOUT_S)
    except UnreadablePhotoError as error:
        raise NotThereError("This film can't be read") from error
    finally:
        opener.close()
    try:
        yield handle
    except OSError as error:
        raise NotThereError("This film can't be read") from error
    finally:
        os.close(handle)


def _part(asked: str, whole_bytes: int) -> range | None:
    """Return which bytes are sent, at most `PART_BYTES`: from the start where no part is asked for."""
    found = _RANGE.fullmatch(asked.strip() or "bytes=0-")
    if found is None or not (found[1] or found[2]):
        return None
    if not found[1]:  # so many from the end
        start, end = max(0, whole_bytes - int(found[2])), whole_bytes
    else:
        start, end = int(found[1]), int(found[2]) + 1 if found[2] else whole_bytes
    end = min(end, whole_bytes, start + PART_BYTES)
    return range(start, end) if start < end else None
