"""The ids in Apple's notes."""

from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import exports
from dejashot.reading.decode import decoder
from dejashot.reading.metadata.apple_ids import NO_IDS, AppleIds, ids_of
from dejashot.reading.metadata.camera import camera_of
from dejashot.reading.metadata.tags import read_tags
from scenes import save_photo, scene

BURST = "0A1B2C3D-1111-2222-3333-444455556666"


@pytest.mark.parametrize("order", [">", "<"])
def test_the_ids_stand_whole_in_the_note(order: str) -> None:
    note = exports.apple_note(exports.live_id(3).lower(), BURST, order)
    assert ids_of(note) == AppleIds(BURST, exports.live_id(3))
    assert ids_of(exports.apple_note("", BURST, order)) == AppleIds(BURST, "")
    assert ids_of(exports.apple_note("not an id", "", order)) == NO_IDS


@pytest.mark.parametrize("suffix", ["jpg", "heic"])
def test_only_a_photo_by_an_apple_camera_has_these_ids(tmp_path: Path, suffix: str) -> None:
    decoder.prepare_decoders(200)
    note = {exports.APPLE_NOTE: exports.apple_note(exports.live_id(3), BURST)}
    for maker, ids in (("Apple", (BURST, exports.live_id(3))), ("Pear", ("", ""))):
        file = save_photo(tmp_path / f"a.{suffix}", scene(1), datetime(2026, 7, 1), camera=(maker, "Phone"), extra=note)
        data = file.read_bytes()
        tags = read_tags(data, decoder.open_image(data, file.name, 200))
        assert (camera_of(tags).burst_id, tags.live_id) == ids


@given(st.binary(max_size=200), st.integers(0, 200), st.binary(max_size=8))
def test_any_bytes_give_ids_or_none(noise: bytes, at: int, put: bytes) -> None:
    note = exports.apple_note(exports.live_id(3), BURST)
    for data in (noise, b"Apple iOS\0\0\x01MM" + noise, note[:at] + put + note[at + len(put) :], note[:at]):
        found = ids_of(data)
        assert all(text == "" or 8 <= len(text) <= 64 for text in (found.burst, found.live))
