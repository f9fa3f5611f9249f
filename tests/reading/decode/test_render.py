"""Pictures for people, rendered by real workers: upright, without metadata, in the right colours."""

import io
import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms

from dejashot.errors import Reason, UnreadablePhotoError
from dejashot.models.files import content_hash
from dejashot.reading.job import ReadJob
from dejashot.reading.pool import ReaderPool
from dejashot.reading.protocol.payloads import Frame, WorkerOptions
from scenes import save_photo, scene


@pytest.fixture
def pool(options: WorkerOptions) -> Iterator[ReaderPool]:
    made = ReaderPool(options, 1)
    yield made
    made.close()


def rendered(pool: ReaderPool, file: Path, frame: Frame) -> Image.Image:
    ((_, result),) = pool.render([ReadJob(os.fsencode(file), None, frame)])
    jpeg = result.value_for(content_hash(file.read_bytes()).digest())
    assert jpeg is not None
    return Image.open(io.BytesIO(jpeg))


def test_a_photo_is_rendered_at_any_size_without_metadata(pool: ReaderPool, tmp_path: Path) -> None:
    file = save_photo(tmp_path / "a.jpg", scene(1, (1600, 1200)), gps=(54.18, 7.88))
    for side, size in ((0, (1600, 1200)), (400, (400, 300)), (5000, (1600, 1200))):
        picture = rendered(pool, file, Frame(side))
        assert picture.size == size
        assert not picture.getexif()
        assert set(picture.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}


def test_a_part_is_cut_from_the_upright_picture(pool: ReaderPool, tmp_path: Path) -> None:
    sheet = Image.new("RGB", (900, 600), (200, 30, 30))
    sheet.paste((30, 30, 200), (450, 0, 900, 600))
    exif = Image.Exif()
    exif[0x0112] = 6  # shown turned right: what was on the left is above
    sheet.save(tmp_path / "turned.jpg", exif=exif, quality=95)
    whole = rendered(pool, tmp_path / "turned.jpg", Frame(0))
    assert whole.size == (600, 900)
    above = rendered(pool, tmp_path / "turned.jpg", Frame(300, (0.0, 0.0, 1.0, 0.4)))
    below = rendered(pool, tmp_path / "turned.jpg", Frame(300, (0.25, 0.6, 0.5, 0.4)))
    assert above.size == (300, 180)
    assert np.asarray(above).mean((0, 1)) == pytest.approx((200, 30, 30), abs=6)
    assert np.asarray(below).mean((0, 1)) == pytest.approx((30, 30, 200), abs=6)


def test_a_part_at_the_very_edge_is_a_pixel_at_least(pool: ReaderPool, tmp_path: Path) -> None:
    Image.new("RGB", (300, 200), (9, 9, 9)).save(tmp_path / "a.jpg")
    for box in ((0.9999, 0.9999, 0.001, 0.001), (1.0, 0.0, 0.0, 1.0), (0.0, 0.0, 0.0, 0.0)):
        assert min(rendered(pool, tmp_path / "a.jpg", Frame(360, box)).size) >= 1


def test_wide_gamut_is_shown_in_the_colours_meant(pool: ReaderPool, tmp_path: Path) -> None:
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB", 5000))
    Image.new("RGB", (64, 64), (120, 90, 60)).save(tmp_path / "same.png", icc_profile=lab.tobytes())
    Image.new("RGB", (64, 64), (120, 90, 60)).save(tmp_path / "nonsense.png", icc_profile=b"nonsense")
    for name in ("same.png", "nonsense.png"):
        assert np.asarray(rendered(pool, tmp_path / name, Frame(0))).mean((0, 1)) == pytest.approx((120, 90, 60), abs=3)


def test_what_can_not_be_rendered_has_a_reason(pool: ReaderPool, tmp_path: Path) -> None:
    (tmp_path / "text.jpg").write_bytes(b"text")
    ((_, result),) = pool.render([ReadJob(os.fsencode(tmp_path / "text.jpg"), None, Frame(0))])
    assert isinstance(result.error, UnreadablePhotoError)
    assert result.error.reason is Reason.NOT_AN_IMAGE
