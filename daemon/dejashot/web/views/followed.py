"""The owner's decisions from their journal, and which groups they, or files that moved, make others than are kept."""

import logging
import os
from collections.abc import Iterable
from pathlib import Path

from dejashot.errors import JournalError, LibraryError
from dejashot.library.journal import DecisionJournal, Key
from dejashot.library.kept.group_queries import Totals
from dejashot.library.library import Library
from dejashot.models.decisions import Decision, Verdict
from dejashot.models.shot import Shot
from dejashot.reports.kept.loading import GroupLoader
from dejashot.web.views.decisions import OwnerDecisions
from dejashot.web.views.kept_source import OpenGroups
from dejashot.web.views.touched import TouchedGroups

log = logging.getLogger(__name__)

MOST_UNKNOWN = 1000  # decisions that the library need not know of
MOST_NOTED = 20_000  # files that changed: of more of them no group is looked at before it is mended


class DecisionSource:
    """The journal of decisions, opened when it is first needed, so that the page can say what is wrong with it."""

    def __init__(self, library: Path) -> None:
        self._library = library
        self._journal: DecisionJournal | None = None
        self._problem = ""
        self._heard: list[Key] = []
        self._known = OwnerDecisions({})
        self.read_to = (0, 0)  # up to where the decisions were taken

    def read(self) -> DecisionJournal:
        """Return the journal with what others wrote; raise JournalError, and log a problem once."""
        try:
            if self._journal is None:
                self._journal = DecisionJournal(self._library, self._hear)
            self._journal.refresh()
        except JournalError as error:
            if error.title != self._problem:
                self._problem = error.title
                log.error("%s. %s", error.title, error.hint)
            raise
        self._problem = ""
        return self._journal

    def take(self) -> tuple[OwnerDecisions, set[Key]]:
        """Return the decisions in force, and what was decided on since this was asked last; raise JournalError."""
        journal, before = self.read(), self._known
        heard, self._heard = set(self._heard), []
        if journal.read_to != self.read_to:
            self._known = OwnerDecisions(journal.verdicts, journal.separated_pairs)
            self.read_to = journal.read_to
        if before.verdicts is not self._known.verdicts:  # the journal was written anew
            heard = _differences(before, self._known)
        return self._known, heard

    def _hear(self, decision: Decision) -> None:
        self._heard.append(decision.key)


class FollowedGroups:
    """The groups that differ from the kept ones, found as decisions are read and as groups are mended."""

    def __init__(self) -> None:
        self.touched = TouchedGroups()
        self.totals = Totals()  # of the rows
        self.sync_wanted = False  # whether the library is to learn of decisions
        self._keys: set[Key] | None = None  # of decisions that the rows may not know of
        self._moved: set[bytes] = set()  # contents that batches moved, or brought back
        self._to_renew: set[bytes] = set()
        self._state: tuple[object, ...] = ()
        self._noted: tuple[int, ...] = ()

    def note_moved(self, contents: Iterable[bytes]) -> None:
        """Take note that files of some contents were moved, or brought back."""
        self._moved.update(contents)
        self._to_renew.update(self._moved)

    def bring_up(self, opened: OpenGroups, decisions: OwnerDecisions, heard: set[Key], root: str) -> None:
        """Bring what is touched up to decisions, and to the groups that are kept now; raise LibraryError."""
        try:
            self._bring_up(opened, decisions, heard, root)
        except LibraryError:
            self._state, self._noted = (), ()  # all is worked out anew
            raise
        self.sync_wanted = self._wants_sync(opened.library, decisions)

    def _bring_up(self, opened: OpenGroups, decisions: OwnerDecisions, heard: set[Key], root: str) -> None:
        loader = opened.loader
        if self._keys is None:
            heard, self._keys = set(), _unknown(opened.library, decisions)
        self._keys |= heard

        def is_there(shot: Shot) -> bool:
            return os.path.lexists(os.path.join(root, shot.path))

        renewed = {*_contents(heard), *self._to_renew}
        self._to_renew = set()
        if opened.state[:2] != self._state[:2]:
            self.touched = TouchedGroups()  # the numbers of groups are others
        if opened.state != self._state:
            self.totals = loader.queries.totals()
        noted = opened.library.changes.stamp()
        names: dict[str, None] = {}
        if (opened.state, noted) != (self._state, self._noted):
            names = self._names(opened.library, loader, decisions)
            self._state, self._noted = opened.state, noted
        again = {name for found in loader.groups_of(sorted(renewed)).values() for name in found}
        self.touched.renew([*again, *names], loader, decisions, is_there)

    def _wants_sync(self, library: Library, decisions: OwnerDecisions) -> bool:
        """Return whether the library should learn of decisions: of many, or of one that makes other groups.

        What was told apart comes together again only where groups are made.
        """
        keys = self._keys or set()
        back = {key for key in keys if key[1] and key not in decisions.separated}
        return len(keys) > MOST_UNKNOWN or bool(back and _still_unknown(library, decisions, back))

    def _names(self, library: Library, loader: GroupLoader, decisions: OwnerDecisions) -> dict[str, None]:
        """Drop the groups that are as their rows say, and return those to work out anew."""
        noted = library.changes.noted_files(MOST_NOTED + 1)
        if len(noted) <= MOST_NOTED:
            self._keys = _still_unknown(library, decisions, self._keys or set())
        else:
            noted = []
        contents = sorted({*_contents(self._keys or ()), *self._moved})
        by_content = {name for names in loader.groups_of(contents).values() for name in names}
        by_file = {name for _, name, _ in loader.queries.groups_of(noted)}
        wanted = by_content | by_file
        before = {g.id: (g.number, g.component) for g in self.touched.listed}
        self.touched.drop(before.keys() - wanted)
        rows = loader.queries.named(sorted(wanted))
        return dict.fromkeys(g.id for g in rows if g.id in by_file or before.get(g.id) != (g.number, g.component))


def _contents(keys: Iterable[Key]) -> set[bytes]:
    return {content for key in keys for content in key if content}


def _differences(before: OwnerDecisions, after: OwnerDecisions) -> set[Key]:
    """Return what other decisions are in force about."""
    return {(c, b"") for c, _ in before.verdicts.items() ^ after.verdicts.items()} | (
        before.separated ^ after.separated
    )


def _unknown(library: Library, decisions: OwnerDecisions) -> set[Key]:
    """Return which decisions the library does not know of, or knows otherwise."""
    known = library.decisions.all()
    verdicts = {d.content: d.verdict for d in known if not d.other and d.verdict}
    return _differences(decisions, OwnerDecisions(verdicts, {d.key for d in known if d.other}))


def _still_unknown(library: Library, decisions: OwnerDecisions, keys: set[Key]) -> set[Key]:
    """Return which of some decisions the library does not know of, or knows otherwise."""
    known = library.decisions.known(sorted({content for content, _ in keys}))
    return {key for key in keys if known.get(key) is not _in_force(decisions, key)}


def _in_force(decisions: OwnerDecisions, key: Key) -> Verdict | None:
    if not key[1]:
        return decisions.verdicts.get(key[0])
    return Verdict.DIFFERENT if key in decisions.separated else None
