"""A photo with a gain map for bright screens is read as its standard picture, and as one photo."""

import os
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import heifs
from dejashot.models.photo import Reading, Wanted
from dejashot.reading.decode import decoder
from dejashot.reading.decode.colour import in_srgb
from dejashot.reading.decode.image_state import format_of
from dejashot.reading.decode.orientation import upright_size
from dejashot.reading.job import ReadJob
from dejashot.reading.pool import ReaderPool
from dejashot.reading.protocol.payloads import WorkerOptions
from dejashot.reading.vision.embedder import Embedder
from dejashot.reading.vision.model import load_model, model_file
from gain_maps import apple_hdr, gain_map, iso_hdr, several, ultra_hdr
from heifs import HDR_GAIN_MAP, auxiliary, coded, grid, heif
from raws import box
from scenes import save_photo, scene

decoder.prepare_decoders(220)
SIZE = (640, 480)
PICTURES = [scene(n, SIZE) for n in range(8)]
SAVED = Image.Exif()
SAVED[0x010F], SAVED[0x0112] = "Testcam", 6
SAVED.get_ifd(0x8769)[0x9003] = "2026:07:01 10:11:12"
FILM = box(b"ftyp", b"mp42", bytes(4), b"mp42isom") + box(b"mdat", bytes(200))


@pytest.fixture(scope="module")
def embedder() -> Embedder:
    file = model_file("")
    return Embedder(file, load_model(file).network, 1)


def seen(embedder: Embedder, data: bytes) -> np.ndarray:
    image = decoder.open_image(data, "x", 220)
    assert upright_size(image) == SIZE
    return embedder.embed(in_srgb(embedder.prepare(decoder.upright_pixels(image, (256, 256))), image.info))


def _tone_mapped(base: heifs.Item, gains: heifs.Item) -> bytes:
    """Return an HEIC or AVIF with a base, its primary picture, and a gain map that a third item joins (ISO 21496-1)."""
    form = base.kind == b"av01"
    head = (
        b"\0" + bytes(4) + b"\x40" + b"".join(n.to_bytes(4) for n in (0, 1, 23, 10, 0, 1, 23, 10, 1, 1, 1, 64, 1, 64))
    )
    items = [base, gains, heifs.Item(b"tmap", head, [heifs.size_box(SIZE)], {b"dimg": [0, 1]})]
    together = box(b"grpl", box(b"altr", *(n.to_bytes(4) for n in (0, 9, 2, 3, 1))))
    return heif(items, brands=(b"avifmif1miaftmap" if form else b"heicmif1tmap"), groups=together)


def _tiled(picture: Image.Image, gains: Image.Image) -> bytes:
    tiles = [coded(picture.crop((x, y, x + 320, y + 240)), hidden=True) for y in (0, 240) for x in (0, 320)]
    return heif([grid(SIZE, 2, 2, 2), coded(gains, auxiliary(HDR_GAIN_MAP), hidden=True, auxl=[0]), *tiles])


def _heic(picture: Image.Image, gains: Image.Image) -> bytes:
    return heif([coded(picture), coded(gains, auxiliary(HDR_GAIN_MAP), hidden=True, auxl=[0])])


def _heic_map_first(picture: Image.Image, gains: Image.Image) -> bytes:
    return heif([coded(gains, auxiliary(HDR_GAIN_MAP), hidden=True, auxl=[1]), coded(picture)], primary=1)


JPEGS: dict[str, Callable[[bytes, Image.Image], bytes]] = {"ultra": ultra_hdr, "iso": iso_hdr, "apple": apple_hdr}
HEIFS: dict[str, Callable[[Image.Image, Image.Image], bytes]] = {
    "heic": _heic,
    "heic, map first": _heic_map_first,
    "heic, tiles": _tiled,
    "heic, tone map": lambda picture, gains: _tone_mapped(coded(picture), coded(gains, hidden=True)),
    "avif, tone map": lambda picture, gains: _tone_mapped(
        coded(picture, form="AVIF"), coded(gains, form="AVIF", hidden=True)
    ),
}


@pytest.mark.parametrize("kind", JPEGS)
def test_a_jpeg_with_a_gain_map_is_embedded_as_its_ordinary_copy(embedder: Embedder, tmp_path: Path, kind: str) -> None:
    for picture in PICTURES:
        plain = save_photo(tmp_path / "x.jpg", picture).read_bytes()
        data = JPEGS[kind](plain, gain_map(picture))
        assert format_of(decoder.open_image(data, "x.jpg", 220)) == "JPEG"
        assert float(seen(embedder, plain) @ seen(embedder, data)) > 0.9999


