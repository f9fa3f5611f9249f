"""Hostile files under a real daemon: a broken picture costs nothing but itself, and is listed with its reason."""

import io
import json
import random
import signal
import struct
import zlib
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pillow_heif
import pytest
from PIL import Image

import raws
from daemons import QUICK, running, wait_until
from dejashot.errors import Reason
from dejashot.library.library import Library
from homes import Home, tree_hash
from scenes import save_photo, scene

FORMATS = {
    "jpg": "JPEG",
    "png": "PNG",
    "webp": "WEBP",
    "tif": "TIFF",
    "gif": "GIF",
    "avif": "AVIF",
    "heic": "HEIF",
    "bmp": "BMP",
}
WITHOUT_DIGESTS = QUICK.replace("reconcile_s = 5", "reconcile_s = 600")


def originals(folder: Path) -> dict[str, bytes]:
    """Return one picture of each format."""
    pillow_heif.register_heif_opener()
    made = {"jpg": save_photo(folder / "x.jpg", scene(1, (320, 240)), gps=(54.18, 7.88)).read_bytes()}
    for suffix, kind in FORMATS.items():
        out = io.BytesIO()
        scene(2, (160, 120)).save(out, kind)
        made.setdefault(suffix, out.getvalue())
    taken = datetime(2026, 7, 1, 10, 11, 12)
    made |= {
        form.__name__: form(scene(2, (160, 120)), taken)
        for form in (raws.dng, raws.nef, raws.cr2, raws.cr3, raws.orf, raws.rw2)
    }
    return made | {"raf": raws.raf(scene(2, (160, 120)))}


def mutations(pictures: dict[str, bytes], count: int, seed: int) -> Iterator[tuple[str, bytes]]:
    """Yield names and bytes of broken pictures: bits flipped, pieces cut, doubled or overwritten, wrong names."""
    rng = random.Random(seed)
    for number in range(count):
        suffix = rng.choice(sorted(pictures))
        data = bytearray(pictures[suffix])
        for _ in range(rng.choice((1, 1, 2, 8, 40))):
            at = rng.randrange(len(data)) if rng.random() < 0.5 else rng.randrange(min(len(data), 512))
            way = rng.randrange(7)
            if way == 0:
                data[at] ^= 1 << rng.randrange(8)
            elif way == 1:
                data[at : at + 4] = rng.choice((b"\xff\xff\xff\xff", b"\0\0\0\0", b"\x7f\xff\xff\xff", b"\x80\0\0\0"))
            elif way == 2:
                del data[at : at + rng.randrange(1, 64)]
            elif way == 3:
                data[at:at] = data[at : at + rng.randrange(1, 256)]
            elif way == 4:
                data[at : at + rng.randrange(1, 64)] = rng.randbytes(rng.randrange(1, 64))
            elif way == 5 and number % 3 == 0:
                del data[at:]
            else:
                data[at : at + 2] = struct.pack(">H", rng.randrange(65536))
            if len(data) < 16:
                data += pictures[suffix][:64]
        name = suffix if rng.random() < 0.9 else rng.choice(sorted(pictures))
        yield f"{number:05d}.{name}", bytes(data)


def bombs() -> Iterator[tuple[str, bytes]]:
    """Yield small files that decode to huge pictures."""
    wide = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    for name, header in (
        ("bomb.png", wide),
        ("bomb2.png", struct.pack(">IIBBBBB", 2**31 - 1, 2**31 - 1, 16, 6, 0, 0, 0)),
    ):
        chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(b"\0" * 1_000_000)), (b"IEND", b""))
        yield (
            name,
            b"\x89PNG\r\n\x1a\n"
            + b"".join(struct.pack(">I", len(d)) + k + d + struct.pack(">I", zlib.crc32(k + d)) for k, d in chunks),
        )
    out = io.BytesIO()
    Image.new("1", (30_000, 30_000)).save(out, "TIFF", compression="group4")
    yield "bomb.tif", out.getvalue()
    out = io.BytesIO()
    Image.new("L", (16_000, 16_000)).save(out, "JPEG", quality=5)
    yield "bomb.jpg", out.getvalue()
    yield "empty.jpg", b""
    yield "text.heic", b"<html><script>alert(1)</script>"


def known(home: Home) -> dict[bytes, Any]:
    library = Library.open_read_only(home.library)
    try:
        return {
            path: file for folder in library.folders.all() for path, file in library.files.in_folder(folder.id).items()
        }
    finally:
        library.close()


def survive(home: Home, folder: Path, timeout_s: float) -> dict[bytes, Any]:
    """Let a daemon read a whole folder; return the state of each file."""
    before = tree_hash(folder)
    names = {f.name.encode() for f in folder.iterdir()}
    with running(home, folder, config=WITHOUT_DIGESTS) as process:
        wait_until(
            lambda: process.poll() is not None or known(home).keys() == names, "each is read or listed", timeout_s
        )
        assert process.poll() is None
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
    assert tree_hash(folder) == before
    found = known(home)
    assert found.keys() == names
    assert all(f.state == "present" or (f.state == "skipped" and f.reason in set(Reason)) for f in found.values())
    return found


def test_broken_pictures_and_bombs_cost_themselves_only(
    home: Home, tmp_path: Path, times: Callable[[int, int], int]
) -> None:
    folder = tmp_path / "Pictures"
    folder.mkdir()
    pictures = originals(tmp_path)
    hostile = [*mutations(pictures, times(300, 10_000), seed=11), *bombs()]
    for name, data in [*hostile, *((f"good.{suffix}", data) for suffix, data in pictures.items())]:
        (folder / name).write_bytes(data)
    found = survive(home, folder, times(120, 3600))
    assert all(found[f"good.{suffix}".encode()].state == "present" for suffix in pictures)
    assert {name: found[name.encode()].reason for name, _ in bombs()} == {
        "bomb.png": Reason.TOO_MANY_PIXELS,
        "bomb2.png": Reason.TOO_MANY_PIXELS,
        "bomb.tif": Reason.TOO_MANY_PIXELS,
        "bomb.jpg": Reason.TOO_MANY_PIXELS,
        "empty.jpg": Reason.EMPTY,
        "text.heic": Reason.NOT_AN_IMAGE,
    }
    listed = json.loads(home.run("report", "--format", "json", timeout_s=times(120, 3600)).stdout)["skipped"]
    assert {s["path"] for s in listed} == {name.decode() for name, f in found.items() if f.state == "skipped"}


@pytest.mark.shared
def test_the_odd_photos_of_the_world_are_read_or_listed(home: Home, shared: Path, tmp_path: Path) -> None:
    folder = tmp_path / "Pictures"
    folder.mkdir()
    for file in (shared / "data" / "odd").iterdir():
        (folder / file.name).write_bytes(file.read_bytes())
    found = survive(home, folder, 120)
    assert sum(f.state == "present" for f in found.values()) >= 140  # as many as Pillow can decode whole
