"""The folder that a batch puts files into: made first, with a manifest in a quarantine, and removed when empty."""

import json
import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from dejashot.actions.batch import Batch
from dejashot.actions.moves.writing import FileAttributes, make_folders, remove_temp, translate_os_errors, write_new
from dejashot.actions.plan import Item, Plan
from dejashot.actions.plan_json import item_body
from dejashot.errors import BatchError, SkippedFileError
from dejashot.files.nofollow import folder_of, folder_unfollowed
from dejashot.language.texts import noted
from dejashot.models.decisions import ApplyMethod
from dejashot.paths import PRIVATE_FILE, shown

QUARANTINE_MANIFEST = b"manifest.json"


def make_destination(batch: Batch) -> None:
    """Make the folder that files go to, noting which folders were made, and write down what is to come there.

    Raises BatchError, DiskFullError, or OSError.
    """
    plan = batch.plan
    if not plan.to:
        return
    place = _folder(plan)
    missing: list[bytes] = []
    above = plan.to
    while not os.path.lexists(above):
        missing.append(above)
        above = folder_of(above)
    if missing and not batch.made:
        batch.note("made", durable=True, folders=[os.fsdecode(f) for f in missing])
    try:
        with translate_os_errors(os.path.join(place, QUARANTINE_MANIFEST)):
            make_folders(place)
    except SkippedFileError as error:
        raise BatchError(
            noted("can't make {folder}: {why}").format(folder=shown(place), why=error.title),
            "Name another folder with --to, after `dejashot undo`",
            noted("Take this batch back, then name another folder"),
        ) from error
    write_manifest(plan, plan.items)


def write_manifest(plan: Plan, items: Sequence[Item]) -> None:
    """Write into a quarantine what its files are and where they come from."""
    if plan.how is not ApplyMethod.QUARANTINE:
        return
    place = _folder(plan)
    files = [_entry(item, place) for item in items]
    text = json.dumps({"schema": "dejashot.quarantine/1", "batch": plan.id, "files": files}, indent=1)
    with translate_os_errors(_manifest(plan)), folder_unfollowed(place) as folder:
        attributes = FileAttributes(PRIVATE_FILE, os.geteuid(), os.getegid())
        write_new(folder, QUARANTINE_MANIFEST, text.encode(), _manifest_tag(plan), attributes, replace=True)


def clear_manifest(plan: Plan) -> None:
    """Remove what a stopped attempt to write the manifest left."""
    if plan.how is ApplyMethod.QUARANTINE:
        remove_temp(_manifest(plan), _manifest_tag(plan))


def remove_destination(batch: Batch) -> None:
    """Remove the manifest, and the folders that were made for a batch and are empty again."""
    plan = batch.plan
    if plan.how is ApplyMethod.QUARANTINE:
        with suppress(OSError):
            Path(os.fsdecode(_manifest(plan))).unlink()
        for folder, _, _ in os.walk(_folder(plan), topdown=False):
            _remove_empty(folder)
    for folder in batch.made:
        _remove_empty(folder)


def _folder(plan: Plan) -> bytes:
    """Return the folder that files lie in: a quarantine has one for each batch."""
    return os.path.join(plan.to, plan.id.encode()) if plan.how is ApplyMethod.QUARANTINE else plan.to


def _entry(item: Item, place: bytes) -> dict[str, object]:
    body = item_body(item)
    return {
        "path": os.fsdecode(os.path.relpath(item.target, place)),
        "origin": body["source"],
        "bytes": item.stamp.size_bytes,
        "blake2b_256": body["content"],
        "companion": item.companion,
    }


def _manifest(plan: Plan) -> bytes:
    return os.path.join(_folder(plan), QUARANTINE_MANIFEST)


def _manifest_tag(plan: Plan) -> str:
    return f"{plan.id}-manifest"


def _remove_empty(folder: bytes) -> None:
    with suppress(OSError):
        Path(os.fsdecode(folder)).rmdir()
