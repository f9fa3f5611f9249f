"""Copies: which files are the same picture re-saved, reduced or sent, and which of them is the original."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dejashot.grouping.keepers import copy_reasons, reasons
from dejashot.grouping.keepers.scores import ScoredShot
from dejashot.grouping.messengers import messenger_of
from dejashot.grouping.series.screenshots import is_screenshot
from dejashot.grouping.series.takes import signature_change
from dejashot.grouping.shot_units import are_versions
from dejashot.grouping.soundness import same_data
from dejashot.models.capture import Certainty, TimeSource
from dejashot.models.files import RAW_FORMATS
from dejashot.models.groups import Group
from dejashot.models.photo import Quality
from dejashot.models.shot import Shot

CAMERA_FORMATS = RAW_FORMATS | {"HEIF"}  # cameras write them; nobody converts to them
CONVERTED_FORMATS = frozenset({"PNG", "WEBP", "AVIF", "GIF", "BMP"})  # no camera writes them
_SECOND_US = 1_000_000
MIN_COPY_COSINE, COPY_SHARPER, COPY_PIXELS, COPY_COARSER = 0.88, 1.3, 0.95, 1.3
# levels of 255 by which the cells of two signatures differ, in the mean and at most: of 240 files that were re-encoded
# 1.3 and 7, of other moments that differ as little in the mean 8 to 49 in one cell
MAX_COPY_CHANGE, MAX_COPY_CELL = 2.5, 7


def originality(shot: Shot) -> tuple[bool, bool, int, int, bool, int, int, int, str]:
    """Return the sort key of copies, the original first: pixels can be added to a copy, camera tags are only ever lost.

    What came by a messenger is last. A screen is drawn, and a JPEG of it is made later, and often larger. Of equal
    files the one with companions comes first, a raw file for example.
    """
    tagged, own_format = bool(shot.camera.name), shot.format in CAMERA_FORMATS
    pixels = shot.width * shot.height
    return (
        bool(messenger_of(shot)),
        not (tagged or own_format),
        -pixels,
        _format_rank(shot),
        not _is_lossless_screen(shot),
        -shot.size_bytes,
        -len(shot.companions),
        len(shot.path),
        shot.path,
    )


def _format_rank(shot: Shot) -> int:
    """Return how likely a camera wrote a file of as many pixels, from 0: raw files may lack tags that can be read."""
    if shot.format in RAW_FORMATS or (shot.format in CAMERA_FORMATS and shot.camera.name):
        return 0
    if shot.camera.name:
        return 1 + (shot.format in CONVERTED_FORMATS)
    return 3 + (shot.format not in CAMERA_FORMATS)


def _is_lossless_screen(shot: Shot) -> bool:
    return shot.format == "PNG" and is_screenshot(shot)


def original_and_reasons(
    shots: Sequence[Shot], group: Group, qualities: Mapping[bytes, Quality]
) -> tuple[reasons.Reasons, Certainty]:
    """Return the original among duplicates with the reasons: camera tags or format, most pixels, most bytes."""
    original, *others = sorted(group.members, key=lambda m: originality(shots[m]))
    why, certainty = _why_original(shots[original], [shots[m] for m in others], qualities)
    return {original: tuple(why)}, certainty


def _why_original(
    best: Shot, others: Sequence[Shot], qualities: Mapping[bytes, Quality]
) -> tuple[list[str], Certainty]:
    """Return what shows that a shot is the original of the others, and how sure that is."""
    if all(o.content == best.content for o in others):
        return [copy_reasons.describe_equal_files(len(others))], Certainty.HIGH
    pixels, most = best.width * best.height, max(o.width * o.height for o in others)
    sent = copy_reasons.describe_senders([messenger_of(o) for o in others]) if not messenger_of(best) else []
    if pixels < most:
        return [copy_reasons.PERHAPS_ENLARGED], Certainty.LOW
    if pixels > most:
        return [copy_reasons.describe_full_picture(best, len(others)), *sent], Certainty.HIGH
    if best.format in CAMERA_FORMATS and any(o.format not in CAMERA_FORMATS for o in others):
        return [copy_reasons.describe_exports(best, len(others))], Certainty.LOW
    if best.camera.name and not all(o.camera.name for o in others):
        return [copy_reasons.WITH_TAGS, *sent], Certainty.LOW
    if sent:
        return sent, Certainty.LOW
    why = _why_finest(best, others, qualities)
    return [why], Certainty.LOW


def _why_finest(best: Shot, others: Sequence[Shot], qualities: Mapping[bytes, Quality]) -> str:
    """Return what the best of copies that show the same has over the others, or that there is no difference."""
    own, known = qualities.get(best.content), [qualities.get(o.content) for o in others if o.content != best.content]
    if all(same_data(own, quality) for quality in known):
        return copy_reasons.SAME_DATA
    if _is_lossless_screen(best) and all(o.format == "JPEG" for o in others):
        return copy_reasons.LOSSLESS_SCREEN
    steps = [quality.coarseness if quality else 0.0 for quality in known]
    if own is not None and min(steps) > own.coarseness > 0:
        return copy_reasons.LEAST_COMPRESSED
    if all(best.size_bytes > o.size_bytes and best.format == o.format for o in others):
        return copy_reasons.LARGEST_FILE
    return copy_reasons.NO_DIFFERENCE


def copies_among(scored: Sequence[ScoredShot], group: Group) -> set[int]:
    """Return the members of a group that are copies of another one: the same picture, encoded again."""
    cosines, members = _cosines(group), {s.member for s in scored}
    found = {copy for copy, original in group.copies if {copy, original} <= members}
    return found | {
        s.member
        for s in scored
        if any(_is_copy(s, o) for o in scored if cosines.get((s.member, o.member), -1.0) >= MIN_COPY_COSINE)
    }


def lesser_among(scored: Sequence[ScoredShot], group: Group) -> set[int]:
    """Return the members that look like another one, but lost its tags and detail or came by a messenger.

    They may be copies of it, cropped or changed, or show another moment: none is put before what it may be a copy of.
    """
    cosines = _cosines(group)
    return {
        s.member
        for s in scored
        if any(_is_lesser(s, o) for o in scored if cosines.get((s.member, o.member), -1.0) >= MIN_COPY_COSINE)
    }


def _cosines(group: Group) -> dict[tuple[int, int], float]:
    return {ends: p.cosine for p in group.pairs if p.cosine is not None for ends in ((p.a, p.b), (p.b, p.a))}


def _are_two_presses(a: Shot, b: Shot) -> bool:
    """Return whether the camera wrote two times into two files: a copy keeps that of its original, to the second."""
    if not a.camera.name or not b.camera.name or {a.taken.source, b.taken.source} != {TimeSource.EXIF}:
        return False
    gap_us = abs(a.taken.taken_us - b.taken.taken_us)
    to_second = a.taken.taken_us % _SECOND_US == 0 or b.taken.taken_us % _SECOND_US == 0
    return gap_us >= _SECOND_US if to_second else gap_us > 0


@dataclass(frozen=True, slots=True)
class _Loss:
    """What one file lost against another: pixels, the camera's format, detail, its tags; or it came by a messenger."""

    reduced: bool
    exported: bool
    coarser: bool
    sent: bool
    untagged: bool

    @property
    def lessened(self) -> bool:
        """Return whether something of the picture was lost."""
        return self.reduced or self.exported or self.coarser or self.sent


