"""Memory that was used and freed goes back to the system."""

import subprocess
import sys

import pytest

PROGRAM = """
import ctypes, os
from dejashot.daemon.memory import trim_memory
resident = lambda: int(open('/proc/self/statm').read().split()[1]) * os.sysconf('SC_PAGESIZE')
libc = ctypes.CDLL(None)
libc.malloc.restype, libc.malloc.argtypes, libc.free.argtypes = ctypes.c_void_p, [ctypes.c_size_t], [ctypes.c_void_p]
before = resident()
blocks = [libc.malloc(64_000) for _ in range(2000)]
for block in blocks: ctypes.memset(block, 1, 64_000)
pin = libc.malloc(64_000)  # above all others: without being asked, the heap stays as tall as it was
for block in blocks: libc.free(block)
held = resident() - before
assert trim_memory()
print(held, resident() - before)
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only glibc can be asked")
def test_what_was_freed_goes_back_to_the_system() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True)
    held, left = map(int, done.stdout.split())
    assert held > 100_000_000
    assert left < held / 10
