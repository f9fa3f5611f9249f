"""Which pictures are pages: documents, receipts, slides and screens, of which two can differ in a few letters only."""

from dataclasses import dataclass, field

import numpy as np

from dejashot.models.arrays import Booleans, Floats32

SURE_PAGE = 0.995  # P(same shot) of a page and itself, beyond doubt


@dataclass(frozen=True, slots=True, eq=False)
class PageRule:
    """Tell pages by their vectors: sigmoid(weights * vector + bias) of at least `least`; and judge two of them.

    Two pages are one page only where they were registered with `min_inliers` and `min_overlap` (pages that were
    scrolled overlap less), and agree in `min_agreement` of their inked blocks: then P(same shot) is at least
    `same_page`, from `sure_agreement` on `SURE_PAGE`; else it is at most `other_page`.
    """

    weights: Floats32 = field(repr=False)  # as many as a vector has dimensions
    bias: float
    least: float
    min_inliers: int = 15
    min_overlap: float = 0.7
    min_agreement: float = 0.65
    sure_agreement: float = 0.8
    same_page: float = 0.95
    other_page: float = 0.02


def are_pages(rule: PageRule | None, vectors: Floats32) -> Booleans:
    """Return of each vector [n, d] whether its picture is a page; none is without a rule, nor a vector of zeros."""
    if rule is None:
        return np.zeros(len(vectors), dtype=np.bool_)
    evidence = np.clip(vectors @ rule.weights + rule.bias, -60.0, 60.0)
    found: Booleans = (1 / (1 + np.exp(-evidence)) >= rule.least) & vectors.any(axis=1)
    return found
