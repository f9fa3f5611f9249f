"""The report as JSON: the contract `dejashot.report/1`. Keys may be added, never changed."""

import json
import os
from collections.abc import Iterable
from typing import Any

from dejashot.errors import Reason
from dejashot.files.exclusions import Exclusion
from dejashot.grouping.places import LocatedShot
from dejashot.library.kept.values import GroupTotals
from dejashot.models.groups import Pair
from dejashot.reports.report import Damaged, Report, ReportGroup, ReportHead
from dejashot.reports.saving import saving_in

REPORT_SCHEMA = "dejashot.report/1"
SEPARATOR = ",\n  "  # of lines in a list


def as_json(report: Report) -> str:
    """Return the report as one ASCII-safe JSON object, one photo, pair, group or file a line."""
    lists = {
        "photos": (photo_line(report, n) for n in range(len(report.shots))),
        "pairs": (pair_line(report, p) for p in report.pairs),
        "groups": (group_line(report, g) for g in report.groups),
        "damaged": (damaged_line(d) for d in report.damaged),
        **lists_of_files(report),
    }
    parts = head_lines(report.head)
    parts += [f' "{name}": [{in_list(SEPARATOR.join(lines))}]' for name, lines in lists.items()]
    parts.append(f' "totals": {json.dumps(_totals(report))}')
    return "{\n" + ",\n".join(parts) + "\n}\n"


def head_lines(head: ReportHead) -> list[str]:
    """Return what a report begins with, a line each."""
    values = {
        "schema": REPORT_SCHEMA,
        "interval_s": head.interval_s,
        "model": head.model,
        "made_at": head.made_at.isoformat(timespec="seconds"),
        "root": head.root,
    }
    return [f' "{name}": {json.dumps(value)}' for name, value in values.items()]


def lists_of_files(report: Report) -> dict[str, Iterable[str]]:
    """Return what a report says of files besides its photos, a line each, by the name of the list."""
    skipped = ({"path": s.path, "reason": s.reason, "detail": s.detail} for s in report.skipped)
    folders = ({"path": h.folder, "state": h.state, "trouble": h.problem, "files": h.files} for h in report.health)
    return {
        "skipped": map(json.dumps, skipped),
        "left_out": (json.dumps(exclusion_body(part)) for part in report.exclusions),
        "folders": map(json.dumps, folders),
    }


def in_list(lines: str) -> str:
    """Return joined lines as they stand between the brackets of a list."""
    return f"\n  {lines}\n " if lines else ""


def totals_body(report: Report, totals: GroupTotals, new_photos: int, elapsed_s: float) -> dict[str, float]:
    """Return the sums of a report, given what its groups and photos add up to."""
    return {
        "photos": totals.shots,
        "new_photos": new_photos,
        "groups": totals.groups,
        "series": totals.series,
        "skipped": len(report.skipped),
        "damaged": totals.damaged,
        "left_out": totals.ungrouped,
        "not_looked_at": sum(part.count for part in report.exclusions),
        "open_groups": totals.open_groups,
        "pending_groups": totals.pending,
        "removable_photos": totals.open_photos,
        "reclaimable_bytes": totals.open_bytes,
        "seconds": round(elapsed_s, 3),
    }


def _totals(report: Report) -> dict[str, float]:
    saving = saving_in(report)
    totals = GroupTotals(
        shots=len(report.shots),
        ungrouped=report.ungrouped,
        damaged=len(report.damaged),
        groups=len(report.groups),
        series=len(report.series),
        open_groups=saving.groups,
        pending=saving.pending,
        open_photos=saving.photos,
        open_bytes=saving.bytes,
    )
    return totals_body(report, totals, report.new_photos, report.head.elapsed_s)


def exclusion_body(part: Exclusion) -> dict[str, Any]:
    """Return what was left out for one reason as values that JSON can hold."""
    return {
        "reason": part.why.value,
        "count": part.count,
        "words": part.counted,
        "paths": [os.fsdecode(p) for p in part.paths],
    }


def photo_line(report: Report, number: int) -> str:
    """Return what a report says of a shot."""
    shot = report.shots[number]
    corrected = {"clock_offset_s": shot.clock_offset_s} if shot.clock_offset_s else {}
    body = {
        "path": shot.path,
        "key": shot.key,
        "content": shot.content.hex(),
        "taken_at": shot.taken.iso,
        "taken_at_source": shot.taken.source,
        "taken_at_certainty": shot.taken.certainty,
        "zone_known": shot.taken.zone_known,
        **corrected,
        "bytes": shot.size_bytes,
        "width": shot.width,
        "height": shot.height,
        "camera": shot.camera.name or None,
        "place": _place(report, number),
        "new": shot.new,
        "companions": [c.path for c in shot.companions],
        "whole_bytes": shot.whole_bytes,
        "motion": shot.motion,
        "damage": shot.damage or None,
    }
    return json.dumps(body)


def _place(report: Report, number: int) -> dict[str, Any] | None:
    """Return a photo's place where places are wanted.

    It is its own, or a neighbour's with whose it is and how many seconds before it.
    """
    if not report.places.included:
        return None
    recorded = report.shots[number].place
    located = report.places.of_shots.get(number) or (None if recorded is None else LocatedShot(recorded))
    if located is None:
        return None
    return {
        "latitude": located.place.latitude,
        "longitude": located.place.longitude,
        "altitude_m": located.place.altitude_m,
        "name": located.name or None,
        "from": None if located.source is None else report.shots[located.source].path,
        "apart_s": None if located.source is None else round(located.apart_s, 3),
    }


def pair_line(report: Report, pair: Pair) -> str:
    """Return what a report says of two neighbours."""
    return json.dumps(_pair(report, pair))


def damaged_line(damaged: Damaged) -> str:
    """Return what a report says of a damaged photo."""
    return json.dumps(
        {"path": damaged.path, "reason": Reason.DAMAGED, "detail": damaged.damage, "sound": damaged.sound}
    )


def _pair(report: Report, pair: Pair) -> dict[str, Any]:
    return {
        "a": report.shots[pair.a].path,
        "b": report.shots[pair.b].path,
        "gap_s": round(pair.gap_s, 3),
        "similarity_percent": pair.similarity_percent,
        "cosine": None if pair.cosine is None else round(pair.cosine, 4),
        "same_shot": pair.same_shot,
    }


def group_line(report: Report, chosen: ReportGroup) -> str:
    """Return what a report says of a group."""
    name = {m: report.shots[m].path for m in chosen.group.members}
    body = {
        "id": chosen.id,
        "kind": chosen.group.kind,
        "series": chosen.group.series or None,
        "because": chosen.group.because or None,
        "photos": list(name.values()),
        "keepers": [name[m] for m in chosen.choice.keepers],
        "reasons": {name[m]: list(why) for m, why in chosen.choice.reasons.items()},
        "confidence": chosen.choice.confidence,
        "clear_case": chosen.clear,
        "pending": chosen.pending,
        "reclaimable_bytes": chosen.choice.reclaimable_bytes,
        "new_photos": chosen.new_photos,
        "amends": chosen.amends,
        "decisions": {name[m]: verdict for m, verdict in chosen.decided.items()},
        "pairs": [_pair(report, p) for p in sorted(chosen.group.pairs, key=lambda p: (p.a, p.b))],
    }
    return json.dumps(body)
