"""A report with everything in it, made of shots."""

import io
from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest
from PIL import Image

from dejashot.grouping.groups import GroupLimits, group_shots
from dejashot.grouping.identity import identities
from dejashot.grouping.keepers.choose import suggest_keepers
from dejashot.grouping.similarity import adjacent_pairs
from dejashot.models.capture import Place
from dejashot.models.files import Skipped
from dejashot.reports.report import Health, Report, ReportGroup, ReportHead
from shots import RULES, quality, shot, unit

HOSTILE = 'x"><img src=x onerror=alert(1)>\x1b[31m\u202e.jpg'


def _preview(_content: bytes) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (120, 90), (80, 120, 160)).save(out, "JPEG")
    return out.getvalue()


@pytest.fixture
def report() -> Report:
    """Return a report of a burst, a bracket, a pair with hostile names, a lone shot, and problems of every kind."""
    shots = [
        shot(0, path="IMG_0001.jpg"),
        shot(1.2, path="IMG_0002.jpg"),
        shot(2.0, path="IMG_0003.jpg"),
        shot(30, unit(0, 1), path="Ferien/Zürich – 日本.jpg"),
        *(shot(300 + 0.4 * n, unit(0, 0, 1), path=f"AEB_{n}.jpg", bias_ev=b) for n, b in enumerate((0.0, -2.0, 2.0))),
        shot(900, unit(0, 0, 0, 1), path=HOSTILE),
        shot(910, unit(0, 0, 0, 1), path="IMG\udcff.jpg", new=False),
    ]
    shots[0] = replace(shots[0], place=Place(54.18, 7.88))
    groups = group_shots(shots, RULES, GroupLimits(60, 600, 2))
    looks = {s.content: quality(1 + n / 10) for n, s in enumerate(shots)}
    return Report(
        ReportHead(
            title="Your photos since 30 June, 20:00",
            made_at=datetime(2026, 7, 1, 20, 0, tzinfo=timezone(timedelta(hours=2))),
            interval_s=60.0,
            model="dejashot-lite0@0123456789abcdef",
            root="/home/anna/Pictures",
            elapsed_s=1.25,
            covers_new=True,
        ),
        shots=shots,
        pairs=adjacent_pairs(RULES, shots, 60),
        groups=[
            ReportGroup(name, g, suggest_keepers(shots, g, looks))
            for name, g in zip(identities(shots, groups, {}), groups, strict=True)
        ],
        skipped=[Skipped("half.jpg", "truncated", "OSError: truncated"), Skipped(HOSTILE, "not_an_image", "")],
        health=[Health("/home/anna/Pictures", "paused", "the folder is not there", 9)],
        preview=_preview,
    )
