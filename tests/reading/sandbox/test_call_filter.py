"""The filter of system calls, run instruction by instruction for both architectures, with the kernel's numbers."""

import errno
import os
import re
import struct
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dejashot.reading.sandbox.call_filter import architecture, program
from dejashot.reading.sandbox.system_calls import ABSENT, ALLOWED, NEWEST, CallNumbers, checked_calls

PID = 4711
ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
HEADERS = {
    "x86_64": Path("/usr/include/x86_64-linux-gnu/asm/unistd_64.h"),
    "aarch64": Path("/usr/include/asm-generic/unistd.h"),
}
ALLOW, EPERM, ENOSYS = 0x7FFF0000, 0x50000 | errno.EPERM, 0x50000 | errno.ENOSYS
WHOLE = 2**64 - 1


def answered(machine: str, number: int, *arguments: int, audit: int | None = None) -> int:
    """Return the filter's answer to a call: a small machine for the few instructions that it is made of."""
    padded = [*arguments, 0, 0, 0, 0, 0, 0][:6]
    call = struct.pack("<IIQ6Q", number, ARCHITECTURES[machine] if audit is None else audit, 0, *padded)
    code = program(machine, PID)
    steps = [struct.unpack_from("@HBBI", code, at) for at in range(0, len(code), 8)]
    at = held = 0
    while True:
        kind, when_true, when_false, value = steps[at]
        at += 1
        if kind == 0x20:
            (held,) = struct.unpack_from("<I", call, value)
        elif kind == 0x54:
            held &= value
        elif kind == 0x06:
            return value
        else:
            at += when_true if {0x15: held == value, 0x25: held > value, 0x35: held >= value}[kind] else when_false


def number(name: str, machine: str) -> int:
    found = getattr(numbers()[name], machine)
    assert found is not None
    return int(found)


def numbers() -> Mapping[str, CallNumbers]:
    return {**ALLOWED, **ABSENT, **{name: call.numbers for name, call in checked_calls(PID).items()}}


@pytest.mark.parametrize("machine", ARCHITECTURES)
def test_every_number_that_is_not_listed_is_refused(machine: str) -> None:
    listed = {getattr(n, machine) for n in numbers().values()}
    free = {getattr(n, machine) for n in ALLOWED.values()} - {None}
    for each in range(2000):
        answer = answered(machine, each)
        if each in free:
            assert answer == ALLOW
        elif each not in listed:
            assert answer == (EPERM if each <= NEWEST else ENOSYS), each
    assert answered(machine, number("clone3", machine)) == ENOSYS
    for beyond in (0x40000000, 0x40000000 + number("read", machine), 2**32 - 1):
        assert answered(machine, beyond) == EPERM


@pytest.mark.parametrize("machine", ARCHITECTURES)
def test_the_numbers_of_another_architecture_are_refused(machine: str) -> None:
    for audit in (*(a for name, a in ARCHITECTURES.items() if name != machine), 0x40000003, 0x40000028, 0):
        assert answered(machine, number("read", machine), audit=audit) == EPERM


