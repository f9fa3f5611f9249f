"""Draw families of every kind on contact sheets, to look at what is learnt from.

    python daemon/training/contact_sheets.py --photos PHOTOS --cutouts cutouts.npz --out sheets

A row is a family: its contents side by side, two views of each.
"""

import argparse
import time
from pathlib import Path

import cv2
import numpy as np

from families import KINDS, make
from families.stock import Stock, open_stock

ROWS, VIEWS, THUMBNAIL = 12, 8, 150


def sheet(kind: str, seeds: range, stock: Stock) -> "np.ndarray[tuple[int, int, int], np.dtype[np.uint8]]":
    """Return the families of some seeds, one below the other."""
    rows = []
    for seed in seeds:
        pictures = [view.picture for view in make(kind, seed, stock)][:VIEWS]
        pictures += [np.zeros_like(pictures[0])] * (VIEWS - len(pictures))
        rows.append(np.hstack([cv2.resize(p, (THUMBNAIL, THUMBNAIL), interpolation=cv2.INTER_AREA) for p in pictures]))
    return np.vstack(rows)


def main() -> None:
    """Write one sheet a kind, and print what drawing costs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photos", type=Path, required=True)
    parser.add_argument("--cutouts", type=Path, default=Path("cutouts.npz"))
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--kinds", nargs="+", default=KINDS)
    a = parser.parse_args()
    a.out.mkdir(parents=True, exist_ok=True)
    stock = open_stock(a.photos, a.cutouts)
    for kind in a.kinds:
        began = time.process_time()
        drawn = sheet(kind, range(a.seed, a.seed + ROWS), stock)
        print(f"{kind}: {(time.process_time() - began) / (ROWS * VIEWS) * 1e3:.1f} ms a view")
        cv2.imwrite(str(a.out / f"{kind}.png"), cv2.cvtColor(drawn, cv2.COLOR_RGB2BGR))


if __name__ == "__main__":
    main()
