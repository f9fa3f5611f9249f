"""The pair head: a small network that compares the maps of two photos."""

from pathlib import Path

import numpy as np
import numpy.typing as npt

from dejashot.errors import ModelError
from dejashot.models.arrays import Floats32
from dejashot.reading.vision.session import open_session

LOGIT_LIMIT = 1000.0


class PairHead:
    """Say of two maps how likely they show the same shot, as a logit. It is fed with numbers only, on one thread."""

    def __init__(self, file: Path) -> None:
        self._name = file.name
        self._session = open_session(file, threads=1)

    def logits(
        self, a: npt.NDArray[np.floating], b: npt.NDArray[np.floating], cosines: npt.NDArray[np.floating]
    ) -> Floats32:
        """Return the logits [n], -1000 to 1000, of maps `a` and `b` [n, channels, height, width] and cosines [n].

        Raises ModelError.
        """
        fed = {name: np.asarray(x, dtype=np.float32) for name, x in (("a", a), ("b", b), ("cosine", cosines))}
        try:
            (found,) = self._session.run(["logit"], fed)
        except Exception as error:
            raise ModelError(
                f"the pair head {self._name} failed: {error}", "Check `pair_head` and `output.map` in the description"
            ) from error
        logits = np.asarray(found, dtype=np.float32)
        if logits.shape != (len(cosines),) or not np.isfinite(logits).all():
            raise ModelError(f"the pair head {self._name} gave no usable logit", "Check `pair_head` in the description")
        return logits.clip(-LOGIT_LIMIT, LOGIT_LIMIT)
