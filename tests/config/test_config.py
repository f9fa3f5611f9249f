"""The settings, their file, and the error of a bad one."""

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dejashot.config.edit import with_settings, with_strictness
from dejashot.config.settings import Settings, load_settings, settings_from
from dejashot.config.values import Strictness, format_clock_offset, parse_clock_offset, parse_duration, parse_strictness
from dejashot.errors import ConfigError
from dejashot.paths import example_config


def test_the_example_file_holds_every_key_with_its_default() -> None:
    data = tomllib.loads(example_config().read_text())
    assert settings_from(data, "example") == Settings()
    assert set(data) == set(Settings.model_fields)
    for name, section in data.items():
        if isinstance(section, dict):
            assert set(section) == set(Settings.model_fields[name].annotation.model_fields)


def test_every_key_of_the_example_file_has_a_comment() -> None:
    for line in example_config().read_text().splitlines():
        if "=" in line and not line.startswith("#"):
            assert "# " in line, line


def test_a_missing_file_means_the_defaults_unless_it_was_named(tmp_path: Path) -> None:
    assert load_settings(tmp_path / "none.toml", required=False) == Settings()
    with pytest.raises(ConfigError, match="config init"):
        load_settings(tmp_path / "none.toml", required=True)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("folders = 3", "folders"),
        ("[watch]\nquiet = 3", "watch.quiet"),
        ("[sifting]\ninterval_s = 0", "sifting.interval_s"),
        ("[digest]\nschedule = '0 8 * * 1'", "name the weekday"),
        ("[digest]\nschedule = 'now and then'", "five crontab fields"),
        ("[digest]\nschedule = '@daily'", "write hourly, daily, weekly"),
        ("[digest]\nkeep = 'a year'", "digest.keep: 'a year' is not a length of time"),
        ("[deliver]\nurls = 'json://me:hunter2@host'", "deliver.urls: write a list"),
        ("[capture]\nhome_timezone = 'Mars/Olympus'", "not a time zone"),
        (
            "[capture]\nclock_offset = { 'Canon' = 'an hour' }",
            "capture.clock_offset.Canon: 'an hour' is not a length of time",
        ),
        ("[capture]\nclock_offset = { 'Canon' = '+90000d' }", "more than a hundred years"),
        ("[capture]\nclock_offset = { 'Canon' = 3600 }", "capture.clock_offset.Canon"),
        ("[sifting]\nmin_certainty = 'sure'", "sifting.min_certainty"),
        ("[places]\nborrow_s = -1", "places.borrow_s"),
        ("[sifting]\nstrictness = 'very'", "sifting.strictness: write strict, normal, loose, or a number"),
        ("[sifting]\nstrictness = 80", "sifting.strictness: write strict, normal, loose, or a number"),
        ("[sifting]\nstrictness = true", "sifting.strictness: write strict, normal, loose, or a number"),
        ("[sifting]\nstrictness = nan", "sifting.strictness: write strict, normal, loose, or a number"),
        ("[capture", "not valid TOML"),
    ],
)
def test_a_bad_file_is_an_error_with_the_key_and_a_hint(tmp_path: Path, text: str, message: str) -> None:
    file = tmp_path / "dejashot.toml"
    file.write_text(text)
    with pytest.raises(ConfigError) as caught:
        load_settings(file, required=True)
    assert message in caught.value.title
    assert "hunter2" not in str(caught.value)
    assert caught.value.hint


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("weekly", "0 8 * * mon"),
        ("never", ""),
        ("30 7 * * sat,sun", "30 7 * * sat,sun"),
        ("0 8 * * Sun-Thu", "0 8 * * sun,mon,tue,wed,thu"),
        ("0 8 * jan fri-mon/2,wed", "0 8 * jan fri,sun,wed"),
        ("0 8 * * mon-fri", "0 8 * * mon-fri"),
    ],
)
def test_schedules_have_names_and_crontab_lines(text: str, line: str) -> None:
    assert settings_from({"digest": {"schedule": text}}, "test").digest.schedule == line


