"""What goes between pool and workers comes back as it was, and nonsense is refused."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dejashot.models import Camera, CaptureTime, Certainty, Face, FileStamp, Hearsay, Place, Quality, Reading, TimeSource, Told
from dejashot.reading.wire import (
    Look,
    hearsay_from_wire,
    hearsay_to_wire,
    look_from_wire,
    look_to_wire,
    pack,
    reading_from_wire,
    reading_to_wire,
    unpack,
)


@given(
    st.integers(0, 2**31),
    st.sampled_from(list(TimeSource)),
    st.one_of(st.none(), st.builds(Place, st.floats(-90, 90), st.floats(-180, 180), st.none() | st.floats(-400, 9000))),
    st.builds(
        Camera,
        st.text(max_size=9),
        st.text(max_size=9),
        st.text(max_size=9),
        st.none() | st.floats(0.001, 30),
        st.none() | st.floats(-5, 5),
    ),
)
def test_a_reading_survives_the_wire(seed: int, source: TimeSource, place: Place | None, camera: Camera) -> None:
    rng = np.random.default_rng(seed)
    vector = rng.normal(size=256).astype(np.float32)
    vector /= np.linalg.norm(vector)
    reading = Reading(
        content=rng.bytes(32),
        stamp=FileStamp(seed, -seed, 3, 4),
        format="JPEG",
        width=4000,
        height=3000,
        taken=CaptureTime(seed * 1000, 7200, source, Certainty.HIGH),
        place=place,
        camera=camera,
        vector=vector,
        signature=rng.integers(0, 255, (16, 16), dtype=np.uint8),
        contrast=42.5,
        motion=seed % 2 == 1,
        live_id="5D7D1B9A-1C4E" if seed % 3 else "",
    )
    back = reading_from_wire(unpack(pack({"op": "reading", "reading": reading_to_wire(reading)}))["reading"])
    for name in ("content", "stamp", "format", "width", "height", "taken", "place", "camera", "contrast", "motion", "live_id"):
        assert getattr(back, name) == getattr(reading, name)
    assert np.array_equal(back.vector, reading.vector)
    assert np.array_equal(back.signature, reading.signature)


MOMENTS = st.integers(-(2**52), 2**52)


NAMES = st.text(st.characters(exclude_characters="/\0", codec="utf-8"), max_size=9)


@given(st.sampled_from(["", "5D7D1B9A-1C4E"]), st.none() | MOMENTS, st.dictionaries(NAMES, MOMENTS, max_size=4), st.booleans())
def test_what_was_heard_survives_the_wire(live_id: str, made_us: int | None, times_us: dict[str, int], to_minute: bool) -> None:
    said = Hearsay(Told(live_id, made_us), times_us, to_minute)
    assert hearsay_from_wire(json.loads(json.dumps(hearsay_to_wire(said)))) == said


@pytest.mark.parametrize("live_id", ["short", "x" * 65, "../../etc/passwd", "lower-case"])
def test_what_is_no_id_and_no_moment_is_refused(live_id: str) -> None:
    with pytest.raises(ValueError, match="Live Photo"):
        hearsay_from_wire(hearsay_to_wire(Hearsay(Told(live_id))))
    for name in ("a/b", "\0", "\ud800", "x" * 256):
        with pytest.raises(ValueError, match="names"):
            hearsay_from_wire(hearsay_to_wire(Hearsay(times_us={name: 1})))
    for said in (Hearsay(Told(made_us=2**53)), Hearsay(times_us={"a": -(2**60)})):
        with pytest.raises(ValueError, match="moment"):
            hearsay_from_wire(hearsay_to_wire(said))


FACE = Face((0.1, 0.2, 0.3, 0.4), 0.9, (0.21, None))
LOOK = Look(Quality(1.5, 0.1, 0.2, 99.0, (0.5,) * 16, (1.0, 1.25, -0.1), 2.5, 9.0, (FACE, FACE)), b"\xff\xd8preview")


@pytest.mark.parametrize("look", [LOOK, Look(Quality(1.5, 0.1, 0.2, 99.0), b"")])
def test_a_look_survives_the_wire(look: Look) -> None:
    assert look_from_wire(json.loads(json.dumps(look_to_wire(look)))) == look


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("sharpness", float("nan")),
        ("noise", None),
        ("tiles", [1.0] * 15),
        ("tiles", ["x"] * 16),
        ("gradients", [1.0, 2.0]),
        ("faces", [{"box": [0, 0, 1], "sharpness": 1, "eyes": [None, None]}]),
        ("faces", [{"box": [0, 0, 1, 1], "sharpness": 1, "eyes": [0.2]}]),
        ("faces", [{"box": [0, 0, 1, float("inf")], "sharpness": 1, "eyes": [None, None]}]),
        ("faces", [{"box": [0, 0, 1, 1], "sharpness": 1, "eyes": [None, None]}] * 33),
        ("unheard_of", 1.0),
    ],
)
def test_a_look_that_does_not_hold_together_is_refused(name: str, value: object) -> None:
    values = json.loads(json.dumps(look_to_wire(LOOK)))
    values["quality"][name] = value
    with pytest.raises((ValueError, KeyError, TypeError)):
        look_from_wire(values)


@pytest.mark.parametrize("data", [b"", b"[]", b"{}", b"\xff", b'"op"'])
def test_what_is_no_message_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError):
        unpack(data)
