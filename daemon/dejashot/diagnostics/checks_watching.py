"""The checks of the watched folders, and of the system's limits for watching them."""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from dejashot.config.locations import top_folders
from dejashot.config.settings import Settings, WatchSettings
from dejashot.diagnostics.finding import Finding, advice, ok, wrong
from dejashot.diagnostics.requirements import refuse_own_folders
from dejashot.errors import DejashotError, FolderError
from dejashot.files.mounts import kind_of, read_mounts, watch_method_for
from dejashot.paths import shown
from dejashot.reports.wording import plural
from dejashot.watch.walk import check_folder

INOTIFY_LIMITS = Path("/proc/sys/fs/inotify")
MIN_SUGGESTED_WATCHES = 524_288
SUGGESTED_INSTANCES = 1024
_SYSCTL = "echo fs.inotify.{key}={value} | sudo tee /etc/sysctl.d/{file} && sudo sysctl --system"


def check_folders(settings: Settings) -> Iterator[Finding]:
    """Check the folders of the configuration."""
    try:
        watched = top_folders(Path(f) for f in settings.folders)
        refuse_own_folders(settings, watched)
    except DejashotError as error:
        yield wrong("folders", error.title, error.hint)
        return
    if not watched:
        yield advice(
            "folders",
            "none is named in the configuration",
            "`dejashot setup` finds yours; or name one to `dejashot run`",
        )
    if len(watched) < len(settings.folders):
        yield _repeated_finding(settings, watched)
    for folder in watched:
        yield _folder_finding(folder, settings.watch)


def _repeated_finding(settings: Settings, watched: Sequence[Path]) -> Finding:
    """Return which folders lie inside others, or that one is named twice."""
    inner = [folder for folder in settings.folders if top_folders([Path(folder)])[0] not in watched]
    if not inner:
        return advice("folders", "one is named twice", "Name it once")
    text = f"{', '.join(map(shown, inner))} {'lies' if len(inner) == 1 else 'lie'} inside another one"
    return advice("folders", text, "Name the outer one only: what is below it is included")


def _folder_finding(folder: Path, watch: WatchSettings) -> Finding:
    name = f"folder {shown(folder)}"
    if not folder.exists():
        return wrong(name, "it is not there", "Check the spelling, or whether the disk is mounted")
    try:
        check_folder(folder)
        with os.scandir(folder) as listing:
            empty = next(listing, None) is None
    except FolderError as error:
        return wrong(name, error.title, error.hint)
    except OSError as error:
        return wrong(name, str(error.strerror), "Check the permissions")
    plan = watch_method_for(folder, watch.method, watch.methods, read_mounts())
    if empty:
        return advice(name, "it is empty", "Right if nothing was synced yet; otherwise: is the disk mounted?")
    if plan.polled:
        return advice(
            name,
            f"polled: {plan.why}",
            f"It is walked every {watch.poll_s:g} s instead (watch.poll_s); watch.methods can decide otherwise",
        )
    if not os.access(folder, os.W_OK):
        fix = "Right if you never apply decisions: `dejashot apply` can't move photos out of it"
        return advice(name, "it can be read, but not written", fix)
    kind = file_system(folder)
    return ok(name, f"there, can be listed{f', on {kind}' if kind else ''}")


def file_system(path: Path) -> str:
    """Return the type of the file system that holds a path, empty where the system does not say."""
    return kind_of(os.fsencode(path.resolve()), read_mounts()) if path.exists() else ""


def check_watch_limits(settings: Settings, limits: Path = INOTIFY_LIMITS) -> Iterator[Finding]:
    """Compare the system's limits, which stand in files of the folder `limits`, with what watching needs."""
    try:
        watched = top_folders(Path(f) for f in settings.folders)
    except DejashotError:  # the check of the folders says so
        return
    max_watches, max_instances = _number(limits / "max_user_watches"), _number(limits / "max_user_instances")
    if max_watches is not None:
        yield _watches_finding(watched, max_watches)
    if max_instances is not None:
        yield _instances_finding(len(watched), max_instances)


def _watches_finding(watched: Sequence[Path], limit: int) -> Finding:
    needed = sum(1 + sum(len(names) for _, names, _ in os.walk(os.fsencode(folder))) for folder in watched)
    text = f"{plural(needed, 'folder')} to watch, the system allows {limit:,}"
    suggested = max(MIN_SUGGESTED_WATCHES, 2 ** (2 * needed).bit_length())
    fix = _SYSCTL.format(key="max_user_watches", value=suggested, file="60-dejashot.conf")
    if needed > limit:
        return wrong("watches", text, fix)
    if needed * 2 > limit:
        return advice("watches", f"{text}, which other programs use as well", fix)
    return ok("watches", text)


def _instances_finding(needed: int, limit: int) -> Finding:
    used = _inotify_instances()
    text = f"{used:,} of {limit:,} in use by the programs of your account"
    fix = _SYSCTL.format(key="max_user_instances", value=SUGGESTED_INSTANCES, file="61-dejashot.conf")
    return wrong("watchers", text, fix) if used + needed > limit else ok("watchers", text)


def _number(file: Path) -> int | None:
    try:
        return int(file.read_text())
    except (OSError, ValueError):
        return None


def _inotify_instances() -> int:
    """Return how many inotify instances the processes of this account hold."""
    count = 0
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if process.stat().st_uid == os.getuid():
                count += sum(str(handle.readlink()) == "anon_inode:inotify" for handle in (process / "fd").iterdir())
        except OSError:
            continue  # it ended meanwhile, or is another account's
    return count