@pytest.mark.parametrize(
    ("text", "seconds"), [("60", 60), ("60s", 60), ("1.5min", 90), ("2h", 7200), ("500ms", 0.5), ("1d", 86400)]
)
def test_durations_are_parsed(text: str, seconds: float) -> None:
    assert parse_duration(text) == seconds


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("+1h", 3600),
        ("-3min 20s", -200),
        ("+2d", 172800),
        ("1h 3min", 3780),
        (" + 1h3min20s ", 3800),
        ("-90", -90),
        ("+0.5s", 0.5),
    ],
)
def test_clock_offsets_are_parsed(text: str, seconds: float) -> None:
    assert parse_clock_offset(text) == seconds
    settings = settings_from({"capture": {"clock_offset": {"Canon EOS*": text}}}, "test")
    assert settings.capture.clock_offsets_s == {"Canon EOS*": seconds}


@given(st.integers(-(10**9), 10**9))
def test_a_formatted_clock_offset_parses_to_itself(seconds: int) -> None:
    assert parse_clock_offset(format_clock_offset(seconds)) == seconds


@given(st.text(alphabet="+-0123456789hmsdinw .", max_size=12))
def test_any_text_is_a_clock_offset_or_a_clear_error(text: str) -> None:
    try:
        parse_clock_offset(text)
    except ConfigError as error:
        assert error.hint


@given(st.text(max_size=12))
def test_any_text_is_a_duration_or_a_clear_error(text: str) -> None:
    try:
        assert parse_duration(text) >= 0
    except ConfigError as error:
        assert error.hint


@pytest.mark.parametrize(
    ("text", "strictness"),
    [("strict", Strictness.STRICT), (" Loose ", Strictness.LOOSE), ("0.8", 0.8), ("1e-3", 0.001), (".95", 0.95)],
)
def test_strictness_is_a_word_or_a_number(text: str, strictness: Strictness | float) -> None:
    assert parse_strictness(text) == strictness
    assert settings_from({"sifting": {"strictness": text}}, "test").sifting.strictness == strictness
    assert Settings().with_strictness(strictness).sifting.strictness == strictness


@given(st.text(max_size=8) | st.floats().map(str))
def test_any_text_is_a_strictness_or_a_clear_error(text: str) -> None:
    try:
        strictness = parse_strictness(text)
    except ConfigError as error:
        assert error.hint
    else:
        assert isinstance(strictness, Strictness) or 0 < strictness < 1


def test_the_example_file_documents_every_strictness() -> None:
    comment = example_config().read_text().partition("strictness = ")[2].partition("max_span_s")[0]
    assert all(f'"{word}"' in comment for word in Strictness)
    assert "a number above 0 and below 1" in comment


