"""Batches that were stopped in the middle: as values for JSON, and in sentences."""

from datetime import datetime
from typing import Any

from dejashot.actions.batch import UNFINISHED, Summary
from dejashot.models.capture import instant
from dejashot.reports.wording import plural


def batch_body(batch: Summary) -> dict[str, Any]:
    """Return an interrupted batch as JSON-able values, with how many of its files are done."""
    return {
        "id": batch.id,
        "made_at": instant(batch.made_us).astimezone().isoformat(timespec="seconds"),
        "how": batch.how.value,
        "state": batch.state,
        "files": batch.files,
        "planned": batch.planned,
    }


def describe_interrupted(batch: dict[str, Any]) -> tuple[str, str]:
    """Return what happened to an interrupted batch, and what to do about it."""
    name = f"{batch['how']} of {format_local_time(batch['made_at'])}"
    if batch["state"] == UNFINISHED:
        progress = f"{batch['files']:,} of {plural(batch['planned'], 'file')} done"
        return (
            f"{name} was stopped in the middle, {progress}",
            f"`dejashot apply` finishes it, `dejashot undo {batch['id']}` takes it back",
        )
    return f"taking back {name} was stopped in the middle", f"`dejashot undo {batch['id']}` goes on with it"


def format_local_time(iso: str | None) -> str:
    """Return an ISO time as people write it, `never` for None."""
    return "never" if iso is None else datetime.fromisoformat(iso).strftime("%a %d %b %Y, %H:%M")
