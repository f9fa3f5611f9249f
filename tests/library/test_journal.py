"""The journal of the owner's decisions: it survives the library, and a torn line harms no other."""

import json
import stat
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dejashot.library import backup, database
from dejashot.library.journal import JOURNAL_NAME, DecisionJournal
from dejashot.library.library import Library
from dejashot.models.decisions import Decision, Verdict, separated

NOW_US = 1_785_000_000_000_000
A, B, C = (bytes([n]) * 32 for n in (1, 2, 3))


def test_a_decision_taken_back_stays_so_after_a_restoration(tmp_path: Path) -> None:
    library = Library.open(tmp_path)
    DecisionJournal(tmp_path).decide([Decision(A, Verdict.KEEP, 1)])
    backup.back_up(library, tmp_path, NOW_US, keep=2)
    DecisionJournal(tmp_path).decide([Decision(A, None, 2)])
    library.shorten_journal()
    library.close()
    (tmp_path / database.LIBRARY_FILE_NAME).write_bytes(b"damaged" * 1000)
    library, restored = backup.open_sound(tmp_path, NOW_US)
    assert restored is not None
    assert library.decisions.all() == []
    library.close()


def test_a_torn_line_of_the_journal_costs_itself_only(tmp_path: Path) -> None:
    DecisionJournal(tmp_path).decide([Decision(A, Verdict.KEEP, 1)])
    with (tmp_path / JOURNAL_NAME).open("ab") as out:
        out.write(b'{"content": "0202')
    DecisionJournal(tmp_path).decide([Decision(C, Verdict.REJECT, 3)])
    assert DecisionJournal(tmp_path).decisions == [Decision(A, Verdict.KEEP, 1), Decision(C, Verdict.REJECT, 3)]


@pytest.mark.parametrize(
    "line",
    [
        {"content": "02" * 32, "other": "01" * 32, "word": "different", "decided_us": 1},
        {"content": "01" * 32, "other": "", "word": "keep", "decided_us": 2**64},
        {"content": "01" * 32, "other": "", "word": "different", "decided_us": 1},
        {"content": "01", "other": "", "word": "keep", "decided_us": 1},
        {"content": "01" * 32, "other": "", "word": "perhaps", "decided_us": 1},
        ["01" * 32],
        {"content": "01" * 32, "other": "", "word": "keep", "decided_us": float("inf")},
    ],
)
def test_a_line_that_makes_no_sense_is_passed_over_and_the_library_opens(tmp_path: Path, line: object) -> None:
    DecisionJournal(tmp_path).decide([Decision(A, Verdict.KEEP, 1)])
    with (tmp_path / JOURNAL_NAME).open("a") as out:
        out.write(json.dumps(line) + "\n")
    library = Library.open(tmp_path)
    assert library.decisions.all() == [Decision(A, Verdict.KEEP, 1)]
    library.close()


def test_what_a_damaged_or_lost_journal_no_longer_says_comes_from_the_library(tmp_path: Path) -> None:
    DecisionJournal(tmp_path).decide([Decision(A, Verdict.KEEP, 1), Decision(B, Verdict.KEEP_ONE, 2)])
    Library.open(tmp_path).close()
    journal = tmp_path / JOURNAL_NAME
    kept, lost = journal.read_bytes().splitlines(keepends=True)
    journal.write_bytes(b"\0" * len(kept) + b"\n" + lost)
    for _ in range(2):
        Library.open(tmp_path).close()
        assert DecisionJournal(tmp_path).verdicts == {A: Verdict.KEEP, B: Verdict.KEEP_ONE}
        journal.unlink()


def test_what_was_taken_back_stays_so_although_the_journal_is_torn(tmp_path: Path) -> None:
    journal = DecisionJournal(tmp_path)
    journal.decide([Decision(A, Verdict.REJECT, 1), Decision(B, Verdict.KEEP, 1)])
    Library.open(tmp_path).close()
    journal.decide([Decision(A, None, 2)])
    with (tmp_path / JOURNAL_NAME).open("ab") as out:
        out.write(b"torn" + b"\n")
    library = Library.open(tmp_path)
    assert library.decisions.all() == [Decision(B, Verdict.KEEP, 1)]
    assert DecisionJournal(tmp_path).undo(3)
    library.close()


