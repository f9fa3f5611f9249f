"""Which of a group to keep and why: faces, sharpness, exposure and resolution, ranked inside the group only."""

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from dejashot.files.shot_names import is_edit
from dejashot.grouping.messengers import messenger_of
from dejashot.grouping.people import Eyes, People, people_of
from dejashot.grouping.series.screenshots import is_screenshot
from dejashot.grouping.shot_units import are_versions, is_raw, unit_versions
from dejashot.grouping.soundness import CHANGED_TWIN, DAMAGED_ALL, changed_twins, same_data, sound_members
from dejashot.models.capture import Certainty
from dejashot.models.files import RAW_FORMATS
from dejashot.models.groups import Group, KeeperSuggestion, Kind
from dejashot.models.photo import Quality
from dejashot.models.shot import Shot

THIN_MARGIN, CLEAR_MARGIN = 0.04, 0.12
RESOLUTION_WORTH = 0.25  # of the logarithm of the pixels
CLIPPED_WORTH = 2.5  # a tenth of the picture burnt out weighs as much as a quarter of the sharpness
HARMLESS_CLIPPING = 0.01  # lamps and glints
EXPOSURE_WORTH, MIDDLE_GREY = 0.25, 125.0
NOISE_WORTH, HARMLESS_NOISE, NOISE_LIMIT = (
    0.06,
    1.0,
    8.0,
)  # for each level of grain beyond what is not seen, up to this many
COMPRESSION_WORTH = 0.08  # of the logarithm of the quantisation step
CAMERA_PICK, CAMERA_PICK_WORTH = (
    "the camera's own pick",
    0.06,
)  # breaks a tie: a clearly sharper shot is worth twice as much
VERSION = "another version of one that stays: an edit, or another rendering of it"
WITH_RAW, WITH_RAW_WORTH = (
    "its raw file is there too",
    0.1,
)  # only where the others have none; a clearly sharper shot is worth more
EDITED, EDITED_WORTH = "you have edited it", 0.4  # nobody edits what is to go: as much as half as sharp again
CLOSED_EYES_WORTH = 0.8  # when all eyes are closed
FACES_SHARE = 0.75  # of the sharpness that counts, where there are people
SUBJECT_TILES = 4  # the sharpest quarter of the picture is its subject
NOTICEABLE_CLIPPING = 0.02
NOTICEABLE_SHARPNESS = 0.05
BLURRED = 0.75  # of the keeper's sharpness
SHAKEN, DEFOCUSED = (
    0.75,
    0.8,
)  # how much of the keeper's gradients the worst direction keeps, against the best direction
CAMERA_FORMATS = RAW_FORMATS | {"HEIF"}  # cameras write them; nobody converts to them
DARK, BRIGHT = 35.0, 225.0
COPY_COSINE, COPY_SIGNATURE, COPY_SHARPER, COPY_PIXELS, COPY_COARSER = 0.88, 2.5, 1.3, 0.95, 1.3
OTHER_PICTURE_PERCENT = 40.0
AS_SHARP, A_LITTLE_SHARPER = "as sharp as", "a little sharper"


@dataclass(frozen=True, slots=True)
class _Judged:
    """A member that was looked at: the sharpness that counts, and what it has to its credit, by the words for having more of it."""

    member: int
    shot: Shot
    quality: Quality
    detail: float
    merits: dict[str, float]
    sender: str  # the messenger that it came by, empty for none

    @property
    def score(self) -> float:
        """Return the sum of all merits."""
        return sum(self.merits.values())


