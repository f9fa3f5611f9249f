"""The parts of the seal that a reader works under, and what is said where a system lacks one."""

from collections.abc import Collection
from enum import StrEnum


class SandboxPart(StrEnum):
    """A part of the seal; `words` says what is lost without it."""

    CALLS = "calls"
    FILES = "files"

    @property
    def words(self) -> str:
        """Say what a reader that a photo took over could do without this part."""
        return _WORDS[self]


_WORDS = {
    SandboxPart.CALLS: "send things off, run programs and change files (no seccomp on this system)",
    SandboxPart.FILES: "read your other files (no Landlock on this system: Linux has it since 5.13)",
}

SEAL_FIX = "A Linux kernel of 5.13 or later, on x86-64 or AArch64, with seccomp and Landlock switched on has all of it"


def missing_words(missing: Collection[SandboxPart]) -> str:
    """Say what a hostile photo could do where parts of the seal are missing; empty where none is."""
    if not missing:
        return ""
    return f"The readers are not fully sealed off: a hostile photo that took one over could {' and '.join(p.words for p in sorted(missing))}"
