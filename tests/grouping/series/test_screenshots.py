"""Which pictures are of a screen, and which of these show one and the same: with closer looks at real pixels."""

import io
import unicodedata
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from PIL import Image, ImageDraw, ImageFont

from dejashot.grouping.group_kinds import refine_kind
from dejashot.grouping.groups import GroupLimits, group_shots
from dejashot.grouping.keepers.choose import suggest_keepers
from dejashot.grouping.series.screenshots import SCREENSHOTS, are_screens, is_drawn, is_screenshot, show_one_screen
from dejashot.models.capture import Camera
from dejashot.models.groups import Group, Kind
from dejashot.models.photo import Quality
from dejashot.models.shot import Shot
from dejashot.reading.decode import decoder
from dejashot.reading.vision.quality import at_look_size, coarseness_of, detail_of, measure_quality
from scenes import scene
from shots import RULES, shot

decoder.prepare_decoders(220)
PHONE, REDUCED = (1080, 2340), (720, 1560)


@pytest.mark.parametrize(
    "name",
    [
        *(
            "Screenshot_20260501-101112.jpg",
            "Screenshot_2026-05-01-10-11-12-123_com.example.app.jpg",
            "Screen Shot 2026-05-01 at 9.41.00.jpg",
        ),
        *(
            "Bildschirmfoto 2026-05-01 um 09.41.00.jpg",
            "Capture d\u2019\u00e9cran 2026-05-01.jpg",
            "Capture_d_ecran_2026.jpg",
        ),
        *(
            "Captura de Pantalla 2026-05-01.jpg",
            "Captura de ecr\u00e3 2026-05-01.jpg",
            "Captura de Tela 2026-05-01.jpg",
        ),
        *(
            "Schermata 2026-05-01 alle 09.41.00.jpg",
            "Schermafbeelding 2026.jpg",
            "Schermafdruk van 2026.jpg",
            "Sk\u00e6rmbillede 2026.jpg",
        ),
        *(
            "Skjermbilde 2026.jpg",
            "Sk\u00e4rmavbild 2026.jpg",
            "Sk\u00e4rmbild (12).jpg",
            "Zrzut ekranu 2026.jpg",
            "Sn\u00edmek obrazovky 2026.jpg",
        ),
        *(
            "Ekran Resmi 2026.jpg",
            "Ekran g\u00f6r\u00fcnt\u00fcs\u00fc 2026.jpg",
            "EKRAN GÖRÜNTÜSÜ.jpg",
            "Снимок экрана 2026.jpg",
            "Знімок екрана 2026.jpg",
        ),
        *(
            "スクリーンショット 2026.jpg",
            "截屏2026.jpg",
            "屏幕截图 2026.jpg",
            "螢幕截圖 2026.jpg",
            "螢幕快照 2026.jpg",
            "스크린샷 2026.jpg",
        ),
        *(
            "Képernyőfotó 2026.jpg",
            "Képernyőkép 2026.jpg",
            "Näyttökuva 2026.jpg",
            "Kuvakaappaus 2026.jpg",
            "Captură de ecran 2026.jpg",
        ),
        *(
            "Στιγμιότυπο οθόνης 2026.jpg",
            "لقطة شاشة 2026.jpg",
            "צילום מסך 2026.jpg",
            "ภาพหน้าจอ 2026.jpg",
            "Ảnh chụp Màn hình 2026.jpg",
        ),
        *("Tangkapan Layar 2026.jpg", "SS_20260501_101112.jpg", "scr_20260501.jpg", "Annotation 2026-05-01 101112.jpg"),
    ],
)
@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_screenshots_are_known_by_their_names_in_many_languages(name: str, form: str) -> None:
    assert is_screenshot(shot(0, path=f"Pictures/{unicodedata.normalize(form, name)}", model=""))  # type: ignore[arg-type]
    assert is_screenshot(shot(0, path=unicodedata.normalize(form, name).upper(), model="T-1"))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "name",
    ["IMG_0042.jpg", "Screen.jpg", "Captura_0042.jpg", "ss.jpg", "SS Norway 1962.jpg", "Scrabble.jpg", "Ekran.jpg"],
)
def test_other_names_make_no_screenshots(name: str) -> None:
    assert not is_screenshot(shot(0, path=name, model=""))


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        *(
            ((w, h), True)
            for w, h in (
                (1179, 2556),
                (1080, 2340),
                (1170, 2532),
                (1290, 2796),
                (1440, 3200),
                (1206, 2622),
                (720, 1600),
            )
        ),
        *(
            ((w, h), True)
            for w, h in ((2556, 1179), (2048, 2732), (2732, 2048), (750, 1334), (1242, 2208), (1366, 768), (2880, 1800))
        ),
        *(
            ((w, h), False)
            for w, h in (
                (4032, 3024),
                (1600, 1200),
                (1280, 960),
                (2048, 1536),
                (6000, 4000),
                (1080, 1350),
                (1080, 1080),
            )
        ),
        *(
            ((w, h), False)
            for w, h in ((1080, 1920), (1920, 1080), (3840, 2160), (1280, 720), (1920, 804), (1600, 900), (4096, 2048))
        ),
        ((1440, 720), False),  # a view all around
        ((0, 0), False),
    ],
)
@pytest.mark.parametrize("form", ["JPEG", "HEIF"])
def test_a_bare_picture_of_a_screens_size_is_one(size: tuple[int, int], form: str, expected: bool) -> None:
    assert is_screenshot(shot(0, path="IMG_1", size=size, model="", form=form)) is expected
    assert not is_screenshot(shot(0, path="IMG_1", size=size, model="T-1", form=form))
    assert not is_screenshot(shot(0, path="IMG_1", size=size, model="", form=form, exposure_s=0.01))


