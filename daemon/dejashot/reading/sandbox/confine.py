"""The sandbox of a reader, entered before it reads a photo: limited memory, no other files, no sockets, no writing."""

import contextlib
import math
import os
import resource
import sys
import sysconfig
from collections.abc import Mapping
from pathlib import Path

from dejashot.reading.protocol.payloads import WorkerOptions
from dejashot.reading.sandbox.call_filter import can_filter_calls, filter_calls
from dejashot.reading.sandbox.landlock import landlock_version, read_only_below
from dejashot.reading.sandbox.parts import SandboxPart
from dejashot.reading.sandbox.private_memory import keep_memory_private

CPU_LIMIT_FACTOR = 2.0  # CPU seconds a photo may take, as a multiple of its timeout: a second line of defence

# what may be loaded or looked up while photos are read, besides Python's own folders; nothing here is the owner's
_SYSTEM = (
    *(
        "/lib",
        "/lib32",
        "/lib64",
        "/usr/lib",
        "/usr/lib32",
        "/usr/lib64",
        "/usr/local/lib",
        "/usr/local/lib64",
        "/etc/ld.so.cache",
    ),
    *("/nix/store", "/gnu/store", "/home/linuxbrew/.linuxbrew"),
    *("/usr/share/zoneinfo", "/etc/localtime", "/dev/null", "/dev/urandom"),
    *("/sys/devices/system/cpu", "/sys/fs/cgroup/cpu.max", "/proc/cpuinfo", "/proc/meminfo"),
)
# of the daemon's environment a reader gets what libraries, Python and time zones need; the rest may hold secrets
_WANTED = {"HOME", "PATH", "TZ", "TZDIR", "LANG", "LANGUAGE"}
_WANTED_PREFIXES = ("PYTHON", "LC_", "LD_", "DYLD_", "OMP_", "OPENBLAS_", "MKL_", "ORT_", "MALLOC_", "GLIBC_", "NIX_")
# threads that a library starts when loaded would escape Landlock's rules; the model has threads of its own
_SINGLE = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "ORT_DISABLE_TELEMETRY": "1"}
# glibc keeps the memory of a picture for the next one: to have it cleared anew takes a quarter of a reader's time
_KEPT_MEMORY = {"MALLOC_MMAP_THRESHOLD_": str(32 * 1024**2), "MALLOC_TRIM_THRESHOLD_": str(64 * 1024**2)}


def missing_here() -> frozenset[SandboxPart]:
    """Return the parts of the sandbox that this system does not have."""
    available = {SandboxPart.CALLS: can_filter_calls(), SandboxPart.FILES: landlock_version() > 0}
    return frozenset(part for part, has in available.items() if not has)


def reader_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of a reader: only what it needs to start."""
    kept = {name: value for name, value in environment.items() if name in _WANTED or name.startswith(_WANTED_PREFIXES)}
    return _KEPT_MEMORY | kept | _SINGLE


def confine(options: WorkerOptions) -> frozenset[SandboxPart]:
    """Limit this process and put it into the sandbox; return the parts of the sandbox that are missing.

    Memory and open files are limited; nothing is written, and the system ends it first when memory runs out. It may
    open only the files of its program, and make only the calls that computing takes. Call this before a thread starts.
    """
    limits = [(resource.RLIMIT_NOFILE, 128), (resource.RLIMIT_FSIZE, 0)]
    if sys.platform == "linux":
        limits.append((resource.RLIMIT_AS, options.memory_mib * 1024 * 1024))
        with contextlib.suppress(OSError):
            Path("/proc/self/oom_score_adj").write_text("1000", encoding="ascii")
    for what, value in limits:
        _, hard = resource.getrlimit(what)
        allowed = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(what, (allowed, allowed))
    with contextlib.suppress(OSError):
        os.nice(options.nice)
    keep_memory_private()
    held = {
        SandboxPart.FILES: read_only_below([*_program_paths(), *_model_paths(Path(options.model))]),
        SandboxPart.CALLS: filter_calls(),
    }
    return frozenset(part for part, holds in held.items() if not holds)


def allow_cpu(seconds: float) -> None:
    """Let the process use so many more seconds of CPU before the system ends it."""
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    used = resource.getrusage(resource.RUSAGE_SELF)
    soft = math.ceil(used.ru_utime + used.ru_stime + seconds)
    resource.setrlimit(resource.RLIMIT_CPU, (soft if hard == resource.RLIM_INFINITY else min(soft, hard), hard))


def _program_paths() -> list[Path]:
    """Return the files of the program: Python's library, the packages, the system's libraries."""
    package = Path(__file__).parents[2]
    libraries = [Path(prefix) / name for prefix in {sys.prefix, sys.base_prefix} for name in ("lib", "lib64")]
    installed = [Path(sysconfig.get_path(name)) for name in ("stdlib", "platstdlib", "purelib", "platlib")]
    home = Path(os.path.expanduser("~"))  # noqa: PTH111 - never raises
    searched = [Path(entry) for entry in sys.path if entry and not home.is_relative_to(entry)]
    return [package, *libraries, *installed, *searched, *map(Path, _SYSTEM)]


def _model_paths(model: Path) -> list[Path]:
    """Return the files of a model: itself, its description, and its weights where those are files of their own."""
    return [model, *model.parent.glob(f"{model.stem}.*")]
