"""The contract of `dejashot.report/1`."""

import json
import os
from dataclasses import replace

from dejashot.files.exclusions import Exclusion, ExclusionReason
from dejashot.reports.formats.json_format import as_json
from dejashot.reports.report import Report, ReportPlaces


def test_the_contract_holds_every_key_with_its_type(report: Report) -> None:
    body = json.loads(as_json(report))
    assert body["schema"] == "dejashot.report/1"
    assert body["interval_s"] == 60.0
    assert body["model"] == "dejashot-lite0@0123456789abcdef"
    photo = body["photos"][0]
    assert (
        photo
        | {
            "path": "IMG_0001.jpg",
            "taken_at_source": "exif",
            "bytes": 3_000_000,
            "width": 4000,
            "height": 3000,
            "place": None,
        }
        == photo
    )
    assert photo["taken_at"].endswith("+02:00")
    assert isinstance(photo["key"], int)
    pair = body["pairs"][0]
    assert set(pair) == {"a", "b", "gap_s", "similarity_percent", "cosine", "same_shot"}
    assert (pair["a"], pair["b"], pair["gap_s"], pair["same_shot"]) == ("IMG_0001.jpg", "IMG_0002.jpg", 1.2, True)
    group = body["groups"][0]
    assert set(group) >= {"id", "kind", "photos", "keepers", "reasons", "confidence", "clear_case", "reclaimable_bytes"}
    assert (group["kind"], group["keepers"], len(group["pairs"])) == ("burst", ["IMG_0003.jpg"], 3)
    assert group["clear_case"] is False
    assert body["skipped"][0]["reason"] == "truncated"
    assert set(body["totals"]) >= {"photos", "groups", "reclaimable_bytes", "seconds"}
    assert body["totals"]["photos"] == 9


def test_photos_are_in_time_order_and_pairs_name_photos(report: Report) -> None:
    body = json.loads(as_json(report))
    keys = [p["key"] for p in body["photos"]]
    assert keys == sorted(keys)
    names = {p["path"] for p in body["photos"]}
    assert {end for pair in body["pairs"] for end in (pair["a"], pair["b"])} <= names


def test_it_is_ascii_and_names_come_back_exactly(report: Report) -> None:
    text = as_json(report)
    assert text.isascii()
    assert os.fsencode(json.loads(text)["photos"][-1]["path"]) == b"IMG\xff.jpg"


def test_a_place_is_told_only_when_asked_for(report: Report) -> None:
    assert "54.18" not in as_json(report)
    asked = json.loads(as_json(replace(report, places=ReportPlaces(included=True))))
    assert asked["photos"][0]["place"] == {
        "latitude": 54.18,
        "longitude": 7.88,
        "altitude_m": None,
        "name": None,
        "from": None,
        "apart_s": None,
    }
    assert asked["photos"][1]["place"] is None


def test_a_series_frees_nothing(report: Report) -> None:
    series = [g for g in json.loads(as_json(report))["groups"] if g["kind"] == "series"]
    assert [(g["series"], g["because"], g["reclaimable_bytes"], g["keepers"]) for g in series] == [
        ("exposure bracket", "3 exposures about 2.0 EV apart", 0, ["AEB_0.jpg", "AEB_1.jpg", "AEB_2.jpg"])
    ]
    body = json.loads(as_json(report))
    assert body["totals"]["series"] == 1
    assert (
        body["totals"]["reclaimable_bytes"]
        == sum(g["reclaimable_bytes"] for g in body["groups"] if g["kind"] != "series")
        > 0
    )
    assert [(g["series"], g["because"]) for g in body["groups"] if g["kind"] != "series"] == [
        (None, None),
        (None, None),
    ]


def test_what_was_left_out_is_listed_with_its_reason(report: Report) -> None:
    left = [
        Exclusion(ExclusionReason.LINK, 30, (b"a.jpg", b"IMG\xff.jpg")),
        Exclusion(ExclusionReason.PACKAGE, 1, (b"A.photoslibrary",)),
    ]
    body = json.loads(as_json(replace(report, exclusions=left)))
    assert body["left_out"] == [
        {
            "reason": "link",
            "count": 30,
            "words": "30 links to files, not followed",
            "paths": ["a.jpg", "IMG\udcff.jpg"],
        },
        {
            "reason": "package",
            "count": 1,
            "words": "1 package of another program, not entered",
            "paths": ["A.photoslibrary"],
        },
    ]
    assert body["totals"]["not_looked_at"] == 31
    assert body["totals"]["left_out"] == 0
    assert json.loads(as_json(report))["left_out"] == []
