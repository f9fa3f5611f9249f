"""Measure the choice of keepers: photos against degraded copies of themselves, and sharp against blurred ones.

    python tests/bench/keepers.py [FOLDER ...]      default: the evaluation photos next to the checkout

Three rules rank the same files: ours, the largest file (what Immich suggests), and variance of the Laplacian. Photos
are used as they are; small, badly exposed or soft ones make no good originals and are skipped.
"""

import hashlib
import io
import math
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

sys.path.insert(0, str(Path(__file__).parents[1] / "support"))

from dejashot.grouping.group_kinds import refine_kind
from dejashot.grouping.keepers.blur import describe_blur
from dejashot.grouping.keepers.choose import suggest_keepers
from dejashot.grouping.people import OPEN
from dejashot.models.capture import Camera, Certainty
from dejashot.models.groups import Group, KeeperSuggestion, Kind, Pair
from dejashot.models.photo import Quality
from dejashot.models.shot import Shot
from dejashot.reading.decode import decoder
from dejashot.reading.fingerprint import parts_of
from dejashot.reading.operations import model_input
from dejashot.reading.photo_picture import decode_picture
from dejashot.reading.vision import quality
from dejashot.reading.vision.embedder import Embedder
from dejashot.reading.vision.faces import FaceFinder, FoundFace
from dejashot.reading.vision.model import BUNDLED, load_model
from overlays import OVERLAYS
from scenes import exposed, portrait
from shots import shot

SHARED = Path(__file__).parents[3] / "shared" / "data"
MAX_PHOTOS = 60
MIN_PX = 750
DRAWN = 20
EYES_ACROSS, EYES_DOWN = (0.3, 0.7), 0.27  # in the detector's box
TRIPLETS = (
    "kwentar_samples_106_NIKON-D3400-35MM_{}.JPG",
    "kwentar_samples_176_HONOR-7X_{}.jpg",
    "kwentar_samples_180_HONOR-10_{}.jpg",
)
COPIES = ("JPEG quality 35", "half the size, quality 75", "messenger: 0.6, sharpened, 75", "messenger, cropped 4 %")
OVERLAID = (
    "stamp, orange",
    "stamp, white, rim",
    "caption, white",
    "frame, white with a line",
    "instant print",
    "letterbox",
    "lower part grey",
)

Picture = Image.Image


@dataclass(frozen=True)
class Entry:
    """One file as a rule sees it."""

    shot: Shot
    quality: Quality
    laplacian: float


class Reader:
    """Measure files as the reading worker does."""

    def __init__(self) -> None:
        decoder.prepare_decoders(220)
        self._embedder = Embedder(BUNDLED, load_model(BUNDLED).network, 1)
        self._faces = FaceFinder()
        self.spent = {"decode": 0.0, "measure": 0.0, "faces and eyes": 0.0}
        self.looks = 0

    def entry(self, data: bytes, at_s: float, *, tagged: bool = True) -> Entry:
        """Return what is known of a file."""
        marks = [time.perf_counter()]
        image = decoder.open_image(data, "x.jpg", 220)
        size = image.size
        picture = decode_picture(image)
        look = quality.at_look_size(picture.pixels)
        marks.append(time.perf_counter())
        faces = self._faces.find(picture.pixels)
        marks.append(time.perf_counter())
        measured = quality.measure_quality(look, faces, picture.coarseness)
        seen = replace(measured, damage=picture.damage, parts=parts_of(data))
        marks.append(time.perf_counter())
        for name, n in (("decode", 0), ("faces and eyes", 1), ("measure", 2)):
            self.spent[name] += marks[n + 1] - marks[n]
        self.looks += 1
        prepared = model_input(picture, self._embedder)
        made = shot(
            at_s,
            self._embedder.embed(prepared),
            path=f"{hashlib.sha256(data).hexdigest()}.jpg",
            size=size,
            size_bytes=len(data),
        )
        made.camera = made.camera if tagged else Camera()
        made.signature = np.asarray(prepared.convert("L").resize((16, 16), Image.Resampling.BOX))
        return Entry(made, seen, _laplacian(look))


