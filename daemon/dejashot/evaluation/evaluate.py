"""Measure the decision on labelled photos, and fit the operating point to them."""

from collections.abc import Sequence
from pathlib import Path

from dejashot.config.config_file import read_config_text, write_config
from dejashot.config.edit import with_strictness
from dejashot.config.settings import Settings
from dejashot.errors import LabelsError
from dejashot.evaluation.label_matching import Matched, match_labels
from dejashot.evaluation.labels import read_labels
from dejashot.evaluation.measures import DecidedPair, measure_pairs
from dejashot.evaluation.operating_point import (
    MAX_THRESHOLD,
    MIN_THRESHOLD,
    TuningTarget,
    cross_validate,
    decided_at,
    fit_threshold,
    performance_of,
)
from dejashot.evaluation.results import Evaluation, Tuning, WrongDecision
from dejashot.ingest.scan import ScanProgress, trial_scan
from dejashot.paths import example_config, shown
from dejashot.reading.vision.model import load_model, model_file
from dejashot.reports.parameters import threshold_of
from dejashot.reports.wording import plural

MIN_DECISIONS = 20  # of each sort; with fewer, chance decides more than the owner


def evaluate_folders(
    settings: Settings, folders: Sequence[Path], labels_file: Path, library: Path, progress: ScanProgress
) -> Evaluation:
    """Scan folders on a copy of the library, and measure the decision against the owner's labels; nothing is kept.

    Raises LabelsError, FolderError, LibraryError or ModelError.
    """
    labels = read_labels(labels_file)
    report = trial_scan(settings, folders, library, progress)
    found = match_labels(labels, report)
    return Evaluation(
        title=f"{report.head.title}, held to {shown(labels_file.name)}",
        model=report.head.model,
        interval_s=report.head.interval_s,
        strictness=str(settings.sifting.strictness),
        threshold=threshold_of(settings, load_model(model_file(settings.model.path))),
        measures=measure_pairs(decided_pairs(found)),
        wrong=[
            WrongDecision(report.shots[p.a].path, report.shots[p.b].path, p, bool(label.same), label.kind)
            for p, label in found.decided
            if p.same_shot != label.same
        ],
        not_compared=found.not_compared,
        not_judged=found.not_judged,
    )


def decided_labels(
    settings: Settings, folders: Sequence[Path], labels_file: Path, library: Path, progress: ScanProgress
) -> Matched:
    """Scan folders as `evaluate_folders` does, and return the labels with the decisions on them; raise as it does."""
    labels = read_labels(labels_file)
    return match_labels(labels, trial_scan(settings, folders, library, progress))


def decided_pairs(found: Matched) -> list[DecidedPair]:
    """Return matched labels as decided pairs, to measure or to fit to."""
    return [
        DecidedPair(bool(label.same), pair.same_shot, pair.similarity_percent, label.kind)
        for pair, label in found.decided
    ]


def tune_strictness(
    settings: Settings,
    pairs: Sequence[DecidedPair],
    specificity: float,
    *,
    beyond: bool = False,
    stricter_only: bool = False,
    not_compared: int = 0,
) -> Tuning:
    """Fit the operating point to labelled pairs by `fit_threshold`, starting from the strictness in force.

    It moves no further than the model's strict and loose thresholds unless `beyond`, and never down with
    `stricter_only`. `not_compared` counts the labels that could not be used. Raises LabelsError when there are too few.
    """
    same = sum(p.same for p in pairs)
    if min(same, len(pairs) - same) < MIN_DECISIONS:
        raise LabelsError(
            f"{plural(same, 'pair')} labelled same and {len(pairs) - same:,} labelled different"
            " are too few to learn from" + (f"; {not_compared:,} more could not be compared" if not_compared else ""),
            f"Label at least {MIN_DECISIONS} of each among photos taken within the interval;"
            " `dejashot eval` says what was not compared",
        )
    model = load_model(model_file(settings.model.path))
    before = threshold_of(settings, model)
    bounds = (MIN_THRESHOLD, MAX_THRESHOLD) if beyond else model.decision.thresholds.values()
    lowest = before if stricter_only else min(before, *bounds)
    target = TuningTarget(specificity, before, lowest, max(before, *bounds))
    after = fit_threshold(pairs, target)
    return Tuning(
        wanted_specificity=specificity,
        strictness=str(settings.sifting.strictness),
        before=before,
        after=after,
        performance_before=performance_of(pairs),
        performance_after=performance_of(decided_at(pairs, after)),
        performance_held_out=cross_validate(pairs, target),
        not_compared=not_compared,
    )


def write_strictness(file: Path, strictness: float) -> Path:
    """Set the strictness in the configuration file, made from the example when there is none; return the file written.

    Everything else in the file stays as it is. Raises ConfigError.
    """
    text = read_config_text(file)
    text = example_config().read_text(encoding="utf-8") if text is None else text
    return write_config(file, with_strictness(text, strictness))
