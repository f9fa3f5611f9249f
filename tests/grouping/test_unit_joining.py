"""Shot units: what one press of the shutter left is one shot, and a name alone joins nothing."""

import unicodedata
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dejashot.grouping.identity import inherited
from dejashot.grouping.shot_units import join_units, unit_verdicts, unit_versions
from dejashot.models.capture import Certainty, TimeSource
from dejashot.models.decisions import Verdict
from dejashot.models.shot import Shot
from shots import at_cosine, shot, unit


def paths(found: list[Shot]) -> list[tuple[str, ...]]:
    return [(s.path, *(c.path for c in s.companions)) for s in found]


def test_a_raw_file_and_its_jpeg_are_one_shot() -> None:
    found = join_units(
        [shot(0, path="a/IMG_1.CR2", form="CR2", size_bytes=20), shot(0.4, path="a/IMG_1.JPG", size_bytes=3)]
    )
    assert paths(found) == [("a/IMG_1.JPG", "a/IMG_1.CR2")]
    assert found[0].whole_bytes == 23
    assert set(found[0].nodes.values()) == {3, 20}
    assert found[0].companions[0].content


@pytest.mark.parametrize(
    ("original", "edit"),
    [
        ("IMG_1234.HEIC", "IMG_E1234.JPG"),
        ("PXL_20240102_030405678.jpg", "PXL_20240102_030405678~2.jpg"),
        ("DSC1.jpg", "DSC1-edited.jpg"),
        ("dsc1.JPG", "DSC1-EDITED.jpg"),
        ("photo(1).jpg", "photo-edited(1).jpg"),
    ],
)
def test_an_edit_belongs_to_its_original(original: str, edit: str) -> None:
    assert paths(join_units([shot(0, path=edit), shot(0, at_cosine(0.8), path=original)])) == [(original, edit)]


def test_a_trio_is_one_shot_and_what_the_camera_made_for_everyday_use_stands_for_it() -> None:
    trio = [shot(0, path="1.dng", form="DNG"), shot(0, path="1-edited.jpg"), shot(0, path="1.heic", form="HEIF")]
    assert paths(join_units(trio)) == [("1.heic", "1-edited.jpg", "1.dng")]


PIXEL = "PXL_20260501_083112250"


@pytest.mark.parametrize(
    ("stands", "others"),
    [
        (f"{PIXEL}.PORTRAIT-01.COVER.jpg", [f"{PIXEL}.PORTRAIT-02.ORIGINAL.jpg"]),
        (f"{PIXEL}.RAW-01.COVER.jpg", [f"{PIXEL}.RAW-02.ORIGINAL.dng"]),
        (f"{PIXEL}.MP.jpg", [f"{PIXEL}.dng"]),
        (
            f"{PIXEL}.LONG_EXPOSURE-01.COVER.jpg",
            [f"{PIXEL}.LONG_EXPOSURE-02.ORIGINAL.jpg", f"{PIXEL}.LONG_EXPOSURE-01.COVER~2.jpg"],
        ),
        (f"{PIXEL}.jpg", [f"{PIXEL}.NIGHT.jpg"]),
        ("00100lPORTRAIT_00100_BURST20190530194629123_COVER.jpg", ["00000PORTRAIT_00000_BURST20190530194629123.jpg"]),
        ("20130501_101112.jpg", ["20130501_101112_Richtone(HDR).jpg"]),
        ("IMG_1201.jpg", [unicodedata.normalize("NFD", "IMG_1201-modifié.jpg"), "IMG_1201.dng"]),
    ],
)
def test_what_a_phone_saves_of_one_press_is_one_shot(stands: str, others: list[str]) -> None:
    files = [
        shot(0, at_cosine(0.8, n + 1), path=path, form="DNG" if path.endswith("dng") else "JPEG")
        for n, path in enumerate([*others, stands])
    ]
    assert paths(join_units(files)) == [(stands, *others)]


@pytest.mark.parametrize(
    ("a", "b"),
    [
        (f"{PIXEL}.BURST-01.COVER.jpg", f"{PIXEL}.BURST-02.jpg"),
        ("20240501_101112_001.jpg", "20240501_101112_002.jpg"),
        ("20240501_101112.jpg", "20240501_101112(0).jpg"),
        (f"{PIXEL}.jpg", f"{PIXEL}.MP.jpg"),
        ("IMG_20240501_101112_HDR-01.jpg", "IMG_20240501_101112_HDR-02.jpg"),
        ("IMG_20240501_101112.jpg", "IMG_20240501_101112-PANO.jpg"),
        ("IMG_20~1.JPG", "IMG_20~2.JPG"),
        ("Anna-edited-1.jpg", "Anna-edited-2.jpg"),
        ("Photo_edit_170000001.jpg", "Photo_edit_170000099.jpg"),
    ],
)
def test_a_number_is_another_press_and_a_copy_no_half(a: str, b: str) -> None:
    assert len(join_units([shot(0, path=a), shot(0, path=b)])) == 2


