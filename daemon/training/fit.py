"""Fit the decision of a model on labelled timelines, judge it on sources left out, and write it.

    python daemon/training/fit.py --network dejashot-lite0.onnx --timelines TIMELINE...

A timeline is a folder with `photos/` and `truth.json`: `photos` (by name: `group`, as `source:scene`) and `pairs` (`a`,
`b`, `gap_s`, `kind`, `label`: 1 same, 0 different, null open). A parent folder is a set; sets weigh the same.
"""

# The evidence is a sum, so its weights and a bias are fitted. No weight is below zero: more similarity must never count
# against a pair, nor less for it.

import argparse
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize

from dejashot.evaluation.measures import DecidedPair, measure_pairs
from dejashot.grouping.pages import PageRule
from dejashot.grouping.pairs.evidence import (
    DOUBT_EVIDENCE,
    blank_evidence,
    logistic,
    registration_terms,
    within_page_bounds,
)
from dejashot.grouping.pairs.rules import RegistrationRule
from dejashot.grouping.similarity import OPEN
from dejashot.reading.vision.model import EmbeddingModel
from dejashot.reports.parameters import page_rule_of
from pair_evidence import BLANK_CONTRAST, NEAR_S, NEAREST_S, Booleans, Evidence, Floats, gather

# set, not fitted: the labelled photos have no tags, and hardly a frame that shows nothing
BURST, BLANK_COSINE = 4.0, 0.35
BLANK = {"blank_least": 0.35, "blank_same": 8.0, "blank_other": 8.0}
REGISTRATION = {
    "min_inliers": 15,
    "min_overlap": 0.4,
    "scene_agreement": 0.35,
    "sure_agreement": 0.6,
    "still_overlap": 0.85,
    "still_light_ev": 0.3,
    "few_inliers": 6,
    "rich_keypoints": 300,
}
# its weights are those that are fitted
RULE = RegistrationRule(same_scene=1, agreement=1, still_other=1, other_scene=1, **REGISTRATION, **BLANK)  # type: ignore[arg-type]
MATCH_DOUBT = -1.0  # a logit of the pair head below this makes a pair doubtful, whatever else speaks for it
RIDGE = 0.02
WEIGHTS = ("bias", "cosine", "match", "near", "same_scene", "agreement", "still_other", "other_scene")
SPECIFICITY = {"strict": 0.99, "sure": 0.995, "normal": 0.985, "loose": 0.95}
LEAST_SURE = 0.99
TIMELINE_SLACK = 0.015


class Decision:
    """A decision fitted to some pairs: a bias and weights for what vectors, maps, times and registration found."""

    def __init__(self, evidence: Evidence, rule: PageRule | None, on: Booleans) -> None:
        self._rule = rule
        least, most = np.quantile(evidence.terms[on, 1], (0.02, 0.98))
        self.least, self.most = float(least), float(most)
        first = fitted(self._terms(evidence)[on], evidence.labels[on], weights_of(evidence, on))
        doubtful = self._doubtful(evidence, first)
        self._first = first
        terms = np.c_[self._terms(evidence), self._scenes(evidence, doubtful)]
        fit = on & ~evidence.pages
        self.weights = fitted(terms[fit], evidence.labels[fit], weights_of(evidence, fit))

    def chances(self, evidence: Evidence) -> Floats:
        """Return P(same shot) of pairs, as the product finds it."""
        terms = np.c_[self._terms(evidence), self._scenes(evidence, self._doubtful(evidence, self._first))]
        found = summed(self.weights, terms, blank_evidence(RULE, evidence.columns, evidence.blank))
        doubted = (evidence.terms[:, 1] < MATCH_DOUBT) & ~evidence.blank & ~(terms[:, 3] > 0)
        found = logistic(np.where(doubted, np.minimum(found, DOUBT_EVIDENCE), found))
        return found if self._rule is None else within_page_bounds(self._rule, found, evidence.pages, evidence.columns)

    def _terms(self, evidence: Evidence) -> Floats:
        terms = evidence.terms.copy()
        terms[:, 0] = np.where(evidence.blank, np.minimum(terms[:, 0], BLANK_COSINE), terms[:, 0])
        terms[:, 1] = np.where(evidence.blank, self.least, np.clip(terms[:, 1], self.least, self.most))
        return terms

    def _doubtful(self, evidence: Evidence, weights: Floats) -> Booleans:
        """Return which pairs the product registers to see whether they show one scene."""
        chances = logistic(summed(weights, self._terms(evidence)))
        return np.asarray((chances > OPEN[0]) & ((chances < OPEN[1]) | (evidence.terms[:, 1] < MATCH_DOUBT)))

    @staticmethod
    def _scenes(evidence: Evidence, doubtful: Booleans) -> Floats:
        """Return of pairs whether registering shows one scene, how far it agrees, and (below 0) that it shows two."""
        return registration_terms(RULE, evidence.columns, evidence.blank) * doubtful[:, None]


