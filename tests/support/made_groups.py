"""Libraries of groups without photos: readings, as the reader processes would have sent them, and what was measured."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import numpy as np

from dejashot.library.library import Library
from dejashot.models.files import FileRef
from dejashot.reading.vision.model import BUNDLED, load_model
from shots import START_US, quality, reading

SHOTS = 3  # a group


def add_groups(library: Path, numbers: Iterable[int]) -> None:
    """Add groups of three shots some seconds apart, five minutes between groups: `IMG_00000_0.jpg` and so on."""
    store, model = Library.open(library), load_model(BUNDLED)
    page = np.array(model.pages.weights, dtype=np.float32)
    no_page = -0.5 * page / np.linalg.norm(page)
    if not store.folders.all():
        (library / "photos").mkdir()
        store.folders.add(library / "photos", 1)
        store.vectors.add_model(model.fingerprint, model.model_dump_json(by_alias=True))
    rng = np.random.default_rng(0)
    with store.batch():
        for n in numbers:
            like = reading(10**6 + n)
            for k in range(SHOTS):
                near = like.vector + no_page + rng.normal(scale=0.01, size=like.vector.shape).astype(np.float32)
                one = replace(
                    reading(SHOTS * n + k, at_s=300 * n + k * k + k, inode=SHOTS * n + k + 1),
                    vector=near / np.linalg.norm(near),
                    signature=like.signature,
                )
                store.photos.add(FileRef(1, f"IMG_{n:05}_{k}.jpg".encode()), one, 1, START_US)
                store.measurements.add_quality(one.content, quality(1 + k / 2))
    store.closer_looks.note_done(store.newest_seq(), 0, START_US)  # with the suggestions as they are
    store.close()
