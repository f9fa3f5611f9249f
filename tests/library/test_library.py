"""The library as a whole: its transactions, its readers, and its agreement with a plain dictionary."""

from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dejashot.errors import LibraryError, Reason, UnreadablePhotoError
from dejashot.library.library import Library
from dejashot.models.files import FileRef, FileStamp
from shots import START_US, reading

NOW_US = START_US


def ref(name: str, folder: int = 1) -> FileRef:
    return FileRef(folder, name.encode())


def paths(library: Library) -> list[str]:
    return sorted(row.path.decode() for row in library.shots.in_folders([1], 1))


def test_a_batch_that_fails_leaves_nothing(library: Library) -> None:
    with pytest.raises(RuntimeError), library.batch():
        library.photos.add(ref("a.jpg"), reading(1), 1, NOW_US)
        raise RuntimeError
    assert paths(library) == []
    library.photos.add(ref("a.jpg"), reading(1), 1, NOW_US)
    assert paths(library) == ["a.jpg"]


def test_readers_see_what_is_committed_while_the_owner_writes(library: Library, tmp_path: Path) -> None:
    with closing(Library.open_read_only(tmp_path)) as reader:
        with library.batch():
            library.photos.add(ref("a.jpg"), reading(1), 1, NOW_US)
            assert reader.shots.in_folders([1], 1) == []
        assert len(reader.shots.in_folders([1], 1)) == 1


def test_a_library_that_is_open_for_reading_can_not_be_written(library: Library, tmp_path: Path) -> None:
    with (
        closing(Library.open_read_only(tmp_path)) as reader,
        pytest.raises(LibraryError, match="can't be written"),
        reader.batch(),
    ):
        reader.folders.add(Path("/more"), 1)
    assert [f.path for f in library.folders.all()] == [Path("/photos")]


def test_a_reader_leaves_the_log_of_a_library_that_was_replaced(library: Library, tmp_path: Path) -> None:
    with closing(Library.open_read_only(tmp_path)):
        library.folders.add(Path("/more"), 1)
        (tmp_path / "library.db").rename(tmp_path / "elsewhere.db")
    assert (tmp_path / "library.db-wal").exists()


def test_the_version_differs_whenever_a_photo_arrives_or_goes(library: Library) -> None:
    versions = [library.version()]
    library.photos.add(ref("a.jpg"), reading(1), 1, NOW_US)
    versions.append(library.version())
    library.files.mark_missing(1, [b"a.jpg"], NOW_US + 1)
    versions.append(library.version())
    assert [(v.present, v.changed_us) for v in versions] == [(0, 0), (1, NOW_US), (0, NOW_US + 1)]
    assert versions[0].newest_seq < versions[1].newest_seq


def test_a_closed_library_is_an_error_of_ours(tmp_path: Path) -> None:
    library = Library.open(tmp_path)
    library.close()
    with pytest.raises(LibraryError):
        library.folders.all()


MOVES = st.lists(st.tuples(st.sampled_from(["add", "lose", "skip"]), st.integers(0, 3), st.integers(0, 3)), max_size=25)


@settings(max_examples=40, deadline=None)
@given(MOVES)
def test_the_library_agrees_with_a_dictionary(
    tmp_path_factory: pytest.TempPathFactory, moves: list[tuple[str, int, int]]
) -> None:
    library = Library.open(tmp_path_factory.mktemp("store"))
    library.folders.add(Path("/photos"), 1)
    library.vectors.add_model("f" * 16, "{}")
    present: dict[str, int] = {}
    for what, name, content in moves:
        path = f"{name}.jpg"
        if what == "add":
            library.photos.add(ref(path), reading(content, at_s=content), 1, NOW_US)
            present[path] = content
        elif what == "lose":
            library.files.mark_missing(1, [path.encode()], NOW_US)
            present.pop(path, None)
        else:
            library.files.skip(ref(path), FileStamp(1, 1, 1, 1), UnreadablePhotoError(Reason.CORRUPT), NOW_US)
            present.pop(path, None)
        assert {row.path.decode(): row.shot.content for row in library.shots.in_folders([1], 1)} == {
            p: reading(c).content for p, c in present.items()
        }
    stamps = library.vectors.part_stamps(1)
    assert sum(count for count, _ in stamps.values()) == len({c for w, _, c in moves if w == "add"})
    library.close()
