"""How the library stands: its folders and the daemon, and what an owner who looks at the page must know of that."""

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from dejashot.errors import DejashotError
from dejashot.language.stored_texts import translate_stored
from dejashot.language.texts import t, tn
from dejashot.library.daemon_status import DaemonStatus, daemon_problem, is_locked, running_daemon
from dejashot.library.library import Library
from dejashot.paths import shown

MIN_WAITING = 5  # photos that wait; fewer are read before they are noticed


@dataclass(frozen=True, slots=True)
class LibraryStanding:
    """Names of the known folders and of those that are not there, whether photos are known, who works on it.

    `expected` tells that a daemon followed the folders, `busy` that another command holds the library.
    """

    folders: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    photos: bool = False
    daemon: DaemonStatus | None = None
    expected: bool = False
    busy: bool = False
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Notice:
    """What an owner must know, in a sentence or two; `problem` tells that something is wrong."""

    text: str
    problem: bool = False


def standing_of(library: Path) -> LibraryStanding:
    """Return how a library stands, as far as it can be read."""
    daemon = running_daemon(library)
    busy = daemon is None and is_locked(library)
    problem = daemon_problem(library, daemon)
    try:
        with closing(Library.open_read_only(library)) as known:
            folders = known.folders.all()
            photos = known.files.any_present([f.id for f in folders])
    except (DejashotError, OSError):  # every page says what is wrong with it
        return LibraryStanding(daemon=daemon, busy=busy, problem=problem)
    return LibraryStanding(
        folders=tuple(shown(f.path.name) for f in folders),
        missing=tuple(shown(f.path.name) for f in folders if not f.path.is_dir()),
        photos=photos,
        daemon=daemon,
        expected=any(f.watched for f in folders),
        busy=busy,
        problem=problem,
    )


def notices_on(standing: LibraryStanding) -> list[Notice]:
    """Return what is to be said on every page; nothing where all is well."""
    daemon = standing.daemon
    found: list[Notice] = []
    if standing.problem:
        found.append(
            Notice(t("Something is wrong: {problem}.", problem=translate_stored(standing.problem)), problem=True)
        )
    if standing.missing:
        found.append(Notice(_missing(standing.missing), problem=True))
    if daemon is None:
        if standing.busy:
            found.append(Notice(t("Another command works on the library: groups may still grow.")))
        elif standing.expected:
            text = t("Dejashot is not running: new photos are not looked at. dejashot service status says more.")
            found.append(Notice(text, problem=True))
        return found
    known = sum(int(folder.get("photos", 0)) for folder in daemon.folders)
    new = daemon.backlog - daemon.reembedding
    if new >= MIN_WAITING:
        text = tn(
            "Reading: {known} of {count} photo; groups may still grow.",
            "Reading: {known} of {count} photos; groups may still grow.",
            known + new,
            known=known,
        )
        found.append(Notice(text))
    if daemon.reembedding >= MIN_WAITING:
        text = tn(
            "Reading again for another model: {count} photo left.",
            "Reading again for another model: {count} photos left.",
            daemon.reembedding,
        )
        found.append(Notice(text))
    return found


def _missing(names: Sequence[str]) -> str:
    if len(names) == 1:
        return t("Paused: the folder {name} is not there. Photos in it are left out.", name=names[0])
    return tn(
        "Paused: {count} folder is not there ({names}). Photos in it are left out.",
        "Paused: {count} folders are not there ({names}). Photos in them are left out.",
        len(names),
        names=", ".join(names),
    )