def suggest_keepers(shots: Sequence[Shot], group: Group, qualities: Mapping[bytes, Quality]) -> KeeperSuggestion:
    """Suggest which members of a group to keep; `qualities` is by content and may lack some.

    A series keeps all of its shots. A damaged member is never kept while a sound one is there; where one member is another with some
    bytes changed, and it can't be told which is damaged, both stay. Of duplicates the one with the camera's tags, then most pixels, then most bytes, stays.
    Otherwise the score is log sharpness (of the faces where there are people, else of the sharpest quarter of the picture) and log
    resolution, less what is clipped, badly exposed, noisy, coarsely compressed, and closed eyes; a copy comes after its original
    whatever its score, and a shot with closed eyes after one nearly as good with everyone's open. Several stay when each of them
    has eyes open that are closed in the best and no good one has all of them open, or when a good retake shows another picture.
    `reclaimable_bytes` is what would be free if only the keepers stayed.
    """
    if group.kind is Kind.SERIES:
        why = (f"part of a series ({group.series}): alike on purpose",)
        return KeeperSuggestion(group.members, dict.fromkeys(group.members, why), Certainty.HIGH, 0)
    sound = sound_members(shots, group, qualities)
    if sound and len(sound) < len(group.members):
        reasons, confidence = _among_sound(shots, group, sound, qualities)
    elif not sound and len({shots[m].content for m in group.members}) > 1:
        reasons, confidence = dict.fromkeys(group.members, (DAMAGED_ALL,)), Certainty.LOW
    else:
        reasons, confidence = _best(shots, group, qualities)
    twins = changed_twins(shots, sound, tuple(reasons), qualities)
    if twins:
        reasons |= {m: (*reasons.get(m, ()), CHANGED_TWIN) for m in (*twins, *twins.values())}
        confidence = Certainty.LOW
    return KeeperSuggestion(tuple(sorted(reasons)), reasons, confidence, reducible_bytes(shots, group, reasons))


def _best(
    shots: Sequence[Shot], group: Group, qualities: Mapping[bytes, Quality]
) -> tuple[dict[int, tuple[str, ...]], Certainty]:
    """Return which members of a group to keep, whatever they lack, with the reasons."""
    if group.kind is Kind.DUPLICATE:
        keeper, why_kept, confidence = _best_copy(shots, group, qualities)
        return {keeper: tuple(why_kept)}, confidence
    return _best_shots(shots, group, qualities)


def _among_sound(
    shots: Sequence[Shot], group: Group, sound: tuple[int, ...], qualities: Mapping[bytes, Quality]
) -> tuple[dict[int, tuple[str, ...]], Certainty]:
    """Return which of the sound members of a group to keep: no damaged one, however sharp, is kept beside them."""
    damaged = len(group.members) - len(sound)
    if len(sound) == 1:
        others = "the other is damaged" if damaged == 1 else "the others are damaged"
        return {
            sound[0]: (f"the only sound one: {others}",)
        }, Certainty.HIGH if group.kind is Kind.DUPLICATE else Certainty.MEDIUM
    pairs = tuple(p for p in group.pairs if p.a in sound and p.b in sound)
    reasons, confidence = _best(shots, replace(group, members=sound, pairs=pairs), qualities)
    told = f"sound: {damaged} of the others {'is' if damaged == 1 else 'are'} damaged"
    return {m: (*why, told) for m, why in reasons.items()}, confidence


def sharpness(shots: Sequence[Shot], qualities: Mapping[bytes, Quality]) -> dict[bytes, float]:
    """Return the sharpness that counts in choosing among the shots of a group, by content; nothing of those not looked at."""
    looked = {n: qualities[s.content] for n, s in enumerate(shots) if s.content in qualities}
    people = people_of(looked)
    return {shots[n].content: _judge(n, shots[n], quality, people).detail for n, quality in looked.items()}


def reducible_bytes(shots: Sequence[Shot], group: Group, keepers: Collection[int]) -> int:
    """Return what would be free in bytes if only the keepers of a group stayed, companions included.

    Names of one file on the disk free nothing.
    """
    sizes = {node: size for m in group.members for node, size in shots[m].nodes.items()}
    kept = {node for k in keepers for node in shots[k].nodes}
    return sum(size for node, size in sizes.items() if node not in kept)


def _best_copy(
    shots: Sequence[Shot], group: Group, qualities: Mapping[bytes, Quality]
) -> tuple[int, list[str], Certainty]:
    """Return the original among copies: the camera's own tags or format, most pixels, most bytes, shortest name."""
    ranked = sorted(group.members, key=lambda m: originality(shots[m]))
    best, others = shots[ranked[0]], [shots[m] for m in ranked[1:]]
    if len({shots[m].content for m in group.members}) == 1:
        same = "the other file" if len(others) == 1 else f"the other {len(others)} files"
        return ranked[0], [f"byte for byte the same as {same}"], Certainty.HIGH
    pixels, most = best.width * best.height, max(o.width * o.height for o in others)
    sent = _sent_words([messenger_of(o) for o in others]) if not messenger_of(best) else []
    if pixels < most:
        return (
            ranked[0],
            ["the camera's own file; a larger one lacks its tags and may be enlarged: have a look yourself"],
            Certainty.LOW,
        )
    if pixels > most:
        return (
            ranked[0],
            [
                f"the full picture ({_megapixels(best)}); {'the other is a reduced copy' if len(others) == 1 else 'the others are reduced copies'}",
                *sent,
            ],
            Certainty.HIGH,
        )
    if best.format in CAMERA_FORMATS and any(o.format not in CAMERA_FORMATS for o in others):
        return (
            ranked[0],
            [
                f"the camera's own file ({best.format}); {'the other is an export' if len(others) == 1 else 'the others are exports'} of it"
            ],
            Certainty.MEDIUM,
        )
    if best.camera.name and not all(o.camera.name for o in others):
        return ranked[0], ["the camera's tags are still in it", *sent], Certainty.MEDIUM
    if sent:
        return ranked[0], sent, Certainty.MEDIUM
    words, confidence = _finest(best, others, qualities)
    return ranked[0], [words], confidence