def _laplacian(look: Picture) -> float:
    """Return the variance of the Laplacian."""
    grey = np.asarray(look, dtype=np.float32)
    middle = grey[1:-1, 1:-1]
    return float((grey[2:, 1:-1] + grey[:-2, 1:-1] + grey[1:-1, 2:] + grey[1:-1, :-2] - 4 * middle).var())


def jpeg(picture: Picture, at_quality: int = 92) -> bytes:
    """Return a picture as a JPEG file."""
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=at_quality)
    return out.getvalue()


def defocused(picture: Picture, share: float) -> Picture:
    """Return a picture blurred by a Gaussian whose deviation is a share of the longer side."""
    return picture.filter(ImageFilter.GaussianBlur(share * max(picture.size)))


def shaken(picture: Picture, share: float, angle: float) -> Picture:
    """Return a picture blurred along a line whose length is a share of the longer side."""
    length = share * max(picture.size)
    pad = math.ceil(length / 2) + 1
    wide = np.pad(np.asarray(picture, dtype=np.float32), ((pad, pad), (pad, pad), (0, 0)), mode="edge")
    steps = np.linspace(-length / 2, length / 2, max(3, math.ceil(length)))
    total = np.zeros((picture.height, picture.width, 3), dtype=np.float32)
    for step in steps:
        y, x = pad + round(step * math.sin(angle)), pad + round(step * math.cos(angle))
        total += wide[y : y + picture.height, x : x + picture.width]
    return Image.fromarray((total / len(steps)).astype(np.uint8))


def noisy(picture: Picture, deviation: float, seed: int = 0) -> Picture:
    """Return a picture with grain, its deviation in levels."""
    grain = np.random.default_rng(seed).normal(0, deviation, (picture.height, picture.width, 3))
    return Image.fromarray(np.clip(np.asarray(picture, dtype=np.float32) + grain, 0, 255).astype(np.uint8))


def reduced(picture: Picture, factor: float) -> Picture:
    """Return a picture with fewer pixels."""
    return picture.resize((int(picture.width * factor), int(picture.height * factor)), Image.Resampling.LANCZOS)


def messenger(picture: Picture) -> Picture:
    """Return a picture as a messenger sends it: reduced and sharpened."""
    return reduced(picture, 0.6).filter(ImageFilter.UnsharpMask(1, 40, 2))


def cropped(picture: Picture) -> Picture:
    """Return a picture without its edges."""
    dx, dy = picture.width // 50, picture.height // 50
    return picture.crop((dx, dy, picture.width - dx, picture.height - dy))


def degradations(n: int) -> dict[str, Callable[[Picture], bytes]]:
    """Return the ways in which photo number `n` is made worse."""
    angle = n * 2.4
    return {
        "defocus, slight": lambda p: jpeg(defocused(p, 0.0008)),
        "defocus": lambda p: jpeg(defocused(p, 0.002)),
        "motion, slight": lambda p: jpeg(shaken(p, 0.003, angle)),
        "motion": lambda p: jpeg(shaken(p, 0.01, angle)),
        "noise 12": lambda p: jpeg(noisy(p, 12)),
        "defocus + noise 12": lambda p: jpeg(noisy(defocused(p, 0.0015), 12)),
        "motion + noise 12": lambda p: jpeg(noisy(shaken(p, 0.006, angle), 12)),
        "1.5 EV darker": lambda p: jpeg(exposed(p, -1.5)),
        "1.5 EV brighter": lambda p: jpeg(exposed(p, 1.5)),
        "defocus + 1 EV brighter": lambda p: jpeg(exposed(defocused(p, 0.002), 1)),
        "defocus + 1 EV darker": lambda p: jpeg(exposed(defocused(p, 0.002), -1)),
        **{f"defocus + {name}": (lambda p, put=OVERLAYS[name]: jpeg(put(defocused(p, 0.0015)))) for name in OVERLAID},
        COPIES[0]: lambda p: jpeg(p, 35),
        COPIES[1]: lambda p: jpeg(reduced(p, 0.5), 75),
        COPIES[2]: lambda p: jpeg(messenger(p), 75),
        COPIES[3]: lambda p: jpeg(messenger(cropped(p)), 75),
    }


