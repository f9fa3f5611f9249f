"""Families of views, drawn without end from a seed: what is the same shot, and what only looks like it.

A family holds a few contents with two views each. Views of one content are the same shot; contents of one family share
all they can (template, table, wall, light) and are different shots.
"""

from collections.abc import Callable

import numpy as np

from families.common import Rng, View
from families.dishes import dish_family
from families.objects import object_family
from families.ordinary import ordinary_family
from families.pages import page_family
from families.persons import person_family
from families.stock import Stock
from families.subjects import subject_family

_FAMILIES: dict[str, Callable[[Stock, Rng], list[View]]] = {
    "ordinary": ordinary_family,
    "page": page_family,
    "subject": subject_family,
    "dish": dish_family,
    "person": person_family,
    "object": object_family,
}
KINDS = tuple(_FAMILIES)
_SALT = 11


def make(kind: str, seed: int, stock: Stock) -> list[View]:
    """Return the family of a kind and a seed: the same for the same photos and fonts. Raises KeyError."""
    family = _FAMILIES[kind]
    return family(stock, np.random.default_rng((_SALT, KINDS.index(kind), seed)))
