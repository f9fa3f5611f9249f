"""The reader pool with real worker processes: crashes, hangs and hostile files cost themselves only."""

import hashlib
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest
from PIL import Image

from dejashot.errors import ModelError, Reason, UnreadablePhotoError
from dejashot.models.photo import Reading, Wanted
from dejashot.reading.job import InTurn, ReadJob
from dejashot.reading.opener import Opener
from dejashot.reading.pool import ReaderPool
from dejashot.reading.protocol.codec import unpack
from dejashot.reading.protocol.exchange import KnownContent
from dejashot.reading.protocol.payloads import WorkerOptions
from heifs import coded, heif
from networks import tiny_network
from readers import CrashLog
from scenes import save_photo, scene
from stuck_disk import StuckDisk


@pytest.fixture
def pool(options: WorkerOptions) -> Iterator[ReaderPool]:
    made = ReaderPool(options, 2)
    yield made
    made.close()


def read(pool: ReaderPool, *files: Path) -> dict[str, Any]:
    jobs = [ReadJob(os.fsencode(f), f.name) for f in files]
    return {job.ticket: answer for job, answer in pool.read(jobs, lambda _: Wanted.ALL)}


def test_a_photo_is_read_once_for_everything(pool: ReaderPool, tmp_path: Path) -> None:
    file = save_photo(tmp_path / "IMG_20240102_030405.jpg", scene(1, (1600, 1200)), gps=(54.18, 7.88))
    found = read(pool, file)[file.name]
    assert isinstance(found, Reading)
    assert found.content == hashlib.blake2b(file.read_bytes(), digest_size=32).digest()
    assert (found.format, found.width, found.height) == ("JPEG", 1600, 1200)
    assert (found.taken.source, found.camera.name) == ("name", "Testcam T-1")
    assert found.place is not None
    assert np.linalg.norm(found.vector) == pytest.approx(1, abs=1e-4)
    assert found.signature.shape == (16, 16)
    assert found.contrast > 10
    assert found.stamp.size_bytes == file.stat().st_size


def test_vector_and_map_are_of_the_thumbnail_whatever_was_decoded_before(
    options: WorkerOptions, tmp_path: Path
) -> None:
    picture, file = scene(5, (640, 480)), tmp_path / "a.heic"
    file.write_bytes(heif([coded(picture), coded(picture.resize((320, 240)), hidden=True, thmb=[0])]))
    pool, jobs = ReaderPool(options, 1), [ReadJob(os.fsencode(file), file.name)]
    first = read(pool, file)[file.name]
    ((_, look),) = pool.results(InTurn("look", jobs))
    again = read(pool, file)[file.name]
    ((_, mapped),) = pool.results(InTurn("map", jobs))
    pool.close()
    assert isinstance(first, Reading)
    assert (first.thumbnail_px, first.width, first.height) == (320, 640, 480)
    assert look.value is not None
    assert (first.vector == again.vector).all()
    assert (first.map == again.map).all()
    assert (first.map == mapped.value).all()


def test_known_bytes_are_not_decoded(pool: ReaderPool, tmp_path: Path) -> None:
    file = tmp_path / "not really a photo.jpg"
    file.write_bytes(b"these bytes would not decode")
    ((_, answer),) = pool.read([ReadJob(os.fsencode(file), None)], lambda _: Wanted.NOTHING)
    assert isinstance(answer, KnownContent)
    assert answer.stamp.size_bytes == 28


def test_bad_files_do_not_stop_good_ones(pool: ReaderPool, tmp_path: Path) -> None:
    good = [save_photo(tmp_path / f"good{n}.jpg", scene(n, (320, 240))) for n in range(6)]
    (tmp_path / "half.jpg").write_bytes(good[0].read_bytes()[:3000])
    (tmp_path / "text.jpg").write_bytes(b"text")
    (tmp_path / "empty.jpg").touch()
    found = read(pool, *sorted(tmp_path.iterdir()), tmp_path / "gone.jpg")
    assert sum(isinstance(a, Reading) for a in found.values()) == 6
    reasons = {name: a.reason for name, a in found.items() if isinstance(a, UnreadablePhotoError)}
    assert reasons == {
        "half.jpg": Reason.TRUNCATED,
        "text.jpg": Reason.NOT_AN_IMAGE,
        "empty.jpg": Reason.EMPTY,
        "gone.jpg": Reason.VANISHED,
    }


