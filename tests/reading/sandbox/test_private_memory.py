"""No core file is left and no other process reads the memory of the command, or of a process that it starts."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

SAID = """
looks = libc.inotify_init1(0)
libc.inotify_add_watch(looks, b"/", 0x100)
result = [resource.getrlimit(resource.RLIMIT_CORE), libc.prctl(3, 0, 0, 0, 0), len(inotify.watched_inodes())]
print(json.dumps(result))
"""
COMMAND = f"""
import ctypes, json, resource, sys
from dejashot.watch import inotify_watches as inotify
from dejashot.cli.app import main
sys.argv = ["dejashot", "--version"]
try:
    main()
except SystemExit:
    pass
libc = ctypes.CDLL(None)
{SAID}
"""


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no such switch")
def test_a_command_leaves_no_core_and_lets_nobody_look_into_it_but_itself() -> None:
    done = subprocess.run([sys.executable, "-c", COMMAND], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[-1]) == [[0, 0], 0, 1]


@pytest.mark.skipif(not Path("/proc/self/limits").exists(), reason="there is no /proc")
@pytest.mark.parametrize("module", ["dejashot.digests.apprise_child", "dejashot.reports.geocoding_child"])
def test_a_child_process_leaves_no_core_file(module: str) -> None:
    reader, writer = os.pipe()
    with subprocess.Popen(
        [sys.executable, "-P", "-c", CHILD.format(module=module, result=reader)], pass_fds=[reader], stdin=reader
    ) as process:
        os.close(reader)
        os.close(writer)
        assert process.wait(60) == 0


# runs the module as `-m` does, up to where it asks for its request, of which there is none
CHILD = """
import json, resource, runpy, sys
try:
    runpy.run_module({module!r}, run_name="__main__")
except json.JSONDecodeError:
    pass
sys.exit(resource.getrlimit(resource.RLIMIT_CORE) != (0, 0))
"""
