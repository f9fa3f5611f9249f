"""Screenshots: which pictures are of a screen, and which of them show the same screen."""

import re
import unicodedata
from collections.abc import Iterable

import numpy as np

from dejashot.language.texts import noted
from dejashot.models.photo import Quality
from dejashot.models.shot import Shot

SCREENSHOTS = "screenshots"
OF_A_SCREEN = noted("pages of a screen, by their names, their tags or their form")

# as phones and computers name them, in the languages they speak; compared without case, accents and kinds of blanks
_WORDS = """
    screenshot|screen shot|screenshoot|screen capture|screencapture|screencap|screen cap|screenclip|screen clipping
    web capture
    snipaste|cleanshot|flameshot|fireshot|longshot
    bildschirmfoto|bildschirmausschnitt|capture d'écran|capture d écran|captura de pantalla|captura da pantalla
    captura d'écran
    captura de ecrã|captura de écran|captura de tela|captură de ecran|schermata|istantanea schermo|cattura schermo
    schermafbeelding|schermafdruk|skærmbillede|skärmbillede|skærmfoto|skjermbilde|skjermdump|skärmavbild|skärmbild
    skärmdump
    skärmklipp|skjámynd|näyttökuva|näyttökaappaus|kuvakaappaus|kuvatõmmis|ekraanipilt|ekrānuzņēmums|ekrano kopija
    ekrano nuotrauka
    zrzut ekranu|snímek obrazovky|snímka obrazovky|képernyőfotó|képernyőkép|snimka zaslona|posnetek zaslona
    snimak ekrana
    снимок экрана|скриншот|знімок екрана|знімок екрану|скріншот|снимак екрана|снимка на екрана|екранна снимка
    здымак экрана
    ekran resmi|ekran görüntüsü|ekran alıntısı|στιγμιότυπο|צילום מסך|لقطة شاشة|لقطة الشاشة|نماگرفت|स्क्रीनशॉट
    স্ক্রিনশট
    ภาพหน้าจอ|ภาพถ่ายหน้าจอ|ảnh chụp màn hình|ảnh màn hình|tangkapan layar|cuplikan layar|tangkapan skrin|syot layar
    gambar skrin
    スクリーンショット|スクショ|截屏|截图|截圖|屏幕快照|螢幕快照|擷取畫面|스크린샷|화면 캡처
"""
_SHORT_NAMES = re.compile(r"(?:ss|scr|scrn) ?\d{6}|annotation \d{4} \d\d")  # as some phones and Windows begin them

_BARE_FORMATS = ("PNG", "WEBP")
_CAMERA_SHAPES = (4 / 3, 3 / 2)
_SAME_SHAPE = 0.02

# the short sides of phones' screens; the long ones come in too many lengths
_PHONES = (
    720,
    828,
    1080,
    1116,
    1125,
    1170,
    1176,
    1179,
    1200,
    1206,
    1212,
    1216,
    1220,
    1224,
    1228,
    1240,
    1242,
    1256,
    1260,
    1264,
    1280,
)
_PHONE_SIDES = frozenset((*_PHONES, 1284, 1290, 1312, 1320, 1344, 1440, 1644))
_MIN_PHONE_SHAPE, _MAX_PHONE_SHAPE = 1.95, 2.35  # 18:9 to 21:9; films are 16:9, or wider
_ROUND_VIEW = 2.0  # lying on its side a picture of this shape may be one all around
# screens of other shapes, long side first, that are no sizes of films and none that messengers reduce photos to
_SCREENS = frozenset(
    tuple(map(int, size.split("x")))
    for size in (
        "1136x640 1334x750 2208x1242 2732x2048 2752x2064 2388x1668 2420x1668 2224x1668 2360x1640 2266x1488 "
        "2560x1600 2000x1200 1920x1200 "
        "2800x1752 2960x1848 2880x1800 1280x800 1366x768 1360x768 1440x900 1680x1050 2560x1664 3024x1964 3456x2234 "
        "2880x1864 3072x1920 "
        "2304x1440 3840x2400 3200x2000 3440x1440 5120x1440 5120x2160 2316x904 2376x968 2208x1768 2176x1812 "
        "2208x1840 2152x2076"
    ).split()
)
_MIN_SCREEN_SHAPE, _MAX_SCREEN_SHAPE = 1.59, 2.4  # 16:10 to 21:9
_MIN_BACKGROUND = 0.3  # share of its cells that have one and the same level: drawn, not photographed
_SAME_DETAIL = 5  # levels of 255 that a cell may differ by: saving again at a low quality leaves up to 4


