"""What file names say of one press of the shutter: which files are of it, edits and other renderings. Pure."""

import re
import unicodedata
from dataclasses import dataclass

# how Google Photos marks an edit in the languages it speaks, and how editors and download tools do
_EDIT_WORDS = """
edited|edit|adjusted|enhanced|enhanced-nr|enhanced-sr|enhanced-rd|modified|effects|color_pop|pop_out|remastered
|bearbeitet|bewerkt|geredigeer|gewysig|modifié|modifiée|modifie|édité|éditée|retouché|modificato|modificata|modificado
|modificada|modificat
|editado|editada|ha editado|editat|editată|editatuta|redigerad|redigerat|redigeret|redigert|muokattu|breytt|muudetud
|redigeeritud|rediģēts
|rediģēta|redaguota|redaguotas|edytowane|edytowany|edytowana|edytowano|zmodyfikowane|zmodyfikowano|upraveno|upravené
|upravený|upravená|urejeno
|urejena|uređeno|uređena|izmijenjeno|izmenjeno|уређено|измењено|изменено|изменён|изменённый|изменённое|отредактировано
|отредактированный
|відредаговано|змінено|адрэдагавана|редактирано|редактирана|променено|изменето|уредено|өңделген|өңделді|szerkesztett
|szerkesztve|szerkesztés
|düzenlendi|düzenlenmiş|redaktə edilib|redaktə edildi|tahrirlangan|επεξεργασμένο|επεξεργασμένη|επεξεργασία
|τροποποιήθηκε|τροποποιημένο
|đã chỉnh sửa|đã sửa|diedit|telah diedit|disunting|diubah|na-edit|in-edit|imehaririwa|แก้ไข|แก้ไขแล้ว|ไฟล์แก้ไข
|ແກ້ໄຂແລ້ວ|បានកែសម្រួល|တည်းဖြတ်ထားသည်
|संपादित|संपादित किया गया|बदलाव किया गया|संपादित केले|सम्पादन गरिएको|সম্পাদিত|সম্পাদনা করা হয়েছে|સંપાદિત|ਸੰਪਾਦਿਤ
|திருத்தப்பட்டது|సవరించబడింది|ಸಂಪಾದಿಸಲಾಗಿದೆ|എഡിറ്റ് ചെയ്തത്
|تم التعديل|تم تعديلها|معدل|معدّل|معدلة|معدّلة|ویرایش شده|ویرایش‌شده|ترمیم شدہ|ترمیم کردہ|נערך|נערכה|ערוך|ערוכה
|რედაქტირებული|խմբագրված|засварласан
|编辑|已编辑|编辑过|修改|已修改|編輯|已編輯|編輯過|已編輯過|編集済み|編集済|編集|修正済み|수정됨|수정|수정본|편집됨
|편집|편집본
"""
# other pictures of one press, as phones save them behind the time in a name; the last mark the least processed
_RENDERINGS = (
    r"portrait|bokeh|depth|hdr\+?|richtone\(hdr\)|ultra_?hdr|night|nightsight|mp|mfnr|long_exposure|motion|"
    r"action_pan|macro|astro"
    r"|cover|original|raw"
)
_SEPARATOR = re.compile(r"[\s_.(–-]+")
_MAX_PARTS = 5  # of a name, from its end, among which the words of a mark are looked for
_COUNT = re.compile(r"(?:-\d{1,2}|_\d{6,})$")  # behind the word for an edit: Lightroom's second, Xiaomi's time
_NUMBER = re.compile(r"(?:\s?\(\d{1,4}\))+$")
_VERSION = re.compile(r"~\d{1,2}$")
_SHORT_NAME = (
    8  # letters to which FAT cuts a long name, with a number behind `~`: IMG_20~1.JPG and IMG_20~2.JPG are two photos
)
_APPLE = re.compile(r"(?<=img_)e(?=\d{4})")
_PIXEL = re.compile(r"(pxl_\d{8}_\d{6,12})(~\d{1,2})?(?:\.(.+))?")
_STAMPED = re.compile(rf"(.*?(?<!\d)(?:19|20)\d{{6}}[-_]?\d{{6,9}})((?:[-_.](?:{_RENDERINGS})(?:-\d\d)?)+)")
_NUMBERED_RENDERING, _TOLD_APART = (
    re.compile(r"-\d\d"),
    re.compile("cover|original"),
)  # numbers alone count the frames of a row
_OLDER_PORTRAIT = re.compile(r"\d{5}[a-z]*portrait_\d{5}_burst(\d{14,17})(_cover)?")
_LUMIA = re.compile(r"(wp_\d{8}_.*)__(highres)")
_MOVING = re.compile(r"^mvimg_(?=\d{8})")
_APPENDED = re.compile(r"(.+?)\s?-\s?[^\W\d_]{3,}")
_MAX_OF_TAKEOUT = (
    51  # UTF-16 units of a name that Takeout writes, its ending included: the mark of an edit is cut as well
)


