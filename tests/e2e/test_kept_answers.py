"""A report and a plan that are read from kept groups are those worked out from the whole library."""

import io
import random
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from rich.console import Console

from albums import DAY, QUIET, take_photos
from damages import damaged
from dejashot.actions.planning.candidates import candidates_of
from dejashot.actions.planning.draft import PlanRequest
from dejashot.actions.planning.planner import make_plan
from dejashot.cli.options import ReportFormat
from dejashot.cli.report_output import ReportForm, output_report
from dejashot.config.settings import Settings
from dejashot.files.nofollow import folder_of
from dejashot.ingest.scan import scan
from dejashot.library.journal import DecisionJournal
from dejashot.models.decisions import ApplyMethod, Decision, Verdict, separated
from dejashot.reports.context import open_context
from dejashot.reports.formats.summary_format import print_kept_summary, print_summary
from dejashot.reports.library_report import known_report, library_report, open_kept_report
from raws import dng
from scenes import moved, save_photo, scene
from whole_candidates import whole_candidates

MADE = re.compile(rb'"(made_at|seconds)": [^,}]+')


@pytest.fixture(scope="module")
def scanned(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Give the tests a library with groups, copies, a bracket, pages, units, companions, and damaged photos."""
    folder = tmp_path_factory.mktemp("kept")
    photos = take_photos(folder / "photos")
    city, at = scene(1, (640, 480)), DAY + timedelta(minutes=90)
    for n in range(2):
        jpeg = save_photo(photos / f"RAW_000{n}.jpg", moved(city, 0.02 * n, 0.01), at + timedelta(seconds=3 * n))
        jpeg.with_suffix(".dng").write_bytes(dng(moved(city, 0.02 * n, 0.01), at + timedelta(seconds=3 * n)))
    (photos / "RAW_0000.xmp").write_text("<x:xmpmeta xmlns:x='adobe:ns:meta/'/>")
    for n in range(4):  # two pages, each taken twice
        save_photo(
            photos / f"DOC_{n}.jpg", moved(scene(2 + 8 * (n // 2)), 0.01 * n, 0), DAY + timedelta(days=1, seconds=9 * n)
        )
    whole = save_photo(folder / "whole.jpg", scene(0), DAY + timedelta(days=2)).read_bytes()
    (photos / "CUT_0.jpg").write_bytes(damaged(whole, "hole"))
    (photos / "none.jpg").write_text("no picture")
    scan(Settings(), [photos], folder / "library", QUIET)
    yield folder


@pytest.fixture
def library(scanned: Path, tmp_path: Path) -> Path:
    """Give the test a library of its own, of the same photos."""
    return Path(shutil.copytree(scanned / "library", tmp_path / "library"))


@pytest.fixture
def decide(library: Path) -> Callable[[], None]:
    """Give the test a way to decide on photos at random, past the owner of the library."""
    with open_context(Settings(), library) as context:
        report = known_report(context)
    grouped = [[report.shots[m].content for m in g.group.members] for g in report.groups]
    units = [c.content for s in report.shots for c in s.companions if c.content]
    assert units
    assert {g.group.kind for g in report.groups} >= {"series", "burst"}
    rng, journal = random.Random(1), DecisionJournal(library)

    def some() -> None:
        group = rng.choice(grouped)
        verdict = rng.choice([Verdict.REJECT, Verdict.REJECT, Verdict.KEEP, Verdict.KEEP_ONE, None])
        which = rng.choice([group, group[:1], [rng.choice(units)], [rng.choice(report.shots).content]])
        journal.decide([Decision(content, verdict, 1) for content in which])
        if rng.random() < 0.1 and group[0] != group[-1]:
            journal.decide([separated(group[0], group[-1], 1)])

    return some


def forms_of(library: Path, folder: Path, since: datetime | None, *, kept: bool) -> dict[str, bytes]:
    """Return the forms of a report, without what it says of when it was made."""
    found: dict[str, bytes] = {}
    summary = io.StringIO()
    console = Console(file=summary, width=80)
    with open_kept_report(Settings(), library, since) as read:
        report = read if kept else library_report(Settings(), library, since, previews=False, include_place=False)
        for form in (ReportFormat.JSON, ReportFormat.TABLE):
            output_report(report, ReportForm(form), folder / "report", library)
            found[form] = MADE.sub(b"", (folder / "report").read_bytes())
        if kept:
            print_kept_summary(read, console)
        else:
            print_summary(report, console)
    return found | {"summary": summary.getvalue().encode()}


@pytest.mark.parametrize("since", [None, DAY + timedelta(minutes=20, seconds=4)])
def test_a_report_read_from_kept_groups_is_the_one_made_of_all_photos(
    library: Path, decide: Callable[[], None], tmp_path: Path, since: datetime | None
) -> None:
    moment = None if since is None else since.astimezone()
    for decisions in (0, 12):
        for _ in range(decisions):
            decide()
        whole = forms_of(library, tmp_path, moment, kept=False)
        assert forms_of(library, tmp_path, moment, kept=True) == whole
        assert b'"damage": "' in whole[ReportFormat.JSON]
        assert b'"none.jpg"' in whole[ReportFormat.JSON]


def test_a_plan_made_from_kept_groups_is_the_one_made_from_the_whole_library(
    library: Path, decide: Callable[[], None]
) -> None:
    places = dict.fromkeys((ApplyMethod.QUARANTINE, ApplyMethod.ALBUM), bytes(library.parent / "to"))
    going = 0
    for _ in range(25):
        decide()
        with open_context(Settings(), library) as context:
            whole, found = (made(context, dict(context.journal.verdicts)) for made in (whole_candidates, candidates_of))
        for how in ApplyMethod:
            request = PlanRequest(how, places.get(how, b""), "20260701-120000-aaaa", 1)
            plan = make_plan(request, found)
            assert plan == make_plan(request, whole)
            going += len(plan.items)
        beside = {folder_of(path) for path in found.files}
        assert found.photos == {path for path in whole.photos if folder_of(path) in beside}
        beyond = {"disk": whole.disk, "photos": (), "shots": {}, "metadata": {}}
        shots = {content: shot.path for content, shot in found.shots.items()}
        assert shots.items() <= {content: shot.path for content, shot in whole.shots.items()}.items()
        assert replace(found, groups=list(found.groups), **beyond) == replace(whole, **beyond)
    assert going
