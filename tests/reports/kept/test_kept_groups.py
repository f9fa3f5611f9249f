"""Whatever happens to a library, its kept groups are those that would be worked out from nothing."""

import io
import json
import shutil
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dejashot.config.settings import Settings
from dejashot.errors import Reason, UnreadablePhotoError
from dejashot.library.kept.group_lookups import GroupLookups
from dejashot.library.kept.groups_file import create_groups_file
from dejashot.library.kept.kept_groups import KeptGroups
from dejashot.library.kept.store import open_kept_groups
from dejashot.library.library import Library
from dejashot.models.capture import Camera, CaptureTime, Certainty, TimeSource
from dejashot.models.decisions import Decision, Verdict, separated
from dejashot.models.files import FileRef, FileStamp
from dejashot.models.photo import LinkMetadata, Reading, SidecarMetadata
from dejashot.models.registration import Registration
from dejashot.reading.options import worker_options
from dejashot.reading.pool import ReaderPool
from dejashot.reading.vision.model import BUNDLED, load_model
from dejashot.reports.context import LibraryResults, ReadOnlyResults, ReportContext
from dejashot.reports.formats.csv_format import report_runs, write_csv
from dejashot.reports.formats.json_format import SEPARATOR, as_json
from dejashot.reports.kept.basis import Basis
from dejashot.reports.kept.bodies import unpacked, unpacked_lines
from dejashot.reports.kept.keeper import GroupKeeper, add_all
from dejashot.reports.kept.view import open_groups
from dejashot.reports.library_report import known_report
from shots import START_US, quality, reading

MODEL = load_model(BUNDLED)
_PAGE = np.array(MODEL.pages.weights, dtype=np.float32)
_NO_PAGE = -0.5 * _PAGE / np.linalg.norm(_PAGE)
NAMES = ("a.jpg", "a.dng", "a-edited.jpg", "b.jpg", "c.jpg", "d.heic", "e.jpg", "f.jpg", "x/a.jpg", "x/b.jpg")
COMPANIONS = ("a.xmp", "a.mov", "b.jpg.xmp", "d.mov", "x/a.dng", "x/a.xmp", "c.json")
CONTENTS = 10


class Step(NamedTuple):
    """What happens: an event by its name, and numbers that say to what, and how."""

    event: str
    which: int
    how: int
    then: int


def _reading(which: int, how: int) -> Reading:
    """Return one of some photos: of three scenes, some with zones, some coarse, some elsewhere in time."""
    base = reading(1000 + which % 3)
    rng = np.random.default_rng(which)
    near = base.vector + _NO_PAGE + rng.normal(scale=0.01, size=base.vector.shape).astype(np.float32)
    known = reading(which)
    form = ("JPEG", "DNG", "JPEG", "HEIF")[which % 4]
    return replace(
        known,
        taken=_taken(which, how),
        vector=near / np.linalg.norm(near),
        signature=base.signature,
        format=form,
        camera=Camera("Testcam", "T-1") if which % 5 else Camera(),
        live_id="L1" if which % 4 == 3 else "",
        damage="cut off" if which == 6 else "",
    )


def _taken(which: int, how: int) -> CaptureTime:
    at_s = (0, 20, 45, 100, 3600, 3620, 7200, -86400)[how % 8] + which % 3
    zone_known, offset_s = how % 5 != 0, (7200, 3600)[how % 3 == 0]
    source = (TimeSource.EXIF, TimeSource.NAME, TimeSource.MTIME)[how % 7 % 3]
    certainty = Certainty.HIGH if source is TimeSource.EXIF else Certainty.LOW
    return CaptureTime(START_US + at_s * 1_000_000, offset_s, source, certainty, zone_known)


