"""File names where room is short: the middle is left out, the ending stays, and the whole name stays the text."""

from markupsafe import Markup

_ALWAYS_WHOLE = 12  # characters that fit anywhere
_TAIL, _MAX_ENDING = 4, 8
_CUT = Markup('<span class="middle" data-head="{}" data-tail="{}"><span class="spoken">{}</span></span>')


def split_name(name: str) -> tuple[str, str]:
    """Return the part of a name that may be cut at its end, and the part that always shows: `IMG_2026`, `0142.jpg`."""
    if len(name) <= _ALWAYS_WHOLE:
        return name, ""
    stem, dot, ending = name.rpartition(".")
    kept = len(ending) + 1 if dot and stem and len(ending) <= _MAX_ENDING else 0
    at = len(name) - min(kept + _TAIL, _ALWAYS_WHOLE)
    return name[:at], name[at:]


def middle(name: str) -> Markup:
    """Return a name as HTML that the style sheet cuts in the middle where it is too long; its text is all of it."""
    head, tail = split_name(name)
    if not tail:
        return Markup("{}").format(name)
    return _CUT.format(head, tail, name)
