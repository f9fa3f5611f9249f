"""What `dejashot status` prints for people."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from dejashot.diagnostics.status import local_words, stopped_words
from dejashot.paths import shown
from dejashot.reports.wording import format_bytes, plural

PROBLEMS_SHOWN = 3


def print_status(body: dict[str, Any], console: Console) -> None:
    """Print the state of library and daemon, fit for 80 columns."""
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    for name, words in _rows(body):
        table.add_row(name, Text(words))
    console.print(table)


def _rows(body: dict[str, Any]) -> Iterator[tuple[str, str]]:
    running = body["running"]
    memory = f", {format_bytes(body['memory_bytes'])} of memory" if body["memory_bytes"] else ""
    yield "Daemon", f"running since {local_words(body['started_at'])}{memory}" if running else "not running"
    if body["trouble"]:
        yield "Trouble", body["trouble"]
    for batch in body["interrupted"]:
        yield "Applying", stopped_words(batch)
    yield "Photos", f"{body['photos']:,}" + (f", {body['skipped']:,} not readable" if body["skipped"] else "")
    yield (
        "Backlog",
        f"{body['backlog']:,} waiting" + (f", {body['retrying']:,} to be tried again" if body["retrying"] else ""),
    )
    for number, folder in enumerate(body["folders"], start=1):
        how = f" {folder['how']}" if folder["how"] else ""
        trouble = f"{'; ' if how else ': '}{folder['trouble']}" if folder["trouble"] else ""
        yield (
            f"Folder {number}",
            f"{folder['path']}: {plural(folder['photos'], 'photo')}, {folder['state']}{how}{trouble}",
        )
    for number, part in enumerate(body["left_out"]):
        yield "Not looked at" if number == 0 else "", part["words"]
    yield "Last digest", _last_digest_words(body["last_digest"])
    yield "Next digests", _next_words(body["next_digests"], running=running)
    if body["notices_waiting"]:
        yield "To be told", f"{plural(body['notices_waiting'], 'digest')}, once notifications are no longer held back"
    if body["review"]:
        yield "Review page", _review_words(body["review"])
    if body["reader"]:
        yield "Reader", _reader_words(body["reader"])
    if body["seal"]["missing"]:
        yield "Seal", body["seal"]["words"]
    yield "Index", f"{plural(body['index']['vectors'], 'vector')}, {format_bytes(body['index']['bytes'])}"
    backup = f", backed up {local_words(body['last_backup'])}" if body["last_backup"] else ""
    yield "Library", f"{body['library']} ({format_bytes(body['library_bytes'])}{backup})"
    problems = [p for p in body["problems"] if p["words"] != body["seal"]["words"]]  # which is said above
    for number, problem in enumerate(problems[:PROBLEMS_SHOWN]):
        yield (
            "Problems" if number == 0 else "",
            f"{datetime.fromisoformat(problem['at']).astimezone():%a %H:%M}  {problem['words']}",
        )
    if len(problems) > PROBLEMS_SHOWN:
        yield "", "older ones: `dejashot service logs`, or --format json"


def _next_words(slots: list[str], *, running: bool) -> str:
    if not slots:
        return "never"
    words = ", ".join(f"{datetime.fromisoformat(slot):%a %d %b %H:%M}" for slot in slots)
    return words if running else f"{words} (when the daemon runs)"


def _review_words(review: dict[str, Any]) -> str:
    if review["trouble"]:
        return f"not served: {review['trouble']}"
    return f"{review['url']}{', to your network' if review['lan'] else ''}; `dejashot review` makes a link"


def _reader_words(reader: dict[str, Any]) -> str:
    words = reader["state"] if reader["processes"] < 2 else f"{reader['processes']} running"
    lost = f", started anew {plural(reader['restarts'], 'time')}" if reader["restarts"] else ""
    return f"{words}, {plural(reader['photos_read'], 'photo')} read{lost}"


def _last_digest_words(last: dict[str, Any] | None) -> str:
    if last is None:
        return "never"
    words = f"{plural(last['photos'], 'photo')}, {plural(last['groups'], 'group')}, {format_bytes(last['reclaimable_bytes'])} could be freed"
    return f"{local_words(last['slot'])} ({words}): {shown(last['file'])}"
