"""Registration: can one picture be laid over another, how far do they overlap, and what agrees where they do?"""

from dataclasses import dataclass

from dejashot.grouping.comparison.homography import fitted
from dejashot.grouping.comparison.light import light_step
from dejashot.grouping.comparison.outlines import outline_agreement
from dejashot.grouping.comparison.page_blocks import page_agreement
from dejashot.models.features import LocalFeatures


@dataclass(frozen=True, slots=True)
class Registration:
    """How one picture lies over another.

    `inliers` are the points that one homography brings together, 0 where none fits; `overlap` is the smaller of both
    shares of the pictures that the other shows, 0 to 1; `keypoints` the smaller number of points. `page_agreement` is
    the share of inked blocks that agree, 0 where there are too few. `tone_free` is the correlation of the outlines,
    -1 to 1, and `light_step` the difference in mean light, in stops.
    """

    inliers: int
    overlap: float
    keypoints: int
    page_agreement: float
    tone_free: float
    light_step: float


def register(a: LocalFeatures, b: LocalFeatures) -> Registration:
    """Lay one picture over another; symmetric, and the same answer every time."""
    first, second = sorted((a, b), key=_key)
    fit = fitted(first, second)
    return Registration(
        inliers=0 if fit is None else fit.inliers,
        overlap=0.0 if fit is None else fit.overlap,
        keypoints=min(len(a.points), len(b.points)),
        page_agreement=0.0 if fit is None else page_agreement(first.luma, second.luma, fit.homography),
        tone_free=outline_agreement(first.outline, second.outline),
        light_step=light_step(first.luma, second.luma),
    )


def _key(features: LocalFeatures) -> tuple[tuple[int, ...], bytes, bytes, bytes, bytes]:
    arrays = (features.luma, features.points, features.descriptors, features.outline)
    luma, points, descriptors, outline = (each.tobytes() for each in arrays)
    return features.luma.shape, luma, points, descriptors, outline
