"""Series that are alike on purpose, and the bursts and retakes that must not pass for them."""

import itertools
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dejashot.grouping.group_kinds import refine_kind
from dejashot.grouping.groups import GroupLimits, group_shots
from dejashot.grouping.identity import identities
from dejashot.grouping.keepers.choose import suggest_keepers
from dejashot.grouping.series.brackets import BRACKET
from dejashot.grouping.series.exposure import exposure_ev
from dejashot.grouping.series.focus_stack import FOCUS_STACK
from dejashot.grouping.series.frame_shift import frame_shifts
from dejashot.grouping.series.panorama import SWEEP
from dejashot.grouping.series.screenshots import SCREENSHOTS, is_screenshot
from dejashot.grouping.series.timelapse import TIME_LAPSE
from dejashot.grouping.timeline import time_order
from dejashot.models.capture import Certainty
from dejashot.models.groups import Group, Kind
from dejashot.models.photo import Quality
from dejashot.models.shot import Shot
from shots import RULES, quality, shot, unit

BURST, SIMILAR, DUPLICATE = "burst", "similar", "duplicate"


def groups(shots: Sequence[Shot]) -> list[Group]:
    return group_shots(shots, RULES, GroupLimits(120.0, 3600.0, 2.0))


def names(shots: Sequence[Shot]) -> list[tuple[str, tuple[int, ...]]]:
    """Return what each group is, with its members."""
    return [(g.series or str(g.kind), g.members) for g in groups(shots)]


def name(shots: Sequence[Shot]) -> str:
    (found,) = names(shots)
    assert found[1] == tuple(range(len(shots)))
    return found[0]


# --- exposure brackets


def exposed(at_s: float, ev: float, level: int | None = None, **changes: Any) -> Shot:
    """Return a shot exposed that many stops above 1/100 s; its picture is as light as that makes it, or of a level."""
    lit = round(min(255.0, 100 * 2 ** (ev / 2.2))) if level is None else level
    return shot(
        at_s, exposure_s=2**ev / 100, iso=100, aperture=8.0, level=lit, path=f"{at_s:08.3f}_{ev}.jpg", **changes
    )


def exposed_in_turn(*evs: float, gap_s: float = 0.5, level: int | None = None) -> list[Shot]:
    return [exposed(gap_s * n, ev, level) for n, ev in enumerate(evs)]


@pytest.mark.parametrize(
    ("shots", "expected"),
    [
        (exposed_in_turn(0, -2, 2), BRACKET),
        (exposed_in_turn(-0.7, 0, 0.7), BRACKET),
        (exposed_in_turn(0, -1, 1, -2, 2), BRACKET),
        (
            [exposed(at_s, ev, 60 + at_s) for at_s, ev in ((0, 9), (13, 10), (37, 11))],
            BRACKET,
        ),  # 5, 10 and 20 seconds of exposure
        (
            [
                shot(0.5 * n, exposure_s=0.01, iso=i, level=60 + 30 * n, path=f"{i}.jpg")
                for n, i in enumerate((100, 200, 400))
            ],
            BRACKET,
        ),
        (
            [shot(0.5 * n, exposure_s=0.01, aperture=a, level=160 - 30 * n) for n, a in enumerate((4.0, 5.6, 8.0))],
            BRACKET,
        ),
        (exposed_in_turn(0, 0.33, 0.66, 1.0), BURST),  # metering drifts
        (exposed_in_turn(0, 1, 2, level=100), BURST),  # metering follows a scene that grows darker
        ([exposed(0.5 * n, ev, 100 - 20 * n) for n, ev in enumerate((0, 1, 2))], BURST),  # and does not quite reach it
        (exposed_in_turn(0, -2), BURST),  # one deliberate correction
        (exposed_in_turn(0, -0.7, 2), BURST),  # uneven: corrections by hand
        (exposed_in_turn(0, -2, 2, gap_s=20), SIMILAR),
        (
            [shot(0.5 * n, level=60 + 30 * n, path=f"{n}.jpg") for n in range(3)],
            BURST,
        ),  # nothing written about the exposure
    ],
)
def test_brackets_by_exposure(shots: list[Shot], expected: str) -> None:
    assert name(shots) == expected


def test_exposure_is_counted_from_time_aperture_and_sensitivity() -> None:
    assert exposure_ev(exposed(0, 0).camera) == pytest.approx(6 + np.log2(100))
    assert exposure_ev(shot(0, exposure_s=1 / 100, aperture=8.0, iso=400).camera) == pytest.approx(4 + np.log2(100))
    assert exposure_ev(shot(0, exposure_s=1 / 100).camera) == pytest.approx(np.log2(100))
    assert exposure_ev(shot(0, aperture=8.0, iso=400).camera) is None


