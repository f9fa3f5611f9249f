"""The owner's decisions put into practice: the library read beside a running daemon, a plan, a batch, and the way back."""

import logging
import os
import secrets
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import dejashot
from dejashot.actions import executor
from dejashot.actions.batch import Summary, all_batches, exclusive, interrupted
from dejashot.actions.destination import destination_problem
from dejashot.actions.disk import Disk
from dejashot.actions.executor import BatchOutcome, BatchProgress
from dejashot.actions.history import Moved, is_set_aside, prune
from dejashot.actions.history import moved_files as moved_by
from dejashot.actions.plan import LocatedFile, Method, Plan, Resolution, resolve
from dejashot.actions.planner import PlanRequest, make_plan
from dejashot.actions.unfit_folders import unfitness_of
from dejashot.config.locations import own_below, own_folders
from dejashot.config.settings import Settings
from dejashot.errors import BatchError, ConfigError, LibraryError
from dejashot.files.mounts import read_mounts
from dejashot.files.names import NameRules
from dejashot.grouping.keepers.choose import originality
from dejashot.grouping.shot_units import unit_link
from dejashot.library.daemon_status import running_daemon
from dejashot.library.file_state import sync_file_state
from dejashot.library.tables.folders import Folder
from dejashot.models.capture import microseconds, now_us
from dejashot.models.decisions import Verdict
from dejashot.models.photo import LinkMetadata
from dejashot.models.shot import Shot
from dejashot.paths import shown
from dejashot.reports.build import ReportContext
from dejashot.reports.report import Report
from dejashot.reports.search import everything, open_context

__all__ = [
    "BatchOutcome",
    "Plan",
    "apply_plan",
    "finish_batch",
    "interrupted",
    "library_batches",
    "moved_so_far",
    "plan_of",
    "undo_batch",
]

_COMING = "The daemon is still looking at what has come: what belongs to a shot may be missing here for a moment"
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Situation:
    """How things stand: words in force, files in question by path, groups of rejected ones as paths, shots by content, and the disk.

    `halves` holds the photos (contents by path) of one press of the shutter, by the path of the one that stands for it; what the owner
    keeps by itself is none. `ranks` is the order in which equal files are preferred, `photos` every photo known, `told` what photos and
    films tell of themselves, by path.
    """

    words: Mapping[bytes, Verdict]
    spots: dict[bytes, LocatedFile]
    groups: list[list[bytes]]
    shots: dict[bytes, Shot]
    disk: Disk
    halves: dict[bytes, dict[bytes, bytes]]
    ranks: dict[bytes, int]
    photos: frozenset[bytes]
    told: dict[bytes, LinkMetadata]


def apply_plan(plan: Plan, library: Path, progress: BatchProgress = lambda _done, _of: None) -> BatchOutcome:
    """Carry a plan out, and let go of batches that are long over; raises what `carry.carry_out` does."""
    outcome = executor.execute(plan, library, progress)
    _tidy(library, {outcome.batch})
    return outcome


def finish_batch(
    library: Path, progress: BatchProgress = lambda _done, _of: None, name: str = ""
) -> list[BatchOutcome]:
    """Finish what was stopped in the middle, or the named batch alone; raises what `carry.finish` does."""
    outcomes = executor.resume(library, progress, name)
    _tidy(library, {outcome.batch for outcome in outcomes})
    return outcomes


def undo_batch(library: Path, name: str = "", progress: BatchProgress = lambda _done, _of: None) -> BatchOutcome:
    """Take a batch back, and let go of batches that are long over; raises what `carry.undo` does."""
    outcome = executor.roll_back(library, name, progress)
    _tidy(library, {outcome.batch})
    return outcome


def _tidy(library: Path, names: Collection[str]) -> None:
    """Have the library know where the files of some batches are now, and remove batches that are long over.

    What was just done stands, whatever comes of that.
    """
    try:
        items = [i for b in all_batches(library) if b.summary.id in names and b.plan.how.moves for i in b.plan.items]
        sync_file_state(library, [i.source for i in items])
    except (LibraryError, OSError) as error:
        log.warning("the library is not told of it: %s", error)
    try:
        with exclusive(library):
            prune(library, now_us())
    except (BatchError, OSError) as error:
        log.warning("old batches can't be removed now: %s", error)


def plan_of(settings: Settings, library: Path, how: Method, to: str = "", now: datetime | None = None) -> Plan:
    """Return what would be done about the decisions in force; nothing is touched.

    `to` names the folder for quarantine or album, the settings' where it is empty. Raises ConfigError when there is no such folder or it
    is one that is watched, LibraryError when the library can't be read, JournalError when the decisions can't.
    """
    made_at = (now or datetime.now()).astimezone()
    # what was set aside before is not missed, though the library may not know of it yet
    aside = {i.source for b in all_batches(library) if b.plan.how.moves for i in b.acted if i.number not in b.back}
    with open_context(settings, library) as desk:
        place = destination(settings, how, to, desk.library.folders.all())
        words = dict(desk.journal.verdicts)
        today = _situation(desk, words)
        found = resolve(today.spots, today.groups, today.words, today.ranks) if today.spots else Resolution()
        order = PlanRequest(how, place, f"{made_at:%Y%m%d-%H%M%S}-{secrets.token_hex(2)}", microseconds(made_at))
        plan = make_plan(order, found, today.spots, today.shots, today.disk, today.halves, today.photos, today.told)
        refused = tuple(r for r in plan.refused if r.path not in aside or os.path.lexists(r.path))
        return replace(plan, refused=refused, trouble=destination_problem(plan), notice=_still_coming(library))


