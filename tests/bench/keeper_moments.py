"""Measure the choice of the moment: takes made from photos of which one is better to anybody's eye.

    python tests/bench/keeper_moments.py [FOLDER [STEP]]      default: the evaluation data next to the checkout, 4

Every STEP-th photo is used. Of each kind it prints how often the better take stays alone, how often it stays at all,
and how often the suggestion was called sure and was right in that.
"""

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "support"))
sys.path.insert(0, str(Path(__file__).parent))

from keepers import SHARED, Reader, photos, print_line, suggestion
from made_takes import (
    Take,
    copy_contests,
    evenly_good,
    face_contests,
    file_contests,
    focus_contests,
    subject_contests,
    tilt_contests,
)

from dejashot.errors import UnreadablePhotoError
from dejashot.models.capture import Certainty
from dejashot.models.groups import KeeperSuggestion
from dejashot.reading.vision.faces import FaceFinder


def contests(data: Path, step: int) -> Iterator[tuple[str, Sequence[Take]]]:
    """Yield the contests by kind; the first take of each should stay."""
    originals = list(photos([data / "originals", data / "photos"]))
    some = originals[::step]
    people = sorted((data / "life" / "photos").glob("*.jpg"))[::step]
    yield from subject_contests(some, data / "photos")
    yield from focus_contests(data / "photos")
    yield from tilt_contests(originals)
    yield from face_contests(people, FaceFinder())
    yield from file_contests(some)
    yield from evenly_good(some)
    yield from copy_contests(some)


def main() -> None:
    """Run the bench and print the table."""
    data = Path(sys.argv[1]) if len(sys.argv) > 1 else SHARED
    step = int(sys.argv[2]) if len(sys.argv) > 2 else 4
    reader = Reader()
    found: dict[str, list[KeeperSuggestion]] = {}
    for kind, takes in contests(data, step):
        try:
            entries = [
                reader.entry(take.data, 0 if take.is_copy else 5 * n, tagged=take.tagged)
                for n, take in enumerate(takes)
            ]
        except UnreadablePhotoError:  # a file that can't be read at all is in no group
            continue
        for entry, take in zip(entries, takes, strict=True):
            entry.shot.format = take.form
        found.setdefault(kind, []).append(suggestion(entries))
    print_line(f"{'kind':<34}{'takes':>7}{'alone':>8}{'kept':>8}{'sure':>7}{'right':>7}")
    for kind, made in {**found, "all": [s for some in found.values() for s in some]}.items():
        alone = sum(s.keepers == (0,) for s in made) / len(made)
        kept = sum(0 in s.keepers for s in made) / len(made)
        sure = [s for s in made if s.confidence is Certainty.HIGH]
        right = sum(0 in s.keepers for s in sure)
        print_line(f"{kind:<34}{len(made):>7}{alone:>8.3f}{kept:>8.3f}{len(sure):>7}{right:>7}")


if __name__ == "__main__":
    main()
