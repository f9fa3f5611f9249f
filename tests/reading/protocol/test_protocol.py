"""Messages between pool and readers survive the wire, and nonsense is refused."""

import hashlib
import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dejashot.errors import Reason, UnreadablePhotoError
from dejashot.models.capture import Camera, Place, TimeSource
from dejashot.models.features import FEATURES_PX, MAX_OUTLINE, MAX_POINTS, LocalFeatures
from dejashot.models.photo import LinkMetadata, Quality, SidecarMetadata, Wanted
from dejashot.paths import shown
from dejashot.reading.limits import MAX_DETAIL
from dejashot.reading.metadata.camera import camera_of
from dejashot.reading.metadata.capture_time import FileContext, capture_time
from dejashot.reading.metadata.exif import EXIF_TAGS
from dejashot.reading.metadata.google_camera import google_burst_id
from dejashot.reading.metadata.gps import place_of
from dejashot.reading.metadata.tags import Tags
from dejashot.reading.protocol.codec import (
    features_to_wire,
    look_to_wire,
    map_to_wire,
    pack,
    reading_to_wire,
    sidecar_to_wire,
    text_of,
    unpack,
)
from dejashot.reading.protocol.exchange import Exchange, KnownContent, SkippedContent
from dejashot.reading.protocol.fields import ReaderModel
from dejashot.reading.protocol.messages import Fatal, Hashed, Ready
from dejashot.reading.protocol.payloads import WIRE_VERSION, Look
from dejashot.reading.worker import in_line
from readers import BOUNDS, CONTENT, FEATURES, JPEG, LOOK, MAP, READY, STAMP, a_reading, exchange

TEXTS = st.text(max_size=9).map(shown)


def received(op: str, message: dict[str, Any], wanted: Wanted | None = Wanted.ALL) -> Any:
    """Return what a message is understood as where it is in turn."""
    return exchange(op, wanted).receive(json.dumps(message).encode()).value


@given(
    st.integers(0, 2**31),
    st.sampled_from(list(TimeSource)),
    st.one_of(st.none(), st.builds(Place, st.floats(-90, 90), st.floats(-180, 180), st.none() | st.floats(-400, 9000))),
    st.builds(Camera, TEXTS, TEXTS, TEXTS, st.none() | st.floats(0.001, 30), st.none() | st.floats(-5, 5)),
)
def test_a_reading_survives_the_wire(seed: int, source: TimeSource, place: Place | None, camera: Camera) -> None:
    reading = a_reading(seed, source=source, place=place, camera=camera)
    back = received("read", {"op": "reading", "reading": reading_to_wire(reading)})
    for name in (
        "content",
        "stamp",
        "format",
        "width",
        "height",
        "taken",
        "place",
        "camera",
        "contrast",
        "motion",
        "live_id",
    ):
        assert getattr(back, name) == getattr(reading, name)
    assert np.array_equal(back.vector, reading.vector)
    assert back.map is None
    back = received("read", {"op": "reading", "reading": reading_to_wire(replace(reading, map=MAP))})
    assert np.array_equal(back.map, MAP)
    assert np.array_equal(back.signature, reading.signature)


NUMBERS = st.lists(st.floats() | st.integers() | st.text(max_size=20), max_size=4)
ANY = st.none() | st.text(max_size=200) | st.binary(max_size=200) | NUMBERS
TAGS = st.dictionaries(st.sampled_from([*EXIF_TAGS, "XMP DateCreated"]), ANY, max_size=12)
BURSTS = st.binary(max_size=80).map(lambda id_: google_burst_id(b'GCamera:BurstID="' + id_ + b'"'))
NOW = datetime(2026, 7, 1, tzinfo=UTC)


@given(
    TAGS,
    BURSTS,
    st.integers(-(2**63), 2**63 - 1),
    st.text(max_size=30),
    st.sampled_from(["UTC", "Asia/Manila", "America/Juneau"]),
)
def test_a_sound_reader_is_believed_whatever_tags_a_photo_has(
    values: dict[str, Any], burst: str, mtime_ns: int, name: str, home: str
) -> None:
    found = Tags(values, burst)
    taken = capture_time(found, FileContext(name, mtime_ns, ZoneInfo(home), NOW))
    reading = replace(a_reading(1), taken=taken, place=place_of(found), camera=camera_of(found))
    assert received("read", {"op": "reading", "reading": reading_to_wire(reading)}).taken == taken


