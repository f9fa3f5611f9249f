"""The vectors of the library, by model."""

from dataclasses import replace

import pytest

from dejashot.library.library import Library
from dejashot.models.files import FileRef
from shots import START_US, reading

NOW_US = START_US


def ref(name: str, folder: int = 1) -> FileRef:
    return FileRef(folder, name.encode())


def test_old_vectors_stay_until_the_new_network_is_active(library: Library) -> None:
    one = reading(1)
    library.photos.add(ref("a.jpg"), one, 1, NOW_US)
    new = library.vectors.add_model("e" * 16, "{}")
    assert library.vectors.active_model() is not None
    assert library.vectors.active_model().id == 1  # type: ignore[union-attr]
    assert [f.path for f, _ in library.photos.to_read_again(new.id)] == [b"a.jpg"]
    library.photos.add(ref("a.jpg"), replace(one, vector=-one.vector), new.id, NOW_US)
    assert library.vectors.get(one.content, 1) is not None
    library.vectors.activate_model(new.id)
    assert library.vectors.get(one.content, 1) is None
    assert float(library.vectors.get(one.content, new.id) @ one.vector) == pytest.approx(-1, abs=1e-3)
    assert library.photos.to_read_again(new.id) == []


def test_what_a_vector_was_made_of_is_kept_with_it(library: Library) -> None:
    one = reading(1)
    for thumbnail_px in (416, 0, 320):
        library.photos.add(ref("a.jpg"), replace(one, thumbnail_px=thumbnail_px), 1, NOW_US)
        assert library.vectors.thumbnail_px(one.content, 1) == thumbnail_px
    new = library.vectors.add_model("e" * 16, "{}")
    library.photos.add(ref("a.jpg"), one, new.id, NOW_US)
    library.vectors.activate_model(new.id)
    assert library.vectors.thumbnail_px(one.content, 1) == library.vectors.thumbnail_px(one.content, new.id) == 0
