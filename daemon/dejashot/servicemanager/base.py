"""The daemon as a service of one's own account: what both service managers share."""

import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol

from dejashot.errors import DejashotError
from dejashot.language.choice import LOCALE_VARIABLES
from dejashot.paths import make_folder, shown, write_atomically

UNIT_MARK = "written by `dejashot service install`"
CALL_TIMEOUT_S = 90.0
_PASSED_ON = ("XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME", *LOCALE_VARIABLES)


class ServiceError(DejashotError):
    """The service can't be installed, removed or asked."""


@dataclass(frozen=True, slots=True)
class Service:
    """The service to install: its command line, its environment, and the folders it writes to.

    `delivers` says that digests leave the machine: only then does it need the network. `review` says to whom the review
    page is served: nobody, this machine or its network.
    """

    command: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)
    writable: tuple[Path, ...] = ()
    delivers: bool = False
    review: Literal["", "local", "lan"] = ""


@dataclass(frozen=True, slots=True)
class State:
    """The state of the service (`running`, `stopped`, `failed`, `waiting`, `not installed`, …), and lines of detail."""

    word: str
    lines: tuple[str, ...] = ()

    @property
    def exit_status(self) -> int:
        """Return what service managers return: 0 running, 3 not running, 4 not installed."""
        return {"running": 0, "starting": 0, "not installed": 4}.get(self.word, 3)


class Manager(Protocol):
    """A service manager of one account."""

    def install(self, service: Service, *, start: bool, hardened: bool) -> list[str]:
        """Write the unit, start it where `start` is set, and return what was done by line; raise ServiceError."""

    def uninstall(self) -> list[str]:
        """Stop the service and remove what `install` wrote; return what was done; raise ServiceError."""

    def state(self) -> State:
        """Return the state of the service; raise ServiceError."""

    def logs(self, lines: int, *, follow: bool) -> list[str]:
        """Return the command that shows the logs; raise ServiceError."""


def service_of(
    config: Path | None,
    executable: Path,
    environment: Mapping[str, str],
    writable: Sequence[Path] = (),
    *,
    delivers: bool = False,
    review: Literal["", "local", "lan"] = "",
) -> Service:
    """Return the service that runs the `dejashot` of an interpreter.

    The links in the path of the interpreter stay: they make the virtual environment.
    """
    script = executable.parent / "dejashot"
    command = [str(script)] if os.access(script, os.X_OK) else [str(executable), "-m", "dejashot"]
    command.append("run")
    if config is not None:
        command += ["--config", str(config.expanduser().absolute())]
    variables = {name: environment[name] for name in _PASSED_ON if environment.get(name)}
    return Service(tuple(command), variables, tuple(writable), delivers, review)


def unit_template(name: str) -> str:
    """Return a unit of the package: beside it when installed, in `systemd/` in a checkout."""
    installed = Path(__file__).parents[1] / "systemd" / name
    return (installed if installed.exists() else Path(__file__).parents[3] / "systemd" / name).read_text(
        encoding="utf-8"
    )


def call(program: str, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
    """Run a program of the service manager; raise ServiceError when it is missing, hangs, or fails under `check`."""
    path = shutil.which(program)
    if path is None:
        raise ServiceError(
            f"there is no {program} here", "Have `dejashot run` started by whatever starts programs on this system"
        )
    try:
        done = subprocess.run(
            [path, *arguments],
            capture_output=True,
            text=True,
            errors="backslashreplace",
            timeout=CALL_TIMEOUT_S,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise ServiceError(f"{program} does not answer", f"Try it yourself: {program} {' '.join(arguments)}") from error
    if check and done.returncode:
        message = shown((done.stderr.strip() or done.stdout.strip()).partition("\n")[0])
        raise ServiceError(
            f"{program} {' '.join(arguments)}: {message or f'exit status {done.returncode}'}", "Nothing was changed"
        )
    return done


def ours(file: Path) -> bool:
    """Return whether `install` may replace or remove a file: it wrote it, or there is none."""
    try:
        return UNIT_MARK in file.read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return True
    except OSError:
        return False


def refuse_foreign(files: Sequence[Path]) -> None:
    """Raise ServiceError when one of some files was written by someone else."""
    for file in files:
        if not ours(file):
            raise ServiceError(
                f"{shown(file)} was not written by Dejashot", "Move it away first, if you no longer need it"
            )


class FileTransaction:
    """Files written or removed so far, which can be put back as they were when a later step fails."""

    def __init__(self) -> None:
        self._before: dict[Path, bytes | None] = {}

    def write(self, file: Path, text: str) -> None:
        """Write a file; raise ServiceError."""
        make_folder(file.parent)
        try:
            self._before.setdefault(file, file.read_bytes() if file.exists() else None)
            write_atomically(file, text.encode("utf-8", "surrogateescape"))
        except OSError as error:
            raise ServiceError(f"can't write {shown(file)}: {error.strerror}", "Check the permissions") from error

    def remove(self, file: Path) -> None:
        """Remove a file if it is there."""
        if file.exists():
            self._before.setdefault(file, file.read_bytes())
            file.unlink()

    def undo(self) -> None:
        """Put everything back."""
        for file, data in self._before.items():
            if data is None:
                file.unlink(missing_ok=True)
            else:
                write_atomically(file, data)
