"""Change some settings in the owner's file, every other byte left as it is."""

import tomllib
from collections.abc import Mapping
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import Item, Table

from dejashot.errors import ConfigError
from dejashot.paths import shown

# values by section and key; the section of keys that stand before all others is empty
SettingChanges = Mapping[tuple[str, str], Any]


def with_strictness(text: str, strictness: float) -> str:
    """Return the text of a configuration file with another strictness; as `with_settings` does it."""
    return with_settings(text, {("sifting", "strictness"): float(f"{strictness:g}")})


def with_settings(text: str, changes: SettingChanges) -> str:
    """Return the text of a configuration file with other settings and every other character as it was.

    A file without a key gets it at the top of its section, one without the section gets that at its end. Raises
    ConfigError when the file can't be changed so.
    """
    try:
        wanted = tomllib.loads(text)
        changed = text
        for (section, key), value in changes.items():
            (wanted.setdefault(section, {}) if section else wanted)[key] = value
            changed = _changed(changed, section, key, tomlkit.item(value))
        if tomllib.loads(changed) == wanted:
            return changed
    except (tomllib.TOMLDecodeError, TOMLKitError, TypeError, AttributeError) as error:
        raise _refusal(changes) from error
    raise _refusal(changes)


def _changed(text: str, section: str, key: str, value: Item) -> str:
    """Return a text with one setting changed."""
    document = tomlkit.parse(text)
    table: Any = document if not section else document.get(section)
    if table is None:
        table = tomlkit.table()
        if text.strip():
            document.add(tomlkit.nl())
        document.add(section, table)
    if key in table:
        before = (table.value if section else table).item(key)  # a boolean too as it is written
        table[key] = value
        if value.trivia.comment:  # the comment stays in its column, where there is room
            room = len(before.as_string()) + len(before.trivia.comment_ws) - len(value.as_string())
            value.trivia.comment_ws = " " * max(room, 1)
        return document.as_string()
    end = "\r\n" if "\r\n" in text else "\n"
    if not section:
        return f"{key} = {value.as_string()}{end}{text}"
    if isinstance(table, Table) and table.value.body and not table.is_super_table():
        # at the top: comments at the end of a section are about the next one
        value.trivia.trail = end
        table.value.body.insert(0, (tomlkit.key(key), value))
    else:
        table[key] = value
    return document.as_string()


def _refusal(changes: SettingChanges) -> ConfigError:
    lines = "; ".join(
        f"{key} = {tomlkit.item(value).as_string()}{f' below [{section}]' if section else ''}"
        for (section, key), value in changes.items()
    )
    return ConfigError("the configuration file is not written the usual way", f"Write it yourself: {shown(lines)}")
