"""Values that can't be, on sound pages: they are damage, never backed up, and restored like any other."""

import random
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path

import pytest

from dejashot.errors import LibraryDamagedError, LibraryError, Reason, UnreadablePhotoError
from dejashot.files.exclusions import Exclusion, ExclusionReason
from dejashot.files.first_bytes import FileContent
from dejashot.library import backup, database, migrate, validation
from dejashot.library.library import Library
from dejashot.library.tables.digest_runs import Delivery, DigestRun
from dejashot.models.decisions import Decision, Verdict
from dejashot.models.files import FileRef, FileStamp
from dejashot.models.photo import LinkMetadata, SidecarMetadata
from dejashot.models.registration import Registration
from shots import START_US, quality, reading

NOW_US = START_US
DAY_US = 86_400_000_000
PHOTOS = 40
NO_TEXT = "CAST(x'4361fc6e6f6e' AS TEXT)"  # Latin-1
WAYS = {  # one a member of the kind; each is what a disk or a cable may leave on pages that hold together
    "Latin-1 in a camera's name": "UPDATE photo SET model = NO_TEXT WHERE id = 7",
    "half a letter at the end of a maker": "UPDATE photo SET make = CAST(x'4e696bc3' AS TEXT) WHERE id = 7",
    "a surrogate in a Live Photo's id": "UPDATE photo SET live_id = CAST(x'eda080' AS TEXT) WHERE id = 7",
    "no text in a format": "UPDATE photo SET format = NO_TEXT WHERE id = 7",
    "no text in what is damaged": "UPDATE photo SET damage = NO_TEXT WHERE id = 7",
    "no text in why a file was skipped": "UPDATE file SET detail = NO_TEXT WHERE state = 'skipped'",
    "no text in a group's id": "UPDATE group_identity SET group_id = NO_TEXT",
    "no text in a sidecar's word": "UPDATE sidecar_time SET photo = NO_TEXT",
    "no text in a network": "UPDATE model SET description = NO_TEXT",
    "no text in a delivery": "UPDATE delivery SET detail = NO_TEXT",
    "half of a closer look": "UPDATE quality SET look = substr(look, 1, length(look) / 2)",
    "a closer look that is a list": "UPDATE quality SET look = '[1]'",
    "a closer look without end": "UPDATE quality SET look = replace(hex(zeroblob(50000)), '0', '[')",
    "a network that is no JSON": "UPDATE model SET description = 'tiny'",
    "a time beyond the calendar": "UPDATE photo SET taken_us = 9223372036854775807 WHERE id = 7",
    "a time before the calendar": "UPDATE photo SET taken_us = -9223372036854775807 WHERE id = 7",
    "an offset of years": "UPDATE photo SET offset_s = 1000000000 WHERE id = 7",
    "an offset of a day": "UPDATE photo SET offset_s = -86400 WHERE id = 7",
    "a source that is none": "UPDATE photo SET source = 'exig' WHERE id = 7",
    "a certainty that is none": "UPDATE photo SET certainty = 'hi' WHERE id = 7",
    "a place off the earth": "UPDATE photo SET latitude = 1e308, longitude = 5.0 WHERE id = 7",
    "half a place": "UPDATE photo SET latitude = 5.0, longitude = NULL WHERE id = 7",
    "endless contrast": "UPDATE photo SET contrast = 9e999 WHERE id = 7",
    "a picture of no width": "UPDATE photo SET width = 0 WHERE id = 7",
    "a size below zero": "UPDATE photo SET size_bytes = -1 WHERE id = 7",
    "half a signature": "UPDATE photo SET signature = x'00' WHERE id = 7",
    "a shorter vector": "UPDATE vector SET value = substr(value, 3) WHERE photo_id = 7",
    "vectors of half a number": "UPDATE vector SET value = x'00'",
    "a vector of nothing": "UPDATE vector SET value = zeroblob(512) WHERE photo_id = 7",
    "a vector of no numbers": "UPDATE vector SET value = CAST(replace(hex(zeroblob(256)), '00', '~~') AS BLOB)"
    " WHERE photo_id = 7",
    "a path with a zero byte": "UPDATE file SET path = x'610062' WHERE id = 7",
    "a path that climbs": "UPDATE file SET path = CAST('../../etc/shadow.jpg' AS BLOB) WHERE id = 7",
    "a path from the root": "UPDATE file SET path = CAST('/etc/shadow.jpg' AS BLOB) WHERE id = 7",
    "no path": "UPDATE file SET path = x'' WHERE id = 7",
    "a climbing sidecar": "UPDATE companion SET path = CAST('a/../../b.xmp' AS BLOB)",
    "a folder that is no path": "UPDATE folder SET path = CAST('photos' AS BLOB)",
    "a disk that is half away": "UPDATE file SET unmounted = 2 WHERE id = 7",
    "a reason that is none": "UPDATE file SET reason = 'because' WHERE state = 'skipped'",
    "a strike without a reason": "UPDATE reader_crash SET reason = 'lightning'",
    "something left out for no reason": "UPDATE exclusion SET why = 'mood'",
    "first bytes that say nothing": "UPDATE first_bytes SET content = 'picturf'",
    "a decision that is none": "UPDATE decision SET word = 'kept'",
    "a digest outside of time": "UPDATE digest_run SET slot_us = 9223372036854775807",
    "a digest made outside of time": "UPDATE digest_run SET made_us = -9223372036854775807",
    "a digest's file with a zero byte": "UPDATE digest_run SET file = x'2f610062'",
    "a match that is none": "UPDATE verified_pair SET match = 9e999",
    "a match beyond every logit": "UPDATE verified_pair SET match = 1001",
    "inliers below zero": "UPDATE registered_pair SET inliers = -1",
    "an overlap without end": "UPDATE registered_pair SET overlap = 9e999",
    "keypoints below zero": "UPDATE registered_pair SET keypoints = -1",
    "an agreement of pages that is none": "UPDATE registered_pair SET page_agreement = 9e999",
    "a correlation that is none": "UPDATE registered_pair SET tone_free = -9e999",
    "a step of light without end": "UPDATE registered_pair SET light_step = 9e999",
    "a file in no folder": "UPDATE file SET folder_id = 99 WHERE id = 7",
    "a vector of no photo": "UPDATE vector SET photo_id = 9999 WHERE photo_id = 7",
    "a table under another name": "ALTER TABLE reader_crash RENAME TO reader_crasj",
    "a column under another name": "ALTER TABLE photo RENAME COLUMN burst_id TO burst_ie",
}