def test_tags_make_a_screenshot_of_any_size() -> None:
    assert is_screenshot(replace(shot(0, model=""), camera=Camera(screenshot=True)))


def test_a_bare_copy_of_a_screens_shape_counts_as_one_beside_it() -> None:
    screen, reduced = shot(0, path="Screenshot_1.png", size=(1080, 2340), model=""), shot(9, size=(590, 1280), model="")
    assert are_screens([screen, reduced])
    assert not are_screens([screen, shot(9, size=(1600, 1200), model="")])
    assert not are_screens([screen, shot(9, size=(590, 1280))])
    assert not are_screens([reduced])


# --- what they show


def payment(amount: str, clock: str = "9:41", size: tuple[int, int] = PHONE) -> Image.Image:
    """Return a page of a bank: one template, other amounts."""
    picture = Image.new("RGB", PHONE, (245, 246, 250))
    draw = ImageDraw.Draw(picture)
    draw.rectangle((0, 0, 1080, 100), fill=(20, 60, 160))
    draw.text((60, 28), clock, fill="white", font=ImageFont.load_default(size=36))
    draw.text((80, 240), "Payment confirmed", fill=(10, 10, 10), font=ImageFont.load_default(size=64))
    draw.ellipse((440, 400, 640, 600), fill=(30, 170, 90))
    for row, text in enumerate(("To", "A. Example", "Amount", amount)):
        draw.text((80, 800 + 120 * row), text, fill=(10, 10, 10), font=ImageFont.load_default(size=44))
    return picture if size == PHONE else picture.resize(size, Image.Resampling.LANCZOS)


def saved(at_s: float, picture: Image.Image, path: str = "", form: str = "PNG", **options: Any) -> tuple[Shot, Quality]:
    """Return a picture saved in a format as a shot with its closer look."""
    out = io.BytesIO()
    picture.save(out, form, **options)
    image = decoder.open_image(out.getvalue(), "x", 220)
    upright = decoder.upright_pixels(image, (1024, 1024))
    look = at_look_size(upright)
    quality = replace(measure_quality(look, (), coarseness_of(image)), detail=detail_of(upright, look))
    made = shot(
        at_s,
        path=path or f"Screenshot_{at_s:04.0f}.{form.lower()}",
        size=picture.size,
        form=form,
        model="",
        size_bytes=out.tell(),
    )
    return made, quality


def same(a: tuple[Shot, Quality], b: tuple[Shot, Quality]) -> bool:
    return show_one_screen(a[0], b[0], a[1], b[1])


@pytest.mark.parametrize(
    ("form", "options"),
    [("JPEG", {"quality": 90}), ("JPEG", {"quality": 60}), ("WEBP", {"quality": 75}), ("HEIF", {"quality": 60})],
)
def test_a_screen_saved_in_another_way_is_the_same(form: str, options: dict[str, int]) -> None:
    original = saved(0, payment("12.00"))
    assert same(original, saved(9, payment("12.00"), form=form, **options))
    assert same(original, saved(9, payment("12.00", size=REDUCED), form=form, **options))
    assert not same(original, saved(9, payment("47.50"), form=form, **options))
    assert not same(original, saved(9, payment("47.50", size=REDUCED), form=form, **options))