def _still_coming(library: Path) -> str:
    """Say that the daemon has not looked at everything yet, empty when it has."""
    pulse = running_daemon(library)
    return _COMING if pulse is not None and pulse.backlog else ""


def library_batches(library: Path) -> list[Summary]:
    """Return the batches so far in short, oldest first."""
    return [b.summary for b in all_batches(library)]


def moved_so_far(library: Path) -> Moved:
    """Return the bytes that were set aside and freed so far, by month of capture and camera."""
    return moved_by(all_batches(library), is_set_aside())


def destination(settings: Settings, how: Method, to: str, folders: Iterable[Folder]) -> bytes:
    """Return the absolute folder that files go to, empty where none is needed; raise ConfigError."""
    if how not in (Method.QUARANTINE, Method.ALBUM):
        if to:
            raise ConfigError(f"--how {how.value} needs no folder", "Leave out --to")
        return b""
    named = to or (settings.review.quarantine if how is Method.QUARANTINE else settings.review.album)
    if not named:
        what = "rejected photos go to" if how is Method.QUARANTINE else "links to your keepers go to"
        raise ConfigError(
            f"no folder is named that {what}",
            f"Name one with --to FOLDER, or set {how.value} below [review]",
            f"Name one in the field Folder; the configuration can name it for good ({how.value} below [review])",
        )
    try:
        place = Path(os.path.realpath(Path(named).expanduser()))
    except RuntimeError as error:
        raise ConfigError(str(error), "Write the folder out in full") from error
    own = own_folders(settings) | {"the program": Path(dejashot.__file__).resolve().parent}
    unfitness = unfitness_of(os.fsencode(place), own, read_mounts())
    if unfitness:
        raise ConfigError(unfitness, "Name a folder of your own")
    for folder in folders:
        _outside(settings, place, folder.path)
    return os.fsencode(place)


def _outside(settings: Settings, place: Path, folder: Path) -> None:
    """Refuse a folder in which photos would be found again."""
    if not place.is_relative_to(folder):
        return
    rules = NameRules(settings.watch.ignore, settings.watch.hidden, own_below(own_folders(settings), folder))
    if rules.reaches(os.path.join(os.fsencode(place.relative_to(folder)), b"x") if place != folder else b"x"):
        raise ConfigError(
            f"{shown(place)} lies in {shown(folder)}, which is watched",
            "Name a folder outside it, or one that [watch] ignore leaves alone: what lies there would be found again",
        )


def _situation(desk: ReportContext, words: Mapping[bytes, Verdict]) -> Situation:
    """Return how things stand today, as far as the decisions go."""
    disk = Disk()
    if not words:
        return Situation({}, {}, [], {}, disk, {}, {}, frozenset(), {})
    report = everything(desk)
    words = unit_link(report.shots, words)
    groups = [
        g.group.members
        for g in report.groups
        if any(words.get(report.shots[m].content) is Verdict.REJECT for m in g.group.members)
    ]
    contents = {*words} | {report.shots[m].content for members in groups for m in members}
    contents |= {c.content for s in report.shots if s.content in words for c in s.companions if c.content}
    spots: dict[bytes, LocatedFile] = {}
    for content, files in desk.library.files.locations(sorted(contents)).items():
        for placed in sorted(
            files, key=lambda p: len(os.fsencode(p.folder.path))
        ):  # of a folder inside another, the outer one
            if placed.full not in spots:
                spots[placed.full] = disk.spot(placed.folder, placed.full, content, placed.stamp.size_bytes)
    root = os.fsencode(report.root)
    places = {os.path.join(root, os.fsencode(s.path)): s for s in report.shots}
    halves = {
        path: {
            os.path.join(root, os.fsencode(c.path)): c.content
            for c in s.companions
            if c.content and words.get(c.content) in (None, Verdict.REJECT)
        }
        for path, s in places.items()
        if s.content in words
    }
    photos = {
        *places,
        *(os.path.join(root, os.fsencode(c.path)) for s in report.shots for c in s.companions if c.content),
    }
    preferred = sorted(
        (path for path, s in places.items() if words.get(s.content) is Verdict.KEEP_ONE),
        key=lambda p: originality(places[p]),
    )
    ranks = {path: n for n, path in enumerate(preferred)}
    told = desk.library.companions.link_metadata(desk.library.folders.all())
    shots = {s.content: s for s in report.shots}
    return Situation(words, spots, _paths(report, groups), shots, disk, halves, ranks, frozenset(photos), told)


def _paths(report: Report, groups: Iterable[Sequence[int]]) -> list[list[bytes]]:
    root = os.fsencode(report.root)
    return [[os.path.join(root, os.fsencode(report.shots[m].path)) for m in members] for members in groups]
