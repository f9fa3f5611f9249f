"""Clocks set right, zones kept apart, and times that say less than they seem to."""

from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dejashot.grouping.capture_clocks import Clocks, correct_clock, resolve_times, with_clocks
from dejashot.grouping.groups import GroupLimits, group_shots
from dejashot.grouping.similarity import adjacent_pairs
from dejashot.grouping.timeline import time_order
from dejashot.models.capture import Camera, CaptureTime, Certainty, TimeSource, microseconds
from dejashot.models.shot import Shot
from shots import RULES, at_cosine, shot, unit

BERLIN = ZoneInfo("Europe/Berlin")
CLOCKS = Clocks(BERLIN, 60)


def taken(wall: str, offset_h: float | None = None, source: TimeSource = TimeSource.EXIF) -> CaptureTime:
    """Return a wall time with its offset, or as it is read in Berlin."""
    at = datetime.fromisoformat(wall).replace(tzinfo=BERLIN)
    offset = timedelta(hours=offset_h) if offset_h is not None else at.utcoffset() or timedelta()
    known = offset_h is not None
    taken_us = microseconds(datetime.fromisoformat(wall + "+00:00") - offset)
    return CaptureTime(
        taken_us, int(offset.total_seconds()), source, Certainty.HIGH if known else Certainty.MEDIUM, known
    )


def at(when: CaptureTime, model: str = "T-1", vector: object = None, path: str = "") -> Shot:
    return replace(shot(0, vector, path=path or f"{model}_{when.iso}_{when.taken_us}.jpg", model=model), taken=when)


def gaps(shots: list[Shot]) -> list[float]:
    ordered = sorted(shots, key=time_order)
    return [p.gap_s for p in adjacent_pairs(RULES, ordered, 60)]


@pytest.mark.parametrize(
    ("camera", "seconds"),
    [
        ("Canon EOS 80D", 3600),
        ("canon eos 80d", 3600),
        ("Canon EOS R5", -60),
        ("Google Pixel 8", 5),
        ("Nikon", 0),
        ("", 0),
        ("[x]", 7),
    ],
)
def test_a_camera_is_found_by_its_name_before_any_pattern(camera: str, seconds: float) -> None:
    offsets = {"Canon*": -60.0, "Canon EOS 80D": 3600.0, "*Pixel ?": 5.0, "[x]": 7.0, "canon*r5": 9.0}
    assert Clocks(BERLIN, 60, offsets).offset_s(camera) == seconds


def test_an_offset_moves_what_the_cameras_clock_said_and_nothing_else() -> None:
    clocks = Clocks(BERLIN, 60, {"Testcam T-1": 3600.0})
    written = (TimeSource.EXIF, TimeSource.XMP, TimeSource.IPTC, TimeSource.TEXT, TimeSource.NAME)
    for source, moved in (
        *((source, 3600) for source in written),
        (TimeSource.GPS, 0),
        (TimeSource.SIDECAR, 0),
        (TimeSource.MTIME, 0),
    ):
        before = at(taken("2026-07-01T12:00:00", 2, source))
        (after,) = correct_clock([before], clocks)
        assert (after.taken.taken_us - before.taken.taken_us, after.clock_offset_s) == (moved * 1_000_000, moved)
        assert (after.key, before.taken.source) == (before.key, source)
    (other,) = correct_clock([at(taken("2026-07-01T12:00:00", 2), "T-2")], clocks)
    assert other.clock_offset_s == 0


def test_a_clock_years_off_is_read_in_the_summer_it_belongs_to() -> None:
    clocks = Clocks(BERLIN, 60, {"*": 181 * 86400.0})
    (found,) = correct_clock([at(taken("2026-01-01T12:00:00"))], clocks)
    assert found.taken.iso == "2026-07-01T12:00:00.000+02:00"
    (known,) = correct_clock([at(taken("2026-01-01T12:00:00", 1))], clocks)
    assert known.taken.iso == "2026-07-01T12:00:00.000+01:00"


