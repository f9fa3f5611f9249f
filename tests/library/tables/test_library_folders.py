"""The folders of the library, and what their last walks noted."""

from pathlib import Path

from dejashot.files.exclusions import Exclusion, ExclusionReason
from dejashot.files.first_bytes import FileContent
from dejashot.library.library import Library
from dejashot.models.files import FileRef, FileStamp


def ref(name: str, folder: int = 1) -> FileRef:
    return FileRef(folder, name.encode())


def test_what_a_walk_left_out_is_kept_until_the_next(library: Library) -> None:
    inner = library.folders.add(Path("/photos/inner"), 1).id
    links, odd = (
        Exclusion(ExclusionReason.LINK, 30, (b"a.jpg", b"sub/\xff.jpg")),
        Exclusion(ExclusionReason.UNKNOWN_KIND, 1, (b"x.xyz",)),
    )
    library.folders.set_exclusions(1, [links, odd])
    library.folders.set_exclusions(inner, [links])
    assert library.folders.exclusions([1]) == {1: [links, odd]}
    assert library.folders.exclusions([inner]) == {inner: [links]}
    assert library.folders.exclusions([1, inner]) == {1: [links, odd]}, "what lies in both is said once"
    library.folders.set_exclusions(1, [odd])
    assert library.folders.exclusions([1]) == {1: [odd]}
    library.folders.set_exclusions(1, [])
    assert library.folders.exclusions([1]) == {}


def test_what_first_bytes_said_is_kept(library: Library) -> None:
    said = {b"a": (FileStamp(1, 2, 3, 4), FileContent.UNKNOWN), b"b\xff": (FileStamp(5, 6, 7, 8), FileContent.ORDINARY)}
    library.folders.set_first_bytes(1, said, [])
    assert library.folders.first_bytes(1) == said
    assert (library.folders.first_bytes_of(ref("a")), library.folders.first_bytes_of(ref("c"))) == (
        FileContent.UNKNOWN,
        None,
    )
    library.folders.set_first_bytes(1, {b"a": (FileStamp(9, 2, 3, 4), FileContent.PICTURE)}, [b"b\xff"])
    assert library.folders.first_bytes(1) == {b"a": (FileStamp(9, 2, 3, 4), FileContent.PICTURE)}
