"""Sandboxed readers read every format: decoders may still load libraries, start threads and make their calls."""

import io
import os
import shutil
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pillow_heif
import pytest

import exports
import raws
from dejashot.models.photo import Reading, SidecarMetadata, Wanted
from dejashot.reading.job import InTurn, ReadJob
from dejashot.reading.pool import ReaderPool
from dejashot.reading.protocol.payloads import WorkerOptions
from dejashot.reading.sandbox.confine import missing_here
from scenes import scene

TAKEN = datetime(2024, 1, 2, 3, 4, 5)
PICTURE = scene(1, (800, 600))
PLAIN = {"jpg": "JPEG", "png": "PNG", "webp": "WEBP", "gif": "GIF", "bmp": "BMP", "avif": "AVIF", "tif": "TIFF"}
HERE = Path(__file__).parents[1] / "decode"


def encoded(form: str, **options: object) -> bytes:
    out = io.BytesIO()
    PICTURE.save(out, form, **options)
    return out.getvalue()


def photos() -> dict[str, bytes]:
    """Return a photo of every kind, by its name."""
    pillow_heif.register_heif_opener()
    made = {f"plain.{suffix}": encoded(form) for suffix, form in PLAIN.items()} | {"plain.heic": encoded("HEIF")}
    made |= {
        f"{how}.tif": encoded("TIFF", compression=how)
        for how in ("tiff_lzw", "tiff_adobe_deflate", "jpeg", "packbits", "lzma")
    }
    made |= {"progressive.jpg": encoded("JPEG", progressive=True), "turned.jpg": raws.jpeg(PICTURE, orientation=6)}
    made |= {f"raw.{form}": getattr(raws, form)(PICTURE, TAKEN) for form in ("dng", "nef", "cr2", "cr3", "rw2", "orf")}
    return made | {"raw.raf": raws.raf(PICTURE), "bare.dng": raws.dng(PICTURE, TAKEN, preview=False)}


@pytest.mark.parametrize("threads", [1, 3])
def test_every_format_is_read_and_measured_in_the_sandbox(options: WorkerOptions, tmp_path: Path, threads: int) -> None:
    made = photos()
    for name, data in made.items():
        (tmp_path / name).write_bytes(data)
    for name in ("ten_bits_pq.avif", "twelve_bits.avif"):
        shutil.copy(HERE / name, tmp_path)
    jobs = [ReadJob(os.fsencode(f), f.name) for f in sorted(tmp_path.iterdir())]
    pool = ReaderPool(replace(options, threads=threads), 1)
    found = {job.ticket: answer for job, answer in pool.read(jobs, lambda _: Wanted.ALL)}
    assert {name: answer for name, answer in found.items() if not isinstance(answer, Reading)} == {}
    looked = jobs if threads > 1 else []
    assert {
        job.ticket: result.error for job, result in pool.results(InTurn("look", looked)) if result.error is not None
    } == {}
    assert len(found) == len(made) + 2
    assert (pool.lost, pool.missing) == (0, missing_here())
    pool.close()


def test_extras_are_loaded_late_and_work(options: WorkerOptions, tmp_path: Path) -> None:
    pytest.importorskip("rawpy")
    pytest.importorskip("pillow_jxl")
    (tmp_path / "extra.jxl").write_bytes(encoded("JXL"))
    (tmp_path / "older.mrw").write_bytes(b"\0MRM" + bytes(4000))
    pool = ReaderPool(options, 1)
    jobs = [ReadJob(bytes(f), f.name) for f in sorted(tmp_path.iterdir())]
    found = {job.ticket: answer for job, answer in pool.read(jobs, lambda _: Wanted.ALL)}
    pool.close()
    assert isinstance(found["extra.jxl"], Reading)
    assert "LibRaw" in found["older.mrw"].detail  # type: ignore[union-attr]  # it was asked


def test_videos_and_sidecars_are_read_in_the_sandbox(options: WorkerOptions, tmp_path: Path) -> None:
    made = datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC)
    (tmp_path / "film.mov").write_bytes(exports.film(made, live=exports.live_id(7)))
    (tmp_path / "gone.mov").symlink_to(tmp_path / "film.mov")
    pool = ReaderPool(options, 1)
    found = {
        job.ticket: answer
        for job, answer in pool.read_sidecars([ReadJob(bytes(f), f.name) for f in sorted(tmp_path.iterdir())])
    }
    pool.close()
    sidecar = found["film.mov"]
    assert isinstance(sidecar, SidecarMetadata)
    assert sidecar.link.live_id == exports.live_id(7)
    assert found["gone.mov"].reason == "not_a_regular_file"  # type: ignore[union-attr]
