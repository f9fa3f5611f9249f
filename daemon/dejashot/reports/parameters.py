"""The parameters of grouping, from the settings and the model."""

import hashlib
import math
from zoneinfo import ZoneInfo

import numpy as np
import tzlocal

from dejashot.config.settings import Settings
from dejashot.config.values import Strictness
from dejashot.grouping.capture_clocks import Clocks
from dejashot.grouping.groups import GroupLimits
from dejashot.grouping.pages import PageRule
from dejashot.grouping.pairs.rules import RegistrationRule, Rules
from dejashot.models.capture import Certainty
from dejashot.models.groups import COPY_METHOD
from dejashot.models.photo import QUALITY_METHOD
from dejashot.models.registration import REGISTRATION_METHOD
from dejashot.reading.vision.model import EmbeddingModel, VerificationParameters

_NO_VERIFICATION = VerificationParameters(weight=0, least=0, most=1, base=0, slope=0)


def rules_of(settings: Settings, model: EmbeddingModel) -> Rules:
    """Return the decision of a model at the owner's strictness."""
    d, verification = model.decision, model.decision.second_look or _NO_VERIFICATION
    return Rules(
        bias=d.bias,
        cosine=d.cosine,
        match=verification.weight,
        match_least=verification.least,
        match_most=verification.most,
        match_base=verification.base,
        match_slope=verification.slope,
        match_doubt=-math.inf if verification.doubt is None else verification.doubt,
        near=d.near,
        near_s=d.near_s,
        nearest_s=d.nearest_s,
        burst=d.burst,
        blank_cosine=d.blank_cosine,
        blank_contrast=d.blank_contrast,
        threshold=threshold_of(settings, model),
        sure=d.thresholds["strict"] if d.sure is None else d.sure,
        registration=None if d.registration is None else RegistrationRule(**dict(d.registration)),
        page=page_rule_of(model),
    )


def page_rule_of(model: EmbeddingModel) -> PageRule | None:
    """Return how a model tells pages, None where it can't."""
    if model.pages is None:
        return None
    return PageRule(**{**dict(model.pages), "weights": np.array(model.pages.weights, dtype=np.float32)})


def clocks_of(settings: Settings) -> Clocks:
    """Return what the settings say of clocks."""
    home = ZoneInfo(settings.capture.home_timezone) if settings.capture.home_timezone else tzlocal.get_localzone()
    return Clocks(home, settings.sifting.interval_s, settings.capture.clock_offsets_s)


def limits_of(settings: Settings) -> GroupLimits:
    """Return what the settings say of the interval, the span and the certainty of groups."""
    sifting = settings.sifting
    least = Certainty(sifting.min_certainty)
    return GroupLimits(sifting.interval_s, sifting.max_span_s, sifting.burst_gap_s, least)


def closer_look_rules(settings: Settings, fingerprint: str) -> int:
    """Return a number, 1 or more, that differs whenever other pairs or photos may need a closer look.

    `fingerprint` is that of the model that the vectors come from.
    """
    sifting, clocks = settings.sifting, settings.capture
    methods = (QUALITY_METHOD, REGISTRATION_METHOD, COPY_METHOD)
    what = (*methods, fingerprint, sifting.model_dump_json(), clocks.model_dump_json())
    return int.from_bytes(hashlib.blake2b(repr(what).encode(), digest_size=7).digest()) + 1


def threshold_of(settings: Settings, model: EmbeddingModel) -> float:
    """Return the least P(same shot) that counts as the same shot.

    It is the owner's number, or the model's for the owner's word.
    """
    strictness = settings.sifting.strictness
    return model.decision.thresholds[strictness.value] if isinstance(strictness, Strictness) else strictness
