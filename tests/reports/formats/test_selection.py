"""What a digest shows at once: the ten best groups, four photos of each, and nothing that is still looked at."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from dejashot.models.capture import Certainty
from dejashot.models.decisions import Verdict
from dejashot.reports.formats.html_format import as_html
from dejashot.reports.formats.selection import MAX_BEST, MAX_SHOWN, best_and_rest, shown_first
from dejashot.reports.formats.text_format import as_text
from dejashot.reports.report import Report
from group_views import groups_view_of


@given(st.lists(st.booleans(), min_size=1, max_size=12))
def test_few_photos_are_shown_in_order_with_what_stays_and_what_could_go(kept: list[bool]) -> None:
    members = list(range(len(kept)))
    keepers = [m for m in members if kept[m]]
    shown = shown_first(members, keepers)
    assert shown == sorted(set(shown))
    assert len(shown) == min(len(members), MAX_SHOWN)
    assert {kept[m] for m in shown} == set(kept)


def test_the_ten_best_come_first_by_saving_and_certainty_and_the_rest_newest_first() -> None:
    report = groups_view_of(*[3] * 25).report  # each later group frees more
    groups = list(report.groups)
    groups[24] = replace(groups[24], pending=True)
    groups[23] = replace(groups[23], decided=dict.fromkeys(groups[23].group.members, Verdict.KEEP))
    groups[22] = replace(groups[22], choice=replace(groups[22].choice, confidence=Certainty.LOW))
    report = replace(report, groups=groups)
    best, rest = best_and_rest(report)
    assert [g.id for g in best] == [g.id for g in groups[21:11:-1]]
    assert [g.id for g in rest] == [g.id for g in [*groups[24:21:-1], *groups[11::-1]]]
    page = as_html(report, page="http://127.0.0.1:8423").decode()
    at_once, opened = page.split('<details class="rest">')
    assert at_once.count("<article") == MAX_BEST
    assert opened.count("<article") == 15
    assert page.count('href="http://127.0.0.1:8423/group/') == 25
    assert opened.count("still looking") == opened.count("you have chosen") == 1


def test_what_is_still_looked_at_is_not_what_could_go(report: Report) -> None:
    first, *others = report.groups
    text = as_text(replace(report, groups=[replace(first, pending=True), *others]))
    assert "1 photo could go: 3.0 MB" in text
    assert "2 groups of the same shot · still looking at 1 of them, not counted yet" in " ".join(text.split())
    assert "burst, 3 shots (still to be looked at)" in text
    alone = replace(report, groups=[replace(first, pending=True)])
    assert "<h1>Still looking at 1 group</h1>" in as_html(alone).decode()
