"""Count the scenes that an owner would lose by accepting suggestions, all of them or the clear cases alone.

    python tests/bench/clear_cases.py TIMELINE/truth.json REPORT.json [TRUTH REPORT ...]

A report is what `dejashot scan --format json` prints; a truth says of each file which scene it shows. A scene is lost
where every one of its files would go. Each loss is printed with its kind, its files and the groups that they go from.
"""

import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Any

Scenes = Mapping[str, Set[str]]  # the names of the files of each scene


@dataclass(frozen=True)
class Lost:
    """A scene of which nothing would be left: its kind, its files, and the kinds of the groups that they went from."""

    kind: str
    files: tuple[str, ...]
    groups: tuple[str, ...]


def scenes_of(truth: Mapping[str, Any]) -> dict[str, set[str]]:
    """Return the files of each scene."""
    scenes: dict[str, set[str]] = {}
    for name in truth["order"]:
        scenes.setdefault(truth["photos"][name]["group"], set()).add(name)
    return scenes


def going(group: Mapping[str, Any]) -> set[str]:
    """Return the files that go where the suggestion for a group is accepted."""
    if group["kind"] == "series":
        return set()
    return {PurePath(path).name for path in set(group["photos"]) - set(group["keepers"])}


def lost_scenes(truth: Mapping[str, Any], groups: Sequence[Mapping[str, Any]]) -> Iterator[Lost]:
    """Yield the scenes of which nothing would be left if the suggestions for groups were accepted."""
    gone = {name: str(group["kind"]) for group in groups for name in going(group)}
    for files in scenes_of(truth).values():
        if files <= gone.keys():
            kinds = tuple(sorted({gone[name] for name in files}))
            yield Lost(truth["photos"][min(files)]["kind"], tuple(sorted(files)), kinds)


def print_lost(what: str, groups: Sequence[Mapping[str, Any]], lost: Iterable[Lost], of: int) -> None:
    """Print how many scenes are lost, by kind, and each of them."""
    found = sorted(lost, key=lambda one: (one.kind, one.files))
    files = sum(len(going(group)) for group in groups)
    sys.stdout.write(f"  {what}: {len(groups)} groups, {files} files go, {len(found)} of {of} scenes lost\n")
    for kind, count in sorted(Counter(one.kind for one in found).items()):
        sys.stdout.write(f"    {kind} {count}\n")
        for one in (one for one in found if one.kind == kind):
            sys.stdout.write(f"      {', '.join(one.files)} (from: {', '.join(one.groups)})\n")


def main() -> None:
    """Print what is lost on each timeline."""
    files = [Path(argument) for argument in sys.argv[1:]]
    if not files or len(files) % 2:
        sys.exit(__doc__)
    for truth_file, report_file in zip(files[::2], files[1::2], strict=True):
        truth, report = json.loads(truth_file.read_text()), json.loads(report_file.read_text())
        sys.stdout.write(f"{report_file}\n")
        suggested = [group for group in report["groups"] if group["kind"] != "series"]
        clear = [group for group in suggested if group["clear_case"]]
        scenes = len(scenes_of(truth))
        print_lost("all suggestions", suggested, lost_scenes(truth, suggested), scenes)
        print_lost("clear cases", clear, lost_scenes(truth, clear), scenes)


if __name__ == "__main__":
    main()
