"""Evaluations and tunings as text for people, and evaluations as JSON."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from dejashot.evaluation.measures import MeasuredShare, Measures
from dejashot.evaluation.operating_point import Performance
from dejashot.evaluation.results import Evaluation, Tuning, WrongDecision
from dejashot.evaluation.review_pairs import ReviewedPairs
from dejashot.language.formats import format_gap
from dejashot.paths import shown
from dejashot.reports.wording import (
    format_percent,
    plural,
)

MAX_WRONG = 20
MAX_EXAMPLES = 3


def evaluation_body(found: Evaluation) -> dict[str, Any]:
    """Return an evaluation for JSON, `dejashot.eval/1`. Keys may be added, never changed; an unknown figure is null."""
    return {
        "schema": "dejashot.eval/1",
        "model": found.model,
        "interval_s": found.interval_s,
        "strictness": found.strictness,
        "threshold": found.threshold,
        "pairs": {
            "same": found.measures.recall.of,
            "different": found.measures.specificity.of,
            "not_judged": found.not_judged,
            "not_compared": len(found.not_compared),
        },
        **_measures_body(found.measures),
        "wrong": [_wrong_body(wrong) for wrong in found.wrong],
        "not_compared": [
            {"photos": list(n.names), "reason": n.reason.name.lower(), "detail": n.detail} for n in found.not_compared
        ],
    }


def _measures_body(m: Measures) -> dict[str, Any]:
    return {
        "recall": m.recall.value,
        "specificity": m.specificity.value,
        "macro_recall": m.macro_recall,
        "macro_specificity": m.macro_specificity,
        "precision": m.precision.value,
        "f1": m.f1,
        "brier": m.brier,
        "calibration_error": m.calibration_error,
        "kinds": {
            "same": {kind: asdict(share) for kind, share in m.same_kinds.items()},
            "different": {kind: asdict(share) for kind, share in m.different_kinds.items()},
        },
        "reliability": [
            {
                "from_percent": b.low,
                "to_percent": b.high,
                "pairs": b.actual.of,
                "shown_percent": round(b.shown_percent, 2),
                "really_same": b.actual.right,
            }
            for b in m.bins
        ],
    }


def _wrong_body(wrong: WrongDecision) -> dict[str, Any]:
    return {
        "a": wrong.a,
        "b": wrong.b,
        "gap_s": round(wrong.pair.gap_s, 3),
        "similarity_percent": wrong.pair.similarity_percent,
        "same": wrong.same,
        "kind": wrong.kind or None,
    }


def print_evaluation(found: Evaluation, console: Console) -> None:
    """Print an evaluation for people; names can't carry markup or control characters."""
    m = found.measures
    head = Text(found.title, style="bold")
    head.append(f"\n{plural(found.compared, 'labelled pair')} compared", style="not bold")
    head.append(f" · {m.recall.of:,} same, {m.specificity.of:,} different", style="not bold")
    head.append(
        f"\nsame shot from {100 * found.threshold:g} % on ({found.strictness}) · {found.model}\n", style="not bold"
    )
    console.print(head, highlight=False)
    console.print(_figures(m), highlight=False)
    for title, kinds in (("Called the same, by kind", m.same_kinds), ("Told apart, by kind", m.different_kinds)):
        if any(kinds):
            console.print(Text(f"\n{title}", style="bold"))
            for kind, share in kinds.items():
                console.print(Text(f"  {_of(share):<32}{shown(kind) or 'no kind named'}"))
    if m.bins:
        console.print(Text("\nOf the pairs shown with …, so many really were the same", style="bold"))
        for b in m.bins:
            console.print(Text(f"  {b.low:>3} to {b.high:>3} %  (mean {b.shown_percent:>5.1f} %)   {_of(b.actual)}"))
    _print_wrong(found.wrong, console)
    _print_not_compared(found, console)


def _figures(m: Measures) -> Table:
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    rows = (
        ("Recall", _of(m.recall), "of the same, called the same"),
        ("Specificity", _of(m.specificity), "of the different, told apart"),
        ("Macro recall", _percent(m.macro_recall), "each kind counts the same"),
        ("Macro specificity", _percent(m.macro_specificity), "each kind counts the same"),
        ("Precision", _of(m.precision), "of those called the same, really the same"),
        ("F1", _number(m.f1), "precision and recall in one"),
        ("Brier score", _number(m.brier), "of the percent; 0 is best"),
        ("Calibration error", _number(m.calibration_error), "of the percent; 0 is best"),
    )
    for name, value, meaning in rows:
        table.add_row(Text(name, style="bold"), value, Text(meaning, style="dim"))
    return table


