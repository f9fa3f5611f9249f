"""Pictures for the page, by real readers: kept, shared, and never those of another photo."""

import io
import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from dejashot.errors import Reason, UnreadablePhotoError
from dejashot.library.previews import preview_file
from dejashot.models.files import content_hash
from dejashot.reading.pool import ReaderPool
from dejashot.reading.protocol.payloads import Frame, WorkerOptions
from dejashot.web.image_renderer import ImageRenderer
from dejashot.web.picture_sizes import LARGE, SMALL
from scenes import save_photo, scene

pytestmark = pytest.mark.usefixtures("library")  # previews are cached beside it

Places = dict[bytes, tuple[bytes, ...]]


@pytest.fixture
def places() -> Places:
    return {}


@pytest.fixture
def pictures(options: WorkerOptions, places: Places) -> Iterator[ImageRenderer]:
    made = ImageRenderer(ReaderPool(options, 2), lambda content: places.get(content, ()))
    yield made
    made.close()


def photo(file: Path, places: Places, seed: int = 1) -> bytes:
    """Save a photo and return its content."""
    content = content_hash(save_photo(file, scene(seed, (2000, 1500))).read_bytes()).digest()
    places[content] = (os.fsencode(file),)
    return content


def size(jpeg: bytes) -> tuple[int, int]:
    return Image.open(io.BytesIO(jpeg)).size


def test_pictures_are_kept_small_ones_on_the_disk(pictures: ImageRenderer, places: Places, tmp_path: Path) -> None:
    content = photo(tmp_path / "a.jpg", places)
    small, large = pictures.get(content), pictures.get(content, LARGE)
    assert size(small) == (360, 270)
    assert size(large) == (1600, 1200)
    assert preview_file(content).read_bytes() == small
    (tmp_path / "a.jpg").unlink()
    assert pictures.get(content, SMALL) == small
    assert pictures.get(content, LARGE) == large
    with pytest.raises(UnreadablePhotoError):
        pictures.get(content, Frame(800))


def test_a_file_that_is_gone_is_looked_for_where_its_copy_lies(
    pictures: ImageRenderer, places: Places, tmp_path: Path
) -> None:
    content = photo(tmp_path / "a.jpg", places)
    (tmp_path / "text.jpg").write_bytes(b"no photo")
    places[content] = (bytes(tmp_path / "gone.jpg"), bytes(tmp_path / "text.jpg"), bytes(tmp_path / "a.jpg"))
    assert size(pictures.get(content, LARGE)) == (1600, 1200)


def test_a_photo_replaced_by_another_picture_is_not_shown(
    pictures: ImageRenderer, places: Places, tmp_path: Path
) -> None:
    content = photo(tmp_path / "a.jpg", places)
    save_photo(tmp_path / "a.jpg", scene(2))
    with pytest.raises(UnreadablePhotoError) as refused:
        pictures.get(content)
    assert refused.value.reason is Reason.VANISHED
    assert not preview_file(content).exists()


def test_what_can_not_be_read_says_why_and_the_next_is_shown(
    pictures: ImageRenderer, places: Places, tmp_path: Path
) -> None:
    (tmp_path / "text.jpg").write_bytes(b"no photo")
    places[b"t" * 32] = (bytes(tmp_path / "text.jpg"),)
    with pytest.raises(UnreadablePhotoError) as refused:
        pictures.get(b"t" * 32)
    assert refused.value.reason is Reason.NOT_AN_IMAGE
    with pytest.raises(UnreadablePhotoError):
        pictures.get(b"u" * 32)  # nobody knows where it lies
    assert size(pictures.get(photo(tmp_path / "a.jpg", places), LARGE)) == (1600, 1200)


def test_many_ask_at_once(pictures: ImageRenderer, places: Places, tmp_path: Path) -> None:
    contents = [photo(tmp_path / f"{n}.jpg", places, n) for n in range(4)]
    answers: list[bytes] = []
    threads = [threading.Thread(target=lambda c=c: answers.append(pictures.get(c, LARGE))) for c in contents * 3]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 12
    assert len(set(answers)) == 4


def test_who_waits_while_it_ends_is_told(options: WorkerOptions, places: Places, tmp_path: Path) -> None:
    pictures = ImageRenderer(ReaderPool(options, 1), lambda content: places.get(content, ()))
    content = photo(tmp_path / "a.jpg", places)
    assert pictures.get(content, LARGE)
    pictures.close()
