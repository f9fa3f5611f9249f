"""The sentences that say why a file is suggested to stay, of several of the same picture.

They are stored in English as those of takes are.
"""

from collections.abc import Sequence

from dejashot.language.texts import english_plural, noted, noted_plural
from dejashot.models.shot import Shot

# Translators: why a file is suggested to stay, of several of the same picture
PERHAPS_ENLARGED = noted("the camera's own file; a larger one lacks its tags and may be enlarged")
WITH_TAGS = noted("the camera's tags are still in it")
SAME_DATA = noted("the same picture to the bit; the files differ in their tags alone")
LOSSLESS_SCREEN = noted("the screen itself, without loss; a JPEG of it was made from that")
LEAST_COMPRESSED = noted("the least compressed of the same picture")
LARGEST_FILE = noted("the largest file of the same picture")
NO_DIFFERENCE = noted("nothing tells these files apart: which is the original is not known")
# Translators: {sender} is the name of a messenger app
_SENT = noted("the other came by {sender}")
_ALL_SENT = (
    noted("the others came by {sender}"),
    noted("the others came by {sender} and {second}"),
    noted("the others came by {sender} and {second} and {third}"),
)


def describe_copies(copies: int, others: int) -> str:
    """Return that a shot is the original of some of the others, or of all."""
    if copies < others:
        forms = noted_plural("the original of {count} of the others", "the original of {count} of the others")
        return english_plural(forms, copies)
    if others == 1:
        return noted("the original: the other is a copy of it")
    return noted("the original: the others are copies of it")


def describe_senders(senders: Sequence[str]) -> list[str]:
    """Return by what messengers the others came, nothing where not all of them did."""
    if not senders or not all(senders):
        return []
    first, *more = sorted(set(senders))
    second, third = (*more, "", "")[0], " and ".join(more[1:])
    words = _SENT if len(senders) == 1 else _ALL_SENT[min(len(more), 2)]
    return [words.format(sender=first, second=second, third=third)]


def describe_twins(count: int) -> str:
    """Return that other files of the group hold the same bytes."""
    return english_plural(
        noted_plural("byte for byte the same as another file", "byte for byte the same as {count} other files"), count
    )


def describe_equal_files(others: int) -> str:
    """Return that all files of the group hold the same bytes."""
    return english_plural(
        noted_plural("byte for byte the same as the other file", "byte for byte the same as the other {count} files"),
        others,
    )


def describe_full_picture(best: Shot, others: int) -> str:
    """Return that the others are smaller."""
    if others == 1:
        return noted("the full picture ({size}); the other is a reduced copy").format(size=_pixels(best))
    return noted("the full picture ({size}); the others are reduced copies").format(size=_pixels(best))


def describe_exports(best: Shot, others: int) -> str:
    """Return that the others were made from the camera's own file."""
    if others == 1:
        return noted("the camera's own file ({format}); the other is an export of it").format(format=best.format)
    return noted("the camera's own file ({format}); the others are exports of it").format(format=best.format)


def _pixels(shot: Shot) -> str:
    if shot.megapixels >= 0.1:
        return noted("{number} megapixels").format(number=f"{shot.megapixels:.1f}")
    return noted("{width} x {height} pixels").format(width=shot.width, height=shot.height)