def weights_of(evidence: Evidence, on: Booleans) -> Floats:
    """Return how much each of some pairs weighs in a fit: every set the same in all, pairs of a set alike."""
    sets = evidence.sets[on]
    counts = np.bincount(sets)
    return np.asarray(len(sets) / (counts[sets] * np.count_nonzero(counts)))


def fitted(terms: Floats, labels: Floats, counts: Floats) -> Floats:
    """Return bias and weights of a logistic regression with ridge and without negative weights."""
    design = np.c_[np.ones(len(terms)), terms]

    def loss(weights: Floats) -> tuple[float, Floats]:
        evidence = design @ weights
        chance = 1 / (1 + np.exp(-evidence))
        value = counts @ (np.logaddexp(0, evidence) - labels * evidence) + RIDGE / 2 * weights[1:] @ weights[1:]
        slope = design.T @ (counts * (chance - labels))
        slope[1:] += RIDGE * weights[1:]
        return float(value), slope

    bounds = [(None, None)] + [(0, None)] * terms.shape[1]
    return np.asarray(minimize(loss, np.zeros(design.shape[1]), jac=True, bounds=bounds, method="L-BFGS-B").x)


def summed(weights: Floats, terms: Floats, more: npt.ArrayLike = 0.0) -> Floats:
    """Return the evidence: a bias, a weight a term, and `more`."""
    return np.asarray(weights[0] + terms @ weights[1:] + more)


def held_out(evidence: Evidence, rule: PageRule | None, folds: list[set[str]]) -> Floats:
    """Return P(same shot) of every pair by fits without the folds of its photos; the mean where these are two."""
    total, times = np.zeros(len(evidence.labels)), np.zeros(len(evidence.labels))
    for fold in folds:
        inside = np.isin(evidence.sources, sorted(fold)).any(axis=1)
        total[inside] += Decision(evidence, rule, ~inside).chances(evidence)[inside]
        times[inside] += 1
    return np.asarray(total / times)


def macro(evidence: Evidence, same_shot: Booleans, on: Booleans) -> tuple[float, float]:
    """Return recall and specificity, each kind of change and of difference counting the same."""
    rows = zip(evidence.labels[on].tolist(), same_shot[on].tolist(), evidence.kinds[on].tolist(), strict=True)
    found = measure_pairs([DecidedPair(label > 0, same, None, kind) for label, same, kind in rows])
    return found.macro_recall or 0.0, found.macro_specificity or 0.0


def operating_point(specificities: Callable[[float], float], wanted: float) -> float:
    """Return the least probability at which a specificity is reached; the highest there is if none does."""
    grid = np.arange(0.30, 0.981, 0.01)  # 99 is the highest percent shown: what lies there can't be told apart
    return next((float(t) for t in grid if specificities(float(t)) >= wanted), float(grid[-1]))


def operating_points(evidence: Evidence, chance: Floats) -> dict[str, float]:
    """Return the operating points: `strict` holds for every kind of difference, others for the mean of all kinds.

    They hold on every set of timelines; a single timeline, which has few pairs of a kind, may fall a little short.
    """
    sets, timelines = (
        [numbers == n for n in sorted(set(numbers.tolist()))] for numbers in (evidence.sets, evidence.timelines)
    )

    def of_all_kinds(threshold: float) -> float:
        of_sets, of_timelines = (
            min(macro(evidence, chance >= threshold, on)[1] for on in parts) for parts in (sets, timelines)
        )
        return min(of_sets, of_timelines + TIMELINE_SLACK)

    def of_each_kind(threshold: float) -> float:
        kinds = sorted(set(evidence.kinds[evidence.labels == 0].tolist()))
        told = [(chance < threshold)[(evidence.labels == 0) & (evidence.kinds == kind)].mean() for kind in kinds]
        return float(min(told))

    found = {
        name: operating_point(of_each_kind if name == "strict" else of_all_kinds, wanted)
        for name, wanted in SPECIFICITY.items()
    }
    return found | {
        "strict": max(found["strict"], found["normal"]),
        "sure": max(found["sure"], found["normal"], LEAST_SURE),
    }


