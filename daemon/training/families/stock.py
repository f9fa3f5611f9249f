"""What families are made from: training photos, cut-outs from them, fonts."""

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from families.cutouts import Cutout, stored_cutouts
from views import Picture

PHOTOS_EACH = 4
FONT_FOLDERS = Path("/usr/share/fonts")
FONT_NAMES = ("dejavu", "liberation", "roboto", "lato", "open-sans", "urw-base35", "inconsolata")
NOTO_NAMES = ("NotoSans-", "NotoSerif-", "NotoMono", "NotoSansMono")
NO_LETTERS = ("Symbol", "Dingbat", "D050", "Emoji")
LEAST_FONTS = 8


@dataclass(frozen=True, slots=True)
class Stock:
    """Photos by category, cut-outs, and font files."""

    categories: tuple[tuple[Path, ...], ...]
    files: tuple[Path, ...]
    cutouts: tuple[Cutout, ...]
    fonts: tuple[Path, ...]
    mono_fonts: tuple[Path, ...]

    def photo(self, rng: np.random.Generator) -> Picture:
        """Return any photo."""
        return load(self.files[int(rng.integers(len(self.files)))])

    def cutout(self, rng: np.random.Generator) -> Cutout:
        """Return any cut-out."""
        return self.cutouts[int(rng.integers(len(self.cutouts)))]


def load(file: Path) -> Picture:
    """Return a photo's pixels; raise OSError when it can't be read."""
    pixels = cv2.imread(str(file), cv2.IMREAD_COLOR)
    if pixels is None:
        raise OSError(f"can't read {file}")
    return np.asarray(cv2.cvtColor(pixels, cv2.COLOR_BGR2RGB), np.uint8)


def photo_categories(photos: Path, left_out: Collection[str] = ()) -> tuple[tuple[Path, ...], ...]:
    """Return the photos of every folder with enough of them, sorted; raise FileNotFoundError when there is none."""
    folders = sorted(p for p in photos.iterdir() if p.is_dir() and p.name not in left_out)
    found = tuple(tuple(sorted(f.glob("*.jpg"))) for f in folders)
    categories = tuple(c for c in found if len(c) >= PHOTOS_EACH)
    if not categories:
        raise FileNotFoundError(f"{photos} holds no folder with {PHOTOS_EACH} JPEG files or more")
    return categories


def font_files(folder: Path = FONT_FOLDERS) -> tuple[Path, ...]:
    """Return the fonts pages are set in; raise FileNotFoundError when there are too few to teach anything."""
    files = sorted(f for ending in ("ttf", "otf") for f in folder.rglob(f"*.{ending}"))
    named = (f for f in files if any(n in str(f) for n in FONT_NAMES) or f.name.startswith(NOTO_NAMES))
    fonts = tuple(f for f in named if not any(n in f.name for n in NO_LETTERS))
    if len(fonts) < LEAST_FONTS:
        raise FileNotFoundError(
            f"{folder} holds {len(fonts)} of the fonts for pages, at least {LEAST_FONTS} are needed: "
            "daemon/training/README.md names the packages"
        )
    return fonts


def open_stock(photos: Path, cutouts: Path, left_out: Collection[str] = ()) -> Stock:
    """Return the stock of a folder of photos, a folder for each category; cut-outs are made once and stored.

    Raises FileNotFoundError when photos or fonts are missing.
    """
    cv2.setNumThreads(1)
    categories = photo_categories(photos, left_out)
    files = tuple(f for c in categories for f in c)
    fonts = font_files()
    mono = tuple(f for f in fonts if "mono" in f.name.lower() or "inconsolata" in f.name.lower())
    cut = stored_cutouts(cutouts, lambda number: load(files[number]), len(files))
    return Stock(categories, files, cut, fonts, mono or fonts)
