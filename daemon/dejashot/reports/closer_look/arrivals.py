"""The closer look at photos that arrived: what a report needs of them is found out before anybody asks for one."""

from collections.abc import Sequence

from dejashot.library.tables.folders import Folder
from dejashot.models.capture import now_us
from dejashot.reports.closer_look.distant_copies import find_distant_copies
from dejashot.reports.closer_look.grouped import grouped_shots
from dejashot.reports.closer_look.questions import look_into
from dejashot.reports.collect import ReportPaths, collect_shots
from dejashot.reports.context import ReportContext, ReportRequest
from dejashot.reports.parameters import closer_look_rules

ARRIVALS_AT_ONCE = 2000


def look_closely(context: ReportContext, folders: Sequence[Folder]) -> bool:
    """Look at the next photos that arrived and at their look-alikes in some folders; return whether more wait.

    What is found is kept in the library, and how far this came. Raises PreemptedError if the context says to stop
    before it is done: what was found by then is kept.
    """
    looks, rules = context.library.closer_looks, _rules(context)
    done = looks.done_until(rules)
    end = looks.end_of_next(done, ARRIVALS_AT_ONCE)
    if end is None:
        return False
    request = ReportRequest("", folders, after_seq=done, until_seq=end, only_new=True, previews=True)
    if folders:
        look_into(find_distant_copies(context, known_only=False), context)
        collected = collect_shots(context, request, ReportPaths(folders), companions=False)
        look_into(grouped_shots(context, request, collected), context)
    looks.note_done(end, rules, now_us())
    return looks.end_of_next(end, 1) is not None


def note_all_looked_at(context: ReportContext, folders: Sequence[Folder]) -> None:
    """Keep that a report over all of some folders has looked at everything, unless something waits elsewhere."""
    looks, rules = context.library.closer_looks, _rules(context)
    if not looks.elsewhere(looks.done_until(rules), [f.id for f in folders]):
        looks.note_done(context.library.newest_seq(), rules, now_us())


def _rules(context: ReportContext) -> int:
    return closer_look_rules(context.settings, context.row.fingerprint)