def print_quality(evidence: Evidence, title: str, chance: Floats, threshold: float) -> None:
    """Print the calibration error of every set, the scores of every timeline, and what is right of every kind."""
    print(f"{title}:")
    for number in sorted(set(evidence.timelines.tolist())):
        on = evidence.timelines == number
        recall, specificity = macro(evidence, chance >= threshold, on)
        score = 2 * recall * specificity / (recall + specificity)
        print(f"  timeline {number + 1}: {score:.3f} (recall {recall:.3f}, specificity {specificity:.3f})")
    for name, on in _by_set(evidence):
        rows = zip(evidence.labels[on].tolist(), chance[on].tolist(), strict=True)
        error = measure_pairs([DecidedPair(y > 0, p >= threshold, 100 * p) for y, p in rows]).calibration_error
        right = (chance >= threshold) == (evidence.labels > 0)
        kinds = ((k, on & (evidence.kinds == k)) for k in sorted(set(evidence.kinds[on].tolist())))
        print(f"  {name}: calibration error {error:.3f}; right of each kind: ", end="")
        print(", ".join(f"{kind} {right[of].mean():.2f} of {int(of.sum())}" for kind, of in kinds))


def _by_set(evidence: Evidence) -> Iterator[tuple[str, Booleans]]:
    for number in sorted(set(evidence.sets.tolist())):
        yield f"set {number + 1}", evidence.sets == number


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
        "second_look": {"weight": 1, "least": 0, "most": 1, "base": 0, "slope": 0},
    }


def fit_decision(evidence: Evidence, rule: PageRule | None) -> dict[str, Any]:
    """Fit a decision, and print how good it is."""
    decision = Decision(evidence, rule, np.ones(len(evidence.labels), dtype=np.bool_))
    slope, base = np.polyfit(evidence.terms[:, 0], np.clip(evidence.terms[:, 1], decision.least, decision.most), 1)
    names = sorted(set(evidence.sources.ravel().tolist()))
    by_one = held_out(evidence, rule, [{n} for n in names])
    halves = held_out(evidence, rule, [set(names[::2]), set(names[1::2])])
    thresholds = operating_points(evidence, by_one)
    found = dict(zip(WEIGHTS, (round(float(w), 2) for w in decision.weights), strict=True))
    print(f"{len(evidence.labels)} pairs from {len(names)} sources; {found}; operating points {thresholds}")
    print_quality(evidence, "in the fit", decision.chances(evidence), thresholds["normal"])
    print_quality(evidence, "each source left out", by_one, thresholds["normal"])
    print_quality(evidence, "fitted on half the sources, judged on the other", halves, thresholds["normal"])
    return undecided() | {
        **{name: found[name] for name in ("bias", "cosine", "near")},
        "second_look": {
            "weight": found["match"],
            "least": round(decision.least, 3),
            "most": round(decision.most, 3),
            "base": round(float(base), 3),
            "slope": round(float(slope), 3),
            "doubt": MATCH_DOUBT,
        },
        "registration": {
            **{name: found[name] for name in WEIGHTS[4:]},
            **REGISTRATION,
            **BLANK,
        },
        "sure": round(thresholds.pop("sure"), 3),
        "thresholds": {k: round(v, 3) for k, v in thresholds.items()},
        "fitted_on": f"{len(evidence.labels):,} time-adjacent pairs of labelled photos from {len(names)} sources",
    }


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
        np.savez(a.save_evidence, **{f: getattr(evidence, f) for f in Evidence.__dataclass_fields__})
    described["decision"] = fit_decision(evidence, page_rule_of(model))
    description.write_text(json.dumps(described, indent=2) + "\n")


if __name__ == "__main__":
    main()
