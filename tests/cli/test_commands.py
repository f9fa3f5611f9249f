"""The table of commands: each entry leads to a command, and none is imported before it is asked for."""

import json
import subprocess
import sys

import pytest
import typer.main

from dejashot.cli.app import app
from dejashot.cli.commands import COMMANDS
from dejashot.cli.lazy import LazyGroup
from homes import Home

PROGRAM = """
import json, sys
from dejashot.cli.app import main
try:
    main()
except SystemExit:
    pass
print(json.dumps([name for name in sys.modules if name.startswith("dejashot.") or name == "numpy"]))
"""


def group() -> LazyGroup:
    made = typer.main.get_command(app)
    assert isinstance(made, LazyGroup)
    return made


def loaded_by(*arguments: str) -> set[str]:
    """Return the modules that the command line has imported once a command has ended."""
    done = subprocess.run([sys.executable, "-c", PROGRAM, *arguments], capture_output=True, text=True, check=True)
    return set(json.loads(done.stdout.splitlines()[-1]))


@pytest.mark.parametrize("name", COMMANDS)
def test_every_entry_leads_to_its_command(name: str) -> None:
    command = group().load_command(name)
    assert (command.name, command.help) == (name, COMMANDS[name].help)
    listed = group().commands[name]
    assert (listed.name, listed.help) == (name, COMMANDS[name].help)
    assert command.params or command.commands
    assert listed.rich_help_panel == COMMANDS[name].panel


@pytest.mark.parametrize("arguments", [("--help",), ("--version",), ("nonsense",)])
def test_no_command_is_imported_to_list_them(arguments: tuple[str, ...]) -> None:
    modules = loaded_by(*arguments)
    assert "dejashot.cli.commands" in modules
    assert "numpy" not in modules
    assert not {m for m in modules if m.startswith(("dejashot.config", "dejashot.library", "dejashot.ingest"))}


def test_only_the_command_that_is_asked_for_is_imported() -> None:
    modules = loaded_by("config", "path")
    targets = {name: command.target.partition(":")[0] for name, command in COMMANDS.items()}
    assert targets["config"] in modules
    assert not modules & {module for name, module in targets.items() if name != "config"}


def test_a_bad_value_is_reported_in_plain_words(home: Home) -> None:
    done = home.run("scan", "--format", "xml", home.path)
    assert done.returncode == 2
    assert "'xml' is not one of 'table'" in done.stderr
    assert "Value error" not in done.stderr
    assert "Did you mean 'scan'?" in home.run("scna").stderr


def test_an_error_has_its_hint_and_its_exit_status(home: Home) -> None:
    done = home.run("scan", "/nonexistent/photos")
    assert done.returncode == 2
    assert done.stdout == ""
    title, hint = done.stderr.splitlines()
    assert title.startswith("dejashot: ")
    assert hint.strip()
    home.configure("[watch]\nquiet = 3\n")
    assert home.run("status").returncode == 2
    assert home.run("run").returncode == 78, "systemd must not start it again"
