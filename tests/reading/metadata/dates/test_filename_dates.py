"""Dates in file names, by program and language, and digits that are none."""

import unicodedata
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dejashot.reading.metadata.dates.filename_dates import filename_dates

EVENING = datetime(2024, 5, 1, 22, 11, 12)
MORNING = datetime(2024, 5, 1, 10, 11, 12)


def first(name: str) -> tuple[datetime, str, bool] | None:
    found = next(filename_dates(name), None)
    return found and (found.wall, str(found.zone or ""), found.clock)


@pytest.mark.parametrize("form", ["NFC", "NFD"])
@pytest.mark.parametrize(
    "name",
    [
        # macOS, in the languages it speaks, with a clock of 24 hours
        "Screenshot 2024-05-01 at 22.11.12.png",
        "Bildschirmfoto 2024-05-01 um 22.11.12.png",
        "Capture d’écran 2024-05-01 à 22.11.12.png",
        "Captura de pantalla 2024-05-01 a las 22.11.12.png",
        "Captura de pantalla 2024-05-01 a les 22.11.12.png",
        "Schermata 2024-05-01 alle 22.11.12.png",
        "Schermata 2024-05-01 alle ore 22.11.12.png",
        "Schermafbeelding 2024-05-01 om 22.11.12.png",
        "Skärmavbild 2024-05-01 kl. 22.11.12.png",
        "Captura de Tela 2024-05-01 às 22.11.12.png",
        "Captura de ecrã 2024-05-01, às 22.11.12.png",
        "Näyttökuva 2024-05-01 kello 22.11.12.png",
        "Zrzut ekranu 2024-05-01 o 22.11.12.png",
        "Snímek obrazovky 2024-05-01 v 22.11.12.png",
        "Snimka zaslona 2024-05-01 u 22.11.12.png",
        "Képernyőfotó 2024-05-01 - 22.11.12.png",
        "Captură de ecran din 2024-05-01 la 22.11.12.png",
        "Снимок экрана 2024-05-01 в 22.11.12.png",
        "Знімок екрана 2024-05-01 о 22.11.12.png",
        "Στιγμιότυπο οθόνης 2024-05-01, 22.11.12.png",
        "Ekran Resmi 2024-05-01 22.11.12.png",
        "Ekran Görüntüsü 2024-05-01 saat 22.11.12.png",
        "צילום מסך 2024-05-01 ב-22.11.12.png",
        "لقطة الشاشة 2024-05-01 في 22.11.12.png",
        "スクリーンショット 2024-05-01 22.11.12.png",
        "ภาพหน้าจอ 2567-05-01 เวลา 22.11.12.png",
        "Ảnh màn hình 2024-05-01 lúc 22.11.12.png",
        "Cuplikan Layar 2024-05-01 pukul 22.11.12.png",
        # and one of twelve
        "Screenshot 2024-05-01 at 10.11.12 PM.png",
        "Screenshot 2024-05-01 at 10.11.12\u202fPM.png",
        "Screenshot 2024-05-01 at 10.11.12\u00a0pm.png",
        "Screenshot 2024-05-01 at 10.11.12 p.m..png",
        "Captura de Pantalla 2024-05-01 a la(s) 10.11.12 p.\u00a0m..png",
        "截屏2024-05-01 下午10.11.12.png",
        "屏幕快照 2024-05-01 下午10.11.12.png",
        "截圖 2024-05-01 晚上10.11.12.png",
        "スクリーンショット 2024-05-01 午後10.11.12.png",
        "스크린샷 2024-05-01 오후 10.11.12.png",
        "لقطة الشاشة ٢٠٢٤-٠٥-٠١ في ١٠.١١.١٢ م.png",
        "Στιγμιότυπο οθόνης 2024-05-01, 10.11.12 μ.μ..png",
        "Ekran Resmi 2024-05-01 ÖS 10.11.12.png",
        "Ảnh màn hình 2024-05-01 lúc 10.11.12 CH.png",
        "Gambar Skrin 2024-05-01 pada 10.11.12 PTG.png",
        "Skärmavbild 2024-05-01 kl. 10.11.12 em.png",
        "Screen_Shot_2024-05-01_at_10.11.12_PM.png",
        "Screen-Shot-2024-05-01-at-10.11.12-PM-1024x768.png",
        "Screen%20Shot%202024-05-01%20at%2010.11.12%20PM.png",
        # messengers
        "WhatsApp Image 2024-05-01 at 22.11.12.jpeg",
        "WhatsApp Image 2024-05-01 at 10.11.12 PM (1).jpeg",
        "Imagem do WhatsApp de 2024-05-01 à(s) 22.11.12_1a2b3c4d.jpg",
        "Immagine WhatsApp 2024-05-01 ore 22.11.12.jpg",
        "photo_2024-05-01_22-11-12.jpg",
        "photo_3@01-05-2024_22-11-12.jpg",
        "signal-2024-05-01-221112.jpeg",
        "signal-2024-05-01-22-11-12-345.jpeg",
        "微信图片_20240501221112.jpg",
        # phones, cameras, other systems
        "20240501_221112(0).jpg",
        "IMG20240501221112.jpg",
        "IMG_20240501_221112_BURST001_COVER.jpg",
        "P_20240501_221112_vHDR_Auto.jpg",
        "WIN_20240501_22_11_12_Pro.jpg",
        "Screenshot 2024-05-01 221112.png",
        "Screenshot from 2024-05-01 22-11-12.png",
        "Screenshot_2024-05-01-22-11-12-123_com.tencent.mm.jpg",
        "KakaoTalk_Photo_2024-05-01-22-11-12 001.jpeg",
        "vlcsnap-2024-05-01-22h11m12s345.png",
        "20240501T221112.jpg",
        "2024:05:01 22:11:12.jpg",
        "2024年05月01日22时11分12秒.jpg",
        "2024년 5월 1일 오후 10시 11분 12초.jpg",
    ],
)
def test_a_clock_is_read_whoever_wrote_it(name: str, form: str) -> None:
    found = first(unicodedata.normalize(form, name))
    assert found is not None
    assert (found[0].replace(microsecond=0), found[1:]) == (EVENING, ("", True))