def test_doubtful_times_and_two_cameras_make_no_bracket() -> None:
    evs = (0.0, -2.0, 2.0)
    assert name([exposed(0.5 * n, ev, certainty=Certainty.LOW) for n, ev in enumerate(evs)]) == SIMILAR
    assert name([exposed(0.5 * n, ev, model=f"T-{n}") for n, ev in enumerate(evs)]) == BURST


def test_doubtful_times_beside_trusted_ones_are_left_out() -> None:
    others = [shot(n / 2, unit(0, 1 + n), path=f"{n}.jpg") for n in range(4)]
    doubtful = [shot(2 + n, path=f"d{n}.jpg", certainty=Certainty.LOW) for n in range(2)]
    assert names([*others, *doubtful])[-1] == (SIMILAR, (4, 5))


def test_a_late_copy_does_not_turn_time_back() -> None:
    bracket = [exposed(n / 2, ev) for n, ev in enumerate((0, -2, 2))]
    late = exposed(40, 0, content=bracket[0].content)
    assert names([*bracket, late]) == [(BRACKET, (0, 1, 2)), (DUPLICATE, (0, 3))]


def test_takes_beside_a_bracket_are_a_group_of_their_own() -> None:
    assert names(
        [exposed(0, 0), exposed(6, 0.0, 100), *(exposed(30 + n / 2, ev) for n, ev in enumerate((0, -2, 2)))]
    ) == [
        (SIMILAR, (0, 1)),
        (BRACKET, (2, 3, 4)),
    ]
    assert names([exposed(0, 0), *(exposed(30 + n / 2, ev) for n, ev in enumerate((0, -2, 2)))]) == [
        (BRACKET, (1, 2, 3))
    ]


def test_shots_of_a_bracket_are_kept_although_one_of_it_looks_different() -> None:
    shots = [exposed(0, 0), exposed(0.5, -4), exposed(1, 4)]
    shots[1].vector = unit(0, 1)
    assert names(shots) == [(BRACKET, (0, 2))]


def test_two_brackets_of_one_scene_are_two() -> None:
    found = groups(exposed_in_turn(0, -2, 2, 0, -1, 1))
    assert [(g.series, g.members) for g in found] == [(BRACKET, (0, 1, 2)), (BRACKET, (3, 4, 5))]
    assert [g.because for g in found] == ["3 exposures about 2.0 EV apart", "3 exposures about 1.0 EV apart"]


def test_files_of_a_bracket_stored_twice_are_duplicates_beside_it() -> None:
    shots = exposed_in_turn(0, -2, 2)
    twice = sorted(
        [*shots, *(replace(s, path=f"copy/{s.path}", node=(2, n)) for n, s in enumerate(shots))], key=time_order
    )
    found = groups(twice)
    (bracket,) = [g for g in found if g.series]
    copies = [g for g in found if g.kind is Kind.DUPLICATE]
    assert (len(found), bracket.series, bracket.because) == (4, BRACKET, "3 exposures about 2.0 EV apart")
    assert [twice[m] for m in bracket.members] == shots
    kept = [suggest_keepers(twice, g, {}) for g in copies]
    assert [k for c in kept for k in c.keepers] == list(bracket.members)
    assert sum(c.reclaimable_bytes for c in kept) == 3 * shots[0].size_bytes
    assert len(set(identities(twice, found, {}))) == len(found)


@pytest.mark.parametrize("folder", ["small", "Archive"])
@pytest.mark.parametrize("gap_s", [0.3, 0.5, 1.0])
def test_reduced_exports_do_not_break_a_bracket(gap_s: float, folder: str) -> None:
    shots = exposed_in_turn(0, -2, 2, gap_s=gap_s)
    exports = [
        replace(
            s,
            path=f"{folder}/{s.path}",
            node=(2, n),
            content=bytes([n + 1]) * 32,
            width=2000,
            height=1500,
            size_bytes=1_000_000,
        )
        for n, s in enumerate(shots)
    ]
    both = sorted([*shots, *exports], key=time_order)
    found = groups(both)
    assert sorted(g.series or str(g.kind) for g in found) == [DUPLICATE] * 3 + [BRACKET]
    (bracket,) = [g for g in found if g.series]
    assert [both[m] for m in bracket.members] == shots
    assert {k for g in found for k in suggest_keepers(both, g, {}).keepers} == set(bracket.members)


