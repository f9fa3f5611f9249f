"""Which kept groups may have other members by verdicts that they do not know: takes of pages that go or stay."""

from collections.abc import Collection

from dejashot.library.kept.group_lookups import GroupLookups
from dejashot.library.kept.kept_groups import KeptGroups
from dejashot.models.decisions import Verdict
from dejashot.reports.context import ReportContext


def components_by_verdicts(context: ReportContext, kept: KeptGroups, contents: Collection[bytes]) -> set[int]:
    """Return the components whose groups of rejected photos verdicts on some contents may change.

    Only series change: those that are there, and those that are not as all but one of their pages lie elsewhere, which
    matter where a rejected photo is in no group.
    """
    lookups = GroupLookups(kept)
    moved = kept.components_of(_files_of(context, contents))
    if not moved:
        return set()
    rejected = _files_of(context, [c for c, verdict in context.journal.verdicts.items() if verdict is Verdict.REJECT])
    ungrouped = set(rejected) - lookups.grouped(rejected)
    return moved & (lookups.with_series(sorted(moved)) | kept.components_of(sorted(ungrouped)))


def _files_of(context: ReportContext, contents: Collection[bytes]) -> list[int]:
    changes = context.library.changes
    return changes.files_of(changes.photos_of(sorted(contents)))
