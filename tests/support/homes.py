"""The command run as a person runs it, in a home of its own, and a hash that shows whether originals changed."""

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dejashot.diagnostics.status import library_status


@dataclass(frozen=True)
class Home:
    """An isolated home folder and the command line inside it."""

    path: Path
    environment: Mapping[str, str]

    def run(self, *arguments: object, timeout_s: float = 120, **changes: str) -> subprocess.CompletedProcess[str]:
        """Run `dejashot` with arguments and return its status and output."""
        return subprocess.run(
            self.command(*arguments),
            env={**self.environment, **changes},
            capture_output=True,
            text=True,
            timeout=timeout_s,
        )

    def json(self, *arguments: object) -> Any:
        """Run `dejashot`, expect success, and return its JSON."""
        done = self.run(*arguments, "--format", "json")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def status(self) -> dict[str, Any]:
        """Return the body of `dejashot status` without starting a process, for callers that poll."""
        return library_status(self.library)

    def start(self, *arguments: object, **changes: str) -> subprocess.Popen[str]:
        """Start `dejashot` in the background."""
        return subprocess.Popen(
            self.command(*arguments),
            env={**self.environment, **changes},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def command(self, *arguments: object) -> list[str]:
        """Return the command line."""
        return [sys.executable, "-m", "dejashot", *map(str, arguments)]

    @property
    def library(self) -> Path:
        """Return where the library lies."""
        return self.path / "state" / "dejashot"

    def configure(self, text: str) -> Path:
        """Write the configuration file."""
        file = self.path / "config" / "dejashot" / "dejashot.toml"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        return file


def environment(home: Path) -> dict[str, str]:
    """Return the environment of a person who lives in a folder, without what this machine's own session sets."""
    excluded = {"DEJASHOT_CONFIG", "NOTIFY_SOCKET", "JOURNAL_STREAM", "DBUS_SESSION_BUS_ADDRESS", "XDG_RUNTIME_DIR"}
    return {name: value for name, value in os.environ.items() if name not in excluded} | {
        "HOME": str(home),
        "XDG_CONFIG_HOME": str(home / "config"),
        "XDG_STATE_HOME": str(home / "state"),
        "XDG_CACHE_HOME": str(home / "cache"),
        "TZ": "Europe/Berlin",
        "COLUMNS": "80",
    }


def tree_hash(folder: Path) -> str:
    """Return a hash over names, bytes and times of everything in a folder."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        status = path.lstat()
        digest.update(
            f"{path.relative_to(folder)}|{status.st_mode}|{status.st_mtime_ns}|".encode("utf-8", "surrogateescape")
        )
        if path.is_file() and not path.is_symlink():
            digest.update(path.read_bytes())
    return digest.hexdigest()
