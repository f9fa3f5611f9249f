"""What a person reads holds no word that only those who built the program know."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "daemon" / "dejashot"
ROOMS = (
    "actions",
    "cli",
    "config",
    "diagnostics",
    "digests",
    "evaluation",
    "reports",
    "servicemanager",
    "setup",
    "web",
)
MODULES = ("errors.py", "grouping/soundness.py", "grouping/verdicts.py", "grouping/group_kinds.py")
BANNED = re.compile(
    r"""really\ freed | the\ watch\b | \bvectors?\b | \bdoor\b | \bWAL\b | \b[Ss]ift(ing)?\b(?!\]) | \bneural\b | ≠
    | \bthe\ network\ \{ | \b[Bb]acklog\b | \ba\ close\ call\b | fairly\ sure\b
    | \b(a|one|each|this|of|\d)\ runs?\b | \bruns\ of\b | \bRun\ at\b | ^(run|vector)$
    | \bcosine\b""",
    re.VERBOSE,
)
NOUNS = re.compile(r"""plural\(.*?, ["'](\w+)["']\)""")
TAGS = re.compile(
    r"<style.*?</style>|\{#.*?#\}|(?<=\s)(?:class|id|data-[\w-]+|href|src|for|aria-labelledby)=\"[^\"]*\"", re.DOTALL
)


def spoken(file: Path) -> Iterator[str]:
    """Yield the texts of a file that may be shown: strings with a blank, but for docstrings; templates as they are."""
    text = file.read_text(encoding="utf-8")
    if file.suffix != ".py":
        yield TAGS.sub("", text) if file.suffix == ".j2" else text
        yield from NOUNS.findall(text)
        return
    tree = ast.parse(text)
    hidden: set[ast.AST] = set()
    for node in ast.walk(tree):
        hidden |= set(_docstring_of(node, command=file.parent.name == "commands"))
        if isinstance(node, ast.Call) and ast.unparse(node.func).startswith(("log.", "re.")):
            hidden |= set(ast.walk(node))
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in hidden and " " in node.value:
            yield node.value
    yield from NOUNS.findall(text)


def _docstring_of(node: ast.AST, *, command: bool) -> Iterator[ast.AST]:
    """Yield the docstring of a module, class or function; that of a command is its help and is shown."""
    shown = command and isinstance(node, ast.FunctionDef) and not node.name.startswith("_")
    bodies = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
    if isinstance(node, bodies) and node.body and isinstance(node.body[0], ast.Expr) and not shown:
        yield node.body[0].value


FILES = [PACKAGE / name for name in MODULES] + [
    file
    for room in (*ROOMS, "grouping/keepers")
    for file in sorted((PACKAGE / room).rglob("*"))
    if file.suffix in {".py", ".j2", ".js"}
]


@pytest.mark.parametrize("room", sorted({file.relative_to(PACKAGE).parts[0] for file in FILES}))
def test_no_word_that_needs_explaining_is_shown(room: str) -> None:
    files = [file for file in FILES if file.relative_to(PACKAGE).parts[0] == room]
    found = {
        f"{file.relative_to(PACKAGE)}: {match.group()}: {' '.join(text.split())[:80]}"
        for file in files
        for text in spoken(file)
        for match in BANNED.finditer(text)
    }
    assert not found


@pytest.mark.parametrize("text", ["3 GB really freed", "page's door", "a run of 5", "The network {", "sifting photos"])
def test_the_list_knows_what_it_is_for(text: str) -> None:
    assert BANNED.search(text) or BANNED.search(text.lower())
