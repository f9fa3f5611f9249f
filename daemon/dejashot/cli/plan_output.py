"""How `dejashot apply` shows what it would do: folder by folder for people, or bare paths for other programs."""

import sys
from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from dejashot.actions.methods.wording import describe_task
from dejashot.actions.plan import WARNING, Item, Plan, RefusedFile
from dejashot.cli.messages import print_message
from dejashot.cli.path_lists import PathLine
from dejashot.files.nofollow import folder_of
from dejashot.language.formats import format_bytes
from dejashot.models.decisions import ApplyMethod
from dejashot.paths import shown
from dejashot.reports.wording import (
    plural,
)

MAX_LEFT_BEHIND = 50


def print_paths(plan: Plan, line_of: PathLine) -> int:
    """Print the paths as lines of a list, and on standard error the files that are left alone or have no line.

    Return how many were listed.
    """
    sys.stdout.flush()
    lines = [(item.source, line_of(item.source)) for item in plan.items]
    sys.stdout.buffer.writelines(line for _, line in lines if line is not None)
    sys.stdout.buffer.flush()
    unlisted = [path for path, line in lines if line is None]
    for path in unlisted:
        print_message(f"can't be in this list: {shown(path)}")
    for refused in plan.refused:
        print_message(f"left alone: {shown(refused.path)}: {refused.why}")
    for path in plan.left_behind:
        print_message(f"left behind: {shown(path)}")
    return len(lines) - len(unlisted)


def print_plan(plan: Plan, console: Console, *, finished: bool) -> None:
    """Print a plan folder by folder, fit for 80 columns; `finished`: an interrupted batch was finished first."""
    folder = b""
    for item in plan.items:
        if folder_of(item.source) != folder:
            folder = folder_of(item.source)
            console.print(Text(shown(folder), style="bold"), soft_wrap=True)
        console.print(_item_line(plan.how, item), soft_wrap=True)
    if plan.items:
        console.print()
        console.print(Text(f"Would {describe_task(plan)}.", style="bold"))
    _print_refused(plan.refused, console)
    _print_left_behind(plan.left_behind, console)
    if not plan.items:
        console.print("Nothing else is to do." if plan.refused or finished else "There is nothing to do.")
    elif plan.how.moves:
        console.print()
        console.print(Text(WARNING, style="yellow"))
    if plan.notice:
        console.print()
        console.print(Text(f"{plan.notice}.", style="yellow"))


def _item_line(how: ApplyMethod, item: Item) -> Text:
    name, target = (shown(path.rpartition(b"/")[2]) for path in (item.source, item.target))
    if how is ApplyMethod.XMP:
        return Text(f"  {name}  rating {item.rating} in {target}")
    renamed = how is ApplyMethod.ALBUM and not item.target.endswith(name.encode())
    indent = "    + " if item.companion else "  "
    size = f"  {format_bytes(item.stamp.size_bytes)}" + (f"  as {target}" if renamed else "")
    return Text(f"{indent}{name}").append(size, style="dim")


def _print_refused(refused: Sequence[RefusedFile], console: Console) -> None:
    if not refused:
        return
    console.print()
    console.print(Text(f"Left alone: {plural(len(refused), 'file')}", style="bold"))
    for file in refused:
        console.print(Text(f"  {shown(file.path)}"), soft_wrap=True)
        console.print(Text(f"    {file.why}", style="dim"))


def _print_left_behind(paths: Sequence[bytes], console: Console) -> None:
    if not paths:
        return
    console.print()
    console.print(Text(f"Left behind: {plural(len(paths), 'file')} of these names", style="bold"))
    for path in paths[:MAX_LEFT_BEHIND]:
        console.print(Text(f"  {shown(path)}"), soft_wrap=True)
    if len(paths) > MAX_LEFT_BEHIND:
        console.print(Text(f"  … and {plural(len(paths) - MAX_LEFT_BEHIND, 'more file')}", style="dim"))