def test_exports_that_cannot_be_told_from_takes_stay_with_a_bracket() -> None:
    shots = exposed_in_turn(0, -2, 2, gap_s=1.0)
    exports = [replace(s, path=f"{s.path}.jpg", node=(2, n), content=bytes([n + 1]) * 32) for n, s in enumerate(shots)]
    (found,) = groups(sorted([*shots, *exports], key=time_order))
    assert (found.series, len(found.members)) == (BRACKET, 6)
    assert found.because == "3 exposures about 2.0 EV apart, some of them more than once"


@given(st.permutations(range(-2, 3)), st.integers(3, 5), st.sampled_from((2 / 3, 1.0, 1.5)), st.floats(0.1, 3.5))
def test_even_steps_in_any_order_are_a_bracket(order: list[int], count: int, step_ev: float, gap_s: float) -> None:
    steps = [n for n in order if n < count - 2]
    assert name([exposed(gap_s * n, step_ev * k) for n, k in enumerate(steps)]) == BRACKET


@given(st.lists(st.floats(-0.28, 0.28), min_size=2, max_size=12), st.floats(0.05, 1.9))
def test_drifting_exposure_is_never_a_bracket(drifts: list[float], gap_s: float) -> None:
    assert name([exposed(gap_s * n, float(ev)) for n, ev in enumerate(np.cumsum(drifts))]) in (BURST, TIME_LAPSE)


# --- panorama sweeps


def frames(seed: int, places: Sequence[tuple[float, float]]) -> list[Any]:
    """Return the signatures of frames cut from one wide scene at places in cells (right, down)."""
    rng = np.random.default_rng(seed)
    coarse = rng.uniform(0, 255, (40, 40))
    wide = np.repeat(np.repeat(coarse, 24, 0), 24, 1)
    for _ in range(2):  # soft edges, as lenses and box filters make them
        wide = (wide + np.roll(wide, 6, 0) + np.roll(wide, 6, 1) + np.roll(wide, (6, 6), (0, 1))) / 4
    made = []
    for right, down in places:
        x, y = 320 + round(8 * right), 320 + round(8 * down)
        cut = wide[y : y + 128, x : x + 128].reshape(16, 8, 16, 8).mean((1, 3))
        made.append(np.clip(cut + rng.normal(0, 1, (16, 16)), 0, 255).astype(np.uint8))
    return made


def swept(seed: int, places: Sequence[tuple[float, float]], gap_s: float = 2.0, **changes: Any) -> list[Shot]:
    return [shot(gap_s * n, signature=s, path=f"{n}.jpg", **changes) for n, s in enumerate(frames(seed, places))]


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000), st.floats(-8, 8), st.floats(-8, 8))
def test_the_shift_between_two_frames_is_found(seed: int, right: float, down: float) -> None:
    a, b = frames(seed, [(0, 0), (right, down)])
    (shift,) = frame_shifts(a[None], b[None])
    assert (shift.right, shift.down) == (pytest.approx(right, abs=0.75), pytest.approx(down, abs=0.75))
    assert shift.correlation > 0.8
    assert shift.correlation >= shift.unmoved - 1e-9


def test_a_frame_that_shows_nothing_has_no_shift_to_find() -> None:
    flat = np.full((16, 16), 90, dtype=np.uint8)
    (shift,) = frame_shifts(flat[None], flat[None])
    assert (shift.correlation, shift.unmoved) == (pytest.approx(0), pytest.approx(0))


@settings(max_examples=40, deadline=None)
@given(
    st.integers(0, 10_000), st.floats(3.3, 8), st.sampled_from([(1, 0), (-1, 0), (0, 1), (0, -1)]), st.integers(3, 6)
)
def test_frames_that_move_on_in_one_direction_are_a_sweep(
    seed: int, step: float, way: tuple[int, int], count: int
) -> None:
    assert name(swept(seed, [(n * step * way[0], n * step * way[1]) for n in range(count)])) == SWEEP


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.lists(st.tuples(st.floats(-0.9, 0.9), st.floats(-0.9, 0.9)), min_size=2, max_size=8))
def test_retakes_that_wander_are_no_sweep(seed: int, places: list[tuple[float, float]]) -> None:
    assert name(swept(seed, places)) in (BURST, DUPLICATE)