def _loss_of(copy: ScoredShot, original: ScoredShot) -> _Loss | None:
    """Return what a shot lost against another one, None where it can be no copy of that."""
    a, b = copy.shot, original.shot
    pixels, full = a.width * a.height, b.width * b.height
    if pixels > full or (a.camera.name and not b.camera.name) or are_versions(a, b):
        return None
    if not copy.sender and _are_two_presses(a, b):
        return None
    sent = bool(copy.sender and not original.sender)
    return _Loss(
        reduced=pixels < COPY_PIXELS * full,
        exported=b.format in CAMERA_FORMATS and a.format not in CAMERA_FORMATS,
        coarser=copy.quality.coarseness > COPY_COARSER * original.quality.coarseness > 0,
        sent=sent,
        untagged=sent or bool(b.camera.name and not a.camera.name),
    )


def _is_copy(copy: ScoredShot, original: ScoredShot) -> bool:
    """Return whether one shot is the other one's picture, reduced, compressed more, converted or sent.

    It has the same coarse picture everywhere: what is cropped, or where something moved, is no copy. An edit and
    another rendering are none either.
    """
    loss = _loss_of(copy, original)
    if loss is None or not (loss.lessened or _is_converted(copy.shot, original.shot)):
        return False
    change = signature_change(copy.shot, original.shot)
    if change.mean() > MAX_COPY_CHANGE or change.max() > MAX_COPY_CELL:
        return False
    return loss.reduced or loss.exported or (loss.lessened and loss.untagged) or not _is_much_sharper(copy, original)


def _is_lesser(shot: ScoredShot, other: ScoredShot) -> bool:
    """Return whether one shot lost the tags and some of the picture against the other, and is not much sharper."""
    loss = _loss_of(shot, other)
    return loss is not None and loss.untagged and loss.lessened and not _is_much_sharper(shot, other)


def _is_much_sharper(shot: ScoredShot, other: ScoredShot) -> bool:
    """Return whether one shot is much sharper than the other, in what counts and all over."""
    all_over = shot.quality.sharpness > COPY_SHARPER * other.quality.sharpness
    return all_over and shot.sharpness > COPY_SHARPER * other.sharpness


def _is_converted(copy: Shot, original: Shot) -> bool:
    """Return whether a file has another format than a camera's own, and lost the tags or is of no camera's format."""
    if copy.format == original.format or not original.camera.name:
        return False
    return not copy.camera.name or (copy.format in CONVERTED_FORMATS and original.format not in CONVERTED_FORMATS)
