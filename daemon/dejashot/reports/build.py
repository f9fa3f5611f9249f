"""From the library to a report: sift the shots in question, take a closer look at the groups, choose keepers."""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import tzlocal

from dejashot.config.settings import Settings
from dejashot.config.values import Strictness
from dejashot.files.exclusions import Exclusion, merged
from dejashot.files.names import RAW, suffix_of
from dejashot.grouping.capture_clocks import Clocks, correct_clock, resolve_times
from dejashot.grouping.group_kinds import Naming, refine_kind
from dejashot.grouping.groups import Limits, group
from dejashot.grouping.identity import identities, inherited, member_key
from dejashot.grouping.keepers.choose import suggest_keepers
from dejashot.grouping.places import LocatedShot, borrowed
from dejashot.grouping.shot_units import unit_link
from dejashot.grouping.similarity import Rules, adjacent_pairs, open_questions
from dejashot.grouping.timeline import in_runs_with_new
from dejashot.grouping.verdicts import with_decisions
from dejashot.library.journal import DecisionJournal
from dejashot.library.library import Library
from dejashot.library.previews import keep_preview, preview_file, read_preview
from dejashot.library.tables.folders import Folder
from dejashot.library.tables.vectors import ModelRow
from dejashot.models.capture import Certainty
from dejashot.models.files import FileStamp, Skipped
from dejashot.models.groups import Group, Kind, Matches
from dejashot.models.photo import Quality
from dejashot.models.shot import Shot
from dejashot.reading.pool import Job, ReaderPool
from dejashot.reading.vision.model import EmbeddingModel, VerificationParameters, load_model, model_file, stored_model
from dejashot.reports.assemble import assemble_shots
from dejashot.reports.geocoding import names_of
from dejashot.reports.preempt import preemptible
from dejashot.reports.report import Health, Report, ReportGroup
from dejashot.reports.verification import unanswered, verify_pairs


@dataclass(frozen=True, slots=True)
class ReportRequest:
    """What a report is about: folders, what counts as new (arrivals after `after_seq`), and whether pictures are wanted.

    With `only_new` the report holds the runs with something new in them and no others; `since_us` leaves out what was taken before.
    Without `looks` the report makes do with what was looked at before.
    """

    title: str
    folders: Sequence[Folder]
    after_seq: int = 0
    only_new: bool = False
    since_us: int | None = None
    previews: bool = False
    health: Sequence[Health] = ()
    include_place: bool = False
    looks: bool = True


@dataclass
class ReportContext:
    """What making a report needs: the settings, the library, its network, a reader pool, the owner's decisions, and where a closer look is kept."""

    settings: Settings
    library: Library
    row: ModelRow
    pool: ReaderPool
    journal: DecisionJournal
    remember: Callable[[bytes, Quality], None] = field(default=lambda _content, _quality: None)
    remember_matches: Callable[[Matches], None] | None = None
    remember_identities: Callable[[dict[tuple[bytes, bool], str]], None] | None = None
    stopping: Callable[[], bool] = field(default=lambda: False)

    @cached_property
    def network(self) -> EmbeddingModel:
        """Return the description of the network that the vectors come from."""
        return stored_model(self.row.description)


def rules_of(settings: Settings, network: EmbeddingModel) -> Rules:
    """Return the decision of a network at the owner's strictness."""
    d, look = (
        network.decision,
        network.decision.second_look or VerificationParameters(weight=0, least=0, most=1, base=0, slope=0),
    )
    return Rules(
        bias=d.bias,
        cosine=d.cosine,
        match=look.weight,
        match_least=look.least,
        match_most=look.most,
        match_base=look.base,
        match_slope=look.slope,
        near=d.near,
        near_s=d.near_s,
        nearest_s=d.nearest_s,
        burst=d.burst,
        blank_cosine=d.blank_cosine,
        blank_contrast=d.blank_contrast,
        threshold=threshold_of(settings, network),
    )


def clocks_of(settings: Settings) -> Clocks:
    """Return what the settings say of clocks."""
    home = ZoneInfo(settings.capture.home_timezone) if settings.capture.home_timezone else tzlocal.get_localzone()
    return Clocks(home, settings.sifting.interval_s, settings.capture.clock_offsets_s)


def threshold_of(settings: Settings, network: EmbeddingModel) -> float:
    """Return the least P(same shot) that counts as the same shot: the owner's number, or the network's for the owner's word."""
    strictness = settings.sifting.strictness
    return network.decision.thresholds[strictness.value] if isinstance(strictness, Strictness) else strictness


