"""A library of any size, made in minutes: bursts of look-alikes over 25 years, all looked at and told of in a digest.

Each photo has a file that a walk finds unchanged, as large as a photo, and without a byte on the disk (a hole).
"""

import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from itertools import islice
from pathlib import Path

from dejashot.config.settings import Settings
from dejashot.library.index import INDEX_FOLDER, open_index
from dejashot.library.library import Library
from dejashot.library.tables.digest_runs import DigestRun
from dejashot.models.capture import instant
from dejashot.models.files import FileRef, FileStamp
from dejashot.models.photo import Reading
from dejashot.paths import make_private
from dejashot.reading.vision.model import BUNDLED, load_model
from dejashot.reports.parameters import closer_look_rules
from made_groups import away_from_pages, group_readings, open_with_model
from shots import START_US, quality

SPAN_S = 25 * 365 * 86_400
LEAST_GAP_S = 300.0  # between two bursts
FILE_BYTES = 3_000_000
BATCH = 10_000  # photos in one transaction


def make_library(folder: Path, pictures: Path, photos: int, per_burst: int = 3) -> Library:
    """Make a library in a folder, of photos in another one, and return it open; the index is written too.

    The last burst is taken at the start of the made shots, the first up to 25 years before it.
    """
    make_private(folder)
    library, model = open_with_model(folder), load_model(BUNDLED)
    pictures.mkdir(parents=True)
    place = pictures.stat()
    number = library.folders.add(pictures, place.st_dev).id
    found = _photos(pictures, photos, per_burst)
    while batch := list(islice(found, BATCH)):
        with library.batch():
            keys = [library.photos.add(FileRef(number, path), one, 1, START_US) for path, one in batch]
            for n, (_, one) in enumerate(batch):
                library.measurements.add_quality(one.content, quality(1 + n % per_burst / 2))
            library.measurements.distant_copies.note_searched(1, keys)
    library.folders.set_location(number, place.st_dev, place.st_ino, marker=False)
    library.companions.record(number, {}, (), frozenset())
    newest = library.newest_seq()
    library.closer_looks.note_done(newest, closer_look_rules(Settings(), model.fingerprint), START_US)
    library.digest_runs.put(DigestRun(START_US, "done", 0, newest, START_US, photos))
    row = library.vectors.active_model()
    assert row is not None
    index = open_index(folder / INDEX_FOLDER, library, row, model)
    assert len(index) == photos
    index.save()
    return library


def _photos(pictures: Path, photos: int, per_burst: int) -> Iterator[tuple[bytes, Reading]]:
    """Yield the photos, each with its path below the folder; their files are made."""
    bursts, away = -(-photos // per_burst), away_from_pages()
    gap_s = max(LEAST_GAP_S, SPAN_S / bursts)
    made = set[str]()
    for n in range(bursts):
        readings = group_readings(n, per_burst, round((n + 1 - bursts) * gap_s), away)
        for one in islice(readings, photos - n * per_burst):
            taken: datetime = instant(one.taken.taken_us)
            directory = f"{taken:%Y/%m}"
            if directory not in made:
                (pictures / directory).mkdir(parents=True)
                made.add(directory)
            name = f"{directory}/IMG_{taken:%Y%m%d_%H%M%S}.jpg"
            yield os.fsencode(name), replace(one, stamp=_make_file(pictures / name))


def _make_file(file: Path) -> FileStamp:
    """Make a file that is all hole; return its stamp."""
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
    try:
        os.ftruncate(handle, FILE_BYTES)
        return FileStamp.of(os.fstat(handle))
    finally:
        os.close(handle)
