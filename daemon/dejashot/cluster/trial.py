"""A picture that each worker reads first: the same network gives other vectors on some kinds of processors."""

import os
import random
import tempfile
from dataclasses import dataclass
from pathlib import Path

from dejashot.cluster.home_files import HomeFile
from dejashot.errors import ModelError
from dejashot.files.made_png import rgb_png
from dejashot.models.arrays import Vector
from dejashot.models.files import FileStamp
from dejashot.models.photo import Reading, Wanted
from dejashot.reading.job import ReadJob
from dejashot.reading.pool import ReaderPool
from dejashot.reading.protocol.exchange import AnswerValue

LEAST_COSINE = 0.995  # between two codings of one picture it is 0.985
_SIDE, _CELL = 256, 16  # pixels


@dataclass(frozen=True, slots=True)
class Trial:
    """The picture, with its bytes, and the vector that this machine makes of it."""

    file: HomeFile
    vector: Vector

    def agrees(self, value: AnswerValue) -> bool:
        """Return whether a worker makes the same of the picture, but for rounding."""
        if not isinstance(value, Reading) or value.vector is None:
            return False
        return float(self.vector @ value.vector) >= LEAST_COSINE


def make_trial(pool: ReaderPool) -> Trial:
    """Have the picture read by a reader of this machine, which ends then; raise ModelError where it can't."""
    with tempfile.TemporaryDirectory(prefix="dejashot-trial-") as folder:
        file = Path(folder).resolve() / "trial.png"
        file.write_bytes(trial_picture())
        stamp = FileStamp.of(os.lstat(file))
        answers = [answer for _, answer in pool.read([ReadJob(bytes(file), None)], lambda _: Wanted.ALL)]
    pool.close()
    if not isinstance(answers[0], Reading) or answers[0].vector is None:
        raise ModelError("the reader could not read a picture made for it", "Run `dejashot doctor`")
    return Trial(HomeFile(answers[0].content, stamp, trial_picture()), answers[0].vector)


def trial_picture() -> bytes:
    """Return a picture of hard edges and strong colours, the same each time (PNG)."""
    rng = random.Random(1)  # noqa: S311 - a pattern, no secret
    rows: list[bytes] = []
    for _ in range(0, _SIDE, _CELL):
        row = b"".join(rng.randbytes(3) * _CELL for _ in range(0, _SIDE, _CELL))
        rows += [row] * _CELL
    return rgb_png(rows)
