"""What films and sidecars change: times, amended shots, and nothing that takes turns or stops the daemon."""

import os
import shutil
import unicodedata
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import exports
from dejashot.config.settings import Settings
from dejashot.digests.runner import DigestRunner
from dejashot.errors import Reason, UnreadablePhotoError
from dejashot.ingest.catch_up import bring_up_to_date
from dejashot.ingest.pipeline import Pipeline, open_pipeline
from dejashot.ingest.sidecars import read_sidecars
from dejashot.models.files import FileRef
from dejashot.reading.job import ReadJob
from scenes import moved, save_photo, scene

AT = datetime(2026, 7, 1, 10, tzinfo=UTC)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with two takes that tell no time, dated a day apart."""
    folder = tmp_path / "Pictures"
    for n in range(2):
        photo(folder / f"IMG_{n}.JPG", n)
    return folder


@pytest.fixture
def at_work(library: Path) -> Iterator[Pipeline]:
    with open_pipeline(Settings(), library, workers=1) as pipeline:
        yield pipeline


def photo(file: Path, number: int, taken: datetime | None = None) -> Path:
    """Save a take, dated years ago."""
    save_photo(file, moved(scene(1), 0.02 * number, 0), taken)
    os.utime(file, (1_500_000_000 + 86_400 * number,) * 2)
    return file


def walked(pipeline: Pipeline, folder: Path) -> dict[str, tuple[datetime, str]]:
    """Walk the folder and return when each of its photos was taken, and from what that is known."""
    bring_up_to_date(pipeline, [folder], lambda _: None, lambda _: None)
    shots = pipeline.library.shots.in_folders([1], pipeline.owned.row.id)
    taken = {os.fsdecode(row.path): row.shot.taken for row in shots}
    return {path: (datetime.fromtimestamp(time.taken_us / 1e6, UTC), time.source) for path, time in taken.items()}


def test_times_that_put_photos_side_by_side_make_a_digest(at_work: Pipeline, folder: Path, library: Path) -> None:
    digests = DigestRunner(at_work, UTC, library / "digests", datetime(2026, 7, 1, tzinfo=UTC))

    def made(day: int) -> tuple[str, int, int]:
        walked(at_work, folder)
        one = digests.make(datetime(2026, 7, day, 20, tzinfo=UTC), at_work.library.folders.all(), [])
        return one.state, one.photos, one.groups

    assert made(1) == ("done", 2, 0)
    listed = folder / "Photo Details.csv"
    listed.write_bytes(exports.icloud({"IMG_0.JPG": AT, "IMG_1.JPG": AT}))
    assert made(2) == ("done", 0, 1)
    assert made(3) == ("empty", 0, 0)
    listed.write_bytes(exports.icloud({"IMG_0.JPG": AT, "IMG_1.JPG": AT, "IMG_2.JPG": AT}))
    assert made(4) == ("empty", 0, 0)


def test_a_list_names_photos_in_any_spelling(at_work: Pipeline, folder: Path) -> None:
    photo(folder / unicodedata.normalize("NFD", "Café.JPG"), 2)
    (folder / "Photo Details.csv").write_bytes(exports.icloud({"Café.jpg": AT, "img_1.jpg": AT}))
    found = walked(at_work, folder)
    assert [source for _, source in (found[unicodedata.normalize("NFD", "Café.JPG")], found["IMG_1.JPG"])] == [
        "sidecar"
    ] * 2


def test_an_edit_has_the_time_of_its_original(at_work: Pipeline, folder: Path) -> None:
    photo(folder / "IMG_0-redigert.JPG", 3)
    photo(folder / "IMG_1-redigert.JPG", 4)
    for n in range(2):
        (folder / f"IMG_{n}.JPG.json").write_bytes(exports.takeout(AT + timedelta(hours=n)))
    (folder / "IMG_1-redigert.JPG.json").write_bytes(exports.takeout(AT + timedelta(hours=5)))
    found = {name: at for name, (at, source) in walked(at_work, folder).items() if source == "sidecar"}
    assert found == {
        f"IMG_{name}.JPG": AT + timedelta(hours=h)
        for name, h in (("0", 0), ("0-redigert", 0), ("1", 1), ("1-redigert", 5))
    }


def test_a_sidecar_that_is_corrected_corrects_the_time_and_one_that_goes_leaves_it(
    at_work: Pipeline, folder: Path
) -> None:
    sidecar = folder / "IMG_0.JPG.json"
    for later in (timedelta(0), timedelta(hours=5)):
        sidecar.write_bytes(exports.takeout(AT + later))
        os.utime(sidecar, (1_600_000_000 + later.seconds,) * 2)
        assert walked(at_work, folder)["IMG_0.JPG"] == (AT + later, "sidecar")
    sidecar.unlink()
    assert walked(at_work, folder)["IMG_0.JPG"] == (AT + timedelta(hours=5), "sidecar")


def test_two_sidecars_of_one_content_do_not_take_turns(at_work: Pipeline, folder: Path) -> None:
    (folder / "copy").mkdir()
    shutil.copy2(folder / "IMG_0.JPG", folder / "copy" / "IMG_0.JPG")
    (folder / "copy" / "IMG_0.JPG.json").write_bytes(exports.takeout(AT + timedelta(days=1)))
    (folder / "IMG_0.JPG.json").write_bytes(exports.takeout(AT))
    (folder / "Photo Details.csv").write_bytes(exports.icloud({"IMG_0.JPG": AT + timedelta(days=2)}))
    assert walked(at_work, folder)["IMG_0.JPG"] == (AT, "sidecar")
    seq = at_work.library.newest_seq()
    for _ in range(2):
        photo(folder / "IMG_1.JPG", 1, AT.replace(tzinfo=None))
        assert walked(at_work, folder)["IMG_0.JPG"] == (AT, "sidecar")
    (folder / "copy" / "IMG_0.JPG.json").write_bytes(exports.takeout(AT + timedelta(days=3)))
    assert walked(at_work, folder)["copy/IMG_0.JPG"] == (AT, "sidecar")
    assert at_work.library.newest_seq() <= seq + 3  # what the new photo and the late sidecar cost, and no time anew


def test_a_sidecar_is_of_the_photo_it_names_though_that_needs_it_not(at_work: Pipeline, tmp_path: Path) -> None:
    folder = tmp_path / "Pictures"
    cut = "a name that goes on and on until it is cut off"
    photo(folder / "a.jpg", 0, AT.replace(tzinfo=None))
    photo(folder / "A.JPG", 1)
    photo(folder / f"{cut}A1.jpg", 2, AT.replace(tzinfo=None))
    photo(folder / f"{cut}A2.jpg", 3)
    assert len(cut) == 46
    for name in ("a.jpg.json", f"{cut}.json"):
        (folder / name).write_bytes(exports.takeout(AT))
    found = walked(at_work, folder)
    assert {name: source for name, (_, source) in found.items() if source != "exif"} == {
        "A.JPG": "mtime",
        f"{cut}A2.jpg": "mtime",
    }


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.mov", exports.film(spoken="9999-01-01T00:00:00+0000")),
        ("a.mov", exports.film(spoken="0001-01-01T00:00:00+0000")),
        ("a.json", b'{"photoTakenTime": {"timestamp": "99999999999"}}'),
        ("Photo Details.csv", b'imgName,originalCreationDate\na.jpg,"Friday December 31,9999 11:59 PM GMT"'),
        ("Photo Details.csv", b'imgName,originalCreationDate\n../IMG_0.JPG,"Friday May 1,2026 1:00 PM GMT"'),
    ],
)
def test_what_makes_no_sense_is_heard_once_and_changes_nothing(
    at_work: Pipeline, folder: Path, name: str, data: bytes
) -> None:
    (folder / name).write_bytes(data)
    assert {source for _, source in walked(at_work, folder).values()} == {"mtime"}
    assert at_work.library.companions.pending([1]) == []


class Refusing:
    """Readers that can read nothing, for a reason."""

    def __init__(self, reason: Reason) -> None:
        self._reason = reason

    def read_sidecars(
        self, jobs: Iterable[ReadJob[FileRef]]
    ) -> Iterator[tuple[ReadJob[FileRef], UnreadablePhotoError]]:
        for job in jobs:
            yield job, UnreadablePhotoError(self._reason)


def test_what_can_not_be_read_for_now_is_asked_again(at_work: Pipeline, folder: Path) -> None:
    (folder / "IMG_0.JPG.json").write_bytes(exports.takeout(AT))
    at_work.reconciler.reconcile(at_work.library.folders.add(folder, folder.stat().st_dev))
    (file,) = at_work.library.companions.pending([1])
    for reason, left in (
        (Reason.IO_ERROR, 1),
        (Reason.OUT_OF_MEMORY, 1),
        (Reason.VANISHED, 1),
        (Reason.FILE_TOO_LARGE, 0),
    ):
        read_sidecars(at_work.library, Refusing(reason), [ReadJob(file.under(folder), file)])
        assert len(at_work.library.companions.pending([1])) == left
