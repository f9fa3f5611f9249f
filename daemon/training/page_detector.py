"""Fit the page detector: a logistic regression on the vectors of a network, and write it into its description.

    python daemon/training/page_detector.py --network dejashot-lite0.onnx --photos PHOTOS --cutouts cutouts.npz

Pages are the page families; no pages are all other families and the training photos, except those of drawings and
printed things. It is judged on views and photos that were left out.
"""

import argparse
import json
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize

from dejashot.reading.vision.session import open_session
from export import IMAGE, VECTOR, pixels
from families import KINDS, make
from families.stock import open_stock

NO_PHOTOS = ("dollar_bill", "snoopy", "garfield", "yin_yang", "stop_sign")
PAGE_FAMILIES, ORDINARY_FAMILIES, OTHER_FAMILIES, PHOTOS = 600, 400, 120, 3500  # others of each kind
FIRST_SEED = 7_000_000
RIDGE = 1.0
LEAST = 0.5
HELD_OUT = 5  # one of so many

Floats = npt.NDArray[np.float64]


def vectors_of(network: Path, photos: Path, cutouts: Path) -> tuple[Floats, Floats, npt.NDArray[np.str_]]:
    """Return vectors [N, 256], 1 for pages else 0, and the kind of each; the views of a family stand together."""
    stock = open_stock(photos, cutouts, NO_PHOTOS)
    session = open_session(network, 1)
    found, labels, kinds = [], [], []
    for kind in KINDS:
        for number in range({"page": PAGE_FAMILIES, "ordinary": ORDINARY_FAMILIES}.get(kind, OTHER_FAMILIES)):
            for view in make(kind, FIRST_SEED + number, stock)[::2]:
                found.append(session.run([VECTOR], {IMAGE: view.picture[None]})[0][0])
                labels.append(float(kind == "page"))
                kinds.append(kind)
    chosen = np.random.default_rng(FIRST_SEED).choice(len(stock.files), min(PHOTOS, len(stock.files)), replace=False)
    found += [session.run([VECTOR], {IMAGE: pixels(stock.files[number])})[0][0] for number in chosen]
    labels += [0.0] * len(chosen)
    kinds += ["photo"] * len(chosen)
    return np.array(found, float), np.array(labels), np.array(kinds)


def fitted(vectors: Floats, labels: Floats) -> Floats:
    """Return bias and weights of a logistic regression with ridge, in which both answers weigh the same."""
    design = np.c_[np.ones(len(vectors)), vectors]
    weight = np.where(labels > 0, 0.5 / labels.mean(), 0.5 / (1 - labels.mean()))

    def loss(weights: Floats) -> tuple[float, Floats]:
        evidence = design @ weights
        value = (weight * (np.logaddexp(0, evidence) - labels * evidence)).sum() + RIDGE / 2 * weights[1:] @ weights[1:]
        slope = design.T @ (weight * (1 / (1 + np.exp(-evidence)) - labels))
        slope[1:] += RIDGE * weights[1:]
        return float(value), slope

    start = np.zeros(design.shape[1])
    return np.asarray(minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": 500}).x)


def judge(vectors: Floats, labels: Floats, kinds: npt.NDArray[np.str_]) -> None:
    """Print, for each kind, the share called a page by a fit without it, on every fifth stretch of views."""
    out = (np.arange(len(labels)) // 8) % HELD_OUT == 0
    weights = fitted(vectors[~out], labels[~out])
    called = 1 / (1 + np.exp(-(weights[0] + vectors @ weights[1:]))) >= LEAST
    for kind in dict.fromkeys(kinds.tolist()):
        on = out & (kinds == kind)
        print(f"{kind:9s} {on.sum():5d} left out, called pages: {called[on].mean():.3f}")


def main() -> None:
    """Fit, judge, and write the page detector."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--network", type=Path, required=True, help="the ONNX file of the model")
    parser.add_argument("--photos", type=Path, required=True)
    parser.add_argument("--cutouts", type=Path, default=Path("cutouts.npz"))
    a = parser.parse_args()
    vectors, labels, kinds = vectors_of(a.network, a.photos, a.cutouts)
    judge(vectors, labels, kinds)
    weights = fitted(vectors, labels)
    description = a.network.with_suffix(".json")
    described = json.loads(description.read_text())
    rounded = [round(float(w), 4) for w in weights]
    described["pages"] = {"weights": rounded[1:], "bias": rounded[0], "least": LEAST}
    description.write_text(json.dumps(described, indent=2) + "\n")


if __name__ == "__main__":
    main()
