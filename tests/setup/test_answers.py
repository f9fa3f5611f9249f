"""What the owner answers stands in the configuration, and everything else there stays."""

import os
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dejashot.config.settings import settings_from
from dejashot.errors import ConfigError
from dejashot.setup.configuration import (
    SetupAnswers,
    as_configured,
    configuration_text,
    format_schedule,
    merged_folders,
    parse_schedule,
)

ANSWERS = SetupAnswers(("~/Phone",), "0 8 * * mon", True, "de")


@pytest.mark.parametrize("before", [None, "", "# mine\nfolders = ['~/Old'] # kept\n[review]\nport = 9000 # mine\n"])
def test_the_answers_stand_in_it_and_nothing_else_changes(before: str | None) -> None:
    text = configuration_text(before, ANSWERS)
    settings = settings_from(tomllib.loads(text), "test")
    assert (
        SetupAnswers(settings.folders, settings.digest.schedule, settings.review.enabled, settings.language) == ANSWERS
    )
    assert settings.review.port == (9000 if before else 8423)
    assert text.count("# mine") == (before or "").count("# mine")
    assert configuration_text(text, ANSWERS) == text


@given(st.integers(0, 23), st.integers(0, 59))
def test_a_time_of_day_is_a_schedule(hour: int, minute: int) -> None:
    assert parse_schedule(f" {hour}:{minute:02} ") == f"{minute} {hour} * * *"
    assert format_schedule(parse_schedule(f"{hour}:{minute:02}")) == f"{hour:02}:{minute:02}"


@pytest.mark.parametrize("text", ["hourly", "weekly", "monthly", "never", "0 20 * * mon-fri", "08:30"])
def test_a_schedule_is_proposed_as_it_would_be_answered(text: str) -> None:
    assert format_schedule(parse_schedule(text)) == text


@pytest.mark.parametrize("text", ["24:00", "8:60", "noon", "1 2 3", "0 20 * * 1"])
def test_what_is_no_schedule_is_said_with_what_would_be(text: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_schedule(text)
    assert caught.value.hint.startswith(("Write", "Name"))


def test_folders_are_written_below_the_home_and_each_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert as_configured(tmp_path / "a b" / "Ä", tmp_path) == "~/a b/Ä"
    assert as_configured(Path("~/x"), tmp_path) == "~/x"
    assert as_configured(Path("/srv/photos"), tmp_path) == "/srv/photos"
    with pytest.raises(ConfigError, match="no UTF-8"):
        as_configured(tmp_path / os.fsdecode(b"\xff"), tmp_path)
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    assert merged_folders(["~/link"], ["~/real", "~/new"]) == ("~/link", "~/new")
