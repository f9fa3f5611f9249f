"""Change one setting in the owner's file, every other byte left as it is."""

import re
import tomllib

from dejashot.errors import ConfigError

_SIFTING = re.compile(r"\s*\[\s*sifting\s*\]\s*(?:#.*)?")
_STRICTNESS = re.compile(r"""(\s*)strictness\s*=\s*(?:"[^"]*"|'[^']*'|[^\s#]+)(\s*)(#.*)?""")


def edited(text: str, strictness: float) -> str:
    """Return the text of a configuration file with another strictness and every other character as it was.

    A file without the key gets it at the top of [sifting], one without the section gets that at its end.
    Raises ConfigError when the key stands in a form that is not one line of [sifting].
    """
    line, lines = f"strictness = {strictness:g}", text.split("\n")
    head = next((n for n, old in enumerate(lines) if _SIFTING.fullmatch(old)), None)
    if head is None:
        made = f"{text.rstrip()}\n\n[sifting]\n{line}\n".lstrip()
    else:
        end = next((n for n in range(head + 1, len(lines)) if lines[n].lstrip().startswith("[")), len(lines))
        there = next(((n, found) for n in range(head + 1, end) if (found := _STRICTNESS.fullmatch(lines[n]))), None)
        if there is None:
            lines.insert(head + 1, line)
        else:
            place, found = there
            before = (
                found.start(3) if found[3] else 0
            )  # the comment stays in its column where the new line leaves it room
            lines[place] = f"{found[1]}{line}".ljust(before - 1) + (f" {found[3]}" if found[3] else found[2])
        made = "\n".join(lines)
    wanted = tomllib.loads(text)
    try:
        wanted.setdefault("sifting", {})["strictness"] = float(f"{strictness:g}")
        done = tomllib.loads(made) == wanted
    except (tomllib.TOMLDecodeError, TypeError):
        done = False
    if not done:
        raise ConfigError(
            "the configuration file is not written the usual way", f"Write the line yourself, below [sifting]: {line}"
        )
    return made
