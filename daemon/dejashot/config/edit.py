"""Change one setting in the owner's file, every other byte left as it is."""

import tomllib

import tomlkit
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import Table

from dejashot.errors import ConfigError


def with_strictness(text: str, strictness: float) -> str:
    """Return the text of a configuration file with another strictness and every other character as it was.

    A file without the key gets it at the top of [sifting], one without the section gets that at its end. Raises
    ConfigError when the file can't be changed so.
    """
    literal = f"{strictness:g}"
    try:
        wanted = tomllib.loads(text)
        wanted.setdefault("sifting", {})["strictness"] = float(literal)
        changed = _changed(text, literal)
        if tomllib.loads(changed) == wanted:
            return changed
    except (tomllib.TOMLDecodeError, TOMLKitError, TypeError) as error:
        raise _refusal(literal) from error
    raise _refusal(literal)


def _changed(text: str, literal: str) -> str:
    document = tomlkit.parse(text)
    section = document.get("sifting")
    number = tomlkit.value(literal)
    if section is None:
        section = tomlkit.table()
        if text.strip():
            document.add(tomlkit.nl())
        document.add("sifting", section)
    before = section.get("strictness")
    if before is None and isinstance(section, Table) and section.value.body and not section.is_super_table():
        # at the top: comments at the end of a section are about the next one
        number.trivia.trail = "\r\n" if "\r\n" in text else "\n"
        section.value.body.insert(0, (tomlkit.key("strictness"), number))
    else:
        section["strictness"] = number
    if before is not None and number.trivia.comment:  # the comment stays in its column, where there is room
        room = len(before.as_string()) + len(before.trivia.comment_ws) - len(literal)
        number.trivia.comment_ws = " " * max(room, 1)
    return document.as_string()


def _refusal(literal: str) -> ConfigError:
    return ConfigError(
        "the configuration file is not written the usual way",
        f"Write the line yourself, below [sifting]: strictness = {literal}",
    )
