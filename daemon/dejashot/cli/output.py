"""How commands print results on standard output: tables for people, JSON for programs."""

import json
import sys
from collections.abc import Mapping
from typing import Any

from rich.table import Table


def print_json(body: Mapping[str, Any]) -> None:
    """Print one JSON object."""
    sys.stdout.write(json.dumps(body, indent=1) + "\n")


def new_table(left: tuple[str, ...] = (), right: tuple[str, ...] = (), *, last: str) -> Table:
    """Return an empty table without lines: columns aligned left, columns aligned right, and a last one that wraps."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in left:
        table.add_column(name, no_wrap=True)
    for name in right:
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column(last, overflow="fold")
    return table
