"""The promises of watching, with real daemons, real file systems and real limits of the kernel."""

import logging
import os
import random
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from watchdog.observers.api import EventEmitter

from daemons import photos as known
from daemons import running, wait_until
from dejashot.files.names import NameRules
from dejashot.watch.folder_watch import FolderWatch, OverflowFilter, WatchState
from dejashot.watch.walk import FolderWalk
from homes import Home
from scenes import save_photo, scene
from watches import Reports

LONG = bool(os.environ.get("DEJASHOT_LONG"))
NOTICED_S = 10.0
SLACK_S = 6.0  # for reading the status by a command on a busy machine
NOON = datetime(2026, 7, 1, 12)
QUICK = '[watch]\nquiet_s = 0.2\npoll_s = 2\npoll_quiet_s = 0.5\n[digest]\nschedule = "never"\n'
QUEUE = Path("/proc/sys/fs/inotify/max_queued_events")


def print_figure(figure: str) -> None:
    """Print a figure, shown by `pytest -s`."""
    sys.stdout.write(f"\n{figure}\n")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "Pictures"
    made.mkdir()
    return made


@pytest.fixture
def start(home: Home) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    running: list[subprocess.Popen[str]] = []

    def begin(
        *folders: Path, config: str = QUICK, before: tuple[str, ...] = (), ready: bool = True
    ) -> subprocess.Popen[str]:
        home.configure(config)
        log = (home.path / f"log{len(running)}").open("w")
        process = subprocess.Popen(
            [*before, *home.command("run", *folders)], env=home.environment, stdout=log, stderr=log, text=True
        )
        log.close()
        running.append(process)
        if ready:
            output = home.path / f"log{len(running) - 1}"
            wait_until(
                lambda: process.poll() is not None or "watching" in output.read_text().lower(), "the daemon runs"
            )
            assert process.poll() is None, output.read_text()
        return process

    yield begin
    for process in running:
        if process.poll() is None:
            process.kill()
        process.wait()


def first(home: Home) -> dict[str, Any]:
    return home.json("status")["folders"][0]  # type: ignore[no-any-return]


def fill(folder: Path, count: int, after: int = 0) -> None:
    for n in range(after, after + count):
        save_photo(folder / f"IMG_{n:04d}.jpg", scene(n, (160, 120)), NOON + timedelta(minutes=n))


class Writer(threading.Thread):
    """Add photos in every way there is, several a second, until stopped."""

    def __init__(self, folder: Path, aside: Path) -> None:
        super().__init__()
        self.folder, self.aside = folder, aside
        self.ended = threading.Event()
        self.written: list[str] = []
        self._random = random.Random(7)
        self._photo = save_photo(aside / "one.jpg", scene(1, (160, 120)), NOON).read_bytes()

    def run(self) -> None:
        while not self.ended.wait(self._random.uniform(0.01, 0.25)):
            n = len(self.written)
            place = self.folder / f"day{n % 40}" if n % 3 else self.folder
            place.mkdir(exist_ok=True)
            target = place / f"IMG_{n:05d}.jpg"
            data = self._photo + str(n).encode()  # what follows a JPEG's end is no part of it
            if n % 4 == 0:
                target.write_bytes(data)
            elif n % 4 == 1:
                (temp := place / f".syncthing.{target.name}.tmp").write_bytes(data)
                temp.rename(target)
            else:
                (outside := self.aside / target.name).write_bytes(data)
                outside.rename(target) if n % 4 == 2 else target.hardlink_to(outside)
            self.written.append(str(target.relative_to(self.folder)))


@pytest.mark.alone
def test_no_photo_is_missed_over_starts_and_stops_with_a_live_writer(
    home: Home, folder: Path, tmp_path: Path, start: Callable[..., Any]
) -> None:
    cycles = 200 if LONG else 12
    writer, rng = Writer(folder, tmp_path / "aside"), random.Random(3)
    writer.start()
    try:
        for n in range(cycles):
            process = start(folder, ready=bool(n % 3))
            with pytest.raises(subprocess.TimeoutExpired):  # it runs until it is killed at some moment
                process.wait(rng.uniform(0.1, 1.2))
            process.send_signal(signal.SIGKILL if n % 2 else signal.SIGTERM)
            process.wait(timeout=30)
        start(folder)
        count = len(writer.written)
        wait_until(lambda: len(writer.written) >= count + 5, "more photos land after the last start")
    finally:
        writer.ended.set()
        writer.join()
    wait_until(lambda: known(home) >= len(writer.written), "all are found")
    found = {p["path"] for p in home.json("report")["photos"]}
    print_figure(f"{cycles} cycles, {len(writer.written)} photos, {len(set(writer.written) - found)} missed")
    assert found == set(writer.written)


