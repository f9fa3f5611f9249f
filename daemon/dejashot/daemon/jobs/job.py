"""What the event loop asks of its jobs, and what a walk tells them."""

from typing import Protocol

from dejashot.daemon.jobs.watched_folder import WatchedFolder
from dejashot.ingest.reconcile import Reconciled


class LoopJob(Protocol):
    """A part of the daemon's work, done by the event loop in its thread."""

    def due_in_s(self) -> float | None:
        """Return the seconds until there is something to do, None while only an event can bring work."""

    def run(self) -> None:
        """Do what is due; called at every turn of the loop, also when nothing is."""


class WalkListener(Protocol):
    """A job to which walks bring work."""

    def walked(self, folder: WatchedFolder, found: Reconciled, /) -> None:
        """Take in what a walk found."""
