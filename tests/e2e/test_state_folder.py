"""A state folder with files that do not belong there: they are reported, nothing hangs, no link is followed."""

import json
import os
import random
import shutil
import stat
import subprocess
import sys
from itertools import cycle
from pathlib import Path

import pytest

from daemons import QUICK, photos, running, wait_until
from dejashot.actions.batch import Batch
from dejashot.actions.batches import all_batches, interrupted
from dejashot.errors import BatchError, StorageError
from dejashot.models.decisions import Verdict
from dejashot.paths import make_folder, make_private
from homes import Home
from takes import decide, fingerprint, jpeg, take

OTHER_UID = 12002
JOURNAL = "decisions.jsonl"
HANG_S = 60.0  # a command takes a second or two


@pytest.fixture
def applied(home: Home, tmp_path: Path) -> Path:
    """Give the test a library with a batch that was applied; return its folder."""
    folder = tmp_path / "Pictures"
    takes = take(folder, jpeg(tmp_path / "seeds"), 4)
    assert home.run("scan", folder).returncode == 0
    decide(home.library, Verdict.REJECT, takes[1:3])
    decide(home.library, Verdict.KEEP, takes[:1])
    assert home.run("apply", "--yes", "--to", tmp_path / "Rejected").returncode == 0
    (batch,) = (home.library / "batches").iterdir()
    return batch


def put_odd(file: Path, what: str) -> None:
    """Put something in the place of a file."""
    if file.is_dir():
        shutil.rmtree(file)
    file.unlink(missing_ok=True)
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if what == "pipe":
        os.mkfifo(file)
    elif what == "folder":
        file.mkdir()
    elif what == "deep":
        file.write_text("[" * 200_000)
    elif what == "link":
        file.symlink_to("/dev/zero")
    else:
        file.write_bytes(random.Random(4).randbytes(5000))


@pytest.mark.parametrize("ways", [("pipe",), ("folder", "deep", "link", "nonsense")])
def test_with_odd_things_in_the_place_of_our_files_no_command_hangs_or_crashes(
    home: Home, applied: Path, tmp_path: Path, ways: tuple[str, ...]
) -> None:
    odd = cycle(ways)
    small = (
        "decisions.lock",
        "apply.lock",
        "daemon.json",
        "snooze.json",
        "notices.json",
        "index/manifest.json",
        "review/server.json",
    )
    for name in (
        *small,
        "review/sessions.json",
        f"batches/{applied.name}/plan.json",
        f"batches/{applied.name}/progress.jsonl",
    ):
        put_odd(home.library / name, next(odd))
    pictures = fingerprint(tmp_path / "Pictures")
    for command in (("status",), ("report",), ("undo", "--list"), ("apply", "--plan", "--to", tmp_path / "R")):
        done = home.run(*command, timeout_s=HANG_S)
        assert done.returncode in (0, 1, 2), (command, done.stderr)
        assert "Traceback" not in done.stderr, done.stderr
    assert applied.name in home.run("undo", "--list").stderr
    put_odd(home.library / JOURNAL, ways[0])
    done = home.run("apply", "--plan", "--to", tmp_path / "R", timeout_s=HANG_S)
    assert "Traceback" not in done.stderr, done.stderr
    assert JOURNAL in done.stdout + done.stderr
    put_odd(home.library / "lock", ways[0])
    done = home.run("scan", tmp_path / "Pictures", timeout_s=HANG_S)
    assert "Traceback" not in done.stderr, done.stderr
    assert fingerprint(tmp_path / "Pictures") == pictures


def tampered(body: object, rng: random.Random) -> object:
    """Return a JSON value in which one value is replaced by one of another kind."""
    odd = [None, -1, 2**70, 1e308, "", "a\0b", "\ud800", [], {}, [[[[]]]], True, "../../x", "9" * 300, {"is": []}]
    if isinstance(body, dict) and body and rng.random() < 0.85:
        key = rng.choice(sorted(body))
        return {**body, key: tampered(body[key], rng)}
    if isinstance(body, list) and body and rng.random() < 0.85:
        place = rng.randrange(len(body))
        return [*body[:place], tampered(body[place], rng), *body[place + 1 :]]
    return rng.choice(odd)


def test_a_batch_that_was_tampered_with_is_read_or_named(applied: Path) -> None:
    plan = json.loads((applied / "plan.json").read_text())
    progress = (applied / "progress.jsonl").read_text().splitlines()
    assert Batch.read(applied).acted
    rng = random.Random(16)
    for _ in range(400):
        lines = [json.dumps(tampered(json.loads(line), rng)) for line in progress]
        (applied / "progress.jsonl").write_text("\n".join(lines))
        (applied / "plan.json").write_text(json.dumps(tampered(plan, rng) if rng.random() < 0.5 else plan))
        try:
            read = Batch.read(applied)
        except BatchError as error:
            assert applied.name in error.title
        else:
            assert read.summary.id == applied.name
        assert len(all_batches(applied.parents[1])) <= 1
        interrupted(applied.parents[1])


def another_accounts(folder: Path) -> None:
    """Give a folder and all in it to another account; skip the test where that is not allowed."""
    try:
        for path in (folder, *folder.rglob("*")):
            os.chown(path, OTHER_UID, OTHER_UID, follow_symlinks=False)
    except PermissionError:
        pytest.skip("giving files away needs privileges")


