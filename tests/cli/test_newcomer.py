"""The first minutes of a newcomer, at a real terminal: greeted, told the next step, set up; and the completion."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from commands import Programs
from dejashot.cli.commands import COMMANDS
from homes import Home
from scenes import save_photo, scene
from terminals import CTRL_C, talk

SYNCTHING = '<configuration><folder path="~/Phone" type="sendreceive"/></configuration>'


@pytest.fixture
def phone(home: Home) -> Path:
    """Return a folder of the home that Syncthing keeps, with a photo."""
    file = home.path / "state" / "syncthing" / "config.xml"
    file.parent.mkdir(parents=True)
    file.write_text(SYNCTHING)
    folder = home.path / "Phone"
    folder.mkdir()
    save_photo(folder / "IMG_0001.jpg", scene(1))
    return folder


def configured(home: Home) -> dict[str, object]:
    return tomllib.loads((home.path / "config" / "dejashot" / "dejashot.toml").read_text())


def test_a_newcomer_is_greeted_with_commands_that_work_and_told_the_next_step_once(home: Home, phone: Path) -> None:
    greeting = talk(home, [])
    assert greeting.status == 0
    commands = re.findall(r"(?m)^  dejashot (\w+)", greeting.text)
    assert commands == ["demo", "scan", "setup"]
    assert set(commands) < set(COMMANDS)
    assert "dejashot scan . " in greeting.text
    phone.rename(home.path / "Pictures")
    assert "dejashot scan ~/Pictures  " in talk(home, []).text
    assert "Usage" in home.run().stdout + home.run().stderr, "a program gets the help"
    pictures = home.path / "Pictures"
    assert "dejashot setup" not in home.run("scan", pictures).stdout
    assert "Usage" in talk(home, []).text, "there is a library now"
    assert "dejashot setup" in talk(home, ["scan", pictures]).text
    assert "dejashot setup" not in talk(home, ["scan", pictures]).text


def test_setup_asks_shows_writes_and_checks(home: Home, phone: Path) -> None:
    answers = [
        ("another folder [1]: ", "7"),
        ("another folder [1]: ", "/nonexistent"),
        ("another folder [1]: ", ""),
        ("or never [20:00]: ", "soon"),
        ("or never [20:00]: ", "weekly"),
        ("alone? [Y/n]: ", ""),
        ("ja [en]: ", "de"),
        ("Write it? [Y/n]: ", "y"),
    ]
    done = talk(home, ["setup"], answers, LANG="C.UTF-8", LC_ALL="", PATH="/nonexistent")
    assert "~/Phone  1 photo" in done.text
    assert "deleted on the other devices" in done.text
    assert 'folders = ["~/Phone"]' in done.text, "shown before it is written"
    assert "✓ configuration" in done.text
    assert done.text.rstrip().endswith("dejashot review --open")
    assert max(map(len, done.text.partition("✓")[0].splitlines())) <= 80
    body = configured(home)
    assert (body["folders"], body["language"], body["digest"]["schedule"]) == (["~/Phone"], "de", "0 8 * * mon")
    assert body["review"]["enabled"] is True


@pytest.mark.parametrize(("question", "reply"), [("[1]: ", CTRL_C), ("Write it? [Y/n]: ", "n")])
def test_who_stops_has_nothing_written(home: Home, phone: Path, question: str, reply: str) -> None:
    options = ["--schedule", "never", "--no-review", "--no-service", "--language", "en"]
    answers = [("another folder [1]: ", "")] if "it?" in question else []
    done = talk(home, ["setup", *options], [*answers, (question, reply)])
    assert done.status == 1
    assert "Nothing was written" in done.text
    assert not (home.path / "config").exists()


def test_without_a_terminal_it_has_all_it_needs_or_says_what_is_missing(home: Home, phone: Path) -> None:
    done = home.run("setup", "--folder", phone, "--no-review")
    assert (done.returncode, done.stdout) == (2, "")
    assert "--schedule, --service or --no-service missing" in done.stderr
    other = home.path / "Other"
    other.mkdir()
    file = home.configure("folders = ['~/Phone'] # the first\n[review]\nport = 9000\n# the end\n")
    before = file.read_text()
    options = ("--folder", other, "--schedule", "9:00", "--no-review", "--no-service")
    again = home.run("setup", *options)
    assert (again.returncode, file.read_text()) == (2, before)
    assert "--yes" in again.stderr
    assert home.run("setup", *options, "--yes").returncode == 0
    assert configured(home) == {
        "folders": ["~/Phone", "~/Other"],
        "digest": {"schedule": "0 9 * * *"},
        "review": {"port": 9000},
    }, "what is there stays"
    assert "# the first\n" in file.read_text()


def test_the_service_is_installed_and_speaks_the_language_of_the_account(
    home: Home, phone: Path, tmp_path: Path
) -> None:
    programs = Programs(tmp_path / "bin")
    for name in ("systemctl", "loginctl"):
        programs.add(name)
    done = home.run("setup", "--yes", "--service", LANG="de_DE.UTF-8", LC_ALL="", **programs.environment())
    assert done.returncode in (0, 1), done.stderr
    assert "Started" in done.stdout
    assert "dejashot status" in done.stdout
    unit = (home.path / "config/systemd/user/dejashot.service").read_text()
    assert 'Environment="LANG=de_DE.UTF-8"' in unit


COMPLETED = {
    "dejashot re": "report review",
    "dejashot scan --inter": "--interval",
    "dejashot service install --st": "--start",
    "dejashot apply --how x": "xmp",
}


@pytest.mark.skipif(shutil.which("bash") is None, reason="bash is not installed")
def test_bash_completes_commands_options_and_values(home: Home, tmp_path: Path) -> None:
    program = tmp_path / "bin" / "dejashot"
    program.parent.mkdir()
    program.write_text(f"#!{sys.executable}\nfrom dejashot.cli.app import main\nmain()\n")
    program.chmod(0o755)
    asked = [
        f'COMP_WORDS=({line}); COMP_CWORD={line.count(" ")}; _dejashot_completion dejashot; echo "${{COMPREPLY[*]}}"'
        for line in COMPLETED
    ]
    script = "\n".join(
        ["dejashot --install-completion > /dev/null || exit 1", "source ~/.bash_completions/dejashot.sh", *asked]
    )
    environment = {**home.environment, "PATH": f"{program.parent}:{os.environ['PATH']}"}
    done = subprocess.run(["bash", "-c", script], env=environment, capture_output=True, text=True)
    assert done.stdout.splitlines() == list(COMPLETED.values()), done.stderr


def test_the_help_has_commands_in_groups_a_line_each(home: Home) -> None:
    text = home.run("--help").stdout
    places = [text.index(f"─ {panel} ─") for panel in ("Look", "Choose", "Run", "Set up", "Check and fit")]
    assert places == sorted(places)
    listed = text[places[0] :].splitlines()
    assert sum(line.startswith("│ ") for line in listed) == len(COMMANDS), "no help is longer than a line"
    assert "Install completion" in " ".join(text.replace("│", " ").split())
