"""One finding of `dejashot doctor`."""

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How a finding is meant."""

    OK = "ok"
    ADVICE = "advice"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Finding:
    """What was checked, its state in `text`, and what to do about it where it is not well."""

    name: str
    severity: Severity
    text: str
    fix: str = ""


def ok(name: str, text: str) -> Finding:
    """Return a finding that needs nothing."""
    return Finding(name, Severity.OK, text)


def advice(name: str, text: str, fix: str) -> Finding:
    """Return a finding that works, but could be better."""
    return Finding(name, Severity.ADVICE, text, fix)


def wrong(name: str, text: str, fix: str) -> Finding:
    """Return a finding that keeps Dejashot from working as it should."""
    return Finding(name, Severity.WRONG, text, fix)
