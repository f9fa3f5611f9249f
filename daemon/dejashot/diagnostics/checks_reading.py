"""The doctor's checks of reading photos: the embedding model, the decoders, and a real reader at work."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

from dejashot.cluster.access import scheduler_access
from dejashot.config.settings import Settings
from dejashot.diagnostics.finding import Finding, advice, ok, wrong
from dejashot.errors import DejashotError, UnreadablePhotoError
from dejashot.files.child_process import ChildReplyError, ask_child
from dejashot.files.made_png import grey_png
from dejashot.models.photo import Wanted
from dejashot.reading.job import ReadJob
from dejashot.reading.options import worker_options
from dejashot.reading.pool import ReaderPool
from dejashot.reading.protocol.exchange import KnownContent
from dejashot.reading.sandbox.parts import SANDBOX_FIX, describe_missing
from dejashot.reading.vision.model import load_model, model_file

CODECS_TIMEOUT_S = 60.0


def check_model(settings: Settings) -> Finding:
    """Check the embedding model and its hash."""
    try:
        return ok("model", f"{load_model(model_file(settings.model.path)).label}, intact")
    except DejashotError as error:
        return wrong("model", error.title, error.hint)


def check_cluster(settings: Settings) -> Iterator[Finding]:
    """Check whether the cluster that reads photos for scans, if there is one, may be used; it is not asked."""
    if settings.cluster.scheduler:
        try:
            yield ok("cluster", f"{scheduler_access(settings.cluster).address} reads photos for scans")
        except DejashotError as error:
            yield wrong("cluster", error.title, error.hint)


def check_formats() -> Finding:
    """Check which formats can be decoded, in a process of its own."""
    try:
        readable: dict[str, bool] = ask_child("dejashot.reading.decode.codecs", None, CODECS_TIMEOUT_S)
    except ChildReplyError:
        return wrong(
            "formats",
            "the decoders can't be loaded",
            "Install Dejashot again with pip; on Alpine or ARM look for missing wheels",
        )
    missing = [name for name, is_readable in readable.items() if not is_readable]
    if missing:
        return wrong(
            "formats",
            f"{', '.join(missing)} can't be read",
            "pip install --force-reinstall pillow pillow-heif, and pillow-jxl-plugin or rawpy if you use them",
        )
    return ok("formats", ", ".join(readable))


def check_reader(settings: Settings) -> Finding:
    """Have a real reader read a picture made for it."""
    pool = ReaderPool(worker_options(settings), 1)
    try:
        with tempfile.TemporaryDirectory(prefix="dejashot-doctor-") as folder:
            file = Path(folder).resolve() / "picture.png"
            file.write_bytes(_slope())
            answers = [answer for _, answer in pool.read([ReadJob(bytes(file), None)], lambda _: Wanted.ALL)]
    except DejashotError as error:
        return wrong("reader", error.title, error.hint)
    except OSError as error:
        return wrong(
            "reader",
            f"no picture could be written for it: {error.strerror}",
            "Check the space in the folder for temporary files",
        )
    finally:
        pool.close()
    if isinstance(answers[0], KnownContent | UnreadablePhotoError):
        why = answers[0].title if isinstance(answers[0], UnreadablePhotoError) else "no answer"
        return wrong(
            "reader",
            f"it could not read a picture made for it: {why}",
            "See reading.memory_mib and reading.timeout_s",
        )
    if pool.missing:
        return advice("reader", f"starts and reads. {describe_missing(pool.missing)}", SANDBOX_FIX)
    return ok("reader", "starts and reads, sealed off from network, programs, disk and your other files")


def _slope(side: int = 96) -> bytes:
    """Return a small PNG of a grey slope."""
    return grey_png([bytes((x * 2 + y) % 256 for x in range(side)) for y in range(side)])
