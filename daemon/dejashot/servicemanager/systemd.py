"""The daemon as a systemd user unit: systemd.unit(5), systemd.service(5), systemctl(1)."""

import re
import shutil
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from dejashot.language.formats import format_bytes
from dejashot.paths import make_folder, shown
from dejashot.servicemanager.base import (
    UNIT_MARK,
    FileTransaction,
    Service,
    ServiceError,
    State,
    call,
    ours,
    refuse_foreign,
    unit_template,
)

UNIT = "dejashot.service"
_PROPERTIES = (
    "LoadState", "ActiveState", "SubState", "Result", "ExecMainStatus", "MainPID", "StatusText",
    "UnitFileState", "NRestarts", "ActiveEnterTimestamp", "MemoryCurrent",
)  # fmt: skip
_ODD = re.compile(r"[\x00-\x1f\x7f'\"\\\udc80-\udcff]")
_STATES = {
    "active": "running",
    "activating": "starting",
    "deactivating": "stopping",
    "failed": "failed",
    "inactive": "stopped",
}


def quoted(text: str, *, first: bool = False) -> str:
    """Return an argument as ExecStart= takes it: nothing in it is split, expanded or escaped further.

    In the path of the program (`first`) dollars are plain already. Bytes that are no UTF-8 become escapes.
    """
    plain = text.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")
    if not first:
        plain = plain.replace("$", "$$")
    out = []
    for char in plain:
        if "\udc80" <= char <= "\udcff":
            out.append(f"\\x{ord(char) - 0xDC00:02x}")
        else:
            out.append(char if char.isprintable() else "".join(f"\\x{byte:02x}" for byte in char.encode()))
    return '"' + "".join(out) + '"'


def unit_text(service: Service) -> str:
    """Return the unit of a service: the one that ships, with its command and variables."""
    parts = service.command
    if _ODD.search(parts[0]):  # systemd refuses such a program, quoted or not; env takes it as an argument
        parts = ("/usr/bin/env", *parts)
    command = " ".join(quoted(part, first=n == 0) for n, part in enumerate(parts))
    variables = "".join(
        f"Environment={quoted(f'{name}={value}', first=True)}\n" for name, value in service.environment.items()
    )
    text = "".join(line for line in unit_template(UNIT).splitlines(keepends=True) if not line.startswith("ExecStart="))
    head = f"# {UNIT_MARK}; `dejashot service uninstall` removes it, another install replaces it\n"
    return head + text.replace("[Service]\n", f"[Service]\n{variables}ExecStart={command}\n", 1)


def drop_in_text(service: Service) -> str:
    """Return the drop-in of a service: the one that ships, with the folders that the service writes to."""
    paths = "".join(f"ReadWritePaths={quoted(f'-{folder}', first=True)}\n" for folder in service.writable)
    return f"# {UNIT_MARK}\n{unit_template('dejashot-hardening.conf')}{paths}"


def review_text(*, lan: bool) -> str:
    """Return the drop-in that lets the page be served to this machine, or to its network as well."""
    text = unit_template("dejashot-review.conf")
    return f"# {UNIT_MARK}\n{text.replace('#IPAddressAllow=', 'IPAddressAllow=') if lan else text}"


