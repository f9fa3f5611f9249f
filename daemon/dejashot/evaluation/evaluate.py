"""Measure the decision on labelled photos, and fit the operating point to them."""

from collections.abc import Sequence
from pathlib import Path

from dejashot.config.edit import edited
from dejashot.config.settings import Settings
from dejashot.errors import ConfigError, LabelsError
from dejashot.evaluation.labels import Label, Matched, match_labels, read_labels
from dejashot.evaluation.measures import Judged, measure_pairs
from dejashot.evaluation.operating_point import MAX, MIN, Wish, at, cross_validated, fit, outlook
from dejashot.evaluation.output import Evaluation, Tuning, Wrong
from dejashot.ingest.scan import ScanProgress, trial_scan
from dejashot.models.groups import Pair
from dejashot.paths import example_config, make_folder, shown, write_atomically
from dejashot.reading.vision.model import load_model, model_file
from dejashot.reports.build import threshold_of
from dejashot.reports.report import plural

MIN_DECISIONS = 20  # of each sort: below, chance has more to say than the owner


def evaluate_folders(
    settings: Settings, folders: Sequence[Path], truth: Path, library: Path, progress: ScanProgress
) -> Evaluation:
    """Scan some folders on a copy of the library, which stays as it is, and score the decision against the owner's labels.

    Raises TruthError, FolderError, LibraryError or ModelError.
    """
    labels = read_labels(truth)
    report = trial_scan(settings, folders, library, progress)
    found = match_labels(labels, report)
    return Evaluation(
        title=f"{report.title}, held to {shown(truth.name)}",
        model=report.model,
        interval_s=report.interval_s,
        strictness=_words(settings),
        threshold=threshold_of(settings, load_model(model_file(settings.model.path))),
        measures=measure_pairs(judged(found)),
        wrong=[
            Wrong(report.shots[p.a].path, report.shots[p.b].path, p, bool(label.same), label.kind)
            for p, label in found.judged
            if p.same_shot != label.same
        ],
        not_compared=found.not_compared,
        open=found.open,
    )


def decisions(
    settings: Settings, folders: Sequence[Path], truth: Path, library: Path, progress: ScanProgress
) -> Matched:
    """Scan some folders as `evaluate` does and return the labels found again with what was decided; raise as it does."""
    labels = read_labels(truth)
    return match_labels(labels, trial_scan(settings, folders, library, progress))


def judged(found: Matched) -> list[Judged]:
    """Return labels found again as labelled pairs to measure or to fit to."""
    return [_judged(pair, label) for pair, label in found.judged]


def _judged(pair: Pair, label: Label) -> Judged:
    return Judged(bool(label.same), pair.same_shot, pair.similarity_percent, label.kind)


def tune_strictness(
    settings: Settings, pairs: Sequence[Judged], specificity: float, *, beyond: bool = False, not_compared: int = 0
) -> Tuning:
    """Fit the operating point to labelled pairs, wherever they come from; the rule is that of `sifting.tuning.fit`.

    It starts from the strictness in force, and moves no further than the network's strict and loose thresholds unless `beyond`.
    `not_compared` labels could not be used. Raises TruthError when there are too few.
    """
    same = sum(p.same for p in pairs)
    if min(same, len(pairs) - same) < MIN_DECISIONS:
        raise LabelsError(
            f"{plural(same, 'pair')} labelled same and {len(pairs) - same:,} labelled different are too few to learn from"
            + (f"; {not_compared:,} more could not be compared" if not_compared else ""),
            f"Label at least {MIN_DECISIONS} of each among photos taken within the interval; `dejashot eval` says what was not compared",
        )
    network = load_model(model_file(settings.model.path))
    before = threshold_of(settings, network)
    reach = (MIN, MAX) if beyond else network.decision.thresholds.values()
    wish = Wish(specificity, before, min(before, *reach), max(before, *reach))
    after = fit(pairs, wish)
    return Tuning(
        wanted_specificity=specificity,
        strictness=_words(settings),
        before=before,
        after=after,
        outlook_before=outlook(pairs),
        outlook_after=outlook(at(pairs, after)),
        outlook_unseen=cross_validated(pairs, wish),
        not_compared=not_compared,
    )


def write_strictness(file: Path, strictness: float) -> Path:
    """Set the strictness in the configuration file, made from the example when there is none; return the file written.

    Everything else in the file stays as it is. Raises ConfigError.
    """
    file = file.resolve()  # a configuration kept elsewhere and linked to stays linked
    try:
        source = file if file.exists() else example_config()
        text = source.read_bytes().decode("utf-8")
        make_folder(file.parent)
        write_atomically(file, edited(text, strictness).encode())
    except OSError as error:
        raise ConfigError(f"can't write {shown(file)}: {error.strerror}", "Check the permissions") from error
    return file


def _words(settings: Settings) -> str:
    return str(settings.sifting.strictness)
