"""The groups as the page shows them: what was decided comes before what is suggested, and nothing is passed over."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dejashot.actions.history import MovedBytes
from dejashot.library.kept.group_queries import GroupOrder, Show
from dejashot.models.decisions import Verdict
from dejashot.web.views.decisions import OwnerDecisions
from dejashot.web.views.savings import savings
from group_views import MadeGroups, groups_view_of
from shots import shot, unit

UNDECIDED = OwnerDecisions({})


def ids(groups_view: MadeGroups) -> list[str]:
    return [g.id for g in groups_view.report.groups]


def test_a_group_shows_what_is_suggested_and_what_lies_between() -> None:
    groups_view = groups_view_of(3)
    group_view = groups_view.group_view(ids(groups_view)[0], UNDECIDED)
    assert group_view is not None
    assert [v.state for v in group_view.shot_views] == ["other", "other", "suggested"]
    assert [v.suggested for v in group_view.shot_views] == [Verdict.REJECT, Verdict.REJECT, Verdict.KEEP]
    assert [v.link is None for v in group_view.shot_views] == [True, False, False]
    assert [v.link.gap_s for v in group_view.shot_views if v.link] == [1.0, 1.0]
    assert group_view.shot_views[2].reasons
    assert group_view.open
    assert group_view.frees_bytes == 2000
    assert groups_view.group_view("ffff", UNDECIDED) is None


def test_the_suggestion_heeds_what_was_said() -> None:
    groups_view = groups_view_of(3)
    name = ids(groups_view)[0]
    first, second, third = (s.content for s in groups_view.report.shots)
    rejected = groups_view.group_view(name, OwnerDecisions({third: Verdict.REJECT}))
    assert rejected is not None
    assert [v.state for v in rejected.shot_views] == ["other", "suggested", "reject"]  # the next best stays
    kept = groups_view.group_view(name, OwnerDecisions({first: Verdict.KEEP}))
    assert kept is not None
    assert [v.state for v in kept.shot_views] == ["keep", "other", "other"]  # who chose a keeper needs no other
    done = groups_view.group_view(
        name, OwnerDecisions({first: Verdict.KEEP, second: Verdict.REJECT, third: Verdict.KEEP})
    )
    assert done is not None
    assert not done.open
    assert done.frees_bytes == 1000


def test_equal_files_are_one_shot() -> None:
    one = shot(0, path="a.jpg")
    copy, other = replace(one, path="copy.jpg", node=(1, 9)), shot(2, path="b.jpg")
    groups_view = groups_view_of(extra=[one, copy, other])
    group_view = groups_view.group_view(ids(groups_view)[0], UNDECIDED)
    assert group_view is not None
    assert [v.files for v in group_view.shot_views] == [2, 1]
    one_kept = groups_view.group_view(
        ids(groups_view)[0], OwnerDecisions({one.content: Verdict.KEEP_ONE, other.content: Verdict.REJECT})
    )
    assert one_kept is not None
    assert [v.state for v in one_kept.shot_views] == ["keep_one", "reject"]
    assert one_kept.frees_bytes == one.size_bytes + other.size_bytes
    only_copies = groups_view_of(extra=[one, copy])
    group_view = only_copies.group_view(ids(only_copies)[0], UNDECIDED)
    assert group_view is not None
    assert [v.suggested for v in group_view.shot_views] == [Verdict.KEEP_ONE]


def test_a_separated_shot_leaves_the_group() -> None:
    groups_view = groups_view_of(3)
    name = ids(groups_view)[0]
    first, second, third = (s.content for s in groups_view.report.shots)
    separated = {tuple(sorted((third, c))) for c in (first, second)}
    group_view = groups_view.group_view(name, OwnerDecisions({}, separated))
    assert group_view is not None
    assert [v.shot.content for v in group_view.shot_views] == [first, second]
    assert [v.state for v in group_view.shot_views] == ["other", "suggested"]  # the best of those left
    assert groups_view.group_view(name, OwnerDecisions({}, separated | {tuple(sorted((first, second)))})) is None
    assert groups_view.totals(OwnerDecisions({}, separated | {tuple(sorted((first, second)))})).open == 0
    verdicts = {first: Verdict.KEEP, second: Verdict.REJECT}
    decided = groups_view.group_view(name, OwnerDecisions(verdicts, separated))
    assert decided is not None
    assert not decided.open  # what left the group is not waited for
    totals = groups_view.totals(OwnerDecisions(verdicts, separated))
    assert (totals.open, totals.decided) == (0, 1)
    assert groups_view.page(Show.DECIDED, GroupOrder.NEWEST, OwnerDecisions(verdicts, separated), "", 9) == (
        [name],
        False,
    )
    one_pair_only = {tuple(sorted((third, second)))}
    whole = groups_view.group_view(name, OwnerDecisions({}, one_pair_only))
    assert whole is not None
    assert len(whole.shot_views) == 3


def test_series_stand_apart_and_wait_for_nothing() -> None:
    bracket = [
        shot(9000 + 0.4 * n, unit(0, 0, 0, 0, 0, 1), path=f"AEB_{n}.jpg", bias_ev=b)
        for n, b in enumerate((0.0, -2.0, 2.0))
    ]
    groups_view = groups_view_of(2, extra=bracket)
    totals = groups_view.totals(UNDECIDED)
    assert (totals.open, totals.series, totals.decided) == (1, 1, 0)
    (name,), more = groups_view.page(Show.SERIES, GroupOrder.NEWEST, UNDECIDED, "", 9)
    assert not more
    group_view = groups_view.group_view(name, UNDECIDED)
    assert group_view is not None
    assert not group_view.open
    assert group_view.frees_bytes == 0
    assert name not in groups_view.page(Show.OPEN, GroupOrder.NEWEST, UNDECIDED, "", 9)[0]
    assert groups_view.group_of[bracket[0].content] == name


def test_totals_follow_what_is_decided() -> None:
    groups_view = groups_view_of(2, 3)
    before = groups_view.totals(UNDECIDED)
    assert (before.open, before.decided, before.open_bytes) == (2, 0, 1000 + 4000)
    assert before.sure == sum(g.clear for g in groups_view.report.groups) == 2
    verdicts = dict.fromkeys((s.content for s in groups_view.report.shots[:2]), Verdict.KEEP)
    after = groups_view.totals(OwnerDecisions(verdicts))
    assert (after.open, after.decided, after.open_bytes) == (1, 1, 4000)
    assert (after.sure, after.sure_bytes) == (1, 4000)


@pytest.mark.parametrize("verdict", [Verdict.KEEP, Verdict.REJECT])
@pytest.mark.parametrize("number", range(3))
def test_of_a_group_that_is_begun_what_is_suggested_and_what_is_chosen_add_up(number: int, verdict: Verdict) -> None:
    groups_view = groups_view_of(3)
    shots = groups_view.report.shots
    decisions = OwnerDecisions({shots[number].content: verdict})
    totals = groups_view.totals(decisions)
    group_view = groups_view.group_view(ids(groups_view)[0], decisions)
    assert group_view is not None and group_view.open
    assert totals.open_bytes + totals.chosen_bytes == group_view.frees_bytes
    columns = savings(groups_view.view(decisions), MovedBytes({}, {})).total.columns
    assert (columns["suggested"], columns["chosen"]) == (totals.open_bytes, totals.chosen_bytes)


def test_nothing_is_suggested_for_a_group_that_is_still_looked_at() -> None:
    made, groups_view = groups_view_of(2, 3), groups_view_of(2, 3, unseen=2)
    name = ids(groups_view)[0]
    totals = groups_view.totals(UNDECIDED)
    assert (totals.open, totals.sure, totals.open_bytes, totals.sure_bytes) == (2, 1, 4000, 4000)
    assert groups_view.page(Show.SURE, GroupOrder.NEWEST, UNDECIDED, "", 9)[0] == ids(groups_view)[1:]
    group_view = groups_view.group_view(name, UNDECIDED)
    assert group_view is not None
    assert (group_view.pending, group_view.frees_bytes) == (True, 0)
    assert [(v.state, v.reasons) for v in group_view.shot_views] == [("other", ()), ("other", ())]
    assert savings(groups_view.view(UNDECIDED), MovedBytes({}, {})).total.columns["suggested"] == 4000
    ready = made.group_view(ids(made)[0], UNDECIDED)
    assert ready is not None and ready.mark != group_view.mark


def test_the_next_group_is_one_that_waits_and_the_way_back_leads_to_any() -> None:
    groups_view = groups_view_of(2, 2, 2)
    first, second, third = ids(groups_view)[::-1]
    done = OwnerDecisions(dict.fromkeys((s.content for s in groups_view.report.shots[2:4]), Verdict.KEEP))
    assert groups_view.view(done).next_open(GroupOrder.NEWEST, first) == third
    assert groups_view.view(done).next_open(GroupOrder.NEWEST, third) == first  # what was left before
    assert groups_view.view(done).until(Show.OPEN, GroupOrder.NEWEST, second, 9) == (first, second)
    assert groups_view.view(done).until(Show.OPEN, GroupOrder.NEWEST, third, 1) == (third,)
    assert groups_view.view(done).until(Show.OPEN, GroupOrder.NEWEST, "unknown", 9) == ()
    all_done = OwnerDecisions(dict.fromkeys((s.content for s in groups_view.report.shots), Verdict.KEEP))
    assert groups_view.view(all_done).next_open(GroupOrder.NEWEST, first) == ""


def test_the_largest_saving_comes_first_when_asked_for() -> None:
    groups_view = groups_view_of(2, 4, 3)
    frees = {g.id: g.choice.reclaimable_bytes for g in groups_view.report.groups}
    shown = groups_view.page(Show.OPEN, GroupOrder.SAVING, UNDECIDED, "", 9)[0]
    assert [frees[name] for name in shown] == sorted(frees.values(), reverse=True)
    assert groups_view.page(Show.OPEN, GroupOrder.NEWEST, UNDECIDED, "", 9)[0] == ids(groups_view)[::-1]
    assert groups_view.view(UNDECIDED).before(Show.OPEN, GroupOrder.NEWEST, ids(groups_view)[0]) == ids(groups_view)[1]
    assert groups_view.view(UNDECIDED).before(Show.OPEN, GroupOrder.NEWEST, ids(groups_view)[-1]) == ""


@given(
    sizes=st.sampled_from([(2,), (4, 3, 2, 2, 3), (2, 3, 4, 2, 3, 4, 2, 3, 4)]),
    count=st.integers(1, 4),
    order=st.sampled_from(GroupOrder),
    data=st.data(),
)
def test_paging_neither_passes_over_nor_repeats_a_group_whatever_is_decided_meanwhile(
    sizes: tuple[int, ...], count: int, order: GroupOrder, data: st.DataObject
) -> None:
    groups_view = groups_view_of(*sizes)
    contents = [s.content for s in groups_view.report.shots]
    verdicts: dict[bytes, Verdict] = {}
    seen: list[str] = []
    untouched = set(ids(groups_view))
    after, more = "", True
    while more:
        names, more = groups_view.page(Show.OPEN, order, OwnerDecisions(verdicts), after, count)
        seen += names
        after = names[-1] if names else after
        for content in data.draw(st.lists(st.sampled_from(contents), max_size=4)):
            verdicts[content] = data.draw(st.sampled_from((Verdict.KEEP, Verdict.REJECT)))
            untouched.discard(groups_view.group_of[content])
    assert len(seen) == len(set(seen))
    assert untouched <= set(seen)


@given(st.lists(st.tuples(st.integers(0, 4), st.sampled_from((Verdict.KEEP, Verdict.REJECT, None))), max_size=12))
def test_accepting_the_suggestion_frees_what_the_group_says_and_something_always_stays(
    said: list[tuple[int, Verdict | None]],
) -> None:
    groups_view = groups_view_of(5)
    name = ids(groups_view)[0]
    contents = [s.content for s in groups_view.report.shots]
    verdicts: dict[bytes, Verdict] = {}
    for number, word in said:
        verdicts.pop(contents[number], None)
        if word:
            verdicts[contents[number]] = word
    group_view = groups_view.group_view(name, OwnerDecisions(verdicts))
    assert group_view is not None
    assert group_view.open == (len(verdicts) < 5)
    accepted = {v.shot.content: v.verdict or v.suggested for v in group_view.shot_views}
    after = groups_view.group_view(name, OwnerDecisions(accepted))
    assert after is not None
    assert not after.open
    assert after.frees_bytes == group_view.frees_bytes
    assert group_view.frees_bytes < sum(s.size_bytes for s in groups_view.report.shots)


@given(st.data())
def test_totals_count_what_the_pages_show(data: st.DataObject) -> None:
    groups_view = groups_view_of(2, 3, 2)
    contents = [s.content for s in groups_view.report.shots]
    verdicts = data.draw(st.dictionaries(st.sampled_from(contents), st.sampled_from((Verdict.KEEP, Verdict.REJECT))))
    separated = {
        tuple(sorted(p))
        for p in data.draw(
            st.lists(st.lists(st.sampled_from(contents), min_size=2, max_size=2, unique=True), max_size=6)
        )
    }
    totals = groups_view.totals(OwnerDecisions(verdicts, separated))
    for show, count in (
        (Show.OPEN, totals.open),
        (Show.SURE, totals.sure),
        (Show.DECIDED, totals.decided),
        (Show.SERIES, totals.series),
    ):
        names, more = groups_view.page(show, GroupOrder.NEWEST, OwnerDecisions(verdicts, separated), "", 99)
        assert not more
        assert len(names) == count
        for name in names:
            group_view = groups_view.group_view(name, OwnerDecisions(verdicts, separated))
            assert group_view is not None
            assert group_view.open == (show in (Show.OPEN, Show.SURE))
