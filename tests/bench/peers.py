"""Time Dejashot and its peers on one folder of photos: seconds, processor
time, memory, and what each gives for it.

    python tests/bench/peers.py ~/Pictures
        the peers are installed at the first run, and kept
    python tests/bench/peers.py ~/Pictures --only immaculate
        those whose name begins so, and Dejashot

Each round runs every tool once, in turn, in a home of its own that is empty;
a first round does not count. A tool that can't be installed, fails, takes too
long or reads none of the folder's formats is left out, with the reason.
Nothing is written into the folder: a tool that writes beside photos gets a
copy of it. Seconds on the clock are worth something on a machine that does
nothing else: Dejashot's readers leave the processor to whatever else wants it.
"""

import argparse
import json
import os
import sys
import textwrap
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "support"))

from measured_process import RunError
from side_by_side.comparison import Comparison, compare, folder_facts, machine_facts, photos_in
from side_by_side.installs import Installed, Installer
from side_by_side.runs import ChangedFolderError
from side_by_side.tables import as_markdown, as_object, as_text
from side_by_side.tools import OURS, PEERS, Tool


def arguments() -> argparse.Namespace:
    """Return what the command line asks for."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    names = textwrap.fill(f"peers: {', '.join(peer.name for peer in PEERS)}", 79)
    raw = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, epilog=names, formatter_class=raw)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--venvs", type=Path, default=cache / "dejashot-peers", help="where the peers are installed")
    parser.add_argument("--rounds", type=int, default=3, help="rounds that count (3)")
    parser.add_argument("--timeout", type=float, default=900.0, metavar="S", help="seconds for a command (900)")
    parser.add_argument("--only", nargs="+", metavar="NAME", help="peers whose name begins so, beside Dejashot")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="an object for programs")
    form.add_argument("--markdown", action="store_true", help="the table of the README")
    return parser.parse_args()


def wanted(names: list[str] | None) -> list[Tool]:
    """Return the tools to time: Dejashot's two, and the peers whose name begins with one of some names, or all."""
    begun = tuple(name.lower() for name in names or [""])
    return [*OURS, *(peer for peer in PEERS if peer.name.lower().startswith(begun))]


def progress(text: str) -> None:
    """Say what is being done, to people."""
    if sys.stderr.isatty():
        sys.stderr.write(f"{text}\n")


def timed(given: argparse.Namespace, folder: Path) -> Comparison:
    """Install what is wanted, and time what could be installed."""
    installer = Installer(given.venvs.absolute(), progress)
    tools: list[Installed] = []
    missing: dict[str, str] = {}
    for tool in wanted(given.only):
        try:
            tools.append(installer.get(tool))
        except RunError as error:
            missing[tool.name] = str(error)
    found = compare(tools, folder, given.rounds, given.timeout, progress)
    return Comparison(found.timed, missing | found.left_out)


def main() -> None:
    """Compare, and print the table."""
    given = arguments()
    folder = given.folder.resolve()
    if given.rounds < 1 or not photos_in(folder):
        sys.exit(f"peers.py: no photos in {folder}" if given.rounds > 0 else "peers.py: one round at least")
    facts = {"machine": machine_facts(), "folder": folder_facts(folder)}
    try:
        comparison = timed(given, folder)
    except ChangedFolderError as error:
        sys.exit(f"peers.py: stopped: {error}")
    found = as_object(comparison, facts, given.rounds)
    form = as_markdown if given.markdown else as_text
    sys.stdout.write(json.dumps(found, indent=1) + "\n" if given.json else form(found))


if __name__ == "__main__":
    main()
