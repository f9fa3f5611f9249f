"""What the pages can have done about choices, and how far the batch is that is carried out now."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from dejashot.actions.batch import Summary
from dejashot.actions.executor import BatchOutcome, BatchProgress
from dejashot.actions.history import MovedBytes
from dejashot.actions.plan import Plan
from dejashot.models.decisions import ApplyMethod


@dataclass(frozen=True, slots=True)
class Actions:
    """What the pages can have done about choices; each raises DejashotError or OSError.

    `plan` takes the method and the folder (empty: the configured one), `part` the numbers of photos to leave out.
    `apply`, `finish` (a batch that was stopped) and `undo` report progress. `batches` are newest first, `interrupted`
    were stopped. `contents` returns those of the photos of a batch.
    """

    plan: Callable[[ApplyMethod, str], Plan]
    part: Callable[[Plan, Collection[int]], Plan]
    contents: Callable[[str], Collection[bytes]]
    apply: Callable[[Plan, BatchProgress], BatchOutcome]
    finish: Callable[[str, BatchProgress], BatchOutcome]
    undo: Callable[[str, BatchProgress], BatchOutcome]
    batches: Callable[[], Sequence[Summary]]
    interrupted: Callable[[], Sequence[Summary]]
    moved: Callable[[], MovedBytes]
    default_to: Mapping[ApplyMethod, str]


class RunProgress:
    """How many files of a batch are dealt with, and of how many."""

    def __init__(self) -> None:
        self.done, self.of = 0, 0

    def note(self, done: int, of: int) -> None:
        """Note how far it is."""
        self.done, self.of = done, of