@dataclass(frozen=True, slots=True)
class ShotName:
    """What a name says: `base` is the same for all files of one press of the shutter, in any spelling.

    `rendering` is what the phone calls this picture of it, `edit` the mark of an edit; both are empty for most. That a
    file holds a film besides (`.MP`) makes it no other picture.
    """

    base: str
    rendering: str = ""
    edit: str = ""

    @property
    def original(self) -> bool:
        """Return whether it is the picture from which the phone made the one for everyday use."""
        return "original" in self.rendering


def folded(text: str) -> str:
    """Return a name as it is compared: without regard to case, and to how accents are put together."""
    if text.isascii():
        return text.lower()
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).casefold())


def utf16_units(text: str) -> int:
    """Return the length of a text in UTF-16 units: an emoji has two.

    Most of Google's and Apple's programs count in them.
    """
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def shot_name(name: str) -> ShotName:
    """Return what a file's name (with its ending, without its folder) says of its press of the shutter."""
    whole = folded(name)
    stem = whole.rpartition(".")[0] or whole
    numbered = _NUMBER.search(stem) if stem.endswith(")") else None
    number = numbered[0] if numbered else ""
    stem = stem[: numbered.start()] if numbered else stem
    before, edit = _without_edits(stem)
    if before == stem and utf16_units(name) - utf16_units(number) == _MAX_OF_TAKEOUT:
        before, edit = _without_cut_edit(stem)
    before, apple = _APPLE.subn("", before)
    base, rendering, version = _without_rendering(_MOVING.sub("img_", before))
    return ShotName(base + number, rendering, "e" * apple + version + edit)


def is_edit(path: str) -> bool:
    """Return whether a path is that of an edit of another file, by its name."""
    return shot_name(path.rpartition("/")[2]).edit != ""


def appended_to(base: str) -> str:
    """Return what a name would be without a word that was hung on it, `-word`; empty where there is none."""
    found = _APPENDED.fullmatch(base)
    return found[1] if found else ""


def _without_edits(stem: str) -> tuple[str, str]:
    """Return a stem without the marks of edits at its end, and these."""
    before = stem
    while (at := _edit_begins(before)) is not None:
        before = before[:at]
    return before, stem[len(before) :]


def _edit_begins(stem: str) -> int | None:
    """Return where the last mark of an edit begins in a stem that ends in one."""
    if (version := _VERSION.search(stem)) and version.start() and len(stem) > _SHORT_NAME:
        return version.start()
    for ending in (stem, _COUNT.sub("", stem)):
        if ending[-1:].isdigit():
            continue  # no word; nearly all names go this way
        for separator in list(_SEPARATOR.finditer(stem))[-_MAX_PARTS:]:
            at = separator.start()
            counted = ending != stem and not any(
                letter.isdigit() for letter in stem[:at]
            )  # by who exports them: these are many photos
            if at and not counted and ending[separator.end() :].removesuffix(")").rstrip() in EDIT_WORDS:
                return at
    return None


def _without_cut_edit(stem: str) -> tuple[str, str]:
    """Return a stem without what a cut left of the mark of an edit, and this."""
    before, dash, left = stem.rpartition("-")
    if before and left and any(word.startswith(left) for word in EDIT_WORDS):
        return before, dash + left
    return stem, ""


def _without_rendering(stem: str) -> tuple[str, str, str]:
    """Return a stem without its rendering, the rendering, and the version between the two.

    The frames of a burst are many presses of the shutter.
    """
    if match := _PIXEL.fullmatch(stem):
        base, version, rendering = match.groups("")
        return (stem, "", "") if "burst" in rendering else (base, _picture(rendering), version)
    if match := _OLDER_PORTRAIT.fullmatch(stem):
        return f"portrait_{match[1]}", "cover" if match[2] else "original", ""
    match = _STAMPED.fullmatch(stem) or _LUMIA.fullmatch(stem)
    if match is None or (_NUMBERED_RENDERING.search(match[2]) and not _TOLD_APART.search(match[2])):
        return stem, "", ""
    return match[1], _picture(match[2]), ""


def _picture(rendering: str) -> str:
    return ".".join(part for part in re.split(r"[._]", rendering) if part not in ("", "mp"))


EDIT_WORDS = frozenset(folded(word) for word in " ".join(_EDIT_WORDS.split()).split("|") for word in (word.strip(),))
