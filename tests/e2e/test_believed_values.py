"""Every value that is accepted from a reader can be reported; every other is refused."""

import json
import os
import random
from collections.abc import Callable, Generator, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from albums import pages_over
from dejashot.config.settings import Settings
from dejashot.diagnostics.status import library_status
from dejashot.digests.runner import DigestRunner
from dejashot.errors import Reason
from dejashot.ingest.catch_up import bring_up_to_date
from dejashot.ingest.crash_policy import CrashPolicy
from dejashot.ingest.pipeline import Pipeline, open_pipeline, report_context
from dejashot.ingest.tasks import IngestResult, Task
from dejashot.library.tables.photos import ReaderCrashes
from dejashot.models.capture import Camera, CaptureTime, Certainty, Place, TimeSource
from dejashot.models.files import FileRef, FileStamp, content_hash
from dejashot.models.photo import Wanted
from dejashot.reading.job import Order, OrderSource
from dejashot.reading.options import worker_options
from dejashot.reading.protocol.codec import look_to_wire, map_to_wire, reading_to_wire, text_of
from dejashot.reading.protocol.exchange import ReaderAnswer
from dejashot.reports.build import build_report
from dejashot.reports.context import ReportRequest
from dejashot.reports.formats.html_format import as_html
from dejashot.reports.formats.json_format import as_json
from dejashot.reports.formats.text_format import as_text
from readers import CONTENT, LOOK, READY, WHOLE_MAP, PlayedPool, a_reading, exchange, frame, put_at

