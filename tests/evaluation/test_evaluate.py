"""Measuring and fitting as a service: any labelled pairs, a configuration file kept as it is."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dejashot.config.settings import Settings, load_settings
from dejashot.config.values import Strictness
from dejashot.errors import LabelsError
from dejashot.evaluation.evaluate import tune_strictness, write_strictness
from dejashot.evaluation.measures import DecidedPair
from dejashot.paths import example_config
from dejashot.reading.vision.model import BUNDLED, load_model
from dejashot.reports.parameters import rules_of
from networks import tiny_network


@pytest.fixture(scope="module")
def tiny_settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Give the tests settings whose network knows strict, normal and loose as 0.92, 0.75 and 0.4."""
    thresholds = {"strict": 0.92, "normal": 0.75, "loose": 0.4}
    return Settings().with_model(tiny_network(tmp_path_factory.mktemp("network"), decision={"thresholds": thresholds}))


@pytest.fixture
def settings(tiny_settings: Settings) -> Settings:
    """Give the test the same settings."""
    return tiny_settings


def decided(*, same: float, different: float, n: int = 100) -> list[DecidedPair]:
    return [
        DecidedPair(is_same, p >= 75, p)
        for is_same, p in ((True, same), (True, 99.0), (False, different), (False, 1.0))
        for _ in range(n)
    ]


def test_a_word_and_a_number_set_the_threshold() -> None:
    network = load_model(BUNDLED)
    for word in Strictness:
        assert rules_of(Settings().with_strictness(word), network).threshold == network.decision.thresholds[word.value]
    assert rules_of(Settings().with_strictness(0.83), network).threshold == 0.83


def test_any_decided_pairs_can_be_fitted_to(settings: Settings) -> None:
    found = tune_strictness(settings, decided(same=95.0, different=85.0), 0.99)
    assert (found.before, found.after, found.strictness, found.changes) == (0.75, 0.8505, "normal", True)
    assert (found.performance_before.specificity.value, found.performance_after.specificity.value) == (0.5, 1.0)
    assert found.performance_held_out.specificity.value == 1.0
    assert found.performance_after.recall.value == 1.0


def test_beyond_strict_only_when_asked(settings: Settings) -> None:
    pairs = decided(same=98.0, different=95.0, n=200)
    held = tune_strictness(settings, pairs, 0.99)
    assert (held.after, held.changes) == (0.75, False)
    free = tune_strictness(settings, pairs, 0.99, beyond=True)
    assert free.after == 0.9505


def test_too_few_decisions_are_refused(settings: Settings) -> None:
    for pairs in ([], decided(same=95.0, different=80.0, n=5), [DecidedPair(True, True, 90.0)] * 500):
        with pytest.raises(LabelsError, match="too few") as caught:
            tune_strictness(settings, pairs, 0.99)
        assert "20 of each" in caught.value.hint
    with pytest.raises(LabelsError, match="too few to learn from; 7 more could not be compared"):
        tune_strictness(settings, [], 0.99, not_compared=7)


@pytest.mark.parametrize("strictness", [Strictness.STRICT, 0.97, Strictness.LOOSE, 0.2])
def test_a_strictness_that_the_decisions_support_stays(settings: Settings, strictness: Strictness | float) -> None:
    found = tune_strictness(settings.with_strictness(strictness), decided(same=99.0, different=1.0, n=15), 0.99)
    assert (found.after, found.changes) == (found.before, False)


def test_from_strict_it_goes_down_only_to_find_more(settings: Settings) -> None:
    found = tune_strictness(
        settings.with_strictness(Strictness.STRICT), decided(same=88.0, different=60.0, n=200), 0.99
    )
    assert (found.before, found.after) == (0.92, 0.8795)
    assert found.performance_after.recall.value == 1.0


@given(same=st.floats(1, 99.9), different=st.floats(1, 99.9), n=st.integers(10, 200), strictness=st.floats(0.02, 0.98))
def test_what_a_page_shows_makes_it_stricter_or_leaves_it(
    tiny_settings: Settings, same: float, different: float, n: int, strictness: float
) -> None:
    pairs = decided(same=same, different=different, n=n)
    found = tune_strictness(tiny_settings.with_strictness(strictness), pairs, 0.99, stricter_only=True)
    assert found.after >= found.before


def test_the_strictness_is_written_into_the_file_there_is_or_a_new_one(tmp_path: Path) -> None:
    new = tmp_path / "config" / "dejashot.toml"
    assert write_strictness(new, 0.8) == new
    assert load_settings(new, required=True) == Settings().with_strictness(0.8)
    assert len(new.read_text().splitlines()) == len(example_config().read_text().splitlines())
    assert new.stat().st_mode & 0o777 == 0o600
    link = tmp_path / "dejashot.toml"
    link.symlink_to(new)
    write_strictness(link, 0.7)
    assert link.is_symlink()
    assert load_settings(new, required=True).sifting.strictness == 0.7