@pytest.mark.parametrize(
    ("places", "gap_s", "changes", "expected"),
    [
        ([0, 4, 8], 2.0, {}, SWEEP),
        ([0, 4, 8], 9.0, {}, SWEEP),
        ([0, 4], 2.0, {}, BURST),  # reframed once
        ([0, 4, 0, 4], 2.0, {}, BURST),  # back and forth
        ([0, 1.5, 3], 2.0, {}, BURST),  # a tired arm
        ([0, 4, 8], 0.1, {}, BURST),  # a burst that follows a subject
        ([0, 4, 8], 0.6, {"burst_id": "u"}, BURST),
        ([0, 4, 8], 30.0, {}, SIMILAR),
        ([0, 2.2, 9.5], 2.0, {}, BURST),  # one step, then another framing
        ([0, 4, 8], 2.0, {"certainty": Certainty.LOW}, SIMILAR),
    ],
)
def test_sweeps(places: list[float], gap_s: float, changes: dict[str, Any], expected: str) -> None:
    assert name(swept(7, [(p, 0) for p in places], gap_s, **changes)) == expected


def test_a_sweep_says_where_it_goes() -> None:
    (found,) = groups(swept(3, [(0, 0), (-4, 0), (-8, 0)]))
    assert found.because == "3 frames in a row, each further to the left by about 25 %"


def test_frames_of_a_sweep_are_kept_although_the_whole_is_no_group() -> None:
    shots = swept(5, [(5 * n, 0) for n in range(5)])
    for n, far in enumerate(shots):
        far.vector = unit(1) if n < 2 else unit(*[0] * n, 1)
    assert names(shots) == [(SWEEP, (0, 1))]


# --- time-lapse


def timed(times_s: Sequence[float]) -> list[Shot]:
    return [shot(t, path=f"{n:03d}.jpg") for n, t in enumerate(times_s)]


def hand_pressed(period_s: float, count: int, seed: int = 1) -> list[float]:
    return np.cumsum(period_s * np.random.default_rng(seed).normal(1, 0.25, count)).tolist()


@pytest.mark.parametrize(
    ("times_s", "expected"),
    [
        ([5.0 * n for n in range(12)], TIME_LAPSE),
        ([1.003 * n + 0.25 for n in range(12)], TIME_LAPSE),
        ([float(int(7.4 * n)) for n in range(15)], TIME_LAPSE),  # whole seconds: gaps of 7 and 8
        ([float(int(2.5 * n)) for n in range(24)], TIME_LAPSE),
        ([float(int(2.5 * n)) for n in range(12)], SIMILAR),  # too few to tell from a hand
        ([float(n) for n in range(12)], BURST),  # one a second in whole seconds: a hand can do that
        ([0.05 * n for n in range(30)], BURST),
        ([float(int(0.1 * n)) for n in range(30)], BURST),
        (hand_pressed(1.0, 14), BURST),
        ([float(int(t)) for t in hand_pressed(1.0, 24)], BURST),
        ([float(int(t)) for t in hand_pressed(3.0, 24)], SIMILAR),
        (hand_pressed(6.0, 14), SIMILAR),
    ],
)
def test_time_lapse(times_s: list[float], expected: str) -> None:
    assert name(timed(times_s)) == expected


def test_the_tail_of_a_time_lapse_belongs_to_it() -> None:
    shots = timed([30.0 * n for n in range(25)])
    found = group_shots(shots, RULES, GroupLimits(60.0, 600.0, 2.0))
    assert [len(g.members) for g in found] == [21, 4]
    assert {g.series for g in found} == {TIME_LAPSE}


@given(st.integers(0, 1000), st.sampled_from((1.0, 2.0, 3.0, 5.0)), st.booleans())
def test_what_a_hand_pressed_is_no_time_lapse(seed: int, period_s: float, whole: bool) -> None:
    times_s = np.maximum.accumulate(hand_pressed(period_s, 10, seed))
    times_s[5] += 0.6 * period_s  # someone looked at the picture
    times_s = np.maximum.accumulate(np.floor(times_s) if whole else times_s)
    assert name(timed(times_s.tolist())) in (BURST, SIMILAR)


# --- focus stacks


