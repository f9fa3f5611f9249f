"""Libraries of groups without photos: readings, as the reader processes would have sent them, and what was measured."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from dejashot.library.library import Library
from dejashot.models.arrays import Vector
from dejashot.models.files import FileRef
from dejashot.models.photo import Reading
from dejashot.reading.vision.model import BUNDLED, load_model
from shots import START_US, quality, reading

SHOTS = 3  # a group
_LIKE = 10**9  # seeds of what the shots of a group look like


def add_groups(library: Path, numbers: Iterable[int]) -> None:
    """Add groups of three shots some seconds apart, five minutes between groups: `IMG_00000_0.jpg` and so on."""
    store = open_with_model(library)
    if not store.folders.all():
        (library / "photos").mkdir()
        store.folders.add(library / "photos", 1)
    away = away_from_pages()
    with store.batch():
        for n in numbers:
            for k, one in enumerate(group_readings(n, SHOTS, 300 * n, away)):
                store.photos.add(FileRef(1, f"IMG_{n:05}_{k}.jpg".encode()), one, 1, START_US)
                store.measurements.add_quality(one.content, quality(1 + k / 2))
    store.closer_looks.note_done(store.newest_seq(), 0, START_US)  # with the suggestions as they are
    store.close()


def open_with_model(library: Path) -> Library:
    """Open or make a library whose vectors are those of the bundled model, its model number 1."""
    store, model = Library.open(library), load_model(BUNDLED)
    store.vectors.add_model(model.fingerprint, model.model_dump_json(by_alias=True))
    return store


def away_from_pages() -> Vector:
    """Return what is added to a vector so that its picture is no page."""
    page = np.array(load_model(BUNDLED).pages.weights, dtype=np.float32)
    return np.asarray(-0.5 * page / np.linalg.norm(page), dtype=np.float32)


def group_readings(number: int, shots: int, at_s: float, away: Vector) -> Iterator[Reading]:
    """Yield the readings of a group: look-alikes a few seconds apart, the first at a time in seconds after the start.

    `away` is what `away_from_pages` returns.
    """
    rng, like = np.random.default_rng((_LIKE, number)), reading(_LIKE + number)
    for k in range(shots):
        near = like.vector + away + rng.normal(scale=0.01, size=away.shape).astype(np.float32)
        one = reading(shots * number + k, at_s + k * k + k, inode=shots * number + k + 1)
        yield replace(one, vector=near / np.linalg.norm(near), signature=like.signature)
