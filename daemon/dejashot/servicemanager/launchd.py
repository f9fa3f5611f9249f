"""The daemon as a launchd agent: launchd.plist(5), launchctl(1)."""

import os
import plistlib
import re
from pathlib import Path

from dejashot.paths import make_folder, shown
from dejashot.servicemanager.base import (
    UNIT_MARK,
    FileTransaction,
    Service,
    ServiceError,
    State,
    call,
    refuse_foreign,
    unit_template,
)

LABEL = "dejashot"


def agent_text(service: Service, log_file: Path) -> str:
    """Return the agent of a service: the one that ships, with its command, variables and log file."""
    agent = plistlib.loads(unit_template("dejashot.plist").encode())
    agent["ProgramArguments"] = list(service.command)
    agent["EnvironmentVariables"] |= service.environment
    agent["StandardErrorPath"] = str(log_file)
    head, _, body = plistlib.dumps(agent).decode().partition("<plist")
    return f"{head}<!-- {UNIT_MARK}; `dejashot service uninstall` removes it -->\n<plist{body}"


class Launchd:
    """The launchd of one account."""

    def __init__(self, home: Path, user: int | None = None) -> None:
        self.agent = home / "Library" / "LaunchAgents" / f"{LABEL}.plist"
        self.log_file = home / "Library" / "Logs" / f"{LABEL}.log"
        self._domain = f"gui/{os.getuid() if user is None else user}"

    def install(self, service: Service, *, start: bool, hardened: bool) -> list[str]:
        """Write the agent and start it; put all back when that fails."""
        if hardened:
            raise ServiceError("--hardened is for systemd", "Leave it out: launchd has no such lines")
        refuse_foreign([self.agent])
        if start:
            call("launchctl", "print", self._domain)
        make_folder(self.log_file.parent)
        written = FileTransaction()
        try:
            written.write(self.agent, agent_text(service, self.log_file))
            if start:
                call("launchctl", "bootout", f"{self._domain}/{LABEL}", check=False)  # an older one, if there is one
                call("launchctl", "bootstrap", self._domain, str(self.agent))
        except BaseException:  # Ctrl-C too
            written.undo()
            raise
        lines = [f"Written   {shown(self.agent)}"]
        if not start:
            return [*lines, f"Start it  launchctl bootstrap {self._domain} {shown(self.agent)}"]
        return [
            *lines,
            "Started   `dejashot service status` says how it does",
            "Note      macOS asks once whether it may see your photos",
        ]

    def uninstall(self) -> list[str]:
        """Stop the agent and remove it."""
        if not self.agent.exists():
            raise ServiceError("the service is not installed", "There is nothing to remove")
        refuse_foreign([self.agent])
        call("launchctl", "bootout", f"{self._domain}/{LABEL}", check=False)
        self.agent.unlink()
        return [f"Removed   {shown(self.agent)}", "Kept      configuration, library, digests and log"]

    def state(self) -> State:
        """Return the state of the agent, from `launchctl print`."""
        done = call("launchctl", "print", f"{self._domain}/{LABEL}", check=False)
        if done.returncode:
            return (
                State("stopped", ("it is installed but not loaded",)) if self.agent.exists() else State("not installed")
            )
        properties = dict(re.findall(r"^\s*(state|pid|last exit code) = (.+)$", done.stdout, re.MULTILINE))
        if properties.get("state") == "running":
            return State("running", (f"process {properties['pid']}",) if "pid" in properties else ())
        code = properties.get("last exit code", "")
        if code.partition(":")[0] not in ("", "0", "(never exited)"):
            return State("failed", (f"it ended with exit status {shown(code)}", "`dejashot service logs` says why"))
        return State("stopped")

    def logs(self, lines: int, *, follow: bool) -> list[str]:
        """Return the command that shows the end of the log file."""
        if not self.log_file.exists():
            raise ServiceError(
                f"there is no {shown(self.log_file)} yet", "Install the service first: `dejashot service install`"
            )
        return ["/usr/bin/tail", "-n", str(lines), *(["-F"] if follow else []), str(self.log_file)]
