"""Which half of the day a clock of twelve hours means: the words of many languages, in tags and in file names."""

# Regular expressions. They hold for text in Unicode's form NFKC, in which every kind of blank is a plain one.
_EARLY = (
    r"AM|am|[aA]\. ?[mM]\.?",
    r"上午|午前|凌晨|清晨|早上|早晨|午夜|오전|새벽",
    r"ص|π\.?μ\.?|Π\.?Μ\.?|ÖÖ|öö|дп|ДП|пр\.об\.|पूर्वाह्न|ก่อนเที่ยง|לפנה[״\"]צ",
)
_LATE = (
    r"PM|pm|[pP]\. ?[mM]\.?",
    r"下午|午後|傍晚|晚上|中午|오후",
    r"م|μ\.?μ\.?|Μ\.?Μ\.?|ÖS|ös|пп|ПП|сл\.об\.|अपराह्न|หลังเที่ยง|אחה[״\"]צ",
)
# too short to be told from other words, unless something says that a clock stands here
_SHORT_EARLY, _SHORT_LATE = r"SA|PG|FM|fm|f\.m\.|ap\.", r"CH|PTG|EM|em|e\.m\.|ip\."

EARLY, LATE = "|".join(_EARLY), "|".join(_LATE)
EARLY_AFTER_WORD, LATE_AFTER_WORD = f"{EARLY}|{_SHORT_EARLY}", f"{LATE}|{_SHORT_LATE}"
NO_LETTER = r"(?![^\W\d_])"
NOON = "中午"  # eleven of it is before noon
_ENCODINGS = ("gb18030", "big5", "cp949", "shift_jis")


def hour_of_day(hour: int, early: str | None, late: str | None) -> int | None:
    """Return the hour from 0 to 23 that a clock means with a word for the half of the day, None where there is no such hour.

    Without a word, or where the word contradicts it, the clock has 24 hours; hour 24 is what some programs write for the first one of the
    same day.
    """
    if hour > 24:
        return None
    if late and hour < 12 and not (late == NOON and hour == 11):
        return hour + 12
    return 0 if early and hour == 12 else hour % 24


def plain_halves(raw: bytes) -> bytes:
    """Return text of an unknown encoding with the words for the halves of the day, where it has some of East Asia, as AM and PM."""
    for plain, words in ((b" AM ", ("上午", "午前", "오전", "凌晨")), (b" PM ", ("下午", "午後", "오후", "晚上"))):
        for word in words:
            for encoding in _ENCODINGS:
                coded = word.encode(encoding, "ignore")
                if len(coded) == 2 * len(word):
                    raw = raw.replace(coded, plain)
    return raw
