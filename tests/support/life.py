"""A daemon's life in fast motion, made to be killed: photos arrive and are stored, digested, decided on, backed up.

Run as `python life.py LIBRARY PHOTOS SAMPLES`. Each line on standard output acknowledges something that must still be
there whatever happens next. `check` compares a library with the lines.
"""

import json
import sqlite3
import sys
from collections import Counter
from collections.abc import Iterable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

from dejashot.config.settings import Settings
from dejashot.digests.runner import DigestRunner
from dejashot.ingest.catch_up import bring_up_to_date
from dejashot.ingest.pipeline import Pipeline, open_pipeline
from dejashot.ingest.tasks import IngestOutcome, IngestResult
from dejashot.library.backup import back_up, open_sound
from dejashot.library.database import LIBRARY_FILE_NAME
from dejashot.library.index import INDEX_FOLDER, open_index
from dejashot.library.journal import DecisionJournal
from dejashot.models.capture import instant, microseconds, now_us
from dejashot.models.decisions import Decision, Verdict
from dejashot.reading.vision.model import load_model, model_file

FIRST_SLOT = datetime(2026, 1, 1, tzinfo=UTC)
PHOTOS_A_ROUND = 3


def live(library: Path, photos: Path, samples: list[bytes]) -> None:
    """Go on until killed."""
    settings = Settings.model_validate({"digest": {"folder": str(library / "digests")}})
    with open_pipeline(settings, library, workers=1) as pipeline:
        assert pipeline.owned.restored is None
        digests = DigestRunner(pipeline, UTC, library / "digests", FIRST_SLOT)
        acknowledge("started")
        while True:
            turn = sum(1 for _ in photos.iterdir()) // PHOTOS_A_ROUND
            for _ in range(PHOTOS_A_ROUND):
                number = sum(1 for _ in photos.iterdir())
                taken = FIRST_SLOT + timedelta(minutes=10 * (number // 2), seconds=5 * (number % 2))
                data = samples[number % len(samples)] + b"%d" % number
                # a kill between two calls leaves no half photo among those that are counted
                landing = photos.with_suffix(".landing")
                landing.write_bytes(data)
                landing.replace(photos / f"IMG_{taken:%Y%m%d_%H%M%S}.jpg")
            bring_up_to_date(pipeline, [photos], lambda _: None, acknowledge_stored)
            if turn % 2:
                digest(pipeline, digests)
            if turn % 3 == 2:
                decide(pipeline, turn)
            if turn % 4 == 3:
                back_up(pipeline.library, library, now_us(), keep=2)


def acknowledge_stored(outcome: IngestOutcome) -> None:
    assert outcome.result in (IngestResult.ADDED, IngestResult.KNOWN), outcome
    acknowledge("stored", outcome.task.file.path.decode())


def digest(pipeline: Pipeline, digests: DigestRunner) -> None:
    """Make the digest of the next slot, or the one that a kill cut short."""
    running = pipeline.library.digest_runs.in_states("running")
    last_us = pipeline.library.digest_runs.last_slot_us(2**62)
    slot = instant(running[0].slot_us) if running else instant(last_us) + timedelta(hours=1) if last_us else FIRST_SLOT
    run = digests.make(slot, pipeline.library.folders.all(), [])
    acknowledge("digest", str(microseconds(slot)), run.state)


def decide(pipeline: Pipeline, turn: int) -> None:
    content = pipeline.library.shots.in_folders([1], pipeline.owned.row.id)[-1].shot.content
    DecisionJournal(pipeline.owned.folder).decide(
        [Decision(content, (Verdict.KEEP, Verdict.REJECT)[turn % 2], now_us())]
    )
    acknowledge("decided", content.hex())


def acknowledge(*fields: str) -> None:
    sys.stdout.write(" ".join(fields) + "\n")
    sys.stdout.flush()


def check(library: Path, acknowledged: Iterable[str]) -> Counter[str]:
    """Assert that all that was acknowledged is there once, and that library and index are sound; return counts."""
    lines = [line.split() for line in acknowledged if line.endswith("\n")]
    expected = {
        kind: {rest[0] for first, *rest in lines if first == kind and rest} for kind in ("stored", "digest", "decided")
    }
    store, restored = open_sound(library, now_us())
    try:
        assert restored is None
        with closing(sqlite3.connect(library / LIBRARY_FILE_NAME)) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        row = store.vectors.active_model()
        if row is None:
            assert not any(expected.values())
            return Counter()
        shots = store.shots.in_folders([f.id for f in store.folders.all()], row.id)
        assert expected["stored"] <= {row.path.decode() for row in shots}
        assert len({row.shot.content for row in shots}) == len({row.path for row in shots}) == len(shots)
        assert expected["decided"] <= {d.content.hex() for d in store.decisions.all()}
        done = store.digest_runs.in_states("done")
        assert expected["digest"] <= {str(r.slot_us) for r in store.digest_runs.in_states("done", "empty")}
        new_in_digests = Counter(
            photo["path"]
            for run in done
            for photo in json.loads(
                (library / "digests" / Path(run.file.decode()).name).with_suffix(".json").read_text()
            )["photos"]
            if photo["new"]
        )
        assert all(count == 1 for count in new_in_digests.values()), new_in_digests.most_common(3)
        index = open_index(library / INDEX_FOLDER, store, row, load_model(model_file("")))
        assert len(index) == len(shots)
        for shot in (row.shot for row in shots):
            assert shot.vector is not None
            assert index.search(shot.vector, 1)[0].cosine > 0.999
        return Counter(
            photos=len(shots),
            digests=len(done),
            new_in_digests=len(new_in_digests),
            decisions=len(store.decisions.all()),
            rebuilt=index.rebuilt,
        )
    finally:
        store.close()


if __name__ == "__main__":
    live(Path(sys.argv[1]), Path(sys.argv[2]), [f.read_bytes() for f in sorted(Path(sys.argv[3]).iterdir())])
