"""The methods by which decisions are applied."""

from collections.abc import Callable

from dejashot.actions.batch import Batch
from dejashot.actions.methods.album import AlbumMethod
from dejashot.actions.methods.base import ActionMethod
from dejashot.actions.methods.quarantine import QuarantineMethod
from dejashot.actions.methods.rating import RatingMethod
from dejashot.actions.methods.trash import TrashMethod
from dejashot.models.decisions import ApplyMethod

ACTION_METHODS: dict[ApplyMethod, Callable[[Batch], ActionMethod]] = {
    ApplyMethod.QUARANTINE: QuarantineMethod,
    ApplyMethod.TRASH: TrashMethod,
    ApplyMethod.XMP: RatingMethod,
    ApplyMethod.ALBUM: AlbumMethod,
}


def method_for(batch: Batch) -> ActionMethod:
    """Return the method that a batch was planned with."""
    return ACTION_METHODS[batch.plan.how](batch)
