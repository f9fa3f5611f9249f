"""What closer looks measured."""

from dejashot.library.library import Library
from dejashot.models.files import FileRef
from dejashot.models.photo import Face, Quality
from shots import START_US, reading

NOW_US = START_US


def ref(name: str, folder: int = 1) -> FileRef:
    return FileRef(folder, name.encode())


def test_the_quality_of_a_photo_is_kept(library: Library) -> None:
    one = reading(1)
    library.photos.add(ref("a.jpg"), one, 1, NOW_US)
    quality = Quality(
        1.5, 0.1, 0.2, 90.0, (0.5,) * 16, (1.0, 1.25, -0.1), 2.5, 9.0, (Face((0.1, 0.2, 0.3, 0.4), 0.9, (0.21, None)),)
    )
    library.measurements.add_quality(one.content, quality)
    assert library.measurements.quality([one.content, b"?" * 32]) == {one.content: quality}


def test_matches_are_kept_by_pair_and_model_and_go_with_them(library: Library) -> None:
    a, b, c = (library.photos.add(ref(f"{n}.jpg"), reading(n, n), 1, NOW_US) for n in range(3))
    library.measurements.add_matches(1, {(a, b): 0.5, (a, c): 0.25, (a, c + 1): 0.75})  # the last photo is not known
    library.measurements.add_matches(1, {(a, b): 0.625})
    assert library.measurements.matches(1, [a, b]) == {(a, b): 0.625, (a, c): 0.25}
    assert library.measurements.matches(1, [b]) == {}
    other = library.vectors.add_model("e" * 16, "{}")
    assert library.measurements.matches(other.id, [a]) == {}
    library.vectors.activate_model(other.id)
    assert library.measurements.matches(1, [a]) == {}
