"""Programs that stand in for a service manager's: real executables on PATH that log their calls."""

import os
import stat
from collections.abc import Mapping
from pathlib import Path

SCRIPT = """#!/bin/sh
echo "$(basename "$0") $*" >> '{log}'
{body}
"""


class Programs:
    """A folder of executables, and the log of their calls."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.log = folder / "calls.log"
        folder.mkdir()

    def add(self, name: str, body: str = "exit 0") -> None:
        """Add a program whose shell code is `body`."""
        file = self.folder / name
        file.write_text(SCRIPT.format(log=self.log, body=body))
        file.chmod(file.stat().st_mode | stat.S_IXUSR)

    def asked(self) -> list[str]:
        """Return the calls so far, and clear the log."""
        lines = self.log.read_text().splitlines() if self.log.exists() else []
        self.log.unlink(missing_ok=True)
        return lines

    def environment(self) -> Mapping[str, str]:
        """Return the variables under which nothing but these programs and the shell's own are found."""
        return {"PATH": f"{self.folder}:/usr/bin:/bin" if os.name == "posix" else str(self.folder)}
