"""The made library that figures are measured with is one that a daemon would have made: nothing in it is new."""

from pathlib import Path

from dejashot.config.settings import Settings
from dejashot.ingest.pipeline import open_pipeline
from made_library import make_library


def test_a_made_library_is_whole_and_a_walk_of_its_photos_finds_nothing_new(tmp_path: Path) -> None:
    library = make_library(tmp_path / "library", tmp_path / "Pictures", 100)
    (folder,) = library.folders.all()
    library.close()
    with open_pipeline(Settings(), tmp_path / "library", workers=1) as pipeline:
        found = pipeline.reconciler.reconcile(folder)
        assert (list(found.arrived), found.problem) == ([], "")
        assert pipeline.library.files.counts([folder.id]) == {"present": 100}
        assert not pipeline.owned.restored
        assert pipeline.library.digest_runs.digested_seq() == pipeline.library.newest_seq()
        assert pipeline.library.measurements.distant_copies.unsearched(1) == []
        assert (len(pipeline.owned.index), pipeline.owned.index.rebuilt) == (100, 0)
