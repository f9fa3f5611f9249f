"""The errors that only the review page has."""

from dejashot.errors import DejashotError
from dejashot.language.texts import noted


class NotReadyError(DejashotError):
    """The groups are still being made."""

    def __init__(self) -> None:
        super().__init__(noted("Looking through your photos"), noted("This takes a moment in a large library"))


class StillLookingError(DejashotError):
    """Nothing is suggested yet for a group, so that there is nothing to accept."""

    def __init__(self) -> None:
        super().__init__(
            noted("Dejashot is still looking at these photos: nothing is suggested yet"),
            noted("Wait a moment, or choose by hand"),
        )


class NotThereError(DejashotError):
    """What was asked for is not there, or not any more."""
