"""Dates in file names that are those of a copy: of a sync conflict, a backup, an export. Pure.

Names of Syncthing, Dropbox, Nextcloud, ownCloud, Seafile, FileCloud, Tresorit, Proton Drive, Unison, FreeFileSync,
Windows' file history and Lightroom's export, in the languages of these programs.
"""

import re
from collections.abc import Iterator

_CONFLICT = (
    r"conflic|conflit|konflik|конфл[иі]кт|競合|충돌|冲突|衝突|bercanggah|ขัดแย้ง|çakış|ütköz|ristiriita|διένεξη|συγκρουόμεν|התנגש|متعارض|"
    r"xung đột|clash"
)
_COPIED = (
    r"cop(?:y|ied|ie)|copi[aé]|cópia|kopi[eat]?|kopiert|копи[яію]|副本|拷贝|コピー|複製|사본|"
    r"edit(?:ed)?|bearbeitet|modifi[eé]e?|modificat[oa]|editad[oa]|bewerkt|redigera[dt]|redigeret|edytowan[ey]|"
    r"изменен[оа]?|编辑|編集|編輯|편집"
)
_MADE = r"export(?:ed|iert)?|export[eé]e?|exportad[oa]|esportat[oa]|converted|konvertiert|restored|wiederhergestellt"
_BACKUP = (
    r"back[ -]?up|backed up|sicherung|sicherungskopie|sauvegarde|copia de seguridad|respaldo|cópia de segurança|"
    r"backupkopie|kopia zapasowa|резервная копия|备份|備份|バックアップ|백업"
)
_ON = r"(?:on|at|am|vom|le|du|el|il|op|på|den|em)"
_GAP = r"[-_ .]"
_WHEN = r"(?:19|20)\d{2}[-_.]?\d{2}[-_.]?\d{2}(?:[-_ .T]{0,3}\d{1,2}[-_.: ]?\d{2}(?:[-_.: ]?\d{2}(?:\d{3})?)?)?(?!\d)"
_PICTURE = r"jpe?g|jpe|png|hei[cf]|webp|tiff?|avif|gif|bmp|dng|cr[23w]|nef|arw|orf|rw2|raf"
_ABOUT_A_COPY = re.compile(
    rf"{_CONFLICT}|(?<![^\W\d_])(?:{_COPIED}|{_MADE}|{_BACKUP})(?![^\W\d_])|^\d{{4}}_\d\d_\d\d \d\d_\d\d_\d\d UTC$",
    re.IGNORECASE,
)
_LOOSE = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"[-_.~](?:sync-|case-?)?(?:{_CONFLICT})\w*?{_GAP}(?:[\w@]{{1,40}}?{_GAP})?{_WHEN}(?:-[A-Z0-9]{{7}})?",
        rf"~{_WHEN}",
        rf"(?<=\.)(?:{_PICTURE})[-_ .~]+{_WHEN}",
        rf"(?<![^\W\d_])(?:{_BACKUP}|{_MADE})(?:{_GAP}{{1,3}}{_ON})?{_GAP}{{0,3}}(?:\d{{9,}}{_GAP})?{_WHEN}",
        # not at the start, where the original's name follows
        rf"(?<=\w){_GAP}{{1,3}}(?:{_COPIED})(?:{_GAP}{{1,3}}{_ON})?{_GAP}{{1,3}}{_WHEN}",
    )
)
_REMOVED = "#"  # so that the parts on both sides do not join


def without_copy_dates(name: str) -> str:
    """Return a name (form NFKC) without the parts that date a copy; a date elsewhere in it stays."""
    for start, end in reversed(list(_brackets(name))):
        if _ABOUT_A_COPY.search(name[start + 1 : end - 1]):
            name = name[:start] + _REMOVED + name[end:]
    for form in _LOOSE:
        name = form.sub(_REMOVED, name)
    return name


def _brackets(name: str) -> Iterator[tuple[int, int]]:
    """Yield where the outermost round and square brackets of a name open and close."""
    depth = start = 0
    for place, letter in enumerate(name):
        if letter in "([":
            start = place if not depth else start
            depth += 1
        elif letter in ")]" and depth:
            depth -= 1
            if not depth:
                yield start, place + 1
