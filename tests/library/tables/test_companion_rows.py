"""Companions in the library: what they tell, and which came late."""

from dejashot.library.library import Library
from dejashot.models.files import FileRef, FileStamp
from dejashot.models.photo import LinkMetadata, SidecarMetadata


def ref(name: str, folder: int = 1) -> FileRef:
    return FileRef(folder, name.encode())


def stamp(mtime_ns: int = 1) -> FileStamp:
    return FileStamp(1, mtime_ns, 1, 1)


def test_what_a_file_beside_photos_says_is_kept_until_it_changes_or_goes(library: Library) -> None:
    there = {b"a.mov": stamp(), b"a.jpg.json": stamp(), b"a.xmp": stamp(), b"Photo Details.csv": stamp()}
    library.companions.record(1, there, [], {b"a.mov"})
    assert [f.path for f in library.companions.pending([1])] == [b"Photo Details.csv", b"a.jpg.json", b"a.mov"]
    heard = {
        "a.mov": SidecarMetadata(LinkMetadata("LIVE-0001", 5)),
        "a.jpg.json": SidecarMetadata(times_us={"": 7}),
        "Photo Details.csv": SidecarMetadata(times_us={"a.jpg": 8, "b.jpg": 9}, to_minute=True),
        "gone.mov": SidecarMetadata(LinkMetadata("LIVE-0002")),
    }
    library.companions.set_metadata((ref(name), said) for name, said in heard.items())
    assert library.companions.pending([1]) == []
    assert library.companions.link_metadata(library.folders.all()) == {b"/photos/a.mov": LinkMetadata("LIVE-0001", 5)}
    assert library.companions.link_metadata(library.folders.all())[b"/photos/a.mov"].stamp == stamp()
    assert [(s.sidecar, s.photo, s.taken_us, s.to_minute) for s in library.companions.times(1, b"")] == [
        (b"Photo Details.csv", "a.jpg", 8, True),
        (b"Photo Details.csv", "b.jpg", 9, True),
        (b"a.jpg.json", "", 7, False),
    ]
    assert library.companions.late(1) == [b"a.mov"]
    library.companions.mark_amended(1, [])
    assert library.companions.late(1) == []
    library.companions.record(1, {b"a.mov": stamp(2), b"a.jpg.json": stamp(2)}, [b"Photo Details.csv"], set())
    assert [f.path for f in library.companions.pending([1])] == [b"a.jpg.json", b"a.mov"]
    assert library.companions.times(1, b"") == []
    assert not library.companions.has_times(1)
    assert library.companions.link_metadata(library.folders.all()) == {}
