"""Fit the decision of a model on labelled timelines, judge it on sources left out of the fit, and write it.

    python daemon/training/fit.py --network dejashot-lite0.onnx --timelines TIMELINE...

A timeline is a folder with `photos/` and `truth.json`: `order` (names), `photos` (name: group, as `source:scene`, and
kind) and `pairs` (a, b, gap_s, label 1 same shot, 0 different, null not judged, kind).
"""

# The evidence is a sum of three terms, so three weights and a bias are fitted. No weight is below zero: more similarity
# must never count against a pair.

import argparse
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize

from dejashot.evaluation.measures import DecidedPair, measure_pairs
from dejashot.grouping.feature_match import FeatureCells, feature_cells, match_features
from dejashot.reading.decode import decoder
from dejashot.reading.vision.embedder import Embedder
from dejashot.reading.vision.model import EmbeddingModel

NEAR_S, NEAREST_S = 1.0, 0.3
# set, not fitted: the labelled photos have neither tags nor blank frames
BURST, BLANK_COSINE, BLANK_CONTRAST = 4.0, 0.35, 4.0
RIDGE = 0.02
SPECIFICITY = {"normal": 0.99, "loose": 0.92}
STRICTER = 3.0  # times the odds of `normal`

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Evidence:
    """Labelled pairs: cosine, match, nearness, label, kind, timeline, and the two sources of each."""

    terms: Floats
    labels: Floats
    kinds: npt.NDArray[np.str_]
    timelines: npt.NDArray[np.int64]
    sources: npt.NDArray[np.str_]


def gather(file: Path, description: EmbeddingModel, timelines: list[Path]) -> Evidence:
    """Run every photo of the timelines through the model, as the reader does; return the evidence of labelled pairs."""
    embedder = Embedder(file, description, threads=1)
    decoder.prepare_decoders(60)
    known: dict[bytes, tuple[npt.NDArray[np.float32], FeatureCells]] = {}

    def features_of(file: Path) -> tuple[npt.NDArray[np.float32], FeatureCells]:
        data = file.read_bytes()
        pixels = data[-4096:]  # the same picture stands on several timelines with another date in its header
        if pixels not in known:
            image = decoder.open_image(data, file.name, 60)
            prepared = embedder.prepare(decoder.upright_pixels(image, (description.input.decode_px,) * 2))
            known[pixels] = embedder.embed(prepared), feature_cells(embedder.map(prepared))
        return known[pixels]

    terms: list[tuple[float, float, float]] = []
    labels: list[float] = []
    kinds: list[str] = []
    places: list[int] = []
    sources: list[tuple[str, str]] = []
    for number, timeline in enumerate(timelines):
        labels_file: dict[str, Any] = json.loads((timeline / "truth.json").read_text())
        for pair in labels_file["pairs"]:
            if pair["label"] is None:
                continue
            (a, cells_a), (b, cells_b) = (features_of(timeline / "photos" / pair[end]) for end in "ab")
            near = float(np.exp(-max(pair["gap_s"], NEAREST_S) / NEAR_S))
            terms.append((float(a @ b), match_features(cells_a, cells_b), near))
            labels.append(pair["label"])
            kinds.append(pair["kind"])
            places.append(number)
            first, second = (labels_file["photos"][pair[end]]["group"].split(":")[0] for end in "ab")
            sources.append((first, second))
    return Evidence(np.array(terms), np.array(labels, float), np.array(kinds), np.array(places), np.array(sources))


def fitted(terms: Floats, labels: Floats) -> Floats:
    """Return bias and weights of a logistic regression with ridge and without negative weights."""
    design = np.c_[np.ones(len(terms)), terms]

    def loss(weights: Floats) -> tuple[float, Floats]:
        evidence = design @ weights
        chance = 1 / (1 + np.exp(-evidence))
        value = np.logaddexp(0, evidence).sum() - labels @ evidence + RIDGE / 2 * weights[1:] @ weights[1:]
        slope = design.T @ (chance - labels)
        slope[1:] += RIDGE * weights[1:]
        return float(value), slope

    bounds = [(None, None)] + [(0, None)] * terms.shape[1]
    return np.asarray(minimize(loss, np.zeros(design.shape[1]), jac=True, bounds=bounds, method="L-BFGS-B").x)


def chances(weights: Floats, terms: Floats) -> Floats:
    """Return P(same shot)."""
    return np.asarray(1 / (1 + np.exp(-(weights[0] + terms @ weights[1:]))))


def held_out(evidence: Evidence, folds: list[set[str]]) -> Floats:
    """Return P(same shot) of every pair by fits without the folds of its photos; the mean where these are two."""
    total, times = np.zeros(len(evidence.labels)), np.zeros(len(evidence.labels))
    for fold in folds:
        inside = np.isin(evidence.sources, sorted(fold))
        test, train = inside.any(axis=1), ~inside.any(axis=1)
        total[test] += chances(fitted(evidence.terms[train], evidence.labels[train]), evidence.terms[test])
        times[test] += 1
    return np.asarray(total / times)