def _finest(best: Shot, others: Sequence[Shot], qualities: Mapping[bytes, Quality]) -> tuple[str, Certainty]:
    """Say what the best of copies that show the same has over the others, or that nothing tells them apart."""
    own, looks = qualities.get(best.content), [qualities.get(o.content) for o in others if o.content != best.content]
    if all(same_data(own, look) for look in looks):
        return "the same picture to the bit; the files differ in their tags alone", Certainty.MEDIUM
    if _is_lossless_screen(best) and all(o.format == "JPEG" for o in others):
        return "the screen itself, without loss; a JPEG of it was made from that", Certainty.MEDIUM
    steps = [look.coarseness if look else 0.0 for look in looks]
    if own is not None and min(steps) > own.coarseness > 0:
        return "the least compressed of the same picture", Certainty.MEDIUM
    if all(best.size_bytes > o.size_bytes and best.format == o.format for o in others):
        return "the largest file of the same picture", Certainty.MEDIUM
    return "nothing tells the same pictures apart: can't tell for sure which is the original", Certainty.LOW


def _sent_words(senders: Sequence[str]) -> list[str]:
    """Say by what messengers the others came, nothing where not all of them did."""
    if not senders or not all(senders):
        return []
    by = " and ".join(sorted(set(senders)))
    return [f"the other came by {by}" if len(senders) == 1 else f"the others came by {by}"]


def originality(shot: Shot) -> tuple[bool, bool, int, bool, bool, bool, int, int, int, str]:
    """Return the sort key of copies, the original first: pixels can be added to a copy, the camera's tags are only ever lost.

    What came by a messenger is last. A screen is drawn, and a JPEG of it is made later, and often larger. Of equal files the one that others belong to, a raw file say, comes first.
    """
    tagged, own_format = bool(shot.camera.name), shot.format in CAMERA_FORMATS
    pixels = shot.width * shot.height
    return (
        bool(messenger_of(shot)),
        not (tagged or own_format),
        -pixels,
        not own_format,
        not tagged,
        not _is_lossless_screen(shot),
        -shot.size_bytes,
        -len(shot.companions),
        len(shot.path),
        shot.path,
    )


def _is_lossless_screen(shot: Shot) -> bool:
    return shot.format == "PNG" and is_screenshot(shot)


def _best_shots(
    shots: Sequence[Shot], group: Group, qualities: Mapping[bytes, Quality]
) -> tuple[dict[int, tuple[str, ...]], Certainty]:
    """Return the best of several takes, each with the reasons that set it apart from the rest."""
    looked = {m: qualities[shots[m].content] for m in sorted(group.members) if shots[m].content in qualities}
    if not looked:
        largest = max(
            group.members, key=lambda m: (shots[m].width * shots[m].height, shots[m].size_bytes, shots[m].path)
        )
        return {largest: ("the most pixels; none of the group could be looked at more closely",)}, Certainty.LOW
    people = people_of(looked)
    judged = [_judge(m, shots[m], quality, people) for m, quality in looked.items()]
    copies = _copies_among(judged, group)
    judged = _ranked(judged, copies, people)
    best = judged[0]
    rivals = [j for j in judged if j.shot.content != best.shot.content]
    unseen = len(looked) < len(group.members)
    takes = [j for j in rivals if j.member not in copies]
    reasons = _reasons(best, takes, people) if takes else []
    if len(takes) < len(rivals):
        reasons.append(_copies_words(len(rivals) - len(takes), len(rivals)))
        reasons += _sent_words([j.sender for j in rivals if j.member in copies]) if not best.sender else []
    elif not rivals:
        reasons.append("the only one that could be looked at closely")
    twins = sum(shots[m].content == best.shot.content for m in group.members) - 1
    if twins:
        reasons.append(f"byte for byte the same as {'another file' if twins == 1 else f'{twins} other files'}")
    others = _kept_too([j for j in judged if j.member not in copies], group, people)
    others |= _versions_kept(judged, copies, {best.member, *others})
    if others:
        return {best.member: tuple(reasons), **others}, Certainty.LOW if unseen else Certainty.MEDIUM
    margin = best.score - rivals[0].score if rivals else 0.0
    if rivals and rivals[0].member in copies:
        margin = max(margin, CLEAR_MARGIN)
    elif margin < 0:  # it is before the others for the open eyes alone
        margin = THIN_MARGIN
    if margin < THIN_MARGIN or unseen:
        return {best.member: (*reasons, "can't tell for sure: a close call, have a look yourself")}, Certainty.LOW
    return {best.member: tuple(reasons)}, Certainty.HIGH if margin >= CLEAR_MARGIN else Certainty.MEDIUM