def filled(folder: Path) -> Library:
    """Open a library with something in every table."""
    library, _ = backup.open_sound(folder, NOW_US)
    library.folders.add(Path("/photos"), 1)
    network = library.vectors.add_model("f" * 16, '{"name": "tiny"}').id
    keys = []
    for n in range(PHOTOS):
        found = reading(n, at_s=float(n))
        keys.append(library.photos.add(FileRef(1, b"%d.jpg" % n), found, network, NOW_US))
        library.measurements.add_quality(found.content, quality(float(n)))
        library.group_ids.remember({(found.content, False): f"{n // 3:032x}"})
    library.measurements.add_matches(network, {(keys[0], keys[1]): 0.5})
    library.measurements.add_registrations({(keys[0], keys[1]): Registration(60, 0.75, 900, 0.5, 0.5, -0.25, 0.125)})
    library.files.skip(
        FileRef(1, b"torn.jpg"), FileStamp(1, 1, 1, 1), UnreadablePhotoError(Reason.TRUNCATED, "cut"), NOW_US
    )
    library.photos.add_reader_crash(b"s" * 32, Reason.READER_CRASHED)
    library.companions.record(1, {b"1.jpg.json": FileStamp(1, 1, 2, 1)}, [], ())
    library.companions.set_metadata(
        [(FileRef(1, b"1.jpg.json"), SidecarMetadata(LinkMetadata("", NOW_US), {"1.jpg": NOW_US}))]
    )
    library.folders.set_first_bytes(1, {b"odd": (FileStamp(1, 1, 3, 1), FileContent.PICTURE)}, [])
    library.folders.set_exclusions(1, [Exclusion(ExclusionReason.LINK, 1, (b"link",))])
    library.digest_runs.put(DigestRun(NOW_US, "done", 0, 5, NOW_US, file=b"/digests/one.html"))
    library.digest_runs.put_delivery(Delivery(NOW_US, "waiting", 0, NOW_US))
    library.journal.decide([Decision(reading(1).content, Verdict.KEEP, 5)])
    library.sync_decisions()
    return library


def behind_its_back(file: Path, statement: str) -> None:
    """Change a library as damage would: nothing that its schema says is asked."""
    with closing(sqlite3.connect(file)) as db:
        statement = statement.replace("NO_TEXT", NO_TEXT)
        db.executescript(f"PRAGMA ignore_check_constraints = ON; PRAGMA foreign_keys = OFF; {statement};")


def read_all(folder: Path) -> None:
    """Read all that a report, a digest or the page would; raise LibraryError."""
    with closing(Library.open_read_only(folder)) as library:
        folders = [f.id for f in library.folders.all()]
        contents = [row.shot.content for row in library.shots.in_folders(folders, 1)]
        everything: list[Callable[[], object]] = [
            lambda: library.shots.times.of_folders(folders),
            lambda: library.companions.link_metadata(library.folders.all()),
            lambda: [library.photos.weak_times(f) for f in folders],
            lambda: [library.photos.time_of(c) for c in contents],
            lambda: [library.folders.first_bytes(f) for f in folders],
            lambda: library.folders.first_bytes_of(FileRef(1, b"odd")),
            lambda: library.folders.exclusions(folders),
            lambda: library.photos.reader_crashes(b"s" * 32),
            lambda: [library.vectors.get(c, 1) for c in contents],
            lambda: library.files.locations(contents),
            lambda: library.measurements.quality(contents),
            lambda: library.group_ids.of_contents(contents),
            library.decisions.all,
            lambda: [library.vectors.part_vectors(1, part) for part in library.vectors.part_stamps(1)],
            lambda: library.digest_runs.in_states("done"),
            lambda: library.digest_runs.deliveries("waiting"),
            lambda: (found := library.vectors.active_model()) and found.label,
            lambda: [library.companions.times(f, b"") for f in folders],
            lambda: library.files.skipped(folders),
        ]
        for read in everything:
            read()


