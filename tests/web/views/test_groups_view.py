"""The groups as the page shows them: what was decided comes before what is suggested, and nothing is passed over."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from dejashot.models.capture import Certainty
from dejashot.models.decisions import SeparatedPairs, Verdict
from dejashot.web.views.groups import GroupOrder, GroupsView, Show
from group_views import album_of
from shots import shot, unit

NONE: SeparatedPairs = frozenset()


def ids(album: GroupsView) -> list[str]:
    return [c.id for c in album.report.groups]


def test_a_card_shows_what_is_suggested_and_what_lies_between() -> None:
    album = album_of(3)
    card = album.card(ids(album)[0], {}, NONE)
    assert card is not None
    assert [t.state for t in card.tiles] == ["other", "other", "suggested"]
    assert [t.suggested for t in card.tiles] == [Verdict.REJECT, Verdict.REJECT, Verdict.KEEP]
    assert [t.link is None for t in card.tiles] == [True, False, False]
    assert [t.link.gap_s for t in card.tiles if t.link] == [1.0, 1.0]
    assert card.tiles[2].reasons
    assert card.open
    assert card.frees_bytes == 2000
    assert album.card("ffff", {}, NONE) is None


def test_the_suggestion_heeds_what_was_said() -> None:
    album = album_of(3)
    name = ids(album)[0]
    first, second, third = (s.content for s in album.report.shots)
    rejected = album.card(name, {third: Verdict.REJECT}, NONE)
    assert rejected is not None
    assert [t.state for t in rejected.tiles] == ["other", "suggested", "reject"]  # the next best stays
    kept = album.card(name, {first: Verdict.KEEP}, NONE)
    assert kept is not None
    assert [t.state for t in kept.tiles] == ["keep", "other", "other"]  # who chose a keeper needs no other
    done = album.card(name, {first: Verdict.KEEP, second: Verdict.REJECT, third: Verdict.KEEP}, NONE)
    assert done is not None
    assert not done.open
    assert done.frees_bytes == 1000
    assert not done.sure


def test_equal_files_are_one_tile() -> None:
    one = shot(0, path="a.jpg")
    copy, other = replace(one, path="copy.jpg", node=(1, 9)), shot(2, path="b.jpg")
    album = album_of(extra=[one, copy, other])
    card = album.card(ids(album)[0], {}, NONE)
    assert card is not None
    assert [t.files for t in card.tiles] == [2, 1]
    one_kept = album.card(ids(album)[0], {one.content: Verdict.KEEP_ONE, other.content: Verdict.REJECT}, NONE)
    assert one_kept is not None
    assert [t.state for t in one_kept.tiles] == ["keep_one", "reject"]
    assert one_kept.frees_bytes == one.size_bytes + other.size_bytes
    only_copies = album_of(extra=[one, copy])
    card = only_copies.card(ids(only_copies)[0], {}, NONE)
    assert card is not None
    assert [t.suggested for t in card.tiles] == [Verdict.KEEP_ONE]


def test_a_shot_told_apart_leaves_the_group() -> None:
    album = album_of(3)
    name = ids(album)[0]
    first, second, third = (s.content for s in album.report.shots)
    apart = {tuple(sorted((third, c))) for c in (first, second)}
    card = album.card(name, {}, apart)
    assert card is not None
    assert [t.shot.content for t in card.tiles] == [first, second]
    assert [t.state for t in card.tiles] == ["other", "suggested"]  # the best of those left
    assert album.card(name, {}, apart | {tuple(sorted((first, second)))}) is None
    assert album.totals({}, apart | {tuple(sorted((first, second)))}).open == 0
    words = {first: Verdict.KEEP, second: Verdict.REJECT}
    settled = album.card(name, words, apart)
    assert settled is not None
    assert not settled.open  # what left the group is not waited for
    assert (album.totals(words, apart).open, album.totals(words, apart).decided) == (0, 1)
    assert album.page(Show.DECIDED, GroupOrder.NEWEST, words, apart, "", 9) == ([name], False)
    one_pair_only = {tuple(sorted((third, second)))}
    whole = album.card(name, {}, one_pair_only)
    assert whole is not None
    assert len(whole.tiles) == 3


def test_series_stand_apart_and_wait_for_nothing() -> None:
    bracket = [
        shot(9000 + 0.4 * n, unit(0, 0, 0, 0, 0, 1), path=f"AEB_{n}.jpg", bias_ev=b)
        for n, b in enumerate((0.0, -2.0, 2.0))
    ]
    album = album_of(2, extra=bracket)
    totals = album.totals({}, NONE)
    assert (totals.open, totals.series, totals.decided) == (1, 1, 0)
    (name,), more = album.page(Show.SERIES, GroupOrder.NEWEST, {}, NONE, "", 9)
    assert not more
    card = album.card(name, {}, NONE)
    assert card is not None
    assert not card.open
    assert card.frees_bytes == 0
    assert name not in album.page(Show.OPEN, GroupOrder.NEWEST, {}, NONE, "", 9)[0]
    assert album.group_of[bracket[0].content] == name


def test_totals_follow_what_is_decided() -> None:
    album = album_of(2, 3)
    before = album.totals({}, NONE)
    assert (before.open, before.decided, before.open_bytes) == (2, 0, 1000 + 4000)
    assert before.sure == sum(c.choice.confidence is Certainty.HIGH for c in album.report.groups)
    words = dict.fromkeys((s.content for s in album.report.shots[:2]), Verdict.KEEP)
    after = album.totals(words, NONE)
    assert (after.open, after.decided, after.open_bytes) == (1, 1, 4000)


def test_the_largest_saving_comes_first_when_asked_for() -> None:
    album = album_of(2, 4, 3)
    frees = {c.id: c.choice.reclaimable_bytes for c in album.report.groups}
    shown = album.page(Show.OPEN, GroupOrder.SAVING, {}, NONE, "", 9)[0]
    assert [frees[name] for name in shown] == sorted(frees.values(), reverse=True)
    assert album.page(Show.OPEN, GroupOrder.NEWEST, {}, NONE, "", 9)[0] == ids(album)[::-1]
    assert album.before(Show.OPEN, GroupOrder.NEWEST, {}, NONE, ids(album)[0]) == ids(album)[1]
    assert album.before(Show.OPEN, GroupOrder.NEWEST, {}, NONE, ids(album)[-1]) == ""


@given(
    sizes=st.lists(st.integers(2, 4), min_size=1, max_size=9),
    count=st.integers(1, 4),
    order=st.sampled_from(GroupOrder),
    data=st.data(),
)
def test_paging_neither_passes_over_nor_repeats_a_group_whatever_is_decided_meanwhile(
    sizes: list[int], count: int, order: GroupOrder, data: st.DataObject
) -> None:
    album = album_of(*sizes)
    contents = [s.content for s in album.report.shots]
    words: dict[bytes, Verdict] = {}
    seen: list[str] = []
    untouched = set(ids(album))
    after, more = "", True
    while more:
        names, more = album.page(Show.OPEN, order, words, NONE, after, count)
        seen += names
        after = names[-1] if names else after
        for content in data.draw(st.lists(st.sampled_from(contents), max_size=4)):
            words[content] = data.draw(st.sampled_from((Verdict.KEEP, Verdict.REJECT)))
            untouched.discard(album.group_of[content])
    assert len(seen) == len(set(seen))
    assert untouched <= set(seen)


@given(st.lists(st.tuples(st.integers(0, 4), st.sampled_from((Verdict.KEEP, Verdict.REJECT, None))), max_size=12))
def test_accepting_the_suggestion_frees_what_the_card_says_and_something_always_stays(
    said: list[tuple[int, Verdict | None]],
) -> None:
    album = album_of(5)
    name = ids(album)[0]
    contents = [s.content for s in album.report.shots]
    words: dict[bytes, Verdict] = {}
    for number, word in said:
        words.pop(contents[number], None)
        if word:
            words[contents[number]] = word
    card = album.card(name, words, NONE)
    assert card is not None
    assert card.open == (len(words) < 5)
    accepted = {t.shot.content: t.word or t.suggested for t in card.tiles}
    after = album.card(name, accepted, NONE)
    assert after is not None
    assert not after.open
    assert after.frees_bytes == card.frees_bytes
    assert card.frees_bytes < sum(s.size_bytes for s in album.report.shots)


@given(st.data())
def test_totals_count_what_the_pages_show(data: st.DataObject) -> None:
    album = album_of(2, 3, 2)
    contents = [s.content for s in album.report.shots]
    words = data.draw(st.dictionaries(st.sampled_from(contents), st.sampled_from((Verdict.KEEP, Verdict.REJECT))))
    apart = {
        tuple(sorted(p))
        for p in data.draw(
            st.lists(st.lists(st.sampled_from(contents), min_size=2, max_size=2, unique=True), max_size=6)
        )
    }
    totals = album.totals(words, apart)
    for show, count in (
        (Show.OPEN, totals.open),
        (Show.SURE, totals.sure),
        (Show.DECIDED, totals.decided),
        (Show.SERIES, totals.series),
    ):
        names, more = album.page(show, GroupOrder.NEWEST, words, apart, "", 99)
        assert not more
        assert len(names) == count
        for name in names:
            card = album.card(name, words, apart)
            assert card is not None
            assert card.open == (show in (Show.OPEN, Show.SURE))