def _copies_words(copies: int, others: int) -> str:
    if copies == others:
        return "the original: the other is a copy of it" if others == 1 else "the original: the others are copies of it"
    return f"an original: {copies} of the others {'is a copy' if copies == 1 else 'are copies'}"


def _judge(member: int, shot: Shot, quality: Quality, people: People) -> _Judged:
    """Give a member its score."""
    subject = sorted(quality.tiles)[-SUBJECT_TILES:] or [quality.sharpness]
    detail = math.log(max(sum(subject) / len(subject), 1e-3))
    if people.count:
        detail = FACES_SHARE * people.log_sharpness(member) + (1 - FACES_SHARE) * detail
    merits = {
        A_LITTLE_SHARPER: detail,
        "more pixels": RESOLUTION_WORTH * math.log(max(shot.megapixels, 1e-3)),
        "less of it burnt out or black": -CLIPPED_WORTH
        * max(0.0, quality.clipped_light + quality.clipped_dark - HARMLESS_CLIPPING),
        "better exposed": -EXPOSURE_WORTH * (quality.brightness / MIDDLE_GREY - 1) ** 2,
        "less noise": -NOISE_WORTH * max(0.0, min(quality.noise, NOISE_LIMIT) - HARMLESS_NOISE),
        "less compressed": -COMPRESSION_WORTH * math.log(max(quality.coarseness, 1.0)),
        CAMERA_PICK: CAMERA_PICK_WORTH * shot.camera.camera_pick,
        EDITED: EDITED_WORTH * _is_edited(shot),
        WITH_RAW: WITH_RAW_WORTH * _has_raw(shot),
        "fewer eyes closed": -CLOSED_EYES_WORTH * people.having(member, Eyes.CLOSED) / max(people.count, 1),
    }
    return _Judged(member, shot, quality, math.exp(detail), merits, messenger_of(shot))


def _is_edited(shot: Shot) -> bool:
    """Tell whether an edit of a shot lies beside it."""
    return any(c.content and is_edit(c.path) for c in shot.companions)


def _has_raw(shot: Shot) -> bool:
    """Tell whether a shot is a raw file, or one lies beside it: there is no making one again."""
    return is_raw(shot) or any(c.is_raw for c in shot.companions)


def _ranked(judged: Sequence[_Judged], copies: Collection[int], people: People) -> list[_Judged]:
    """Return the members best first, every copy behind the originals, and first of all, if any, who has all eyes open."""
    by_score = sorted(judged, key=lambda j: (-j.score, originality(j.shot)))
    ranked = sorted(by_score, key=lambda j: j.member in copies)
    best = ranked[0]
    closed = people.who(best.member, Eyes.CLOSED)
    all_known = closed | people.who(best.member, Eyes.OPEN)
    for j in ranked:
        awake = all_known <= people.who(j.member, Eyes.OPEN) and not people.having(j.member, Eyes.CLOSED)
        if (
            closed
            and awake
            and j.member not in copies
            and _nearly_as_sharp(j, best)
            and best.score - j.score < CLEAR_MARGIN
        ):
            return [j, *(other for other in ranked if other is not j)]
    return ranked


def _nearly_as_sharp(judged: _Judged, best: _Judged) -> bool:
    return judged.detail >= best.detail * math.exp(-CLEAR_MARGIN)