@pytest.mark.parametrize(
    ("form", "options"), [("PNG", {}), ("JPEG", {"quality": 90}), ("WEBP", {"quality": 80}), ("HEIF", {"quality": 80})]
)
@pytest.mark.parametrize(
    ("amount", "clock"), [("12.01", "9:41"), ("21.00", "9:41"), ("12.00", "9:42"), ("12.00.", "9:41")]
)
def test_one_other_digit_is_another_screen(form: str, options: dict[str, int], amount: str, clock: str) -> None:
    first = saved(0, payment("12.00"), form=form, **options)
    assert not same(first, saved(9, payment(amount, clock), form=form, **options))
    assert same(first, saved(9, payment("12.00"), form=form, **options))


def test_without_a_closer_look_only_equal_bytes_are_one_screen() -> None:
    (a, quality), (b, _) = saved(0, payment("12.00")), saved(9, payment("12.00"))
    assert not show_one_screen(a, b, None, None)
    assert not show_one_screen(a, b, quality, replace(quality, detail=None))
    assert show_one_screen(a, replace(b, content=a.content), None, None)


def told(*pictures: tuple[Shot, Quality]) -> list[Group]:
    shots: Sequence[Shot] = [s for s, _ in pictures]
    looks = {s.content: q for s, q in pictures}
    return [
        found
        for g in group_shots(shots, RULES, GroupLimits(120.0, 3600.0, 2.0))
        for found in refine_kind(shots, g, looks)
    ]


def test_pages_of_one_template_are_a_series_and_kept() -> None:
    pages = [saved(9 * n, payment(amount)) for n, amount in enumerate(("12.00", "47.50", "19.90"))]
    (found,) = told(*pages)
    assert (found.kind, found.series, found.members) == (Kind.SERIES, SCREENSHOTS, (0, 1, 2))
    choice = suggest_keepers([s for s, _ in pages], found, {s.content: q for s, q in pages})
    assert (choice.keepers, choice.reclaimable_bytes) == ((0, 1, 2), 0)


def test_one_screen_saved_twice_is_a_duplicate_alone_and_beside_others() -> None:
    again = saved(9, payment("12.00"), form="JPEG", quality=85)
    (found,) = told(saved(0, payment("12.00")), again)
    assert (found.kind, found.members) == (Kind.DUPLICATE, (0, 1))
    found_beside = told(saved(0, payment("12.00")), again, saved(18, payment("47.50")))
    assert [(g.kind, g.members) for g in found_beside] == [
        (Kind.DUPLICATE, (0, 1)),
        (Kind.SERIES, (0, 2)),
    ]  # the screen itself


def test_of_a_screen_and_a_larger_jpeg_of_it_the_screen_itself_stays() -> None:
    (screen, look), (copy, other) = saved(0, payment("12.00")), saved(9, payment("12.00"), form="JPEG", quality=95)
    both = [screen, replace(copy, size_bytes=2 * screen.size_bytes)]
    (found,) = told((both[0], look), (both[1], other))
    choice = suggest_keepers(both, found, {screen.content: look, copy.content: other})
    assert choice.keepers == (0,)
    assert "without loss" in choice.reasons[0][0]


def test_a_reduced_copy_of_another_page_is_no_duplicate_of_this_one() -> None:
    sent = saved(9, payment("47.50", size=REDUCED), "IMG-20260501-WA0001.jpg", "JPEG", quality=80)
    (found,) = told(saved(0, payment("12.00")), sent)
    assert (found.kind, found.members) == (Kind.SERIES, (0, 1))


def test_a_photo_exported_as_png_stays_a_duplicate_of_its_original() -> None:
    photo = shot(0, path="IMG_1.jpg", size=(4000, 2250)), Quality(1, 0, 0, 90)
    export = shot(9, path="IMG_1.png", size=(1920, 1080), form="PNG", model=""), Quality(1, 0, 0, 90)
    assert [g.kind for g in told(photo, export)] == [Kind.DUPLICATE]


def test_what_looks_drawn_is_a_series_in_the_sizes_of_films_and_a_film_is_not() -> None:
    desk = [payment(amount).resize((960, 540)) for amount in ("12.00", "47.50")]
    screens = [saved(9 * n, p, f"{n}.jpg", "JPEG", quality=90) for n, p in enumerate(desk)]
    (found,) = told(*screens)
    assert (found.kind, found.series) == (Kind.SERIES, SCREENSHOTS)
    frames = [saved(9 * n, scene(3, (960, 540)), f"{n}.jpg", "JPEG", quality=90 - n) for n in range(2)]
    (found,) = told(*frames)
    assert found.kind is Kind.SIMILAR
    assert not is_drawn(*frames[0])
    assert not is_drawn(screens[0][0], None)
    assert not is_drawn(replace(screens[0][0], camera=Camera("Testcam", "T-1")), screens[0][1])