class Album:
    """A library with two folders, the inner one known as well where it was added, and its keeper."""

    def __init__(self, folder: Path) -> None:
        self.photos = folder / "photos"
        for made in (folder / "library", self.photos / "x", folder / "more"):
            made.mkdir(parents=True, mode=0o700)
        self.library = Library.open(folder / "library")
        self.library.folders.add(self.photos, 1)
        self.library.folders.add(folder / "more", 1)
        row = self.library.vectors.add_model(MODEL.fingerprint, MODEL.model_dump_json(by_alias=True))
        self.library.vectors.activate_model(row.id)
        values = {"capture": {"home_timezone": "Europe/Berlin"}}
        self.settings = Settings.model_validate(values)
        self.pool = ReaderPool(worker_options(self.settings), 1)
        self.results = LibraryResults(self.library, row.id)
        self.row = row
        self.keeper = GroupKeeper(self.library)

    def context(self) -> ReportContext:
        """Return what the owner works with."""
        self.library.sync_decisions()
        return ReportContext(self.settings, self.library, self.row, self.pool, self.library.journal, self.results)

    def contents(self) -> list[bytes]:
        """Return the contents that are known."""
        return [_reading(n, 0).content for n in range(CONTENTS) if self.key(n) is not None]

    def key(self, which: int) -> int | None:
        """Return the index key of a photo."""
        return self.library.photos.key_of(_reading(which, 0).content)

    def play(self, step: Step) -> None:
        """Let something happen; what can't happen now does not."""
        events: dict[str, Callable[[Step], None]] = {
            "photo": self._photo,
            "gone": self._gone,
            "time": self._time,
            "vector": self._vector,
            "quality": self._quality,
            "pair": self._pair,
            "copy": self._copy,
            "companion": self._companion,
            "film": self._film,
            "no companion": self._no_companion,
            "verdict": self._verdict,
            "separate": self._separate,
            "undo": lambda _: self.library.journal.undo(START_US) and None,
            "looked": self._looked,
            "folder": self._folder,
            "unmounted": self._unmounted,
            "skipped raw": self._skipped_raw,
        }
        events[step.event](step)

    def _photo(self, step: Step) -> None:
        known = self.library.photos.time_of(_reading(step.which, 0).content)
        one = _reading(step.which, step.then)
        one = one if known is None else replace(one, taken=known)
        file = self._file(step.how)
        stamp = replace(one.stamp, inode=100 + step.how, mtime_ns=one.taken.taken_us * 1000)
        self.library.photos.add(file, replace(one, stamp=stamp), self.row.id, START_US)

    def _file(self, how: int) -> FileRef:
        return FileRef(2 if how % 11 == 10 else 1, NAMES[how % len(NAMES)].encode())

    def _gone(self, step: Step) -> None:
        file = self._file(step.which)
        self.library.files.mark_missing(file.folder, [file.path], START_US)

    def _time(self, step: Step) -> None:
        if self.key(step.which) is not None:
            self.library.photos.set_time(_reading(step.which, 0).content, _taken(step.which, step.how))

    def _vector(self, step: Step) -> None:
        if self.key(step.which) is not None:
            vector = _reading(step.how, 0).vector
            self.library.vectors.put(_reading(step.which, 0).content, self.row.id, vector, 0)

    def _quality(self, step: Step) -> None:
        if self.key(step.which) is not None:
            damage = "torn" if step.how % 6 == 5 else ""
            self.library.measurements.add_quality(
                _reading(step.which, 0).content, quality(1 + step.how / 3, damage=damage)
            )

    def _pair(self, step: Step) -> None:
        ends = sorted(key for key in (self.key(step.which), self.key(step.how)) if key is not None)
        if len(set(ends)) == 2:
            a, b = ends
            self.results.add_matches({(a, b): float(step.then % 7 - 3)})
            found = Registration(40 * (step.then % 2), 0.9, 400, 0.9, 0.9, 0.9, 0.1)
            self.results.add_registrations({(a, b): found})

    def _copy(self, step: Step) -> None:
        if step.which != step.how and None not in (self.key(step.which), self.key(step.how)):
            contents = (_reading(step.which, 0).content, _reading(step.how, 0).content)
            self.library.measurements.distant_copies.add(*contents, 0.2)

    def _companion(self, step: Step) -> None:
        path = COMPANIONS[step.which % len(COMPANIONS)].encode()
        mtime_ns = (START_US + (0, 20, 3600, 10**6)[step.how % 4] * 1_000_000) * 1000
        stamp = FileStamp(500 + step.how, mtime_ns, 900 + step.which, 1)
        self.library.companions.record(1, {path: stamp}, [], ())

    def _film(self, step: Step) -> None:
        link = LinkMetadata("L1" if step.which % 2 else "", START_US + step.how * 7_000_000 if step.then % 2 else None)
        file = FileRef(1, (b"d.mov", b"a.mov")[step.how % 2])
        self.library.companions.set_metadata([(file, SidecarMetadata(link=link))])

    def _no_companion(self, step: Step) -> None:
        self.library.companions.record(1, {}, [COMPANIONS[step.which % len(COMPANIONS)].encode()], ())

    def _skipped_raw(self, step: Step) -> None:
        mtime_ns = (START_US + (0, 20, 3600)[step.how % 3] * 1_000_000) * 1000
        file = FileRef(1, (b"b.nef", b"x/b.nef")[step.which % 2])
        self.library.files.skip(file, FileStamp(9, mtime_ns, 77, 1), UnreadablePhotoError(Reason.EMPTY), START_US)

    def _verdict(self, step: Step) -> None:
        verdict = (Verdict.KEEP, Verdict.REJECT, Verdict.KEEP_ONE, None)[step.how % 4]
        content = _reading(step.which, 0).content
        self.library.journal.decide([Decision(content, verdict, START_US + step.then)])

    def _separate(self, step: Step) -> None:
        if step.which != step.how:
            a, b = (_reading(n, 0).content for n in (step.which, step.how))
            self.library.journal.decide([separated(a, b, START_US + step.then)])

    def _looked(self, step: Step) -> None:
        self.library.closer_looks.note_done(max(0, self.library.newest_seq() - step.how % 4), 0, START_US + step.which)

    def _folder(self, step: Step) -> None:
        inner = next((f for f in self.library.folders.all() if f.path == self.photos / "x"), None)
        if inner is None:
            self.library.folders.add(self.photos / "x", 1)
        elif step.how % 3:
            one = _reading(step.which, step.then)
            known = self.library.photos.time_of(one.content)
            stamp = replace(one.stamp, inode=100 + 8)
            one = replace(one, stamp=stamp, taken=known or one.taken)
            self.library.photos.add(FileRef(inner.id, b"a.jpg"), one, self.row.id, START_US)
        else:
            self.library.folders.remove(inner.id)

    def _unmounted(self, step: Step) -> None:
        more = self.photos.parent / "more"
        if more.is_dir():
            shutil.rmtree(more)
        else:
            more.mkdir()

    def close(self) -> None:
        """Close the library."""
        self.keeper.close()
        self.pool.close()
        self.library.close()


