"""The system calls that a reader may make, by number and argument; all others are refused, also those to come."""

import os
from dataclasses import dataclass
from typing import NamedTuple

NEWEST = 470  # the highest number known, of Linux 6.19; calls beyond it fail as if they did not exist
X86_64, AARCH64 = "x86_64", "aarch64"


class CallNumbers(NamedTuple):
    """The number of a call on both architectures; None where an architecture does not have it."""

    x86_64: int | None
    aarch64: int | None


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition on an argument: masked, it is this value. `high` is for its upper 32 bits, which pointers have."""

    argument: int
    mask: int
    value: int
    high: bool = False


# Source: the kernel's syscall_64.tbl and asm-generic/unistd.h. In the order of comparison: the frequent ones first
ALLOWED: dict[str, CallNumbers] = {
    # computing: memory, threads, time
    "futex": CallNumbers(202, 98),
    "read": CallNumbers(0, 63),
    "write": CallNumbers(1, 64),
    "mmap": CallNumbers(9, 222),
    "munmap": CallNumbers(11, 215),
    "madvise": CallNumbers(28, 233),
    "brk": CallNumbers(12, 214),
    "mprotect": CallNumbers(10, 226),
    "mremap": CallNumbers(25, 216),
    "rt_sigprocmask": CallNumbers(14, 135),
    "rt_sigaction": CallNumbers(13, 134),
    "rt_sigreturn": CallNumbers(15, 139),
    "sigaltstack": CallNumbers(131, 132),
    "restart_syscall": CallNumbers(219, 128),
    "sched_yield": CallNumbers(24, 124),
    "sched_getaffinity": CallNumbers(204, 123),
    "getcpu": CallNumbers(309, 168),
    "membarrier": CallNumbers(324, 283),
    "set_robust_list": CallNumbers(273, 99),
    "set_tid_address": CallNumbers(218, 96),
    "rseq": CallNumbers(334, 293),
    "arch_prctl": CallNumbers(158, None),
    "exit": CallNumbers(60, 93),
    "exit_group": CallNumbers(231, 94),
    "clock_gettime": CallNumbers(228, 113),
    "clock_getres": CallNumbers(229, 114),
    "clock_nanosleep": CallNumbers(230, 115),
    "nanosleep": CallNumbers(35, 101),
    "gettimeofday": CallNumbers(96, 169),
    "time": CallNumbers(201, None),
    "getrusage": CallNumbers(98, 165),
    "getrandom": CallNumbers(318, 278),
    "uname": CallNumbers(63, 160),
    "sysinfo": CallNumbers(99, 179),
    "getpid": CallNumbers(39, 172),
    "gettid": CallNumbers(186, 178),
    "getuid": CallNumbers(102, 174),
    "geteuid": CallNumbers(107, 175),
    "getgid": CallNumbers(104, 176),
    "getegid": CallNumbers(108, 177),
    "getcwd": CallNumbers(79, 17),
    # what is handed over, and what is loaded late: libraries, modules of Python
    "recvmsg": CallNumbers(47, 212),
    "getsockname": CallNumbers(51, 204),
    "poll": CallNumbers(7, None),
    "ppoll": CallNumbers(271, 73),
    "close": CallNumbers(3, 57),
    "lseek": CallNumbers(8, 62),
    "pread64": CallNumbers(17, 67),
    "readv": CallNumbers(19, 65),
    "writev": CallNumbers(20, 66),
    "fstat": CallNumbers(5, 80),
    "newfstatat": CallNumbers(262, 79),
    "statx": CallNumbers(332, 291),
    "stat": CallNumbers(4, None),
    "lstat": CallNumbers(6, None),
    "access": CallNumbers(21, None),
    "faccessat": CallNumbers(269, 48),
    "faccessat2": CallNumbers(439, 439),
    "getdents64": CallNumbers(217, 61),
}

_WHOLE = 0xFFFFFFFF
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC
_O_ASYNC = 0x2000
# the flags with which C libraries start threads; musl adds one that has no effect
_THREAD, _DETACHED = 0x003D0F00, 0x00400000
_RLIMIT_CPU = 0
_PR_SET_NAME, _PR_GET_NAME, _PR_SET_VMA = 15, 16, 0x53564D41
_TCGETS, _FIONREAD, _FIONCLEX, _FIOCLEX = 0x5401, 0x541B, 0x5450, 0x5451
_F_DUPFD, _F_GETFD, _F_SETFD, _F_GETFL, _F_SETFL, _F_DUPFD_CLOEXEC = 0, 1, 2, 3, 4, 1030


def _any_of(argument: int, *values: int) -> tuple[tuple[Condition, ...], ...]:
    """Return the ways to make a call one of whose arguments has one of some values."""
    return tuple((Condition(argument, _WHOLE, value),) for value in values)


@dataclass(frozen=True, slots=True)
class CheckedCall:
    """A call that is allowed in some ways only; in each of them all conditions must hold."""

    numbers: CallNumbers
    ways: tuple[tuple[Condition, ...], ...]


def checked_calls(pid: int) -> dict[str, CheckedCall]:
    """Return the calls whose arguments are looked at, for a process by its id."""
    return {
        "openat": CheckedCall(CallNumbers(257, 56), ((Condition(2, _WRITING, 0),),)),
        "open": CheckedCall(CallNumbers(2, None), ((Condition(1, _WRITING, 0),),)),
        "ioctl": CheckedCall(CallNumbers(16, 29), _any_of(1, _TCGETS, _FIONREAD, _FIOCLEX, _FIONCLEX)),
        "fcntl": CheckedCall(
            CallNumbers(72, 25),
            (
                *_any_of(1, _F_GETFD, _F_SETFD, _F_GETFL, _F_DUPFD, _F_DUPFD_CLOEXEC),
                (Condition(1, _WHOLE, _F_SETFL), Condition(2, _O_ASYNC, 0)),
            ),
        ),
        # its own limits, to be read; and its time on the processor, which it is given anew for each photo
        "prlimit64": CheckedCall(
            CallNumbers(302, 261),
            (
                (Condition(0, _WHOLE, 0), Condition(2, _WHOLE, 0), Condition(2, _WHOLE, 0, high=True)),
                (Condition(0, _WHOLE, 0), Condition(1, _WHOLE, _RLIMIT_CPU)),
            ),
        ),
        "prctl": CheckedCall(CallNumbers(157, 167), _any_of(0, _PR_SET_NAME, _PR_GET_NAME, _PR_SET_VMA)),
        # threads, but no processes and no namespaces
        "clone": CheckedCall(CallNumbers(56, 220), ((Condition(0, _WHOLE & ~_DETACHED, _THREAD),),)),
        # a signal to a thread of its own, as abort() sends
        "tgkill": CheckedCall(CallNumbers(234, 131), _any_of(0, pid)),
    }


# its flags are in memory, where a filter can't read: without this call C libraries fall back on clone
ABSENT: dict[str, CallNumbers] = {"clone3": CallNumbers(435, 435)}