def tiles_in_focus(planes: Sequence[float], blur: float = 0.0, noise: float = 0.0, seed: int = 0) -> list[Quality]:
    """Return closer looks at a scene that lies from near (row 0) to far (row 3), focused at planes in rows."""
    rng = np.random.default_rng(seed)
    depth, texture = np.repeat(np.arange(4.0), 4), rng.uniform(0.6, 1.4, 16)
    made = []
    for plane in planes:
        sharp = texture * (0.3 + np.exp(-((depth - plane) ** 2) / 2)) * np.exp(-blur + rng.normal(0, noise, 16))
        made.append(quality(float(sharp.mean()), tiles=tuple(sharp.tolist())))
    return made


def looked_at(shots: Sequence[Shot], looks: Sequence[Quality]) -> Group:
    (found,) = groups(shots)
    (seen,) = refine_kind(shots, found, {s.content: q for s, q in zip(shots, looks, strict=True)})
    return seen


def tripod(count: int, gap_s: float = 1.0, **changes: Any) -> list[Shot]:
    return [shot(gap_s * n, path=f"{n}.jpg", **changes) for n in range(count)]


@pytest.mark.parametrize(
    ("planes", "expected"),
    [
        ((0, 1.5, 3), FOCUS_STACK),
        ((3, 2, 1, 0), FOCUS_STACK),
        (tuple(np.linspace(0, 3, 9)), FOCUS_STACK),
        ((0, 3), ""),  # two can't be told from a second try
        ((1, 1, 1), ""),
        ((0, 0, 3), ""),  # the autofocus tried again
        ((0, 3, 0), ""),
        ((0, 3, 0, 3), ""),
        ((0, 1.5, 3, 0.5), ""),
    ],
)
def test_focus_stacks(planes: tuple[float, ...], expected: str) -> None:
    assert looked_at(tripod(len(planes)), tiles_in_focus(planes, noise=0.02)).series == expected


@pytest.mark.parametrize(
    ("shots", "expected"),
    [
        (tripod(3, exposure_s=0.01), FOCUS_STACK),
        (tripod(3, gap_s=5), FOCUS_STACK),
        (tripod(3, gap_s=30), ""),
        (tripod(3, certainty=Certainty.LOW), ""),
        ([shot(n, path=f"{n}.jpg", exposure_s=0.01 * 1.3**n) for n in range(3)], ""),
        ([shot(n, path=f"{n}.jpg", exposure_s=0.01 if n else None) for n in range(3)], ""),
        ([shot(n, path=f"{n}.jpg", model=f"T-{n}") for n in range(3)], ""),
        ([shot(n, path=f"{n}.jpg", level=100 + 10 * n) for n in range(3)], ""),  # held by hand
    ],
)
def test_a_focus_stack_keeps_frame_exposure_and_pace(shots: list[Shot], expected: str) -> None:
    assert looked_at(shots, tiles_in_focus((0, 1.5, 3))).series == expected


def test_a_shot_that_is_blurred_all_over_makes_no_stack() -> None:
    (sharp,) = tiles_in_focus((1.5,))
    (soft,) = tiles_in_focus((1.5,), blur=0.4)
    (softer,) = tiles_in_focus((1.5,), blur=0.9)
    for looks in itertools.permutations((sharp, soft, softer)):
        assert looked_at(tripod(3), looks).kind is Kind.BURST


def test_without_tiles_nothing_is_said_about_focus() -> None:
    assert looked_at(tripod(3), [quality(1.0)] * 3).kind is Kind.BURST
    (found,) = groups(tripod(3))
    assert refine_kind(tripod(3), found, {}) == [found]


@given(st.integers(3, 8), st.integers(0, 10_000), st.floats(0, 0.05))
def test_noise_makes_no_focus_stack(count: int, seed: int, noise: float) -> None:
    assert looked_at(tripod(count), tiles_in_focus([1.5] * count, noise=noise, seed=seed)).kind is Kind.BURST


def test_a_focus_stack_is_kept_whole() -> None:
    shots = tripod(4)
    looks = {s.content: q for s, q in zip(shots, tiles_in_focus((0, 1, 2, 3)), strict=True)}
    (found,) = groups(shots)
    assert suggest_keepers(shots, found, looks).reclaimable_bytes > 0
    (stack,) = refine_kind(shots, found, looks)
    assert (stack.kind, stack.members, stack.pairs) == (Kind.SERIES, found.members, found.pairs)
    assert suggest_keepers(shots, stack, looks).reclaimable_bytes == 0


# --- screenshots


