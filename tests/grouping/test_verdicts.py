"""The owner's decisions in groups and choices."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from dejashot.grouping.groups import GroupLimits, group_shots
from dejashot.grouping.keepers.choose import suggest_keepers
from dejashot.grouping.similarity import adjacent_pairs
from dejashot.grouping.verdicts import ALL_REJECTED, CHOSEN, ONE_OF, undecided, with_decisions
from dejashot.models.capture import Certainty
from dejashot.models.decisions import Verdict
from dejashot.models.groups import Group, Kind
from dejashot.models.shot import Shot
from shots import RULES, quality, shot, unit

LIMITS = GroupLimits(60, 600, 2)


def burst(count: int = 4) -> tuple[list[Shot], Group]:
    shots = [replace(shot(n, path=f"{n}.jpg"), node=(1, n)) for n in range(count)]
    (found,) = group_shots(shots, RULES, LIMITS)
    return shots, found


def looks(shots: list[Shot]) -> dict[bytes, object]:
    return {s.content: quality(1 + n / 2) for n, s in enumerate(shots)}  # the last one is the sharpest


def test_shots_told_apart_are_never_grouped_and_never_the_same() -> None:
    shots, _ = burst()
    apart = {tuple(sorted((shots[1].content, s.content))) for s in shots if s is not shots[1]}
    (left,) = group_shots(shots, RULES, LIMITS, separated=apart)
    assert left.members == (0, 2, 3)
    pairs = adjacent_pairs(RULES, shots, 60, separated=apart)
    assert [p.same_shot for p in pairs] == [False, False, True]
    assert [p.similarity_percent for p in pairs] == [p.similarity_percent for p in adjacent_pairs(RULES, shots, 60)]


def test_equal_contents_are_told_apart_from_others_wherever_they_lie() -> None:
    a, b = shot(0, path="a.jpg"), shot(2, path="b.jpg")
    copy = replace(a, path="copy.jpg", node=(1, 99))
    (left,) = group_shots([a, copy, b], RULES, LIMITS, separated={tuple(sorted((a.content, b.content)))})
    assert left.members == (0, 1)


def test_the_owners_keepers_take_the_place_of_the_suggestion() -> None:
    shots, found = burst()
    choice = suggest_keepers(shots, found, looks(shots))
    assert choice.keepers == (3,)
    mine = with_decisions(
        shots, found, choice, looks(shots), {shots[0].content: Verdict.KEEP, shots[1].content: Verdict.KEEP}
    )
    assert mine.keepers == (0, 1)
    assert mine.reasons == {0: (CHOSEN,), 1: (CHOSEN,)}
    assert mine.confidence is Certainty.HIGH
    assert mine.reclaimable_bytes == shots[2].size_bytes + shots[3].size_bytes


def test_the_next_best_takes_the_place_of_a_rejected_suggestion() -> None:
    shots, found = burst()
    choice = suggest_keepers(shots, found, looks(shots))
    mine = with_decisions(shots, found, choice, looks(shots), {shots[3].content: Verdict.REJECT})
    assert mine.keepers == (2,)
    assert mine.reclaimable_bytes == choice.reclaimable_bytes
    last = with_decisions(shots, found, choice, looks(shots), {s.content: Verdict.REJECT for s in shots[1:]})
    assert last.keepers == (0,)
    assert with_decisions(shots, found, choice, looks(shots), {shots[0].content: Verdict.REJECT}) == choice


def test_the_last_one_always_stays() -> None:
    shots, found = burst()
    choice = suggest_keepers(shots, found, looks(shots))
    mine = with_decisions(shots, found, choice, looks(shots), {s.content: Verdict.REJECT for s in shots})
    assert mine.keepers == choice.keepers
    assert mine.reasons[3][0] == ALL_REJECTED


def test_of_equal_files_one_is_enough_if_the_owner_says_so() -> None:
    original = shot(0, path="IMG_1.jpg")
    copies = [replace(original, path=f"copy of IMG_1 ({n}).jpg", node=(1, 100 + n)) for n in range(2)]
    shots = [copies[0], original, copies[1]]
    (found,) = group_shots(shots, RULES, LIMITS)
    choice = suggest_keepers(shots, found, {})
    mine = with_decisions(shots, found, choice, {}, {original.content: Verdict.KEEP_ONE})
    assert (mine.keepers, mine.reasons) == ((1,), {1: (ONE_OF,)})
    assert mine.reclaimable_bytes == 2 * original.size_bytes
    assert with_decisions(shots, found, choice, {}, {original.content: Verdict.KEEP}).keepers == (0, 1, 2)


def test_a_group_is_open_until_every_shot_has_its_word_and_a_series_never() -> None:
    shots, found = burst()
    words = {s.content: Verdict.KEEP for s in shots[:3]}
    assert undecided(shots, found, words)
    assert not undecided(shots, found, words | {shots[3].content: Verdict.REJECT})
    assert not undecided(shots, replace(found, kind=Kind.SERIES), {})


@given(st.lists(st.sampled_from([None, Verdict.KEEP, Verdict.KEEP_ONE, Verdict.REJECT]), min_size=4, max_size=4))
def test_something_stays_nothing_kept_goes_and_the_bytes_add_up(said: list[Verdict | None]) -> None:
    shots, found = burst()
    words = {s.content: word for s, word in zip(shots, said, strict=True) if word is not None}
    mine = with_decisions(shots, found, suggest_keepers(shots, found, looks(shots)), looks(shots), words)
    assert mine.keepers
    assert set(mine.reasons) == set(mine.keepers)
    assert {m for m in found.members if words.get(shots[m].content) in (Verdict.KEEP, Verdict.KEEP_ONE)} <= set(
        mine.keepers
    )
    if any(word is not Verdict.REJECT for word in said):
        assert not {m for m in mine.keepers if words.get(shots[m].content) is Verdict.REJECT}
    assert mine.reclaimable_bytes == sum(s.size_bytes for s in shots) - sum(shots[k].size_bytes for k in mine.keepers)


def test_a_series_stays_whole() -> None:
    shots, found = burst()
    series = replace(found, kind=Kind.SERIES, series="panorama sweep")
    choice = suggest_keepers(shots, series, {})
    assert with_decisions(shots, series, choice, {}, {shots[0].content: Verdict.REJECT}) == choice


def test_nothing_said_changes_nothing() -> None:
    shots, found = burst()
    choice = suggest_keepers(shots, found, looks(shots))
    assert with_decisions(shots, found, choice, looks(shots), {unit(1).tobytes()[:32]: Verdict.KEEP}) is choice
