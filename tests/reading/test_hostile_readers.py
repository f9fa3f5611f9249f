"""Readers that were taken over: whatever they send, and however, costs their photo and nothing else."""

import hashlib
import json
import math
import os
import random
import socket
from dataclasses import asdict, replace
from datetime import timedelta, timezone
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dejashot.errors import ModelError, Reason, UnreadablePhotoError
from dejashot.models.capture import instant, key_floor
from dejashot.models.photo import Reading, SidecarMetadata, Wanted
from dejashot.reading.job import ContentResult, InTurn, ReadJob
from dejashot.reading.protocol.codec import pack
from dejashot.reading.protocol.exchange import KnownContent
from dejashot.reading.protocol.inbox import Inbox
from dejashot.reading.protocol.payloads import Look, WorkerOptions
from readers import READY, CrashLog, PlayedPool, frame, mutated, sound

OPS = ("read", "look", "map", "features", "render", "sidecar")


def content_of(file: Path) -> bytes:
    return hashlib.blake2b(file.read_bytes(), digest_size=32).digest()


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    file = tmp_path.resolve() / "a.jpg"
    file.write_bytes(b"the bytes of a photo")
    return file


def asked(pool: PlayedPool, op: str, file: Path, wanted: Wanted = Wanted.ALL) -> Any:
    """Return what comes of one job."""
    job = ReadJob(os.fsencode(file), None)
    if op == "read":
        ((_, outcome),) = pool.read([job], lambda _: wanted)
        return outcome
    if op == "sidecar":
        ((_, outcome),) = pool.read_sidecars([job])
        return outcome
    ((_, result),) = pool.results(InTurn(op, [job]))
    return result if result.error is None else result.error


def is_reportable(outcome: Any, content: bytes) -> bool:
    """Return whether everything that follows can handle an outcome."""
    if isinstance(outcome, UnreadablePhotoError):
        return isinstance(outcome.detail, str) and len(outcome.detail) <= 500
    if isinstance(outcome, KnownContent):
        return len(outcome.content) == 32
    if isinstance(outcome, SidecarMetadata):
        return all(instant(us).year for us in (*outcome.times_us.values(), outcome.link.made_us or 0))
    if isinstance(outcome, ContentResult):
        values = asdict(outcome.value.quality) if isinstance(outcome.value, Look) else {}
        return len(outcome.content) == 32 and bool(json.dumps(values, allow_nan=False))
    assert isinstance(outcome, Reading)
    camera = outcome.camera
    instant(outcome.taken.taken_us).astimezone(timezone(timedelta(seconds=outcome.taken.offset_s))).isoformat()
    numbers = (camera.exposure_s, camera.iso, camera.aperture)
    assert all(math.isfinite(math.log2(n)) for n in numbers if n is not None)
    assert all(
        n is None or math.isfinite(n)
        for n in (camera.bias_ev, *asdict(outcome.place or camera).values())
        if not isinstance(n, str)
    )
    whole = (
        *asdict(outcome.stamp).values(),
        outcome.width,
        outcome.height,
        key_floor(outcome.taken.taken_us),
        camera.iso or 0,
    )
    assert all(type(n) is int and -(2**63) <= n < 2**63 for n in whole)
    for text in (camera.make, camera.model, camera.burst_id, outcome.damage, outcome.format, outcome.live_id):
        assert text.encode() is not None and (text == "" or text.isprintable())
    vector = outcome.vector
    return (vector is None or (vector.shape == (256,) and np.isfinite(vector).all())) and outcome.signature.shape == (
        16,
        16,
    )


def test_a_sound_reader_is_understood(options: WorkerOptions, photo: Path) -> None:
    pool = PlayedPool(options, lambda op, _: b"".join(frame(pack(m)) for m in sound(op, content_of(photo))))
    outcomes = {op: asked(pool, op, photo) for op in OPS}
    pool.close()
    assert isinstance(outcomes["read"], Reading)
    assert isinstance(outcomes["sidecar"], SidecarMetadata)
    assert isinstance(outcomes["look"].value, Look)
    assert outcomes["map"].value.shape == (128, 14, 14)
    assert outcomes["features"].value.luma.shape == (4, 6)
    assert outcomes["render"].value.startswith(b"\xff\xd8")
    assert all(is_reportable(outcome, content_of(photo)) for outcome in outcomes.values())


def play(options: WorkerOptions, photo: Path, count: int, seed: int) -> dict[str, int]:
    """Play mutated sequences; return how they ended. Nothing but an outcome comes of any."""
    rng, content, ends = random.Random(seed), content_of(photo), {"understood": 0, "refused": 0}
    said = [b""]
    log = CrashLog()
    pool = PlayedPool(options, lambda _op, _path: said[0], log)
    for _ in range(count):
        op = rng.choice(OPS)
        said[0] = mutated(op, content, rng)
        outcome = asked(pool, op, photo, rng.choice(list(Wanted)))
        assert is_reportable(outcome, content), said[0]
        ends["refused" if isinstance(outcome, UnreadablePhotoError) else "understood"] += 1
    pool.close()
    assert {crashed for crashed, _ in log.crashes} <= {content}
    return ends


def test_no_mutated_sequence_of_messages_escapes(options: WorkerOptions, photo: Path) -> None:
    ends = play(options, photo, 400, 7)
    assert ends["refused"] > 200
    assert ends["understood"] > 5


def test_nonsense_from_a_reader_before_it_starts_is_no_photos_fault(options: WorkerOptions, photo: Path) -> None:
    rng = random.Random(1)
    for _ in range(60):
        said = mutated("read", content_of(photo), rng, started=False)
        pool = PlayedPool(options, lambda _op, _path, said=said: said)
        try:
            assert is_reportable(asked(pool, "read", photo), b"")
        except ModelError as error:
            assert error.title
        pool.close()


