"""A daemon's life in fast motion, made to be killed: photos arrive, are stored, digested, decided on and backed up, round after round.

Run as `python life.py LIBRARY PHOTOS SAMPLES`. A line on standard output is an acknowledgement: what it says must be there after
whatever happens next. `check` holds a library to the lines.
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
from dejashot.ingest.pipeline import Ingestor, IngestOutcome, IngestResult, open_ingestor
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
    with open_ingestor(settings, library, workers=1) as pipeline:
        assert pipeline.restored is None
        digests = DigestRunner(pipeline, UTC, library / "digests", FIRST_SLOT)
        say("started")
        while True:
            turn = sum(1 for _ in photos.iterdir()) // PHOTOS_A_ROUND
            for _ in range(PHOTOS_A_ROUND):
                number = sum(1 for _ in photos.iterdir())
                taken = FIRST_SLOT + timedelta(minutes=10 * (number // 2), seconds=5 * (number % 2))
                bytes_of_its_own = samples[number % len(samples)] + b"%d" % number
                landing = photos.with_suffix(
                    ".landing"
                )  # a kill between two calls leaves no half photo among those that are counted
                landing.write_bytes(bytes_of_its_own)
                landing.replace(photos / f"IMG_{taken:%Y%m%d_%H%M%S}.jpg")
            bring_up_to_date(pipeline, [photos], lambda _: None, told)
            if turn % 2:
                digest(pipeline, digests)
            if turn % 3 == 2:
                decide(pipeline, turn)
            if turn % 4 == 3:
                back_up(pipeline.library, library, now_us(), keep=2)


def told(outcome: IngestOutcome) -> None:
    assert outcome.result in (IngestResult.ADDED, IngestResult.KNOWN), outcome
    say("stored", outcome.task.file.path.decode())


def digest(pipeline: Ingestor, digests: DigestRunner) -> None:
    """Make the digest of the next slot, or the one that a kill cut short."""
    running = pipeline.library.digest_runs.in_states("running")
    last_us = pipeline.library.digest_runs.last_slot_us(2**62)
    slot = instant(running[0].slot_us) if running else instant(last_us) + timedelta(hours=1) if last_us else FIRST_SLOT
    run = digests.make(slot, pipeline.library.folders.all(), [])
    say("digest", str(microseconds(slot)), run.state)


def decide(pipeline: Ingestor, turn: int) -> None:
    content = pipeline.library.shots.in_folders([1], pipeline.row.id)[-1].shot.content
    DecisionJournal(pipeline.folder).decide([Decision(content, (Verdict.KEEP, Verdict.REJECT)[turn % 2], now_us())])
    say("decided", content.hex())


def say(*words: str) -> None:
    sys.stdout.write(" ".join(words) + "\n")
    sys.stdout.flush()


def check(library: Path, acknowledged: Iterable[str]) -> Counter[str]:
    """Assert that all that was acknowledged is there, once, and that the library and its index are sound; return the counts."""
    lines = [line.split() for line in acknowledged if line.endswith("\n")]
    said = {
        word: {rest[0] for first, *rest in lines if first == word and rest} for word in ("stored", "digest", "decided")
    }
    store, restored = open_sound(library, now_us())
    try:
        assert restored is None
        with closing(sqlite3.connect(library / LIBRARY_FILE_NAME)) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        row = store.vectors.active_model()
        if row is None:
            assert not any(said.values())
            return Counter()
        shots = store.shots.in_folders([f.id for f in store.folders.all()], row.id)
        assert said["stored"] <= {s.path.decode() for s in shots}
        assert len({s.shot.content for s in shots}) == len({s.path for s in shots}) == len(shots)
        assert said["decided"] <= {d.content.hex() for d in store.decisions.all()}
        done = store.digest_runs.in_states("done")
        assert said["digest"] <= {str(r.slot_us) for r in store.digest_runs.in_states("done", "empty")}
        told = Counter(
            photo["path"]
            for run in done
            for photo in json.loads(
                (library / "digests" / Path(run.file.decode()).name).with_suffix(".json").read_text()
            )["photos"]
            if photo["new"]
        )
        assert all(count == 1 for count in told.values()), told.most_common(3)
        index = open_index(library / INDEX_FOLDER, store, row, load_model(model_file("")))
        assert len(index) == len(shots)
        for one in shots:
            assert one.shot.vector is not None
            assert index.search(one.shot.vector, 1)[0].cosine > 0.999
        return Counter(
            photos=len(shots),
            digests=len(done),
            told=len(told),
            decisions=len(store.decisions.all()),
            rebuilt=index.rebuilt,
        )
    finally:
        store.close()


if __name__ == "__main__":
    live(Path(sys.argv[1]), Path(sys.argv[2]), [f.read_bytes() for f in sorted(Path(sys.argv[3]).iterdir())])
