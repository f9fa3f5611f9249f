"""Wide-gamut and high-dynamic-range pictures look to the model as their sRGB copies do."""

import io
import os
import struct
import zlib
from pathlib import Path

import numpy as np
import pillow_heif
import pytest
from PIL import Image

from dejashot.reading.decode import decoder
from dejashot.reading.decode.colour import MAX_PROFILE_BYTES, in_srgb
from dejashot.reading.job import InTurn, ReadJob
from dejashot.reading.pool import ReaderPool
from dejashot.reading.protocol.payloads import WorkerOptions
from dejashot.reading.vision.embedder import Embedder
from dejashot.reading.vision.model import load_model, model_file
from heifs import Item, coded, heif, nclx
from profiles import ADOBE, P3, SRGB, in_profile
from scenes import scene

decoder.prepare_decoders(220)
PICTURES = [scene(n, (400, 300)) for n in (1, 2, 3, 5, 6)]


@pytest.fixture(scope="module")
def embedder() -> Embedder:
    file = model_file("")
    return Embedder(file, load_model(file).network, 1)


def seen(embedder: Embedder, data: bytes, *, as_it_is: bool = False) -> np.ndarray:
    image = decoder.open_image(data, "x", 220)
    prepared = embedder.prepare(decoder.upright_pixels(image, (256, 256)))
    return embedder.embed(prepared if as_it_is else in_srgb(prepared, image.info))


def encoded(picture: Image.Image, form: str, profile: bytes) -> bytes:
    out = io.BytesIO()
    picture.save(out, form, quality=92, icc_profile=profile)
    return out.getvalue()


@pytest.mark.parametrize("form", ["JPEG", "HEIF"])
@pytest.mark.parametrize("profile", [P3, ADOBE])
def test_a_photo_of_wide_gamut_is_embedded_as_its_copy_in_srgb(embedder: Embedder, form: str, profile: bytes) -> None:
    with_profile, without = [], []
    for picture in PICTURES[:3]:
        plain = seen(embedder, encoded(picture, form, SRGB))
        wide = encoded(in_profile(picture, profile), form, profile)
        with_profile.append(float(plain @ seen(embedder, wide)))
        without.append(float(plain @ seen(embedder, wide, as_it_is=True)))
    assert np.mean(with_profile) > 0.98
    assert np.mean(with_profile) > np.mean(without)


def test_the_preview_of_a_photo_of_wide_gamut_looks_as_its_copy_in_srgb(options: WorkerOptions, tmp_path: Path) -> None:
    picture = Image.new("RGB", (320, 240), (200, 60, 40))
    previews = []
    for n, (shown, profile) in enumerate(((picture, SRGB), (in_profile(picture, ADOBE), ADOBE))):
        (tmp_path / f"{n}.jpg").write_bytes(encoded(shown, "JPEG", profile))
        pool = ReaderPool(options, 1)
        ((_, result),) = pool.results(InTurn("look", [ReadJob(os.fsencode(tmp_path / f"{n}.jpg"), None)]))
        pool.close()
        assert result.value is not None
        previews.append(np.asarray(Image.open(io.BytesIO(result.value.preview)), dtype=np.int64)[5, 5])
    assert np.abs(previews[0] - previews[1]).max() <= 3


def _light(picture: Image.Image) -> np.ndarray:
    values = np.asarray(picture, dtype=np.float64) / 255
    light = np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)
    return light @ np.linalg.inv([[1.6605, -0.5876, -0.0728], [-0.1246, 1.1329, -0.0083], [-0.0182, -0.1006, 1.1187]]).T


def _pq(light: np.ndarray) -> np.ndarray:
    power = np.clip(light * 203 / 10_000, 0, 1) ** 0.1593017578125
    return ((0.8359375 + 18.8515625 * power) / (1 + 18.6875 * power)) ** 78.84375


def _hlg(light: np.ndarray) -> np.ndarray:
    a, b, c = 0.17883277, 0.28466892, 0.55991073
    scaled = np.clip(light * (np.exp((0.75 - c) / a) + b) / 12, 0, 1)
    return np.where(scaled <= 1 / 12, np.sqrt(3 * scaled), a * np.log(np.maximum(12 * scaled - b, 1e-9)) + c)