def _copies_among(judged: Sequence[_Judged], group: Group) -> set[int]:
    """Return the members that are copies of another one."""
    cosines = {ends: p.cosine for p in group.pairs if p.cosine is not None for ends in ((p.a, p.b), (p.b, p.a))}
    return {j.member for j in judged if any(_copies(j, o, cosines.get((j.member, o.member), -1.0)) for o in judged)}


def _copies(copy: _Judged, original: _Judged, cosine: float) -> bool:
    """Tell whether one shot is a reduced or re-compressed copy of the other, perhaps cropped a little.

    It looks the same, has fewer pixels, coarser steps, lost the camera's own format or came by a messenger, and either the same coarse picture or lost
    its camera's tags. An edit and another rendering are no copies. Sharpness tells nothing where the coarse picture is the same and it shows that it was made from the other:
    messengers sharpen. Elsewhere what shows much more detail is no copy.
    """
    a, b = copy.shot, original.shot
    pixels, full = a.width * a.height, b.width * b.height
    if cosine < COPY_COSINE or pixels > full or (a.camera.name and not b.camera.name):
        return False
    sent = bool(copy.sender and not original.sender)
    untagged = sent or bool(b.camera.name and not a.camera.name)
    reduced, exported = pixels < COPY_PIXELS * full, b.format in CAMERA_FORMATS and a.format not in CAMERA_FORMATS
    coarser = copy.quality.coarseness > COPY_COARSER * original.quality.coarseness > 0
    if not (reduced or exported or coarser or sent) or are_versions(a, b):
        return False
    same = np.abs(a.signature.astype(np.int16) - b.signature.astype(np.int16)).mean() <= COPY_SIGNATURE
    if same and (reduced or exported or untagged):
        return True
    return (bool(same) or untagged) and copy.detail <= COPY_SHARPER * original.detail


def _kept_too(judged: Sequence[_Judged], group: Group, people: People) -> dict[int, tuple[str, ...]]:
    """Return who stays beside the best: shots with the eyes open that are closed in it, and good retakes of another picture.

    `judged` holds no copies, the best first. Both are few on purpose: only shots nearly as sharp as the best, and another picture
    only in a group of retakes, with a similarity below 40 % to every keeper.
    """
    best, kept = judged[0], dict[int, tuple[str, ...]]()
    good = [j for j in judged[1:] if _nearly_as_sharp(j, best)]
    missing = people.who(best.member, Eyes.CLOSED)
    for j in sorted(good, key=lambda j: (-len(missing & people.who(j.member, Eyes.OPEN)), -j.score)):
        gained = missing & people.who(j.member, Eyes.OPEN)
        if gained:
            kept[j.member] = (f"eyes open that are closed in the sharpest: {len(gained)} of {people.count}",)
            missing -= gained
    if group.kind is not Kind.SIMILAR:
        return kept
    percent = {frozenset((p.a, p.b)): p.similarity_percent for p in group.pairs}
    for j in good:
        alike = [percent.get(frozenset((j.member, k))) for k in (best.member, *kept)]
        known = [p for p in alike if p is not None]
        if best.score - j.score < CLEAR_MARGIN and len(known) == len(alike) and max(known) < OTHER_PICTURE_PERCENT:
            kept[j.member] = (f"another picture of the same: only {max(known):.0f} % alike",)
    return kept


def _versions_kept(
    judged: Sequence[_Judged], copies: Collection[int], kept: Collection[int]
) -> dict[int, tuple[str, ...]]:
    """Return who stays beside those that are kept as an edit of one of them, as what it was made from, or as another rendering.

    A copy is one only by a mark that is known: `-web` says as much of a copy as of an edit.
    """
    shots = {j.member: j.shot for j in judged}
    named = unit_versions(
        {m: s for m, s in shots.items() if m not in copies or any(are_versions(s, shots[k]) for k in kept)}
    )
    staying = {named[m] for m in kept if m in named}
    more: dict[int, tuple[str, ...]] = {}
    for m, version in named.items():
        if version not in staying and any(version[0] == base for base, _ in staying):
            more[m] = (VERSION,)
            staying.add(version)
    return more


