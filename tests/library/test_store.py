"""What the library knows, through arrivals, moves, copies, losses and returns."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dejashot.errors import LibraryError, Reason, UnreadablePhotoError
from dejashot.files.exclusions import Exclusion, ExclusionReason
from dejashot.files.first_bytes import FileContent
from dejashot.library.reader import DigestRun, LibraryReader
from dejashot.library.store import Store
from dejashot.models.capture import CaptureTime, Certainty, TimeSource, key_floor
from dejashot.models.files import FileRef, FileStamp
from dejashot.models.photo import Face, LinkMetadata, Quality, SidecarMetadata
from shots import START_US, reading

NOW_US = START_US


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store.open(tmp_path)
    opened.add_folder(Path("/photos"), 1)
    opened.add_network("f" * 16, "{}")
    yield opened
    opened.close()


def ref(name: str, folder: int = 1) -> FileRef:
    return FileRef(folder, name.encode())


def paths(store: Store) -> list[str]:
    return sorted(path.decode() for _, path, _ in store.shots([1], 1))


def test_a_photo_is_stored_with_everything_read_of_it(store: Store) -> None:
    given_reading = reading(1, 5.0)
    key = store.add(ref("a.jpg"), given_reading, 1, NOW_US)
    ((folder, path, shot),) = store.shots([1], 1)
    assert (folder, path, key) == (1, b"a.jpg", key_floor(given_reading.taken.taken_us))
    assert (shot.content, shot.taken, shot.camera, shot.width) == (
        given_reading.content,
        given_reading.taken,
        given_reading.camera,
        4000,
    )
    assert shot.vector is not None
    assert float(shot.vector @ given_reading.vector) == pytest.approx(1, abs=1e-3)
    assert np.array_equal(shot.signature, given_reading.signature)


def test_keys_are_in_time_order_with_room_for_ties(store: Store) -> None:
    keys = [store.add(ref(f"{n}.jpg"), reading(n, at_s=n // 5), 1, NOW_US) for n in range(20)]
    assert len(set(keys)) == 20
    assert keys == sorted(keys)
    assert keys[7] == key_floor(START_US + 1_000_000) + 2


def test_more_ties_than_a_microsecond_holds_spill_over_without_a_clash(store: Store) -> None:
    with store.batch():
        keys = [store.add(ref(f"{n}.jpg"), reading(n), 1, NOW_US) for n in range(1100)]
    assert keys == list(range(keys[0], keys[0] + 1100))
    assert store.add(ref("next.jpg"), reading(5000, at_s=1e-6), 1, NOW_US) == keys[-1] + 1


def test_a_rename_is_not_a_new_photo(store: Store) -> None:
    one = reading(1)
    store.add(ref("a.jpg"), one, 1, NOW_US)
    before = store.newest_seq()
    store.mark_missing(1, [b"a.jpg"], NOW_US)
    assert store.attach(ref("b.jpg"), one.stamp, one.content, NOW_US) is False
    assert paths(store) == ["b.jpg"]
    assert store.newest_seq() == before
    assert set(store.files(1)) == {b"b.jpg"}


def test_a_copy_is_a_new_file_of_the_same_photo(store: Store) -> None:
    one = reading(1)
    store.add(ref("a.jpg"), one, 1, NOW_US)
    assert store.attach(ref("copy.jpg"), one.stamp, one.content, NOW_US) is True
    assert paths(store) == ["a.jpg", "copy.jpg"]
    assert len({shot.key for _, _, shot in store.shots([1], 1)}) == 1
    assert {f.path for f, _ in store.copies(one.content, 9)} == {b"a.jpg", b"copy.jpg"}


def test_a_vanished_file_is_marked_not_forgotten_and_no_arrival_when_it_returns(store: Store) -> None:
    one = reading(1)
    store.add(ref("a.jpg"), one, 1, NOW_US)
    seq = store.newest_seq()
    assert store.mark_missing(1, [b"a.jpg", b"never there.jpg"], NOW_US) == 1
    assert paths(store) == []
    assert store.files(1)[b"a.jpg"].state == "missing"
    assert store.knows(one.content, 1)
    assert store.attach(ref("a.jpg"), one.stamp, one.content, NOW_US) is False
    assert store.newest_seq() == seq
    assert paths(store) == ["a.jpg"]


def test_other_bytes_under_the_same_name_are_an_arrival(store: Store) -> None:
    store.add(ref("a.jpg"), reading(1), 1, NOW_US)
    seq = store.newest_seq()
    store.add(ref("a.jpg"), reading(2), 1, NOW_US)
    ((_, _, shot),) = store.shots([1], 1, after_seq=seq)
    assert shot.new
    assert shot.content == reading(2).content


def test_what_could_not_be_read_is_listed_until_it_can(store: Store) -> None:
    stamp = FileStamp(1, 2, 3, 4)
    error = UnreadablePhotoError(Reason.TRUNCATED, "bad\x1b[0m")
    store.skip(ref("a.jpg"), stamp, error, NOW_US)
    seq = store.newest_seq()
    store.skip(ref("a.jpg"), stamp, error, NOW_US)
    assert store.newest_seq() == seq
    ((_, _, skipped),) = store.skipped([1])
    assert (skipped.path, skipped.reason) == ("a.jpg", "truncated")
    assert "\x1b" not in skipped.detail
    store.add(ref("a.jpg"), reading(1), 1, NOW_US)
    assert store.skipped([1]) == []


def test_spans_and_arrivals_choose_what_is_returned(store: Store) -> None:
    for n in range(10):
        store.add(ref(f"{n}.jpg"), reading(n, at_s=n * 100), 1, NOW_US)
    times, arrivals, files = store.times([1])
    assert len(set(arrivals.tolist())) == 10
    low, high = START_US + 200_000_000, START_US + 400_000_000
    wanted = [
        file for taken_us, file in zip(times.taken_us.tolist(), files.tolist(), strict=True) if low <= taken_us <= high
    ]
    assert [path for _, path, _ in store.shots([1], 1, wanted)] == [b"2.jpg", b"3.jpg", b"4.jpg"]
    assert store.shots([1], 1, []) == []
    assert times.by(TimeSource.EXIF).all()
    assert times.zone_known.all()
    assert times.cameras == ("Testcam T-1",)


def test_a_batch_that_fails_leaves_nothing(store: Store) -> None:
    with pytest.raises(RuntimeError), store.batch():
        store.add(ref("a.jpg"), reading(1), 1, NOW_US)
        raise RuntimeError
    assert paths(store) == []
    store.add(ref("a.jpg"), reading(1), 1, NOW_US)
    assert paths(store) == ["a.jpg"]


def test_old_vectors_stay_until_the_new_network_is_active(store: Store) -> None:
    one = reading(1)
    store.add(ref("a.jpg"), one, 1, NOW_US)
    new = store.add_network("e" * 16, "{}")
    assert store.active_network() is not None
    assert store.active_network().id == 1  # type: ignore[union-attr]
    assert [f.path for f, _ in store.to_read_again(new.id)] == [b"a.jpg"]
    store.add(ref("a.jpg"), replace(one, vector=-one.vector), new.id, NOW_US)
    assert store.vector_of(one.content, 1) is not None
    store.activate_network(new.id)
    assert store.vector_of(one.content, 1) is None
    assert float(store.vector_of(one.content, new.id) @ one.vector) == pytest.approx(-1, abs=1e-3)
    assert store.to_read_again(new.id) == []


def test_closer_looks_and_digest_runs_are_kept(store: Store) -> None:
    one = reading(1)
    store.add(ref("a.jpg"), one, 1, NOW_US)
    look = Quality(
        1.5, 0.1, 0.2, 90.0, (0.5,) * 16, (1.0, 1.25, -0.1), 2.5, 9.0, (Face((0.1, 0.2, 0.3, 0.4), 0.9, (0.21, None)),)
    )
    store.add_quality(one.content, look)
    assert store.quality([one.content, b"?" * 32]) == {one.content: look}
    run = DigestRun(5, "running", 0, 7, NOW_US)
    store.put_digest_run(run)
    assert store.last_slot_us(9) is None
    assert store.digested_seq() == 7
    store.put_digest_run(replace(run, state="done", photos=3))
    assert (store.last_slot_us(9), store.last_slot_us(5), store.last_slot_us(4)) == (5, 5, None)
    assert [r.photos for r in store.digest_runs("done")] == [3]


def test_readers_see_what_is_committed_while_the_owner_writes(store: Store, tmp_path: Path) -> None:
    reader = LibraryReader.open(tmp_path)
    with store.batch():
        store.add(ref("a.jpg"), reading(1), 1, NOW_US)
        assert reader.shots([1], 1) == []
    assert len(reader.shots([1], 1)) == 1
    reader.close()


def test_a_closed_library_is_an_error_of_ours(tmp_path: Path) -> None:
    store = Store.open(tmp_path)
    store.close()
    with pytest.raises(LibraryError):
        store.folders()


MOVES = st.lists(st.tuples(st.sampled_from(["add", "lose", "skip"]), st.integers(0, 3), st.integers(0, 3)), max_size=25)


@settings(max_examples=40, deadline=None)
@given(MOVES)
def test_the_library_agrees_with_a_dictionary(
    tmp_path_factory: pytest.TempPathFactory, moves: list[tuple[str, int, int]]
) -> None:
    store = Store.open(tmp_path_factory.mktemp("store"))
    store.add_folder(Path("/photos"), 1)
    store.add_network("f" * 16, "{}")
    present: dict[str, int] = {}
    for what, name, content in moves:
        path = f"{name}.jpg"
        if what == "add":
            store.add(ref(path), reading(content, at_s=content), 1, NOW_US)
            present[path] = content
        elif what == "lose":
            store.mark_missing(1, [path.encode()], NOW_US)
            present.pop(path, None)
        else:
            store.skip(ref(path), FileStamp(1, 1, 1, 1), UnreadablePhotoError(Reason.CORRUPT), NOW_US)
            present.pop(path, None)
        assert {p.decode(): s.content for _, p, s in store.shots([1], 1)} == {
            p: reading(c).content for p, c in present.items()
        }
    stamps = store.part_stamps(1)
    assert sum(count for count, _ in stamps.values()) == len({c for w, _, c in moves if w == "add"})
    store.close()


def test_second_looks_are_kept_by_pair_and_network_and_go_with_them(store: Store) -> None:
    a, b, c = (store.add(ref(f"{n}.jpg"), reading(n, n), 1, NOW_US) for n in range(3))
    store.add_matches(1, {(a, b): 0.5, (a, c): 0.25, (a, c + 1): 0.75})  # the last photo is not known
    store.add_matches(1, {(a, b): 0.625})
    assert store.matches(1, [a, b]) == {(a, b): 0.625, (a, c): 0.25}
    assert store.matches(1, [b]) == {}
    other = store.add_network("e" * 16, "{}")
    assert store.matches(other.id, [a]) == {}
    store.activate_network(other.id)
    assert store.matches(1, [a]) == {}


def stamp(mtime_ns: int = 1) -> FileStamp:
    return FileStamp(1, mtime_ns, 1, 1)


def test_what_a_file_beside_photos_says_is_kept_until_it_changes_or_goes(store: Store) -> None:
    there = {b"a.mov": stamp(), b"a.jpg.json": stamp(), b"a.xmp": stamp(), b"Photo Details.csv": stamp()}
    store.set_beside(1, there, [], {b"a.mov"})
    assert [f.path for f in store.unheard([1])] == [b"Photo Details.csv", b"a.jpg.json", b"a.mov"]
    heard = {
        "a.mov": SidecarMetadata(LinkMetadata("LIVE-0001", 5)),
        "a.jpg.json": SidecarMetadata(times_us={"": 7}),
        "Photo Details.csv": SidecarMetadata(times_us={"a.jpg": 8, "b.jpg": 9}, to_minute=True),
        "gone.mov": SidecarMetadata(LinkMetadata("LIVE-0002")),
    }
    store.note_heard((ref(name), said) for name, said in heard.items())
    assert store.unheard([1]) == []
    assert store.told(store.folders()) == {b"/photos/a.mov": LinkMetadata("LIVE-0001", 5)}
    assert store.told(store.folders())[b"/photos/a.mov"].stamp == stamp()
    assert [(s.sidecar, s.photo, s.taken_us, s.to_minute) for s in store.said(1, b"")] == [
        (b"Photo Details.csv", "a.jpg", 8, True),
        (b"Photo Details.csv", "b.jpg", 9, True),
        (b"a.jpg.json", "", 7, False),
    ]
    assert store.late(1) == [b"a.mov"]
    store.note_grown(1, [])
    assert store.late(1) == []
    store.set_beside(1, {b"a.mov": stamp(2), b"a.jpg.json": stamp(2)}, [b"Photo Details.csv"], set())
    assert [f.path for f in store.unheard([1])] == [b"a.jpg.json", b"a.mov"]
    assert store.said(1, b"") == []
    assert not store.is_told(1)
    assert store.told(store.folders()) == {}


def test_a_photo_that_gets_another_time_keeps_all_but_its_key(store: Store) -> None:
    first, second = reading(1), reading(2, 30.0)
    weak = replace(
        second, taken=replace(second.taken, source=TimeSource.MTIME, certainty=Certainty.LOW), live_id="LIVE-0001"
    )
    keys = [store.add(ref("a.jpg"), first, 1, NOW_US), store.add(ref("b.jpg"), weak, 1, NOW_US)]
    store.add_matches(1, {(keys[0], keys[1]): 0.5})
    store.add_quality(second.content, Quality(1, 0, 0, 0.5))
    assert store.guessed(1) == {b"b.jpg": (second.content, weak.taken)}
    taken = CaptureTime(START_US - 400 * 86_400_000_000, 3600, TimeSource.SIDECAR, Certainty.MEDIUM)
    before, after = store.retime(second.content, taken)
    assert (before, after) == (keys[1], key_floor(taken.taken_us))
    shots = {path: shot for _, path, shot in store.shots([1], 1)}
    assert (shots[b"b.jpg"].taken, shots[b"b.jpg"].key) == (taken, after)
    assert shots[b"b.jpg"].vector is not None
    assert store.guessed(1) == {b"b.jpg": (second.content, taken)}
    assert store.time_of(second.content).source is TimeSource.SIDECAR
    assert store.matches(1, [keys[0], after]) == {}
    assert list(store.quality([second.content])) == [second.content]
    assert store.told(store.folders()) == {b"/photos/b.jpg": LinkMetadata("LIVE-0001")}
    assert len(store.part_stamps(1)) == 2
    same = store.retime(second.content, taken)
    assert same == (after, after + 1)


def test_moments_are_of_the_photos_right_in_a_directory(store: Store) -> None:
    for n, name in enumerate(("a.jpg", "d/a.jpg", "d/e/a.jpg", "d0.jpg", "d/b.jpg", "da/a.jpg")):
        store.add(ref(name), reading(n), 1, NOW_US)
    store.set_beside(1, {b"d/a.mov": stamp(), b"d/e/b.mov": stamp(), b"a.xmp": stamp()}, [], set())
    assert store.names(1, b"") == {b"a.jpg", b"d0.jpg", b"a.xmp"}
    assert store.names(1, b"d") == {b"a.jpg", b"b.jpg", b"a.mov"}
    assert set(store.moments(1, b"")) == {b"a.jpg", b"d0.jpg"}
    found = store.moments(1, b"d")
    assert set(found) == {b"a.jpg", b"b.jpg"}
    assert found[b"a.jpg"] == [reading(1).stamp.mtime_ns, reading(1).taken.taken_us * 1000]


def test_a_photo_that_is_read_once_more_takes_the_id_that_was_not_looked_for_before(store: Store) -> None:
    one = reading(1)
    store.add(ref("a.jpg"), one, 1, NOW_US)
    assert store.told(store.folders()) == {}
    store.add(ref("a.jpg"), replace(one, live_id="LIVE-0001"), 1, NOW_US)
    assert store.told(store.folders()) == {b"/photos/a.jpg": LinkMetadata("LIVE-0001")}


def test_what_a_walk_left_out_is_kept_until_the_next(store: Store) -> None:
    inner = store.add_folder(Path("/photos/inner"), 1).id
    links, odd = (
        Exclusion(ExclusionReason.LINK, 30, (b"a.jpg", b"sub/\xff.jpg")),
        Exclusion(ExclusionReason.UNKNOWN_KIND, 1, (b"x.xyz",)),
    )
    store.set_left_out(1, [links, odd])
    store.set_left_out(inner, [links])
    assert store.left_out([1]) == {1: [links, odd]}
    assert store.left_out([inner]) == {inner: [links]}
    assert store.left_out([1, inner]) == {1: [links, odd]}, "what lies in both is said once"
    store.set_left_out(1, [odd])
    assert store.left_out([1]) == {1: [odd]}
    store.set_left_out(1, [])
    assert store.left_out([1]) == {}


def test_what_first_bytes_said_is_kept(store: Store) -> None:
    said = {b"a": (FileStamp(1, 2, 3, 4), FileContent.UNKNOWN), b"b\xff": (FileStamp(5, 6, 7, 8), FileContent.ORDINARY)}
    store.set_asked(1, said, [])
    assert store.asked(1) == said
    assert (store.asked_of(ref("a")), store.asked_of(ref("c"))) == (FileContent.UNKNOWN, None)
    store.set_asked(1, {b"a": (FileStamp(9, 2, 3, 4), FileContent.PICTURE)}, [b"b\xff"])
    assert store.asked(1) == {b"a": (FileStamp(9, 2, 3, 4), FileContent.PICTURE)}