DAY_US = 86_400_000_000
EARLIEST, LATEST = (
    round((datetime(y, 1, 1, tzinfo=UTC) - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds()) * 10**6
    for y in (1800, 2250)
)
INT64 = 2**63
LARGEST = int(Settings().reading.max_file_mib * 1024 * 1024)
# (path in a reading, values that are accepted, values that are not)
READING_VALUES: list[tuple[tuple[Any, ...], list[Any], list[Any]]] = [
    (
        ("taken", "taken_us"),
        [EARLIEST, LATEST, 0, -1, 1],
        [EARLIEST - 1, LATEST + 1, 2**53, -(2**53), 2**63, 1.5, None, True, "0", 10**30],
    ),
    (
        ("taken", "offset_s"),
        [-64_800, 64_800, 1, 0, 86_399 - 21_600],
        [-64_801, 64_801, 86_400, 10**9, -(10**9), 0.5, None],
    ),
    (("taken", "source"), [s.value for s in TimeSource], ["EXIF", "", None, 1]),
    (("taken", "certainty"), [c.value for c in Certainty], ["sure", None]),
    (("taken", "zone_known"), [True, False], [0, 1, "true", None]),
    (
        ("camera", "exposure_s"),
        [None, 1e-9, 86_400.0, 0.001, 30],
        [0, -1, 1e-10, 5e-324, 86_401, 1e308, float("nan"), float("inf"), "1/60", False],
    ),
    (
        ("camera", "bias_ev"),
        [None, -100.0, 100.0, 0, -0.0, 5e-324],
        [-101, 101, 1e300, float("nan"), float("-inf"), "0"],
    ),
    (("camera", "iso"), [None, 1, 10_000_000], [0, -1, 10_000_001, 2**63, 1.5, True]),
    (("camera", "aperture"), [None, 0.01, 1000.0], [0, -2.8, 0.009, 1001, 5e-324, float("nan")]),
    (("camera", "camera_pick"), [True, False], ["x", 0, None, 2]),
    (("camera", "screenshot"), [True, False], ["x", None]),
    (
        ("camera", "make"),
        ["", "x" * 1024, "日本", "<b>&\"'", "\\x1b", "é" * 1024],
        ["x" * 1025, "\ud800", "\x1b[31m", "\0", "\u202e", None, 1],
    ),
    (("camera", "model"), ["", "😀" * 1024, "{{ 7 * 7 }}", " "], ["\n", "a\ud800b", [], "\u2066"]),
    (("camera", "burst_id"), ["", "same", "x" * 1024], ["\t", "\udcff", 7]),
    (
        ("place",),
        [None, {"latitude": -90, "longitude": 180, "altitude_m": None}],
        [{}, [], "x", {"latitude": 1.0, "longitude": 2.0}],
    ),
    (("place", "latitude"), [-90, 90, 0, -0.0, 5e-324], [-90.1, 90.1, float("nan"), None, "1"]),
    (("place", "longitude"), [-180, 180, 0], [-180.1, 181, float("inf"), None]),
    (("place", "altitude_m"), [None, -100_000, 100_000], [100_001, -1e308, float("nan"), "high"]),
    (("stamp", "size_bytes"), [0, 1, LARGEST], [-1, LARGEST + 1, INT64, 1.0, None]),
    (("stamp", "mtime_ns"), [-INT64, INT64 - 1], [INT64, -INT64 - 1, 0.5]),
    (("stamp", "inode"), [-INT64, INT64 - 1], [INT64, "1"]),
    (("stamp", "device"), [-INT64, INT64 - 1], [INT64, None]),
    (("format",), ["", "JPEG", "X" * 16], ["X" * 17, "../x", "a b", "JPEG\n", None]),
    (
        ("size",),
        [[1, 1], [2**24, 2**24], [1, 2**24]],
        [[0, 1], [1, -1], [2**24 + 1, 1], [1], [1, 2, 3], ["1", 2], None, {}],
    ),
    (("contrast",), [0, 128], [-0.1, 128.1, float("nan"), None]),
    (("motion",), [True, False], [1, None]),
    (("live_id",), ["", "A" * 8, "0" * 64], ["A" * 7, "0" * 65, "abcdefgh", "AAAAAAAA\n", None]),
    (("damage",), ["", "x" * 200, "日" * 200], ["x" * 201, "\x07", "\ud83d", None]),
    (
        ("signature",),
        [text_of(bytes(256)), text_of(b"\xff" * 256)],
        ["", text_of(bytes(255)), text_of(bytes(257)), "@", None],
    ),
    (
        ("vector",),
        [],
        [None, "", text_of(bytes(1024)), text_of(np.eye(1, 255, dtype="<f4").tobytes()), text_of(b"\xff" * 1024)],
    ),
    (("content",), [], ["0" * 64, "", "zz" * 32, None]),
]
QUALITY_VALUES: list[tuple[tuple[Any, ...], list[Any], list[Any]]] = [
    (("sharpness",), [0, 1e4, 5e-324, 1e-300], [-1, 1e5, float("nan"), None]),
    (("clipped_light",), [0, 1], [-0.1, 1.1]),
    (("clipped_dark",), [0, 1], [-0.1, float("inf")]),
    (("brightness",), [0, 255], [-1, float("nan")]),
    (("noise",), [0, 1e5], [-1, 1e9]),
    (("coarseness",), [0, 65_535, 5e-324], [-1, float("nan")]),
    (("tiles",), [[], [0] * 16, [1e4] * 16, [5e-324] * 16], [[0] * 15, [0] * 17, None]),
    (
        ("gradients",),
        [[0, 0, 0], [1e8, 1e8, -1e8], [5e-324, 0, 0], [0, 0, 1e8]],
        [[0, 0], [float("nan"), 0, 0], [1e9, 0, 0]],
    ),
    (
        ("faces",),
        [[], [{"box": [-1000, -1000, 1000, 1000], "sharpness": 0, "eyes": [-1e6, 1e6], "logit": 1}] * 32],
        [None, [{}]],
    ),
    (("faces", 0, "logit"), [-1000, 0, 1000], [1001, float("nan"), None]),
    (("upright",), [[0, 0], [-90, 1]], [[91, 0], [0, 1.1], [0, -0.1], [float("nan"), 0], [0]]),
    (("level",), [[0, 0], [90, 1]], [[-91, 0], [0], None]),
    (("sketch",), [None], [{}, {"packed_luma": "AA==", "packed_sharpness": "AA=="}]),
    (("faces", 0, "box"), [[0, 0, 0, 0], [0.5, 0.5, 5e-324, -1]], [[1e9, 0, 0, 0], [0, 0, 0]]),
    (("faces", 0, "sharpness"), [0, 1e4, 5e-324], [-1, float("nan")]),
    (("faces", 0, "eyes"), [[None, None], [0, -0.5]], [[0], [float("nan"), None]]),
    (("damage",), ["", "x" * 200], ["x" * 201, "\0"]),
    (("parts",), [[], ["0" * 8] * 64], [["0" * 8] * 65, ["x"]]),
    (
        ("detail",),
        [None, {"pixels": "0" * 32, "columns": 1, "packed": ""}],
        [{}, {"pixels": "0" * 32, "columns": 1, "packed": "x"}],
    ),
]
START_US = 1_782_900_000_000_000
BELIEVED = [("read", path, value) for path, good, _ in READING_VALUES for value in good] + [
    ("look", path, value) for path, good, _ in QUALITY_VALUES for value in good
]
REFUSED = [("read", path, value) for path, _, bad in READING_VALUES for value in bad]
THREE = 3


class FactsPool(PlayedPool):
    """A pool that wants the facts of every photo, but no vector, as of one that an older version read."""

    def run(
        self, source: OrderSource[Any], _wanted: Callable[[bytes], Wanted]
    ) -> Generator[tuple[Order[Any], ReaderAnswer], None, None]:
        return super().run(source, lambda _: Wanted.FACTS)


def a_photo(folder: Path, number: int, member: int) -> Path:
    file = folder / f"{number:03d}_{member}.jpg"
    file.write_bytes(f"{number} {member}".encode())
    return file


def reading_of(number: int, member: int, content: bytes) -> dict[str, Any]:
    """Return a reading of one of three shots of one scene, a second apart."""
    vector = np.zeros(256, dtype=np.float32)
    vector[number % 200], vector[200 + member] = 1, 0.05
    taken = CaptureTime(START_US + number * 3_600_000_000 + member * 1_000_000, 7200, TimeSource.EXIF, Certainty.HIGH)
    camera, place = Camera("Maker", f"Model {number}", "", 0.01, 0.0, 100, 2.8), Place(54.18, 7.88, 1.0)
    reading = replace(
        a_reading(member, camera=camera, place=place, content=content),
        taken=taken,
        vector=vector / np.linalg.norm(vector),
    )
    return json.loads(json.dumps(reading_to_wire(replace(reading, live_id="", motion=False))))


# the operation, the path of a value in the reply to it, and the value
Attack = tuple[str, tuple[Any, ...], Any]


class Story:
    """Replies of readers for a folder of photos: three or more to a scene, each with certain values."""

    def __init__(self, folder: Path, scenes: list[list[list[Attack]]]) -> None:
        self.folder = folder
        folder.mkdir()
        self._attacks = {
            os.fsencode(a_photo(folder.resolve(), n, m)): (n, m, attacks)
            for n, members in enumerate(scenes)
            for m, attacks in enumerate(members)
        }

    def says(self, op: str, path: bytes) -> bytes:
        number, member, attacks = self._attacks[path]
        content = content_hash(Path(os.fsdecode(path)).read_bytes()).digest()
        values = {
            "read": reading_of(number, member, content),
            "look": json.loads(json.dumps(look_to_wire(LOOK)["quality"])),
        }
        for asked, where, value in attacks:
            values[asked] = put_at(values[asked], where, value)
        seen = {"look": {**look_to_wire(LOOK), "quality": values["look"]}, "map": map_to_wire(WHOLE_MAP)}
        last = (
            {"op": "reading", "reading": values["read"]}
            if op == "read"
            else {"op": op, "content": content.hex(), "seen": seen.get(op)}
        )
        return b"".join(
            frame(json.dumps(m).encode()) for m in (READY, {"op": "hashed", "content": content.hex()}, last)
        )


def attacked(number: int) -> int:
    """Return how many of the three shots of a scene are attacked: all, or two, which meet a sound one."""
    return 2 + number % 2


def one_by_one(attacks: list[Attack]) -> list[list[list[Attack]]]:
    """Return a scene for each attack."""
    return [[[attack] if m < attacked(n) else [] for m in range(THREE)] for n, attack in enumerate(attacks)]


def mixed(attacks: list[Attack], rng: random.Random, scenes: int) -> list[list[list[Attack]]]:
    """Return scenes of three to nine shots, each with some values at paths that do not contain each other."""
    plain = [attack for attack in attacks if attack[1] not in (("place",), ("faces",), ("taken", "taken_us"))]
    return [[rng.sample(plain, rng.randint(1, 12)) for _ in range(rng.randint(3, 9))] for _ in range(scenes)]


def with_readers(
    pipeline: Pipeline, says: Callable[[str, bytes], bytes], kind: type[PlayedPool] = PlayedPool
) -> Pipeline:
    """Return a pipeline over the same library whose readers send what was prepared."""
    pool = kind(worker_options(pipeline.settings), says, CrashPolicy(pipeline.library))
    return Pipeline.over(pipeline.settings, pipeline.owned, pool)


def ingested(pipeline: Pipeline, story: Story) -> list[IngestResult]:
    """Ingest a folder; return the result of each photo."""
    found: list[Any] = []
    bring_up_to_date(pipeline, [story.folder], lambda _: None, found.append)
    return [o.result for o in sorted(found, key=lambda o: o.task.file.path)]


def make_everything(pipeline: Pipeline, library: Path) -> dict[str, Any]:
    """Make a report in all its forms, a digest, and the status; return the JSON report."""
    folders = pipeline.library.folders.all()
    request = ReportRequest("All", folders, previews=True, include_place=True)
    report = build_report(report_context(pipeline), request, datetime(2026, 7, 1, tzinfo=UTC), lambda: 1.0)
    body = json.loads(as_json(report), parse_constant=pytest.fail)
    assert as_html(report).decode()
    assert as_text(report).encode()
    slot = datetime(2026, 7, 2, 20, tzinfo=UTC)
    digests = DigestRunner(pipeline, UTC, library / "digests", slot - timedelta(days=1))
    assert digests.make(slot, folders, []).state == "done"
    assert library_status(library)["photos"] == body["totals"]["photos"]
    return body


def open_the_pages(library: Path) -> None:
    """Open all review pages."""
    with pages_over(library) as served:
        for path in ("/", "/?order=saving", "/?show=series", "/accept", "/timeline", "/similar"):
            response = served.ask(path)
            assert response.status == 200, path


@pytest.fixture
def opened(library: Path) -> Iterator[Pipeline]:
    with open_pipeline(Settings(), library, 1) as pipeline:
        yield pipeline


def test_accepted_values_can_be_reported_in_every_form(opened: Pipeline, library: Path, tmp_path: Path) -> None:
    story = Story(tmp_path / "photos", one_by_one(BELIEVED))
    opened = with_readers(opened, story.says)
    results = ingested(opened, story)
    assert results == [IngestResult.ADDED] * THREE * len(BELIEVED)
    body = make_everything(opened, library)
    assert body["totals"]["photos"] == THREE * len(BELIEVED)
    assert body["totals"]["groups"] > len(BELIEVED) / 2
    open_the_pages(library)


def test_accepted_values_can_be_reported_together(opened: Pipeline, library: Path, tmp_path: Path) -> None:
    scenes = mixed(BELIEVED, random.Random(3), 40)
    story = Story(tmp_path / "photos", scenes)
    opened = with_readers(opened, story.says)
    assert set(ingested(opened, story)) == {IngestResult.ADDED}
    assert make_everything(opened, library)["totals"]["photos"] == sum(map(len, scenes))


def test_refused_values_are_listed_and_not_stored(opened: Pipeline, library: Path, tmp_path: Path) -> None:
    story = Story(tmp_path / "photos", one_by_one(REFUSED))
    opened = with_readers(opened, story.says)
    results = ingested(opened, story)
    for number, attack in enumerate(REFUSED):
        expected = [IngestResult.SKIPPED] * attacked(number) + [IngestResult.ADDED] * (THREE - attacked(number))
        assert results[number * THREE : (number + 1) * THREE] == expected, attack
    body = make_everything(opened, library)
    assert {s["reason"] for s in body["skipped"]} == {"reader_crashed"}
    assert len(body["skipped"]) == results.count(IngestResult.SKIPPED)


def test_a_reader_can_not_describe_another_photo(opened: Pipeline, tmp_path: Path) -> None:
    folder = tmp_path / "photos"
    story = Story(folder, [[[]]])
    assert ingested(with_readers(opened, story.says), story) == [IngestResult.ADDED]
    row, folders = opened.owned.row.id, [f.id for f in opened.library.folders.all()]
    (before,) = (found.shot for found in opened.library.shots.in_folders(folders, row))
    liars = [folder / "b.jpg", folder / "c.jpg"]
    for liar in liars:
        liar.write_bytes(liar.name.encode())
    hashed = {"op": "hashed", "content": before.content.hex()}
    stamp = {"size_bytes": 5, "mtime_ns": 1, "inode": 2, "device": 3}
    known = {"op": "known", "content": before.content.hex(), "stamp": stamp}
    read = {"op": "reading", "reading": {**reading_of(0, 0, before.content), "damage": "all of it", "vector": None}}

    def says(_op: str, path: bytes) -> bytes:
        last = known if path.endswith(b"b.jpg") else read
        return b"".join(frame(json.dumps(m).encode()) for m in (READY, hashed, last))

    for liar, kind in zip(liars, (PlayedPool, FactsPool), strict=True):
        (outcome,) = with_readers(opened, says, kind).ingestor.ingest(
            [Task(FileRef(folders[0], os.fsencode(liar.name)), folder.resolve(), FileStamp.of(liar.lstat()))]
        )
        assert outcome.result is IngestResult.SKIPPED
        assert opened.library.photos.reader_crashes(content_hash(liar.read_bytes()).digest()) == ReaderCrashes(
            Reason.READER_CRASHED,
            1,
        )
    (found,) = opened.library.shots.in_folders(folders, row)
    path, after = found.path, found.shot
    assert (path, after.content, after.damage) == (b"000_0.jpg", before.content, "")
    assert opened.library.photos.reader_crashes(before.content) is None


@pytest.mark.parametrize(("where", "value"), [(where, value) for where, _, bad in QUALITY_VALUES for value in bad])
def test_a_measurement_that_could_not_be_reported_is_refused(where: tuple[Any, ...], value: Any) -> None:
    look = json.loads(json.dumps(look_to_wire(LOOK)))
    message = {"op": "look", "content": CONTENT.hex(), "seen": put_at(look, ("quality", *where), value)}
    with pytest.raises(ValueError):
        exchange("look").receive(json.dumps(message).encode())
