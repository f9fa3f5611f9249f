"""The value of a tag as text, whatever its type and its encoding."""

from dejashot.reading.metadata.dates.am_pm import with_ascii_am_pm


def tag_text(value: object) -> str:
    """Return a tag as text: from a text, from bytes, or from a list of character codes; also in UTF-16."""
    if isinstance(value, list | tuple) and value and all(isinstance(v, int) and 0 <= v < 256 for v in value):
        value = bytes(value)
    if isinstance(value, str):
        try:
            latin = value.encode("latin-1")
        except UnicodeEncodeError:
            return value
        if latin.isascii() and b"\0" not in latin:
            return value
        return _decoded(latin, value)
    return _decoded(value) if isinstance(value, bytes) else ""


def _decoded(raw: bytes, otherwise: str | None = None) -> str:
    """Return bytes as text: UTF-8, UTF-16 by its zeros, else `otherwise`, or what remains of another encoding."""
    wide = raw.removeprefix(b"\xff\xfe").removeprefix(b"\xfe\xff")
    if len(wide) >= 4 and 0 in (wide[0], wide[1]) and wide[0] != wide[1]:
        return wide.decode("utf-16-be" if wide[0] == 0 else "utf-16-le", "replace")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        plain = with_ascii_am_pm(raw)
        return otherwise if otherwise is not None and plain == raw else plain.decode("utf-8", "replace")