@pytest.mark.parametrize(
    "walls",
    [
        ("2026-03-29T01:59:55", "2026-03-29T02:00:05"),  # the hour that is none at home
        ("2026-03-29T02:59:55", "2026-03-29T03:00:05"),
        ("2026-10-25T02:59:55", "2026-10-25T03:00:05"),
        ("2026-10-25T01:59:55", "2026-10-25T02:00:05"),
    ],
)
def test_no_end_of_summer_time_falls_between_two_photos_of_a_camera_without_zones(walls: tuple[str, str]) -> None:
    shots = correct_clock([at(taken(wall)) for wall in walls], CLOCKS)
    assert gaps(shots) == [10.0]
    assert [s.taken.iso[:19] for s in sorted(shots, key=time_order)] == list(walls)


def test_a_phone_that_changes_to_summer_time_by_itself_keeps_its_gaps_too() -> None:
    assert gaps(correct_clock([at(taken("2026-03-29T01:59:50")), at(taken("2026-03-29T03:00:05"))], CLOCKS)) == [15.0]


def test_a_journey_keeps_what_knows_its_zone_apart_from_what_does_not() -> None:
    phone = [at(taken(f"2026-07-01T10:00:{s:02d}", 9), "Phone") for s in (0, 10)]
    camera = [at(taken(f"2026-07-01T10:00:{s:02d}"), "Camera") for s in (2, 12)]
    shots = sorted(correct_clock([*phone, *camera], CLOCKS), key=time_order)
    assert [s.camera.model for s in shots] == ["Phone", "Phone", "Camera", "Camera"]
    assert gaps(shots) == [10.0, 10.0]


def test_a_copy_that_lost_its_zone_lies_where_its_original_does() -> None:
    original = at(taken("2026-07-01T10:00:00.250", 9), path="IMG_1.HEIC")
    stripped = at(taken("2026-07-01T10:00:00.250"), path="IMG_1 copy.jpg")
    elsewhere = at(
        replace(taken("2026-07-01T10:00:00.250", 2), zone_known=False), path="IMG_1-edited.jpg"
    )  # OffsetTime of the edit
    found = correct_clock([stripped, original, elsewhere], CLOCKS)
    assert {s.taken.iso for s in found} == {"2026-07-01T10:00:00.250+09:00"}
    assert [s.taken.zone_known for s in found] == [False, True, False]
    nameless = [replace(s, camera=Camera()) for s in (stripped, original)]
    assert [s.taken for s in correct_clock(nameless, CLOCKS)] == [stripped.taken, original.taken]


def test_gaps_between_a_known_and_a_guessed_zone_are_no_evidence() -> None:
    vectors = at_cosine(1.0), at_cosine(0.5)
    known, also = (
        at(taken("2026-07-01T10:00:00", 2), vector=vectors[0]),
        at(taken("2026-07-01T10:00:00.200", 2), vector=vectors[1]),
    )
    guessed = replace(also, taken=taken("2026-07-01T10:00:00.200"))
    assert adjacent_pairs(RULES, [known, also], 60)[0].same_shot
    assert not adjacent_pairs(RULES, [known, guessed], 60)[0].same_shot


WALLS = st.lists(
    st.tuples(
        st.integers(0, 6 * 3600), st.sampled_from(["A", "B", ""]), st.booleans(), st.sampled_from([-9, 0, 1, 2, 9])
    ),
    min_size=1,
    max_size=30,
)


@given(WALLS, st.sampled_from(["2026-03-29T00:00:00", "2026-10-25T00:00:00", "2026-07-01T08:00:00"]))
def test_recorded_instants_stay_and_walls_stay_walls(found: list[tuple[int, str, bool, int]], start: str) -> None:
    shots = [
        at(taken((datetime.fromisoformat(start) + timedelta(seconds=s)).isoformat(), h if known else None), camera)
        for s, camera, known, h in found
    ]
    after = correct_clock(shots, CLOCKS)
    for before, now in zip(shots, after, strict=True):
        assert now.taken.wall_us == before.taken.wall_us
        assert now.taken.zone_known == before.taken.zone_known
        assert not before.taken.zone_known or now.taken.taken_us == before.taken.taken_us
    for a in after:
        for b in after:
            near = abs(a.taken.wall_us - b.taken.wall_us) <= 60_000_000
            if a.camera == b.camera and not a.taken.zone_known and not b.taken.zone_known and near:
                assert a.taken.offset_s == b.taken.offset_s
    again = resolve_times(with_clocks(shots), CLOCKS)
    assert again.taken_us.tolist() == [s.taken.taken_us for s in after]


