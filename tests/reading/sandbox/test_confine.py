"""A reader that has been taken over can still do nothing but answer: shown on real processes, from inside."""

import contextlib
import json
import os
import platform
import pty
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from dejashot.models.photo import Wanted
from dejashot.reading.job import InTurn, ReadJob
from dejashot.reading.pool import ReaderPool
from dejashot.reading.protocol.payloads import WorkerOptions
from dejashot.reading.sandbox.confine import reader_environment
from dejashot.reading.sandbox.landlock import landlock_version
from scenes import save_photo, scene
from takeover import hostile_photo, with_hole

SANDBOXED = sys.platform == "linux" and platform.machine() in ("x86_64", "aarch64")
needs_landlock = pytest.mark.skipif(not SANDBOXED or landlock_version() == 0, reason="this system has no Landlock")
needs_sandbox = pytest.mark.skipif(not SANDBOXED, reason="there is no sandbox for this system")

# what a taken-over reader might try, in a process that confines itself first; `call` takes the numbers of a call on
# x86-64 and on AArch64
ATTEMPTS = {
    "a socket": "socket.socket(socket.AF_INET)",
    "a socket of the machine": "socket.socket(socket.AF_UNIX)",
    "a pair of sockets": "socket.socketpair()",
    "a message by a socket that is there": "link.send(b'x')",
    "a program": "os.execv('/bin/true', ['true'])",
    "a child": "subprocess.run(['/bin/true'])",
    "a child by another way": "os.fork()",
    "a signal by another way": "call(234, 131, daemon, daemon, 0)",
    "a signal to the daemon": "os.kill(daemon, 0)",
    "a signal with a value": "call(129, 138, daemon, 0, bytes(128))",
    "a signal by a handle": "os.pidfd_open(daemon)",
    "an owner of a descriptor's signals": "fcntl.fcntl(photo, fcntl.F_SETOWN, daemon)",
    "an owner by kind": "fcntl.fcntl(photo, 15, struct.pack('ii', 1, daemon))",
    "a kind of a descriptor's signals": "fcntl.fcntl(photo, 10, signal.SIGKILL)",
    "signals by a descriptor": "fcntl.fcntl(photo, fcntl.F_SETFL, fcntl.fcntl(photo, fcntl.F_GETFL) | os.O_ASYNC)",
    "limits of the daemon": "resource.prlimit(daemon, resource.RLIMIT_CPU, (0, 0))",
    "limits of the daemon, read": "resource.prlimit(daemon, resource.RLIMIT_NOFILE)",
    "more files of its own": "resource.setrlimit(resource.RLIMIT_NOFILE, (1, 1))",
    "the daemon's turn": "os.setpriority(os.PRIO_PROCESS, daemon, 19)",
    "the daemon's turn by another way": "os.sched_setscheduler(daemon, os.SCHED_BATCH, os.sched_param(0))",
    "the daemon's processors": "os.sched_setaffinity(daemon, os.sched_getaffinity(0))",
    "the daemon's turn at the disk": "call(251, 30, 1, daemon, 3 << 13)",
    "the daemon's memory": "call(310, 270, daemon, 0, 0, 0, 0, 0)",
    "a session": "os.setsid()",
    "a group of processes": "os.setpgid(0, 0)",
    "a new file": "open(folder + '/new', 'w')",
    "a file without a name": "os.open(folder, os.O_TMPFILE | os.O_RDWR)",
    "an old file": "open(folder + '/photo.jpg', 'r+b')",
    "a cut": "os.truncate(folder + '/photo.jpg', 0)",
    "a removal": "os.unlink(folder + '/photo.jpg')",
    "another name": "os.rename(folder + '/photo.jpg', folder + '/stolen.jpg')",
    "a folder": "os.mkdir(folder + '/made')",
    "a link": "os.symlink('/etc/passwd', folder + '/link')",
    "other times": "os.utime(folder + '/photo.jpg')",
    "other times by a descriptor": "os.utime(photo)",
    "another mode": "os.chmod(folder + '/photo.jpg', 0o777)",
    "another mode by a descriptor": "os.chmod(photo, 0o777)",
    "another owner": "os.chown(folder + '/photo.jpg', os.getuid(), os.getgid())",
    "an attribute": "os.setxattr(photo, 'user.pwned', b'x')",
    "an attribute by the newer call": "call(463, 463, -100, path, 0, b'user.pwned', bytes(16), 16)",
    "no attribute by the newer call": "call(466, 466, -100, path, 0, b'user.pwned')",
    "flags of a file": "fcntl.ioctl(photo, 0x40086602, struct.pack('l', 0x80))",
    "flags of a file by the newer call": "call(469, 469, -100, path, bytes(32), 24, 0)",
    "a seal of verity": "fcntl.ioctl(photo, 0x40806685, bytes(128))",
    "a clone": "fcntl.ioctl(photo, 0x40049409, photo)",
    "a lock": "fcntl.flock(photo, fcntl.LOCK_EX | fcntl.LOCK_NB)",
    "a lock by another way": "fcntl.lockf(photo, fcntl.LOCK_SH | fcntl.LOCK_NB)",
    "a lease": "fcntl.fcntl(photo, fcntl.F_SETLEASE, fcntl.F_RDLCK)",
    "notices of a folder": "fcntl.fcntl(photo, fcntl.F_NOTIFY, 1)",
    "notices by another way": "call(294, 26, 0)",
    "notices by a third way": "call(300, 262, 0, 0)",
    "shared memory": "call(29, 194, 0, 4096, 0o1600)",
    "a queue of messages": "call(68, 186, 0, 0o1600)",
    "a set of semaphores": "call(64, 190, 0, 1, 0o1600)",
    "a queue of messages by its name": "call(240, 180, b'pwned', os.O_CREAT | os.O_RDWR, 0o600, 0)",
    "a file in memory": "os.memfd_create('x')",
    "what is typed into a terminal": "fcntl.ioctl(0, termios.TIOCSTI, b'x')",
    "a terminal of its own": "fcntl.ioctl(0, termios.TIOCSCTTY, 0)",
    "rings": "call(425, 425, 1, bytes(120))",
    "a program of the kernel's": "call(321, 280, 0, 0, 0)",
    "keys": "call(250, 219, 0, 0, 0, 0, 0)",
    "a mount": "call(165, 40, b'none', b'/mnt', b'tmpfs', 0, 0)",
    "another root": "os.chroot('/')",
    "a namespace": "call(272, 97, 0x10000000)",
    "to be looked into": "prctl(4, 1)",
    "a tracer": "prctl(0x59616d61, -1 & 0xFFFFFFFF)",
    "another filter": "call(317, 277, 1, 0, bytes(16))",
    "a later call": "call(471, 471)",
}
CHILD = """
import ctypes, fcntl, json, os, resource, signal, socket, struct, subprocess, sys, termios, threading
import numpy
from dejashot.reading.sandbox.confine import confine
from dejashot.reading.protocol.payloads import WorkerOptions

libc = ctypes.CDLL(None, use_errno=True)
folder, options, attempts = sys.argv[1], WorkerOptions(**json.loads(sys.argv[2])), json.load(sys.stdin)
path, daemon = os.fsencode(folder) + b"/photo.jpg", os.getppid()
photo = os.open(path, os.O_RDONLY)
link, _other_end = socket.socketpair()
os.pidfd_open = getattr(os, "pidfd_open", lambda pid: call(434, 434, pid, 0))

def call(x86_64, aarch64, *arguments):
    if libc.syscall(x86_64 if os.uname().machine == "x86_64" else aarch64, *arguments) == -1:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))

def prctl(*arguments):
    if libc.prctl(*arguments, 0, 0, 0) == -1:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))

def attempted(expression):
    try:
        eval(expression)
    except (OSError, ValueError) as error:
        return str(error)
    return "done"

before, earlier_results = threading.Event(), {}

def from_before():
    before.wait()
    earlier_results.update({name: attempted(expression) for name, expression in attempts.items()})

earlier = threading.Thread(target=from_before)
earlier.start()
missing = confine(options)
before.set()
earlier.join()
later = {name: attempted(expression) for name, expression in attempts.items()}
print(json.dumps([sorted(missing), earlier_results, later]))
"""