@pytest.mark.alone
def test_more_arrivals_at_once_than_the_kernel_keeps_are_all_found(tmp_path: Path) -> None:
    root = tmp_path / "root"
    root.mkdir()
    walks, seen, overflowed = threading.Event(), set[bytes](), threading.Event()
    hold = threading.Event()

    def on_path(path: bytes) -> None:
        hold.wait(20)
        seen.add(path)

    def on_overflow() -> None:
        overflowed.set()
        walks.set()

    before = QUEUE.read_text() if QUEUE.exists() else ""
    try:
        QUEUE.write_text("64")
    except OSError:
        pytest.skip("lowering the kernel's queue needs privileges")
    watch = FolderWatch(root, Reports(on_path, walks.set))
    overflow = OverflowFilter(on_overflow)
    logging.getLogger("watchdog.observers.inotify_c").addFilter(overflow)
    try:
        watch.start()  # the kernel takes the length of a queue when it is made
        QUEUE.write_text(before)
        for batch in range(20):  # again until a queue ran over: its reader may be quick
            for n in range(3000):
                os.close(os.open(root / f"{batch}_{n}.jpg", os.O_CREAT | os.O_WRONLY))
            if overflowed.wait(1.0):
                break
        hold.set()
        assert overflowed.wait(10), "the queue never ran over"
        assert len(seen) < 3000 * (batch + 1)
        assert sum(1 for _ in FolderWalk(root, NameRules())) == 3000 * (batch + 1)
    finally:
        QUEUE.write_text(before)
        hold.set()
        logging.getLogger("watchdog.observers.inotify_c").removeFilter(overflow)
        watch.stop()


@pytest.mark.alone
def test_a_daemon_finds_all_that_arrive_at_once_although_its_queue_runs_over(
    home: Home, folder: Path, tmp_path: Path, start: Callable[..., Any]
) -> None:
    fill(folder, 1)
    before = QUEUE.read_text() if QUEUE.exists() else ""
    try:
        QUEUE.write_text("64")
    except OSError:
        pytest.skip("lowering the kernel's queue needs privileges")
    try:
        start(folder)
    finally:
        QUEUE.write_text(before)
    data = (folder / "IMG_0000.jpg").read_bytes()
    (tmp_path / "x.jpg").write_bytes(data)
    for n in range(3000):  # 3,000 names of one photo: all are found, none is read twice
        (folder / f"copy{n:04d}.jpg").hardlink_to(tmp_path / "x.jpg")
    wait_until(lambda: known(home) == 3001, "all are found")
    assert "faster than the system could tell" in (home.path / "log0").read_text()


def mount(folder: Path) -> bool:
    return subprocess.run(["mount", "-t", "tmpfs", "tmpfs", folder], capture_output=True).returncode == 0


def unmount(folder: Path) -> None:
    subprocess.run(["umount", "-l", folder], check=True)