@pytest.mark.parametrize("kind", HEIFS)
def test_a_heif_with_a_gain_map_is_embedded_as_its_ordinary_copy(embedder: Embedder, kind: str) -> None:
    least = 0.98 if "tiles" in kind else 0.9999  # tiles are coded one by one
    for picture in PICTURES[1:4]:
        form, brands = ("AVIF", b"avifmif1miaf") if "avif" in kind else ("HEIF", b"heicmif1")
        plain = heif([coded(picture, form=form)], brands=brands)
        data = HEIFS[kind](picture, gain_map(picture))
        assert getattr(decoder.open_image(data, "x.heic", 220), "n_frames", 1) == 1
        assert float(seen(embedder, plain) @ seen(embedder, data)) > least


@pytest.mark.parametrize("kind", JPEGS)
def test_the_two_views_of_a_3d_camera_are_read_as_a_picture_and_its_gain_map_are(kind: str, tmp_path: Path) -> None:
    plain = save_photo(tmp_path / "x.jpg", PICTURES[5], orientation=6).read_bytes()
    wanted = decoder.upright_pixels(decoder.open_image(plain, "x.jpg", 220), (256, 256))
    views = several(plain, save_photo(tmp_path / "y.jpg", PICTURES[4]).read_bytes())
    for data in (views, JPEGS[kind](plain, gain_map(PICTURES[5]))):
        image = decoder.open_image(data, "x.jpg", 220)
        assert (format_of(image), upright_size(image)) == ("JPEG", (480, 640))
        assert decoder.upright_pixels(image, (256, 256)).tobytes() == wanted.tobytes()


@pytest.mark.filterwarnings("ignore::UserWarning")  # Pillow's, of the index
@pytest.mark.parametrize("value", [0, 1, 7, 2**16, 2**31, 2**32 - 1])
def test_a_false_index_of_pictures_costs_nothing(tmp_path: Path, value: int) -> None:
    plain = save_photo(tmp_path / "x.jpg", scene(5, (160, 120))).read_bytes()
    wanted = decoder.upright_pixels(decoder.open_image(plain, "x.jpg", 220), (64, 64)).tobytes()
    whole = apple_hdr(plain, Image.new("L", (80, 60)))
    first = whole.index(b"MPF\0") + 4
    for at in range(first, first + 74, 2):
        lying = whole[:at] + value.to_bytes(4) + whole[at + 4 :]
        for data in (lying, lying[: len(plain) + 400]):
            assert decoder.upright_pixels(decoder.open_image(data, "x.jpg", 220), (64, 64)).tobytes() == wanted


@pytest.fixture(scope="module")
def pool(options: WorkerOptions) -> Iterator[ReaderPool]:
    made = ReaderPool(options, 1)
    yield made
    made.close()


def read(pool: ReaderPool, file: Path) -> Reading:
    ((_, answer),) = pool.read([ReadJob(os.fsencode(file), None)], lambda _: Wanted.ALL)
    assert isinstance(answer, Reading)
    return answer


def test_size_and_time_are_the_pictures_own_and_a_gain_map_is_no_film(pool: ReaderPool, tmp_path: Path) -> None:
    picture = PICTURES[1]
    plain = save_photo(tmp_path / "plain.jpg", picture, datetime(2026, 7, 1, 10, 11, 12), orientation=6).read_bytes()
    files = {f"{kind}.jpg": made(plain, gain_map(picture)) for kind, made in JPEGS.items()}
    turned = coded(picture, heifs.turned(3))
    gains = coded(gain_map(picture), auxiliary(HDR_GAIN_MAP), heifs.turned(3), hidden=True, auxl=[0])
    files["turned.heic"] = heif([turned, gains, heifs.exif_item(SAVED, 0)])
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
        found = read(pool, tmp_path / name)
        assert (found.width, found.height) == (480, 640), name
        assert found.taken.wall_us == read(pool, tmp_path / "plain.jpg").taken.wall_us, name
        assert not found.motion, name


def test_a_motion_photo_with_a_gain_map_is_one_where_its_film_is_there(pool: ReaderPool, tmp_path: Path) -> None:
    plain = save_photo(tmp_path / "plain.jpg", PICTURES[2]).read_bytes()
    data = ultra_hdr(plain, gain_map(PICTURES[2]), b' GCamera:MotionPhoto="1"')
    for film, moving in ((b"", False), (FILM, True)):
        file = tmp_path / "PXL_20260701_101112000.MP.jpg"
        file.write_bytes(data + film)
        found = read(pool, file)
        assert found.motion is moving
        assert (found.width, found.height) == SIZE