def build_report(
    desk: ReportContext, question: ReportRequest, made_at: datetime, elapsed_s: Callable[[], float]
) -> Report:
    """Make a report; `made_at` is aware local time, `elapsed_s` tells how long it all took.

    Raises StoppedError when the desk is stopping before all that has to be looked at was.
    """
    sifting = desk.settings.sifting
    root, name = _names(question.folders)
    shots, where, skipped = _gather(desk, question, sifting.interval_s, name)
    rules = rules_of(desk.settings, desk.network)
    least = Certainty(sifting.min_certainty)
    limits, naming = Limits(sifting.interval_s, sifting.max_span_s, least), Naming(sifting.burst_gap_s)
    questions = open_questions(rules, shots, sifting.interval_s, sifting.max_span_s)
    matches = _second_looks(desk, shots, where, questions, take=question.looks)
    pairs = adjacent_pairs(rules, shots, sifting.interval_s, matches, desk.journal.separated_pairs)
    groups = group(shots, rules, limits, naming, matches, desk.journal.separated_pairs)
    if question.only_new:
        groups = [g for g in groups if any(shots[m].new or shots[m].grown for m in g.members)]
    qualities = _closer_looks(desk, shots, where, groups, question)
    shots = [_as_looked_at(s, qualities) for s in shots]
    groups = [found for g in groups for found in refine_kind(shots, g, qualities)]
    return Report(
        title=question.title,
        made_at=made_at,
        interval_s=sifting.interval_s,
        model=desk.network.label,
        root=str(root),
        shots=shots,
        pairs=pairs,
        groups=_chosen(desk, question, shots, groups, qualities),
        skipped=skipped,
        health=question.health,
        seconds=elapsed_s(),
        covers_new=question.only_new,
        include_place=question.include_place,
        places=_places(desk.settings, shots) if question.include_place else {},
        places_named=question.include_place and desk.settings.places.name,
        not_looked_at=_left_out(desk, question.folders, name),
        left_out=sum(not s.taken.certainty.reaches(least) for s in shots),
        preview=read_preview,
    )


def _names(folders: Sequence[Folder]) -> tuple[Path, Callable[[int, bytes], str]]:
    """Return the folder that paths in a report are below of, and what gives a file its name there: its folder's id, the path below that."""
    root = Path(os.path.commonpath([f.path for f in folders])) if folders else Path.cwd()
    prefix = {f.id: os.path.relpath(os.fsencode(f.path), os.fsencode(root)) for f in folders}
    return root, lambda folder, path: os.fsdecode(
        path if prefix[folder] == b"." else os.path.join(prefix[folder], path)
    )


def _left_out(desk: ReportContext, folders: Sequence[Folder], name: Callable[[int, bytes], str]) -> list[Exclusion]:
    """Return what was left out on purpose in all folders together, with paths as in the report."""
    found = desk.library.folders.exclusions([f.id for f in folders])
    named = (
        replace(p, paths=tuple(os.fsencode(name(folder, q)) for q in p.paths))
        for folder, parts in found.items()
        for p in parts
    )
    return merged(named)


def _gather(
    desk: ReportContext, question: ReportRequest, interval_s: float, name: Callable[[int, bytes], str]
) -> tuple[list[Shot], list[bytes], list[Skipped]]:
    """Return the timeline with the names of its files, where each shot lies, and what was skipped."""
    by_id = {f.id: f for f in question.folders}
    clocks = clocks_of(desk.settings)
    rows = desk.library.shots.in_folders(
        list(by_id), desk.row.id, _wanted(desk, question, clocks, interval_s), question.after_seq, name
    )
    # a folder inside another one may have been scanned by itself: each file counts once
    roots = {i: os.fsencode(f.path) for i, f in by_id.items()}
    named = {os.path.join(roots[row.folder], row.path): row.shot for row in rows}
    files = dict(zip(named, correct_clock(list(named.values()), clocks), strict=True))
    lying = (desk.library.companions.stamps(list(by_id)), _unread_raws(desk, list(by_id)))
    beside = {
        os.path.join(roots[f], p): (name(f, p), stamp)
        for some in lying
        for f, found in some.items()
        for p, stamp in found.items()
    }
    placed = assemble_shots(files, beside, desk.library.companions.link_metadata(question.folders) if beside else {})
    unread = {name(s.folder, s.path): s.skipped for s in desk.library.files.skipped(list(by_id), question.after_seq)}
    skipped = [replace(s, path=path) for path, s in unread.items()]
    return [shot for _, shot in placed], [path for path, _ in placed], skipped


def _unread_raws(desk: ReportContext, folders: Sequence[int]) -> dict[int, dict[bytes, FileStamp]]:
    """Return the raw files that can't be read, by folder and path below it: they belong to their photos all the same."""
    return {
        folder: {path: stamp for path, stamp in found.items() if suffix_of(os.fsdecode(path)) in RAW}
        for folder, found in desk.library.files.skipped_stamps(folders).items()
    }


