"""What is known of a folder, met file by file in a walk, is the same as when all of it is in memory."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dejashot.errors import Reason, UnreadablePhotoError
from dejashot.library.known_files import KnownFiles
from dejashot.library.library import Library
from dejashot.library.tables.files import KnownFile
from dejashot.models.files import FileRef, FileStamp
from shots import START_US, reading

DIRECTORIES = (b"", b"a", b"a/b", b"a.x", b"a0", b"b/c")
STATES = ("present", "skipped", "missing", "away")
PATHS = [b"/".join(filter(None, (d, n))) for d in DIRECTORIES for n in (b"1.jpg", b"a.jpg", b"z\xff.jpg")]


def stamp_of(_path: bytes, known: KnownFile) -> FileStamp | None:
    return known.stamp if known.state in ("present", "skipped") else None


def fill(library: Library, states: dict[bytes, str]) -> None:
    folder = library.folders.add(Path("/photos"), 1).id
    for n, (path, state) in enumerate(states.items()):
        if state == "skipped":
            library.files.skip(
                FileRef(folder, path), FileStamp(n, n, n, 1), UnreadablePhotoError(Reason.FILE_TOO_LARGE), 1
            )
        else:
            library.photos.add(FileRef(folder, path), reading(n), 1, START_US)
    library.files.mark_missing(folder, [p for p, state in states.items() if state == "missing"], START_US)
    library.files.mark_unmounted(folder)
    library.files.mark_mounted(folder, [p for p, state in states.items() if state != "away"], 1)


def in_walk_order(paths: set[bytes]) -> list[bytes]:
    """Return paths as a walk meets them: those of a directory by name, then those of the directories in it."""
    return sorted(paths, key=lambda p: [(part != p.rpartition(b"/")[2], part) for part in p.split(b"/")])


@settings(max_examples=60, deadline=None)
@given(
    st.dictionaries(st.sampled_from(PATHS), st.sampled_from(STATES)),
    st.dictionaries(st.sampled_from(PATHS), st.booleans()),
)
def test_files_met_one_by_one_are_known_as_all_at_once(
    tmp_path_factory: pytest.TempPathFactory, states: dict[bytes, str], walked: dict[bytes, bool]
) -> None:
    library = Library.open(tmp_path_factory.mktemp("library"))
    library.vectors.add_model("f" * 16, "{}")
    fill(library, states)
    everything = library.files.in_folder(1)
    known = KnownFiles(library.files, 1, stamp_of)
    as_it_was = set[bytes]()
    for path in in_walk_order(set(walked)):
        before = stamp_of(path, everything[path]) if path in everything else None
        found = before if before is not None and walked[path] else FileStamp(9, 9, 9, 9)
        assert known.met(path, found) == before
        if found == before and not everything[path].unmounted:
            as_it_was.add(path)
    unmet = {p: s for p, k in everything.items() if p not in walked and (s := stamp_of(p, k)) is not None}
    assert dict(known.unmet()) == unmet
    assert known.held == {p: k for p, k in everything.items() if p not in as_it_was}
    assert known.stamps == {p: k.stamp for p, k in known.held.items() if stamp_of(p, k) is not None}
    assert known.any_as_it_was == any(everything[p].state == "present" for p in as_it_was)
    library.close()
