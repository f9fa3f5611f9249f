"""What the decisions on the review page tell of pairs: whether they are the same shot."""

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from dejashot.config.settings import Settings
from dejashot.errors import LabelsError
from dejashot.evaluation.evaluate import MIN_DECISIONS
from dejashot.evaluation.measures import DecidedPair
from dejashot.library.journal import DecisionJournal
from dejashot.models.decisions import Verdict
from dejashot.models.groups import Kind, Pair
from dejashot.reports.context import ReportContext, open_context
from dejashot.reports.library_report import known_report
from dejashot.reports.report import Report
from dejashot.reports.wording import plural

Contents = tuple[bytes, bytes]  # of a pair, in order


@dataclass(frozen=True, slots=True)
class ReviewedPairs:
    """The pairs that decisions tell about, how many decisions there are, and how many of them tell nothing."""

    pairs: tuple[DecidedPair, ...]
    decisions: int
    unused: int

    @property
    def same(self) -> int:
        """Return how many of the pairs are the same shot."""
        return sum(pair.same for pair in self.pairs)


def reviewed_pairs(settings: Settings, library: Path) -> ReviewedPairs:
    """Return what the journal of decisions tells of pairs in a library; no photo is read.

    Separated shots are not the same. One that was rejected, in a group of which another one is kept, is the same as
    that. Other decisions tell of no pair. Raises LabelsError where that is too little, LibraryError, JournalError or
    ModelError.
    """
    with open_context(settings, library) as context:
        different = _separated_pairs(context)
        same = dict(_confirmed_pairs(known_report(context)))
        verdicts, separated = context.journal.verdicts, context.journal.separated_pairs
    told = {content for ends in same for content in ends}
    unused = sum(content not in told for content in verdicts) + len(separated - different.keys())
    decided = [_decided(pair, same=False) for pair in different.values()]
    decided += [_decided(pair, same=True) for ends, pair in same.items() if ends not in different]
    found = ReviewedPairs(tuple(decided), len(verdicts) + len(separated), unused)
    _refuse_too_few(found)
    return found


def _separated_pairs(context: ReportContext) -> dict[Contents, Pair]:
    """Return the pairs that the owner separated, as they are compared where nobody has decided anything."""
    with tempfile.TemporaryDirectory(prefix="dejashot-") as empty:
        report = known_report(replace(context, journal=DecisionJournal(Path(empty))))
    compared = {_contents(report, pair): pair for pair in _all_pairs(report)}
    return {ends: compared[ends] for ends in context.journal.separated_pairs if ends in compared}


def _confirmed_pairs(report: Report) -> Iterator[tuple[Contents, Pair]]:
    """Yield the pairs of one rejected and one kept shot in each group that is no series."""
    for chosen in report.reducible:
        for pair in chosen.group.pairs:
            verdicts = {chosen.decided.get(pair.a), chosen.decided.get(pair.b)}
            if Verdict.REJECT in verdicts and verdicts & {Verdict.KEEP, Verdict.KEEP_ONE}:
                yield _contents(report, pair), pair


def _all_pairs(report: Report) -> Iterator[Pair]:
    """Yield every pair that was compared: those of neighbours, and all within a group."""
    yield from report.pairs
    for chosen in report.groups:
        if chosen.group.kind is not Kind.SERIES:
            yield from chosen.group.pairs


def _contents(report: Report, pair: Pair) -> Contents:
    """Return the contents of a pair, in the order of the journal."""
    first, second = sorted(report.shots[end].content for end in (pair.a, pair.b))
    return first, second


def _decided(pair: Pair, *, same: bool) -> DecidedPair:
    return DecidedPair(same, pair.same_shot, pair.similarity_percent)


def _refuse_too_few(found: ReviewedPairs) -> None:
    different = len(found.pairs) - found.same
    if min(found.same, different) < MIN_DECISIONS:
        raise LabelsError(
            f"your decisions tell of {plural(found.same, 'pair')} that are the same shot"
            f" and of {different:,} that are not: too few to learn from",
            f"At least {MIN_DECISIONS} of each are needed. Choose on more groups with `dejashot review`,"
            ' above all "not the same"; photos that were moved by `dejashot apply` no longer count',
        )