def _folded(name: str) -> str:
    """Return a name without case and accents, every kind of blank or line between words as one blank."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", name.casefold()) if not unicodedata.combining(c))
    return re.sub(r"[\s_\-.\u200b-\u200f]+", " ", plain.replace("\u2019", "'").replace("\u02bc", "'")).strip()


_NAMES = re.compile(
    "|".join(re.escape(_folded(word)) for line in _WORDS.split("\n") for word in line.split("|") if word.strip())
)


def is_screenshot(shot: Shot) -> bool:
    """Return whether a picture is of a screen.

    Its tags or its name say so, or no camera wrote it and it has the size or the form of a screen.
    """
    name = _folded(shot.path.rpartition("/")[2])
    if shot.camera.screenshot or _NAMES.search(name) or _SHORT_NAMES.match(name):
        return True
    bare_form = shot.format in _BARE_FORMATS and min(abs(_shape(shot) - s) for s in _CAMERA_SHAPES) > _SAME_SHAPE
    return is_bare(shot) and (bare_form or _is_screen_size(shot.width, shot.height))


def are_screens(shots: Iterable[Shot]) -> bool:
    """Return whether all of some look-alikes are of a screen.

    Each is a screenshot, or a bare picture of the shape of one among them.
    """
    known: list[Shot] = []
    others: list[Shot] = []
    for shot in shots:
        (known if is_screenshot(shot) else others).append(shot)
    shapes = [k.width / k.height for k in known]
    return bool(known) and all(
        is_bare(o) and any(abs(o.width / o.height - s) <= _SAME_SHAPE * s for s in shapes) for o in others
    )


def is_bare(shot: Shot) -> bool:
    """Return whether no camera says that it took a picture."""
    camera = shot.camera
    return not camera.name and camera.exposure_s is None and camera.aperture is None and camera.iso is None


def is_drawn(shot: Shot, quality: Quality | None) -> bool:
    """Return whether a bare picture of a screen's shape was drawn: its background is one flat colour.

    A closer look shows that. Films and messengers have such shapes too.
    """
    cells = None if quality is None or quality.detail is None else quality.detail.cells()
    if cells is None or not is_bare(shot) or not _MIN_SCREEN_SHAPE <= _shape(shot) <= _MAX_SCREEN_SHAPE:
        return False
    return bool(np.bincount(cells.ravel(), minlength=1).max() >= _MIN_BACKGROUND * cells.size)


def show_one_screen(a: Shot, b: Shot, first: Quality | None, second: Quality | None) -> bool:
    """Return whether two pictures of a screen show the same, to the last digit.

    Without closer looks only equal bytes do. Of two files saved in one way every pixel must agree; what was saved in
    another way or size may differ by what that does.
    """
    if a.content == b.content:
        return True
    if first is None or second is None or first.detail is None or second.detail is None:
        return False
    if first.detail.pixels == second.detail.pixels:
        return True
    if (a.format, a.width, a.height, first.coarseness) == (b.format, b.width, b.height, second.coarseness):
        return False
    cells, others = first.detail.cells(), second.detail.cells()
    if cells is None or others is None or cells.shape != others.shape:
        return False
    return int(np.abs(cells.astype(np.int16) - others.astype(np.int16)).max(initial=0)) <= _SAME_DETAIL


def _shape(shot: Shot) -> float:
    return max(shot.width, shot.height) / max(1, min(shot.width, shot.height))


def _is_screen_size(width: int, height: int) -> bool:
    """Return whether a size in pixels is that of a screen, and not of other pictures without a camera's tags."""
    long, short = max(width, height), min(width, height)
    if (long, short) in _SCREENS:
        return True
    shape = long / max(1, short)
    lying_round_view = width > height and abs(shape - _ROUND_VIEW) <= _SAME_SHAPE
    return short in _PHONE_SIDES and _MIN_PHONE_SHAPE <= shape <= _MAX_PHONE_SHAPE and not lying_round_view
