"""What the pages work on: the groups of the library as it is now, and the owner's decisions about them."""

import hashlib
import logging
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

from dejashot.config.settings import Settings
from dejashot.errors import DejashotError, GroupsFileError, LibraryError
from dejashot.language.texts import noted
from dejashot.library.library import Library
from dejashot.models.decisions import Decision, Verdict, separated
from dejashot.models.photo import Quality
from dejashot.reports.collect import ReportPaths
from dejashot.reports.parameters import limits_of
from dejashot.web.errors import NotReadyError
from dejashot.web.views.decisions import TakenBack
from dejashot.web.views.followed import DecisionSource, FollowedGroups
from dejashot.web.views.group import GroupView
from dejashot.web.views.groups import GroupsView
from dejashot.web.views.kept_source import KeptSource, OpenGroups, Stamp
from dejashot.web.views.standing import LibraryStanding

log = logging.getLogger(__name__)

LIBRARY_CHECK_S = 5.0  # for changes of the library
FIRST_TIMEOUT_S = 20.0  # that a page waits for the first groups


class ReviewState:
    """The state behind the pages; safe to use from any thread.

    Groups are read from the file that keeps them. Where nobody else does, they are brought up to date in the
    background. `check_every_s` is how old what is known of the library may be. `clock` gives seconds that only go
    forward.
    """

    def __init__(
        self,
        settings: Settings,
        library: Path,
        *,
        check_every_s: float = LIBRARY_CHECK_S,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._library, self._check_every_s, self._clock = library, check_every_s, clock
        self._interval_s = limits_of(settings).interval_s
        self._lock = threading.RLock()
        self._source = KeptSource(settings, library)
        self._decisions = DecisionSource(library)
        self._followed = FollowedGroups()
        self._checked_s = float("-inf")
        self._stamp: Stamp = ()
        self._working: threading.Thread | None = None
        self._failure: DejashotError | None = None

    @contextmanager
    def groups(self) -> Iterator[GroupsView]:
        """Give the groups and the decisions in force, which do not change within the block.

        Raises NotReadyError while groups are made for the first time, what keeps them from being made, and
        JournalError.
        """
        with self._open() as opened:
            yield self._view(opened)

    def prepare(self, *, wait: bool = False) -> None:
        """Begin to bring the groups up to date in the background; `wait` returns when that is done."""
        with self._lock:
            self._check()
            working = self._working
        if wait and working is not None:
            working.join()

    def note_moved(self, contents: Iterable[bytes]) -> None:
        """Take note that files of some contents were moved, or brought back."""
        with self._lock:
            self._followed.note_moved(contents)
            self._checked_s = float("-inf")

    def standing(self, standing: LibraryStanding) -> LibraryStanding:
        """Return how the library stands when the page itself may be the one that works on it."""
        working = self._working is not None and self._working.is_alive()
        return replace(standing, busy=False) if working and standing.busy else standing

    def close(self) -> None:
        """Let go of what is under way, and remove what was made for the pages alone."""
        self._source.stop()
        working = self._working
        if working is not None:
            working.join()
        self._source.close()

    def group_view(self, name: str) -> GroupView | None:
        """Return a group as it stands, None when there is none of this id; raise what `groups` does."""
        with self.groups() as groups_view:
            return groups_view.group_view(name)

    def decide(self, name: str, verdicts: Mapping[bytes, Verdict | None], now_us: int) -> GroupView | None:
        """Write down verdicts on contents of a group (None takes one back) and return the group; raise OSError."""
        with self._open() as opened:
            group_view = self._view(opened).group_view(name)
            if group_view is None:
                return None
            there = {v.shot.content for v in group_view.shot_views}
            self._write(Decision(content, verdict, now_us) for content, verdict in verdicts.items() if content in there)
            return self._view(opened).group_view(name)

    def accept(self, shown: Mapping[str, str], now_us: int) -> int:
        """Accept the suggestions for all that is undecided in some groups, in one go; return for how many groups.

        `shown` holds the marks of the groups as the owner saw them, by id: one that shows something else is left alone,
        and so is one for which nothing is suggested yet.
        """
        with self.groups() as groups_view:
            found = groups_view.group_views(list(shown))
            agreed = [v for v in found if v.open and not v.pending and v.mark == shown[v.id]]
            undecided = (v for view in agreed for v in view.shot_views if v.verdict is None)
            self._write(Decision(v.shot.content, v.suggested, now_us) for v in undecided)
        return len(agreed)

    def separate(self, name: str, content: bytes, now_us: int) -> GroupView | None:
        """Write down that a content is not the same shot as any other of its group; return the group as it is then."""
        with self._open() as opened:
            group_view = self._view(opened).group_view(name)
            if group_view is not None:
                others = [v.shot.content for v in group_view.shot_views if v.shot.content != content]
                if len(others) < len(group_view.shot_views):
                    self._write(separated(content, other, now_us) for other in others)
            return self._view(opened).group_view(name)

    def undo(self, now_us: int) -> TakenBack | None:
        """Take back what the owner did last; return what that changed, None when there is nothing."""
        with self._open() as opened:
            changed = self._decisions.read().undo(now_us)
            if not changed:
                return None
            contents = [c for d in changed for c in (d.content, d.other) if c]
            found = self._view(opened).groups_of(contents)
        groups = dict.fromkeys(found[c] for c in contents if c in found)
        return TakenBack(tuple(groups), tuple(changed))

    def token(self) -> str:
        """Return a word that differs whenever the groups or the decisions about them are others.

        Raises what `groups` does.
        """
        self._wait_for_first()
        with self._lock, self._source.open() as opened:
            known = repr((opened.state if opened else None, self._decisions.read().read_to))
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

    @contextmanager
    def _open(self) -> Iterator[OpenGroups]:
        """Open the groups; nothing else happens within the block. Raises what `groups` does."""
        self._wait_for_first()
        with self._lock, self._source.open() as opened:
            if opened is None:
                if self._failure is not None:
                    raise self._failure
                raise NotReadyError
            try:
                yield opened
            except GroupsFileError:
                self._source.doubt(opened)
                self._checked_s = float("-inf")
                raise

    def _write(self, decisions: Iterable[Decision]) -> None:
        with self._lock:
            new = list(decisions)
            if new:
                self._decisions.read().decide(new)

    def _view(self, opened: OpenGroups) -> GroupsView:
        decisions, heard = self._decisions.take()
        root = str(ReportPaths(opened.library.folders.all()).root)
        self._followed.bring_up(opened, decisions, heard, root)
        touched, totals = self._followed.touched, self._followed.totals
        return GroupsView(opened.library, opened.loader, decisions, touched, totals, root, self._interval_s)

    def _wait_for_first(self) -> None:
        """Look at the library where that was long ago, and wait for groups where there are none yet."""
        with self._lock:
            if self._clock() - self._checked_s >= self._check_every_s:
                self._check()
            working = self._working
            if working is None or not working.is_alive():
                return
            with self._source.open() as opened:
                if opened is not None:
                    return
        working.join(FIRST_TIMEOUT_S)

    def _check(self) -> None:
        """Bring the groups up to date in the background when the library has changed."""
        self._checked_s = self._clock()
        if self._working is not None and self._working.is_alive():
            return
        try:
            sync = self._followed.sync_wanted
            stamp = (*self._source.stamp(), self._decisions.read_to if sync else ())
        except DejashotError as error:
            self._failure = error
            return
        if stamp != self._stamp or self._failure is not None:
            self._stamp = stamp
            self._working = threading.Thread(target=self._bring_up, args=(sync,), name="groups", daemon=True)
            self._working.start()

    def _bring_up(self, sync: bool) -> None:
        failure: DejashotError | None = None
        made = True
        try:
            made = self._source.bring_up(sync=sync)
        except DejashotError as error:
            failure = error
        except OSError as error:
            failure = LibraryError(str(error.strerror), noted("Check the disk that holds the library"))
        if failure is not None:
            log.warning("the page can't be brought up to date: %s. %s", failure.title, failure.hint)
        with self._lock:
            self._failure = failure
            self._stamp = self._stamp if made else ()  # where there are none yet it is tried again
