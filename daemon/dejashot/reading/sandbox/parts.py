"""The parts of a reader's sandbox, and what people read where a system lacks one."""

from collections.abc import Collection
from enum import StrEnum


class SandboxPart(StrEnum):
    """A part of the sandbox; `risk` is what is possible without it."""

    CALLS = "calls"
    FILES = "files"

    @property
    def risk(self) -> str:
        """Return what a reader that a photo took over could do without this part."""
        return _RISKS[self]


_RISKS = {
    SandboxPart.CALLS: "send things off, run programs and change files (no seccomp on this system)",
    SandboxPart.FILES: "read your other files (no Landlock on this system: Linux has it since 5.13)",
}

SANDBOX_FIX = (
    "A Linux kernel of 5.13 or later, on x86-64 or AArch64, with seccomp and Landlock switched on has all of it"
)


def describe_missing(missing: Collection[SandboxPart]) -> str:
    """Return what a hostile photo could do where parts of the sandbox are missing; empty where none is."""
    if not missing:
        return ""
    risks = " and ".join(part.risk for part in sorted(missing))
    return f"The readers are not fully sealed off: a hostile photo that took one over could {risks}"
