"""Takes of one scene of which one is better to anybody's eye: the first of each contest.

The subject or what is around it is blurred, the subject is cut off by the frame, a hand is before the face, the camera
was tilted, or the better take is stored in another format than the worse one. Besides, copies of one file: stored in
another format, with the tags or without, or damaged; of these the original is the first.
"""

import io
import math
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import permutations
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

sys.path.insert(0, str(Path(__file__).parents[1] / "support"))

from damages import JPEG_WAYS, damaged
from dejashot.reading.vision.faces import FaceFinder, FoundFace

Picture = Image.Image
TAKE_PX = 1400
MARGIN = 0.04  # of the sides: how far takes of one scene may be shifted
# photos of one thing before an even ground, and how far (levels) the ground may differ from its corners
CUT_OUTS = ("p0592", "p0594", "p0597", "p0602", "p0610", "p0613", "p0615", "p0616", "p0617")
GROUND_LEVELS = 42
# pairs taken with the focus near and far, the one of the subject first, as a person would say
FOCUSED = (
    *("p0098 p0099", "p0100 p0101", "p0102 p0103", "p0104 p0105", "p0107 p0106", "p0110 p0111", "p0112 p0113"),
    *("p0114 p0115", "p0117 p0116", "p0124 p0125", "p0126 p0127", "p0128 p0129", "p0130 p0131", "p0136 p0137"),
)
# seen by eye and by their upright lines to be level within two degrees: fit to be tilted
LEVEL = (
    *("spw_16_16_l", "spw_17_17_l", "spw_21_21_l", "spw_23_23_l", "spw_27_27_l", "spw_29_29_l", "spw_31_31_l"),
    *("spw_3_3_l", "spw_5_5_l", "spw_9_9_l", "p0026", "p0338"),
)
TILTS = (4.0, 8.0)  # of two degrees it can't be told by eye which take is the level one
# of a copy, its original's format first; with the tags kept a HEIF is taken for the camera's own file
CONVERSIONS = (("HEIF", "JPEG"), ("HEIF", "PNG"), ("JPEG", "WEBP"), ("JPEG", "PNG"))
FORMATS = {"JPEG": {"quality": 88}, "HEIF": {"quality": 75}, "PNG": {}, "WEBP": {"quality": 88}}
SUBJECT_BLUR, GROUND_BLUR = 0.003, 0.003  # of the longer side


@dataclass(frozen=True)
class Take:
    """A file of a contest, its format, whether it still has the camera's tags, and whether it copies the first."""

    data: bytes
    form: str = "JPEG"
    tagged: bool = True
    is_copy: bool = False


Contests = Iterator[tuple[str, Sequence[Take]]]


def encoded(picture: Picture, form: str = "JPEG") -> Take:
    """Return a picture as a file of a format."""
    out = io.BytesIO()
    picture.save(out, form, **FORMATS[form])
    return Take(out.getvalue(), form)


def retaken(picture: Picture, seed: int) -> Picture:
    """Return a picture as a hand would take it again: shifted by up to two hundredths, at the size of a take."""
    rng = np.random.default_rng(seed)
    dx, dy = (float(v) for v in rng.uniform(0, MARGIN, 2))
    width, height = picture.size
    box = (dx * width, dy * height, (1 - MARGIN + dx) * width, (1 - MARGIN + dy) * height)
    scale = TAKE_PX / max(picture.size)
    size = (round(width * scale), round(height * scale))
    return picture.resize(size, Image.Resampling.BICUBIC, box=box, reducing_gap=3.0)


def oval(size: tuple[int, int], middle: tuple[float, float], half: tuple[float, float]) -> Picture:
    """Return a mask with a soft oval, its middle and half axes in shares."""
    mask = Image.new("L", size)
    w, h = size
    (x, y), (a, b) = middle, half
    ImageDraw.Draw(mask).ellipse(((x - a) * w, (y - b) * h, (x + a) * w, (y + b) * h), fill=255)
    return mask.filter(ImageFilter.GaussianBlur(0.008 * max(size)))


def soft(picture: Picture, share: float) -> Picture:
    """Return a picture out of focus, by a share of its longer side."""
    return picture.filter(ImageFilter.GaussianBlur(share * max(picture.size)))


def subject_blurred(picture: Picture, mask: Picture) -> Picture:
    """Return a picture with what the mask shows out of focus."""
    return Image.composite(soft(picture, SUBJECT_BLUR), picture, mask)


def ground_blurred(picture: Picture, mask: Picture) -> Picture:
    """Return a picture with all but what the mask shows out of focus."""
    return Image.composite(picture, soft(picture, GROUND_BLUR), mask)


