"""Shot units: all photos of one press of the shutter as one shot, as a raw file and its JPEG, or an original and its
edit."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from dejashot.files.shot_names import ShotName, appended_to, shot_name
from dejashot.models.capture import CaptureTime, Certainty, TimeSource
from dejashot.models.decisions import Verdict
from dejashot.models.files import RAW_FORMATS
from dejashot.models.photo import Companion
from dejashot.models.shot import Shot

SAME_TIME_S = 2.0  # between the times that two files of a shot may show: some write when they were done
WRITTEN_TOGETHER_NS = 5_000_000_000  # between the dates of two files that one device wrote of one press
MAX_OF_ONE_NAME = 64  # files; no press of the shutter leaves more, so such a name says nothing
SURELY_LIKE, LIKE = 0.9, 0.5  # cosines: what may stand for the time, and what the time may not speak against
QUARTER_HOUR_US, FURTHEST_ZONES_US = 900_000_000, 26 * 3600 * 1_000_000
EVERYDAY, ORIGINAL, EDIT, RAW = range(4)  # who stands for a shot, first to last


def join_units(shots: Sequence[Shot]) -> list[Shot]:
    """Return a timeline on which the files of one press of the shutter are one shot, the others its companions.

    They lie in one folder under one name, but for ending, edit mark and rendering, and time or looks agree. What the
    camera made for everyday use stands for the shot, before its source, an edit and a raw file.
    """
    buckets: dict[tuple[str, str], list[int]] = {}
    for n, shot in enumerate(shots):
        buckets.setdefault(_name_key(shot.path), []).append(n)
    several = [members for members in buckets.values() if 1 < len(members) <= MAX_OF_ONE_NAME]
    units = {first: others for members in several for first, others in _units(shots, members)}
    gone = {n for others in units.values() for n in others}
    return [_with(shot, [shots[o] for o in units.get(n, ())]) for n, shot in enumerate(shots) if n not in gone]


def is_raw(shot: Shot) -> bool:
    """Return whether a photo is a camera's raw file."""
    return shot.format in RAW_FORMATS


def unit_versions(shots: Mapping[int, Shot]) -> dict[int, tuple[str, str]]:
    """Return of shots that are versions of one picture by name, wherever they lie, of which picture and which version.

    An unknown word after a dash makes a version if both were taken in the same moment.
    """
    names = {n: shot_name(_file_name(shot)) for n, shot in shots.items()}
    moments = {(name.base, shots[n].taken.taken_us) for n, name in names.items()}
    found: dict[int, tuple[str, str]] = {}
    which: dict[str, set[str]] = {}
    for n, name in names.items():
        before = appended_to(name.base)
        added = (before, shots[n].taken.taken_us) in moments
        found[n] = (before, name.base) if added else (name.base, name.rendering + name.edit)
        which.setdefault(found[n][0], set()).add(found[n][1])
    return {n: version for n, version in found.items() if len(which[version[0]]) > 1}


def are_versions(a: Shot, b: Shot) -> bool:
    """Return whether two shots are versions of one picture by name: an edit or another rendering, not a copy."""
    one, other = shot_name(_file_name(a)), shot_name(_file_name(b))
    return one.base == other.base and (one.rendering, one.edit) != (other.rendering, other.edit)


def _units(shots: Sequence[Shot], members: Sequence[int]) -> Iterable[tuple[int, list[int]]]:
    """Yield who stands for whom among files of one name."""
    names = {n: shot_name(_file_name(shots[n])) for n in members}
    parts = {n: _part(shots[n], names[n]) for n in members}
    sources = [n for n in members if not names[n].edit]
    left = sorted(
        members,
        key=lambda n: (
            bool(shots[n].damage),
            parts[n][0],
            not _is_cover(names[n]),
            -shots[n].width * shots[n].height,
            shots[n].path,
        ),
    )
    while left:
        first, *rest = left
        others: list[int] = []
        for n in rest:
            unit = (first, *others)
            if parts[n] in {parts[m] for m in unit} or not all(_agree(shots[m], shots[n]) for m in unit):
                continue
            if not all(names[m].edit for m in (n, *unit)) or _have_one_source(shots, (n, *unit), sources):
                others.append(n)
        if others:
            yield first, others
        left = [n for n in rest if n not in others]


