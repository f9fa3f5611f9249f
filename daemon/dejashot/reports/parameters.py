"""The parameters of grouping, from the settings and the model."""

from zoneinfo import ZoneInfo

import tzlocal

from dejashot.config.settings import Settings
from dejashot.config.values import Strictness
from dejashot.grouping.capture_clocks import Clocks
from dejashot.grouping.similarity import Rules
from dejashot.reading.vision.model import EmbeddingModel, VerificationParameters


def rules_of(settings: Settings, network: EmbeddingModel) -> Rules:
    """Return the decision of a network at the owner's strictness."""
    d, look = (
        network.decision,
        network.decision.second_look or VerificationParameters(weight=0, least=0, most=1, base=0, slope=0),
    )
    return Rules(
        bias=d.bias,
        cosine=d.cosine,
        match=look.weight,
        match_least=look.least,
        match_most=look.most,
        match_base=look.base,
        match_slope=look.slope,
        near=d.near,
        near_s=d.near_s,
        nearest_s=d.nearest_s,
        burst=d.burst,
        blank_cosine=d.blank_cosine,
        blank_contrast=d.blank_contrast,
        threshold=threshold_of(settings, network),
    )


def clocks_of(settings: Settings) -> Clocks:
    """Return what the settings say of clocks."""
    home = ZoneInfo(settings.capture.home_timezone) if settings.capture.home_timezone else tzlocal.get_localzone()
    return Clocks(home, settings.sifting.interval_s, settings.capture.clock_offsets_s)


def threshold_of(settings: Settings, network: EmbeddingModel) -> float:
    """Return the least P(same shot) that counts as the same shot: the owner's number, or the network's for the owner's word."""
    strictness = settings.sifting.strictness
    return network.decision.thresholds[strictness.value] if isinstance(strictness, Strictness) else strictness
