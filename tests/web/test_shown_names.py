"""Names that are cut in the middle: nothing of them is lost, their ending always shows, and they stay text."""

import html
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dejashot.web.names import middle, split_name


@given(st.text(max_size=60))
def test_a_name_is_all_there_and_only_text(name: str) -> None:
    head, tail = split_name(name)
    assert head + tail == name
    made = str(middle(name))
    assert html.unescape(re.sub(r"<[^>]*>", "", made)) == name
    assert len(re.findall("<span", made)) in (0, 2)


@pytest.mark.parametrize(
    ("name", "tail"),
    [
        ("IMG_0142.jpg", ""),
        ("IMG_20260501_142042.jpg", "2042.jpg"),
        ("A very long name of a photo (edited).jpeg", "ted).jpeg"),
        ("a name without an ending", "ding"),
        ("archive.tar.of-many-photos", "otos"),
    ],
)
def test_the_ending_and_the_last_characters_before_it_stay(name: str, tail: str) -> None:
    assert split_name(name)[1] == tail