@pytest.mark.parametrize(("curve", "number"), [(_pq, 16), (_hlg, 18)])
def test_a_photo_of_high_dynamic_range_is_embedded_as_its_ordinary_copy(
    embedder: Embedder, curve: "type[_pq]", number: int
) -> None:
    toned, flat = [], []
    for picture in PICTURES[:4]:
        out = io.BytesIO()
        deep = (curve(np.maximum(_light(picture), 0)) * 65535).astype("<u2").tobytes()
        coding = {"color_primaries": 9, "transfer_characteristics": number, "matrix_coefficients": 9}
        pillow_heif.encode("RGB;16", picture.size, deep, out, quality=90, **coding)
        plain = seen(embedder, encoded(picture, "HEIF", SRGB))
        toned.append(float(plain @ seen(embedder, out.getvalue())))
        flat.append(float(plain @ seen(embedder, out.getvalue(), as_it_is=True)))
    assert np.mean(toned) > 0.96
    assert np.mean(toned) > np.mean(flat) + 0.01


@pytest.mark.parametrize(("curve", "number"), [(_pq, 16), (_hlg, 18)])
def test_an_avif_of_high_dynamic_range_is_too(embedder: Embedder, curve: "type[_pq]", number: int) -> None:
    toned, flat = [], []
    for picture in PICTURES[:4]:
        out = io.BytesIO()
        bright = coded(
            Image.fromarray((curve(np.maximum(_light(picture), 0)) * 255 + 0.5).astype(np.uint8)), form="AVIF"
        )
        info = [nclx(9, number, 6) if p[4:8] == b"colr" else p for p in bright.properties]
        data = heif([Item(bright.kind, bright.data, info)], brands=b"avifmif1miaf")
        picture.save(out, "AVIF", quality=90)
        plain = seen(embedder, out.getvalue())
        toned.append(float(plain @ seen(embedder, data)))
        flat.append(float(plain @ seen(embedder, data, as_it_is=True)))
    assert np.mean(toned) > 0.94
    assert np.mean(toned) > np.mean(flat) + 0.01


def test_a_wide_gamut_by_its_number_is_converted_as_by_its_profile() -> None:
    for picture in PICTURES:
        wide = in_profile(picture, P3)
        by_profile = np.asarray(in_srgb(wide, {"icc_profile": P3}), dtype=int)
        by_number = np.asarray(
            in_srgb(wide, {"nclx_profile": {"color_primaries": 12, "transfer_characteristics": 13}}), dtype=int
        )
        assert np.abs(by_profile - by_number).max() <= 3
    out = io.BytesIO()
    PICTURES[0].save(out, "PNG")
    plain = out.getvalue()
    tagged = plain[:33] + b"\0\0\0\4cICP\x0c\x0d\0\1" + struct.pack(">I", zlib.crc32(b"cICP\x0c\x0d\0\1")) + plain[33:]
    assert decoder.open_image(tagged, "x.png", 220).info["nclx_profile"] == {
        "color_primaries": 12,
        "transfer_characteristics": 13,
    }
    assert "nclx_profile" not in decoder.open_image(plain, "x.png", 220).info


def test_where_a_profile_and_a_number_both_tell_a_bright_curve_is_the_one_to_heed() -> None:
    bright = {"color_primaries": 9, "transfer_characteristics": 16}
    both = in_srgb(PICTURES[0], {"icc_profile": P3, "nclx_profile": bright})
    assert both.tobytes() == in_srgb(PICTURES[0], {"nclx_profile": bright}).tobytes()
    plain = {"color_primaries": 12, "transfer_characteristics": 13}
    assert in_srgb(PICTURES[0], {"icc_profile": SRGB, "nclx_profile": plain}) is PICTURES[0]


def test_a_large_picture_is_turned_band_by_band_and_has_no_seams() -> None:
    picture = scene(3, (1600, 1200)).resize((2400, 1000))
    info = {"nclx_profile": {"color_primaries": 9, "transfer_characteristics": 16}}
    whole = in_srgb(picture, info)
    row = picture.crop((0, 430, 2400, 450))
    assert np.array_equal(np.asarray(whole)[430:450], np.asarray(in_srgb(row, info)))


def test_what_is_srgb_already_or_makes_no_sense_stays_as_it_is() -> None:
    picture = PICTURES[1]
    for info in (
        {},
        {"icc_profile": SRGB},
        {"icc_profile": b"noise" * 50},
        {"icc_profile": P3[:200]},
        {"icc_profile": P3 + bytes(MAX_PROFILE_BYTES)},
        {"icc_profile": "text"},
        {"nclx_profile": {"transfer_characteristics": 13, "color_primaries": 1}},
        {"nclx_profile": None},
    ):
        assert in_srgb(picture, info) is picture
    assert in_srgb(picture, {"icc_profile": P3}) is not picture