@pytest.mark.parametrize(
    "how", ["another's", "another's link", "ours with another's file", "ours, open, with things in it"]
)
def test_a_state_folder_that_others_prepared_is_refused(home: Home, tmp_path: Path, how: str) -> None:
    folder = tmp_path / "Pictures"
    take(folder, jpeg(tmp_path / "seeds"), 2)
    prepared, aim = tmp_path / "prepared", tmp_path / "aim.db"
    prepared.mkdir()
    prepared.chmod(0o777)
    if how == "another's link":
        (tmp_path / "real").mkdir(mode=0o700)
        prepared.rmdir()
        prepared.symlink_to(tmp_path / "real")
        another_accounts(prepared)
    elif how == "ours, open, with things in it":
        (prepared / "things").write_text("mine")
    else:
        (prepared / "library.db").symlink_to(aim)
        (prepared / "review" / "links").mkdir(parents=True)
        (prepared / "review" / "links" / ("0" * 64)).touch()
        another_accounts(prepared)
        if how == "ours with another's file":
            os.chown(prepared, os.geteuid(), os.getegid())
    home.configure(f'[library]\nfolder = "{prepared}"\n')
    for command in (("run", folder), ("review",)) if how == "another's" else (("scan", folder),):
        done = home.run(*command)
        assert done.returncode == 2, (command, done.stdout, done.stderr)
        assert "Traceback" not in done.stderr
        error = " ".join(done.stderr.split())
    assert "belongs to another account" in error or "others may write" in error or "is a link" in error
    assert not aim.exists()
    assert not list((tmp_path / "real").iterdir()) if how == "another's link" else True


@pytest.mark.parametrize("name", ["library.db", "library.db-wal", "library.db-shm", "lock"])
def test_no_link_is_followed_in_the_place_of_our_own_files(home: Home, tmp_path: Path, name: str) -> None:
    folder, aim = tmp_path / "Pictures", tmp_path / "aim"
    take(folder, jpeg(tmp_path / "seeds"), 2)
    home.library.mkdir(parents=True, mode=0o700)
    (home.library / name).symlink_to(aim)
    done = home.run("scan", folder)
    assert done.returncode == 2
    assert "is a link" in " ".join(done.stderr.split())
    assert not aim.exists()


@pytest.mark.parametrize("name", ["backups", "batches", "review", "index"])
def test_no_link_is_followed_in_the_place_of_our_own_folders(tmp_path: Path, name: str) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / name).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(StorageError, match="is a link"):
        make_private(tmp_path / name)


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o777])
def test_the_umask_does_not_matter(tmp_path: Path, umask: int) -> None:
    home = tmp_path / "home"
    code = "import os, sys; os.umask(int(sys.argv.pop(1))); from dejashot.cli.app import main; main()"
    home.mkdir(mode=0o755)
    pictures = tmp_path / "Pictures"
    takes = take(pictures, jpeg(tmp_path / "seeds"), 2)
    environment = {
        **os.environ,
        "HOME": str(home),
        "XDG_STATE_HOME": str(home / ".local/state"),
        "XDG_CACHE_HOME": str(home / ".cache/x"),
    }
    for _ in range(2):  # the second finds what the first made
        done = subprocess.run(
            [sys.executable, "-c", code, str(umask), "scan", pictures], env=environment, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
    made = [path for path in home.rglob("*") if not path.is_symlink()]
    assert made
    assert {stat.S_IMODE(path.stat().st_mode) for path in made} <= {0o600, 0o700}
    assert all(photo.exists() for photo in takes)


def test_what_is_missing_above_a_folder_is_private_too(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        make_folder(tmp_path / "a" / "b" / "c")
    finally:
        os.umask(before)
    assert {stat.S_IMODE((tmp_path / p).stat().st_mode) for p in ("a", "a/b", "a/b/c")} == {0o700}


def test_a_lock_file_that_was_removed_lets_no_second_daemon_in_and_is_made_again(home: Home, tmp_path: Path) -> None:
    folder = tmp_path / "Pictures"
    takes = take(folder, jpeg(tmp_path / "seeds"), 2)
    with running(home, folder, config=QUICK) as process:
        wait_until(lambda: photos(home) == 2, "they are found")
        lock = home.library / "lock"
        lock.unlink()
        assert home.status()["running"]
        second = home.run("run", folder)
        assert second.returncode == 2
        assert "another Dejashot is using the library" in " ".join(second.stderr.split())
        lock.unlink(missing_ok=True)
        shutil.copy(takes[0], folder / "more.jpg")
        wait_until(
            lambda: "the lock of the library was removed" in (home.path / "daemon.log").read_text(), "it is noticed"
        )
        wait_until(lock.exists, "it is made again")
        assert process.poll() is None


def test_a_backup_put_back_under_a_running_daemon_is_opened_and_filled_up(home: Home, tmp_path: Path) -> None:
    folder = tmp_path / "Pictures"
    takes = take(folder, jpeg(tmp_path / "seeds"), 4)
    later = takes[3].read_bytes()
    takes[3].unlink()
    often = "from dejashot.daemon import maintenance; maintenance.BACK_UP_EVERY_S = 2.0"
    with running(home, folder, prelude=often, config=QUICK + "[library]\nbackups = 5\n") as process:
        wait_until(lambda: photos(home) == 3, "the first are found")
        wait_until(lambda: list((home.library / "backups").glob("library-*.db")), "it is backed up")
        old = min((home.library / "backups").glob("library-*.db"))
        put_back = Path(shutil.copy(old, home.library / "put-back"))
        takes[3].write_bytes(later + b"4")
        wait_until(lambda: photos(home) == 4, "the last is found")
        put_back.replace(home.library / "library.db")
        wait_until(lambda: "it is opened anew" in (home.path / "daemon.log").read_text(), "it is noticed")
        wait_until(lambda: home.run("status").returncode == 0 and photos(home) == 4, "everything is known again")
        assert process.poll() is None
    assert len(home.json("report")["photos"]) == 4
    assert not list(home.library.glob("library.db.corrupt-*"))