def test_edits_are_of_one_press_only_where_what_they_were_made_from_lies_beside_them() -> None:
    edits = [shot(0, path="Anna 2024-edited-1.jpg"), shot(0.2, path="Anna 2024-edited-2.jpg")]
    assert len(join_units(edits)) == 2, "photos of a row, as a photographer calls them"
    assert paths(join_units([*edits, shot(0, path="Anna 2024.cr2", form="CR2")])) == [
        ("Anna 2024-edited-1.jpg", "Anna 2024-edited-2.jpg", "Anna 2024.cr2")
    ]
    assert len(join_units([*edits, shot(60, path="Anna 2024.jpg")])) == 3, "taken at another time"


def test_a_name_that_very_many_files_share_tells_nothing() -> None:
    many = [shot(0, path=f"360_edit_{100_000 + n}.jpg") for n in range(70)]
    assert len(join_units([*many, shot(0, path="360.jpg")])) == 71
    assert len(join_units([*many[:5], shot(0, path="360.jpg")])) == 1


def test_two_names_of_one_camera_are_one_where_all_else_agrees() -> None:
    raw, jpeg = shot(0, path="1.dng", form="DNG", model="SM-S918B"), shot(0, path="1.jpg", model="Galaxy S23 Ultra")
    together = [replace(raw, mtime_ns=10**18), replace(jpeg, mtime_ns=10**18 + 10**9)]
    assert len(join_units(together)) == 1
    assert len(join_units([replace(together[0], mtime_ns=10**18 + 10**11), together[1]])) == 2, (
        "written at another time"
    )
    assert len(join_units([together[0], replace(together[1], vector=at_cosine(0.8))])) == 2, "looks alone are not sure"
    assert (
        len(
            join_units(
                [replace(s, format="JPEG", path=p) for s, p in zip(together, ("1-edited.jpg", "1.jpg"), strict=True)]
            )
        )
        == 2
    )


def test_where_one_half_lacks_the_zone_the_wall_times_are_compared() -> None:
    raw, jpeg = shot(0, path="1.dng", form="DNG"), shot(0, path="1.jpg")
    abroad = replace(
        jpeg, taken=replace(jpeg.taken, taken_us=jpeg.taken.taken_us - 7 * 3600 * 10**6, offset_s=9 * 3600)
    )
    assert len(join_units([replace(raw, taken=replace(raw.taken, zone_known=False)), abroad])) == 1
    assert len(join_units([raw, abroad])) == 2


def test_a_sidecar_tells_the_instant_of_an_edit_and_the_camera_the_wall_time() -> None:
    original, edit = shot(0, path="1.jpg"), shot(9 * 3600, at_cosine(0.8), path="1-edited.jpg")
    there = replace(original, taken=replace(original.taken, zone_known=False))
    told = replace(edit, taken=replace(edit.taken, source=TimeSource.SIDECAR))
    assert len(join_units([there, told])) == 1
    assert len(join_units([there, edit])) == len(join_units([original, told])) == 2
    late = replace(told, taken=replace(told.taken, taken_us=told.taken.taken_us + 60_000_000))
    assert len(join_units([there, late])) == 2


def test_versions_are_known_wherever_they_lie() -> None:
    shots = dict(
        enumerate(
            [
                shot(0, path="a/IMG_1.jpg"),
                shot(5, path="b/IMG_1-edited.jpg"),
                shot(0, path="b/img_1.jpg"),
                shot(0, path="IMG_2.jpg"),
                shot(0, path="IMG_2-pakeista.jpg"),
                shot(9, path="IMG_2-beach.jpg"),
            ]
        )
    )
    found = unit_versions(shots)
    assert set(found) == {0, 1, 2, 3, 4}
    assert found[0] == found[2] != found[1]
    assert found[3][0] == found[4][0]


