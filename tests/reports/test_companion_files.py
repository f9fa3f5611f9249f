"""What may belong to some photos is found by their directories alone, as among all companions."""

import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dejashot.errors import Reason, UnreadablePhotoError
from dejashot.library.library import Library
from dejashot.models.files import FileRef, FileStamp
from dejashot.models.photo import LinkMetadata, SidecarMetadata
from dejashot.reports.companion_files import companions_in_folders, companions_of_files
from shots import reading

READINGS = [replace(reading(n), vector=None) for n in range(8)]
UNREAD = UnreadablePhotoError(Reason.TRUNCATED, "cut")
DIRECTORIES = st.sampled_from((b"", b"a/", b"a-/", b"a0/", b"a/b/", b"a/b/c/", b"\xff/"))
STEMS = st.sampled_from((b"a", b"a0", b"IMG_1", b"IMG_2", b"\xff"))
PATHS = st.builds(lambda directory, stem: directory + stem, DIRECTORIES, STEMS)


class UndoneError(Exception):
    """Ends an example: nothing of it is kept."""


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    """Give the tests an empty library with a folder, and another inside it."""
    opened = Library.open(tmp_path_factory.mktemp("library"))
    opened.folders.add(Path("/photos"), 1)
    opened.folders.add(Path("/photos/a"), 1)
    opened.vectors.add_model("f" * 16, "{}")
    yield opened
    opened.close()


@settings(max_examples=50)
@given(
    st.lists(st.tuples(st.sampled_from((1, 1, 2)), PATHS), max_size=len(READINGS), unique=True),
    st.lists(st.tuples(st.sampled_from((1, 1, 2)), PATHS, st.sampled_from((b".mov", b".xmp")), st.booleans())),
    st.lists(st.tuples(st.sampled_from((1, 2)), PATHS, st.sampled_from((b".cr2", b".png"))), max_size=4),
    st.integers(0, len(READINGS)),
)
def test_companions_of_some_photos_are_those_of_their_directories(
    library: Library,
    photos: Sequence[tuple[int, bytes]],
    companions: Sequence[tuple[int, bytes, bytes, bool]],
    unread: Sequence[tuple[int, bytes, bytes]],
    chosen: int,
) -> None:
    folders = library.folders.all()
    roots = {f.id: f.path for f in folders}
    with suppress(UndoneError), library.batch():
        for (folder, path), known in zip(photos, READINGS, strict=False):
            library.photos.add(FileRef(folder, path + b".jpg"), replace(known, live_id=path.decode("latin-1")), 1, 1)
        for n, (folder, path, ending, links) in enumerate(companions):
            library.companions.record(folder, {path + ending: FileStamp(1, n, 1, 1)}, [], ())
            metadata = LinkMetadata(path.decode("latin-1"), n) if links else LinkMetadata()
            library.companions.set_metadata([(FileRef(folder, path + ending), SidecarMetadata(metadata))])
        for n, (folder, path, ending) in enumerate(unread):
            library.files.skip(FileRef(folder, path + ending), FileStamp(1, n, 1, 1), UNREAD, 1)
        asked = {FileRef(folder, path + b".jpg").under(roots[folder]) for folder, path in photos[:chosen]}
        numbers = library.shots.times.of_folders([1, 2]).files.tolist()[: len(photos[:chosen])]
        beside = {os.path.split(path)[0] for path in asked}
        everything = companions_in_folders(library, folders)
        found = companions_of_files(library, folders, asked, numbers)
        expected = {path: file for path, file in everything.files.items() if os.path.split(path)[0] in beside}
        assert found.files == expected
        together = expected.keys() | (asked if expected else set())
        assert found.linked == {path: told for path, told in everything.linked.items() if path in together}
        raise UndoneError