@given(st.text(max_size=900), st.integers(1, 600))
def test_a_readers_failure_detail_is_printable(text: str, most: int) -> None:
    line = in_line(text, most)
    assert len(line) <= most
    assert (
        received("read", {"op": "failed", "reason": "corrupt", "detail": line[:MAX_DETAIL]}).detail == line[:MAX_DETAIL]
    )


MOMENTS = st.integers(-(2**52), 2**52)


NAMES = st.text(st.characters(exclude_characters="/\0", codec="utf-8"), max_size=9)


@given(
    st.sampled_from(["", "5D7D1B9A-1C4E"]),
    st.none() | MOMENTS,
    st.dictionaries(NAMES, MOMENTS, max_size=4),
    st.booleans(),
)
def test_a_sidecar_survives_the_wire(
    live_id: str, made_us: int | None, times_us: dict[str, int], to_minute: bool
) -> None:
    sidecar = SidecarMetadata(LinkMetadata(live_id, made_us), times_us, to_minute)
    assert received("sidecar", {"op": "sidecar_read", "sidecar": sidecar_to_wire(sidecar)}, None) == sidecar


@pytest.mark.parametrize(
    "sidecar",
    [
        *(
            SidecarMetadata(LinkMetadata(live_id))
            for live_id in ("short", "X" * 65, "../../etc/passwd", "lower-case", "5D7D1B9A-1C4E\n")
        ),
        *(SidecarMetadata(times_us={name: 1}) for name in ("a/b", "\0", "\ud800", "x" * 256)),
        SidecarMetadata(LinkMetadata(made_us=2**53)),
        SidecarMetadata(times_us={"a": -(2**60)}),
    ],
)
def test_what_is_no_id_no_name_and_no_moment_is_refused(sidecar: SidecarMetadata) -> None:
    with pytest.raises(ValueError):
        received("sidecar", {"op": "sidecar_read", "sidecar": sidecar_to_wire(sidecar)}, None)


@pytest.mark.parametrize("look", [LOOK, Look(Quality(1.5, 0.1, 0.2, 99.0), JPEG)])
def test_a_look_survives_the_wire(look: Look) -> None:
    assert received("look", {"op": "look", "content": CONTENT.hex(), "seen": look_to_wire(look)}) == look


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("sharpness", float("nan")),
        ("sharpness", -1.0),
        ("sharpness", 1e9),
        ("noise", None),
        ("brightness", "9"),
        ("tiles", [1.0] * 15),
        ("tiles", ["x"] * 16),
        ("gradients", [1.0, 2.0]),
        ("faces", [{"box": [0, 0, 1], "sharpness": 1, "eyes": [None, None]}]),
        ("faces", [{"box": [0, 0, 1, 1], "sharpness": 1, "eyes": [0.2]}]),
        ("faces", [{"box": [0, 0, 1, float("inf")], "sharpness": 1, "eyes": [None, None]}]),
        ("faces", [{"box": [0, 0, 1, 1], "sharpness": 1, "eyes": [None, None]}] * 33),
        ("damage", "x" * 201),
        ("damage", "a\x1b[31m"),
        ("parts", ["xyz"]),
        ("detail", {"pixels": "0" * 32, "columns": 0, "packed": ""}),
        ("detail", {"pixels": "0" * 32, "columns": 4, "packed": "AAAA"}),
        ("unheard_of", 1.0),
    ],
)
def test_a_look_that_does_not_hold_together_is_refused(name: str, value: object) -> None:
    seen = look_to_wire(LOOK)
    seen["quality"][name] = value
    with pytest.raises(ValueError):
        received("look", {"op": "look", "content": CONTENT.hex(), "seen": seen})


@pytest.mark.parametrize(
    "jpeg",
    [
        b"",
        b"\xff\xd8preview",
        JPEG[:-2],
        JPEG + b" ",
        b"<svg/>",
        JPEG[:20] + JPEG[-2:],
        JPEG.replace(b"\x00\x08\x00\x08\x03", b"\xff\xff\xff\xff\x03"),
    ],
)
def test_a_preview_is_a_jpeg_of_ours(jpeg: bytes) -> None:
    for op, seen in (("look", look_to_wire(Look(LOOK.quality, jpeg))), ("render", {"jpeg": text_of(jpeg)})):
        with pytest.raises(ValueError):
            received(op, {"op": op, "content": CONTENT.hex(), "seen": seen})


