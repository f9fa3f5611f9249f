"""A reader that has been taken over can still do nothing but answer: shown on real processes, from inside."""

import json
import os
import platform
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from dejashot.models import Wanted
from dejashot.reading.pool import Job, ReaderPool
from dejashot.reading.wire import WorkerOptions
from scenes import save_photo, scene

SEALED = sys.platform == "linux" and platform.machine() in ("x86_64", "aarch64")
needs_seal = pytest.mark.skipif(not SEALED, reason="there is no seal for this system")

# what a taken-over reader might try, each in a process that confines itself first
ATTEMPTS = {
    "a socket": "socket.socket(socket.AF_INET)",
    "a socket of the machine": "socket.socket(socket.AF_UNIX)",
    "a program": "os.execv('/bin/true', ['true'])",
    "a child": "subprocess.run(['/bin/true'])",
    "a child by another way": "os.fork()",
    "a signal by another way": "syscall(234 if os.uname().machine == 'x86_64' else 131, os.getppid(), os.getppid(), 0)",
    "a signal to the daemon": "os.kill(os.getppid(), 0)",
    "a new file": "open(folder + '/new', 'w')",
    "an old file": "open(folder + '/photo.jpg', 'r+b')",
    "a cut": "os.truncate(folder + '/photo.jpg', 0)",
    "a removal": "os.unlink(folder + '/photo.jpg')",
    "another name": "os.rename(folder + '/photo.jpg', folder + '/stolen.jpg')",
    "a folder": "os.mkdir(folder + '/made')",
    "a link": "os.symlink('/etc/passwd', folder + '/link')",
    "other times": "os.utime(folder + '/photo.jpg')",
    "another mode": "os.chmod(folder + '/photo.jpg', 0o777)",
}
CHILD = """
import ctypes, json, os, socket, subprocess, sys, threading
import numpy
from dejashot.reading.confine import confine
from dejashot.reading.wire import WorkerOptions

def syscall(*numbers):
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.syscall(*numbers) != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))

folder, options, attempt = sys.argv[1], WorkerOptions(**json.loads(sys.argv[2])), sys.argv[3]
before = threading.Event()
said = []

def attempted():
    before.wait()
    try:
        eval(attempt)
    except OSError as error:
        said.append(error.strerror)
    else:
        said.append("done")

earlier = threading.Thread(target=attempted)
earlier.start()
sealed = confine(options)
before.set()
earlier.join()
attempted()
print(json.dumps([sealed, said]))
"""


@needs_seal
@pytest.mark.parametrize("what", ATTEMPTS)
def test_a_sealed_process_is_refused(what: str, options: WorkerOptions, tmp_path: Path) -> None:
    photo = tmp_path / "photo.jpg"
    photo.write_bytes(b"as it was")
    before = photo.stat()
    command = [sys.executable, "-c", textwrap.dedent(CHILD), str(tmp_path), options.encode(), ATTEMPTS[what]]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    sealed, said = json.loads(done.stdout)
    assert sealed
    assert said == ["Operation not permitted"] * 2  # in a thread from before the seal, too
    assert [f.name for f in tmp_path.iterdir()] == ["photo.jpg"]
    assert photo.read_bytes() == b"as it was"
    assert (photo.stat().st_mtime_ns, photo.stat().st_mode) == (before.st_mtime_ns, before.st_mode)


@needs_seal
def test_the_readers_are_sealed_and_read_all_the_same(options: WorkerOptions, tmp_path: Path) -> None:
    file = save_photo(tmp_path / "x.jpg", scene(1, (320, 240)))
    pool = ReaderPool(options, 1)
    assert pool.sealed is None
    ((_, answer),) = pool.look([Job(os.fsencode(file), None)])
    pool.close()
    assert isinstance(answer, tuple)
    assert pool.sealed is True


def test_a_process_that_burns_its_cpu_time_is_ended(options: WorkerOptions) -> None:
    code = "from dejashot.reading.confine import allow_cpu\nallow_cpu(1)\nwhile True: pass"
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
    answers = [answer for _, answer in pool.read([Job(os.fsencode(p), None) for p in paths], lambda _: Wanted.ALL)]
    pool.close()
    assert [a.reason for a in answers] == ["vanished", "not_a_regular_file"]  # type: ignore[union-attr]  # its folder is none any more