def cut_out(file: Path) -> Picture:
    """Return a thing before an even ground with the ground transparent."""
    with Image.open(file) as image:
        picture = image.convert("RGB")
    w, h = picture.size
    levels = np.asarray(picture.filter(ImageFilter.GaussianBlur(1)), dtype=np.int16)
    alike = np.abs(levels - levels[1, 1]).max(axis=2) < GROUND_LEVELS
    near = Image.fromarray(np.where(alike, 255, 0).astype(np.uint8)).copy()
    for corner in ((1, 1), (w - 2, 1), (1, h - 2), (w - 2, h - 2)):
        if near.getpixel(corner) == 255:
            ImageDraw.floodfill(near, corner, 128)
    ground = np.asarray(near) == 128
    picture.putalpha(Image.fromarray(np.where(ground, 0, 255).astype(np.uint8)).filter(ImageFilter.MinFilter(3)))
    return picture.crop(picture.getchannel("A").getbbox())


def placed(ground: Picture, thing: Picture, at: tuple[float, float], side: float) -> tuple[Picture, Picture]:
    """Return a picture with a thing put with its middle at a place, at a height (in shares), and the thing's mask."""
    height = side * ground.height
    size = (max(1, round(thing.width * height / thing.height)), max(1, round(height)))
    small = thing.resize(size, Image.Resampling.LANCZOS)
    corner = (round(at[0] * ground.width - size[0] / 2), round(at[1] * ground.height - size[1] / 2))
    picture, mask = ground.copy(), Image.new("L", ground.size)
    picture.paste(small, corner, small)
    mask.paste(small.getchannel("A"), corner)
    return picture, mask


def as_fine(photo: Picture, thing: Picture, side: float) -> Picture:
    """Return a photo reduced so that a thing put into it at a height (in shares) is not enlarged, and as sharp."""
    scale = min(1.0, thing.height / (side * photo.height))
    return photo.resize((round(scale * photo.width), round(scale * photo.height)), Image.Resampling.LANCZOS)


def hand_before(picture: Picture, face: FoundFace) -> Picture:
    """Return a picture with a hand of the colour of the cheek before the lower half of a face, four fingers up."""
    left, top, width, height = (n * side for n, side in zip(face.box, picture.size * 2, strict=True))
    cheek = picture.crop(
        (int(left + 0.3 * width), int(top + 0.55 * height), int(left + 0.7 * width), int(top + 0.7 * height))
    )
    skin = np.asarray(cheek.resize((1, 1), Image.Resampling.BOX))[0, 0].astype(float)
    sheet = Image.new("RGBA", picture.size)
    pen = ImageDraw.Draw(sheet)
    thick = 0.24 * width
    for n in range(4):
        x = left + (0.08 + 0.28 * n) * width
        tip = top + (0.12, 0.02, 0.06, 0.2)[n] * height
        shade = tuple(int(v * (0.95 - 0.04 * n)) for v in skin)
        edge = tuple(int(v * 0.6) for v in skin)
        pen.rounded_rectangle(
            (x - thick / 2, tip, x + thick / 2, top + 1.3 * height), thick / 2, (*shade, 255), (*edge, 255), 2
        )
    pen.rounded_rectangle(
        (left - 0.05 * width, top + 0.75 * height, left + 1.05 * width, top + 1.6 * height),
        0.3 * width,
        (*(int(v * 0.9) for v in skin), 255),
    )
    made = picture.copy()
    made.paste(sheet, (0, 0), sheet)
    return made


def tilted(picture: Picture, degrees: float) -> Picture:
    """Return a picture turned about its middle, without the empty corners; all angles lose as much at the edges."""
    turned = picture.rotate(degrees, Image.Resampling.BICUBIC)
    w, h = picture.size
    angle = math.radians(max(TILTS))
    share = 1 / (math.cos(angle) + max(w, h) / min(w, h) * math.sin(angle))
    dx, dy = w * (1 - share) / 2, h * (1 - share) / 2
    return turned.crop((int(dx), int(dy), int(w - dx), int(h - dy)))


def subject_contests(photos: Sequence[tuple[Path, Picture]], folder: Path) -> Contests:
    """Yield contests of a thing that is sharp, whole and in the picture in the first take."""
    things = [cut_out(folder / f"{name}.jpg") for name in CUT_OUTS]
    for n, (_, photo) in enumerate(photos):
        rng = np.random.default_rng(n)
        thing, side = things[n % len(things)], float(rng.uniform(0.3, 0.55))
        ground = as_fine(photo, thing, side)
        at = (float(rng.uniform(0.35, 0.65)), float(rng.uniform(0.45, 0.65)))
        good, mask = placed(ground, thing, at, side)

        def made(picture: Picture, seed: int, n: int = n) -> Take:
            return encoded(retaken(picture, 10 * n + seed))

        yield "subject alone blurred", (made(good, 0), made(subject_blurred(good, mask), 1))
        yield (
            "subject blurred, ground blurred",
            (
                made(ground_blurred(good, mask), 0),
                made(subject_blurred(good, mask), 1),
            ),
        )
        moved = [placed(ground, thing, (x, at[1]), side) for x in (0.25, 0.5, 0.72)]
        order = rng.permutation(3)
        yield (
            "moving subject blurred in two",
            tuple(made(moved[k][0] if not i else subject_blurred(*moved[k]), i) for i, k in enumerate(order)),
        )
        wide = thing.width / thing.height * side * ground.height / ground.width
        cut = [placed(ground, thing, (x, at[1]), side)[0] for x in (0.5, 0.1 * wide, 1 - 0.1 * wide)]
        yield "moving subject cut off in two", tuple(made(p, i) for i, p in enumerate(cut))
        small = [placed(ground, thing, (x, 0.5), s)[0] for x, s in ((0.5, 0.6), (0.3, 0.24), (0.75, 0.2))]
        yield "moving subject far away in two", tuple(made(p, i) for i, p in enumerate(small))


