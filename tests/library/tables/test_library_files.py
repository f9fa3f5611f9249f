"""The files of the library, through arrivals, moves, copies, losses and returns."""

from dejashot.errors import Reason, UnreadablePhotoError
from dejashot.library.library import Library
from dejashot.models.files import FileRef, FileStamp
from shots import START_US, reading

NOW_US = START_US


def ref(name: str, folder: int = 1) -> FileRef:
    return FileRef(folder, name.encode())


def paths(library: Library) -> list[str]:
    return sorted(row.path.decode() for row in library.shots.in_folders([1], 1))


def test_a_rename_is_not_a_new_photo(library: Library) -> None:
    one = reading(1)
    library.photos.add(ref("a.jpg"), one, 1, NOW_US)
    before = library.newest_seq()
    library.files.mark_missing(1, [b"a.jpg"], NOW_US)
    assert library.files.attach(ref("b.jpg"), one.stamp, one.content, NOW_US) is False
    assert paths(library) == ["b.jpg"]
    assert library.newest_seq() == before
    assert set(library.files.in_folder(1)) == {b"b.jpg"}


def test_a_copy_is_a_new_file_of_the_same_photo(library: Library) -> None:
    one = reading(1)
    library.photos.add(ref("a.jpg"), one, 1, NOW_US)
    assert library.files.attach(ref("copy.jpg"), one.stamp, one.content, NOW_US) is True
    assert paths(library) == ["a.jpg", "copy.jpg"]
    assert len({row.shot.key for row in library.shots.in_folders([1], 1)}) == 1
    assert {f.path for f, _ in library.files.copies(one.content, 9)} == {b"a.jpg", b"copy.jpg"}


def test_a_vanished_file_is_marked_not_forgotten_and_no_arrival_when_it_returns(library: Library) -> None:
    one = reading(1)
    library.photos.add(ref("a.jpg"), one, 1, NOW_US)
    seq = library.newest_seq()
    assert library.files.mark_missing(1, [b"a.jpg", b"never there.jpg"], NOW_US) == 1
    assert paths(library) == []
    assert library.files.in_folder(1)[b"a.jpg"].state == "missing"
    assert library.vectors.has(one.content, 1)
    assert library.files.attach(ref("a.jpg"), one.stamp, one.content, NOW_US) is False
    assert library.newest_seq() == seq
    assert paths(library) == ["a.jpg"]


def test_other_bytes_under_the_same_name_are_an_arrival(library: Library) -> None:
    library.photos.add(ref("a.jpg"), reading(1), 1, NOW_US)
    seq = library.newest_seq()
    library.photos.add(ref("a.jpg"), reading(2), 1, NOW_US)
    (row,) = library.shots.in_folders([1], 1, after_seq=seq)
    assert row.shot.new
    assert row.shot.content == reading(2).content


def test_what_could_not_be_read_is_listed_until_it_can(library: Library) -> None:
    stamp = FileStamp(1, 2, 3, 4)
    error = UnreadablePhotoError(Reason.TRUNCATED, "bad\x1b[0m")
    library.files.skip(ref("a.jpg"), stamp, error, NOW_US)
    seq = library.newest_seq()
    library.files.skip(ref("a.jpg"), stamp, error, NOW_US)
    assert library.newest_seq() == seq
    (row,) = library.files.skipped([1])
    assert (row.folder, row.path, row.skipped.path, row.skipped.reason) == (1, b"a.jpg", "a.jpg", "truncated")
    assert "\x1b" not in row.skipped.detail
    library.photos.add(ref("a.jpg"), reading(1), 1, NOW_US)
    assert library.files.skipped([1]) == []


def test_a_file_whose_disk_is_away_is_like_none_that_is_there_until_it_is_back(library: Library) -> None:
    one = reading(1)
    library.photos.add(ref("a.jpg"), one, 1, NOW_US)
    library.files.mark_unmounted(1)
    (away,) = library.files.in_folder(1).values()
    assert (away.unmounted, away.state) == (True, "present")
    assert away.stamp != one.stamp
    ((_, device),) = library.files.copies(one.content, 9)
    (row,) = library.shots.in_folders([1], 1)
    (location,) = library.files.locations([one.content])[one.content]
    assert {away.stamp.device, device, row.shot.node[0], location.stamp.device} == {-1 - one.stamp.device}
    library.folders.set_location(1, 77, 5, marker=False)
    assert library.files.get(ref("a.jpg")) == away, "the folder's own disk may be another"
    library.files.mark_mounted(1, [b"a.jpg"], one.stamp.device)
    (back,) = library.files.in_folder(1).values()
    assert (back.unmounted, back.stamp) == (False, one.stamp)
