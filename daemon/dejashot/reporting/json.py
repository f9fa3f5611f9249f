"""The report as JSON: the contract `dejashot.report/1`. Keys may be added, never changed."""

import json
from typing import Any

from dejashot.models import Pair, Shot
from dejashot.reporting.digest import Chosen, Report

SCHEMA = "dejashot.report/1"


def as_json(report: Report) -> str:
    """Return the report as one ASCII-safe JSON object, one photo, pair, group or file a line."""
    head = {
        "schema": SCHEMA,
        "interval_s": report.interval_s,
        "model": report.model,
        "made_at": report.made_at.isoformat(timespec="seconds"),
        "root": report.root,
    }
    lists = {
        "photos": [_photo(s, include_place=report.include_place) for s in report.shots],
        "pairs": [_pair(report, p) for p in report.pairs],
        "groups": [_group(report, g) for g in report.groups],
        "skipped": [{"path": s.path, "reason": s.reason, "detail": s.detail} for s in report.skipped],
        "folders": [{"path": h.folder, "state": h.state, "trouble": h.trouble, "files": h.files} for h in report.health],
    }
    totals = {
        "photos": len(report.shots),
        "new_photos": report.new_photos,
        "groups": len(report.groups),
        "series": len(report.series),
        "skipped": len(report.skipped),
        "reclaimable_bytes": report.reclaimable_bytes,
        "seconds": round(report.seconds, 3),
    }
    parts = [f' "{name}": {json.dumps(value)}' for name, value in head.items()]
    parts += [f' "{name}": [{_lines(items)}]' for name, items in lists.items()]
    parts.append(f' "totals": {json.dumps(totals)}')
    return "{\n" + ",\n".join(parts) + "\n}\n"


def _lines(items: list[dict[str, Any]]) -> str:
    return ("\n  " + ",\n  ".join(json.dumps(item) for item in items) + "\n ") if items else ""


def _photo(shot: Shot, *, include_place: bool) -> dict[str, Any]:
    place = None
    if include_place and shot.place is not None:
        place = {"latitude": shot.place.latitude, "longitude": shot.place.longitude, "altitude_m": shot.place.altitude_m}
    return {
        "path": shot.path,
        "key": shot.key,
        "content": shot.content.hex(),
        "taken_at": shot.taken.iso,
        "taken_at_source": shot.taken.source,
        "taken_at_certainty": shot.taken.certainty,
        "bytes": shot.size_bytes,
        "width": shot.width,
        "height": shot.height,
        "camera": shot.camera.name or None,
        "place": place,
        "new": shot.new,
    }


def _pair(report: Report, pair: Pair) -> dict[str, Any]:
    return {
        "a": report.shots[pair.a].path,
        "b": report.shots[pair.b].path,
        "gap_s": round(pair.gap_s, 3),
        "similarity_percent": pair.similarity_percent,
        "cosine": None if pair.cosine is None else round(pair.cosine, 4),
        "same_shot": pair.same_shot,
    }


def _group(report: Report, chosen: Chosen) -> dict[str, Any]:
    name = {m: report.shots[m].path for m in chosen.group.members}
    return {
        "id": chosen.id,
        "kind": chosen.group.kind,
        "series": chosen.group.series or None,
        "because": chosen.group.because or None,
        "photos": list(name.values()),
        "keepers": [name[m] for m in chosen.choice.keepers],
        "reasons": {name[m]: list(why) for m, why in chosen.choice.reasons.items()},
        "confidence": chosen.choice.confidence,
        "reclaimable_bytes": chosen.choice.reclaimable_bytes,
        "new_photos": chosen.new_photos,
        "amends": chosen.amends,
        "decisions": {name[m]: word for m, word in chosen.decided.items()},
        "pairs": [_pair(report, p) for p in sorted(chosen.group.pairs, key=lambda p: (p.a, p.b))],
    }