NONSENSE = {
    "nothing that it should": [{"op": "hashed"}],
    "too deep": [b'{"op":"hashed","content":' + b"[" * 5000],
    "an end": [{"op": "fatal", "title": "the network is broken", "hint": "y"}],
    "a second start": [READY],
    "two answers to one question": [{"op": "hashed", "content": "0" * 64}, {"op": "hashed", "content": "0" * 64}],
    "no message": [b"\xff\xfe"],
    "a list": [[]],
    "its own crash": [{"op": "failed", "reason": "reader_crashed", "detail": ""}],
}


@pytest.mark.parametrize("what", list(NONSENSE))
def test_nonsense_from_a_reader_is_a_strike_for_its_photo_and_reading_continues(
    options: WorkerOptions, photo: Path, what: str
) -> None:
    good = photo.with_name("good.jpg")
    good.write_bytes(b"another photo")

    def says(op: str, path: bytes) -> bytes:
        messages: list[Any] = [READY, *NONSENSE[what]] if path == os.fsencode(photo) else sound(op, content_of(good))
        return b"".join(frame(m if isinstance(m, bytes) else pack(m)) for m in messages)

    log = CrashLog()
    pool = PlayedPool(options, says, log)
    jobs = [ReadJob(os.fsencode(file), file.name) for file in (photo, good)]
    outcomes = {job.ticket: outcome for job, outcome in pool.read(jobs, lambda _: Wanted.ALL)}
    pool.close()
    assert outcomes["a.jpg"].reason is Reason.READER_CRASHED
    assert outcomes["a.jpg"].content == content_of(photo)
    assert log.crashes == [(content_of(photo), Reason.READER_CRASHED)] * 2  # tried once more, in a fresh reader
    assert isinstance(outcomes["good.jpg"], Reading)


def test_a_reader_can_not_have_another_photo_struck(options: WorkerOptions, photo: Path) -> None:
    innocent = {"op": "hashed", "content": "ab" * 32}
    log = CrashLog()
    pool = PlayedPool(options, lambda _op, _path: frame(pack(READY)) + frame(pack(innocent)) + frame(b"nonsense"), log)
    assert asked(pool, "read", photo).reason is Reason.READER_CRASHED
    pool.close()
    assert {crashed for crashed, _ in log.crashes} == {content_of(photo)}


def test_an_answer_before_the_request_is_ignored(options: WorkerOptions, photo: Path) -> None:
    other = photo.with_name("b.jpg")
    other.write_bytes(b"another photo")
    ahead = sound("read", b"\x07" * 32)[1:]  # for the photo that comes next

    def says(op: str, path: bytes) -> bytes:
        first = path == os.fsencode(photo)
        return b"".join(
            frame(pack(m)) for m in (*sound(op, content_of(photo if first else other)), *(ahead if first else ()))
        )

    pool = PlayedPool(options, says, hang_up=False)
    jobs = [ReadJob(os.fsencode(file), content_of(file)) for file in (photo, other)]
    assert [job.ticket == outcome.content for job, outcome in pool.read(jobs, lambda _: Wanted.ALL)] == [True, True]
    pool.close()


def test_a_film_is_not_hashed_for_a_strike(options: WorkerOptions, photo: Path) -> None:
    log = CrashLog()
    pool = PlayedPool(options, lambda _op, _path: frame(pack(READY)) + frame(b"nonsense"), log)
    assert asked(pool, "sidecar", photo).reason is Reason.READER_CRASHED
    pool.close()
    assert log.crashes == []


def test_a_reader_of_another_version_or_model_is_refused_before_it_reads(options: WorkerOptions, photo: Path) -> None:
    for other in ({"version": READY["version"] + 1}, {"model": "0" * 16}):
        log = CrashLog()
        says = b"".join(frame(pack(m)) for m in [READY | other, *sound("read")[1:]])
        pool = PlayedPool(options, lambda _op, _path, says=says: says, log)
        with pytest.raises(ModelError, match="exchanged"):
            asked(pool, "read", photo)
        pool.close()
        assert log.crashes == []


def test_half_a_message_is_not_waited_for_beyond_the_time_of_its_photo(options: WorkerOptions, photo: Path) -> None:
    for half in (b"", b"\0", b"\0\0\0\x10", frame(pack(sound("read")[1]))[:-1]):
        says = frame(pack(READY)) + half
        log = CrashLog()
        pool = PlayedPool(replace(options, timeout_s=0.05), lambda _op, _path, says=says: says, log, hang_up=False)
        outcome = asked(pool, "read", photo)
        pool.close()
        assert outcome.reason is (Reason.TIMED_OUT if half else Reason.IO_ERROR)  # a slow disk sends no halves
        assert [crashed for crashed, _ in log.crashes] == ([content_of(photo)] if half else [])


@given(st.lists(st.binary(max_size=40), max_size=5), st.data())
def test_messages_come_whole_however_they_are_cut(messages: list[bytes], data: st.DataObject) -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        inbox = Inbox(ours.fileno())
        rest, found = b"".join(map(frame, messages)), []
        while rest:
            cut = data.draw(st.integers(1, len(rest)))
            theirs.sendall(rest[:cut])
            rest = rest[cut:]
            while (message := inbox.take(40)) is not None:
                found.append(message)
        assert found == messages
        theirs.close()
        with pytest.raises(EOFError):
            inbox.take(40)


@pytest.mark.parametrize("length", [b"\xff\xff\xff\xff", b"\x80\0\0\0", b"\0\0\0\x29", b"\x7f\xff\xff\xff"])
def test_a_length_that_no_message_has_is_refused_unread(length: bytes) -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(length)
        with pytest.raises(ValueError):
            Inbox(ours.fileno()).take(40)