def macro(evidence: Evidence, same_shot: npt.NDArray[np.bool_], on: npt.NDArray[np.bool_]) -> tuple[float, float]:
    """Return recall and specificity, each kind of change and of difference counting the same."""
    rows = zip(evidence.labels[on].tolist(), same_shot[on].tolist(), evidence.kinds[on].tolist(), strict=True)
    found = measure_pairs([DecidedPair(label > 0, same, None, kind) for label, same, kind in rows])
    return found.macro_recall or 0.0, found.macro_specificity or 0.0


def operating_point(evidence: Evidence, chance: Floats, specificity: float) -> float:
    """Return the least probability at which the macro specificity on pairs held out is reached on every timeline."""
    timelines = [evidence.timelines == n for n in sorted(set(evidence.timelines))]
    grid = np.arange(0.30, 0.991, 0.01)
    return next(
        (float(t) for t in grid if min(macro(evidence, chance >= t, on)[1] for on in timelines) >= specificity),
        float(grid[-1]),
    )


def table(evidence: Evidence, chance: Floats, threshold: float) -> str:
    """Return recall, specificity and score of every timeline at a threshold."""
    rows = []
    for number in sorted(set(evidence.timelines)):
        recall, specificity = macro(evidence, chance >= threshold, evidence.timelines == number)
        score = 2 * recall * specificity / (recall + specificity)
        rows.append(f"{score:.3f} (recall {recall:.3f}, specificity {specificity:.3f})")
    return "\n".join(f"  timeline {n + 1}: {row}" for n, row in enumerate(rows))


def undecided() -> dict[str, Any]:
    """Return a decision with the constants that are not fitted, to be completed."""
    return {
        "bias": 0,
        "cosine": 1,
        "near": 0,
        "near_s": NEAR_S,
        "nearest_s": NEAREST_S,
        "burst": BURST,
        "blank_cosine": BLANK_COSINE,
        "blank_contrast": BLANK_CONTRAST,
        "thresholds": {"strict": 0.9, "normal": 0.5, "loose": 0.4},
    }


def fit_decision(evidence: Evidence) -> dict[str, Any]:
    """Fit a decision, and print how good it is."""
    least, most = np.quantile(evidence.terms[:, 1], (0.02, 0.98))
    evidence.terms[:, 1] = np.clip(evidence.terms[:, 1], least, most)
    slope, base = np.polyfit(evidence.terms[:, 0], evidence.terms[:, 1], 1)
    weights = fitted(evidence.terms, evidence.labels)
    names = sorted(set(evidence.sources.ravel()))
    by_one = held_out(evidence, [{n} for n in names])
    halves = held_out(evidence, [set(names[::2]), set(names[1::2])])
    thresholds = {name: operating_point(evidence, by_one, wanted) for name, wanted in SPECIFICITY.items()}
    normal = thresholds["normal"]
    thresholds = {"strict": 1 - (1 - normal) / (1 - normal + normal * STRICTER), **thresholds}
    terms = ", ".join(f"{n} {w:.2f}" for n, w in zip(("bias", "cosine", "match", "near"), weights, strict=True))
    print(f"{len(evidence.labels)} pairs from {len(names)} sources; {terms}")
    print(f"operating points {thresholds}")
    print_quality(evidence, "in the fit", chances(weights, evidence.terms), normal)
    print_quality(evidence, "each source left out", by_one, normal)
    print_quality(evidence, "fitted on half the sources, judged on the other", halves, normal)
    return undecided() | {
        "bias": round(float(weights[0]), 2),
        "cosine": round(float(weights[1]), 2),
        "second_look": {
            "weight": round(float(weights[2]), 2),
            "least": round(float(least), 3),
            "most": round(float(most), 3),
            "base": round(float(base), 3),
            "slope": round(float(slope), 3),
        },
        "near": round(float(weights[3]), 2),
        "thresholds": {k: round(v, 2) for k, v in thresholds.items()},
        "fitted_on": f"{len(evidence.labels):,} time-adjacent pairs of labelled photos from {len(names)} sources",
    }


def print_quality(evidence: Evidence, title: str, chance: Floats, threshold: float) -> None:
    """Print the calibration error, and the scores of every timeline."""
    rows = zip(evidence.labels, chance.tolist(), strict=True)
    judged = [DecidedPair(bool(y), p >= threshold, 100 * p) for y, p in rows]
    print(f"{title}: calibration error {measure_pairs(judged).calibration_error:.3f}")
    print(table(evidence, chance, threshold))


def main() -> None:
    """Fit, judge, and write the decision into the description of the model."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--network", dest="model", type=Path, required=True, help="the ONNX file of the model")
    parser.add_argument("--timelines", type=Path, nargs="+", required=True)
    parser.add_argument("--save-evidence", type=Path)
    a = parser.parse_args()
    description = a.model.with_suffix(".json")
    described: dict[str, Any] = json.loads(description.read_text())
    model = EmbeddingModel.model_validate(described | {"decision": undecided()})
    evidence = gather(a.model, model, a.timelines)
    if a.save_evidence:
        np.savez(
            a.save_evidence, **{f: getattr(evidence, f) for f in ("terms", "labels", "kinds", "timelines", "sources")}
        )
    described["decision"] = fit_decision(evidence)
    description.write_text(json.dumps(described, indent=2) + "\n")


if __name__ == "__main__":
    main()