def _have_one_source(shots: Sequence[Shot], edits: Sequence[int], sources: Sequence[int]) -> bool:
    """Return whether the source of edits lies next to them.

    Who exports many photos calls all of them alike, and counts them.
    """
    return any(all(_agree(shots[source], shots[n]) for n in edits) for source in sources)


def _part(shot: Shot, name: ShotName) -> tuple[int, str]:
    """Return what part of a unit a file can be.

    A unit has each part once: two pictures of one kind are copies.
    """
    version = name.rendering + name.edit
    if is_raw(shot):
        return RAW, f"{shot.format} {name.edit}"
    return (EDIT if name.edit else ORIGINAL if name.original else EVERYDAY), version


def _is_cover(name: ShotName) -> bool:
    """Return whether a phone itself shows this rendering for the press, or there is no other."""
    return not name.rendering or "cover" in name.rendering


def _agree(a: Shot, b: Shot) -> bool:
    """Return whether two files are of one press of the shutter by time or looks.

    Neither may say that they are not.
    """
    cosine = None if a.vector is None or b.vector is None else float(np.dot(a.vector, b.vector))
    surely_like = cosine is not None and cosine >= SURELY_LIKE
    if a.camera.name and b.camera.name and a.camera.name != b.camera.name and not (surely_like and _one_device(a, b)):
        return False
    if a.taken.certainty is not Certainty.LOW and b.taken.certainty is not Certainty.LOW:
        return _one_moment(a.taken, b.taken) and (cosine is None or cosine >= LIKE)
    return surely_like


def _one_device(a: Shot, b: Shot) -> bool:
    """Return whether a raw file and a picture were written together.

    Some makes call their camera by two names.
    """
    written = a.mtime_ns and b.mtime_ns and abs(a.mtime_ns - b.mtime_ns) <= WRITTEN_TOGETHER_NS
    return bool(written) and is_raw(a) != is_raw(b) and _one_moment(a.taken, b.taken)


def _one_moment(a: CaptureTime, b: CaptureTime) -> bool:
    """Return whether two times are of one moment, by the wall where one of them has no zone.

    A sidecar holds the instant, a camera without a zone the wall time of an unknown place: whole quarter hours are
    zones.
    """
    apart_us = abs(a.taken_us - b.taken_us)
    if not (a.zone_known and b.zone_known):
        apart_us = min(apart_us, abs(a.wall_us - b.wall_us))
        if TimeSource.SIDECAR in (a.source, b.source) and apart_us <= FURTHEST_ZONES_US:
            apart_us = min(apart_us % QUARTER_HOUR_US, -apart_us % QUARTER_HOUR_US)
    return apart_us <= SAME_TIME_S * 1e6


def _with(shot: Shot, others: Sequence[Shot]) -> Shot:
    """Return a shot with other photos as its companions."""
    if not others:
        return shot
    unit_members = [
        member
        for o in others
        for member in (Companion(o.path, o.node, o.size_bytes, o.content, o.damage), *o.companions)
    ]
    new = shot.new and all(o.new for o in others)  # a reported shot is reported again only with new companions
    has_new = not new and (shot.new or shot.has_new_companions or any(o.new or o.has_new_companions for o in others))
    return replace(shot, companions=(*shot.companions, *unit_members), new=new, has_new_companions=has_new)


def unit_verdicts(shots: Iterable[Shot], verdicts: Mapping[bytes, Verdict]) -> Mapping[bytes, Verdict]:
    """Return the owner's verdicts with those on other members of a unit applied to its shot.

    They count while there is no verdict on the photo that stands for the shot.
    """
    more: dict[bytes, Verdict] = {}
    for shot in shots:
        own = [verdicts[c.content] for c in shot.companions if c.content in verdicts]
        if own and shot.content not in verdicts:
            more[shot.content] = Verdict.KEEP if any(v is not Verdict.REJECT for v in own) else Verdict.REJECT
    return {**verdicts, **more} if more else verdicts


def _name_key(path: str) -> tuple[str, str]:
    """Return the folder and the name that the files of a shot share, in any spelling."""
    folder, _, name = path.rpartition("/")
    return folder, shot_name(name).base


def _file_name(shot: Shot) -> str:
    return shot.path.rpartition("/")[2]
