"""What the pages work on: the groups of the library as it is now, and the owner's decisions about them."""

import hashlib
import logging
import os
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path

from dejashot.errors import DejashotError, JournalError, LibraryError
from dejashot.grouping.shot_units import unit_verdicts
from dejashot.library.journal import DecisionJournal
from dejashot.library.library import Library, LibraryVersion
from dejashot.models.decisions import Decision, Verdict, separated
from dejashot.models.photo import Quality
from dejashot.models.shot import Shot
from dejashot.reports.report import Report
from dejashot.web.views.decisions import OwnerDecisions, TakenBack
from dejashot.web.views.group import GroupView
from dejashot.web.views.groups import GroupsView
from dejashot.web.views.timeline import TimelineView

log = logging.getLogger(__name__)

LIBRARY_CHECK_S = 5.0  # for changes of the library
FIRST_TIMEOUT_S = 20.0  # that a page waits for the first groups


class ReviewState:
    """The state behind the pages; safe to use from any thread.

    `load` makes a report of the whole library; it is called in the background when the library has changed since.
    `check_every_s` is how old what is known of the library may be. `clock` gives seconds that only go forward.
    """

    def __init__(
        self,
        library: Path,
        load: Callable[[], Report],
        *,
        check_every_s: float = LIBRARY_CHECK_S,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._library, self._load, self._check_every_s, self._clock = library, load, check_every_s, clock
        self._lock = threading.RLock()
        self._decisions = _DecisionSource(library)
        self._groups_view: GroupsView | None = None
        self._timeline_view: TimelineView | None = None
        self._version: LibraryVersion | None = None
        self._checked_s = float("-inf")
        self._loading: threading.Thread | None = None
        self._failure: DejashotError | None = None

    def groups_view(self) -> GroupsView | None:
        """Return the groups, None while they are made for the first time; raise what keeps them from being made."""
        with self._lock:
            if self._clock() - self._checked_s >= self._check_every_s or self._groups_view is None:
                self._refresh()
            first = self._loading if self._groups_view is None else None
        if first is not None:
            first.join(FIRST_TIMEOUT_S)
        with self._lock:
            if self._groups_view is None and self._failure is not None:
                raise self._failure
            return self._groups_view

    def prepare(self, *, wait: bool = False) -> None:
        """Begin to bring the groups up to date in the background; `wait` returns when that is done."""
        with self._lock:
            self._refresh()
            loading = self._loading
        if wait and loading is not None:
            loading.join()

    @property
    def latest(self) -> GroupsView | None:
        """Return the newest groups there are, without waiting for any."""
        return self._groups_view

    def timeline_view(self) -> TimelineView | None:
        """Return the timeline, None while there is none."""
        groups_view = self.groups_view()
        with self._lock:
            known = self._timeline_view
            if groups_view is not None and (known is None or known.report is not groups_view.report):
                self._timeline_view = TimelineView(groups_view.report, groups_view.group_of)
            return self._timeline_view

    @contextmanager
    def decisions(self) -> Iterator[OwnerDecisions]:
        """Give the decisions in force, which do not change within the block; raise JournalError."""
        with self._lock:
            journal = self._decisions.read()
            verdicts: Mapping[bytes, Verdict] = journal.verdicts
            if self._groups_view is not None:
                verdicts = unit_verdicts(self._groups_view.united, verdicts)
            yield OwnerDecisions(verdicts, journal.separated_pairs)

    def group_view(self, name: str) -> GroupView | None:
        """Return a group as it stands, None when there is none of this id."""
        groups_view = self.groups_view()
        if groups_view is None:
            return None
        with self.decisions() as decisions:
            return groups_view.group_view(name, decisions)

    def decide(self, name: str, verdicts: Mapping[bytes, Verdict | None], now_us: int) -> GroupView | None:
        """Write down verdicts on contents of a group (None takes one back) and return the group; raise OSError."""
        group_view = self.group_view(name)
        if group_view is None:
            return None
        there = {v.shot.content for v in group_view.shot_views}
        self._write(Decision(content, verdict, now_us) for content, verdict in verdicts.items() if content in there)
        return self.group_view(name)

    def accept(self, shown: Mapping[str, str], now_us: int) -> int:
        """Accept the suggestions for all that is undecided in some groups, in one go; return for how many groups.

        `shown` holds the marks of the groups as the owner saw them, by id: one that shows something else is left alone,
        and so is one for which nothing is suggested yet.
        """
        groups_view = self.groups_view()
        if groups_view is None:
            return 0
        with self.decisions() as decisions:
            found = [(groups_view.group_view(name, decisions), mark) for name, mark in shown.items()]
            agreed = [v for v, mark in found if v is not None and v.open and not v.pending and v.mark == mark]
            undecided = (v for view in agreed for v in view.shot_views if v.verdict is None)
            self._write(Decision(v.shot.content, v.suggested, now_us) for v in undecided)
        return len(agreed)

    def separate(self, name: str, content: bytes, now_us: int) -> GroupView | None:
        """Write down that a content is not the same shot as any other of its group; return the group as it is then."""
        group_view = self.group_view(name)
        if group_view is not None:
            others = [v.shot.content for v in group_view.shot_views if v.shot.content != content]
            if len(others) < len(group_view.shot_views):
                self._write(separated(content, other, now_us) for other in others)
        return self.group_view(name)

    def undo(self, now_us: int) -> TakenBack | None:
        """Take back what the owner did last; return what that changed, None when there is nothing."""
        with self._lock:
            changed = self._decisions.read().undo(now_us)
        groups_view = self.groups_view()
        if not changed or groups_view is None:
            return None
        contents = [c for d in changed for c in (d.content, d.other) if c]
        groups = dict.fromkeys(groups_view.group_of[c] for c in contents if c in groups_view.group_of)
        return TakenBack(tuple(groups), tuple(changed))

    def token(self) -> str:
        """Return a word that differs whenever the groups or the decisions about them are others; raise JournalError."""
        self.groups_view()
        with self._lock:
            known = repr((self._version, self._decisions.read().read_to))
        return hashlib.sha256(known.encode()).hexdigest()[:16]

    def qualities(self, contents: Sequence[bytes]) -> Mapping[bytes, Quality]:
        """Return the qualities known of some contents."""
        with closing(Library.open_read_only(self._library)) as library:
            return library.measurements.quality(contents)

    def places(self, content: bytes) -> tuple[bytes, ...]:
        """Return where a content lies (absolute paths)."""
        with closing(Library.open_read_only(self._library)) as library:
            found = library.files.locations([content])
        return tuple(place.full for place in found.get(content, ()))

    def _write(self, decisions: Iterable[Decision]) -> None:
        with self._lock:
            new = list(decisions)
            if new:
                self._decisions.read().decide(new)

    def _refresh(self) -> None:
        """Make the groups anew in the background when the library has changed."""
        self._checked_s = self._clock()
        if self._loading is not None and self._loading.is_alive():
            return
        try:
            with closing(Library.open_read_only(self._library)) as library:
                version = library.version()
        except DejashotError as error:
            self._failure = error
            return
        if version != self._version or self._groups_view is None:
            self._loading = threading.Thread(target=self._make, args=(version,), name="groups", daemon=True)
            self._loading.start()

    def _make(self, version: LibraryVersion) -> None:
        try:
            report = self._load()
            groups_view = GroupsView(report, self.qualities, partial(_is_there, report.head.root))
        except (DejashotError, OSError) as error:
            failure = (
                error
                if isinstance(error, DejashotError)
                else LibraryError(str(error.strerror), "Check the disk that holds the library")
            )
            log.warning("the page can't be brought up to date: %s. %s", failure.title, failure.hint)
            with self._lock:
                self._failure = failure
            return
        with self._lock:
            self._groups_view, self._version, self._failure = groups_view, version, None


def _is_there(root: str, shot: Shot) -> bool:
    """Return whether a file of a report still lies where it was read."""
    return os.path.lexists(os.path.join(root, shot.path))


class _DecisionSource:
    """The journal of decisions, opened when it is first needed, so that the page can say what is wrong with it."""

    def __init__(self, library: Path) -> None:
        self._library = library
        self._journal: DecisionJournal | None = None
        self._problem = ""

    def read(self) -> DecisionJournal:
        """Return the journal with what others wrote; raise JournalError, and log a problem once."""
        try:
            if self._journal is None:
                self._journal = DecisionJournal(self._library)
            self._journal.refresh()
        except JournalError as error:
            if error.title != self._problem:
                self._problem = error.title
                log.error("%s. %s", error.title, error.hint)
            raise
        self._problem = ""
        return self._journal
