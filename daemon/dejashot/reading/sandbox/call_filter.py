"""A filter by which the kernel refuses a process all system calls but a few, in all threads (seccomp, Linux)."""

import ctypes
import errno
import os
import platform
import struct
import sys

from dejashot.reading.sandbox.system_calls import (
    AARCH64,
    ABSENT,
    ALLOWED,
    NEWEST,
    X86_64,
    CallNumbers,
    CheckedCall,
    checked_calls,
)

_AUDIT = {X86_64: 0xC000003E, AARCH64: 0xC00000B7}
_SECCOMP = CallNumbers(317, 277)
_X32 = 0x40000000

# BPF: ld [k], jeq, jgt, jge, and, ret
_LOAD, _EQUAL, _ABOVE, _AT_LEAST, _AND, _RETURN = 0x20, 0x15, 0x25, 0x35, 0x54, 0x06
_ALLOW, _REFUSE, _UNKNOWN = 0x7FFF0000, 0x00050000 | errno.EPERM, 0x00050000 | errno.ENOSYS
_SET_MODE_FILTER, _ALL_THREADS = 1, 1
_PR_SET_NO_NEW_PRIVS = 38

Instruction = tuple[int, int, int, int]  # code, how far to jump when true and when false, value


def architecture(machine: str, pointer_bytes: int) -> str | None:
    """Return the architecture of a process's call numbers; None for unknown ones, as of 32 bits on a 64-bit kernel."""
    return machine if machine in _AUDIT and pointer_bytes == 8 else None


def can_filter_calls() -> bool:
    """Return whether the kernel filters system calls, and this machine's numbers are known."""
    machine = _this_machine()
    if machine is None:
        return False
    libc = ctypes.CDLL(None, use_errno=True)
    libc.syscall(_number(_SECCOMP, machine), _SET_MODE_FILTER, _ALL_THREADS, None)
    # the filter has no address: only a kernel that takes filters looks there
    return ctypes.get_errno() == errno.EFAULT


def forbid_new_privileges() -> bool:
    """Give up gaining privileges, as the kernel requires before it takes a filter; return whether that was possible."""
    return bool(ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0)


def filter_calls() -> bool:
    """Have the kernel refuse every call but those in `system_calls`, in all threads; return whether it does.

    Refused calls fail with EPERM, those above the newest number known with ENOSYS. Source: seccomp(2).
    """
    machine = _this_machine()
    if machine is None or not can_filter_calls() or not forbid_new_privileges():
        return False
    code = program(machine, os.getpid())
    kept = ctypes.create_string_buffer(code, len(code))
    header = ctypes.create_string_buffer(struct.pack("@HP", len(code) // 8, ctypes.addressof(kept)))
    libc = ctypes.CDLL(None, use_errno=True)
    return bool(libc.syscall(_number(_SECCOMP, machine), _SET_MODE_FILTER, _ALL_THREADS, header) == 0)


def program(machine: str, pid: int) -> bytes:
    """Return the filter as BPF instructions, for an architecture and the process with an id."""
    body: list[Instruction] = [
        (_LOAD, 0, 0, 4),
        (_EQUAL, 1, 0, _AUDIT[machine]),
        (_RETURN, 0, 0, _REFUSE),  # the numbers of another architecture
        (_LOAD, 0, 0, 0),
        (_AT_LEAST, 0, 1, _X32),
        (_RETURN, 0, 0, _REFUSE),
    ]
    for action, calls in ((_ALLOW, ALLOWED), (_UNKNOWN, ABSENT)):
        for numbers in calls.values():
            if (number := _number(numbers, machine)) is not None:
                body += [(_EQUAL, 0, 1, number), (_RETURN, 0, 0, action)]
    for call in checked_calls(pid).values():
        body += _checked(call, machine)
    body += [(_ABOVE, 0, 1, NEWEST), (_RETURN, 0, 0, _UNKNOWN), (_RETURN, 0, 0, _REFUSE)]
    return b"".join(struct.pack("@HBBI", *instruction) for instruction in body)


def _this_machine() -> str | None:
    return architecture(platform.machine(), struct.calcsize("P")) if sys.platform == "linux" else None


def _checked(call: CheckedCall, machine: str) -> list[Instruction]:
    """Return the instructions for a call that is allowed in some ways only; the number of the call is loaded."""
    if (number := _number(call.numbers, machine)) is None:
        return []
    inside: list[Instruction] = []
    for way in call.ways:
        for at, condition in enumerate(way):
            to_next_way = 3 * (len(way) - at - 1) + 1
            inside += [
                (_LOAD, 0, 0, 16 + 8 * condition.argument + 4 * condition.high),
                (_AND, 0, 0, condition.mask),
                (_EQUAL, 0, to_next_way, condition.value),
            ]
        inside.append((_RETURN, 0, 0, _ALLOW))
    inside.append((_RETURN, 0, 0, _REFUSE))
    return [(_EQUAL, 0, len(inside), number), *inside]


def _number(numbers: CallNumbers, machine: str) -> int | None:
    return numbers.x86_64 if machine == X86_64 else numbers.aarch64