def _wanted(desk: ReportContext, question: ReportRequest, clocks: Clocks, interval_s: float) -> list[int] | None:
    """Return the numbers of the files that a report is about, by their times as they are compared; None for all."""
    if not question.only_new and question.since_us is None:
        return None
    times = desk.library.shots.times([f.id for f in question.folders])
    taken_us = resolve_times(times.taken, clocks).taken_us
    chosen = np.ones(len(times.files), dtype=np.bool_)
    if question.only_new:
        chosen = in_runs_with_new(taken_us, times.arrivals, question.after_seq, interval_s)
    elif question.since_us is not None:
        chosen = taken_us >= question.since_us
    return None if chosen.all() else times.files[chosen].tolist()


def _places(settings: Settings, shots: Sequence[Shot]) -> dict[int, LocatedShot]:
    """Return the place of each shot that has one or may borrow one, by its index, with its name where names are wanted."""
    found = borrowed(shots, settings.places.borrow_s)
    if not settings.places.name:
        return found
    names = names_of({(f.place.latitude, f.place.longitude) for f in found.values()})
    return {n: replace(f, name=names.get((f.place.latitude, f.place.longitude), "")) for n, f in found.items()}


def _second_looks(
    desk: ReportContext,
    shots: Sequence[Shot],
    where: Sequence[bytes],
    questions: Sequence[tuple[int, int]],
    *,
    take: bool,
) -> Matches:
    """Return the matches of uncertain pairs, taking the second looks that were not taken yet."""
    known = desk.library.measurements.matches(desk.row.id, sorted({shots[a].key for a, _ in questions}))
    missing = unanswered(shots, questions, known)
    if not missing or not take or desk.remember_matches is None:
        return known  # taken by whoever can keep them: the daemon, or a scan
    if load_model(model_file(desk.settings.model.path)).fingerprint != desk.row.fingerprint:
        return known  # the readers have another network by now: its maps must not be mixed in
    for fresh in verify_pairs(desk.pool, shots, where, missing, desk.stopping):
        desk.remember_matches(fresh)
        known |= fresh
    return known


def _closer_looks(
    desk: ReportContext, shots: Sequence[Shot], where: Sequence[bytes], groups: Sequence[Group], question: ReportRequest
) -> dict[bytes, Quality]:
    """Return the quality of all members of groups, looking at those not looked at yet; make previews where wanted."""
    members = {shots[m].content: m for g in groups for m in g.members}
    ranked = {shots[m].content for g in groups if _has_choice(shots, g) for m in g.members}
    known = desk.library.measurements.quality(list(members))
    wanted = [
        Job(where[m], content)
        for content, m in members.items()
        if (content in ranked and content not in known) or (question.previews and not preview_file(content).exists())
    ]
    if not question.looks:
        return known
    for job, answer in preemptible(desk.pool.look, wanted, desk.stopping):
        if isinstance(answer, tuple) and answer[0] == job.ticket:
            look = answer[1]
            known[job.ticket] = look.quality
            desk.remember(job.ticket, look.quality)
            keep_preview(job.ticket, look.preview)
    return known


def _has_choice(shots: Sequence[Shot], group: Group) -> bool:
    """Tell whether the members of a group differ in a way that a closer look may tell."""
    return group.kind is not Kind.SERIES and len({shots[m].content for m in group.members}) > 1


def _as_looked_at(shot: Shot, qualities: dict[bytes, Quality]) -> Shot:
    """Return a shot with the damage that a closer look has found."""
    quality = qualities.get(shot.content)
    return shot if quality is None or quality.damage == shot.damage else replace(shot, damage=quality.damage)


def _chosen(
    desk: ReportContext,
    question: ReportRequest,
    shots: Sequence[Shot],
    groups: Sequence[Group],
    qualities: dict[bytes, Quality],
) -> list[ReportGroup]:
    """Return each group with its id, what to keep of it, and what is new in it; new ids are remembered by whoever can."""
    members = {shots[m].content: shots[m] for g in groups for m in g.members}
    halves = {c.content: shot.content for shot in members.values() for c in shot.companions if c.content}
    remembered = inherited(desk.library.group_ids.of_contents(sorted({*members, *halves})), halves)
    names = identities(shots, groups, remembered)
    words = unit_link(members.values(), desk.journal.verdicts)
    chosen: list[ReportGroup] = []
    fresh: dict[tuple[bytes, bool], str] = {}
    for g, name in zip(groups, names, strict=True):
        keys = {m: member_key(shots, g, m) for m in g.members}
        fresh |= {key: name for key in keys.values() if remembered.get(key) != name}
        # one shot seen before and one that is new are a new group
        before = sum(not shots[m].new and remembered.get(key) == name for m, key in keys.items())
        new = sum(shots[m].new for m in g.members)
        suggestion = suggest_keepers(shots, g, qualities)
        choice = with_decisions(shots, g, suggestion, qualities, words)
        decided = {m: words[shots[m].content] for m in g.members if shots[m].content in words}
        chosen.append(
            ReportGroup(
                name, g, choice, new, amends=question.only_new and before > 1, decided=decided, suggestion=suggestion
            )
        )
    if fresh and desk.remember_identities is not None:
        desk.remember_identities(fresh)
    return chosen