@pytest.mark.parametrize("source", [TimeSource.MTIME, TimeSource.GPS])
def test_an_instant_without_a_wall_clock_is_shown_in_the_home_zone_of_today(source: TimeSource) -> None:
    (winter, summer) = correct_clock(
        [at(taken("2026-01-10T12:00", 0, source)), at(taken("2026-07-10T12:00", 0, source))], CLOCKS
    )
    assert [s.taken.iso[:16] + s.taken.iso[-6:] for s in (winter, summer)] == [
        "2026-01-10T13:00+01:00",
        "2026-07-10T14:00+02:00",
    ]
    (written,) = correct_clock([at(taken("2026-07-10T12:00", 0))], CLOCKS)
    assert written.taken.iso[-6:] == "+00:00"


def test_nothing_is_settled_of_nothing() -> None:
    assert correct_clock([], Clocks(BERLIN, 60, {"*": 1.0})) == []


def test_times_without_seconds_order_photos_and_say_nothing_more() -> None:
    by_minute = [at(taken(f"2026-07-01T10:{m:02d}:00", 2), path=f"{m}_{n}.jpg") for m in (0, 1, 2) for n in range(2)]
    assert {s.taken.certainty for s in correct_clock(by_minute, CLOCKS)} == {Certainty.LOW}
    burst = [at(taken("2026-07-01T10:00:00", 2), path=f"{n}.jpg") for n in range(14)]
    assert {s.taken.certainty for s in correct_clock(burst, CLOCKS)} == {Certainty.HIGH}
    late = correct_clock([at(taken(f"2026-07-01T10:{m:02d}:07", 2)) for m in range(6)], Clocks(BERLIN, 60, {"*": -7.0}))
    assert {s.taken.certainty for s in late} == {Certainty.HIGH}  # what was written had seconds
    dated = [at(taken("2026-07-01T12:30:10", 2), path=f"scan {n}.jpg") for n in range(130)]
    assert {s.taken.certainty for s in correct_clock(dated, CLOCKS)} == {Certainty.LOW}


def test_a_burst_in_one_whole_second_is_compared_in_the_order_of_its_names() -> None:
    # the files come in the reverse order, and IMG_9 before IMG_10
    second = taken("2026-07-01T10:00:07", 2)
    shots = [at(second, path=f"IMG_{n}.jpg", vector=unit(1, 0.05 * n)) for n in range(14, 0, -1)]
    ordered = sorted(correct_clock(shots, CLOCKS), key=time_order)
    assert [s.path for s in ordered] == [f"IMG_{n}.jpg" for n in range(1, 15)]
    assert len(adjacent_pairs(RULES, ordered, 60)) == 13
    (one,) = group_shots(ordered, RULES, GroupLimits(60, 600, 2))
    assert one.members == tuple(range(14))


@pytest.mark.parametrize(("least", "size"), [(Certainty.LOW, 4), (Certainty.MEDIUM, 3), (Certainty.HIGH, 2)])
def test_shots_of_a_less_certain_time_join_no_group(least: Certainty, size: int) -> None:
    certainties = (Certainty.HIGH, Certainty.MEDIUM, Certainty.HIGH, Certainty.LOW)
    shots = [shot(3 * n, certainty=certainty) for n, certainty in enumerate(certainties)]
    (found,) = group_shots(shots, RULES, GroupLimits(60, 600, 2, least))
    assert len(found.members) == size
    assert all(shots[m].taken.certainty.reaches(least) for m in found.members)
    assert len(adjacent_pairs(RULES, shots, 60)) == 3


def test_copies_are_copies_however_little_is_known_of_their_time() -> None:
    shots = [shot(n, certainty=Certainty.LOW, content=b"x" * 32, path=f"{n}.jpg") for n in range(2)]
    shots.append(shot(3, certainty=Certainty.HIGH))
    (found,) = group_shots(shots, RULES, GroupLimits(60, 600, 2, Certainty.HIGH))
    assert (found.members, found.kind) == ((0, 1), "duplicate")
