"""The system calls that a reader is left with, by number and by argument. All others are refused, those of kernels to come among them."""

import os
from dataclasses import dataclass
from typing import NamedTuple

NEWEST = 470  # the highest number known, that of Linux 6.19; beyond it the C library is told that there is no such call
X86_64, AARCH64 = "x86_64", "aarch64"


class Numbers(NamedTuple):
    """The number of a call on both architectures; None where an architecture does not have it."""

    x86_64: int | None
    aarch64: int | None


@dataclass(frozen=True, slots=True)
class Condition:
    """What must hold of an argument: masked, it is this value. `high` looks at its upper 32 bits, which pointers have."""

    argument: int
    mask: int
    value: int
    high: bool = False


# Source: the kernel's syscall_64.tbl and asm-generic/unistd.h. In the order in which they are compared: the frequent ones first
ALLOWED: dict[str, Numbers] = {
    # computing: memory, threads, time
    "futex": Numbers(202, 98),
    "read": Numbers(0, 63),
    "write": Numbers(1, 64),
    "mmap": Numbers(9, 222),
    "munmap": Numbers(11, 215),
    "madvise": Numbers(28, 233),
    "brk": Numbers(12, 214),
    "mprotect": Numbers(10, 226),
    "mremap": Numbers(25, 216),
    "rt_sigprocmask": Numbers(14, 135),
    "rt_sigaction": Numbers(13, 134),
    "rt_sigreturn": Numbers(15, 139),
    "sigaltstack": Numbers(131, 132),
    "restart_syscall": Numbers(219, 128),
    "sched_yield": Numbers(24, 124),
    "sched_getaffinity": Numbers(204, 123),
    "getcpu": Numbers(309, 168),
    "membarrier": Numbers(324, 283),
    "set_robust_list": Numbers(273, 99),
    "set_tid_address": Numbers(218, 96),
    "rseq": Numbers(334, 293),
    "arch_prctl": Numbers(158, None),
    "exit": Numbers(60, 93),
    "exit_group": Numbers(231, 94),
    "clock_gettime": Numbers(228, 113),
    "clock_getres": Numbers(229, 114),
    "clock_nanosleep": Numbers(230, 115),
    "nanosleep": Numbers(35, 101),
    "gettimeofday": Numbers(96, 169),
    "time": Numbers(201, None),
    "getrusage": Numbers(98, 165),
    "getrandom": Numbers(318, 278),
    "uname": Numbers(63, 160),
    "sysinfo": Numbers(99, 179),
    "getpid": Numbers(39, 172),
    "gettid": Numbers(186, 178),
    "getuid": Numbers(102, 174),
    "geteuid": Numbers(107, 175),
    "getgid": Numbers(104, 176),
    "getegid": Numbers(108, 177),
    "getcwd": Numbers(79, 17),
    # what is handed over, and what is loaded late: libraries, modules of Python
    "recvmsg": Numbers(47, 212),
    "getsockname": Numbers(51, 204),
    "poll": Numbers(7, None),
    "ppoll": Numbers(271, 73),
    "close": Numbers(3, 57),
    "lseek": Numbers(8, 62),
    "pread64": Numbers(17, 67),
    "readv": Numbers(19, 65),
    "writev": Numbers(20, 66),
    "fstat": Numbers(5, 80),
    "newfstatat": Numbers(262, 79),
    "statx": Numbers(332, 291),
    "stat": Numbers(4, None),
    "lstat": Numbers(6, None),
    "access": Numbers(21, None),
    "faccessat": Numbers(269, 48),
    "faccessat2": Numbers(439, 439),
    "getdents64": Numbers(217, 61),
}

_WHOLE = 0xFFFFFFFF
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC
_O_ASYNC = 0x2000
_THREAD, _DETACHED = (
    0x003D0F00,
    0x00400000,
)  # the flags that the C libraries start threads with; musl adds one that means nothing
_RLIMIT_CPU = 0
_PR_SET_NAME, _PR_GET_NAME, _PR_SET_VMA = 15, 16, 0x53564D41
_TCGETS, _FIONREAD, _FIONCLEX, _FIOCLEX = 0x5401, 0x541B, 0x5450, 0x5451
_F_DUPFD, _F_GETFD, _F_SETFD, _F_GETFL, _F_SETFL, _F_DUPFD_CLOEXEC = 0, 1, 2, 3, 4, 1030


def _any_of(argument: int, *values: int) -> tuple[tuple[Condition, ...], ...]:
    """Return the ways of a call one of whose arguments is one of some values."""
    return tuple((Condition(argument, _WHOLE, value),) for value in values)


@dataclass(frozen=True, slots=True)
class Checked:
    """A call that is allowed in some ways only; in each of them all conditions must hold."""

    numbers: Numbers
    ways: tuple[tuple[Condition, ...], ...]


def checked(pid: int) -> dict[str, Checked]:
    """Return the calls whose arguments are looked at, for a process by its id."""
    return {
        "openat": Checked(Numbers(257, 56), ((Condition(2, _WRITING, 0),),)),
        "open": Checked(Numbers(2, None), ((Condition(1, _WRITING, 0),),)),
        "ioctl": Checked(Numbers(16, 29), _any_of(1, _TCGETS, _FIONREAD, _FIOCLEX, _FIONCLEX)),
        "fcntl": Checked(
            Numbers(72, 25),
            (
                *_any_of(1, _F_GETFD, _F_SETFD, _F_GETFL, _F_DUPFD, _F_DUPFD_CLOEXEC),
                (Condition(1, _WHOLE, _F_SETFL), Condition(2, _O_ASYNC, 0)),
            ),
        ),
        # its own limits, to be read; and its time on the processor, which it is given anew for each photo
        "prlimit64": Checked(
            Numbers(302, 261),
            (
                (Condition(0, _WHOLE, 0), Condition(2, _WHOLE, 0), Condition(2, _WHOLE, 0, high=True)),
                (Condition(0, _WHOLE, 0), Condition(1, _WHOLE, _RLIMIT_CPU)),
            ),
        ),
        "prctl": Checked(Numbers(157, 167), _any_of(0, _PR_SET_NAME, _PR_GET_NAME, _PR_SET_VMA)),
        # threads, but no processes and no namespaces
        "clone": Checked(Numbers(56, 220), ((Condition(0, _WHOLE & ~_DETACHED, _THREAD),),)),
        # a signal to a thread of its own, as abort() sends
        "tgkill": Checked(Numbers(234, 131), _any_of(0, pid)),
    }


# its flags lie in memory, out of sight: told that there is no such call, C libraries fall back on clone
ABSENT: dict[str, Numbers] = {"clone3": Numbers(435, 435)}