@pytest.mark.alone
def test_roots_that_go_away_are_paused_in_time_lose_nothing_and_come_back(
    home: Home, tmp_path: Path, start: Callable[..., Any], request: pytest.FixtureRequest
) -> None:
    folders = {name: tmp_path / name for name in ("stays", "renamed", "recreated", "marked", "unmounted", "covered")}
    for n, folder in enumerate(folders.values()):
        folder.mkdir()
        fill(folder, 2, after=2 * n)
    (folders["marked"] / ".stfolder").mkdir()
    aside = {name: tmp_path / f"aside-{name}" for name in folders}
    if mount(folders["unmounted"]):
        request.addfinalizer(lambda: subprocess.run(["umount", "-l", folders["unmounted"]], capture_output=True))
        fill(folders["unmounted"], 2, after=8)
    else:
        del folders["unmounted"], folders["covered"]  # mounting needs privileges
    start(*folders.values())
    all_known = 2 * len(folders)
    wait_until(lambda: known(home) == all_known, "all are found")

    folders["renamed"].rename(aside["renamed"])
    shutil.copytree(folders["recreated"], aside["recreated"])
    shutil.rmtree(folders["recreated"])
    (folders["marked"] / ".stfolder").rename(aside["marked"])
    if "unmounted" in folders:
        shutil.copytree(folders["unmounted"], aside["unmounted"])
        unmount(folders["unmounted"])
        for photo in folders["unmounted"].iterdir():
            photo.unlink()
        assert mount(folders["covered"])
        request.addfinalizer(lambda: subprocess.run(["umount", "-l", folders["covered"]], capture_output=True))

    def states() -> dict[str, str]:
        return {Path(f["path"]).name: f["state"] for f in home.json("status")["folders"]}

    away = {**dict.fromkeys(folders, "paused"), "stays": "watching"}
    paused_s = wait_until(lambda: states() == away, "the losses are noticed")
    body = home.json("status")
    assert (body["photos"], body["missing"]) == (all_known, 0)
    assert all(f["trouble"] for f in body["folders"] if not f["path"].endswith("stays"))
    fill(folders["stays"], 1, after=20)
    wait_until(lambda: home.status()["photos"] == all_known + 1, "the other folder is still followed")

    aside["renamed"].rename(folders["renamed"])
    aside["recreated"].rename(folders["recreated"])
    aside["marked"].rename(folders["marked"] / ".stfolder")
    if "unmounted" in folders:
        assert mount(folders["unmounted"])
        shutil.copytree(aside["unmounted"], folders["unmounted"], dirs_exist_ok=True)
        unmount(folders["covered"])
    resumed_s = wait_until(lambda: set(states().values()) == {"watching"}, "all are back")
    print_figure(f"{len(folders) - 1} folders: paused after {paused_s:.1f} s, resumed after {resumed_s:.1f} s")
    for n, folder in enumerate(folders.values()):
        fill(folder, 1, after=30 + n)
    wait_until(lambda: known(home) == all_known + 1 + len(folders), "what lands afterwards is found")
    assert home.json("status")["missing"] == 0
    assert max(paused_s, resumed_s) <= NOTICED_S + SLACK_S


def limited(count: int, what: str = "watches") -> tuple[str, ...]:
    """Return a command prefix that limits the watches (or instances) in a user namespace of its own."""
    command = ("unshare", "-Ur", "sh", "-c", f'echo {count} > /proc/sys/user/max_inotify_{what} && exec "$@"', "sh")
    if subprocess.run([*command, "true"], capture_output=True).returncode if shutil.which("unshare") else True:
        pytest.skip("a limit of our own needs user namespaces")
    return command


def test_a_spent_watch_limit_is_reported_with_a_remedy_and_all_photos_are_found(
    home: Home, folder: Path, start: Callable[..., Any]
) -> None:
    for n in range(30):
        (folder / f"day{n:02d}").mkdir()
    process = start(folder, before=limited(10))
    noticed_s = wait_until(lambda: "not watched" in first(home)["trouble"], "the limit is noticed")
    problem = first(home)["trouble"]
    assert problem.startswith("21 of 31 folders are not watched, so all are walked every 2 s")
    assert "sysctl fs.inotify.max_user_watches" in problem
    for n in range(30):
        save_photo(folder / f"day{n:02d}" / "x.jpg", scene(n, (160, 120)))
    wait_until(lambda: known(home) == 30, "all are found")
    print_figure(f"watch limit noticed after {noticed_s:.1f} s")
    if LONG:  # tried again each minute
        raised = ["sh", "-c", "echo 1000 > /proc/sys/user/max_inotify_watches"]
        subprocess.run(["nsenter", "-t", str(process.pid), "-U", "--preserve-credentials", *raised], check=True)
        wait_until(lambda: first(home)["trouble"] == "", "everything is watched", 120)


@pytest.mark.parametrize("what", ["watches", "instances"])
def test_a_folder_of_which_nothing_can_be_watched_is_polled(
    home: Home, folder: Path, start: Callable[..., Any], what: str
) -> None:
    start(folder, before=limited(0, what))
    row = first(home)
    assert (row["state"], row["how"]) == ("polled", "every 2 s")
    assert f"max_user_{what}" in row["trouble"]
    fill(folder, 2)
    wait_until(lambda: known(home) == 2, "they are found")


def test_each_folder_is_followed_in_its_own_way_and_a_missing_one_delays_no_other(
    home: Home, folder: Path, tmp_path: Path, start: Callable[..., Any]
) -> None:
    polled, away = tmp_path / "nas", tmp_path / "stick"
    polled.mkdir()
    away.mkdir()
    config = QUICK.replace("[digest]", f'methods = {{ "{polled}" = "poll" }}\n[digest]')
    start(folder, polled, away, config=config)
    away.rename(tmp_path / "gone")
    states = lambda: {f["path"]: f["state"] for f in home.json("status")["folders"]}  # noqa: E731
    wait_until(
        lambda: states() == {str(folder): "watching", str(polled): "polled", str(away): "paused"}, "each has its state"
    )
    rows = {f["path"]: f for f in home.json("status")["folders"]}
    assert rows[str(polled)]["how"] == "every 2 s: the configuration asks for it"
    assert "polled every 2 s: the configuration asks for it" in " ".join(
        home.run("status", COLUMNS="400").stdout.split()
    )
    fill(folder, 2)
    fill(polled, 2, after=2)
    (polled / "IMG_0002.jpg").rename(polled / "renamed.jpg")
    wait_until(lambda: known(home) == 4, "all are found")


