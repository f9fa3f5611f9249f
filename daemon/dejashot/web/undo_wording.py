"""What the page says when the owner takes something back."""

from dejashot.models.decisions import Verdict
from dejashot.reports.wording import format_group_time, plural
from dejashot.web.templating import name_of
from dejashot.web.views.decisions import TakenBack
from dejashot.web.views.groups import GroupsView

_NOW = {
    Verdict.KEEP: "kept again",
    Verdict.KEEP_ONE: "down to one file again",
    Verdict.REJECT: "rejected again",
    None: "undecided again",
}


def describe_undo(groups_view: GroupsView, taken_back: TakenBack) -> str:
    """Return what was taken back: of which shots, and when they were taken."""
    known = [d for d in taken_back.decisions if d.content in groups_view.by_content]
    verdicts = [d for d in known if not d.other]
    if len(verdicts) == 1:
        return f"Undone: {_name(groups_view, verdicts[0].content)} is {_NOW[verdicts[0].verdict]}"
    where = _where(groups_view, taken_back.groups)
    if verdicts:
        return f"Undone: {plural(len(verdicts), 'shot')} of {where}"
    names = [_name(groups_view, c) for c in taken_back.rejoined if c in groups_view.by_content]
    if not names or not taken_back.groups:
        return "Undone"
    return f"Undone: {' and '.join(names)} {'is' if len(names) == 1 else 'are'} in the group of {where} again"


def _name(groups_view: GroupsView, content: bytes) -> str:
    return name_of(groups_view.by_content[content])


def _where(groups_view: GroupsView, groups: tuple[str, ...]) -> str:
    """Return when the one group was taken, else how many groups there are."""
    found = groups_view.report_group(groups[0]) if len(groups) == 1 else None
    return format_group_time(groups_view.report, found) if found else plural(len(groups), "group")
