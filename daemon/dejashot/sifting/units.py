"""Shot units: the photos that one press of the shutter has left, as one shot. A raw file and its JPEG, an original and its edit."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from dejashot.models import RAW_FORMATS, Certainty, Companion, Shot, Word

SAME_TIME_S = 2.0  # between the times that two halves of a shot may show: some write the second in which they were done
SURELY_LIKE, LIKE = 0.9, 0.5  # cosines: what may stand for the time, and what the time may not speak against
# Apple's edits (IMG_E1234), Google's (-edited, ~2), and what editors add
_EDIT = re.compile(
    r"(?P<apple>(?<=img_)e(?=\d{4}))|(?P<tail>(?:[-_ ](?:edited|bearbeitet|edit|bewerkt|modifié|editado|redigerad)|~\d)(?=(?:\(\d+\))?$))",
    re.IGNORECASE,
)


def joined(shots: Sequence[Shot]) -> list[Shot]:
    """Return a timeline (shots in time order) on which files of one press of the shutter are one shot, with the others as companions.

    They lie in one folder, under one name but for its ending or the mark of an edit, and time or looks agree: a name alone joins
    nothing. What the camera made for everyday use stands for the shot, before an edit of it and before a raw file.
    """
    buckets: dict[tuple[str, str], list[int]] = {}
    for n, shot in enumerate(shots):
        buckets.setdefault(_name_key(shot.path), []).append(n)
    several = [members for members in buckets.values() if len(members) > 1]
    halves = {first: others for members in several for first, others in _units(shots, members)}
    gone = {n for others in halves.values() for n in others}
    return [_with(shot, [shots[o] for o in halves.get(n, ())]) for n, shot in enumerate(shots) if n not in gone]


def is_raw(shot: Shot) -> bool:
    """Tell whether a photo is a camera's raw file."""
    return shot.format in RAW_FORMATS


def is_edit(path: str) -> bool:
    """Tell whether a name is that of an edit of another file."""
    return _EDIT.search(_stem(path)) is not None


def _units(shots: Sequence[Shot], members: Sequence[int]) -> Iterable[tuple[int, list[int]]]:
    """Yield who stands for whom among files of one name."""
    left = sorted(members, key=lambda n: (_role(shots[n]), -shots[n].width * shots[n].height, shots[n].path))
    while left:
        first, *rest = left
        others: list[int] = []
        for n in rest:
            taken = {_part(shots[m]) for m in (first, *others)}
            if _part(shots[n]) not in taken and all(_agree(shots[m], shots[n]) for m in (first, *others)):
                others.append(n)
        if others:
            yield first, others
        left = [n for n in rest if n not in others]


def _role(shot: Shot) -> int:
    """Return the rank of a file in its unit: the camera's picture, an edit, a raw file."""
    return 2 if is_raw(shot) else 1 if is_edit(shot.path) else 0


def _part(shot: Shot) -> tuple[int, str]:
    """Return what part of a unit a file can be, each of which there is once: two pictures of one kind are copies, not halves."""
    return _role(shot), shot.format if is_raw(shot) else _mark(shot.path)


def _agree(a: Shot, b: Shot) -> bool:
    """Tell whether time or looks say that two files are of one press of the shutter, and neither says that they are not."""
    if a.camera.name and b.camera.name and a.camera.name != b.camera.name:
        return False
    cosine = None if a.vector is None or b.vector is None else float(np.dot(a.vector, b.vector))
    timed = a.taken.certainty is not Certainty.LOW and b.taken.certainty is not Certainty.LOW
    if timed:
        near = abs(a.taken.taken_us - b.taken.taken_us) <= SAME_TIME_S * 1e6
        return near and (cosine is None or cosine >= LIKE)
    return cosine is not None and cosine >= SURELY_LIKE


def _with(shot: Shot, others: Sequence[Shot]) -> Shot:
    """Return a shot with other photos as its companions."""
    if not others:
        return shot
    halves = [half for o in others for half in (Companion(o.path, o.node, o.size_bytes, o.content), *o.companions)]
    new = shot.new and all(o.new for o in others)  # a shot that was told of is told of again only as one that grew
    grown = not new and (shot.new or shot.grown or any(o.new or o.grown for o in others))
    return replace(shot, companions=(*shot.companions, *halves), new=new, grown=grown)


def heard(shots: Iterable[Shot], words: Mapping[bytes, Word]) -> Mapping[bytes, Word]:
    """Return the owner's words, those said of a half counting for the shot while nothing is said of the photo that stands for it."""
    more: dict[bytes, Word] = {}
    for shot in shots:
        said = [words[c.content] for c in shot.companions if c.content in words]
        if said and shot.content not in words:
            more[shot.content] = Word.KEEP if any(word is not Word.REJECT for word in said) else Word.REJECT
    return {**words, **more} if more else words


def _name_key(path: str) -> tuple[str, str]:
    """Return the folder and the name that halves of a shot share, in any spelling."""
    folder, _, _ = path.rpartition("/")
    return folder, _EDIT.sub("", _stem(path)).casefold()


def _stem(path: str) -> str:
    name = path.rpartition("/")[2]
    return name.rpartition(".")[0] or name


def _mark(path: str) -> str:
    found = _EDIT.search(_stem(path))
    return found[0].casefold() if found else ""