@pytest.mark.parametrize(
    ("a", "b"),
    [
        # another time, another look, another camera, another folder
        ({"path": "1.cr2", "form": "CR2"}, {"path": "1.jpg", "at_s": 30}),
        ({"path": "1.cr2", "form": "CR2"}, {"path": "1.jpg", "vector": unit(0, 1)}),
        ({"path": "1.cr2", "form": "CR2"}, {"path": "1.jpg", "model": "T-2"}),
        ({"path": "a/1.cr2", "form": "CR2"}, {"path": "b/1.jpg"}),
        # copies, not halves
        ({"path": "1.jpg"}, {"path": "1.heic", "form": "HEIF"}),
        ({"path": "1.jpg"}, {"path": "1 (1).jpg"}),
        # nothing but the name agrees
        ({"path": "1.cr2", "form": "CR2", "certainty": Certainty.LOW}, {"path": "1.jpg", "vector": at_cosine(0.7)}),
    ],
)
def test_a_name_alone_joins_nothing(a: dict[str, Any], b: dict[str, Any]) -> None:
    both = [shot(**{"at_s": 0, **values}) for values in (a, b)]
    assert len(join_units(both)) == 2


def test_where_times_are_guessed_looks_must_agree() -> None:
    low = Certainty.LOW
    assert (
        len(
            join_units(
                [
                    shot(0, path="1.cr2", form="CR2", certainty=low),
                    shot(999, at_cosine(0.95), path="1.jpg", certainty=low),
                ]
            )
        )
        == 1
    )


def test_a_half_that_comes_later_makes_its_shot_grow() -> None:
    jpeg, raw = shot(0, path="1.jpg", new=False), shot(0, path="1.dng", form="DNG")
    (found,) = join_units([jpeg, raw])
    assert (found.new, found.has_new_companions) == (False, True)
    (found,) = join_units([jpeg, replace(raw, new=False)])
    assert not found.has_new_companions


def test_a_shot_that_was_told_of_is_not_new_whichever_half_stands_for_it_now() -> None:
    raw, jpeg = shot(0, path="1.dng", form="DNG", new=False), shot(0, path="1.jpg")
    (found,) = join_units([raw, jpeg])
    assert (found.path, found.new, found.has_new_companions) == ("1.jpg", False, True)


def test_what_was_said_of_a_half_holds_for_the_shot_until_more_is_said() -> None:
    raw, jpeg = shot(0, path="1.dng", form="DNG"), shot(0, path="1.jpg")
    found = join_units([raw, jpeg])
    assert unit_verdicts(found, {raw.content: Verdict.REJECT}) == {
        raw.content: Verdict.REJECT,
        jpeg.content: Verdict.REJECT,
    }
    said = {raw.content: Verdict.REJECT, jpeg.content: Verdict.KEEP}
    assert unit_verdicts(found, said) is said
    assert inherited({(raw.content, False): "g", (b"x", False): "h"}, {raw.content: jpeg.content}) == {
        (jpeg.content, False): "g",
        (b"x", False): "h",
    }


names = st.builds(
    lambda folder, stem, edit, suffix: f"{folder}{stem}{edit}.{suffix}",
    st.sampled_from(["", "a/", "b/"]),
    st.sampled_from(["IMG_1", "IMG_2", "img_1"]),
    st.sampled_from(["", "-edited"]),
    st.sampled_from(["jpg", "JPG", "heic", "dng", "cr2"]),
)


@given(
    st.lists(
        st.tuples(names, st.integers(0, 3), st.sampled_from([1.0, 0.95, 0.6, 0.1])),
        max_size=12,
        unique_by=lambda item: item[0],
    )
)
def test_nothing_is_lost_nothing_doubled_and_the_order_stays(files: list[tuple[str, int, float]]) -> None:
    forms = {"jpg": "JPEG", "heic": "HEIF", "dng": "DNG", "cr2": "CR2"}
    shots = sorted(
        (
            shot(at_s, at_cosine(cosine), path=name, form=forms[name.rpartition(".")[2].lower()])
            for name, at_s, cosine in files
        ),
        key=lambda s: (s.taken.taken_us, s.path),
    )
    found = join_units(shots)
    assert sorted(path for unit_paths in paths(found) for path in unit_paths) == sorted(name for name, _, _ in files)
    assert [s.path for s in found] == [s.path for s in shots if s.path in {f.path for f in found}]
    assert sum(s.whole_bytes for s in found) == sum(s.size_bytes for s in shots)
    for s in found:
        assert len({c.path.rpartition("/")[0] for c in s.companions} | {s.path.rpartition("/")[0]}) == 1
