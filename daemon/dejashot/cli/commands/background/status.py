"""`dejashot status`: the state of the library and the daemon, as JSON or in sentences."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import tzlocal
from rich.console import Console
from rich.table import Table
from rich.text import Text

from dejashot.cli.options import ConfigOption, OutputFormat, OutputFormatOption, settings_of
from dejashot.cli.output import print_json
from dejashot.config.locations import library_folder
from dejashot.diagnostics.interrupted import describe_interrupted, format_local_time
from dejashot.diagnostics.status import library_status, upcoming
from dejashot.digests.schedule import Schedule
from dejashot.language.formats import format_bytes
from dejashot.paths import shown
from dejashot.reports.wording import (
    plural,
)

MAX_PROBLEMS = 3


def status_command(output_format: OutputFormatOption = OutputFormat.TABLE, config: ConfigOption = None) -> None:
    """Say what is known, what waits, and when digests were and will be made."""
    settings = settings_of(config)

    def next_digests() -> list[str]:
        return upcoming(Schedule(settings.digest.schedule, tzlocal.get_localzone()), datetime.now(UTC))

    body = library_status(library_folder(settings), next_digests, settings.review)
    if output_format is OutputFormat.JSON:
        print_json(body)
    else:
        print_status(body, Console())


def print_status(body: dict[str, Any], console: Console) -> None:
    """Print the state of library and daemon, fit for 80 columns."""
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    for name, text in status_lines(body):
        table.add_row(name, Text(text))
    console.print(table)


def status_lines(body: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the lines of a status body as heading and text; the heading is empty where the one above goes on."""
    yield "Daemon", _format_daemon(body)
    if body["trouble"]:
        yield "Trouble", body["trouble"]
    for batch in body["interrupted"]:
        yield "Applying", ": ".join(describe_interrupted(batch))
    yield "Photos", f"{body['photos']:,}" + (f", {body['skipped']:,} not readable" if body["skipped"] else "")
    retrying = f", {body['retrying']:,} to be tried again" if body["retrying"] else ""
    yield "Waiting", f"{plural(body['backlog'], 'file')} to be read{retrying}"
    if body["closer_looks"]:
        yield "Still looking", f"at {plural(body['closer_looks'], 'photo')} that landed, for their look-alikes"
    for number, folder in enumerate(body["folders"], start=1):
        yield f"Folder {number}", _format_folder(folder)
    for number, part in enumerate(body["left_out"]):
        yield "Not looked at" if number == 0 else "", part["words"]
    yield from _digest_lines(body)
    yield from _process_lines(body)
    yield "Search", f"{plural(body['index']['vectors'], 'photo')} to search in, {format_bytes(body['index']['bytes'])}"
    backup = f", backed up {format_local_time(body['last_backup'])}" if body["last_backup"] else ""
    yield "Library", f"{body['library']} ({format_bytes(body['library_bytes'])}{backup})"
    yield from _problem_lines(body)


def _digest_lines(body: dict[str, Any]) -> Iterator[tuple[str, str]]:
    yield "Last digest", _format_last_digest(body["last_digest"])
    yield "Next digests", _format_next_digests(body["next_digests"], running=body["running"])
    if body["notices_waiting"]:
        yield "To be told", f"{plural(body['notices_waiting'], 'digest')}, once notifications are no longer held back"


def _process_lines(body: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the lines about the processes beside the daemon: the review page and the reader."""
    if body["review"]:
        yield "Review page", _format_review_page(body["review"])
    if body["reader"]:
        yield "Reader", _format_reader(body["reader"])
    if body["seal"]["missing"]:
        yield "Seal", body["seal"]["words"]


def _problem_lines(body: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the newest problems, without the one that the line on the seal names already."""
    problems = [p for p in body["problems"] if p["words"] != body["seal"]["words"]]
    for number, problem in enumerate(problems[:MAX_PROBLEMS]):
        at = datetime.fromisoformat(problem["at"]).astimezone()
        yield "Problems" if number == 0 else "", f"{at:%a %H:%M}  {problem['words']}"
    if len(problems) > MAX_PROBLEMS:
        yield "", "older ones: `dejashot service logs`, or --format json"


def _format_daemon(body: dict[str, Any]) -> str:
    if not body["running"]:
        return "not running"
    memory = f", {format_bytes(body['memory_bytes'])} of memory" if body["memory_bytes"] else ""
    return f"running since {format_local_time(body['started_at'])}{memory}"


def _format_folder(folder: dict[str, Any]) -> str:
    how = f" {folder['how']}" if folder["how"] else ""
    problem = f"{'; ' if how else ': '}{folder['trouble']}" if folder["trouble"] else ""
    return f"{folder['path']}: {plural(folder['photos'], 'photo')}, {folder['state']}{how}{problem}"


def _format_next_digests(slots: list[str], *, running: bool) -> str:
    if not slots:
        return "never"
    times = ", ".join(f"{datetime.fromisoformat(slot):%a %d %b %H:%M}" for slot in slots)
    return times if running else f"{times} (when the daemon runs)"


def _format_review_page(review: dict[str, Any]) -> str:
    if review["trouble"]:
        return f"not served: {review['trouble']}"
    return f"{review['url']}{', to your network' if review['lan'] else ''}; `dejashot review` makes a link"


def _format_reader(reader: dict[str, Any]) -> str:
    state = reader["state"] if reader["processes"] < 2 else f"{reader['processes']} running"
    restarts = f", started anew {plural(reader['restarts'], 'time')}" if reader["restarts"] else ""
    return f"{state}, {plural(reader['photos_read'], 'photo')} read{restarts}"


def _format_last_digest(last: dict[str, Any] | None) -> str:
    if last is None:
        return "never"
    found = f"{plural(last['photos'], 'photo')}, {plural(last['groups'], 'group')}"
    freed = f"{format_bytes(last['reclaimable_bytes'])} could be freed"
    return f"{format_local_time(last['slot'])} ({found}, {freed}): {shown(last['file'])}"
