"""What a reason is made of: each is stored in English, and recognized where it is shown in another language."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dejashot.grouping.keepers import copy_reasons, reasons
from dejashot.language.stored_texts import translate_stored
from dejashot.language.texts import in_language
from dotted_language import dotted_language, words_left
from shots import shot

LARGE, SMALL = shot(0), shot(5, size=(300, 200))
SENDERS = ("WhatsApp", "Signal", "a messenger")


@given(
    st.integers(1, 2000),
    st.integers(1, 2000),
    st.floats(0, 100),
    st.lists(st.sampled_from(SENDERS), min_size=1, max_size=5),
)
def test_each_reason_is_recognized_whatever_its_values(
    one: int, other: int, percent: float, senders: list[str]
) -> None:
    stored = [
        copy_reasons.describe_copies(min(one, other), max(one, other)),
        *copy_reasons.describe_senders(senders),
        copy_reasons.describe_twins(one),
        copy_reasons.describe_equal_files(one),
        copy_reasons.describe_full_picture(LARGE, one),
        copy_reasons.describe_full_picture(SMALL, one),
        copy_reasons.describe_exports(LARGE, one),
        reasons.describe_only_sound(one),
        reasons.describe_sound(one),
        reasons.describe_open_eyes(one, other),
        reasons.describe_other_picture(percent),
        reasons.describe_close_call(reasons.A_LITTLE_SHARPER),
    ]
    with in_language(dotted_language()):
        left = {word for text in stored for word in words_left(translate_stored(text))}
    assert left <= {"WhatsApp", "Signal", LARGE.format}


@pytest.mark.parametrize(
    ("senders", "words"),
    [
        (["Signal"], ["the other came by Signal"]),
        (["Signal", "Signal"], ["the others came by Signal"]),
        (["Viber", "Signal"], ["the others came by Signal and Viber"]),
        (["Viber", "Signal", "LINE"], ["the others came by LINE and Signal and Viber"]),
        (["Viber", "Signal", "LINE", "WeChat"], ["the others came by LINE and Signal and Viber and WeChat"]),
        (["Viber", ""], []),
        ([], []),
    ],
)
def test_the_messengers_of_the_others_are_named_in_alphabetical_order(senders: list[str], words: list[str]) -> None:
    assert copy_reasons.describe_senders(senders) == words
