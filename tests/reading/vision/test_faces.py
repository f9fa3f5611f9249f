"""Faces are found where they are, and their eyes are open or not."""

from pathlib import Path

import pytest
from PIL import Image

from dejashot.reading.vision.faces import FaceFinder, FoundFace
from scenes import portrait, scene

Eyes = tuple[float, float]


@pytest.fixture(scope="module")
def finder() -> FaceFinder:
    return FaceFinder()


def eyes(face: FoundFace) -> Eyes:
    right, left = face.eyes
    assert right is not None
    assert left is not None
    return right, left


def photo(shared: Path, name: str) -> Image.Image:
    with Image.open(shared / "data" / "photos" / name) as image:
        return image.convert("RGB")


@pytest.mark.parametrize(("x", "y"), [(0.5, 0.5), (0.25, 0.5), (0.7, 0.6)])
@pytest.mark.parametrize("size", [(1024, 768), (768, 1024)])
def test_a_face_is_found_where_it_is(finder: FaceFinder, x: float, y: float, size: tuple[int, int]) -> None:
    (face,) = finder.find(portrait(size=size, at=(x, y)))
    left, top, width, height = face.box
    assert left < x < left + width
    assert top < y + 0.03 < top + height
    assert width * size[0] == pytest.approx(height * size[1], rel=0.05)


def test_open_and_closed_eyes_are_distinguished(finder: FaceFinder) -> None:
    (wide,), (shut,) = finder.find(portrait(1.0)), finder.find(portrait(0.0))
    assert min(eyes(wide)) >= 0.17
    assert max(eyes(shut)) < 0.10


def test_both_eyes_of_a_level_face_read_alike_and_so_does_its_mirror_image(finder: FaceFinder) -> None:
    picture = portrait(0.7)
    (face,), (mirrored,) = finder.find(picture), finder.find(picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT))
    assert eyes(face)[0] == pytest.approx(eyes(face)[1], abs=0.05)
    assert eyes(face) == pytest.approx(eyes(mirrored)[::-1], abs=0.05)


def test_a_tilted_face_reads_as_open_as_a_level_one(finder: FaceFinder) -> None:
    (face,) = finder.find(portrait(1.0).rotate(15, fillcolor=(105, 120, 130)))
    assert min(eyes(face)) >= 0.17


def test_several_people_are_several_faces(finder: FaceFinder) -> None:
    picture = portrait(size=(1200, 600), at=(0.2, 0.5))
    picture.paste(portrait(0.0, (1200, 600), (0.75, 0.5)).crop((600, 0, 1200, 600)), (600, 0))
    found = sorted(finder.find(picture), key=lambda face: face.box[0])
    assert [face.box[0] + face.box[2] / 2 for face in found] == pytest.approx([0.2, 0.75], abs=0.03)
    assert min(eyes(found[0])) >= 0.17
    assert max(eyes(found[1])) < 0.10


@pytest.mark.parametrize("seed", range(8))
def test_scenes_without_people_have_no_faces(finder: FaceFinder, seed: int) -> None:
    assert finder.find(scene(seed)) == ()


def test_of_small_faces_the_eyes_are_not_judged(finder: FaceFinder) -> None:
    small = Image.new("RGB", (1024, 768), (105, 120, 130))
    small.paste(portrait(size=(160, 120)), (400, 300))
    for face in finder.find(small):
        assert face.eyes == (None, None)


@pytest.mark.parametrize("size", [(1, 1), (3000, 2), (8, 1024)])
def test_pictures_of_any_shape_are_looked_at(finder: FaceFinder, size: tuple[int, int]) -> None:
    assert finder.find(Image.new("RGB", size)) == ()


@pytest.mark.shared
def test_real_faces(finder: FaceFinder, shared: Path) -> None:
    boy, asleep = finder.find(photo(shared, "p0102.jpg"))[0], finder.find(photo(shared, "p0110.jpg"))[0]
    assert min(eyes(boy)) >= 0.17
    assert max(eyes(asleep)) < 0.10
