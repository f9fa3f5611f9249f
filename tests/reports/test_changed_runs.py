"""A report on what is new holds the runs that reading the whole library would give, and reads only these."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from dejashot.config.settings import Settings
from dejashot.grouping.capture_clocks import resolve_times
from dejashot.grouping.timeline import in_runs_with_new
from dejashot.library.library import Library
from dejashot.models.capture import Camera, CaptureTime, Certainty, TimeSource
from dejashot.models.files import FileRef
from dejashot.reading.options import worker_options
from dejashot.reading.pool import ReaderPool
from dejashot.reports.changed_runs import files_in_changed_runs, files_near_arrivals
from dejashot.reports.context import ReportContext, ReportRequest
from dejashot.reports.parameters import clocks_of
from shots import reading

END_OF_SUMMER_US = 1_729_994_400_000_000  # 02:00 on the wall in Berlin, where it comes twice
HOUR_S = 3600
READINGS = [replace(reading(n), vector=None) for n in range(24)]


class UndoneError(Exception):
    """Ends an example: nothing of it is kept."""


class Photo(NamedTuple):
    """A photo of a made library: what its time and its file are like."""

    wall_s: int
    offset_s: int
    zone_known: bool
    model: str = "T-1"
    source: TimeSource = TimeSource.EXIF
    folder: int = 1
    state: str = "present"


def row(first: int, end: int, offset_s: int, *, zone_known: bool = False) -> list[Photo]:
    """Return photos of one camera, 45 seconds apart."""
    return [Photo(n * 45, offset_s, zone_known) for n in range(first, end)]


PHOTOS = st.lists(
    st.builds(
        Photo,
        st.builds(lambda hour, step: hour * HOUR_S + step * 45, st.sampled_from((0, 0, 1, 2, -9)), st.integers(0, 12)),
        st.sampled_from((HOUR_S, 2 * HOUR_S, 0, -9 * HOUR_S)),
        st.booleans(),
        st.sampled_from(("T-1", "T-1", "T-2", "")),
        st.sampled_from((TimeSource.EXIF, TimeSource.EXIF, TimeSource.NAME, TimeSource.GPS, TimeSource.MTIME)),
        st.sampled_from((1, 1, 1, 2)),
        st.sampled_from(("present", "present", "present", "amended", "missing")),
    ),
    min_size=8,
    max_size=len(READINGS),
)
CLOCK_OFFSETS = st.dictionaries(
    st.sampled_from(("Testcam T-1", "*t-2", "*")), st.sampled_from(("-45s", "90s", "1h", "-9h", "365d")), max_size=2
)


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    """Give the tests an empty library with two folders and a model."""
    opened = Library.open(tmp_path_factory.mktemp("library"))
    opened.folders.add(Path("/photos"), 1)
    opened.folders.add(Path("/phone"), 1)
    opened.vectors.add_model("f" * 16, "{}")
    yield opened
    opened.close()


def settings_of(interval_s: float, clock_offset: dict[str, str]) -> Settings:
    """Return settings with an interval and clocks to correct, at home in Berlin."""
    capture = {"home_timezone": "Europe/Berlin", "clock_offset": clock_offset}
    return Settings.model_validate({"sifting": {"interval_s": interval_s}, "capture": capture})


def fill(library: Library, photos: Sequence[Photo]) -> None:
    """Put photos into a library, one arrival each."""
    for n, (photo, known) in enumerate(zip(photos, READINGS, strict=False)):
        taken_us = END_OF_SUMMER_US + (photo.wall_s - photo.offset_s) * 1_000_000
        taken = CaptureTime(taken_us, photo.offset_s, photo.source, Certainty.HIGH, photo.zone_known)
        camera = Camera("Testcam" if photo.model else "", photo.model)
        file = FileRef(photo.folder, b"%d.jpg" % n)
        library.photos.add(file, replace(known, taken=taken, camera=camera), 1, 1)
        if photo.state == "missing":
            library.files.mark_missing(file.folder, [file.path], 1)
    for photo, known in zip(photos, READINGS, strict=False):
        taken_now = library.photos.time_of(known.content)
        if photo.state == "amended" and taken_now is not None:
            library.photos.set_time(known.content, taken_now)


def in_runs_of_whole_library(context: ReportContext, request: ReportRequest, until_seq: int) -> list[int]:
    """Return the files that a request is about, from the times of all files."""
    folders = [f.id for f in request.folders]
    copies = context.library.measurements.distant_copies
    partners = copies.files_of_partners(folders, request.after_seq, until_seq)
    times, clocks = context.library.shots.times.of_folders(folders), clocks_of(context.settings)
    new = (times.arrivals > request.after_seq) & (times.arrivals <= until_seq) | np.isin(times.files, partners)
    chosen = in_runs_with_new(resolve_times(times.taken, clocks).taken_us, new, clocks.interval_s)
    return [int(file) for file in times.files[chosen]]


def near_in_whole_library(context: ReportContext, request: ReportRequest, until_seq: int, places: int) -> set[int]:
    """Return the files that arrived, and those near them by recorded time, from the times of all files."""
    times = context.library.shots.times.of_folders([f.id for f in request.folders])
    new = (times.arrivals > request.after_seq) & (times.arrivals <= until_seq)
    reach_us = int(places * context.settings.sifting.interval_s * 1e6)
    taken_us = times.taken.taken_us
    reached = np.array([(np.abs(taken_us[new] - t) <= reach_us).any() for t in taken_us], dtype=np.bool_)
    order = np.flatnonzero(reached)[np.lexsort((times.files[reached], taken_us[reached]))]
    at = np.flatnonzero(new[order])
    return {int(times.files[k]) for n, k in enumerate(order) if (np.abs(at - n) <= places).any()}


AWAY = Photo(9 * HOUR_S, 0, True, "T-2")
IN_SUMMER = Photo(10 * HOUR_S - 90 * 24 * HOUR_S - 2 * HOUR_S, 0, True, "T-2")


@example(row(0, 13, HOUR_S, zone_known=True), 60.0, {}, [], 0, 1, (1,))  # a run that is longer than what is read first
@example(  # a chain that gets the offset of its farther half
    [Photo(-2 * HOUR_S, 0, True, "T-2"), *row(0, 11, HOUR_S), *row(11, 23, 2 * HOUR_S)], 60.0, {}, [], 0, 1, (1,)
)
@example(  # a chain that gets the offset recorded at its far end
    [AWAY, *row(0, 8, 2 * HOUR_S), *row(8, 9, -9 * HOUR_S, zone_known=True)], 60.0, {}, [], 0, 1, (1,)
)
@example(  # a clock set right into summer time, which no other photo has
    [IN_SUMMER, Photo(10 * HOUR_S, HOUR_S, False)], 60.0, {"Testcam T-1": "-90d"}, [], 0, 1, (1,)
)
@example([AWAY, *row(0, 2, HOUR_S, zone_known=True)], 60.0, {}, [(0, 2)], 0, 1, (1,))  # a copy of a photo elsewhere
@settings(max_examples=50)
@given(
    PHOTOS,
    st.sampled_from((1.5, 60.0, 60.0, 1800.0)),
    CLOCK_OFFSETS,
    st.lists(st.tuples(st.integers(0, 23), st.integers(0, 23)), max_size=2),
    st.integers(0, 24),
    st.sampled_from((1, 1, 3, 100)),
    st.sampled_from(((1,), (1, 2))),
)
def test_the_files_are_those_that_the_whole_library_would_give(
    library: Library,
    photos: Sequence[Photo],
    interval_s: float,
    clock_offset: dict[str, str],
    copies: Sequence[tuple[int, int]],
    after_seq: int,
    count: int,
    asked: Sequence[int],
) -> None:
    chosen, model = settings_of(interval_s, clock_offset), library.vectors.active_model()
    assert model is not None
    context = ReportContext(chosen, library, model, ReaderPool(worker_options(chosen), 1), library.journal)
    with suppress(UndoneError), library.batch():
        fill(library, photos)
        for copy, original in copies:
            library.measurements.distant_copies.add(READINGS[copy].content, READINGS[original].content, 0.1)
        until_seq = after_seq + count
        folders = [f for f in library.folders.all() if f.id in asked]
        request = ReportRequest("", folders, after_seq, until_seq, only_new=True)
        assert files_in_changed_runs(context, request) == in_runs_of_whole_library(context, request, until_seq)
        near = files_near_arrivals(context, request, 3)
        if all(photo.zone_known for photo in photos):
            assert set(near) == near_in_whole_library(context, request, until_seq, 3)
        arrived = context.library.shots.times.arrived([f.id for f in folders], after_seq, until_seq)
        assert {t.file for t in arrived} <= set(near)
        raise UndoneError