@pytest.mark.alone
def test_a_file_that_does_not_open_costs_itself_only(options: WorkerOptions, tmp_path: Path) -> None:
    good = [save_photo(tmp_path / f"{n}.jpg", scene(n, (320, 240))) for n in range(4)]
    (tmp_path / "stuck").write_bytes(good[0].read_bytes())
    disk = StuckDisk()
    calls: list[int] = []
    pool = ReaderPool(options, 2, on_progress=lambda: calls.append(1), opener=Opener(1.0, disk.open))
    found = read(pool, good[0], tmp_path / "stuck", *good[1:])
    assert found.pop("stuck").reason is Reason.IO_ERROR
    assert all(isinstance(answer, Reading) for answer in found.values())
    assert len(found) == 4
    assert len(calls) > len(found)
    disk.lets_go.set()
    assert isinstance(read(pool, tmp_path / "stuck")["stuck"], Reading)
    assert pool.lost == 0
    pool.close()


def test_what_can_not_be_opened_starts_no_reader(pool: ReaderPool, tmp_path: Path) -> None:
    assert read(pool, tmp_path / "gone.jpg")["gone.jpg"].reason is Reason.VANISHED
    assert (pool.running, pool.photos_read, pool.missing) == (0, 1, None)


def test_readers_that_were_started_ahead_take_the_photos(pool: ReaderPool, tmp_path: Path) -> None:
    files = [save_photo(tmp_path / f"{n}.jpg", scene(n, (320, 240))) for n in range(4)]
    for _ in range(3):
        pool.warm_up()
    assert pool.running == 2
    started = {child.pid for child in psutil.Process().children()}
    assert all(isinstance(answer, Reading) for answer in (read(pool, files[0]) | read(pool, *files)).values())
    assert {child.pid for child in psutil.Process().children()} == started


def test_a_reader_that_was_started_ahead_and_ended_is_an_error(pool: ReaderPool, tmp_path: Path) -> None:
    pool.warm_up()
    for child in psutil.Process().children():
        child.kill()
        child.wait()
    with pytest.raises(ModelError, match="ended while starting"):
        read(pool, save_photo(tmp_path / "x.jpg", scene(1, (64, 64))))


def test_a_reader_has_a_session_of_its_own(pool: ReaderPool, tmp_path: Path) -> None:
    file = save_photo(tmp_path / "x.jpg", scene(1, (320, 240)))
    sessions: list[bool] = []

    def wanted(_content: bytes) -> Wanted:
        sessions.extend(os.getsid(child.pid) == child.pid for child in psutil.Process().children())
        return Wanted.ALL

    list(pool.read([ReadJob(os.fsencode(file), None)], wanted))
    assert sessions == [True]


def _kill_readers() -> None:
    for child in psutil.Process().children():
        child.send_signal(signal.SIGSEGV)


def test_a_reader_that_dies_is_replaced_and_its_photo_tried_once_more(options: WorkerOptions, tmp_path: Path) -> None:
    files = [save_photo(tmp_path / f"{n}.jpg", scene(n, (320, 240))) for n in range(3)]
    pool = ReaderPool(options, 1)
    killed: list[bytes] = []

    def wanted(content: bytes) -> Wanted:
        if not killed:
            killed.append(content)
            _kill_readers()
        return Wanted.ALL

    found = {job.ticket: answer for job, answer in pool.read([ReadJob(os.fsencode(f), f.name) for f in files], wanted)}
    pool.close()
    assert all(isinstance(a, Reading) for a in found.values())
    assert len(found) == 3


def test_a_photo_that_kills_its_reader_twice_costs_itself_only(options: WorkerOptions, tmp_path: Path) -> None:
    files = [save_photo(tmp_path / f"{n}.jpg", scene(n, (320, 240))) for n in range(3)]
    poison = hashlib.blake2b(files[1].read_bytes(), digest_size=32).digest()
    pool = ReaderPool(options, 1)

    def wanted(content: bytes) -> Wanted:
        if content == poison:
            _kill_readers()
        return Wanted.ALL

    found = {job.ticket: answer for job, answer in pool.read([ReadJob(os.fsencode(f), f.name) for f in files], wanted)}
    pool.close()
    assert found["1.jpg"].reason is Reason.READER_CRASHED
    assert isinstance(found["0.jpg"], Reading)
    assert isinstance(found["2.jpg"], Reading)