def suggestion(entries: Sequence[Entry]) -> KeeperSuggestion:
    """Suggest which of some entries to keep."""
    pairs = [
        Pair(a, b, 5.0, float(entries[a].shot.vector @ entries[b].shot.vector), 90.0, True)
        for a in range(len(entries))
        for b in range(a + 1, len(entries))
    ]
    shots, qualities = [e.shot for e in entries], {e.shot.content: e.quality for e in entries}
    (group,) = refine_kind(shots, Group(tuple(range(len(shots))), Kind.SIMILAR, "", tuple(pairs)), qualities)
    return suggest_keepers(shots, group, qualities)


def ours(entries: list[Entry]) -> int | None:
    """Return which entry our rule keeps, None where it keeps several."""
    made = suggestion(entries)
    return made.keepers[0] if len(made.keepers) == 1 else None


def by_size(entries: list[Entry]) -> int:
    """Return the largest file."""
    return max(range(len(entries)), key=lambda n: entries[n].shot.size_bytes)


def by_laplacian(entries: list[Entry]) -> int:
    """Return the file with the greatest variance of the Laplacian."""
    return max(range(len(entries)), key=lambda n: entries[n].laplacian)


RULES: dict[str, Callable[[list[Entry]], int | None]] = {
    "ours": ours,
    "file size": by_size,
    "var. of Laplacian": by_laplacian,
}