class Systemd:
    """The systemd of one account, with its units below a configuration folder."""

    def __init__(self, config: Path) -> None:
        self.unit = config / "systemd" / "user" / UNIT
        folder = self.unit.with_name(f"{UNIT}.d")
        # systemd reads them by name: a drop-in that allows more comes after the one that forbids it
        self.hardening = folder / "hardening.conf"
        self.network = folder / "network.conf"
        self.review = folder / "review.conf"
        self.drop_ins = (self.hardening, self.network, self.review)

    @property
    def allows_listening(self) -> bool:
        """Return whether a drop-in lets the service listen at a port."""
        return self.network.exists() or self.review.exists()

    def install(self, service: Service, *, start: bool, hardened: bool) -> list[str]:
        """Write the unit with the drop-ins it needs, then enable and start it; put all back when that fails."""
        refuse_foreign([self.unit, *self.drop_ins])
        wanted = {self.hardening: drop_in_text(service)} if hardened else {}
        if service.delivers:
            wanted[self.network] = f"# {UNIT_MARK}\n{unit_template('dejashot-network.conf')}"
        elif service.review:  # delivery opens more than that
            wanted[self.review] = review_text(lan=service.review == "lan")
        if start:
            self._require_systemd()
        written = FileTransaction()
        try:
            written.write(self.unit, unit_text(service))
            for folder in service.writable if hardened else ():
                make_folder(folder)  # what is not there can't be opened for writing
            for drop_in in self.drop_ins:
                if drop_in in wanted:
                    written.write(drop_in, wanted[drop_in])
                else:
                    written.remove(drop_in)
            if start:
                call("systemctl", "--user", "daemon-reload")
                call("systemctl", "--user", "enable", UNIT)
                call("systemctl", "--user", "restart", "--no-block", UNIT)
        except BaseException:  # Ctrl-C too
            written.undo()
            self._remove_empty_folder()
            raise
        lines = [f"Written   {shown(file)}" for file in (self.unit, *wanted)]
        if not start:
            return [*lines, "Start it  systemctl --user daemon-reload && systemctl --user enable --now dejashot"]
        return [*lines, "Started   `dejashot service status` says how it does", *_linger_advice()]

    def uninstall(self) -> list[str]:
        """Stop and disable the service, and remove what `install` wrote."""
        if not self.unit.exists():
            raise ServiceError("the service is not installed", "There is nothing to remove")
        refuse_foreign([self.unit])
        with suppress(ServiceError):  # without a session there is nothing running either
            self._require_systemd()
            call("systemctl", "--user", "disable", "--now", UNIT)
        lines = []
        for file in (self.unit, *self.drop_ins):
            if file.exists() and ours(file):
                file.unlink()
                lines.append(f"Removed   {shown(file)}")
        self._remove_empty_folder()
        return [*lines, "Kept      configuration, library and digests"]

    def state(self) -> State:
        """Return the state of the service, from `systemctl show`."""
        self._require_systemd()
        done = call("systemctl", "--user", "show", UNIT, "--property", ",".join(_PROPERTIES))
        return state_of(dict(line.split("=", 1) for line in done.stdout.splitlines() if "=" in line))

    def logs(self, lines: int, *, follow: bool) -> list[str]:
        """Return the journalctl command."""
        path = shutil.which("journalctl")
        if path is None:
            raise ServiceError("there is no journalctl here", "Look where this system keeps its logs")
        return [path, "--user", "--unit", UNIT, "--lines", str(lines), "--no-pager", *(["--follow"] if follow else [])]

    def _remove_empty_folder(self) -> None:
        """Remove the folder of drop-ins when nothing is left in it, and have systemd reload its units."""
        with suppress(OSError):
            self.hardening.parent.rmdir()
        with suppress(ServiceError):
            call("systemctl", "--user", "daemon-reload", check=False)

    @staticmethod
    def _require_systemd() -> None:
        """Raise ServiceError when this account's systemd can't be reached."""
        if call("systemctl", "--user", "show-environment", check=False).returncode:
            raise ServiceError(
                "systemd does not run for your account in this session",
                "Log in directly rather than with su or sudo (ssh does), or write the unit only, with --no-start",
            )


def state_of(properties: Mapping[str, str]) -> State:
    """Return the state that the properties of `systemctl show` describe."""
    if properties.get("LoadState") in (None, "", "not-found"):
        return State("not installed", ("`dejashot service install` installs it",))
    active = properties.get("ActiveState", "")
    if active == "activating" and properties.get("SubState") == "auto-restart":
        return State(
            "waiting", (f"it ended ({_ending(properties)}) and is started again in a moment", *_details(properties))
        )
    word = _STATES.get(active, active or "unknown")
    lines = [properties["StatusText"]] if properties.get("StatusText") else []
    if word == "failed":
        lines = [
            f"it ended: {_ending(properties)}",
            "`dejashot service logs` says why; then: systemctl --user restart dejashot",
        ]
    return State(word, (*(shown(line) for line in lines), *_details(properties)))


def _ending(properties: Mapping[str, str]) -> str:
    """Return why the service ended."""
    result, status = properties.get("Result", ""), properties.get("ExecMainStatus", "")
    if status == "78":
        return "the configuration does not work here; `dejashot config check` says what is wrong"
    reasons = {
        "watchdog": "work had been stuck",
        "oom-kill": "it took too much memory",
        "start-limit-hit": "it failed too often",
        "timeout": "it took too long to start",
    }
    return reasons.get(result, f"exit status {status}" if result == "exit-code" else result or "no reason given")


def _details(properties: Mapping[str, str]) -> Sequence[str]:
    lines = []
    if properties.get("ActiveEnterTimestamp") and properties.get("ActiveState") == "active":
        lines.append(f"since {properties['ActiveEnterTimestamp']}, process {properties.get('MainPID', '?')}")
    if re.fullmatch(r"[0-9]{1,15}", properties.get("MemoryCurrent", "")):
        lines.append(f"memory {format_bytes(int(properties['MemoryCurrent']))}")
    if properties.get("NRestarts", "0") not in ("0", ""):
        lines.append(f"restarted {properties['NRestarts']} times")
    if properties.get("UnitFileState") == "disabled":
        lines.append("not started at login: systemctl --user enable dejashot")
    return lines


def program_of(unit: Path) -> Path | None:
    """Return the program that a unit of ours starts, None when it names none plainly."""
    try:
        found = re.search(r'^ExecStart="((?:[^"\\]|\\.)*)"', unit.read_text(encoding="utf-8"), re.MULTILINE)
    except (OSError, UnicodeDecodeError):
        return None
    if found is None or "\\x" in found[1]:
        return None
    return Path(found[1].replace("%%", "%").replace('\\"', '"').replace("\\\\", "\\"))


def lingering() -> bool | None:
    """Return whether this account's services run without a login, None where that is not known."""
    try:
        done = call("loginctl", "show-user", "--property", "Linger", "--value", check=False)
    except ServiceError:
        return None
    return {"yes": True, "no": False}.get(done.stdout.strip())


def _linger_advice() -> list[str]:
    if lingering() is not False:
        return []
    return ["Note      it runs while you are logged in; to have it run always: loginctl enable-linger"]