def _reasons(best: _Judged, rivals: Sequence[_Judged], people: People) -> list[str]:
    """Say what the best has over the others, strongest first."""
    rest, share = ("the other", "") if len(rivals) == 1 else ("the others", " or more")
    reasons = _eyes(best, rivals, people) + _sharpness(best, rivals, people)
    light, dark = min(j.quality.clipped_light for j in rivals), min(j.quality.clipped_dark for j in rivals)
    if light - best.quality.clipped_light >= NOTICEABLE_CLIPPING:
        reasons.append(_percent(f"highlights kept: {light:.0%}{share} of {rest} is burnt out"))
    if dark - best.quality.clipped_dark >= NOTICEABLE_CLIPPING:
        reasons.append(_percent(f"shadows kept: {dark:.0%}{share} of {rest} is black"))
    if DARK <= best.quality.brightness <= BRIGHT and not any(DARK <= j.quality.brightness <= BRIGHT for j in rivals):
        reasons.append("the only one well exposed")
    if _is_edited(best.shot) and not all(_is_edited(j.shot) for j in rivals):
        reasons.append(EDITED)
    if _has_raw(best.shot) and not all(_has_raw(j.shot) for j in rivals):
        reasons.append(WITH_RAW)
    if best.shot.camera.camera_pick and not all(j.shot.camera.camera_pick for j in rivals):
        reasons.append(CAMERA_PICK)
    if best.shot.megapixels > 1.05 * max(j.shot.megapixels for j in rivals):
        reasons.append(f"most pixels ({_megapixels(best.shot)})")
    if any(not r.startswith(AS_SHARP) for r in reasons):
        return reasons
    edge = _edge(best, rivals[0])
    return edge if edge == [A_LITTLE_SHARPER] else [*reasons, *edge]


def _edge(best: _Judged, rival: _Judged) -> list[str]:
    """Say what little sets the best apart from the next, nothing when it is nothing."""
    ahead = {words: merit - rival.merits[words] for words, merit in best.merits.items()}
    most = max(ahead, key=lambda words: ahead[words])
    return [most] if ahead[most] > 0 else []


def _eyes(best: _Judged, rivals: Sequence[_Judged], people: People) -> list[str]:
    """Say how many eyes are open, where that tells the shots apart."""
    is_open, closed = people.having(best.member, Eyes.OPEN), people.having(best.member, Eyes.CLOSED)
    if not is_open or (not closed and not any(people.having(j.member, Eyes.CLOSED) for j in rivals)):
        return []
    return [f"eyes open {is_open} of {is_open + closed}"]


def _sharpness(best: _Judged, rivals: Sequence[_Judged], people: People) -> list[str]:
    """Say how much sharper the best is than the next, and what is wrong with the others where all are blurred."""
    ahead = best.detail / max(j.detail for j in rivals) - 1
    reasons: list[str] = []
    if ahead >= NOTICEABLE_SHARPNESS and people.count:
        reasons.append(_percent(f"{ahead:.0%} sharper on the {'face' if people.count == 1 else 'faces'}"))
    elif ahead >= NOTICEABLE_SHARPNESS:
        reasons.append(_percent(f"sharpest of {len(rivals) + 1} ({ahead:.0%} above the next)"))
    elif ahead > -NOTICEABLE_SHARPNESS:
        reasons.append(f"{AS_SHARP} the other" if len(rivals) == 1 else f"{AS_SHARP} the best of them")
    if all(j.detail < BLURRED * best.detail for j in rivals):
        faults = {blur(j.quality, best.quality) for j in rivals}
        fault = "blurred" if "blurred" in faults else " or ".join(sorted(faults))
        reasons.append(f"the other is {fault}" if len(rivals) == 1 else f"the others are {fault}")
    return reasons


def blur(soft: Quality, sharp: Quality) -> str:
    """Say how a soft frame went wrong, from the gradients it lost against a sharp one of the same scene.

    Motion takes gradients along its own direction and leaves those across it; defocus takes all alike. The shares left in the worst
    and the best direction are the square roots of the eigenvalues of sharp^-1 soft.
    """
    (a, b, c), (x, y, z) = soft.gradients, sharp.gradients
    volume = x * y - z * z
    if volume <= 1e-9:
        return "blurred"
    half = (a * y + b * x - 2 * c * z) / volume / 2
    product = max(0.0, (a * b - c * c) / volume)
    root = math.sqrt(max(0.0, half * half - product))
    kept = math.sqrt(max(0.0, half - root) / (half + root)) if half + root > 0 else 1.0
    if kept < SHAKEN:
        return "shaken"
    return "out of focus" if kept > DEFOCUSED else "blurred"


def _percent(text: str) -> str:
    return text.replace("%", " %")


def _megapixels(shot: Shot) -> str:
    return f"{shot.megapixels:.1f} megapixels" if shot.megapixels >= 0.1 else f"{shot.width} x {shot.height} pixels"
