"""The settings, their file, and what is said of a bad one."""

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dejashot.config import Settings, load_settings, parse_duration, settings_from
from dejashot.errors import ConfigError
from dejashot.paths import example_config


def test_the_example_file_holds_every_key_with_its_default() -> None:
    data = tomllib.loads(example_config().read_text())
    assert settings_from(data, "example") == Settings()
    assert set(data) == set(Settings.model_fields)
    for name, section in data.items():
        if isinstance(section, dict):
            assert set(section) == set(Settings.model_fields[name].annotation.model_fields)


def test_every_key_of_the_example_file_says_why() -> None:
    for line in example_config().read_text().splitlines():
        if "=" in line and not line.startswith("#"):
            assert "# " in line, line


def test_a_missing_file_means_the_defaults_unless_it_was_named(tmp_path: Path) -> None:
    assert load_settings(tmp_path / "none.toml", required=False) == Settings()
    with pytest.raises(ConfigError, match="config init"):
        load_settings(tmp_path / "none.toml", required=True)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("folders = 3", "folders"),
        ("[watch]\nquiet = 3", "watch.quiet"),
        ("[sifting]\ninterval_s = 0", "sifting.interval_s"),
        ("[digest]\nschedule = '0 8 * * 1'", "name the weekday"),
        ("[digest]\nschedule = 'now and then'", "five crontab fields"),
        ("[capture]\nhome_timezone = 'Mars/Olympus'", "not a time zone"),
        ("[capture", "not valid TOML"),
    ],
)
def test_a_bad_file_is_refused_with_the_key_and_a_way_out(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "dejashot.toml"
    file.write_text(text)
    with pytest.raises(ConfigError) as caught:
        load_settings(file, required=True)
    assert said in caught.value.title
    assert caught.value.hint


@pytest.mark.parametrize(("text", "line"), [("weekly", "0 8 * * mon"), ("never", ""), ("30 7 * * sat,sun", "30 7 * * sat,sun")])
def test_schedules_have_names_and_crontab_lines(text: str, line: str) -> None:
    assert settings_from({"digest": {"schedule": text}}, "test").digest.schedule == line


@pytest.mark.parametrize(("text", "seconds"), [("60", 60), ("60s", 60), ("1.5min", 90), ("2h", 7200), ("500ms", 0.5), ("1d", 86400)])
def test_lengths_of_time_are_read(text: str, seconds: float) -> None:
    assert parse_duration(text) == seconds


@given(st.text(max_size=12))
def test_any_text_is_a_length_of_time_or_a_clear_error(text: str) -> None:
    try:
        assert parse_duration(text) >= 0
    except ConfigError as error:
        assert error.hint
