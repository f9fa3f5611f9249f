"""Registration: can one picture be laid over another, how far do they overlap, and what agrees where they do?"""

from dejashot.grouping.comparison.homography import fitted
from dejashot.grouping.comparison.light import light_step
from dejashot.grouping.comparison.outlines import outline_agreement
from dejashot.grouping.comparison.page_blocks import page_agreement
from dejashot.models.features import LocalFeatures
from dejashot.models.registration import Registration


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
