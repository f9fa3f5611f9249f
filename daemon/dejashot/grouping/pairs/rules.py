"""The rules of the decision whether two shots are the same, as a model's description states them."""

from dataclasses import dataclass

from dejashot.grouping.pages import PageRule


@dataclass(frozen=True, slots=True)
class RegistrationRule:
    """What the registration of two pictures adds to the evidence.

    + same_scene where they overlap and agree, unless the frame stands still in the same light: what differs there is
    the content; + agreement, by the share of the content that agrees; - still_other, by the share that does not where
    the frame stands still; - other_scene where rich pictures share next to nothing; of frames that show nothing,
    + blank_same or - blank_other.
    """

    same_scene: float
    min_inliers: int
    min_overlap: float
    scene_agreement: float  # the least share of the content that agrees in one scene
    still_overlap: float  # an overlap above this
    sure_agreement: float  # where less of the content agrees in a still frame, two shots are not surely the same
    still_light_ev: float  # and a step of light below this: the frame stands still
    agreement: float
    still_other: float
    other_scene: float
    few_inliers: int
    rich_keypoints: int
    blank_same: float
    blank_other: float
    blank_least: float  # the least tone-free correlation of one picture twice


@dataclass(frozen=True, slots=True)
class Rules:
    """The decision: a logistic of cosine, match, nearness in time and burst tags, and its operating point.

    evidence = bias + cosine * c + match * m + near * exp(-gap_s / near_s) + burst * same_burst, and what registration
    adds; P = 1 / (1 + exp(-evidence)). Two pages have bounds of their own.
    """

    bias: float
    cosine: float
    match: float
    match_least: float  # a match counts from here
    match_most: float  # to here
    match_base: float  # of a pair not verified: what pairs of its cosine have on average,
    match_slope: float  # match_base + match_slope * c
    match_doubt: float  # a match below this: not the same shot beyond doubt, whatever else speaks for it
    near: float
    near_s: float
    nearest_s: float  # a smaller gap counts as this: many clocks know no fractions of a second
    burst: float
    blank_cosine: float  # the most that the cosine counts where a frame shows nothing; nothing matches there
    blank_contrast: float  # the deviation of the luma below which a frame shows nothing
    threshold: float
    sure: float = 0.0  # the least probability of what is the same shot beyond doubt
    registration: RegistrationRule | None = None  # None where pairs are not registered
    page: PageRule | None = None  # None where the model can't tell pages
