"""Tags as two parsers read them."""

import io
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from dejashot.models.capture import Camera, Place
from dejashot.reading.decode import decoder
from dejashot.reading.metadata.burst_names import NamedBurst
from dejashot.reading.metadata.camera import camera_of
from dejashot.reading.metadata.gps import place_of
from dejashot.reading.metadata.tags import Tags, read_tags
from scenes import save_photo, scene

decoder.prepare_decoders(220)
SMALL = scene(1, (160, 120))


def tags_of(file: Path) -> Tags:
    data = file.read_bytes()
    return read_tags(data, decoder.open_image(data, file.name, 220))


@pytest.mark.parametrize("suffix", ["jpg", "png", "webp", "avif", "heic"])
def test_time_place_and_camera_are_read_from_every_format(tmp_path: Path, suffix: str) -> None:
    when = datetime(2026, 7, 1, 10, 11, 12, 345000)
    file = save_photo(
        tmp_path / f"x.{suffix}",
        SMALL,
        when,
        camera=("Apple", "iPhone 99"),
        bias=-0.7,
        gps=(-33.857, 151.215),
        gps_time=when.replace(tzinfo=UTC),
    )
    tags = tags_of(file)
    assert tags.text("EXIF DateTimeOriginal") == "2026:07:01 10:11:12"
    assert tags.text("EXIF SubSecTimeOriginal") == "345"
    assert tags.text("EXIF OffsetTimeOriginal") == "+02:00"
    place = place_of(tags)
    assert place is not None
    assert (round(place.latitude, 4), round(place.longitude, 4)) == (-33.857, 151.215)
    camera = camera_of(tags)
    assert (camera.name, camera.bias_ev) == ("Apple iPhone 99", pytest.approx(-0.7))


def test_a_place_comes_from_recorded_data_only() -> None:
    full = {
        "GPS GPSLatitude": [54, 10, 48],
        "GPS GPSLatitudeRef": "N",
        "GPS GPSLongitude": [7, 52, 48],
        "GPS GPSLongitudeRef": "E",
        "GPS GPSAltitude": [12.5],
        "GPS GPSAltitudeRef": [1],
    }
    assert place_of(Tags(full)) == Place(54.18, 7.88, -12.5)
    for missing in ("GPS GPSLatitude", "GPS GPSLatitudeRef", "GPS GPSLongitude", "GPS GPSLongitudeRef"):
        assert place_of(Tags({k: v for k, v in full.items() if k != missing})) is None
    assert place_of(Tags(full | {"GPS GPSLatitude": [91, 0, 0]})) is None
    assert place_of(Tags(full | {"GPS GPSLatitude": [0, 0, 0], "GPS GPSLongitude": [0, 0, 0]})) is None
    assert place_of(Tags(full | {"GPS GPSLatitudeRef": "?"})) is None


def test_google_burst_ids_are_read_from_xmp(tmp_path: Path) -> None:
    packet = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:Description GCamera:BurstID="79c1-aa"/></x:xmpmeta>'
    SMALL.save(tmp_path / "b.jpg", xmp=packet)
    assert tags_of(tmp_path / "b.jpg").burst_id == "79c1-aa"


def test_hostile_text_comes_out_clean(tmp_path: Path) -> None:
    file = save_photo(tmp_path / "x.jpg", SMALL, camera=("Evil\x1b[31m", "M" * 5000))
    camera = camera_of(tags_of(file))
    assert "\x1b" not in camera.make
    assert len(camera.model) <= 128


@pytest.mark.filterwarnings("ignore::UserWarning")
@settings(max_examples=150, deadline=None)
@given(st.data())
def test_mutated_tags_never_raise(data: st.DataObject) -> None:
    out = io.BytesIO()
    exif = Image.Exif()
    exif[0x010F] = "Apple"
    exif.get_ifd(0x8769)[0x9003] = "2026:07:01 10:11:12"
    SMALL.save(out, "JPEG", exif=exif)
    raw = bytearray(out.getvalue())
    for _ in range(data.draw(st.integers(1, 12))):
        raw[data.draw(st.integers(2, 200))] = data.draw(st.integers(0, 255))
    try:
        image = decoder.open_image(bytes(raw), "x.jpg", 220)
    except decoder.UnreadablePhotoError:
        return
    tags = read_tags(bytes(raw), image)
    assert isinstance(camera_of(tags).make, str)
    place_of(tags)


def test_googles_pick_of_a_burst_and_the_cover_of_a_name_are_the_cameras_pick(tmp_path: Path) -> None:
    for value, pick in ((b"1", True), (b"0", False)):
        packet = (
            b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:Description GCamera:BurstID="79c1-aa" '
            b'GCamera:BurstPrimary="%s"/></x:xmpmeta>' % value
        )
        SMALL.save(tmp_path / "b.jpg", xmp=packet)
        camera = camera_of(tags_of(tmp_path / "b.jpg"), NamedBurst("name-1"))
        assert (camera.burst_id, camera.camera_pick) == ("79c1-aa", pick)
    SMALL.save(tmp_path / "c.jpg")
    assert camera_of(tags_of(tmp_path / "c.jpg"), NamedBurst("name-1", cover=True)) == Camera(
        burst_id="name-1", camera_pick=True
    )


def test_a_make_is_not_repeated_in_the_model() -> None:
    names = {
        Camera(make, model).name
        for make, model in (
            ("NIKON CORPORATION", "NIKON D750"),
            ("Canon", "Canon EOS 80D"),
            ("Apple", "iPhone 17"),
            ("", "X"),
        )
    }
    assert names == {"NIKON D750", "Canon EOS 80D", "Apple iPhone 17", "X"}