@pytest.mark.parametrize(
    ("clock", "wall"),
    [
        ("12.04.05 AM", (0, 4, 5)),
        ("12.04.05 PM", (12, 4, 5)),
        ("9.04.05 PM", (21, 4, 5)),
        ("9.04.05 a.m.", (9, 4, 5)),
        ("9.04.05", (9, 4, 5)),
        ("中午12.04.05", (12, 4, 5)),
        ("中午11.04.05", (11, 4, 5)),
        ("凌晨12.04.05", (0, 4, 5)),
        ("오전 12.04.05", (0, 4, 5)),
        ("241112", (0, 11, 12)),  # as some write midnight's hour
        ("22.11.12 PM", (22, 11, 12)),
        ("12.11.12 Am Strand", (12, 11, 12)),  # German for `at the beach`
        ("10.11.12 CH", (10, 11, 12)),  # Switzerland, where no Vietnamese stands before it
    ],
)
def test_halves_of_the_day(clock: str, wall: tuple[int, int, int]) -> None:
    assert first(f"Screenshot 2024-05-01 {clock}.png") == (datetime(2024, 5, 1, *wall), "", True)


@pytest.mark.parametrize(
    ("name", "zone"),
    [
        ("2024-05-01T10-11-12Z.jpg", "UTC"),
        ("20240501T101112Z.jpg", "UTC"),
        ("2024-05-01T10_11_12.345Z.jpg", "UTC"),
        ("2024-05-01_10-11-12_UTC.jpg", "UTC"),
        ("2024-05-01T10-11-12+0200.jpg", "UTC+02:00"),
        ("2024-05-01T10-11-12-0700.jpg", "UTC-07:00"),
        ("PXL_20240501_101112000.MP.jpg", "UTC"),
        ("mmexport1714558272000.jpg", "UTC"),
        ("wx_camera_1714558272000.jpg", "UTC"),
        ("microMsg.1714558272000.jpg", "UTC"),
        ("FB_IMG_1714558272000.jpg", "UTC"),
        ("1714558272000.jpg", "UTC"),
        ("IMG_20240501_101112-0001.jpg", ""),
        ("20240501_101112-0100.jpg", ""),  # counted copies
        ("2024-05-01 10.11.12-1.jpg", ""),
        ("2024-05-01T10-11-12+0213.jpg", ""),
        ("2024-05-01 10.11.12 Zoo.jpg", ""),
    ],
)
def test_a_zone_in_a_name_is_known(name: str, zone: str) -> None:
    assert first(name) == (MORNING, zone, True)


