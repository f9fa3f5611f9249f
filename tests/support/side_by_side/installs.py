"""Where the compared tools are: in virtual environments of their own, kept for the next time, or on PATH."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import dejashot
from measured_process import RunError, measure
from side_by_side.tools import Package, Tool

PYTHONS = ("3.12", "3.13", "3.14", "3.11")  # the versions that were measured ran on the first
INSTALL_TIMEOUT_S = 900.0
_DONE = "installed"  # a file, written last


@dataclass(frozen=True, slots=True)
class Installed:
    """A tool that can be run: its version, its Python, the folder of its commands, variables that it needs."""

    tool: Tool
    version: str
    python: str = sys.executable
    commands: str = ""
    variables: Mapping[str, str] = field(default_factory=dict)


class Installer:
    """Finds tools, and installs those that are missing into folders below one."""

    def __init__(self, venvs: Path, say: Callable[[str], None]) -> None:
        self._venvs = venvs
        self._say = say
        self._failed: dict[Package, str] = {}

    def get(self, tool: Tool) -> Installed:
        """Return a tool, ready to be run; raise RunError where it can't be had."""
        if tool.on_path:
            return _found_on_path(tool)
        if tool.package is None:
            ours = str(Path(dejashot.__file__).parents[1])
            return Installed(tool, dejashot.__version__, variables={"PYTHONPATH": ours})
        if tool.package in self._failed:
            raise RunError(self._failed[tool.package])
        try:
            folder = self._installed(tool.package)
        except RunError as error:
            self._failed[tool.package] = f"not installed: {error}"
            raise RunError(self._failed[tool.package]) from error
        commands = folder / "bin"
        return Installed(tool, tool.package.version, str(commands / "python"), str(commands))

    def _installed(self, package: Package) -> Path:
        name = re.split(r"[\[=]", (package.bare or package.requirements)[0])[0]
        folder = self._venvs / f"{name}-{package.version}"
        wanted = "\n".join((*package.bare, *package.requirements))
        done = folder / _DONE
        if done.is_file() and done.read_text() == wanted:
            return folder
        self._say(f"installing {name} {package.version}")
        shutil.rmtree(folder, ignore_errors=True)
        self._venvs.mkdir(parents=True, exist_ok=True)
        for command in _install_commands(folder, package):
            measure(command, os.environ, self._venvs, INSTALL_TIMEOUT_S)
        done.write_text(wanted)
        return folder


def _install_commands(folder: Path, package: Package) -> Iterator[list[str]]:
    python, inside = _python_for_peers(), str(folder / "bin" / "python")
    if uv := shutil.which("uv"):
        yield [uv, "venv", "--quiet", "--python", python, str(folder)]
        install = [uv, "pip", "install", "--quiet", "--python", inside]
    else:
        yield [python, "-m", "venv", str(folder)]
        install = [inside, "-m", "pip", "install", "--quiet"]
    if package.bare:
        yield [*install, "--no-deps", *package.bare]
    yield [*install, *package.requirements]


def _python_for_peers() -> str:
    """Return a Python that the peers support: one of pyenv's, or one on PATH; else the one that runs this."""
    return next((path for version in PYTHONS for path in _pythons(version) if _starts(path)), sys.executable)


def _pythons(version: str) -> Iterator[str]:
    yield from map(str, sorted((Path.home() / ".pyenv" / "versions").glob(f"{version}.*/bin/python3")))
    if path := shutil.which(f"python{version}"):
        yield path


def _starts(python: str) -> bool:
    """Say whether a Python is there, rather than what stands in for those that are not chosen."""
    return subprocess.run([python, "-c", ""], capture_output=True).returncode == 0


def _found_on_path(tool: Tool) -> Installed:
    if not (path := shutil.which(tool.on_path)):
        raise RunError(f"no command {tool.on_path}")
    said = measure([path, "--version"], os.environ, Path.cwd(), 60.0).output
    return Installed(tool, (said.split() or ["?"])[-1])