@pytest.mark.parametrize(
    ("path", "form", "size", "model", "expected"),
    [
        ("Pictures/Screenshots/Screenshot_20260701-120000_Chrome.jpg", "JPEG", (1080, 2400), "", True),
        ("Screen Shot 2026-07-01 at 12.00.00.png", "PNG", (2880, 1800), "", True),
        ("Bildschirmfoto vom 2026-07-01 12-00-00.png", "PNG", (1920, 1080), "", True),
        ("Captura de pantalla 2026-07-01.png", "PNG", (1920, 1080), "", True),
        ("Capture d\u2019\u00e9cran 2026-07-01.png", "PNG", (1920, 1080), "", True),
        ("Capture d'e\u0301cran.png", "PNG", (1920, 1080), "", True),  # as macOS writes accents
        ("Schermata 2026-07-01.png", "PNG", (1920, 1080), "", True),
        ("IMG_0042.PNG", "PNG", (1170, 2532), "", True),
        ("IMG_0042.webp", "WEBP", (1080, 2400), "", True),
        ("IMG_0042.PNG", "PNG", (4032, 3024), "", False),  # a photo, exported
        ("IMG_0042.PNG", "PNG", (1170, 2532), "T-1", False),
        ("IMG_0042.jpg", "JPEG", (1170, 2532), "", True),  # no camera, and the size of a phone's screen
        ("IMG_0042.jpg", "JPEG", (1170, 2532), "T-1", False),
        ("Screenshots/IMG_0042.jpg", "JPEG", (4032, 3024), "T-1", False),
        ("capture_0042.jpg", "JPEG", (4032, 3024), "T-1", False),
    ],
)
def test_screenshots_by_name_and_form(path: str, form: str, size: tuple[int, int], model: str, expected: bool) -> None:
    assert is_screenshot(shot(0, path=path, form=form, size=size, model=model)) is expected


def page(n: int, level: int, **changes: Any) -> Shot:
    form = {"form": "PNG", "size": (1170, 2532), "model": ""} | changes
    return shot(4 * n, path=f"Screenshot_{n}.png", level=level, **form)


def test_screenshots_of_one_kind_are_a_series_unless_they_are_one_picture() -> None:
    assert name([page(0, 200), page(1, 210), page(2, 190)]) == SCREENSHOTS
    assert name([page(0, 200), page(1, 201)]) == DUPLICATE
    assert name([page(0, 200, content=b"x" * 32), page(1, 200, content=b"x" * 32)]) == DUPLICATE
    assert name([page(0, 200), shot(4, path="IMG_1.jpg")]) == SIMILAR


def test_a_screenshot_stored_twice_is_a_duplicate_beside_the_others() -> None:
    pages = [page(0, 200, content=b"x" * 32), page(1, 210), page(2, 200, content=b"x" * 32)]
    assert names(pages) == [(SCREENSHOTS, (0, 1)), (DUPLICATE, (0, 2))]


def test_a_sweep_and_a_time_lapse_with_exports_stay_what_they_are() -> None:
    for shots, series in (
        (swept(7, [(4 * n, 0) for n in range(4)]), SWEEP),
        (timed([5.0 * n for n in range(12)]), TIME_LAPSE),
    ):
        exports = [
            replace(s, path=f"a/{s.path}", content=bytes([n + 1]) * 32, width=2000, height=1500)
            for n, s in enumerate(shots)
        ]
        found = groups(sorted([*shots, *exports], key=time_order))
        assert [g.kind for g in found if not g.series] == [Kind.DUPLICATE] * len(shots)
        assert [(g.series, len(g.members)) for g in found if g.series] == [(series, len(shots))]


# --- every series


@settings(deadline=None)
@given(
    st.lists(
        st.tuples(st.floats(0, 3), st.sampled_from((-2.0, -1.0, 0.0, 1.0)), st.integers(0, 1)), min_size=2, max_size=14
    )
)
def test_no_shot_is_in_two_groups_and_series_are_kept_whole(items: list[tuple[float, float, int]]) -> None:
    at_s = np.cumsum([gap_s for gap_s, _, _ in items])
    shots = [
        exposed(float(t) + n / 1000, ev, vector=unit(1) if look else unit(0, 1))
        for n, (t, (_, ev, look)) in enumerate(zip(at_s, items, strict=True))
    ]
    found = groups(shots)
    members = [m for g in found for m in g.members]
    assert len(members) == len(set(members))
    for g in found:
        assert {(p.a, p.b) for p in g.pairs} == set(itertools.combinations(g.members, 2))
        assert bool(g.series) == bool(g.because) == (g.kind is Kind.SERIES)
        if g.kind is Kind.SERIES:
            assert suggest_keepers(shots, g, {}).keepers == g.members