def test_a_map_has_the_shape_of_the_model() -> None:
    assert (received("map", {"op": "map", "content": CONTENT.hex(), "seen": map_to_wire(MAP)}) == MAP).all()
    infinite = MAP.copy()
    infinite[0, 0, 0] = np.inf
    for wrong in (MAP[:1], MAP.transpose(1, 0, 2), infinite):
        with pytest.raises(ValueError):
            received("map", {"op": "map", "content": CONTENT.hex(), "seen": map_to_wire(wrong)})
    with pytest.raises(ValueError):
        received("map", {"op": "map", "content": CONTENT.hex(), "seen": {**map_to_wire(MAP), "values": ""}})


def received_features(seen: dict[str, Any]) -> Any:
    return received("features", {"op": "features", "content": CONTENT.hex(), "seen": seen})


@pytest.mark.parametrize("count", [0, 1, 3])
def test_local_features_survive_the_wire(count: int) -> None:
    sent = replace(FEATURES, points=FEATURES.points[:count], descriptors=FEATURES.descriptors[:count])
    back = received_features(features_to_wire(sent))
    for name in ("points", "descriptors", "luma", "outline", "colours"):
        assert np.array_equal(getattr(back, name), getattr(sent, name))
        assert getattr(back, name).dtype == getattr(sent, name).dtype


def test_the_largest_local_features_fit_in_a_message() -> None:
    points = np.full((MAX_POINTS, 2), FEATURES_PX, dtype=np.float32)
    most = LocalFeatures(
        points,
        np.full((MAX_POINTS, 128), 255, dtype=np.uint8),
        np.full((FEATURES_PX, FEATURES_PX), 255, dtype=np.uint8),
        np.full((64, 64), MAX_OUTLINE, dtype=np.float32),
        FEATURES.colours,
    )
    message = pack({"op": "features", "content": CONTENT.hex(), "seen": features_to_wire(most)})
    assert len(message) <= exchange("features").max_bytes
    assert np.array_equal(received_features(features_to_wire(most)).points, points)


def changed_at(array: Any, value: float) -> Any:
    other = array.copy()
    other.flat[-1] = value
    return other


@pytest.mark.parametrize(
    "wrong",
    [
        replace(FEATURES, points=FEATURES.points[:2]),
        replace(FEATURES, descriptors=FEATURES.descriptors[:2]),
        replace(FEATURES, descriptors=FEATURES.descriptors[:, :127]),
        *(replace(FEATURES, points=changed_at(FEATURES.points, value)) for value in (np.nan, np.inf, -0.5, 4.5)),
        *(replace(FEATURES, outline=changed_at(FEATURES.outline, value)) for value in (np.nan, -np.inf, 1e9, -17)),
        replace(FEATURES, outline=FEATURES.outline[:63]),
    ],
)
def test_local_features_that_do_not_hold_together_are_refused(wrong: LocalFeatures) -> None:
    with pytest.raises(ValueError):
        received_features(features_to_wire(wrong))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("count", -1),
        ("count", 2),
        ("count", 2001),
        ("count", 3.0),
        ("size", [6, 5]),
        ("size", [0, 0]),
        ("size", [1, 769]),
        ("size", [2, -12]),
        ("luma", ""),
        ("points", ""),
        ("points", "@@"),
        ("unheard_of", 1),
    ],
)
def test_sizes_that_local_features_do_not_have_are_refused(name: str, value: object) -> None:
    with pytest.raises(ValueError):
        received_features({**features_to_wire(FEATURES), name: value})


@pytest.mark.parametrize("data", [b"", b"[]", b"{}", b"\xff", b'"op"'])
def test_what_is_no_message_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError):
        unpack(data)
    with pytest.raises(ValueError):
        exchange("read").receive(data)