EVENTS = (
    *("photo", "photo", "photo", "photo", "gone", "time", "vector", "quality", "pair", "copy", "companion", "film"),
    *("no companion", "verdict", "separate", "undo", "looked", "folder", "unmounted", "skipped raw"),
)
STEPS = st.lists(
    st.builds(Step, st.sampled_from(EVENTS), st.integers(0, CONTENTS - 1), st.integers(0, 21), st.integers(0, 21)),
    min_size=4,
    max_size=20,
)


def rows_of(file: Path) -> dict[str, Any]:
    """Return what a file of kept groups says, without the numbers of components and groups."""
    with closing(sqlite3.connect(file)) as connection:
        parts: dict[int, set[int]] = {}
        for number, component in connection.execute("SELECT id, component FROM file"):
            parts.setdefault(component, set()).add(number)
        ids = dict(connection.execute("SELECT number, id FROM shot_group"))
        runs = connection.execute(
            "SELECT first_us, day, shots, groups, ungrouped, damaged, first_content, body, lines FROM run"
        )
        groups = connection.execute(
            "SELECT id, first_us, series, open, clear, pending, lacking, suggested_bytes, open_photos, open_bytes,"
            " chosen_photos, chosen_bytes, body FROM shot_group"
        )
        return {
            "parts": sorted(map(sorted, parts.values())),
            "files": sorted(connection.execute("SELECT id, unit, taken_us, offset_s, zone_known FROM file")),
            "companions": sorted(connection.execute("SELECT * FROM companion")),
            "runs": sorted((*r[:7], unpacked(r[7]), unpacked_lines(r[8])) for r in runs),
            "groups": sorted((*r[:12], json.dumps(unpacked(r[12]))) for r in groups),
            "members": sorted((ids[n], file) for file, n in connection.execute("SELECT * FROM member")),
            "savings": sorted((ids[r[0]], *r[1:]) for r in connection.execute("SELECT * FROM saving")),
        }


def check(album: Album, folder: Path) -> None:
    """Assert that the kept groups are those worked out from nothing, and say what a report says."""
    context = album.context()
    basis = Basis.of(context)
    with open_groups(replace(context, results=ReadOnlyResults())) as view:
        seen, totals = list(view.lines()), view.totals()
    album.keeper.keep(context)
    assert album.keeper.is_current(context)
    number = album.library.changes.groups_file
    kept = open_kept_groups(album.library.folder, album.library.changes, album.library.newest_seq(), owner=False)
    assert kept is not None
    made = KeptGroups(create_groups_file(folder, 1))
    for _ in add_all(context, basis, made):
        pass
    with closing(kept), closing(made):
        known = rows_of(album.library.folder / f"groups-{number}.db")
        assert known == rows_of(folder / "groups-1.db")
        # who only reads sees the same at once; of groups that are to get new ids, all but these
        assert [lines[:2] for lines in seen] == [run[8][:2] for run in known["runs"]]
        assert totals == GroupLookups(kept).totals()
        if len(basis.there) == len(basis.known):
            report = known_report(replace(context, results=ReadOnlyResults()))
            whole = json.loads(as_json(report))
            lists: dict[str, list[str]] = {"photos": [], "pairs": [], "groups": [], "damaged": []}
            for run in known["runs"]:
                for name, lines in zip(lists, run[8], strict=True):
                    lists[name] += [lines] if lines else []
            said = {name: json.loads(f"[{SEPARATOR.join(lines)}]") for name, lines in lists.items()}
            assert said == {name: whole[name] for name in lists}
            assert csv_of(run[8] for run in known["runs"]) == csv_of(report_runs(report))


def csv_of(runs: Iterable[Sequence[str]]) -> str:
    out = io.StringIO()
    write_csv("/", runs, out)
    return out.getvalue()


@settings(max_examples=40)
@given(st.integers(0, 7), STEPS, st.integers(1, 6))
def test_kept_groups_are_those_worked_out_from_nothing(
    tmp_path_factory: pytest.TempPathFactory, first: int, steps: Sequence[Step], every: int
) -> None:
    folder = tmp_path_factory.mktemp("album", numbered=True)
    folder.chmod(0o700)
    scratch = folder / "scratch"
    scratch.mkdir(mode=0o700)
    with closing(Album(folder)) as album:
        for n in range(CONTENTS):
            album.play(Step("photo", n, n + first, n * first))
        for n, step in enumerate(steps):
            album.play(step)
            if n % every == 0:
                album.keeper.keep(album.context())
        check(album, scratch)
    shutil.rmtree(folder)
