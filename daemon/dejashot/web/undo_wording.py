"""What the page says when the owner takes something back."""

from dejashot.language.formats import format_names
from dejashot.language.texts import noted, t, tn
from dejashot.models.decisions import Verdict
from dejashot.reports.wording import format_first_time
from dejashot.web.templating import name_of
from dejashot.web.views.decisions import TakenBack
from dejashot.web.views.groups import GroupsView

_UNDONE = {
    Verdict.KEEP: noted("Undone: {name} is kept again"),
    Verdict.KEEP_ONE: noted("Undone: {name} is down to one file again"),
    Verdict.REJECT: noted("Undone: {name} is rejected again"),
    None: noted("Undone: {name} is undecided again"),
}


def describe_undo(groups_view: GroupsView, taken_back: TakenBack) -> str:
    """Return what was taken back: of which shots, and when they were taken."""
    shots = groups_view.shots_with([d.content for d in taken_back.decisions] + list(taken_back.rejoined))
    verdicts = [d for d in taken_back.decisions if d.content in shots and not d.other]
    if len(verdicts) == 1:
        return t(_UNDONE[verdicts[0].verdict], name=name_of(shots[verdicts[0].content]))
    moment = _moment(groups_view, taken_back.groups)
    if verdicts:
        return _shots_undone(len(verdicts), moment, several=len(taken_back.groups) > 1)
    names = [name_of(shots[c]) for c in taken_back.rejoined if c in shots]
    if not names or not taken_back.groups:
        return t("Undone")
    if not moment:
        return tn(
            "Undone: {names} is in its group again",
            "Undone: {names} are in their group again",
            len(names),
            names=format_names(names),
        )
    return tn(
        "Undone: {names} is in the group of {moment} again",
        "Undone: {names} are in the group of {moment} again",
        len(names),
        names=format_names(names),
        moment=moment,
    )


def _shots_undone(count: int, moment: str, *, several: bool) -> str:
    if moment:
        return tn("Undone: {count} shot of {moment}", "Undone: {count} shots of {moment}", count, moment=moment)
    if several:
        return tn("Undone: {count} shot of several groups", "Undone: {count} shots of several groups", count)
    return tn("Undone: {count} shot", "Undone: {count} shots", count)


def _moment(groups_view: GroupsView, groups: tuple[str, ...]) -> str:
    """Return when the one group was taken, empty where there is none or are several."""
    found = groups_view.group_view(groups[0]) if len(groups) == 1 else None
    return format_first_time(found.first) if found else ""
