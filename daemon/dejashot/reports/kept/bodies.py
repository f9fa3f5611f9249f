"""The bodies of kept runs and groups: JSON, compressed; a body that is none is a doubt about the whole file."""

import json
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

import numpy as np

from dejashot.errors import GroupsFileError
from dejashot.language.texts import noted
from dejashot.models.arrays import SIGNATURE_SIDE
from dejashot.models.capture import Camera, CaptureTime, Certainty, Place, TimeSource
from dejashot.models.decisions import Verdict
from dejashot.models.groups import Group, KeeperSuggestion, Kind, Pair
from dejashot.models.photo import Companion
from dejashot.models.shot import Shot
from dejashot.reports.report import ReportGroup

_LEVEL, _WINDOW_BITS, _MEMORY = 6, 14, 8  # of compression
_LINES_END = "\0"  # in lines, which are ASCII without control characters
# what bodies hold again and again, the most usual last: a body of a few shots is too short to repeat itself
_USUAL = b"""
"skipped": "series": "panorama", "because": "burst", "duplicate", "medium", "low", "HEIF", "DNG", "PNG", "mtime",
"name", "you chose to keep it" "reject" "keep_one" "keep" "cut off" % sharper than the next best" "the same, byte for
byte"
[[["DSC_0001.JPG","","",null,null,null,null,false,false],null,[50.0,0.0,0,false,""],[]],["Apple","iPhone
[4032,3024],1,7200,"exif","high",true],"JPEG",[3000000,4000,3000],["samsung","SM-G99
{"id":"","places":[[0,0],[0,1],[0,2]],"kind":"similar","series":"","because":"","pairs":[[0,1,2.0,0.98,99.0,1,0],
[0,2,6.0,0.98,99.0,1,0],[1,2,4.0,0.98,99.0,1,0]],"copies":[],"choice":[[0],[[0,[""]]],"high",2000],"suggestion":[[0],
[[0,[""]]],"high",2000],"decided":[],"clear":false,"pending":false}
{"a": "IMG_2026", "b": "IMG_2026", "gap_s": 2.0, "similarity_percent": 99.0, "cosine": 0.98, "same_shot": true},
  {"id": "", "kind": "burst", "series": null, "because": null, "photos": ["IMG_"], "keepers": ["IMG_"], "reasons":
 {"IMG_": [""]}, "confidence": "high", "clear_case": false, "pending": false, "reclaimable_bytes": 2000,
 "new_photos": 3, "amends": false, "decisions": {}, "pairs": [{"a": "IMG_", "b": "
{"path": "IMG_2026", "key": 182, "content": "", "taken_at": "2026-07-01T12:00:00.000+02:00", "taken_at_source": "exif",
 "taken_at_certainty": "high", "zone_known": true, "bytes": 3000000, "width": 4000, "height": 3000, "camera": "iPhone",
 "place": null, "new": true, "companions": [], "whole_bytes": 3000000, "motion": false, "damage": null},
"""
_NO_SIGNATURE = np.zeros((SIGNATURE_SIDE, SIGNATURE_SIDE), dtype=np.uint8)
_NO_SIGNATURE.setflags(write=False)
_SOURCES = {source.value: source for source in TimeSource}
_CERTAINTIES = {certainty.value: certainty for certainty in Certainty}


def packed(value: Any) -> bytes:
    """Return a value that JSON can hold as a body."""
    return _compressed(json.dumps(value, separators=(",", ":")))


def unpacked(body: bytes) -> Any:
    """Return the value of a body; raise GroupsFileError for one that is none."""
    try:
        return json.loads(_decompressed(body))
    except (ValueError, RecursionError) as error:
        raise GroupsFileError(noted("the file of kept groups is damaged"), noted("It is made anew")) from error


def packed_lines(lists: Iterable[str]) -> bytes:
    """Return what a report in JSON says of a run, the lines of each list joined, as a body."""
    return _compressed(_LINES_END.join(lists))


def unpacked_lines(body: bytes) -> list[str]:
    """Return what a report says of a run, the lines of each list joined; raise GroupsFileError."""
    return _decompressed(body).split(_LINES_END)


def _compressed(text: str) -> bytes:
    packer = zlib.compressobj(_LEVEL, zlib.DEFLATED, _WINDOW_BITS, _MEMORY, zlib.Z_DEFAULT_STRATEGY, _USUAL)
    return packer.compress(text.encode("ascii")) + packer.flush()


def _decompressed(body: bytes) -> str:
    try:
        packer = zlib.decompressobj(_WINDOW_BITS, zdict=_USUAL)
        return (packer.decompress(body) + packer.flush()).decode("ascii")
    except (zlib.error, ValueError) as error:
        raise GroupsFileError(noted("the file of kept groups is damaged"), noted("It is made anew")) from error


def run_body(shots: Sequence[Shot], pairs: Sequence[Pair], start: int) -> bytes:
    """Return shots, and the pairs of neighbours among them, as a body; `start` is the place of the first shot."""
    return packed([[_shot_values(s) for s in shots], [_pair_values(p, start) for p in pairs]])


def run_of(body: bytes) -> tuple[list[Shot], list[Pair]]:
    """Return the shots of a run, without vectors and signatures, and its pairs; raise GroupsFileError."""
    shots, pairs = unpacked(body)
    try:
        return [_shot_of(values) for values in shots], [_pair_of(values) for values in pairs]
    except (ValueError, TypeError, LookupError) as error:
        raise GroupsFileError(noted("the file of kept groups is damaged"), noted("It is made anew")) from error