def test_a_file_system_in_user_space_is_polled(
    home: Home, folder: Path, tmp_path: Path, start: Callable[..., Any]
) -> None:
    if not shutil.which("bindfs") or not Path("/dev/fuse").exists():
        pytest.skip("bindfs is not there")
    mount = tmp_path / "mount"
    mount.mkdir()
    if subprocess.run(["bindfs", folder, mount], capture_output=True).returncode:
        pytest.skip("mounting needs privileges")
    try:
        start(mount)
        assert first(home)["how"].startswith("every 2 s: fuse")
        fill(folder, 2)  # inotify does not report changes to the folder behind it
        wait_until(lambda: known(home) == 2, "they are found")
    finally:
        subprocess.run(["umount", "-l", mount], check=True)


def inotify_queues() -> set[int]:
    """Return the descriptors of this process through which the kernel reports changes."""
    queues = set()
    for descriptor in Path("/proc/self/fd").iterdir():
        with suppress(FileNotFoundError):  # the descriptor of this very listing
            if "inotify" in str(descriptor.readlink()):
                queues.add(int(descriptor.name))
    return queues


@pytest.mark.alone
@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")  # the thread that the test ends
@pytest.mark.skipif(sys.platform != "linux", reason="inotify is Linux's")
def test_a_watcher_whose_thread_died_is_replaced(folder: Path) -> None:
    seen = threading.Event()
    watch = FolderWatch(folder, Reports(lambda _: seen.set()))
    watch.start()
    try:
        place = os.open(folder, os.O_RDONLY)
        for queue in inotify_queues():
            os.dup2(place, queue)  # reading from a folder fails: the thread ends as it would on any error
        os.close(place)
        (folder / "during.jpg").write_bytes(b"1")  # wakes the thread
        wait_until(watch.check, "the loss is noticed")
        assert watch.state is WatchState.WATCHING
        seen.clear()
        (folder / "after.jpg").write_bytes(b"1")
        assert seen.wait(10)
        for thread in threading.enumerate():
            if isinstance(thread, EventEmitter) and thread.watch.path == str(folder):
                thread.stop()
                thread.join()
        assert watch.check()
        seen.clear()
        (folder / "later.jpg").write_bytes(b"1")
        assert seen.wait(10)
    finally:
        watch.stop()


def test_what_failed_while_young_is_tried_again_after_a_restart_and_oddities_are_never_opened(
    home: Home, folder: Path, tmp_path: Path
) -> None:
    whole = save_photo(tmp_path / "whole.jpg", scene(1, (1600, 1200)), NOON).read_bytes()
    # the walk that the odd files ask for comes a second later, not a minute
    soon = "from dejashot.daemon.jobs import watched_folder; watched_folder.COMPANION_INTERVAL_S = 1.0"
    with running(home, folder, config=QUICK, prelude=soon) as process:
        # space was allocated in advance, the end is not there yet
        (folder / "zeros.jpg").write_bytes(whole[:4000] + bytes(len(whole) - 4000))
        (folder / "scan.psd").write_bytes(b"8BPS")
        os.mkfifo(folder / "pipe.jpg")
        (folder / "link.jpg").symlink_to(tmp_path / "whole.jpg")
        (folder / os.fsdecode(b"IMG\xff.jpg")).write_bytes(whole)
        wait_until(lambda: (known(home), home.status()["retrying"]) == (1, 1), "the one is read and the other waits")
        stamp = (folder / "zeros.jpg").stat()
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=30)
    with (folder / "zeros.jpg").open("r+b") as file:
        file.write(whole)
    # sync tools set the times like this, so that the stamp shows no change
    os.utime(folder / "zeros.jpg", ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
    with running(home, folder, config=QUICK, prelude=soon):
        wait_until(lambda: (known(home), home.status()["retrying"]) == (2, 0), "it is tried again")
        body = home.json("status")
    assert (body["skipped"], body["missing"]) == (1, 0)
