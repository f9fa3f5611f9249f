"""The checks of the folders that Dejashot writes to besides its library, and where apply moves photos to."""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from dejashot.actions.planning.destination_choice import choose_destination
from dejashot.config.locations import digest_folder, top_folders
from dejashot.config.settings import Settings
from dejashot.diagnostics.finding import Finding, advice, ok, wrong
from dejashot.errors import ConfigError, FolderError
from dejashot.models.decisions import ApplyMethod
from dejashot.paths import preview_folder, shown


def writing_problem(folder: Path) -> str:
    """Return why nothing can be written in a folder, which may have to be made first; empty where it can."""
    there = next(p for p in (folder, *folder.parents) if os.path.lexists(p))
    if not there.is_dir():
        return f"{shown(there)} is not a folder"
    return "" if os.access(there, os.W_OK | os.X_OK) else f"{shown(there)} can't be written"


def check_written_folders(settings: Settings) -> Iterator[Finding]:
    """Check the folders of digests, of rejected photos, of the album, of previews and of the metrics."""
    try:
        watched = top_folders(Path(f) for f in settings.folders)
    except FolderError:  # the check of the folders says so
        watched = []
    if settings.digest.folder:
        yield _digest_finding(digest_folder(settings), watched)
    for how in (ApplyMethod.QUARANTINE, ApplyMethod.ALBUM):
        if getattr(settings.review, how.value):
            yield _destination_finding(settings, how, watched)
    folder = preview_folder()
    problem = writing_problem(folder)
    fix = "Check who owns it, or set XDG_CACHE_HOME"
    yield wrong("previews", problem, fix) if problem else ok("previews", shown(folder))
    if settings.metrics.file:
        yield _metrics_finding(Path(settings.metrics.file).expanduser().absolute())


def _digest_finding(folder: Path, watched: Sequence[Path]) -> Finding:
    name = "digest folder"
    if problem := writing_problem(folder):
        return wrong(name, problem, "Mend that, or name another digest.folder")
    place = Path(os.path.realpath(folder))
    around = next((w for w in watched if place.is_relative_to(w)), None)
    if around is not None:
        text = f"{shown(folder)} lies in {shown(around)}, which is watched"
        return advice(name, text, "Nothing in it is looked at. A sync tool that shares your photos shares it as well")
    return ok(name, shown(folder))


def _destination_finding(settings: Settings, how: ApplyMethod, watched: Sequence[Path]) -> Finding:
    """Check the configured folder of one way to apply decisions, as `dejashot apply` does."""
    try:
        place = Path(os.fsdecode(choose_destination(settings, how, "", watched)))
    except ConfigError as error:
        return wrong(how.value, error.title, f"{error.hint}; the key is review.{how.value}")
    if problem := writing_problem(place):
        return wrong(how.value, problem, f"Mend that, or name another review.{how.value}")
    return ok(how.value, shown(place))


def _metrics_finding(file: Path) -> Finding:
    problem = writing_problem(file.parent) if file.parent.exists() else f"there is no folder {shown(file.parent)}"
    if problem:
        return wrong("metrics", problem, "Make it, or make it writable, or name another metrics.file")
    return ok("metrics", shown(file))
