"""The photos of the library: their keys, and times that are corrected."""

from dataclasses import replace

from dejashot.library.library import Library
from dejashot.library.tables.photos import PhotoTime
from dejashot.models.capture import CaptureTime, Certainty, TimeSource, key_floor
from dejashot.models.files import FileRef, FileStamp
from dejashot.models.photo import LinkMetadata, Quality
from dejashot.models.registration import Registration
from shots import START_US, reading

NOW_US = START_US


def ref(name: str, folder: int = 1) -> FileRef:
    return FileRef(folder, name.encode())


def stamp(mtime_ns: int = 1) -> FileStamp:
    return FileStamp(1, mtime_ns, 1, 1)


def test_keys_are_in_time_order_with_room_for_ties(library: Library) -> None:
    keys = [library.photos.add(ref(f"{n}.jpg"), reading(n, at_s=n // 5), 1, NOW_US) for n in range(20)]
    assert len(set(keys)) == 20
    assert keys == sorted(keys)
    assert keys[7] == key_floor(START_US + 1_000_000) + 2


def test_more_ties_than_a_microsecond_holds_spill_over_without_a_clash(library: Library) -> None:
    with library.batch():
        keys = [library.photos.add(ref(f"{n}.jpg"), reading(n), 1, NOW_US) for n in range(1100)]
    assert keys == list(range(keys[0], keys[0] + 1100))
    assert library.photos.add(ref("next.jpg"), reading(5000, at_s=1e-6), 1, NOW_US) == keys[-1] + 1


def test_a_photo_that_gets_another_time_keeps_all_but_its_key(library: Library) -> None:
    first, second = reading(1), reading(2, 30.0)
    weak = replace(
        second, taken=replace(second.taken, source=TimeSource.MTIME, certainty=Certainty.LOW), live_id="LIVE-0001"
    )
    keys = [library.photos.add(ref("a.jpg"), first, 1, NOW_US), library.photos.add(ref("b.jpg"), weak, 1, NOW_US)]
    library.measurements.add_matches(1, {(keys[0], keys[1]): 0.5})
    library.measurements.add_registrations({(keys[0], keys[1]): Registration(60, 0.75, 900, 0.5, -0.25, 0.125)})
    library.measurements.add_quality(second.content, Quality(1, 0, 0, 0.5))
    assert library.photos.weak_times(1) == {b"b.jpg": PhotoTime(second.content, weak.taken)}
    taken = CaptureTime(START_US - 400 * 86_400_000_000, 3600, TimeSource.SIDECAR, Certainty.MEDIUM)
    before, after = library.photos.set_time(second.content, taken)
    assert (before, after) == (keys[1], key_floor(taken.taken_us))
    shots = {row.path: row.shot for row in library.shots.in_folders([1], 1)}
    assert (shots[b"b.jpg"].taken, shots[b"b.jpg"].key) == (taken, after)
    assert shots[b"b.jpg"].vector is not None
    assert library.photos.weak_times(1) == {b"b.jpg": PhotoTime(second.content, taken)}
    assert library.photos.time_of(second.content).source is TimeSource.SIDECAR
    assert library.measurements.matches(1, [keys[0], after]) == {}
    assert library.measurements.registrations([keys[0], after]) == {}
    assert list(library.measurements.quality([second.content])) == [second.content]
    assert library.companions.link_metadata(library.folders.all()) == {b"/photos/b.jpg": LinkMetadata("LIVE-0001")}
    assert len(library.vectors.part_stamps(1)) == 2
    same = library.photos.set_time(second.content, taken)
    assert same == (after, after + 1)


def test_moments_are_of_the_photos_right_in_a_directory(library: Library) -> None:
    for n, name in enumerate(("a.jpg", "d/a.jpg", "d/e/a.jpg", "d0.jpg", "d/b.jpg", "da/a.jpg")):
        library.photos.add(ref(name), reading(n), 1, NOW_US)
    library.companions.record(1, {b"d/a.mov": stamp(), b"d/e/b.mov": stamp(), b"a.xmp": stamp()}, [], set())
    assert library.companions.names(1, b"") == {b"a.jpg", b"d0.jpg", b"a.xmp"}
    assert library.companions.names(1, b"d") == {b"a.jpg", b"b.jpg", b"a.mov"}
    assert set(library.photos.moments(1, b"")) == {b"a.jpg", b"d0.jpg"}
    found = library.photos.moments(1, b"d")
    assert set(found) == {b"a.jpg", b"b.jpg"}
    assert found[b"a.jpg"] == [reading(1).stamp.mtime_ns, reading(1).taken.taken_us * 1000]


def test_a_photo_that_is_read_once_more_takes_the_id_that_was_not_looked_for_before(library: Library) -> None:
    one = reading(1)
    library.photos.add(ref("a.jpg"), one, 1, NOW_US)
    assert library.companions.link_metadata(library.folders.all()) == {}
    library.photos.add(ref("a.jpg"), replace(one, live_id="LIVE-0001"), 1, NOW_US)
    assert library.companions.link_metadata(library.folders.all()) == {b"/photos/a.jpg": LinkMetadata("LIVE-0001")}
