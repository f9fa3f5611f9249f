"""What the pages work on: the album of the library as it is now, the owner's decisions, and what was done with them."""

import logging
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from dejashot.errors import DejashotError, JournalError, LibraryError
from dejashot.grouping.shot_units import unit_link
from dejashot.library.journal import DecisionJournal
from dejashot.library.library import Library, LibraryVersion
from dejashot.models.decisions import Decision, SeparatedPairs, Verdict, separated
from dejashot.models.photo import Quality
from dejashot.reports.report import Report
from dejashot.web.views.groups import GroupsView, GroupView
from dejashot.web.views.timeline import Days

T = TypeVar("T")

log = logging.getLogger(__name__)

LOOK_AGAIN_S = 5.0
FIRST_PATIENCE_S = 20.0


class ReviewState:
    """The state behind the pages; safe to use from any thread.

    `load` makes a report of the whole library; it is called in the background when the library has changed since.
    """

    def __init__(self, library: Path, load: Callable[[], Report]) -> None:
        self.library = library
        self._load = load
        self._lock = threading.RLock()
        self._journal: DecisionJournal | None = None
        self._journal_trouble = ""
        self._album: GroupsView | None = None
        self._days: Days | None = None
        self._version: LibraryVersion | None = None
        self._looked_s = float("-inf")
        self._loading: threading.Thread | None = None
        self._failure: DejashotError | None = None

    def album(self) -> GroupsView | None:
        """Return the album, None while the first one is still being made; raise the DejashotError that keeps it from being made."""
        with self._lock:
            if time.monotonic() - self._looked_s >= LOOK_AGAIN_S or self._album is None:
                self._refresh()
            first = self._loading if self._album is None else None
        if first is not None:
            first.join(FIRST_PATIENCE_S)
        with self._lock:
            if self._album is None and self._failure is not None:
                raise self._failure
            return self._album

    def prepare(self) -> None:
        """Begin to make the album in the background."""
        with self._lock:
            self._refresh()

    @property
    def made(self) -> GroupsView | None:
        """Return the newest album there is, without waiting for one."""
        return self._album

    def days(self) -> Days | None:
        """Return the timeline of the album, None while there is none."""
        album = self.album()
        with self._lock:
            if album is not None and (self._days is None or self._days.report is not album.report):
                self._days = Days(album.report, album.group_of)
            return self._days

    @contextmanager
    def decisions(self) -> Iterator[tuple[Mapping[bytes, Verdict], SeparatedPairs]]:
        """Give the decisions in force, held still for as long as they are looked at; raise JournalError."""
        with self._lock:
            journal = self._fresh_journal()
            words: Mapping[bytes, Verdict] = journal.verdicts
            yield (words if self._album is None else unit_link(self._album.united, words)), journal.separated_pairs

    def card(self, name: str) -> GroupView | None:
        """Return a group as it stands, None when there is none of this id."""
        album = self.album()
        if album is None:
            return None
        with self.decisions() as (words, apart):
            return album.card(name, words, apart)

    def say(self, name: str, words: Mapping[bytes, Verdict | None], now_us: int) -> GroupView | None:
        """Note what the owner says of contents of a group (None: takes it back) and return the group; raise OSError."""
        card = self.card(name)
        if card is None:
            return None
        there = {tile.shot.content for tile in card.tiles}
        self._decide(Decision(content, word, now_us) for content, word in words.items() if content in there)
        return self.card(name)

    def accept(self, shown: Mapping[str, str], now_us: int) -> int:
        """Accept the suggestions for all that is undecided in some groups, in one go; return in how many there was something.

        `shown` holds the marks of the groups as the owner saw them, by id: one that shows something else by now is left alone.
        """
        album = self.album()
        if album is None:
            return 0
        with self.decisions() as (words, apart):
            cards = [(album.card(name, words, apart), mark) for name, mark in shown.items()]
            agreed = [card for card, mark in cards if card is not None and card.open and card.mark == mark]
            self._decide(
                Decision(t.shot.content, t.suggested, now_us) for card in agreed for t in card.tiles if t.word is None
            )
        return len(agreed)

    def part(self, name: str, content: bytes, now_us: int) -> GroupView | None:
        """Note that a content is not the same shot as any other of its group, and return what is left of the group."""
        card = self.card(name)
        if card is not None:
            others = [t.shot.content for t in card.tiles if t.shot.content != content]
            if len(others) < len(card.tiles):
                self._decide(separated(content, other, now_us) for other in others)
        return self.card(name)

    def undo(self, now_us: int) -> list[str] | None:
        """Take back what the owner did last; return the ids of the groups concerned, None when there is nothing to take back."""
        with self._lock:
            changed = self._fresh_journal().undo(now_us)
        album = self.album()
        if not changed or album is None:
            return None
        contents = [c for d in changed for c in (d.content, d.other) if c]
        return list(dict.fromkeys(album.group_of[c] for c in contents if c in album.group_of))

    def qualities(self, contents: Sequence[bytes]) -> Mapping[bytes, Quality]:
        """Return the closer looks known of some contents."""
        return self._ask(lambda library: library.measurements.quality(contents))

    def places(self, content: bytes) -> tuple[bytes, ...]:
        """Return where a content lies (absolute paths)."""
        found = self._ask(lambda library: library.files.locations([content]))
        return tuple(place.full for place in found.get(content, ()))

    def _ask(self, question: Callable[[Library], T]) -> T:
        library = Library.open_read_only(self.library)
        try:
            return question(library)
        finally:
            library.close()

    def _decide(self, decisions: Iterable[Decision]) -> None:
        with self._lock:
            said = list(decisions)
            if said:
                self._fresh_journal().decide(said)

    def _fresh_journal(self) -> DecisionJournal:
        """Return the journal with what others wrote; it is opened when it is first needed, so that the page can say what is wrong with it."""
        try:
            if self._journal is None:
                self._journal = DecisionJournal(self.library)
            self._journal.refresh()
        except JournalError as error:
            if error.title != self._journal_trouble:
                self._journal_trouble = error.title
                log.error("%s. %s", error.title, error.hint)
            raise
        self._journal_trouble = ""
        return self._journal

    def _refresh(self) -> None:
        """Make the album anew in the background when the library has changed."""
        self._looked_s = time.monotonic()
        if self._loading is not None and self._loading.is_alive():
            return
        try:
            version = self._ask(lambda library: library.version())
        except DejashotError as error:
            self._failure = error
            return
        if version != self._version or self._album is None:
            self._loading = threading.Thread(target=self._make, args=(version,), name="album", daemon=True)
            self._loading.start()

    def _make(self, version: LibraryVersion) -> None:
        try:
            album = GroupsView(self._load(), self.qualities)
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
            self._album, self._version, self._failure = album, version, None
