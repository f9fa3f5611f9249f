"""Which language is shown: what the configuration says, else the environment; a page asks the browser."""

import os
import re
from collections.abc import Mapping

from dejashot.language.languages import ENGLISH, LANGUAGES, Language, load_language

LOCALE_VARIABLES = ("LC_ALL", "LC_MESSAGES", "LANG")
_MAX_HEADER_CHARACTERS = 500
_PREFERENCE = re.compile(r"\s*([A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8})*)\s*(?:;\s*q=([01](?:\.\d{0,3})?)\s*)?")


def owner_language(setting: str, environment: Mapping[str, str] = os.environ) -> Language:
    """Return the language of digests and notifications: as set, else that of the environment."""
    return load_language(setting or environment_locale(environment))


def environment_locale(environment: Mapping[str, str] = os.environ) -> str:
    """Return the locale that the environment names, such as `de_DE.UTF-8`; empty where it names none."""
    return next((environment[name] for name in LOCALE_VARIABLES if environment.get(name)), "")


def browser_language(accepted: str, setting: str = "") -> Language:
    """Return the language of a page: the first that the header Accept-Language names and that there is, else the
    owner's.
    """
    preferences = []
    for place, part in enumerate(accepted[:_MAX_HEADER_CHARACTERS].split(",")):
        found = _PREFERENCE.fullmatch(part)
        if found and float(found[2] or 1):
            preferences.append((-float(found[2] or 1), place, found[1]))
    for _, _, tag in sorted(preferences):
        code = tag.partition("-")[0].lower()
        if code == ENGLISH.tag:
            return ENGLISH
        if code in LANGUAGES:
            return load_language(tag)
    return owner_language(setting)