LET_THROUGH: Sequence[tuple[str, tuple[int, ...]]] = [
    ("openat", (WHOLE, 1, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_DIRECTORY)),
    ("ioctl", (3, 0x5401)),
    ("fcntl", (3, 1)),
    ("fcntl", (3, 4, os.O_NONBLOCK)),
    ("prlimit64", (0, 7, 0, 1)),
    ("prlimit64", (0, 0, 1 << 40, 0)),
    ("prctl", (15, 1 << 40)),
    ("clone", (0x3D0F00, 1)),
    ("clone", (0x7D0F00, 1)),
    ("tgkill", (PID, 5, 6)),
]
REFUSED: Sequence[tuple[str, tuple[int, ...]]] = [
    *(
        ("openat", (3, 1, flags))
        for flags in (os.O_WRONLY, os.O_RDWR, os.O_CREAT, os.O_TRUNC, os.O_RDONLY | os.O_CREAT)
    ),
    # what is typed into a terminal, taken as one, flags of a file, a clone of it, seals of verity
    *(("ioctl", (0, request)) for request in (0x5412, 0x540E, 0x40086602, 0x40049409, 0x40806685, 0, 2**32 - 1)),
    # owners and kinds of signals, leases, notices, locks, sizes of pipes, seals
    *(("fcntl", (3, command)) for command in (8, 10, 15, 1024, 1026, 6, 7, 37, 38, 1031, 1033, 1036)),
    ("fcntl", (3, 4, 0x2000)),
    ("prlimit64", (PID, 0, 1 << 40, 0)),
    ("prlimit64", (1, 7, 0, 1)),
    ("prlimit64", (0, 7, 1, 0)),
    ("prlimit64", (0, 7, 1 << 40, 0)),  # a pointer whose lower half is zero
    *(("prctl", (option,)) for option in (1, 4, 22, 28, 36, 38, 0x59616D61)),
    *(("clone", (0x3D0F00 | flag,)) for flag in (1 << 28, 1 << 30, 1 << 29, 1 << 17, 0x2000, 0x1000)),
    *(("clone", (flags,)) for flags in (17, 0x4111, 0, 0x10000)),
    *(("tgkill", (process, 1, 9)) for process in (1, 0, PID + 1, 2**32 - 1)),
]


def test_a_process_of_32_bits_is_not_held_to_the_numbers_of_its_kernel() -> None:
    assert [architecture(machine, 8) for machine in ("x86_64", "aarch64")] == ["x86_64", "aarch64"]
    assert [architecture(machine, 4) for machine in ("x86_64", "aarch64", "i686", "armv7l")] == [None] * 4
    assert [architecture(machine, 8) for machine in ("riscv64", "ppc64le", "s390x", "arm64", "")] == [None] * 5


@pytest.mark.parametrize("machine", ARCHITECTURES)
def test_arguments_decide(machine: str) -> None:
    for name, arguments in LET_THROUGH:
        assert answered(machine, number(name, machine), *arguments) == ALLOW, (name, arguments)
    for name, arguments in REFUSED:
        assert answered(machine, number(name, machine), *arguments) == EPERM, (name, arguments)


@given(
    st.sampled_from(sorted(checked_calls(PID))),
    st.lists(st.integers(0, WHOLE), min_size=6, max_size=6),
    st.sampled_from(sorted(ARCHITECTURES)),
)
def test_the_filter_decides_as_its_table_does(name: str, arguments: list[int], machine: str) -> None:
    call = checked_calls(PID)[name]
    if (found := getattr(call.numbers, machine)) is not None:
        holds = any(
            all((arguments[t.argument] >> (32 * t.high)) & 0xFFFFFFFF & t.mask == t.value for t in way)
            for way in call.ways
        )
        assert answered(machine, found, *arguments) == (ALLOW if holds else EPERM)


@pytest.mark.parametrize("machine", ARCHITECTURES)
def test_the_numbers_are_the_kernels(machine: str) -> None:
    header = HEADERS[machine]
    if not header.exists():
        pytest.skip("the kernel's headers are not installed")
    wanted = [
        "-D__BITS_PER_LONG=64",
        "-D__ARCH_WANT_SET_GET_RLIMIT",
        "-D__ARCH_WANT_NEW_STAT",
        "-D__ARCH_WANT_SYS_CLONE3",
    ]
    command = ["cc", "-E", "-dM", *wanted, "-include", str(header), "-x", "c", "/dev/null"]
    try:
        text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("there is no C compiler")
    defined = dict(re.findall(r"#define (__NR\w+) (\w+)", text))
    known = {
        name: int(defined.get(value, value)) for name, value in defined.items() if defined.get(value, value).isdigit()
    }
    for name, each in numbers().items():
        held = getattr(each, machine)
        assert known.get(f"__NR_{name}") == held, name