@pytest.fixture(scope="module")
def results(
    options: WorkerOptions, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[dict[str, str], dict[str, str]]]:
    """Return what became of each attempt, in a thread from before the sandbox and in one from after it."""
    folder = tmp_path_factory.mktemp("attempts")
    photo = folder / "photo.jpg"
    photo.write_bytes(b"as it was")
    before = photo.stat()
    done = subprocess.run(
        [sys.executable, "-c", CHILD, str(folder), options.encode()],
        input=json.dumps(ATTEMPTS),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    missing, earlier, later = json.loads(done.stdout)
    assert missing == ["files"]  # a thread from before can't be held to Landlock's rules, and that is reported
    yield earlier, later
    assert [f.name for f in folder.iterdir()] == ["photo.jpg"]
    assert photo.read_bytes() == b"as it was"
    assert os.listxattr(photo) == []
    after = photo.stat()
    assert (after.st_mtime_ns, after.st_mode, after.st_uid) == (before.st_mtime_ns, before.st_mode, before.st_uid)


@needs_sandbox
@pytest.mark.parametrize("what", ATTEMPTS)
def test_a_sandboxed_process_is_refused(what: str, results: tuple[dict[str, str], dict[str, str]]) -> None:
    message = "Function not implemented" if what == "a later call" else "Operation not permitted"
    for each in results:
        assert message in each[what] or (
            what == "more files of its own" and each[what] == "not allowed to raise maximum limit"
        )


NUMBERS = """
import ctypes, errno, json, os, platform, sys
from dejashot.reading.sandbox.confine import confine
from dejashot.reading.sandbox.system_calls import ALLOWED, checked_calls
from dejashot.reading.protocol.payloads import WorkerOptions

libc = ctypes.CDLL(None, use_errno=True)
confine(WorkerOptions(**json.loads(sys.argv[1])))
known = [*ALLOWED.values(), *(c.numbers for c in checked_calls(0).values())]
known = {getattr(n, platform.machine()) for n in known}
# the kernel's own traps for probes: it ends any process that calls them
known |= {335, 336} if platform.machine() == "x86_64" else set()
let = []
for number in [n for n in range(1024) if n not in known] + [0x40000000 + n for n in range(600)]:
    if libc.syscall(number, 0, 0, 0, 0, 0, 0) != -1 or ctypes.get_errno() not in (errno.EPERM, errno.ENOSYS):
        let.append(number)
print(json.dumps(let))
"""


@needs_sandbox
def test_every_call_that_is_not_allowed_is_refused_by_its_number(options: WorkerOptions) -> None:
    done = subprocess.run([sys.executable, "-c", NUMBERS, options.encode()], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == []


def answers(options: WorkerOptions, *files: Path) -> list[str]:
    """Return what hostile photos made one reader answer."""
    pool = ReaderPool(options, 1)
    results = {
        job.ticket: answer
        for job, answer in pool.read([ReadJob(os.fsencode(f), f) for f in files], lambda _: Wanted.ALL)
    }
    pool.close()
    return [getattr(results[file], "detail", "a reading") for file in files]


@needs_landlock
def test_a_reader_that_was_taken_over_reads_nothing_of_the_owners(
    options: WorkerOptions, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in with_hole(os.environ, tmp_path / "hole").items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("DEJASHOT_SECRET", "mailto://me:hunter2@example.org")
    home = tmp_path / "home"
    (home / ".ssh").mkdir(parents=True)
    secret = home / ".ssh" / "id_ed25519"
    secret.write_text("SECRET KEY")
    photos = home / "photos"
    photos.mkdir()
    other = save_photo(photos / "other.jpg", scene(1, (320, 240)))
    closed = [
        *(f"open({str(path)!r}, 'rb').read(64)" for path in (secret, other, "/etc/passwd", "/dev/tty", "/dev/ptmx")),
        *(f"os.listdir({str(path)!r})" for path in (home, photos, Path.home(), "/", "/etc", "/proc", "/tmp", "/dev")),  # noqa: S108
        *(f"open('/proc/{os.getpid()}/{what}', 'rb').read(64)" for what in ("mem", "environ", "cmdline", "maps")),
        *(f"open('/proc/self/{what}', 'rb').read(64)" for what in ("mem", "environ", "cmdline", "maps")),
        "[os.open('/proc/self/fd/{}'.format(n), os.O_RDONLY) for n in range(3, 20)]",
        f"os.open('photos/other.jpg', os.O_RDONLY, dir_fd=os.open({str(home)!r}, os.O_PATH))",
        f"os.readlink({str(home)!r})",
    ]
    allowed = {
        "(0, 0)": "resource.getrlimit(resource.RLIMIT_CORE)",
        "[]": "[v for k, v in os.environ.items() if 'SECRET' in k or 'hunter2' in v]",
        # its own program stays in reach
        "True": "open(os.path.dirname(decoder.__file__) + '/decoder.py').read(3) == '\"\"\"'",
        "False": "'/' in str(sys._getframe(3).f_locals['request'])",  # of the path it knows the name alone
    }
    files = [hostile_photo(photos / f"{n}.jpg", each) for n, each in enumerate([*closed, *allowed.values()])]
    results = answers(options, *files)
    assert dict(zip(closed, results, strict=False)) == dict.fromkeys(closed, "PermissionError")
    assert results[len(closed) :] == list(allowed)
    assert str(home) not in str(results)


TERMINAL = r"""
import fcntl, json, os, struct, sys, termios
from dejashot.models.photo import Wanted
from dejashot.reading.job import ReadJob
from dejashot.reading.pool import ReaderPool
from dejashot.reading.protocol.payloads import WorkerOptions

fcntl.ioctl(0, termios.TIOCSCTTY, 0)  # the terminal is this session's, as after a login

def waiting():
    return struct.unpack("i", fcntl.ioctl(0, termios.FIONREAD, bytes(4)))[0]

pool = ReaderPool(WorkerOptions(**json.loads(sys.argv[1])), 1)
jobs = [ReadJob(os.fsencode(f), None) for f in sys.argv[2:]]
results = [answer.detail for _, answer in pool.read(jobs, lambda _: Wanted.ALL)]
typed = waiting()
try:
    for byte in b"x\n":
        fcntl.ioctl(0, termios.TIOCSTI, bytes([byte]))
except OSError:
    print("no-typing")
sys.stdout.write(f"RESULT {json.dumps([results, typed, waiting()])} END")
sys.stdout.flush()
"""


@needs_sandbox
def test_a_reader_that_was_taken_over_types_into_no_terminal(options: WorkerOptions, tmp_path: Path) -> None:
    types = r"[fcntl.ioctl(os.open({!r}, os.O_RDONLY), 0x5412, bytes([b])) for b in b'id > pwned\n']"
    ours, theirs = pty.openpty()
    places = ("/dev/tty", os.ttyname(theirs), "/dev/stdin")
    photos = [hostile_photo(tmp_path / f"{n}.jpg", types.format(place)) for n, place in enumerate(places)]
    photos.append(hostile_photo(tmp_path / "given.jpg", r"[fcntl.ioctl(n, 0x5412, b'x') for n in range(9)]"))
    terminal = subprocess.Popen(
        [sys.executable, "-c", TERMINAL, options.encode(), *map(str, photos)],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
        env=with_hole(os.environ, tmp_path / "hole"),
    )
    os.close(theirs)
    with open(ours, "rb", buffering=0) as screen:
        shown = b""
        with contextlib.suppress(OSError):  # EIO: the other end was closed
            while more := screen.read(4096):
                shown += more
    assert terminal.wait(60) == 0, shown.decode()
    if b"no-typing" in shown:
        pytest.skip("this kernel lets nobody type into a terminal")
    results, typed, typed_by_us = json.loads(shown.split(b"RESULT ")[1].split(b" END")[0])
    assert (typed, typed_by_us) == (0, 2)
    assert results == ["PermissionError"] * len(photos)


@needs_landlock
def test_sandboxed_readers_read_photos(options: WorkerOptions, tmp_path: Path) -> None:
    file = save_photo(tmp_path / "x.jpg", scene(1, (320, 240)))
    unsealed: list[str] = []
    pool = ReaderPool(options, 1, on_unsealed=unsealed.append)
    assert pool.missing is None
    ((_, result),) = pool.results(InTurn("look", [ReadJob(os.fsencode(file), None)]))
    pool.close()
    assert result.value is not None
    assert (pool.missing, unsealed) == (frozenset(), [])


def test_a_process_that_burns_its_cpu_time_is_ended(options: WorkerOptions) -> None:
    code = "from dejashot.reading.sandbox.confine import allow_cpu\nallow_cpu(1)\nwhile True: pass"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, timeout=60)
    assert done.returncode == -24  # SIGXCPU


def test_no_link_is_followed_anywhere_on_the_way_to_a_photo(options: WorkerOptions, tmp_path: Path) -> None:
    secret = tmp_path / "elsewhere"
    secret.mkdir()
    save_photo(secret / "x.jpg", scene(1, (320, 240)))
    (tmp_path / "album").symlink_to(secret)
    (tmp_path / "last.jpg").symlink_to(secret / "x.jpg")
    pool = ReaderPool(options, 1)
    paths = [tmp_path / "album" / "x.jpg", tmp_path / "last.jpg"]
    answers = [answer for _, answer in pool.read([ReadJob(os.fsencode(p), None) for p in paths], lambda _: Wanted.ALL)]
    pool.close()
    assert [a.reason for a in answers] == ["vanished", "not_a_regular_file"]  # type: ignore[union-attr]  # its folder is none any more


@pytest.mark.parametrize("own", [{}, {"MALLOC_TRIM_THRESHOLD_": "131072"}])
def test_a_reader_keeps_the_memory_of_a_picture_for_the_next_unless_it_is_set_otherwise(own: dict[str, str]) -> None:
    thresholds = {"MALLOC_MMAP_THRESHOLD_": "33554432", "MALLOC_TRIM_THRESHOLD_": "67108864"}
    environment = reader_environment({"PATH": "/bin", "SECRET": "1", **own})
    assert {name: environment[name] for name in thresholds} == thresholds | own
    assert "SECRET" not in environment
