"""What one look of `dejashot doctor` found."""

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How a finding is meant."""

    OK = "ok"
    ADVICE = "advice"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line: what was looked at, how it is, and what to do about it when it is not well."""

    name: str
    mark: Severity
    words: str
    fix: str = ""


def ok(name: str, words: str) -> Finding:
    """Return a finding that needs nothing."""
    return Finding(name, Severity.OK, words)


def advice(name: str, words: str, fix: str) -> Finding:
    """Return a finding that works, but could be better."""
    return Finding(name, Severity.ADVICE, words, fix)


def wrong(name: str, words: str, fix: str) -> Finding:
    """Return a finding that keeps Dejashot from working as it should."""
    return Finding(name, Severity.WRONG, words, fix)