def group_body(report_group: ReportGroup, places: Mapping[int, tuple[int, int]]) -> bytes:
    """Return a group as a body; `places` gives the run, and the place in it, of each member."""
    group, number = report_group.group, {m: n for n, m in enumerate(report_group.group.members)}
    return packed(
        {
            "id": report_group.id,
            "places": [places[m] for m in group.members],
            "kind": group.kind,
            "series": group.series,
            "because": group.because,
            "pairs": [
                _pair_values(replace(p, a=number[p.a], b=number[p.b]))
                for p in group.pairs
                if p.a in number and p.b in number
            ],
            "copies": [(number[a], number[b]) for a, b in group.copies if a in number and b in number],
            "choice": _suggestion_values(report_group.choice, number),
            "suggestion": None
            if report_group.suggestion is None
            else _suggestion_values(report_group.suggestion, number),
            "decided": [(number[m], verdict) for m, verdict in report_group.decided.items()],
            "clear": report_group.clear,
            "pending": report_group.pending,
        }
    )


def places_in(values: Mapping[str, Any]) -> list[tuple[int, int]]:
    """Return the run, and the place in it, of each member of an unpacked group."""
    return [(run, place) for run, place in values["places"]]


def group_of(values: Mapping[str, Any]) -> ReportGroup:
    """Return an unpacked group, with members numbered from 0 in time order; raise GroupsFileError."""
    try:
        members = tuple(range(len(values["places"])))
        group = Group(
            members,
            Kind(values["kind"]),
            values["series"],
            tuple(_pair_of(pair) for pair in values["pairs"]),
            values["because"],
            tuple((a, b) for a, b in values["copies"]),
        )
        suggestion = values["suggestion"]
        return ReportGroup(
            values["id"],
            group,
            _suggestion_of(values["choice"]),
            new_photos=len(members),
            decided={m: Verdict(verdict) for m, verdict in values["decided"]},
            suggestion=None if suggestion is None else _suggestion_of(suggestion),
            clear=values["clear"],
            pending=values["pending"],
        )
    except (ValueError, TypeError, LookupError) as error:
        raise GroupsFileError(noted("the file of kept groups is damaged"), noted("It is made anew")) from error


def _suggestion_values(suggestion: KeeperSuggestion, number: Mapping[int, int]) -> list[Any]:
    reasons = [(number[m], why) for m, why in suggestion.reasons.items()]
    return [[number[m] for m in suggestion.keepers], reasons, suggestion.confidence, suggestion.reclaimable_bytes]


def _suggestion_of(values: Sequence[Any]) -> KeeperSuggestion:
    keepers, reasons, confidence, reclaimable_bytes = values
    return KeeperSuggestion(
        tuple(keepers), {m: tuple(why) for m, why in reasons}, _CERTAINTIES[confidence], reclaimable_bytes
    )


def _pair_values(pair: Pair, start: int = 0) -> list[Any]:
    flags = (int(pair.same_shot), int(pair.doubtful))
    return [pair.a - start, pair.b - start, pair.gap_s, pair.cosine, pair.similarity_percent, *flags]


def _pair_of(values: Sequence[Any]) -> Pair:
    a, b, gap_s, cosine, percent, same_shot, doubtful = values
    return Pair(a, b, gap_s, cosine, percent, bool(same_shot), bool(doubtful))


def _shot_values(shot: Shot) -> list[Any]:
    taken, camera, place = shot.taken, shot.camera, shot.place
    return [
        shot.path,
        shot.content.hex(),
        shot.key,
        shot.node,
        (taken.taken_us, taken.offset_s, taken.source, taken.certainty, taken.zone_known),
        shot.format,
        (shot.size_bytes, shot.width, shot.height),
        (
            *(camera.make, camera.model, camera.burst_id, camera.exposure_s, camera.bias_ev),
            *(camera.iso, camera.aperture, camera.camera_pick, camera.screenshot),
        ),
        None if place is None else (place.latitude, place.longitude, place.altitude_m),
        (shot.contrast, shot.clock_offset_s, shot.mtime_ns, shot.motion, shot.damage),
        [(c.path, c.node, c.size_bytes, c.content.hex(), c.damage) for c in shot.companions],
    ]


def _shot_of(values: Sequence[Any]) -> Shot:
    path, content, key, node, taken, form, sizes, camera, place, more, companions = values
    taken_us, offset_s, source, certainty, zone_known = taken
    contrast, clock_offset_s, mtime_ns, motion, damage = more
    return Shot(
        path=path,
        content=bytes.fromhex(content),
        key=key,
        node=(node[0], node[1]),
        taken=CaptureTime(taken_us, offset_s, _SOURCES[source], _CERTAINTIES[certainty], zone_known),
        format=form,
        size_bytes=sizes[0],
        width=sizes[1],
        height=sizes[2],
        camera=_camera(*camera),
        place=None if place is None else Place(*place),
        contrast=contrast,
        vector=None,
        signature=_NO_SIGNATURE,
        clock_offset_s=clock_offset_s,
        mtime_ns=mtime_ns,
        companions=tuple(
            Companion(name, (file[0], file[1]), size_bytes, bytes.fromhex(of_photo), of_damage)
            for name, file, size_bytes, of_photo, of_damage in companions
        ),
        motion=motion,
        damage=damage,
    )


@lru_cache(maxsize=4096)
def _camera(*wrote: Any) -> Camera:
    return Camera(*wrote)