@pytest.fixture(scope="module")
def _backed_up(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("library")
    library = filled(folder)
    backup.back_up(library, folder, NOW_US, keep=1)
    library.close()
    return folder


@pytest.fixture
def folder(_backed_up: Path, tmp_path: Path) -> Path:
    """Give the test a library with something in every table, and its backup."""
    return Path(shutil.copytree(_backed_up, tmp_path / "library"))


@pytest.mark.parametrize("way", WAYS)
def test_a_value_that_can_not_be_is_never_backed_up_and_the_backup_comes_back(folder: Path, way: str) -> None:
    good = backup.backups(folder)
    library = Library.open(folder)
    behind_its_back(folder / database.LIBRARY_FILE_NAME, WAYS[way])
    with pytest.raises(LibraryDamagedError):
        backup.back_up(library, folder, NOW_US + DAY_US, keep=1)
    library.close()
    assert backup.backups(folder) == good
    with suppress(LibraryError):
        read_all(folder)  # whoever comes across it first, says it in the words of the library
    library, restored = backup.open_sound(folder, NOW_US)
    assert restored is not None
    assert [restored.backup] == good
    assert len(library.shots.in_folders([1], 1)) == PHOTOS
    assert library.decisions.all() == [Decision(reading(1).content, Verdict.KEEP, 5)]
    library.close()
    read_all(folder)


def test_a_backup_with_such_a_value_is_passed_over(folder: Path) -> None:
    older = backup.backups(folder)[0]
    library = Library.open(folder)
    newer = backup.back_up(library, folder, NOW_US + DAY_US, keep=2)
    library.close()
    assert newer is not None
    for file in (newer, folder / database.LIBRARY_FILE_NAME):
        behind_its_back(file, WAYS["Latin-1 in a camera's name"])
    library, restored = backup.open_sound(folder, NOW_US)
    library.close()
    assert restored is not None
    assert restored.backup == older


def test_one_byte_in_a_camera_is_found_on_the_disk(folder: Path) -> None:
    file = folder / database.LIBRARY_FILE_NAME
    file.write_bytes(file.read_bytes().replace(b"Testcam", b"Test\xfcam", 1))
    with closing(sqlite3.connect(file)) as plain:
        assert plain.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    with pytest.raises(LibraryDamagedError):
        read_all(folder)
    library, restored = backup.open_sound(folder, NOW_US)
    library.close()
    assert restored is not None


@pytest.mark.parametrize("seed", range(12))
def test_whatever_bytes_change_it_is_whole_or_known_as_damaged(folder: Path, seed: int) -> None:
    file, rng = folder / database.LIBRARY_FILE_NAME, random.Random(seed)
    data = bytearray(file.read_bytes())
    for _ in range(rng.choice((1, 3, 10))):
        data[rng.randrange(len(data))] = rng.randrange(256)
    file.write_bytes(data)
    with suppress(LibraryError):
        read_all(folder)
    library, _ = backup.open_sound(folder, NOW_US)
    assert len(library.shots.in_folders([1], 1)) <= PHOTOS
    library.close()
    read_all(folder)


def test_a_sound_library_of_every_version_has_no_trouble() -> None:
    for version in range(1, migrate.newest_version() + 1):
        with closing(migrate.schema_at(version)) as empty:
            assert validation.invalid_value(empty, validation.columns_of(empty)) == ""


def test_a_closer_look_of_another_shape_is_taken_again(folder: Path) -> None:
    library = Library.open(folder)
    behind_its_back(folder / database.LIBRARY_FILE_NAME, "UPDATE quality SET look = '{}' WHERE photo_id = 1")
    contents = [row.shot.content for row in library.shots.in_folders([1], 1)]
    assert len(library.measurements.quality(contents)) == PHOTOS - 1
    library.close()


def test_an_exposure_that_no_camera_has_is_none(folder: Path) -> None:
    library = Library.open(folder)
    file = folder / database.LIBRARY_FILE_NAME
    behind_its_back(file, "UPDATE photo SET exposure_s = 0.0, aperture = -1.0 WHERE id = 1")
    behind_its_back(file, "UPDATE photo SET exposure_s = 9e999, aperture = 9e999 WHERE id = 2")
    found = {row.shot.key: row.shot.camera for row in library.shots.in_folders([1], 1)}
    assert [(c.exposure_s, c.aperture) for c in found.values()][:2] == [(None, None)] * 2
    library.close()
    backup.open_sound(folder, NOW_US)[0].close()