def _print_wrong(wrong: Sequence[WrongDecision], console: Console) -> None:
    if not wrong:
        return
    console.print(Text(f"\nDecided otherwise than labelled: {plural(len(wrong), 'pair')}", style="bold yellow"))
    for w in wrong[:MAX_WRONG]:
        similarity = format_percent(w.pair.similarity_percent)
        label = ("same" if w.same else "different") + (f", {shown(w.kind)}" if w.kind else "")
        console.print(Text(f"  {similarity:>5}  after {format_gap(w.pair.gap_s)}, labelled {label}"))
        console.print(Text(f"         {shown(w.a)}  {shown(w.b)}", style="dim"), overflow="fold")
    if len(wrong) > MAX_WRONG:
        console.print(Text(f"         and {len(wrong) - MAX_WRONG:,} more: --format json lists each", style="dim"))


def _print_not_compared(found: Evaluation, console: Console) -> None:
    if found.not_judged:
        console.print(Text(f"\nNot judged in the truth file: {plural(found.not_judged, 'pair')}", style="dim"))
    if not found.not_compared:
        return
    console.print(Text(f"\nLabelled, but not compared: {len(found.not_compared):,}", style="bold yellow"))
    for reason, count in Counter(n.reason for n in found.not_compared).most_common():
        console.print(Text(f"  {count:>5}  {reason}"))
        for n in [n for n in found.not_compared if n.reason is reason][:MAX_EXAMPLES]:
            detail = f" ({n.detail})" if n.detail else ""
            console.print(Text(f"         {'  '.join(map(shown, n.names))}{detail}", style="dim"), overflow="fold")


def print_reviewed(found: ReviewedPairs, console: Console) -> None:
    """Print how much decisions tell of pairs, for people."""
    line = f"Of {plural(found.decisions, 'decision')} on the review page {found.unused:,} tell nothing of a pair"
    console.print(Text(line, style="dim"))


def print_tuning(found: Tuning, console: Console) -> None:
    """Print what a fitted operating point would change, for people."""
    same, different = found.performance_before.recall.of, found.performance_before.specificity.of
    head = Text(f"Fitted to {same:,} same and {different:,} different decisions", style="bold")
    if found.not_compared:
        head.append(
            f"\nlabelled, but not compared: {found.not_compared:,} (`dejashot eval` says why)", style="yellow not bold"
        )
    head.append(f"\nwanted: {100 * found.wanted_specificity:g} % of the different told apart\n", style="not bold")
    console.print(head, highlight=False)
    table = Table(box=None, pad_edge=False, padding=(0, 3, 0, 0), header_style="bold")
    for name in ("Same shot from", "Same, found", "Different, told apart"):
        table.add_column(name)
    table.add_row(f"{_tenths(found.before)} now ({found.strictness})", *_outlook(found.performance_before))
    table.add_row(f"{_tenths(found.after)} fitted", *_outlook(found.performance_after))
    table.add_row("fitted, on pairs left out", *_outlook(found.performance_held_out))
    console.print(table, highlight=False)
    if (found.performance_after.specificity.value or 0.0) < found.wanted_specificity:
        why = "Fewer are told apart than wanted: few decisions move little, and without --beyond strict is the bound."
        console.print(Text(f"\n{why}", style="yellow"))
    if not found.changes:
        console.print(Text("\nNothing to change: on these decisions no other strictness does better."))
        return
    console.print(Text("\nIn the configuration, below [sifting]:"))
    console.print(Text(f"strictness = {found.after:g}", style="bold"))


def _outlook(outlook: Performance) -> tuple[str, str]:
    return _of(outlook.recall), _of(outlook.specificity)


def _of(share: MeasuredShare) -> str:
    return f"{_percent(share.value)} ({share.right:,} of {share.of:,})" if share.of else "not known"


def _percent(value: float | None) -> str:
    return "not known" if value is None else _tenths(value)


def _tenths(value: float) -> str:
    return f"{100 * value:.1f} %"


def _number(value: float | None) -> str:
    return "not known" if value is None else f"{value:.3f}"