def test_what_would_take_up_memory_is_refused_unread() -> None:
    many = b'{"op":"reading","reading":[' + b"0," * 100_000 + b"0]}"
    with pytest.raises(ValueError, match="too many"):
        exchange("read").receive(many)
    with pytest.raises(ValueError):
        exchange("read").receive(b'{"op":' + b"[" * 100_000)


READING = {"op": "reading", "reading": reading_to_wire(a_reading(1))}
KNOWN = {"op": "known", "content": CONTENT.hex(), "stamp": STAMP}
HASHED = {"op": "hashed", "content": CONTENT.hex()}
FAILED = {"op": "failed", "reason": "corrupt", "detail": "broken"}


def test_each_message_has_its_turn() -> None:
    talk = Exchange(BOUNDS)
    with pytest.raises(ValueError, match="asked nothing"):
        talk.receive(pack(HASHED))
    assert isinstance(talk.receive(pack(READY)), Ready)
    for again in (READY, {"op": "fatal", "title": "x", "hint": "y"}):
        with pytest.raises(ValueError, match="started before"):
            talk.receive(pack(again))
    talk.begin("read")
    with pytest.raises(ValueError, match="not asked"):
        talk.receive(pack(READING))
    assert isinstance(talk.receive(pack(HASHED)), Hashed)
    with pytest.raises(ValueError, match="not asked for"):
        talk.receive(pack(HASHED))
    with pytest.raises(ValueError, match="not asked"):
        talk.receive(pack(READING))
    talk.grant(Wanted.ALL)
    assert talk.receive(pack(READING)).value.content == CONTENT
    for unasked in (HASHED, READING, FAILED):
        with pytest.raises(ValueError, match="asked nothing"):
            talk.receive(pack(unasked))
    assert isinstance(Exchange(BOUNDS).receive(pack({"op": "fatal", "title": "x", "hint": "y"})), Fatal)


def test_what_was_not_wanted_is_not_taken() -> None:
    without = {"op": "reading", "reading": {**READING["reading"], "vector": None}}
    assert received("read", without, Wanted.FACTS).vector is None
    assert isinstance(received("read", KNOWN, Wanted.NOTHING), KnownContent)
    assert isinstance(received("read", FAILED, None), UnreadablePhotoError)
    for wanted, message in (
        (Wanted.ALL, without),
        (Wanted.ALL, KNOWN),
        (Wanted.FACTS, READING),
        (Wanted.NOTHING, READING),
    ):
        with pytest.raises(ValueError, match="not asked"):
            received("read", message, wanted)
    for op in ("look", "map", "features", "render", "sidecar"):
        with pytest.raises(ValueError, match="not asked"):
            received(op, READING)
    with pytest.raises(ValueError, match="not asked"):
        received("read", {**KNOWN, "content": "0" * 64}, Wanted.NOTHING)
    with pytest.raises(ValueError, match="not asked for"):
        exchange("sidecar", None).receive(pack(HASHED))


@pytest.mark.parametrize("reason", [Reason.READER_CRASHED, Reason.TIMED_OUT])
def test_what_only_the_pool_can_know_a_reader_does_not_say(reason: Reason) -> None:
    with pytest.raises(ValueError):
        received("read", {**FAILED, "reason": reason})


@pytest.mark.parametrize("op", ["look", "map", "features", "render"])
def test_a_reader_skips_what_is_not_wanted(op: str) -> None:
    skipped = {"op": "skipped", "content": CONTENT.hex()}
    assert received(op, skipped, Wanted.NOTHING) == SkippedContent(CONTENT)
    with pytest.raises(ValueError, match="not asked"):
        received(op, skipped, Wanted.ALL)
    with pytest.raises(ValueError, match="not asked"):
        received(op, {**skipped, "content": "0" * 64}, Wanted.NOTHING)
    with pytest.raises(ValueError, match="not skipped"):
        received("read", skipped, Wanted.NOTHING)


def test_the_version_is_raised_with_every_change_to_what_readers_say() -> None:
    form = json.dumps(
        {received.__name__: sorted(received.model_fields) for received in ReaderModel.__subclasses__()}, sort_keys=True
    )
    assert (WIRE_VERSION, hashlib.sha256(form.encode()).hexdigest()[:8]) == (8, "7516beab"), (
        "raise WIRE_VERSION, then write both down here"
    )
