"""What the page says when the owner takes something back."""

from dejashot.models.decisions import Verdict
from dejashot.reports.wording import format_first_time, plural
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
    shots = groups_view.shots_with([d.content for d in taken_back.decisions] + list(taken_back.rejoined))
    known = [d for d in taken_back.decisions if d.content in shots]
    verdicts = [d for d in known if not d.other]
    if len(verdicts) == 1:
        return f"Undone: {name_of(shots[verdicts[0].content])} is {_NOW[verdicts[0].verdict]}"
    where = _where(groups_view, taken_back.groups)
    if verdicts:
        return f"Undone: {plural(len(verdicts), 'shot')} of {where}"
    names = [name_of(shots[c]) for c in taken_back.rejoined if c in shots]
    if not names or not taken_back.groups:
        return "Undone"
    return f"Undone: {' and '.join(names)} {'is' if len(names) == 1 else 'are'} in the group of {where} again"


def _where(groups_view: GroupsView, groups: tuple[str, ...]) -> str:
    """Return when the one group was taken, else how many groups there are."""
    found = groups_view.group_view(groups[0]) if len(groups) == 1 else None
    return format_first_time(found.first) if found else plural(len(groups), "group")
