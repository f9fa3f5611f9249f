"""AM and PM of 12-hour clocks, in many languages, in tags and in file names."""

# Regular expressions for text in Unicode's form NFKC, in which every kind of blank is a plain one.
_AM = (
    r"AM|am|[aA]\. ?[mM]\.?",
    r"上午|午前|凌晨|清晨|早上|早晨|午夜|오전|새벽",
    r"ص|π\.?μ\.?|Π\.?Μ\.?|ÖÖ|öö|дп|ДП|пр\.об\.|पूर्वाह्न|ก่อนเที่ยง|לפנה[״\"]צ",
)
_PM = (
    r"PM|pm|[pP]\. ?[mM]\.?",
    r"下午|午後|傍晚|晚上|中午|오후",
    r"م|μ\.?μ\.?|Μ\.?Μ\.?|ÖS|ös|пп|ПП|сл\.об\.|अपराह्न|หลังเที่ยง|אחה[״\"]צ",
)
# too short to differ from other words, unless it is known that a time stands here
_SHORT_AM, _SHORT_PM = r"SA|PG|FM|fm|f\.m\.|ap\.", r"CH|PTG|EM|em|e\.m\.|ip\."

AM, PM = "|".join(_AM), "|".join(_PM)
AM_AFTER_WORD, PM_AFTER_WORD = f"{AM}|{_SHORT_AM}", f"{PM}|{_SHORT_PM}"
NO_LETTER = r"(?![^\W\d_])"
NOON = "中午"  # with it, eleven is before noon
_ENCODINGS = ("gb18030", "big5", "cp949", "shift_jis")


def hour_of_day(hour: int, early: str | None, late: str | None) -> int | None:
    """Return the hour from 0 to 23 of a clock with a word for AM (`early`) or PM (`late`), None for no such hour.

    Without a word, or where the word contradicts the hour, the clock has 24 hours. Some programs write hour 24 for the
    first hour of the same day.
    """
    if hour > 24:
        return None
    if late and hour < 12 and not (late == NOON and hour == 11):
        return hour + 12
    return 0 if early and hour == 12 else hour % 24


def with_ascii_am_pm(raw: bytes) -> bytes:
    """Return text of an unknown encoding with East Asian words for AM and PM replaced by these."""
    for plain, words in ((b" AM ", ("上午", "午前", "오전", "凌晨")), (b" PM ", ("下午", "午後", "오후", "晚上"))):
        for word in words:
            for encoding in _ENCODINGS:
                coded = word.encode(encoding, "ignore")
                if len(coded) == 2 * len(word):
                    raw = raw.replace(coded, plain)
    return raw