def photos(folders: Iterable[Path]) -> Iterator[tuple[Path, Picture]]:
    """Return up to 60 photos that are fit to be originals, spread over what there is."""
    found = [
        f for folder in folders for f in sorted(folder.rglob("*")) if f.suffix.lower() in (".jpg", ".jpeg", ".png")
    ]
    left = MAX_PHOTOS
    for file in found[:: max(1, len(found) // (4 * MAX_PHOTOS))]:
        if left == 0 or file.stem.endswith(("_F", "_M")):
            continue
        with Image.open(file) as image:
            if max(image.size) < MIN_PX:
                continue
            picture = image.convert("RGB")
        picture.thumbnail((2048, 2048))
        seen = quality.measure_quality(quality.at_look_size(picture))
        if 90 <= seen.brightness <= 150 and seen.clipped_light + seen.clipped_dark < 0.02 and seen.sharpness > 0.5:
            left -= 1
            yield file, picture


def closed_eyes(picture: Picture, face: FoundFace) -> Picture | None:
    """Return a picture with lids painted over the open eyes of a face: skin of the cheek, and a dark line of lashes.

    None where the eyes can't be judged, or are not open. The eyes are expected where an upright face has them.
    """
    if min(eye or 0.0 for eye in face.eyes) < OPEN:
        return None
    left, top, width, height = (n * side for n, side in zip(face.box, picture.size * 2, strict=True))
    painted = picture.copy()
    for across in EYES_ACROSS:
        side = int(0.3 * width)
        x, y = left + across * width, top + EYES_DOWN * height
        cheek = picture.crop((int(x - 2), int(y + 0.18 * height), int(x + 3), int(y + 0.18 * height) + 5)).resize(
            (1, 1), Image.Resampling.BOX
        )
        skin = np.asarray(cheek)[0, 0].astype(float)
        lid = Image.new("RGBA", (4 * side, 4 * side))
        pen = ImageDraw.Draw(lid)
        pen.ellipse((0.2 * side, 1.0 * side, 3.8 * side, 3.0 * side), fill=(*(int(v) for v in 0.94 * skin), 255))
        pen.arc(
            (0.6 * side, 0.4 * side, 3.4 * side, 2.5 * side),
            35,
            145,
            fill=(*(int(v) for v in 0.35 * skin), 255),
            width=side // 5,
        )
        small = lid.resize((side, side), Image.Resampling.LANCZOS).filter(ImageFilter.GaussianBlur(side / 40))
        painted.paste(small, (int(x - side / 2), int(y - side / 2)), small)
    return painted


def print_line(text: str) -> None:
    """Print one line."""
    sys.stdout.write(f"{text}\n")


def contests(folders: list[Path], reader: Reader) -> dict[str, list[list[Entry]]]:
    """Return the contests by degradation; the first entry of each should win."""
    made: dict[str, list[list[Entry]]] = {}
    finder = FaceFinder()
    for n, (_, picture) in enumerate(photos(folders)):
        original = reader.entry(jpeg(picture), 0)
        for name, worse in degradations(n).items():
            made.setdefault(name, []).append(
                [original, reader.entry(worse(picture), 0 if name in COPIES else 5, tagged="messenger" not in name)]
            )
    for folder in folders:
        for file in sorted(folder.rglob("*.jp*g")):
            with Image.open(file) as image:
                picture = image.convert("RGB")
            scale = quality.LOOK_PX / max(picture.size)
            picture = picture.resize([round(side * scale) for side in picture.size], Image.Resampling.BICUBIC)
            for face in finder.find(picture)[:1]:
                blinking = closed_eyes(picture, face)
                if blinking:
                    made.setdefault("eyes closed (painted)", []).append(
                        [reader.entry(jpeg(picture), 0), reader.entry(jpeg(blinking), 5)]
                    )
    for n in range(DRAWN):
        at, sharper = (0.3 + 0.02 * n, 0.45 + 0.01 * n), portrait(0.0, (2048, 1536), (0.3 + 0.02 * n, 0.45 + 0.01 * n))
        wide = defocused(portrait(1.0, (2048, 1536), at), 0.0005)
        made.setdefault("eyes closed (drawn, sharper)", []).append(
            [reader.entry(jpeg(wide), 0), reader.entry(jpeg(sharper), 5)]
        )
    for name in TRIPLETS:
        files = [SHARED / "originals" / name.format(k) for k in "SFM"]
        if all(f.exists() for f in files):
            made.setdefault("taken sharp, defocused, shaken", []).append(
                [reader.entry(f.read_bytes(), n) for n, f in enumerate(files)]
            )
    return made


def main() -> None:
    """Run the bench and print the table."""
    folders = [Path(a) for a in sys.argv[1:]] or [SHARED / "originals", SHARED / "photos"]
    reader = Reader()
    made = contests(folders, reader)
    print_line(f"{'made worse by':<34}{'photos':>7}" + "".join(f"{rule:>20}" for rule in RULES))
    wins = dict.fromkeys(RULES, 0)
    for name, groups in made.items():
        row = {rule: sum(pick(g) == 0 for g in groups) for rule, pick in RULES.items()}
        wins = {rule: wins[rule] + row[rule] for rule in RULES}
        print_line(f"{name:<34}{len(groups):>7}" + "".join(f"{row[rule] / len(groups):>20.3f}" for rule in RULES))
    count = sum(map(len, made.values()))
    print_line(f"{'all':<34}{count:>7}" + "".join(f"{wins[rule] / count:>20.3f}" for rule in RULES))
    suggested = [suggestion(g) for groups in made.values() for g in groups]
    sure = [s for s in suggested if s.confidence is Certainty.HIGH]
    print_line(
        f"ours: the better one stays {sum(0 in s.keepers for s in suggested)} of {count}; "
        f"sure {len(sure)}, right in that {sum(0 in s.keepers for s in sure)}"
    )
    beaten = {rule: sum(pick(g) == 1 for name in COPIES for g in made.get(name, [])) for rule, pick in RULES.items()}
    print_line(f"{'a copy beats its original':<41}" + "".join(f"{beaten[rule]:>20}" for rule in RULES))
    for name, fault in (("defocus", "out of focus"), ("motion", "shaken")):
        labels = [describe_blur(g[1].quality, g[0].quality) for g in made.get(name, [])]
        counts = ", ".join(f"{label} {labels.count(label)}" for label in sorted({fault, *labels}))
        print_line(f"{name} called {counts} of {len(labels)}")
    print_line("a look: " + ", ".join(f"{what} {1000 * s / reader.looks:.1f} ms" for what, s in reader.spent.items()))


if __name__ == "__main__":
    main()
