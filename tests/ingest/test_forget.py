"""Forgetting a folder: all of it or nothing, index and previews included; files and decisions stay."""

import os
import shutil
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from itertools import pairwise
from pathlib import Path

import pytest

from dejashot.config.settings import Settings, settings_from
from dejashot.errors import ConfigError, FolderError, LibraryBusyError
from dejashot.ingest.forget import Forgotten, check_free, forget_folder
from dejashot.ingest.owned_library import own_library
from dejashot.library.journal import DecisionJournal
from dejashot.library.library import Library
from dejashot.library.previews import keep_preview, read_preview
from dejashot.models.decisions import Decision, Verdict
from dejashot.models.files import FileRef
from homes import Home, tree_hash
from kills import killed_in_sqlite
from shots import START_US, quality, reading

ODD, OTHER = Path("/photos/gone \udcff"), Path("/photos/other")
MONTH_S = 31 * 86400
PHOTOS, BOTH = 12, 3  # in the odd folder, and how many of them lie in the other one as well
READINGS = [reading(n, n * MONTH_S / 4) for n in range(PHOTOS)]


@pytest.fixture
def filled(library: Path) -> Iterator[Path]:
    """Give the test a library of two folders that are not there, with an index, measured photos, and decisions."""
    with own_library(Settings(), library) as owned:
        rows = [owned.library.folders.add(path, 1) for path in (ODD, OTHER)]
        keys = []
        for n, read in enumerate(READINGS):
            for row in rows if n < BOTH else rows[:1]:
                key = owned.library.photos.add(FileRef(row.id, b"\xff%d.jpg" % n), read, owned.row.id, START_US)
            keys.append(key)
            owned.index.add(key, read.vector)
            owned.library.measurements.add_quality(read.content, quality(1.0))
            keep_preview(read.content, b"a preview")
        owned.library.measurements.add_matches(owned.row.id, dict.fromkeys(pairwise(keys), 0.5))
    DecisionJournal(library).decide(Decision(read.content, Verdict.KEEP, START_US) for read in READINGS)
    yield library


def known(folder: Path) -> tuple[list[Path], int, int, int]:
    """Return what a library knows: its folders, its photos with a key, those measured, and its vectors."""
    contents = [read.content for read in READINGS]
    with closing(Library.open_read_only(folder)) as opened:
        keys = [key for content in contents if (key := opened.photos.key_of(content)) is not None]
        vectors = sum(count for count, _ in opened.vectors.part_stamps(1).values())
        assert len(opened.measurements.matches(1, keys)) == max(0, len(keys) - 1)
        return [f.path for f in opened.folders.all()], len(keys), len(opened.measurements.quality(contents)), vectors


def test_what_no_other_folder_holds_goes_with_it(filled: Path) -> None:
    assert forget_folder(Settings(), filled, ODD) == Forgotten(files=PHOTOS, photos=PHOTOS - BOTH)
    assert known(filled) == ([OTHER], BOTH, BOTH, BOTH)
    assert [read_preview(read.content) is None for read in READINGS] == [n >= BOTH for n in range(PHOTOS)]
    assert len(DecisionJournal(filled).verdicts) == PHOTOS
    with own_library(Settings(), filled) as owned:
        assert len(owned.index) == BOTH
        assert owned.index.rebuilt == 0, "the index was left in step with the library"
        assert len(list((filled / "index").glob("*.faiss"))) == len(owned.library.vectors.part_stamps(owned.row.id))
        assert all(owned.index.search(read.vector, 1)[0].cosine < 0.9 for read in READINGS[BOTH:])
    assert forget_folder(Settings(), filled, OTHER) == Forgotten(files=BOTH, photos=BOTH)
    assert known(filled) == ([], 0, 0, 0)


def test_killed_at_any_point_it_has_forgotten_all_or_nothing(filled: Path, tmp_path: Path) -> None:
    whole, less = known(filled), ([OTHER], BOTH, BOTH, BOTH)
    kills, step = 0, 1
    while True:
        folder = Path(shutil.copytree(filled, tmp_path / str(step)))
        killed = killed_in_sqlite(step, partial(forget_folder, Settings(), folder, ODD), steps_each=400)
        assert known(folder) in (whole, less)
        with own_library(Settings(), folder) as owned:
            assert owned.restored is None
            assert len(owned.index) in (PHOTOS, BOTH)
        if not killed:
            break
        kills, step = kills + 1, step + 1
    assert known(folder) == less
    assert kills > 3


def test_a_folder_of_the_configuration_an_unknown_one_and_a_busy_library_are_refused(filled: Path) -> None:
    before = known(filled)
    configured = settings_from({"folders": [os.fspath(ODD)]}, "test")
    with pytest.raises(ConfigError, match="a folder of the configuration"):
        forget_folder(configured, filled, ODD)
    with pytest.raises(FolderError, match="does not know") as caught:
        forget_folder(Settings(), filled, Path("/photos"))
    assert caught.value.hint == "It knows /photos/gone \\xff, /photos/other"
    check_free(filled)
    with own_library(Settings(), filled):
        for refused in (partial(forget_folder, Settings(), filled, ODD), partial(check_free, filled)):
            with pytest.raises(LibraryBusyError) as busy:
                refused()
            assert "service uninstall" in busy.value.hint
    assert known(filled) == before


def test_the_command_asks_and_leaves_the_photos_alone(home: Home, busy_minute: Path) -> None:
    home.json("scan", busy_minute)
    before = tree_hash(busy_minute)
    refused = home.run("forget", busy_minute)
    assert (refused.returncode, "nobody to ask" in refused.stderr) == (2, True)
    done = home.run("forget", f"{busy_minute}/", "--yes")
    assert done.returncode == 0, done.stderr
    assert "5 photos in no other folder" in done.stdout
    assert tree_hash(busy_minute) == before
    assert home.json("status")["folders"] == []
    assert len(home.json("scan", busy_minute)["photos"]) == 5
