"""Closer looks at photos while others are still being read: the readers have their pictures at hand then."""

import logging
from collections import OrderedDict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from dejashot.errors import DejashotError
from dejashot.grouping.pairs.columns import MAX_VERIFIED_PLACES
from dejashot.library.tables.folders import Folder
from dejashot.logs import error_location, event
from dejashot.models.photo import Reading
from dejashot.reading.job import ContentResult, Order, ReadJob
from dejashot.reading.protocol.exchange import ReaderAnswer
from dejashot.reports.closer_look.grouped import GroupedShots, grouped_shots
from dejashot.reports.closer_look.questions import Answers, Looking
from dejashot.reports.closer_look.verification import forget_pair_head
from dejashot.reports.collect import collect_near_arrivals
from dejashot.reports.context import ReportContext, ReportRequest

log = logging.getLogger(__name__)

PLACES = 2 * MAX_VERIFIED_PLACES  # about what was read: pairs lie within half of them
MAX_ORDERS = 32  # orders that wait for the reader that holds their pictures
_HELD = {"map": 512, "features": 32}  # answers held for the looks that follow: 50 KB and 1 MB each

_Key = tuple[str, bytes]  # an operation, and the content of a photo


def _looking_at(context: ReportContext, request: ReportRequest) -> Looking[GroupedShots]:
    """Look closely at what a request is about."""
    return (yield from grouped_shots(context, request, collect_near_arrivals(context, request, PLACES)))


@dataclass(slots=True)
class _Look:
    """A closer look that is under way: the operation it asked for, the photos not answered yet, and the answers."""

    looking: Looking[GroupedShots]
    op: str = ""
    missing: set[bytes] = field(default_factory=set)
    answers: dict[bytes, Any] = field(default_factory=dict)


class AlongsideLooks:
    """Look closely at photos as they are read and stored, by the readers that hold their pictures.

    What is found is kept in the library. What is not come to, because it is told to stop or something fails, is left to
    whoever looks next. Not thread-safe.
    """

    def __init__(self, context: ReportContext, folders: Callable[[], Sequence[Folder]], *, previews: bool) -> None:
        """Prepare for the photos that arrive from now on in folders, which are asked for anew each time."""
        self._context, self._folders, self._previews = context, folders, previews
        self._seq = context.library.newest_seq()
        self._looks: list[_Look] = []
        self._orders: OrderedDict[_Key, Order[bytes]] = OrderedDict()
        self._asked: set[_Key] = set()  # of readers, without an answer yet
        self._held: dict[str, OrderedDict[bytes, Any]] = {op: OrderedDict() for op in _HELD}

    def stored(self, readings: Sequence[Reading]) -> None:
        """Look closely at what was read and stored, with its neighbours."""
        for reading in readings:
            if reading.map is not None:
                self._hold("map", reading.content, reading.map)
        context, after, self._seq = self._context, self._seq, self._context.library.newest_seq()
        if after == self._seq or context.should_stop():
            return
        folders = self._folders()
        request = ReportRequest(
            "", folders, after_seq=after, until_seq=self._seq, only_new=True, previews=self._previews
        )
        self._go_on(_Look(_looking_at(context, request)), None)

    def forget(self) -> None:
        """Drop what is under way, and what is held in memory for the looks that follow."""
        self._looks.clear()
        self._orders.clear()
        self._asked.clear()
        for answers in self._held.values():
            answers.clear()
        forget_pair_head()

    def take(self, held: Collection[bytes]) -> Order[bytes] | None:
        """Return an order that suits a reader which holds some pictures, or that has waited long; None for none."""
        if self._context.should_stop():
            return None
        suits = next((key for key in self._orders if key[1] in held), None)
        if suits is not None:
            return self._orders.pop(suits)
        return self.take_any() if len(self._orders) > MAX_ORDERS else None

    def take_any(self) -> Order[bytes] | None:
        """Return the order that has waited longest, None for none."""
        if not self._orders or self._context.should_stop():
            return None
        return self._orders.popitem(last=False)[1]

    def answered(self, order: Order[bytes], answer: ReaderAnswer) -> None:
        """Take in the answer to an order, and go on with the closer looks that waited for it."""
        op, content = order.op, order.job.ticket
        value = ContentResult.of(answer).value_for(content)
        self._asked.discard((op, content))
        self._context.on_answered()
        if value is not None:
            self._hold(op, content, value)
        for look in [x for x in self._looks if x.op == op and content in x.missing]:
            look.missing.discard(content)
            if value is not None:
                look.answers[content] = value
            if not look.missing:
                self._looks.remove(look)
                self._go_on(look, look.answers)

    def _go_on(self, look: _Look, answers: Answers | None) -> None:
        """Send a closer look its answers, until it asks for what is not at hand, or ends."""
        try:
            while True:
                question = next(look.looking) if answers is None else look.looking.send(answers)
                held = self._held.get(question.op, OrderedDict())
                answers = {c: held[c] for c in question.paths if c in held}
                missing = {c: path for c, path in question.paths.items() if c not in held}
                if missing:
                    break
        except StopIteration:
            return
        except DejashotError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever stands in the library: photos are ingested all the same
            log.warning("photos can't be looked at closely: %s", error_location(error), extra=event("trouble"))
            return
        look.op, look.missing, look.answers = question.op, set(missing), dict(answers)
        self._looks.append(look)
        self._order(question.op, missing)

    def _order(self, op: str, paths: Mapping[bytes, bytes]) -> None:
        """Order what was not ordered yet."""
        for content, path in paths.items():
            if (op, content) not in self._asked:
                self._asked.add((op, content))
                self._orders[op, content] = Order(op, ReadJob(path, content))
                self._context.on_asked(1)

    def _hold(self, op: str, content: bytes, value: Any) -> None:
        """Hold an answer for the closer looks that follow, in the place of those that came first."""
        if op in self._held:
            self._held[op][content] = value
            if len(self._held[op]) > _HELD[op]:
                self._held[op].popitem(last=False)
