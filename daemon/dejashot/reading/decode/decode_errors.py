"""A typed reason for every way in which a picture can't be decoded."""

from PIL import Image

from dejashot.errors import Reason, UnreadablePhotoError
from dejashot.files.names import EXTRAS

_TRUNCATED = (
    "truncated",
    "unexpected end",
    "not enough",
    "broken data stream",
    "premature",
    "incomplete",
    "no more",
    "eof",
)
_MAX_DETAIL = 200


def decoding_error(error: Exception) -> UnreadablePhotoError:
    """Return a decoder's error with its typed reason, which is known from its type or its text."""
    if isinstance(error, Image.DecompressionBombError | Image.DecompressionBombWarning):
        return UnreadablePhotoError(Reason.TOO_MANY_PIXELS)
    if isinstance(error, MemoryError):
        return UnreadablePhotoError(Reason.OUT_OF_MEMORY)
    text = f"{type(error).__name__}: {error}"
    lower, detail = text.lower(), text[:_MAX_DETAIL]
    if "not been built in" in lower or "unsupported codec" in lower:
        return UnreadablePhotoError(Reason.UNSUPPORTED_FORMAT, f"this variant is not supported: {detail}")
    return UnreadablePhotoError(_reason_of(lower), detail)


def _reason_of(text: str) -> Reason:
    if any(sign in text for sign in _TRUNCATED):
        return Reason.TRUNCATED
    if "limit" in text and "exceed" in text:  # libheif reports a lack of memory where it refuses a size
        return Reason.TOO_MANY_PIXELS
    return Reason.OUT_OF_MEMORY if "memory" in text or "alloc" in text else Reason.CORRUPT


def with_damage(error: UnreadablePhotoError, damage: str) -> UnreadablePhotoError:
    """Return why a picture can't be read: its known damage where the decoder's reason is as vague."""
    vague = error.reason in (Reason.CORRUPT, Reason.TRUNCATED)
    if not damage or not vague:
        return error
    return UnreadablePhotoError(Reason.DAMAGED, f"{damage}; {error.detail}"[:_MAX_DETAIL])


def missing_extra(suffix: str) -> UnreadablePhotoError:
    """Return the error for a format whose decoder is an extra that is not installed."""
    extra = EXTRAS.get(suffix, EXTRAS["crw"])
    return UnreadablePhotoError(Reason.NEEDS_EXTRA, f"pip install 'dejashot[{extra.name}]'")