def test_the_decisions_are_exported_beside_the_backup(tmp_path: Path) -> None:
    library = Library.open(tmp_path)
    DecisionJournal(tmp_path).decide([Decision(A, Verdict.KEEP, 1), separated(B, C, 2)])
    backup.back_up(library, tmp_path, NOW_US, keep=1)
    library.close()
    exported = DecisionJournal(tmp_path / "backups")
    assert (exported.verdicts, exported.separated_pairs) == ({A: Verdict.KEEP}, {(B, C)})
    assert stat.S_IMODE((tmp_path / "backups" / JOURNAL_NAME).stat().st_mode) == 0o600


def test_what_was_done_in_one_go_is_undone_in_one_go_by_whoever_comes(tmp_path: Path) -> None:
    here, there = DecisionJournal(tmp_path), DecisionJournal(tmp_path)
    first = here.decide([Decision(A, Verdict.KEEP, 1), Decision(B, Verdict.REJECT, 1)])
    here.decide([Decision(B, Verdict.KEEP, 2), separated(C, A, 2)])
    assert there.refresh()
    assert there.separated_pairs == {(A, C)}
    assert [d.key for d in there.undo(3)] == [(B, b""), (A, C)]
    assert here.refresh()
    assert (here.verdicts, here.separated_pairs) == ({A: Verdict.KEEP, B: Verdict.REJECT}, set())
    assert here.undo(4, act="another") == []
    assert here.undo(4, act=first)
    assert (here.verdicts, here.undo(5)) == ({}, [])


some_decisions = st.builds(
    lambda pair, word, us: Decision(pair[0], word, us, pair[1] if word is Verdict.DIFFERENT else b""),
    st.sampled_from([(A, B), (A, C), (B, C)]),
    st.sampled_from([*Verdict, None]),
    st.integers(0, 2**50),
)


@settings(deadline=None, max_examples=40)  # every step is on the disk before the next
@given(
    st.lists(
        st.tuples(
            st.lists(some_decisions, min_size=1, max_size=3),
            st.sampled_from(["on", "undo", "shorten", "restart", "lose", "other"]),
        ),
        max_size=12,
    )
)
def test_the_journal_and_the_library_never_differ(
    tmp_path_factory: pytest.TempPathFactory, story: list[tuple[list[Decision], str]]
) -> None:
    folder = tmp_path_factory.mktemp("owner")
    journal, library = DecisionJournal(folder), Library.open(folder)
    expected: dict[tuple[bytes, bytes], Verdict] = {}
    history: list[dict[tuple[bytes, bytes], Verdict]] = []
    for number, (act, then) in enumerate(story):
        history.append(dict(expected))
        journal.decide(act)
        for decision in act:
            expected.pop(decision.key, None)
            if decision.verdict is not None:
                expected[decision.key] = decision.verdict
        if then == "undo":
            assert journal.undo(number)
            expected = history.pop()
        elif then == "shorten":
            library.shorten_journal()
        elif then == "other":
            journal = DecisionJournal(folder)
        elif then != "on":
            library.close()
            if then == "lose":
                (folder / database.LIBRARY_FILE_NAME).unlink()
            library = Library.open(folder)
        library.sync_decisions()
        journal.refresh()
        assert (
            {d.key: d.verdict for d in library.decisions.all()}
            == {d.key: d.verdict for d in journal.decisions}
            == expected
        )
        assert journal.verdicts == {key[0]: word for key, word in expected.items() if word is not Verdict.DIFFERENT}
        assert journal.separated_pairs == {key for key, word in expected.items() if word is Verdict.DIFFERENT}
    while history:
        assert journal.undo(0)
        expected = history.pop()
        assert {d.key: d.verdict for d in journal.decisions} == expected
    library.close()
