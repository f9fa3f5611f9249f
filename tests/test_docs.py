"""The documents tell the truth about the product."""

import plistlib
import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest
import typer.main

from dejashot import __version__
from dejashot.cli.app import app
from dejashot.cli.lazy import LazyGroup
from dejashot.errors import Reason
from dejashot.files.names import EXTRAS
from dejashot.reading.vision.model import BUNDLED, load_model

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()


def commands() -> list[str]:
    names: list[str] = []
    group = typer.main.get_command(app)
    assert isinstance(group, LazyGroup)
    for name in group.commands:
        inner = getattr(group.load_command(name), "commands", None)
        names += [f"{name} {sub}" for sub in inner] if inner else [name]
    return names


@pytest.mark.parametrize("name", commands())
def test_every_command_stands_in_the_readme(name: str) -> None:
    assert f"`dejashot {name}" in README


def test_the_readme_has_two_commands_and_no_third_step() -> None:
    blocks = re.findall(r"```sh\n(.*?)\n```", README, re.DOTALL)
    assert blocks[0].endswith("dejashot scan ~/Pictures")
    assert blocks[1].endswith("pytest")
    assert "\n" not in blocks[0] + blocks[1]


def test_version_and_network_agree_everywhere() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert project["version"] == __version__
    assert (ROOT / "CHANGELOG.md").read_text().count("## [Unreleased]") == 1
    network = load_model(BUNDLED)
    assert f"{network.name}.onnx" in (BUNDLED.parent / "NOTICE").read_text()
    assert BUNDLED.stat().st_size <= 6_000_000
    assert ", ".join(f"{word} for {least:g}" for word, least in network.decision.thresholds.items()) in README.replace(
        "stands for", "for"
    )


def test_every_reason_has_words() -> None:
    assert all(reason.words for reason in Reason)


def test_every_public_function_says_what_it_does() -> None:
    for file in (ROOT / "daemon").rglob("*.py"):
        assert file.read_text().startswith('"""'), file


def test_the_launchd_agent_is_well_formed() -> None:
    agent = plistlib.loads((ROOT / "systemd" / "dejashot.plist").read_bytes())
    assert agent["ProgramArguments"][1:] == ["run"]
    assert agent["KeepAlive"] == {"SuccessfulExit": False}
    assert agent["ProcessType"] == "Background"


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed")
def test_the_user_unit_is_one_systemd_understands(tmp_path: Path) -> None:
    unit = (
        (ROOT / "systemd" / "dejashot.service")
        .read_text()
        .replace("%h/.local/bin/dejashot", shutil.which("true") or "/bin/true")
    )
    (tmp_path / "dejashot.service").write_text(unit)
    done = subprocess.run(
        ["systemd-analyze", "verify", "--user", str(tmp_path / "dejashot.service")], capture_output=True, text=True
    )
    assert "dejashot.service" not in done.stderr, done.stderr


def test_every_extra_and_every_raw_that_is_read_stands_in_the_readme() -> None:
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    assert {extra.name for extra in EXTRAS.values()} < set(extras)
    assert all(f"'.[{extra.name}]'" in README for extra in EXTRAS.values())
    assert all(
        form in README
        for form in (
            "DNG",
            "CR2",
            "NEF",
            "NRW",
            "ARW",
            "SR2",
            "SRW",
            "PEF",
            "RW2",
            "ORF",
            "RAF",
            "CR3",
            "CRW",
            "MRW",
            "X3F",
        )
    )