def focus_contests(folder: Path) -> Contests:
    """Yield pairs that a light-field camera took with the focus on the subject and on what is around it."""
    for names in FOCUSED:
        yield (
            "taken with the focus elsewhere",
            tuple(Take((folder / f"{name}.jpg").read_bytes()) for name in names.split()),
        )


def tilt_contests(photos: Sequence[tuple[Path, Picture]]) -> Contests:
    """Yield contests of a level take and tilted ones, each no sharper than the tilted one."""
    for n, (file, photo) in enumerate(photos):
        if file.stem not in LEVEL:
            continue
        # turned by so little that nobody sees it, the level take goes through the same resampling
        level = encoded(soft(retaken(tilted(photo, 0.3), 10 * n), 0.0002))
        for k, degrees in enumerate(TILTS):
            turned = degrees if (n + k) % 2 else -degrees
            yield f"tilted by {degrees:.0f} degrees", (level, encoded(retaken(tilted(photo, turned), 10 * n + k + 1)))


def framed(picture: Picture, left: float, width: float) -> Picture:
    """Return a part of a picture, from its left and as wide as this, in shares."""
    return picture.crop((round(left * picture.width), 0, round((left + width) * picture.width), picture.height))


def face_contests(files: Iterable[Path], finder: FaceFinder) -> Contests:
    """Yield contests of a face, and the same with a hand before it or cut off by the frame."""
    for n, file in enumerate(files):
        with Image.open(file) as image:
            picture = image.convert("RGB")
        picture = picture.resize([round(v * 1024 / max(picture.size)) for v in picture.size], Image.Resampling.BICUBIC)
        faces = finder.find(picture)
        if len(faces) != 1:
            continue
        hand = encoded(retaken(hand_before(picture, faces[0]), 10 * n + 1))
        yield "hand before the face", (encoded(retaken(picture, 10 * n)), hand)
        left, _, across, _ = faces[0].box
        width = max(0.5, 1.6 * across)  # of the picture: what both takes show
        cut = left + 0.4 * across if n % 2 else left + 0.6 * across - width
        whole = min(max(0.0, left + across / 2 - width / 2), 1 - width)
        if 0 <= cut <= 1 - width:
            yield (
                "face cut off by the frame",
                tuple(
                    encoded(retaken(framed(picture, at, width), 10 * n + 2 + k)) for k, at in enumerate((whole, cut))
                ),
            )


def file_contests(photos: Sequence[tuple[Path, Picture]]) -> Contests:
    """Yield contests of a sharp take and a blurred one in another format."""
    pairs = list(permutations(FORMATS, 2))
    for n, (_, photo) in enumerate(photos):
        better, worse = pairs[n % len(pairs)]
        shots = retaken(photo, 10 * n), retaken(soft(photo, 0.0012), 10 * n + 1)
        yield "blurred, in another format", (encoded(shots[0], better), encoded(shots[1], worse))


def evenly_good(photos: Sequence[tuple[Path, Picture]]) -> Contests:
    """Yield a JPEG and a HEIC take as good as each other: neither is to be preferred for its format."""
    for n, (_, photo) in enumerate(photos):
        forms = ("JPEG", "HEIF")
        yield "as good, HEIC and JPEG", tuple(encoded(retaken(photo, 10 * n + k), f) for k, f in enumerate(forms))


def copy_contests(photos: Sequence[tuple[Path, Picture]]) -> Contests:
    """Yield files and copies of them, stored in another format or damaged."""
    for n, (_, photo) in enumerate(photos):
        picture = retaken(photo, 10 * n)
        for tags, pairs in (("kept", CONVERSIONS), ("lost", (*CONVERSIONS, ("JPEG", "HEIF")))):
            before, after = pairs[n % len(pairs)]
            original = encoded(picture, before)
            with Image.open(io.BytesIO(original.data)) as stored:
                converted = encoded(stored.convert("RGB"), after)
            yield (
                f"copy in another format, tags {tags}",
                (original, replace(converted, tagged=tags == "kept", is_copy=True)),
            )
        original = encoded(picture)
        torn = damaged(original.data, JPEG_WAYS[n % len(JPEG_WAYS)], 0.3 + 0.4 * (n % 2), n)
        yield "copy damaged", (original, Take(torn, is_copy=True))