@pytest.mark.parametrize(
    "name", ["2024-05-01T10-11-12-0015.jpg", "20240501T101112-0045.jpg", "2024-05-01 10.11.12 UTC+2.jpg"]
)
def test_a_counter_is_no_zone_and_half_of_one_is_none_either(name: str) -> None:
    assert first(name) == (MORNING, "", True)


@pytest.mark.parametrize(
    "name",
    [
        "IMG-20240501-WA0001.jpg",
        "IMG_20240501_1_22_33.jpg",
        "2024-05-01_2024-05-03.jpg",
        "2024-05-01 beach.jpg",
        "2024年5月1日.jpg",
    ],
)
def test_a_bare_date_has_no_clock(name: str) -> None:
    assert first(name) == (datetime(2024, 5, 1, 12), "", False)


@pytest.mark.parametrize(
    "name",
    [
        "01-05-2024 10-11-12.jpg",  # the day or the month first: nobody knows
        "05-01-2024-10-11-12.jpg",
        "01.05.2024.jpg",
        "received_1714558272000.jpeg",
        "206434_1412345678901_4528_n.jpg",
        "206434_1412345678901_4528_n (1).jpg",
        "+4915112345678.jpg",
        "12345678901234567890.jpg",
        "1014558272000.jpg",  # milliseconds of 2002, when no phone counted them
        "IMG_25670501_101112.jpg",
        "IMG_20230231_101010.jpg",
        "20241340_996000.jpg",
        "3f20240501aabbccddee.jpg",
        "20240501-1234-4567-8901-123456789012.jpg",
        "Snapchat-1234567890.jpg",
    ],
)
def test_other_digits_are_no_time(name: str) -> None:
    assert first(name) is None


@pytest.mark.parametrize("form", ["NFC", "NFD"])
@pytest.mark.parametrize(
    "mark",
    [
        ".sync-conflict-20240501-101112-ABCDEFG",
        "~20240501-101112",
        " (conflicted copy 2024-05-01)",
        " (Anna's conflicted copy 2024-05-01)",
        " (Anna (Mac) conflicted copy 2024-05-01 101112)",
        " (In Konflikt stehende Kopie von Anna 2024-05-01)",
        " (Copie en conflit de Anna 2024-05-01)",
        " (Copia en conflicto de Anna 2024-05-01)",
        " (copia in conflitto di Anna 2024-05-01)",
        " (Cópia em conflito de Anna 2024-05-01)",
        " (Конфликтующая копия Anna 2024-05-01)",
        " (Anna の競合コピー 2024-05-01)",
        " (Anna 的冲突副本 2024-05-01)",
        " (Anna의 충돌된 사본 2024-05-01)",
        "_conflict-20240501-101112",
        "_conflict-anna-20240501-101112",
        " (SFConflict anna 2024-05-01-10-11-12)",
        " (# Name clash 2024-05-01 abcdefg #)",
        "(Conflict_anna (Web browser)_2024-05-01-22-50-36)",
        " (copy conflict #1 on 2024-05-01)",
        " (case clash from 2024-05-01)",
        " (2024_05_01 10_11_12 UTC)",
        ".jpg 2024-05-01 101112",
        " Backup 20240501",
        "_backup_2024-05-01_10-11-12",
        " Sicherung vom 2024-05-01",
        " edited 2024-05-01",
        "_exported_on_20240501_101112",
        "_EXPORT_123456789012_20240501_101112",
        " (copy 2024-05-01)",
    ],
)
def test_when_a_copy_was_made_is_no_time_of_the_photo(mark: str, form: str) -> None:
    mark = unicodedata.normalize(form, mark)
    assert first(f"Holiday{mark}.jpg") is None
    assert first(f"IMG_20231114_221320{mark}.jpg") == (datetime(2023, 11, 14, 22, 13, 20), "", True)


