"""How two pictures lie over each other, and what they agree in there."""

from dataclasses import dataclass

REGISTRATION_METHOD = 2  # raised with every change to how pictures are registered: what another one measured is dropped


@dataclass(frozen=True, slots=True)
class Registration:
    """How one picture lies over another.

    `inliers` are the points that one homography brings together, 0 where none fits; `overlap` is the smaller of both
    shares of the pictures that the other shows, 0 to 1; `keypoints` the smaller number of points. `page_agreement` is
    the share of blocks with ink that agree to the letter, `content_agreement` that of blocks whose content agrees, both
    0 where there are too few. `tone_free` is the correlation of the outlines, -1 to 1, and `light_step` the difference
    in mean light, in stops.
    """

    inliers: int
    overlap: float
    keypoints: int
    page_agreement: float
    content_agreement: float
    tone_free: float
    light_step: float