@pytest.mark.alone
def test_a_photo_that_takes_too_long_is_given_up(options: WorkerOptions, tmp_path: Path) -> None:
    small = save_photo(tmp_path / "small.png", scene(1, (64, 64)))
    big = tmp_path / "big.png"
    Image.new("RGB", (14_000, 14_000), "red").save(big)  # soon read, long in decoding
    pool = ReaderPool(replace(options, timeout_s=0.4), 1)
    assert isinstance(read(pool, small)["small.png"], Reading)
    assert read(pool, big)["big.png"].reason is Reason.TIMED_OUT
    assert isinstance(read(pool, small)["small.png"], Reading)
    pool.close()


def test_memory_is_limited_and_running_out_of_it_is_a_reason(options: WorkerOptions, tmp_path: Path) -> None:
    flat = tmp_path / "flat.png"
    Image.new("RGB", (14_000, 14_000), "red").save(flat, compress_level=1)
    small = save_photo(tmp_path / "small.jpg", scene(1, (320, 240)))
    pool = ReaderPool(replace(options, memory_mib=640, timeout_s=60), 1)
    found = read(pool, flat, small)
    pool.close()
    assert found["flat.png"].reason in (Reason.OUT_OF_MEMORY, Reason.READER_CRASHED)
    assert isinstance(found["small.jpg"], Reading)


def test_a_closer_look_gives_quality_and_a_preview(pool: ReaderPool, tmp_path: Path) -> None:
    file = save_photo(tmp_path / "x.jpg", scene(1, (2000, 1500)))
    ((_, result),) = pool.results(InTurn("look", [ReadJob(os.fsencode(file), None)]))
    look = result.value_for(hashlib.blake2b(file.read_bytes(), digest_size=32).digest())
    assert look is not None
    assert result.value_for(bytes(32)) is None
    assert look.quality.sharpness > 0
    assert look.preview.startswith(b"\xff\xd8")


def test_a_photo_is_mapped_for_a_second_look(pool: ReaderPool, tmp_path: Path) -> None:
    good = save_photo(tmp_path / "good.jpg", scene(3))
    bad = tmp_path / "bad.jpg"
    bad.write_bytes(good.read_bytes()[:600])
    found = {
        job.ticket: answer
        for job, answer in pool.results(InTurn("map", [ReadJob(os.fsencode(f), f.name) for f in (good, bad)]))
    }
    picture_map = found["good.jpg"].value_for(hashlib.blake2b(good.read_bytes(), digest_size=32).digest())
    assert picture_map is not None
    assert picture_map.shape == (128, 14, 14)
    assert picture_map.astype(np.float32).std() > 0.1
    assert isinstance(found["bad.jpg"].error, UnreadablePhotoError)


def test_local_features_are_found_in_a_sealed_reader(pool: ReaderPool, tmp_path: Path) -> None:
    good = save_photo(tmp_path / "good.jpg", scene(3, (2000, 1500)))
    bad = tmp_path / "bad.jpg"
    bad.write_bytes(good.read_bytes()[:600])
    turned = tmp_path / "turned.jpg"
    exif = Image.Exif()
    exif[0x0112] = 6
    scene(3, (2000, 1500)).save(turned, "JPEG", exif=exif)
    files = (good, bad, turned)
    found = {
        job.ticket: answer
        for job, answer in pool.results(InTurn("features", [ReadJob(os.fsencode(f), f.name) for f in files]))
    }
    features = found["good.jpg"].value_for(hashlib.blake2b(good.read_bytes(), digest_size=32).digest())
    assert features is not None
    assert features.luma.shape == (576, 768)
    assert len(features.points) > 50
    assert found["turned.jpg"].value.luma.shape == (768, 576)
    assert isinstance(found["bad.jpg"].error, UnreadablePhotoError)