def test_setting_the_strictness_changes_one_line_of_the_file() -> None:
    before = example_config().read_text()
    after = with_strictness(before, 0.812)
    changed = [(a, b) for a, b in zip(before.splitlines(), after.splitlines(), strict=True) if a != b]
    ((old, new),) = changed
    assert new.startswith("strictness = 0.812 ")
    assert new.partition("#")[2] == old.partition("#")[2]
    assert len(new) == len(old)
    assert with_strictness(after, 0.9) == with_strictness(before, 0.9)
    assert settings_from(tomllib.loads(after), "test") == Settings().with_strictness(0.812)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", "[sifting]\nstrictness = 0.8\n"),
        ("folders = []\n", "folders = []\n\n[sifting]\nstrictness = 0.8\n"),
        ("[sifting]  # how\ninterval_s = 30\n", "[sifting]  # how\nstrictness = 0.8\ninterval_s = 30\n"),
        ("[sifting]", "[sifting]\nstrictness = 0.8\n"),
        ("[sifting]\nstrictness=0.75", "[sifting]\nstrictness=0.8"),
        ("[sifting]\r\ninterval_s = 30\r\n", "[sifting]\r\nstrictness = 0.8\r\ninterval_s = 30\r\n"),
        (
            "[sifting]\ninterval_s = 30\n\n# how\n[watch]\n",
            "[sifting]\nstrictness = 0.8\ninterval_s = 30\n\n# how\n[watch]\n",
        ),
        ("sifting.strictness = 'loose'\n", "sifting.strictness = 0.8\n"),
        ("[sifting]\n'strictness' = 'loose' # mine\n", "[sifting]\n'strictness' = 0.8     # mine\n"),
        (
            "[ sifting ]\n  strictness = 'loose' # mine\n[watch]\n",
            "[ sifting ]\n  strictness = 0.8     # mine\n[watch]\n",
        ),
        (
            "[sifting]\r\nstrictness = 0.75\r\ninterval_s = 30\r\n",
            "[sifting]\r\nstrictness = 0.8\r\ninterval_s = 30\r\n",
        ),
        (
            "[watch]\nquiet_s = 1\n[sifting]\n[notify]\n",
            "[watch]\nquiet_s = 1\n[sifting]\nstrictness = 0.8\n[notify]\n",
        ),
    ],
)
def test_the_strictness_is_set_in_any_file(before: str, after: str) -> None:
    assert with_strictness(before, 0.8) == after


@pytest.mark.parametrize(
    "text", ["sifting = 3\n", "[[sifting]]\n", "[sifting\n", "[sifting]\nstrictness = {}\nstrictness = 1\n"]
)
def test_a_file_that_can_not_be_changed_is_an_error_with_the_line_to_write(text: str) -> None:
    with pytest.raises(ConfigError) as caught:
        with_strictness(text, 0.8)
    assert "strictness = 0.8" in caught.value.hint


def test_an_inline_table_gets_the_key_as_well() -> None:
    changed = with_strictness("sifting = { interval_s = 30 }\n", 0.8)
    assert tomllib.loads(changed) == {"sifting": {"interval_s": 30, "strictness": 0.8}}


def test_several_settings_are_set_at_once_and_all_else_stays() -> None:
    before = example_config().read_text()
    changes = {
        ("", "folders"): ["~/Bilder/Äpfel", 'a "b"'],
        ("", "language"): "de",
        ("review", "enabled"): True,
        ("digest", "schedule"): "0 8 * * mon",
    }
    after = with_settings(before, changes)
    changed = [(a, b) for a, b in zip(before.splitlines(), after.splitlines(), strict=True) if a != b]
    assert len(changed) == len(changes)
    assert all(old.partition(" # ")[2] == new.partition(" # ")[2] for old, new in changed)
    settings = settings_from(tomllib.loads(after), "test")
    assert (list(settings.folders), settings.language) == (["~/Bilder/Äpfel", 'a "b"'], "de")
    assert (settings.review.enabled, settings.digest.schedule) == (True, "0 8 * * mon")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", "folders = ['a']\n\n[review]\nenabled = true\n"),
        ("# mine\n[watch]\nquiet_s = 1", "folders = ['a']\n# mine\n[watch]\nquiet_s = 1\n\n[review]\nenabled = true\n"),
        ("folders = [\n  'b', # old\n]\n[review]\r\n", "folders = ['a']\n[review]\r\nenabled = true\r\n"),
        ("review = { port = 1 }\n", "folders = ['a']\nreview = { port = 1 , enabled = true}\n"),
        ("review.enabled = false # no\n", "folders = ['a']\nreview.enabled = true  # no\n"),
    ],
)
def test_settings_go_where_they_belong(before: str, after: str) -> None:
    changed = with_settings(before, {("", "folders"): ["a"], ("review", "enabled"): True})
    assert tomllib.loads(changed) == tomllib.loads(after)
    assert [line for line in before.splitlines() if line.startswith("#")] == [
        line for line in changed.splitlines() if line.startswith("#")
    ]