def test_a_backup_or_an_export_needs_nothing_before_its_date() -> None:
    assert [
        first(name)
        for name in ("Backup 20240501.jpg", "Exported on 2024-05-01 10.11.12.jpg", "export_20240501_101112.jpg")
    ] == [None] * 3


@pytest.mark.parametrize(
    "name",
    [
        "Copy of 2024-05-01 10.11.12.jpg",
        "Kopie von IMG_20240501_101112.jpg",
        "IMG_20240501_101112 - Kopie.jpg",
        "IMG_20240501_101112-edited.jpg",
        "IMG_20240501_101112_conflict.jpg",
        "IMG_20240501_101112 (1).jpg",
        "IMG_20240501_101112 (Annas in Konflikt stehende Kopie).jpg",
        "Conflict 2024-05-01 10.11.12.jpg",
        "edited-IMG_20240501_101112.jpg",
        "backup_IMG_20240501_101112.jpg",
    ],
)
def test_the_photos_own_time_stays_in_the_name_of_a_copy(name: str) -> None:
    assert first(name) == (MORNING, "", True)


FORMS: tuple[Callable[[datetime], str], ...] = (
    lambda t: f"IMG_{t:%Y%m%d_%H%M%S}.jpg",
    lambda t: f"IMG{t:%Y%m%d%H%M%S}.jpg",
    lambda t: f"{t:%Y-%m-%d %H.%M.%S}.jpg",
    lambda t: f"Screenshot_{t:%Y-%m-%d-%H-%M-%S}.png",
    lambda t: f"Screenshot {t:%Y-%m-%d} at {t.hour % 12 or 12}.{t:%M.%S}\u202f{'PM' if t.hour >= 12 else 'AM'}.png",
    lambda t: f"截屏{t:%Y-%m-%d} {'下午' if t.hour >= 12 else '上午'}{t.hour % 12 or 12}.{t:%M.%S}.png",
    lambda t: (
        f"Captura de pantalla {t:%Y-%m-%d} a la(s) {t.hour % 12 or 12}.{t:%M.%S} "
        f"{'p' if t.hour >= 12 else 'a'}.\u00a0m..png"
    ),
    lambda t: f"Bildschirmfoto {t:%Y-%m-%d} um {t:%H.%M.%S}.png",
    lambda t: f"signal-{t:%Y-%m-%d-%H%M%S}.jpeg",
    lambda t: f"photo_7@{t:%d-%m-%Y_%H-%M-%S}.jpg",
    lambda t: f"mmexport{int(t.replace(tzinfo=UTC).timestamp() * 1000)}.jpg",
    lambda t: f"{t:%Y-%m-%dT%H-%M-%S}Z.jpg",
)


@given(st.datetimes(datetime(2005, 1, 1), datetime(2033, 1, 1)), st.sampled_from(FORMS))
def test_every_time_that_is_written_is_read_back(at: datetime, form: Callable[[datetime], str]) -> None:
    found = first(form(at.replace(microsecond=0)))
    assert found is not None
    assert found[0] == at.replace(microsecond=0)
    assert found[2]


@given(
    st.text(max_size=60) | st.from_regex(r"[\w .,()~-]*20\d\d[-_.]?[01]\d[-_.]?[0-3]\d[\w .,:()~+-]*", fullmatch=True)
)
def test_no_name_raises(name: str) -> None:
    for found in filename_dates(name):
        assert datetime(1900, 1, 1) <= found.wall < datetime(2101, 1, 1)


@given(st.from_regex(r"[A-Za-z_-]{0,6}[0-9]{9,20}", fullmatch=True))
def test_long_numbers_are_a_time_only_where_they_can_be_one(name: str) -> None:
    for found in filename_dates(name + ".jpg"):
        written = f"{found.wall:%Y%m%d%H%M%S}"
        milliseconds = str((found.wall - datetime(1970, 1, 1)) // timedelta(milliseconds=1))
        assert written[:8] in name or milliseconds in name