def test_local_features_fit_in_the_least_memory_that_may_be_set(options: WorkerOptions, tmp_path: Path) -> None:
    file = save_photo(tmp_path / "a.jpg", scene(3, (4000, 3000)))
    log = CrashLog()
    pool = ReaderPool(replace(options, memory_mib=512), 1, log)
    ((_, result),) = pool.results(InTurn("features", [ReadJob(os.fsencode(file), None)]))
    pool.close()
    assert (result.error, log.crashes) == (None, [])


def test_abandoned_work_leaves_no_process_behind(options: WorkerOptions, tmp_path: Path) -> None:
    files = [save_photo(tmp_path / f"{n}.jpg", scene(n, (320, 240))) for n in range(8)]
    pool = ReaderPool(options, 2)
    answers = pool.read([ReadJob(os.fsencode(f), None) for f in files], lambda _: Wanted.ALL)
    next(answers)
    answers.close()
    assert isinstance(read(pool, files[0])["0.jpg"], Reading)
    pool.close()
    assert pool.running == 0
    assert psutil.Process().children() == []


def test_a_network_that_can_not_be_loaded_is_an_error_not_a_crash(options: WorkerOptions, tmp_path: Path) -> None:
    pool = ReaderPool(replace(options, model=str(tmp_path / "none.onnx")), 1)
    with pytest.raises(ModelError):
        read(pool, save_photo(tmp_path / "x.jpg", scene(1, (64, 64))))
    pool.close()


def test_a_reader_that_a_pool_of_an_older_version_starts_says_what_to_do(options: WorkerOptions) -> None:
    ours, theirs = socket.socketpair()
    command = [sys.executable, "-P", "-m", "dejashot.reading.worker", str(theirs.fileno()), options.encode()]
    with theirs, subprocess.Popen(command, pass_fds=[theirs.fileno()]):
        theirs.close()
        with Connection(ours.detach()) as link:
            message = unpack(link.recv_bytes())
    assert (message["op"], message["hint"]) == ("fatal", "Start it again")


def test_the_facts_of_a_photo_are_read_without_its_vector(options: WorkerOptions, tmp_path: Path) -> None:
    file = save_photo(tmp_path / "a.jpg", scene(1, (320, 240)))
    pool = ReaderPool(options, 1)
    answers = [
        answer
        for wanted in (Wanted.ALL, Wanted.FACTS)
        for _, answer in pool.read([ReadJob(os.fsencode(file), None)], lambda _, w=wanted: w)
    ]
    pool.close()
    whole, facts = answers
    assert isinstance(whole, Reading)
    assert isinstance(facts, Reading)
    assert facts.vector is None
    assert (facts.content, facts.taken, facts.camera, facts.contrast) == (
        whole.content,
        whole.taken,
        whole.camera,
        whole.contrast,
    )
    assert (facts.signature == whole.signature).all()


def test_a_network_that_fails_on_a_photo_costs_that_photo_and_no_strike(options: WorkerOptions, tmp_path: Path) -> None:
    file = save_photo(tmp_path / "a.jpg", scene(1, (320, 240)))
    log = CrashLog()
    pool = ReaderPool(replace(options, model=str(tiny_network(tmp_path))), 1, log)
    ((_, result),) = pool.results(InTurn("map", [ReadJob(os.fsencode(file), None)]))  # that model has no map
    failed = result.error
    assert isinstance(failed, UnreadablePhotoError)
    assert log.crashes == []
    assert (failed.reason, failed.detail) == (Reason.NETWORK_FAILED, "the model tiny has no map")
    assert not failed.reason.final
    assert isinstance(read(pool, file)["a.jpg"], Reading)
    pool.close()


def test_a_reader_that_ended_between_two_photos_gets_no_other(options: WorkerOptions, tmp_path: Path) -> None:
    file = save_photo(tmp_path / "a.jpg", scene(1, (320, 240)))
    pool = ReaderPool(options, 1)
    assert isinstance(read(pool, file)["a.jpg"], Reading)
    (before,) = psutil.Process().children()
    before.terminate()
    os.waitid(os.P_PID, before.pid, os.WEXITED | os.WNOWAIT)
    assert isinstance(read(pool, file)["a.jpg"], Reading)
    (after,) = psutil.Process().children()
    assert (after.pid == before.pid, pool.lost) == (False, 0)
    pool.close()
