"""Files that have the name of a photo that goes: they go along, or the plan says that they stay."""

import json
import os
from pathlib import Path

from dejashot.actions import executor
from dejashot.actions.plan import Plan
from dejashot.actions.plan_json import plan_body, plan_from
from dejashot.models.decisions import ApplyMethod, Verdict
from takes import fingerprint, names, planned, put

ALONG = (
    "IMG_0000.JPG.xmp IMG_0000_01.JPG.xmp IMG_0000.xmp IMG_0000.JPG.pp3 IMG_0000.pp3 IMG_0000.JPG.dop IMG_0000.on1"
    " IMG_0000.JPG.cos IMG_0000.nksc IMG_0000.acr IMG_0000.JPG.arp IMG_0000.VRD IMG_0000.dr4"
    " IMG_0000.WAV IMG_0000.THM IMG_0000.AAE"
    " IMG_0000.JPG.supplemental-metadata.json IMG_0000.GPR"
).split()
STAY = ["IMG_0000.gpx", "IMG_0000.JPG.txt", "IMG_0000.afphoto"]
OTHERS = ["IMG_0001.JPG.pp3", "IMG_00001.xmp", "IMG_0000 (1).xmp", "IMG_0001.gpx"]


def rejected(folder: Path, how: ApplyMethod = ApplyMethod.QUARANTINE) -> Plan:
    """Plan that one of two takes goes."""
    photo = put(folder / "IMG_0000.jpg", b"g")
    put(folder / "IMG_0001.jpg", b"k")
    return planned(how, folder, {photo: Verdict.REJECT}, to=folder.parent / "aside")


def left(plan: Plan) -> set[str]:
    return {os.fsdecode(os.path.basename(path)) for path in plan.left_behind}


def test_every_sidecar_goes_along_and_comes_back_and_what_stays_is_named(tmp_path: Path) -> None:
    folder, library = tmp_path / "Pictures", tmp_path / "library"
    library.mkdir()
    for name in (*ALONG, *STAY, *OTHERS):
        put(folder / name, name.encode())
    plan = rejected(folder)
    before = fingerprint(folder)
    assert {os.fsdecode(os.path.basename(i.source)) for i in plan.items} == {"IMG_0000.jpg", *ALONG}
    assert left(plan) == set(STAY)
    assert plan_from(json.loads(json.dumps(plan_body(plan)))).left_behind == plan.left_behind
    executor.execute(plan, library)
    assert names(folder) == {"IMG_0001.jpg", *STAY, *OTHERS}
    executor.roll_back(library)
    assert fingerprint(folder) == before


def test_a_raw_file_that_stays_keeps_its_sidecars_and_all_are_named(tmp_path: Path) -> None:
    folder = tmp_path / "Pictures"
    put(folder / "IMG_0000.CR2", b"raw", 3600 * 24)  # of another moment
    for name in ("IMG_0000.xmp", "IMG_0000.pp3", "IMG_0000.jpg.xmp", "IMG_0000.CR2.xmp"):
        put(folder / name, b"x")
    plan = rejected(folder)
    assert {os.path.basename(i.source) for i in plan.items} == {b"IMG_0000.jpg", b"IMG_0000.jpg.xmp"}
    assert left(plan) == {"IMG_0000.CR2", "IMG_0000.xmp", "IMG_0000.pp3"}, "CR2.xmp is the raw file's own"


def test_nothing_is_left_behind_where_nothing_leaves(tmp_path: Path) -> None:
    put(tmp_path / "Pictures" / "IMG_0000.gpx", b"x")
    assert rejected(tmp_path / "Pictures", ApplyMethod.XMP).left_behind == ()


def test_a_batch_of_before_left_nothing_that_was_noted(tmp_path: Path) -> None:
    body = plan_body(rejected(tmp_path / "Pictures"))
    del body["left_behind"]
    assert plan_from(body).left_behind == ()
